"""Words and phrases are found as a plain, slow reading of the text finds them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis.coder.phrases import Lexicon, longest, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("São Paulo—Ningbo, 2018年1月", ["sao", "paulo", "ningbo", "2018", "年", "1", "月"]),
        ("ACUERDO de Hermanamiento", ["acuerdo", "de", "hermanamiento"]),
        ("北京市友好", ["北", "京", "市", "友", "好"]),
        ("snake_case; 5º", ["snake", "case", "5o"]),
        (" \n ,;", []),
        ("", []),
    ],
)
def test_words_of_a_text(text, expected):
    assert words(text) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.text("ab 友", max_size=10),
    st.lists(
        st.sampled_from(["a", "ab", "a b", "b a", "ab*", "a* b", "友", "友友", "b 友"]),
        min_size=1,
        unique=True,
    ),
)
def test_phrases_are_found_where_a_plain_search_finds_them(text, phrases):
    spoken = words(text)
    expected = set()
    for phrase in phrases:
        wanted = [
            (word, piece.endswith("*") and word == words(piece)[-1])
            for piece in phrase.split()
            for word in words(piece)
        ]
        for start in range(len(spoken) - len(wanted) + 1):
            here = spoken[start : start + len(wanted)]
            if all(
                word.startswith(want) if stem else word == want
                for word, (want, stem) in zip(here, wanted, strict=True)
            ):
                expected.add((start, start + len(wanted), phrase))
    found = Lexicon((phrase, phrase) for phrase in phrases).find(spoken)
    assert set(found) == expected
    assert found == sorted(found, key=lambda mention: (mention.start, -mention.end))


def test_a_phrase_may_mean_several_things():
    lexicon = Lexicon([("Bahía", "bay"), ("bahia", "state")])
    assert [mention.meaning for mention in lexicon.find(words("BAHIA"))] == ["bay", "state"]


def test_the_longest_phrase_wins_and_names_do_not_overlap():
    names = ["dominican", "dominican republic", "republic"]
    found = Lexicon(zip(names, names, strict=True)).find(words("Dominican Republic"))
    assert [mention.meaning for mention in longest(found)] == ["dominican republic"]
