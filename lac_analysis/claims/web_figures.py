"""Pictures of claim 1: the share against chance, the most tangled localities, and which actors
meet.
"""

import numpy as np
import pandas as pd

from lac_analysis import charts
from lac_analysis.charts.picture import Picture
from lac_analysis.claims import words
from lac_analysis.claims.finding import Finding, say_p
from lac_analysis.claims.place_names import place_name
from lac_analysis.claims.web import CLASSES

PICTURES = ("chance", "localities", "meetings")
_SHOWN = 20  # localities
_WORDS = {
    "embassy_consulate": "embassy or consulate",
    "quasi_governmental": "quasi-governmental body",
    "state_owned_enterprise": "state-owned enterprise",
}


def pictures(finding: Finding) -> dict[str, Picture]:
    """One picture for each name in PICTURES."""
    return {
        "chance": _chance(finding),
        "localities": _localities(finding),
        "meetings": _meetings(finding),
    }


def _chance(finding: Finding) -> Picture:
    tests, chosen = finding.detail["tests"], finding.detail["two_or_more"]
    main = tests[chosen]
    order = [chosen, *(name for name in CLASSES if name != chosen)]
    panels = [
        (f"Two or more {CLASSES[name]}", tests[name].null, tests[name].observed, tests[name].p)
        for name in order
    ]
    figure = charts.null_distribution(
        panels,
        log=False,
        title=f"{main.observed:.1%} of localities meet two or more {CLASSES[chosen]}; {main.null_mean:.1%} would by "
        "chance",
        subtitle=f"Share of localities, against {len(main.null):,} random networks in which every locality and every "
        f"actor keeps its number of partners, {words.window(finding)}",
        caption=words.caption(finding),
        axis="share of localities",
    )
    quantiles = np.linspace(0, 1, 201)
    drawn = pd.DataFrame(
        {"quantile": quantiles} | {name: np.quantile(tests[name].null, quantiles) for name in order}
    )
    observed = "; ".join(
        f"{name}: observed {value:.3f}, {say_p(p)}" for name, _, value, p in panels
    )
    alt = f"Histograms of the share of localities in random networks, with the observed share. {observed}."
    return Picture("chance", figure, drawn, alt, finding.provenance())


def _localities(finding: Finding) -> Picture:
    links, chosen = finding.detail["links"], finding.detail["two_or_more"]
    named = links["place"].map(_names(links))
    matrix = pd.crosstab(named, _words(links[chosen]))
    order = np.lexsort((matrix.index, -matrix.sum(axis=1), -(matrix > 0).sum(axis=1)))[:_SHOWN]
    matrix = matrix.iloc[order]
    matrix = matrix[matrix.sum().sort_values(ascending=False, kind="stable").index]
    matrix = matrix.loc[:, matrix.sum() > 0]
    kinds = int((matrix.iloc[0] > 0).sum())
    figure = charts.heatmap(
        matrix,
        title=f"No locality meets more {CLASSES[chosen]} than {matrix.index[0]}: {kinds}",
        subtitle=f"Distinct Chinese actors at the {len(matrix)} localities with most {CLASSES[chosen]}, "
        f"{words.window(finding)}",
        caption=words.caption(finding),
    )
    rows = "; ".join(f"{place} {(row > 0).sum()}" for place, row in matrix.iterrows())
    alt = f"Matrix of localities by {CLASSES[chosen]}, counts of actors. Number of {CLASSES[chosen]}: {rows}."
    data = matrix.rename_axis(columns=None).reset_index(names="locality")
    return Picture("localities", figure, data, alt, finding.provenance())


def _meetings(finding: Finding) -> Picture:
    links, chosen = finding.detail["links"], finding.detail["two_or_more"]
    at_place = (pd.crosstab(links["place"], _words(links[chosen])) > 0).astype(int)
    at_place = at_place[at_place.sum().sort_values(ascending=False, kind="stable").index]
    both = at_place.T @ at_place
    lower = both.where(np.tri(len(both), dtype=bool), 0)
    apart = lower.to_numpy() * (1 - np.eye(len(both), dtype=int))
    row, column = np.unravel_index(apart.argmax(), apart.shape)
    if apart.max() == 0:
        title = f"No locality meets two {CLASSES[chosen]}"
    else:
        pair = f"{both.columns[column]} and {both.index[row]}"
        title = f"No two {CLASSES[chosen]} share more localities than {pair}: {apart.max()}"
    figure = charts.heatmap(
        lower,
        title=title,
        subtitle=f"Localities linked to both {CLASSES[chosen]}; on the diagonal, localities linked to one. "
        f"{words.window(finding)}",
        caption=words.caption(finding),
    )
    pairs = [
        (apart[i, j], both.columns[j], both.index[i])
        for i, j in zip(*np.nonzero(apart), strict=True)
    ]
    most = "; ".join(
        f"{a} and {b} {n}" for n, a, b in sorted(pairs, key=lambda pair: (-pair[0], *pair[1:]))[:5]
    )
    alt = f"Triangle of counts of localities that two {CLASSES[chosen]} share. Most: {most or 'none'}."
    data = lower.rename_axis(index=None, columns=None).reset_index(names=chosen)
    return Picture("meetings", figure, data, alt, finding.provenance())


def _names(links: pd.DataFrame) -> dict[str, str]:
    """Name of each locality, with its identifier where two localities of a country share their
    name.
    """
    places = links.drop_duplicates("place")
    names = pd.Series(map(place_name, places["place"], places["country"]), index=places["place"])
    twice = names.duplicated(keep=False)
    return names.mask(twice, names + " (" + names.index + ")").to_dict()


def _words(codes: pd.Series) -> pd.Series:
    return codes.map(lambda code: _WORDS.get(code, code.replace("_", " ")))
