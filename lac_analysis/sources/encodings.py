"""The encoding of a text file: UTF-8 if it is, else the one that gives the likeliest letters."""

import codecs
import re
from pathlib import Path

from lac_analysis import files
from lac_analysis.errors import InputError
from lac_analysis.sources import limits

# candidate -> the least score at which it is believed: of Western ones nearly every letter is
# expected, while the commonest Chinese characters are only most of a text
_CANDIDATES = {"cp1252": 0.75, "mac_roman": 0.75, "cp850": 0.75, "gb18030": 0.5, "big5": 0.5,
               "shift_jis": 0.5}  # fmt: skip
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_BLOCK = 1_000_000  # bytes
_SAMPLE = 50_000  # bytes of lines that hold other than ASCII
# escape and $ or ( begin the letters of ISO-2022, which is ASCII to all others
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]|\x1b[$(]")
_ESCAPED = re.compile(r"[\udc80-\udcff]")
_HZ = re.compile(rb"~\{(?:[!-}][!-~])+~\}")  # Chinese in ASCII
_LETTERS, _MARKS, _CJK_MARKS, _COMMON = (
    {letter for text in texts for letter in text}
    for texts in files.read_yaml(Path(__file__).with_suffix(".yml")).values()
)
_CLOSE = 0.1  # least distance to the next best score
# letters that tell of another language: ő of Hungarian read as õ, kana of EUC-JP
_FOREIGN = {"cp1252": re.compile("[õÕ](?![eE])"), "gb18030": re.compile("[ぁ-ヶ]")}


def detect(path: Path) -> str:
    """One of limits.ENCODINGS, by the whole file.

    A file of which most bytes above 127 are whole UTF-8 letters is UTF-8 and has a bad byte, whose
    row is named when it is read. Any other is decoded as each candidate, strictly, and each letter
    above 127 is asked whether it is expected where it stands.

    Raises InputError where it is not text, no candidate is likely, two are, or ASCII seems to stand
    for other letters (UTF-7, HZ).
    """
    whole = broken = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as stream:
        block = stream.read(_BLOCK)
        if mark := next((name for mark, name in _BOMS.items() if block.startswith(mark)), ""):
            return mark
        while block:
            if _CONTROL.search(block):
                raise no_text(path)
            if _HZ.search(block) or _is_utf_7(block):
                raise _untold(path, "UTF-7 or HZ, or no more than ASCII")
            text = decoder.decode(block)
            if not text.isascii():
                whole += len(block) - len(text)
                broken += len(_ESCAPED.findall(text))
            block = stream.read(_BLOCK)
        broken += len(decoder.decode(b"", final=True))
    return "utf-8" if whole >= broken else _likeliest(path)


def no_text(path: Path) -> InputError:
    """The refusal of a file that is in no format that we read."""
    expected = "a CSV file, a workbook (.xlsx), a parquet file or JSON lines"
    problem = "the file is not text, Excel, parquet or JSON lines"
    return InputError(problem, file=path.name, expected=expected)


def _likeliest(path: Path) -> str:
    sample = bytearray()
    with path.open("rb") as stream:
        while len(sample) < _SAMPLE and (line := stream.readline(limits.MAX_LINE)):
            sample += line[:_SAMPLE] if not line.isascii() else b""
    scores = {name: _score(bytes(sample), name) for name in _CANDIDATES}
    best, second = sorted(scores, key=scores.get, reverse=True)[:2]
    if scores[best] < _CANDIDATES[best] or scores[best] - scores[second] < _CLOSE:
        raise _untold(path, f"{best} or {second}")
    return best


def _untold(path: Path, value: str) -> InputError:
    expected = "a file saved as UTF-8, or --encoding and its name"
    return InputError("the encoding cannot be told", file=path.name, value=value, expected=expected)


def _is_utf_7(block: bytes) -> bool:
    """Whether ASCII stands for letters that we expect: +AOM- is ã in UTF-7."""
    if b"+" not in block or not block.isascii():
        return False
    try:
        text = block[: block.rfind(b"\n") + 1].decode("utf-7")
    except UnicodeDecodeError:
        return False
    letters = [letter for letter in text if letter > "\x7f"]
    return sum(c in _LETTERS or c in _COMMON for c in letters) > len(letters) / 2


def _score(sample: bytes, encoding: str) -> float:
    """Share of the letters above 127 that are expected where they stand, 0 to 1."""
    try:
        text = f" {sample.decode(encoding)} "
    except UnicodeDecodeError:
        return 0.0
    if encoding in _FOREIGN and _FOREIGN[encoding].search(text):
        return 0.0
    scores = [_expected(*text[i - 1 : i + 2]) for i in range(1, len(text) - 1) if text[i] > "\x7f"]
    return sum(scores) / max(len(scores), 1)


def _expected(before: str, letter: str, after: str) -> float:
    if not any(c.isascii() or c > "\u3000" for c in (before, letter, after)):
        return 0.0  # three in a row: Cyrillic or Greek, taken for Western
    if letter in _LETTERS:  # not a capital within a word of small letters, nor the other way round
        if letter.isupper():
            return float(not before.islower() and not (after.islower() and before.isalpha()))
        return float(not (before.isupper() and after.isupper()))
    if letter in _MARKS and not _is_cjk(before) and not _is_cjk(after):
        return 0.8 if not (before.isalpha() and after.isalpha()) or letter == "’" else 0.0
    if "\u3041" <= letter <= "\u30fc" or letter in _CJK_MARKS:
        return float(_is_cjk(before) or _is_cjk(after) or letter in _CJK_MARKS)
    if _is_cjk(letter):  # one alone in a Western word is two Western letters
        alone = not _is_cjk(before) and not _is_cjk(after)
        western = (before.isalpha() and before.isascii()) or (after.isalpha() and after.isascii())
        return 0.0 if alone and western else 1.0 if letter in _COMMON else 0.4
    return 0.0


def _is_cjk(letter: str) -> bool:
    return "\u3041" <= letter <= "\u30fc" or "\u4e00" <= letter <= "\u9fff" or letter in _CJK_MARKS
