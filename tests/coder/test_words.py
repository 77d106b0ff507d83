"""Words and phrases are found as a plain, slow reading of the text finds them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.coder import words
from lac_analysis.coder.lexicon import Lexicon, longest

_ALPHABET = "abÉñ çß 12,.-'\n友好市Жя"


def spelled(text: str) -> list[str]:
    split = words.split([text])
    return [split.vocabulary[code] for code in split.code]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("São Paulo—Ningbo, 2018年1月", ["sao", "paulo", "ningbo", "2018", "年", "1", "月"]),
        ("ACUERDO de Hermanamiento", ["acuerdo", "de", "hermanamiento"]),
        ("北京市友好", ["北", "京", "市", "友", "好"]),
        (" \n ,;", []),
        ("", []),
    ],
)
def test_words_of_a_text(text, expected):
    assert spelled(text) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(_ALPHABET, max_size=12), max_size=8))
def test_texts_are_split_one_by_one_or_together_alike(texts):
    together = words.split(texts)
    found = [
        [together.vocabulary[c] for c in together.code[together.row == i]]
        for i in range(len(texts))
    ]
    assert found == [spelled(text) for text in texts]
    assert len(set(together.vocabulary)) == len(together.vocabulary)


@pytest.mark.parametrize("block", [1, 5, 64])
def test_a_text_is_split_alike_whatever_the_block_of_letters(monkeypatch, block):
    texts = ["Puerto de Arica", "", "友好城市 a", "a" * 100 + " b", ".", "puerto ARICA a"] * 3
    whole = words.split(texts)
    monkeypatch.setattr(words, "_BLOCK", block)
    split = words.split(texts)
    assert split.vocabulary == whole.vocabulary
    np.testing.assert_array_equal(split.code, whole.code)
    np.testing.assert_array_equal(split.row, whole.row)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("ab 友", max_size=10), max_size=5),
    st.lists(
        st.sampled_from(["a", "ab", "a b", "b a", "ab*", "a* b", "友", "友友", "b 友"]),
        min_size=1,
        unique=True,
    ),
)
def test_phrases_are_found_where_a_plain_search_finds_them(texts, phrases):
    found = Lexicon(phrases).find(words.split(texts))
    seen = set(zip(found.row.tolist(), found.position.tolist(), found.phrase.tolist(), strict=True))
    expected, start = set(), 0
    for row, text in enumerate(texts):
        text_words = spelled(text)
        for number, phrase in enumerate(phrases):
            parts = [w for piece in phrase.split() for w in (spelled(piece.strip("*")) or [])]
            stems = [
                piece.endswith("*") for piece in phrase.split() for _ in spelled(piece.strip("*"))
            ]
            for at in range(len(text_words) - len(parts) + 1):
                here = text_words[at : at + len(parts)]
                if all(
                    h.startswith(p) if s else h == p
                    for h, p, s in zip(here, parts, stems, strict=True)
                ):
                    expected.add((row, start + at, number))
        start += len(text_words)
    assert seen == expected


def test_the_longest_phrase_wins_and_names_do_not_overlap():
    found = longest(
        Lexicon(["dominican", "dominican republic", "republic"]).find(
            words.split(["Dominican Republic"])
        )
    )
    assert found.phrase.tolist() == [1]
    assert isinstance(found.position, np.ndarray)
