"""The analysis plan, read from claims.yml."""

from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from lac_analysis import config, files
from lac_analysis.panel import Selection


@dataclass(frozen=True)
class Plan:
    """One claim's plan. The attributes are those of claims.yml; `primary` holds every choice of the
    primary test.
    """

    id: str
    number: int
    finding: str
    estimand: str
    test: str
    unit: str
    null_value: float | str
    sesoi: float
    primary: dict
    must_also_hold: dict
    axes: dict
    entry: dict
    alpha: float
    level: float
    min_sign_share: float
    seed: int

    @property
    def notebook(self) -> str:
        return f"{self.number:02d}_{self.id}"

    @property
    def options(self) -> dict:
        """The primary choices that are the claim's own, not a Selection's: what its functions take
        as options.
        """
        return {
            name: value
            for name, value in self.primary.items()
            if name not in Selection.__dataclass_fields__
        }

    def selection(self, **changes) -> Selection:
        """The primary sample, in the report's window unless `changes` says otherwise."""
        return Selection().replace(**self.primary).replace(**changes)

    def specifications(self) -> list[dict]:
        """Every combination of the axes, as dicts of choices, in the order of the plan."""
        names = list(self.axes)
        return [dict(zip(names, values, strict=True)) for values in product(*self.axes.values())]


@cache
def load(path: Path = config.CLAIMS_FILE) -> dict[str, Plan]:
    """Read the plan: claim id -> Plan, in the order of the report."""
    raw = files.read_yaml(path)
    shared = {key: raw[key] for key in ("alpha", "level", "min_sign_share", "seed")}
    plans = {}
    for name, entry in raw["claims"].items():
        own = entry.get("axes", {})
        common = {} if name == "tiers" else raw["common_axes"]  # tiers uses no engagement record
        plans[name] = Plan(
            id=name,
            **{
                key: entry[key]
                for key in (
                    "number",
                    "finding",
                    "estimand",
                    "test",
                    "unit",
                    "null_value",
                    "sesoi",
                    "primary",
                )
            },
            must_also_hold=entry.get("must_also_hold") or {},
            axes=common | own,
            entry=entry,
            **shared,
        )
    return plans
