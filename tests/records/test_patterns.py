import re
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.records import patterns
from lac_analysis.records.columns import Column, encode
from lac_analysis.records.patterns import FirstNamed, Pattern, words_needed

CODEBOOK = yaml.safe_load(config.CODEBOOK_FILE.read_text(encoding="utf-8"))
RULES = [rule for entry in CODEBOOK.values() for rule in entry.get("rules", ())]
LISTS = [list(rule["first_of"].values()) for rule in RULES if "first_of" in rule]
TESTS = [
    test for rule in RULES for key in ("when", "unless") for test in rule.get(key, {}).values()
]
PATTERNS = [
    test
    for test in (*TESTS, *(pattern for listed in LISTS for pattern in listed))
    if isinstance(test, str)
]

FOLD = re.compile(r"\|\s+")  # a line of the codebook that goes on after |


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\(planned\)\W*$|^planned\b", ["planned"]),
        ("trade fair|fair trade union", ["trade"]),
        (r"(planned)?\bnow|planned", ["now", "planned"]),
        ("planned?", ["planne"]),
        ("plan[ned]+ahead", ["ahead"]),
        (r"[]above]*|\bthere", []),
        (
            "(council|congress( committee)?) (gives first approval|approved)",
            ["approval", "approved", "congress"],
        ),
        ("(?<!new-)energy", ["energy"]),
        ("(ab(cde|f)?|gh){0}", []),
        ("x|y", []),
    ],
)
def test_the_words_that_a_pattern_needs(pattern, words):
    assert words_needed(pattern) == words


def test_arrow_takes_for_one_letter_whatever_python_takes_for_it(monkeypatch):
    """Every letter that a word may hold, against every character."""
    monkeypatch.setattr(patterns, "_FEW", 0)
    signs = "".join(map(chr, [*range(0xD800), *range(0xE000, sys.maxunicode + 1)]))
    letters = [sign for sign in signs[:0x3400] if patterns._WORD.fullmatch(2 * sign)]
    assert len(letters) > 40
    for letter in letters:
        cases = re.findall(letter, signs, re.IGNORECASE)
        column = Column(np.arange(len(cases)), np.array([2 * case for case in cases], dtype=object))
        assert Pattern(2 * letter, "").found_in(column, column.codes).all(), letter


def _phrases(pattern):
    """Texts near to a pattern: its pieces, joined anew."""
    pieces = [piece for piece in re.split(r"[|()\[\]\\?^$*+{}]", pattern) if piece]
    return st.lists(st.sampled_from([*pieces, " ", "-", "İ", "ſ", "K", "É"]), max_size=4).map(
        "".join
    )


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(PATTERNS).flatmap(
        lambda p: st.tuples(st.just(p), st.lists(_phrases(p), min_size=1))
    )
)
def test_a_pattern_finds_what_re_finds(case):
    pattern, texts = case
    column = encode(
        pd.Series([case for text in texts for case in (text, text.upper())], dtype="str")
    )
    search = re.compile(FOLD.sub("|", pattern), re.IGNORECASE).search
    expected = [search(text) is not None for text in column.texts[column.codes]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "_FEW", 0)
        assert Pattern(pattern, "").found_in(column, np.arange(len(column))).tolist() == expected


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(LISTS).flatmap(
        lambda ps: st.tuples(st.just(ps), st.lists(_phrases("|".join(ps)), min_size=1))
    )
)
def test_the_first_named_is_the_leftmost_then_the_first_listed(case):
    listed, texts = case
    names = {str(i): pattern for i, pattern in enumerate(listed)}
    grouped = [f"(?P<n{name}>{FOLD.sub('|', pattern)})" for name, pattern in names.items()]
    either = re.compile("|".join(grouped), re.IGNORECASE)
    expected = [found.lastgroup[1:] if (found := either.search(text)) else None for text in texts]
    column = encode(pd.Series(texts, dtype="str"))
    assert FirstNamed(names, "").of(column, np.arange(len(texts))).tolist() == expected
