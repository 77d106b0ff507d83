"""What a test of a claim returns: one schema for every claim."""

import math
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from numbers import Integral, Real
from pathlib import Path

import pandas as pd

from lac_analysis import files
from lac_analysis.claims import plan
from lac_analysis.errors import InputError, checked, one_of
from lac_analysis.selection import left_out, sample_of
from lac_analysis.stats.estimate import Estimate


@dataclass(frozen=True)
class Result:
    """A secondary analysis: name, estimate with interval, p, unit, observations, and a note."""

    name: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    unit: str = ""
    n: int | None = None
    note: str = ""

    @classmethod
    def of(
        cls, name: str, fit: Callable[[], Estimate], unit: str, note: str = "", n: int | None = None
    ) -> "Result":
        """The result of a fit; where the data cannot carry it, with the reason as note, and `n`."""
        try:
            test = fit()
        except plan.CANNOT as reason:
            return cls(name, n=n, note=str(reason))
        return cls(name, test.estimate, *test.interval, test.p, unit, test.n, note)


@dataclass(frozen=True, repr=False)
class Finding:
    """One claim's primary test on one selection, with its secondary analyses. The claim's module
    fills what it estimates, `claims.complete` what the plan and the selection say.

    estimate, low, high : point estimate and two-sided interval; None where not testable.
    interval_method, p_method : how interval and p were made.   p : of the primary test.
    n_countries, n_places, n_engagements : what the test used (excerpts for the local share).
    attainable : largest estimate that data of this design could give; infinite if nothing
        bounds it.
    design : P(verdict | truth), one row a truth, as `verdict.probabilities` gives it.
    conditions : what the plan says must also hold -> whether it does; None where nobody can tell.
    secondary : further results.   not_testable : the missing datum, or blank.
    claim, estimand, unit, null_value, sesoi, level : of the plan.   window : years.
    parameters : every choice that was made, the seed included.
    sign_share, n_specifications : share of the plan's specifications on the claimed side of the
        null value, of how many that could be estimated.
    holm_p : p after Holm's correction, filled when findings are gathered.
    verdict, reasons : by rule.
    input_hash, code_hash : of the tables used, and of plan and code.
    specifications : one row a specification; not part of the record.
    detail : what pictures are drawn from; not part of the record.

    Raises InputError: a value of another type.
    """

    estimate: Real | None = None
    low: Real | None = None
    high: Real | None = None
    interval_method: str = ""
    p: Real | None = None
    p_method: str = ""
    n_countries: Integral = 0
    n_places: Integral = 0
    n_engagements: Integral = 0
    attainable: Real | None = None
    design: tuple = ()
    conditions: dict = field(default_factory=dict)
    secondary: tuple = ()
    not_testable: str = ""
    claim: str = ""
    estimand: str = ""
    unit: str = ""
    null_value: Real | None = math.nan
    sesoi: Real | None = math.nan
    level: Real = 0.95
    window: tuple = (0, 0)
    parameters: dict = field(default_factory=dict)
    sign_share: Real | None = None
    n_specifications: Integral = 0
    holm_p: Real | None = None
    verdict: str = ""
    reasons: tuple = ()
    input_hash: str = ""
    code_hash: str = ""
    specifications: pd.DataFrame | None = field(default=None, repr=False, compare=False)
    detail: dict = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self):
        for name, kind, expected in (
            ("window", Integral, "first and last year"),
            ("design", dict, "rows of `verdict.probabilities`"),
            ("secondary", Result, "results"),
        ):
            value = getattr(self, name)
            short = name == "window" and len(value) != 2
            if short or not all(isinstance(each, kind) for each in value):
                raise InputError(f"parameter {name}", value=value, expected=expected)

    @classmethod
    @checked
    def of(cls, test: Estimate, power: pd.DataFrame, **others) -> "Finding":
        """The finding of a test, with `power` of `verdict.design`, and its `others` attributes.
        Nothing bounds the estimate unless they say so.
        """
        low, high = test.interval
        given = {"estimate": test.estimate, "low": low, "high": high, "p": test.p}
        given |= {"interval_method": test.method, "p_method": f"{test.method}, two-sided"}
        given |= {"attainable": math.inf, "design": tuple(power.to_dict("records"))}
        return cls(**given | others)

    @checked
    def replace(self, **changes) -> "Finding":
        """The same finding with some values changed. InputError: it has no such value."""
        for name in changes:
            one_of(name, self.__dataclass_fields__, "value of a finding")
        return replace(self, **changes)

    def to_dict(self) -> dict:
        """Plain values for JSON: no NaN, infinity as 'inf', floats to ten significant digits."""
        left_out = ("detail", "specifications")
        content = {name: value for name, value in self.__dict__.items() if name not in left_out}
        content["secondary"] = [asdict(result) for result in self.secondary]
        return files.to_json_values(content)

    @classmethod
    def from_dict(cls, content: dict, file: str | Path = "a finding") -> "Finding":
        """The finding that `to_dict` wrote to `file`, without its detail. InputError: none."""
        known = cls.__dataclass_fields__  # finding.json also lists the pictures
        tuples = ("window", "reasons", "design", "secondary")
        with files.shaped(file):
            content = {name: value for name, value in _numbers(content).items() if name in known}
            content["secondary"] = [Result(**_numbers(result)) for result in content["secondary"]]
            if any(isinstance(content[name], str) for name in tuples):
                raise TypeError("a text in the place of a list")
            found = cls(**content | {name: tuple(content[name]) for name in tuples})
            found._repr_markdown_()  # which refuses what cannot be shown
            return found

    def provenance(self) -> dict:
        """What a figure of this finding carries inside its file."""
        kept = ("claim", "parameters", "input_hash", "code_hash")
        return files.to_json_values({name: getattr(self, name) for name in kept})

    def sentence(self) -> str:
        """The number with its uncertainty, and the verdict, for a reader."""
        if self.not_testable:
            return f"Not testable: {self.not_testable}."
        line = (
            f"{self.unit[:1].upper()}{self.unit[1:]}: {show(self.estimate)} ({self.level:.0%} "
            f"interval {show(self.low, self.unit)} to {show(self.high, self.unit)}), "
            f"{say_p(self.p)}; the smallest effect of interest is {show(self.sesoi)}."
        )
        if not self.verdict:
            return line
        alone = "By this test alone, before the correction for many tests"
        return f"{line} {alone if self.holm_p is None else 'Verdict'}: {self.verdict}."

    def power(self) -> str:
        """What the test could have said on this design, which was simulated, in one line; blank
        where it was not.
        """
        if not self.design:
            return ""
        told = [
            f"{show(row['truth'])}: rejects {row['rejected']:.0%}, supported {row['supported']:.0%}"
            for row in self.design
        ]
        return f"If the true {self.unit} were {'; '.join(told)}. Largest attainable estimate: " + (
            "nothing bounds it." if math.isinf(self.attainable) else f"{show(self.attainable)}."
        )

    def __repr__(self) -> str:
        return f"{self.about()} {self.sentence()}"

    def about(self) -> str:
        """Which claim, window and sample the finding is of, and how much the test used."""
        sample = self.counted() or "one's own"
        counts = (("countries", self.n_countries), ("places", self.n_places))
        used = "".join(f", {n:,} {what}" for what, n in counts if n)
        said = f"Claim {self.claim}, {self.window[0]}–{self.window[1]}: {sample}{used}."
        return f"{said} {self.otherwise()}".strip()

    def counted(self) -> str:
        """What the claim counts, in words, and which countries are left out; blank where nothing
        tells it.
        """
        if "excerpts" in self.parameters:
            return excerpts(self.parameters)
        if self.claim == "tiers":
            other = "AidData's and CGIT's tables by country, and no records"
            return f"{other}, {left_out(self.parameters)}".removesuffix(", ")
        return sample_of(self.parameters)

    def period(self) -> str:
        """Of which years the claim counts what it counts, in words."""
        if "excerpts" in self.parameters:
            return "excerpts of all years"
        start, end = self.window
        return f"up to {end}" if self.claim == "not_new" else f"{start}–{end}"

    def otherwise(self) -> str:
        """The choices that are not the plan's, as a sentence; blank where all are. Window and
        countries left out are told beside it.
        """
        planned = plan.load().get(self.claim)
        own = planned.primary | planned.options_from(self.window[0]) if planned else {}
        own = {name: value for name, value in own.items() if name != "drop_countries"}
        changed = {
            name: "one's own" if isinstance(value, dict) else value
            for name, value in self.parameters.items()
            if name == "covariates" or (name in own and value != own[name])
        }
        said = ", ".join(f"{name} = {value}" for name, value in changed.items())
        return f"Not as planned: {said}." if said else ""

    def _repr_markdown_(self) -> str:
        told = list(self.reasons)
        if isinstance(self.parameters.get("definition"), dict):
            told += ["the definition is your own: chosen after a look at the data, it is no test"]
        reasons = "".join(f"\n- {_markdown(reason)}" for reason in told)
        power = f"\n\n{_markdown(self.power())}".rstrip()
        return f"{_markdown(self.about())}\n\n**{_markdown(self.sentence())}**\n{reasons}{power}"

    def secondary_table(self) -> pd.DataFrame:
        """The secondary analyses, for a reader: one row each, numbers as text."""
        rows = []
        for r in self.secondary:
            interval = f"{show(r.low)} to {show(r.high)}".replace("– to –", "")
            rows.append((r.name, show(r.estimate, r.unit), interval, show_p(r.p), r.note))
        columns = ["analysis", "estimate", "interval", "p", "note"]
        return pd.DataFrame(rows, columns=columns).set_index("analysis")


Finding.__init__ = checked(Finding.__init__)


def excerpts(parameters: dict) -> str:
    """What the claims on the local share count, in words, and which countries are left out."""
    return f"excerpts of equal searches, all years, {left_out(parameters)}".removesuffix(", ")


def _markdown(text: str) -> str:
    """Text of records is data: nothing in it is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|$])", r"\\\1", text)


def show(value: float | None, unit: str = "") -> str:
    """A number for a reader: three significant digits, a dash where there is none. A number of
    countries has one decimal at most, and a year no comma.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if unit in ("countries", "year"):
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:,.0f}" if abs(value) >= 999.5 or value == int(value) else f"{value:.3g}"


def show_p(p: float | None) -> str:
    """A p-value for a reader."""
    if p is None or math.isnan(p):
        return "–"
    return "< 0.0001" if p < 1e-4 else f"{p:.2g}"


def say_p(p: float, name: str = "p") -> str:
    """A p-value in a sentence: 'p = 0.03', 'p < 0.0001'."""
    shown = show_p(p)
    return f"{name} {shown}" if shown.startswith("<") else f"{name} = {shown}"


def _numbers(content: dict) -> dict:
    return {name: float(v) if v in ("inf", "-inf") else v for name, v in content.items()}
