"""The analysis plan, read from claims.yml."""

from copy import deepcopy
from dataclasses import dataclass, field, fields
from functools import cache
from math import exp, log
from numbers import Integral
from pathlib import Path
from typing import get_origin

import numpy as np

from lac_analysis import config, files
from lac_analysis.errors import InputError, checked, nearest
from lac_analysis.selection import Selection


class NotTestable(Exception):
    """The selection cannot carry the claim; the message says which datum is missing."""


# what a test raises where the data cannot carry it; anything else is a fault, and shown
CANNOT = (NotTestable, InputError, np.linalg.LinAlgError)


@dataclass(frozen=True)
class Plan:
    """One claim's plan. The attributes are those of claims.yml.

    id, number : of the claim and its notebook.   finding, estimand, test, unit : words.
    null_value, sesoi : value of no effect, and smallest effect of interest.
    primary : every choice of the primary test.
    must_also_hold : condition -> its words.   minimum : what the data must hold -> how much.
    axes : choice -> its defensible options; their combinations are the specifications.
    truths : true values at which P(verdict | truth) is simulated.
    alpha, level, min_sign_share, seed : shared by all claims.   entry : the whole entry.
    first_step : alpha of Holm's first and strictest step: alpha over the number of claims.
    """

    id: str
    number: str
    finding: str
    estimand: str
    test: str
    unit: str
    null_value: float
    sesoi: float
    primary: dict
    must_also_hold: dict
    minimum: dict
    axes: dict
    truths: tuple[float, ...]
    alpha: float
    first_step: float
    level: float
    min_sign_share: float
    seed: int
    entry: dict = field(repr=False)

    def __post_init__(self):
        for each in fields(self):
            kind = (int, float) if each.type is float else get_origin(each.type) or each.type
            if not isinstance(value := getattr(self, each.name), kind):
                raise TypeError(f"{self.id}, {each.name}: {value!r}")
        sum([*self.minimum.values(), *self.truths])  # a TypeError where one is no number

    @property
    def notebook(self) -> str:
        return f"{self.number}_{self.id}"

    @property
    def options(self) -> dict:
        """The primary choices that are the claim's own, not a Selection's."""
        return {k: v for k, v in self.primary.items() if k not in Selection.__dataclass_fields__}

    @checked
    def options_from(self, first_year: Integral, *, later: bool = False) -> dict:
        """`options` for a window: in one that begins after the report, and in the `later` one of
        two, undated engagements are left out.
        """
        later = later or first_year >= config.OUT_OF_SAMPLE_WINDOW[0]
        dated = {"undated": "exclude"} if later and "undated" in self.options else {}
        return self.options | dated

    @checked
    def selection(self, **changes) -> Selection:
        """The primary sample, in the report's window unless `changes` says otherwise. Raises
        InputError for what a Selection has not.
        """
        sample = {name: self.primary[name] for name in self.primary.keys() - self.options.keys()}
        return Selection(**sample).replace(**changes)

    @checked
    def choices(self, option: str) -> list:
        """The values that the plan knows for one of the claim's own choices."""
        if option not in self.options:
            raise InputError("unknown option", value=option, expected=nearest(option, self.options))
        planned = self.entry.get(option, self.axes.get(option, []))
        known = [*self.entry.get(f"{option}s", planned)]
        return known if self.options[option] in known else [self.options[option], *known]

    @checked
    def check(self, options: dict) -> None:
        """Raise InputError for an unknown option, or a choice that the option does not have. A
        definition of one's own is the claim's to check (`definitions.own`).
        """
        for name, value in options.items():
            if name == "covariates" and "controls" in self.options:
                continue
            if name not in self.options:
                if name in ("definition", "covariates"):
                    those = [other.id for other in load().values() if "controls" in other.options]
                    problem = f"{self.id} compares no groups of countries, and takes no {name}"
                    raise InputError(problem, expected=f"one of the claims {', '.join(those)}")
                known = [*self.options, *(["covariates"] if "controls" in self.options else [])]
                where = f"lac.plan({self.id!r}).selection(window_start=2005)"
                expected = f"{', '.join(known) or 'none'}; window and sample are of {where}"
                raise InputError("unknown option", value=name, expected=expected)
            choices = self.choices(name)
            expected = f"one of {', '.join(map(str, choices))}"
            if isinstance(self.options[name], bool):
                fits, expected = isinstance(value, bool | np.bool_), "true or false"
            elif isinstance(self.options[name], int):
                least, most = config.NUMBERS[name]
                expected = f"a whole number from {least} to {most}"
                is_number = isinstance(value, Integral) and not isinstance(value, bool)
                fits = is_number and least <= value <= most
            else:
                fits = value in choices if isinstance(value, str) else name == "definition"
            if not fits:
                raise InputError(f"parameter {name}", value=value, expected=expected)

    @checked
    def require(self, what: str, found: Integral, told: str) -> None:
        """Raise NotTestable, with what is `told`, below the plan's minimum of `what`."""
        if found < self.minimum.get(what, 0):
            raise NotTestable(f"{told}; the plan asks for {self.minimum[what]}")


@cache
@files.shaped(config.CLAIMS_FILE)
def load(path: Path = config.CLAIMS_FILE) -> dict[str, Plan]:
    """Read the plan: claim id -> Plan, in the order of the report."""
    raw = files.read_yaml(path)
    shared = {key: raw[key] for key in ("alpha", "level", "min_sign_share", "seed")}
    shared["first_step"] = raw["alpha"] / len(raw["claims"])
    if raw["level"] != 0.95:  # not every test takes another
        raise ValueError("level: intervals are of 95 %")
    own = ("finding", "estimand", "test", "unit", "null_value", "sesoi", "primary", "axes")
    return {
        name: Plan(
            id=name,
            number=str(entry["number"]),
            must_also_hold=entry["must_also_hold"] or {},
            minimum=entry["minimum"],
            truths=tuple(entry.get("truths") or _truths(entry["null_value"], entry["sesoi"])),
            entry=entry,
            **{key: entry[key] for key in own},
            **shared,
        )
        for name, entry in raw["claims"].items()
    }


@checked
def of(claim: str) -> Plan:
    """The plan of a claim.

    Parameters
    ----------
    claim : id in claims.yml. InputError for an unknown one.

    Examples
    --------
    >>> import lac_analysis as lac
    >>> lac.plan("authority").sesoi
    1.5
    """
    every = load()
    if claim not in every:
        raise InputError("unknown claim", value=claim, expected=nearest(claim, every))
    return deepcopy(every[claim])  # which a caller may change


def _truths(null: float, sesoi: float) -> tuple[float, ...]:
    """No effect, the SESOI, twice and four times its distance from no effect on the log scale."""
    step = log(sesoi / null)
    return tuple(round(null * exp(times * step), 4) for times in (0, 1, 2, 4))
