"""How China engages Latin America and the Caribbean below the national level: helper library.

`import lac_analysis as lac`, then

    data = lac.load()                     # the project's tables, or your own: lac.load("mine.xlsx")
    selection = lac.Selection(window_start=2005)
    lac.countries(data, selection)        # one row a country; also lac.years
    lac.analyse("authority", data, selection)
"""

from importlib import import_module

__version__ = "0.2.0"

# name -> module it comes from; imported when first asked for, so that the command line starts fast
_PUBLIC = {
    "load": "lac_analysis.sources.own",
    "Selection": "lac_analysis.panel",
    "analyse": "lac_analysis.claims",
    "plan": "lac_analysis.claims",
    "NotTestable": "lac_analysis.claims",
    "Finding": "lac_analysis.claims",
    "InputError": "lac_analysis.errors",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str):
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
