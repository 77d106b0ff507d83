"""Raw tables with one wrong edit."""

from lac_analysis.records import consistency


def edited(ours, table, where, **values):
    """The tables with the first row that `where` picks changed; its row in a spreadsheet."""
    frame = ours[table].copy()
    row = frame.index[where(frame)][0]
    for column, value in values.items():
        frame.loc[row, column] = value
    return ours | {table: frame}, row + 2


def first_contradiction(tables):
    """Table, column, row in a spreadsheet and rule of what `consistency.refuse` would name."""
    for table, column, row, value, rule in consistency.contradictions(tables):
        if consistency.KNOWN.isdisjoint([(column, value), (column, tables[table].iloc[row, 0])]):
            return table, column, row + 2, rule
    return None
