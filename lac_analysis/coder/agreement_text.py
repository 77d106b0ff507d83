"""The agreement of the coder with the hand codes, as the tables of docs/coder.md."""

import pandas as pd

from lac_analysis.coder.agreement import Agreement

_FIGURES = ("coverage", "precision", "recall", "kappa")


def as_markdown(measured: Agreement) -> str:
    """Tables by code, class, language and confidence, and the confusion matrices, in Markdown."""
    parts = ["### By code", _table(measured.codes)]
    texts = measured.languages["input"] != "all text columns"
    languages = measured.languages[
        texts & measured.languages["code"].isin(["level", "actor_type", "activity"])
    ]
    parts += ["### By language of the source", _table(languages[languages["n"] >= 10])]
    sure = measured.confidence[measured.confidence["input"] != "title alone"]
    parts += ["### By confidence", _table(sure[["input", "code", "confidence", "n", "precision"]])]
    whole = measured.classes[measured.classes["input"] == "all text columns"]
    parts += ["### By class, from all text columns", _table(whole.drop(columns="input"))]
    for code, table in measured.confusion.items():
        parts += [
            f"### Confusion: {code} (hand in rows, coder in columns)",
            _table(table.reset_index(names="hand")),
        ]
    return "\n\n".join(parts)


def _table(table: pd.DataFrame) -> str:
    shown = table.copy()
    for name in _FIGURES:
        if name in shown:
            shown[name] = shown[name].map(lambda value: "" if pd.isna(value) else f"{value:.2f}")
    rows = [
        list(map(str, shown.columns)),
        ["---"] * shown.shape[1],
        *shown.astype("str").to_numpy().tolist(),
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
