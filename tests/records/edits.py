"""Raw tables with one wrong edit."""


def edited(ours, table, where, **values):
    """The tables with the first row that `where` picks changed; its row in a spreadsheet."""
    frame = ours[table].copy()
    row = frame.index[where(frame)][0]
    for column, value in values.items():
        frame.loc[row, column] = value
    return ours | {table: frame}, row + 2
