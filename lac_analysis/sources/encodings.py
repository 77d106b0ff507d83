"""The encoding of a text file: taken by itself where it is beyond doubt, else asked."""

import codecs
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lac_analysis import files
from lac_analysis.errors import InputError
from lac_analysis.sources import limits

_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_BLOCK = 1_000_000  # bytes
_SAMPLE = 50_000  # bytes of words
_TAKEN = {"cp1252": 0.95, "gb18030": 0.75}  # least share of letters as expected
_MOSTLY_UTF_8 = 0.25
_RIVAL = 0.7  # share at which another reading is likely, too
_TWO_BYTES = ("gb18030", "big5", "euc_jp")  # whose letters may make up UTF-8 by chance
_ASKED = 6  # readings of a question
# escape and $ or ( begin the letters of ISO-2022, which is ASCII to all others
_CONTROL = re.compile(limits.CONTROL.encode() + rb"|\x1b[$(]")
_IN_ASCII = re.compile(  # HZ, and UTF-7 of a Western letter or of two Chinese ones
    rb"~\{(?:[!-}][!-~])+~\}|\+(?:A[M-X][A-Za-z0-9+/]|[M-Za-n][A-Za-z0-9+/]{5})[^\s,;\"]{,400}"
)
_SEPARATORS = re.compile(rb'[\s,;"]+')
_EXPECTED = files.read_yaml(Path(__file__).with_suffix(".yml"))
_LETTERS, _MARKS = (re.compile("|".join(_EXPECTED[name])) for name in ("letters", "marks"))
_COMMON = frozenset("".join(_EXPECTED["common"]))


def detect(path: Path) -> str:
    """One of limits.ENCODINGS, by the whole file.

    Its words are read in each encoding. UTF-8 is taken where most are (a bad byte is named when its
    row is read), cp1252 and gb18030 where nearly every letter stands as one expects; each only
    where no other reading of the same words is likely.

    Raises InputError where it is not text, or the user is to say which reading is right.
    """
    is_ascii, is_utf_8, decoder = True, True, codecs.getincrementaldecoder("utf-8")()
    n_lines = 0  # of the blocks before
    with path.open("rb") as stream:
        block = stream.read(_BLOCK)
        if mark := next((name for mark, name in _BOMS.items() if block.startswith(mark)), ""):
            return mark
        while block:
            is_ascii &= block.isascii()
            if control := _CONTROL.search(block):
                line = n_lines + block.count(b"\n", 0, control.start()) + 1
                raise no_text(path, f", as byte {control[0][0]:#04x} in line {line} tells")
            n_lines += block.count(b"\n")
            for word in _IN_ASCII.findall(block)[:100] if block.isascii() else ():
                readings = _readings([word], ("utf-8", "utf-7", "hz"))
                if max(map(_score, readings.values())) >= 0.5:
                    raise _untold(path, readings)
            try:
                decoder.decode(block, final=len(block) < _BLOCK)
            except UnicodeDecodeError:
                is_utf_8, decoder = False, codecs.getincrementaldecoder("utf-8")("replace")
            block = stream.read(_BLOCK)
    if is_ascii:
        return "utf-8"
    words = _words(path)
    readings = {"utf-8": [word.decode("utf-8", "replace") for word in words]}
    if is_utf_8 and (not words or _score(readings["utf-8"]) >= _RIVAL):
        return "utf-8"
    readings |= _readings(words, limits.OF_BYTES)
    for name, least in {"utf-8": 0 if is_utf_8 else _MOSTLY_UTF_8, **_TAKEN}.items():
        if _score(mine := readings.get(name, [])) >= least and mine:
            others = _TWO_BYTES if name == "utf-8" else readings
            rivals = (readings.get(other, mine) for other in others)
            pairs = (zip(mine, rival, strict=True) for rival in rivals)
            if max(_score([o for m, o in pair if m != o]) for pair in pairs) < _RIVAL:
                return name
    raise _untold(path, readings)


def no_text(path: Path, why: str = "") -> InputError:
    """The refusal of a file that is in no format that we read, with what tells so."""
    expected = "a CSV file, a workbook (.xlsx), a parquet file or JSON lines"
    problem = f"the file is not text, Excel, parquet or JSON lines{why}"
    return InputError(problem, file=path.name, expected=expected)


def _words(path: Path) -> list[bytes]:
    """The first words that hold other than ASCII, each once."""
    words, n_bytes = {}, 0
    with path.open("rb") as stream:
        while n_bytes < _SAMPLE and (line := stream.readline(limits.MAX_LINE)):
            for word in () if line.isascii() else _SEPARATORS.split(line):
                if not word.isascii() and word not in words and n_bytes + len(word) <= _SAMPLE:
                    words[word], n_bytes = None, n_bytes + len(word)
    return list(words)


def _readings(words: list[bytes], names: Iterable[str]) -> dict[str, list[str]]:
    """The words as each encoding reads them, of those that can."""
    found = {}
    for name in names:
        with suppress(UnicodeError):
            found[name] = [word.decode(name) for word in words]
    return found


def _untold(path: Path, readings: dict[str, list[str]]) -> InputError:
    """The question: how the word that tells most is read by the likeliest encodings."""
    scores = {name: _score(words) for name, words in readings.items()}
    likely = [name for name in scores if scores[name] >= max(scores.values()) / 2]
    likely = sorted(likely, key=scores.get, reverse=True)[:_ASKED]
    words = zip(*(readings[name] for name in likely), strict=True)
    words = max(words, key=lambda word: len(set(word)), default=())
    by_word = dict(zip(reversed(words), reversed(likely), strict=False))  # the likeliest of each
    shown = "; ".join(f"{name}: {word[:20]}" for word, name in reversed(by_word.items()))
    expected = f"--encoding NAME, by which reading is right ({shown}), where the command has it, "
    expected += "or the file saved as UTF-8"
    return InputError("the encoding cannot be told", file=path.name, expected=expected)


def _score(words: list[str]) -> float:
    """Share of the letters above 127 that stand as one expects, 0 to 1."""
    n_letters = [sum(letter > "\x7f" for letter in word) for word in words]
    likely = sum(n * _likely(word) for n, word in zip(n_letters, words, strict=True))
    return likely / max(sum(n_letters), 1)


def _likely(word: str) -> float:
    """Whether a word is read rightly, 0 to 1; half where it is of one alphabet and no more."""
    if any("\u3041" <= letter <= "\u9fff" for letter in word):
        letters = [letter for letter in word if letter > "\x7f"]
        if len(letters) == 1 and re.search("[A-Za-z]", word):
            return 0.0  # two Western letters
        return sum(letter in _COMMON for letter in letters) / len(letters)
    without_marks = _MARKS.sub(" ", word)
    if not re.sub(r"[^\W_]", "", without_marks).isascii():
        return 0.0
    parts = [part for part in re.findall(r"[^\W_]+", without_marks) if not part.isascii()]
    return min(map(_of_one_alphabet, parts), default=1.0)


def _of_one_alphabet(part: str) -> float:
    if part not in (part.lower(), part.upper(), part.capitalize()):
        return 0.0
    alphabets = {unicodedata.name(letter, "").partition(" ")[0] for letter in part}
    if alphabets == {"LATIN"}:
        return 1.0 if _LETTERS.sub("", part.lower()) == "" else 0.5
    return float(len(alphabets) == 1 and alphabets != {"HALFWIDTH"})
