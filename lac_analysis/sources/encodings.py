"""The encoding of a text file: UTF-8 if it is, else the one that gives the likeliest letters."""

import codecs
import re
from pathlib import Path

from lac_analysis.errors import InputError
from lac_analysis.sources import limits

KNOWN = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "mac_roman", "cp850",
         "gb18030", "big5", "shift_jis")  # fmt: skip
_CANDIDATES = ("cp1252", "mac_roman", "cp850", "gb18030", "big5", "shift_jis")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1_000_000  # bytes
_SAMPLE = 50_000  # bytes of lines that hold other than ASCII
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_ESCAPED = re.compile(r"[\udc80-\udcff]")
_LIKELY, _CLOSE = 0.5, 0.1  # least score; least distance to the next best
# Letters and marks of Spanish, Portuguese, French and Dutch.
_LETTERS = set("áéíóúüñãõâêôçàèëïîûùÿœæöäÁÉÍÓÚÜÑÃÕÂÊÔÇÀÈËÏÎÛÙŒÆÖÄ")
_MARKS = set("“”‘’–—…«»¿¡ºª°€£§•·\xa0")
_CJK_MARKS = set("，。、；：？！（）《》〈〉“”‘’「」『』【】·—…〇")
# The characters that Chinese texts use most, and those that the second half writes traditionally.
_COMMON = set(
    "的一是在和不了有人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
    "定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由"
    "其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又利比或但质气第向道命此变条只没结解问意建"
    "月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接"
    "知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器"
    "压志世金增争济阶油思术极交受联认六共权收证改清己美再采转更单风打白教速花带安场身车例真务具万每目至达走积示议声报"
    "完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影低持音众书布复容儿际商"
    "非验连断深难近矿千周素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快"
    "效院查江型王按格养置派层片始专状育厂京识适属圆包火住调满县局照参红细引听铁价严龙飞访签署友协州州圣墨哥智秘鲁巴西"
    "國個這來時們對會發過說種後學經進產動電裡現實兩體從業開還義關與應點無總結問題設長資邊級圖統將組見計別運農強則據處"
    "隊給門導壓濟階術極聯認權證單風帶場務達議報類離華確節話況傳許記廣觀書際驗連斷難練備習響約團歷構稱寫親調滿縣參紅聽"
    "鐵價嚴龍飛東車馬號樂區協訪簽聖魯"
)


def detect(path: Path) -> str:
    """One of KNOWN, by the whole file.

    A file of which most bytes above 127 are whole UTF-8 letters is UTF-8 and has a bad byte; reading
    it then names the row. Any other is decoded as each candidate, strictly, and each letter above
    127 is asked whether it is one that we expect, where it stands.

    Raises
    ------
    InputError : not text, or two candidates are equally likely.
    """
    whole = broken = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as stream:
        block = stream.read(_BLOCK)
        if mark := next((name for mark, name in _BOMS if block.startswith(mark)), ""):
            return mark
        if b"\0" in block:
            return _utf_16(path, block)
        while block:
            if _CONTROL.search(block):
                raise no_text(path)
            text = decoder.decode(block)
            if not text.isascii():
                whole += len(block) - len(text)
                broken += len(_ESCAPED.findall(text))
            block = stream.read(_BLOCK)
        broken += len(decoder.decode(b"", final=True))
    return "utf-8" if whole >= broken else _likeliest(path)


def no_text(path: Path) -> InputError:
    """The refusal of a file that is in no format that we read."""
    return InputError("the file is not text, Excel, parquet or JSON lines", file=path.name,
                      expected="a CSV file, a workbook (.xlsx), a parquet file or JSON lines")  # fmt: skip


def _utf_16(path: Path, block: bytes) -> str:
    """UTF-16 without a mark has a zero in every second byte of Western text."""
    even, odd = block[0::2].count(0), block[1::2].count(0)
    if even + odd > 0.15 * len(block) and min(even, odd) < 0.05 * max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    raise no_text(path)


def _likeliest(path: Path) -> str:
    sample = bytearray()
    with path.open("rb") as stream:
        while len(sample) < _SAMPLE and (line := stream.readline(limits.MAX_LINE)):
            sample += line[:_SAMPLE] if not line.isascii() else b""
    scores = {name: _score(bytes(sample), name) for name in _CANDIDATES}
    best, second = sorted(scores, key=scores.get, reverse=True)[:2]
    if scores[best] < _LIKELY or scores[best] - scores[second] < _CLOSE:
        raise InputError("the encoding cannot be told", file=path.name, value=f"{best} or {second}",
                         expected="a file saved as UTF-8, or --encoding and its name")  # fmt: skip
    return best


def _score(sample: bytes, encoding: str) -> float:
    """Share of the letters above 127 that are expected where they stand, 0 to 1."""
    try:
        text = f" {sample.decode(encoding)} "
    except UnicodeDecodeError:
        return 0.0
    scores = [_expected(*text[i - 1 : i + 2]) for i in range(1, len(text) - 1) if text[i] > "\x7f"]
    return sum(scores) / max(len(scores), 1)


def _expected(before: str, letter: str, after: str) -> float:
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
