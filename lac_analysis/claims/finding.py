"""What a test of a claim returns: one schema for every claim."""

import html
import math
from dataclasses import asdict, dataclass, field, replace

from lac_analysis import config, files


class NotTestable(Exception):
    """The selection cannot carry the claim; the message says which datum is missing."""


@dataclass(frozen=True)
class Result:
    """A secondary analysis: name, estimate with interval, p, unit, number of observations, and a
    note.
    """

    name: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    unit: str = ""
    n: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """The result of one claim's primary test on one selection, with its secondary analyses.

    A claim's module fills what it estimates; `claims.test` fills what the plan and the selection
    say.

    Attributes
    ----------
    claim, estimand, unit : id, wording and unit of the plan.
    estimate, low, high, level, interval_method : point estimate and interval at `level`; None
        where not testable.
    p, p_method, holm_p : p of the primary test; `holm_p` over the ten primary tests, filled
        when they are gathered.
    null_value, sesoi : value of no effect, and smallest effect of interest.
    n_countries, n_places, n_engagements, window : what the test used.
    parameters : every choice that was made, the seed included.
    sign_share, n_specifications : share of the plan's specifications on the claimed side of the
        null value, of how
        many that could be estimated.
    smallest_detectable : effect that the primary test finds with 80 % power on this design.
    conditions : what the plan says must also hold -> whether it does.
    secondary : further results; verdict, reasons : by rule; not_testable : the missing datum,
        or blank.
    input_hash, code_hash : of the raw tables, and of the plan and code that the claim uses.
    detail : arrays and frames for the pictures; not part of the record.
    """

    estimate: float | None
    low: float | None
    high: float | None
    interval_method: str
    p: float | None
    p_method: str
    null_value: float | None
    n_countries: int
    n_places: int
    n_engagements: int
    claim: str = ""
    estimand: str = ""
    unit: str = ""
    sesoi: float = math.nan
    level: float = 0.95
    window: tuple[int, int] = (0, 0)
    parameters: dict = field(default_factory=dict)
    conditions: dict[str, bool] = field(default_factory=dict)
    secondary: tuple[Result, ...] = ()
    sign_share: float | None = None
    n_specifications: int = 0
    smallest_detectable: float | None = None
    holm_p: float | None = None
    verdict: str = ""
    reasons: tuple[str, ...] = ()
    not_testable: str = ""
    input_hash: str = ""
    code_hash: str = ""
    detail: dict = field(default_factory=dict, repr=False, compare=False)

    def replace(self, **changes) -> "Finding":
        return replace(self, **changes)

    def to_dict(self) -> dict:
        """Plain values for JSON: no NaN, no infinity (as the text 'inf'), floats to ten significant
        digits.
        """
        content = {name: value for name, value in self.__dict__.items() if name != "detail"}
        content["secondary"] = [asdict(result) for result in self.secondary]
        return files.to_json_values(content)

    @classmethod
    def from_dict(cls, content: dict) -> "Finding":
        """The finding that `to_dict` wrote, without its detail."""
        known = cls.__dataclass_fields__  # finding.json also lists the pictures
        content = {name: _number(value) for name, value in content.items() if name in known}
        content["secondary"] = tuple(
            Result(**{name: _number(value) for name, value in result.items()})
            for result in content["secondary"]
        )
        return cls(
            **content | {"window": tuple(content["window"]), "reasons": tuple(content["reasons"])}
        )

    def provenance(self) -> dict:
        """What a figure of this finding carries inside its file."""
        return files.to_json_values(
            {
                "claim": self.claim,
                "parameters": self.parameters,
                "input_hash": self.input_hash,
                "code_hash": self.code_hash,
            }
        )

    def sentence(self) -> str:
        """The number with its uncertainty, and the verdict, for a reader."""
        if self.not_testable:
            return f"Not testable: {self.not_testable}."
        line = f"{self.unit[0].upper()}{self.unit[1:]}: {show(self.estimate)}"
        if self.low is not None:
            line += f" ({self.level:.0%} interval {show(self.low)} to {show(self.high)})"
        line += f", {say_p(self.p)}" if self.p is not None else ""
        line += f"; the smallest effect of interest is {show(self.sesoi)}."
        judged = "after the Holm correction" if self.holm_p is not None else "on this test's own p"
        return f"{line} Verdict {judged}: {self.verdict}."

    def _repr_html_(self) -> str:
        left = "style='text-align:left'"
        rows = "".join(
            f"<tr><td {left}>{html.escape(r.name)}</td><td>{show(r.estimate)}</td><td>{_interval(r)}</td>"
            f"<td>{show_p(r.p)}</td><td {left}>{html.escape(r.note)}</td></tr>"
            for r in self.secondary
        )
        reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in self.reasons)
        head = f"<th {left}>Secondary analysis</th><th>Estimate</th><th>Interval</th><th>p</th><th {left}>Note</th>"
        table = (
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
        )
        return f"<p><b>{html.escape(self.sentence())}</b></p><ul>{reasons}</ul>{table}"


def _interval(result: Result) -> str:
    known = show(result.low) != show(None) or show(result.high) != show(None)
    return f"{show(result.low)} to {show(result.high)}" if known else ""


def show(value: float | None) -> str:
    """A number for a reader: three significant digits, a dash where there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def show_p(p: float | None) -> str:
    """A p-value for a reader."""
    if p is None or math.isnan(p):
        return "–"
    return "< 0.0001" if p < 1e-4 else f"{p:.2g}"


def say_p(p: float, name: str = "p") -> str:
    """A p-value in a sentence: 'p = 0.03', 'p < 0.0001'."""
    shown = show_p(p)
    return f"{name} {shown}" if shown.startswith("<") else f"{name} = {shown}"


def code_hash(claim: str) -> str:
    """SHA-256 of the plan and of the code that a claim's test may use: all of it but the other
    claims and pictures.
    """
    package = config.PACKAGE
    others = {
        path.stem.removesuffix("_figures") for path in (package / "claims").glob("*_figures.py")
    } - {claim}
    own = [
        path
        for path in sorted((package / "claims").glob("*.py"))
        if path.stem not in others and not path.stem.endswith("_figures")
    ]
    shared = [
        package / "panel.py",
        package / "tables.py",
        *sorted((package / "stats").glob("*.py")),
    ]
    return files.sha256(config.CLAIMS_FILE, *shared, *own)


def _number(value):
    return float(value) if value in ("inf", "-inf") else value
