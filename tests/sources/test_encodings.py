"""An encoding is told by the letters it gives; where it cannot be told, the user is asked."""

from contextlib import suppress

import pytest

from lac_analysis import cli
from lac_analysis.errors import InputError
from lac_analysis.sources import encodings, limits, read

SPANISH = "Hermanamiento de San José con Chengdú: año 2010, región andina, ¿acuerdo? «sí»"
PORTUGUESE = "Cooperação entre São Paulo e Xangai: informações da associação, às 10 h"
FRENCH = "Coopération décentralisée: l’accord signé à Port-de-Prince, été 2010, reçu"
CAPITALS = "COOPERAÇÃO MUNICIPAL, ACORDO DE CIDADES-IRMÃS, REGIÃO E PAÍS"
CHINESE = "四川省成都市与拉普拉塔市签署友好城市协议，两国人民友好往来"
TRADITIONAL = "四川省成都市與拉普拉塔市簽署友好城市協議，兩國人民友好往來，經濟與貿易"
JAPANESE = "ラプラタ市と成都市は友好都市の協定に署名しました。これは２０年目です"


def detected(tmp_path, text, encoding):
    path = tmp_path / "t.csv"
    path.write_bytes(f"id,text\n1,{text}\n".encode(encoding))
    return encodings.detect(path)


@pytest.mark.parametrize("text", [SPANISH, PORTUGUESE, FRENCH, CAPITALS])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_western(tmp_path, text, encoding):
    assert detected(tmp_path, text, encoding) == encoding


@pytest.mark.parametrize("text", [CHINESE, TRADITIONAL, "友好城市, 湖北省, 利马市"])
def test_chinese(tmp_path, text):
    assert detected(tmp_path, text, "gb18030") == "gb18030"


TEXTS = [
    SPANISH, PORTUGUESE, CAPITALS, "São Paulo, João, Maranhão", "Bogotá y Panamá", "Perú", "Único",
    "país", "ÚLTIMO", "Díaz", "Ceará", CHINESE, TRADITIONAL, JAPANESE, "東京都",
    "Россия и Китай подписали договор о дружбе", "Česká města a Čína: šéf, žena, třída",
]  # fmt: skip


def can_be_written(text, encoding):
    try:
        return text.encode(encoding).decode(encoding) == text
    except UnicodeError:
        return False


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(text, name) for text in TEXTS for name in limits.OF_BYTES if can_be_written(text, name)],
)
def test_another_encoding_is_read_rightly_or_asked(tmp_path, text, encoding):
    """Where it is asked, what --encoding NAME then reads is what was written."""
    path = tmp_path / "t.csv"
    content = f"id;text\n1;{text}\n".encode(encoding)
    path.write_bytes(content)
    with suppress(InputError):
        assert content.decode(encodings.detect(path)) == content.decode(encoding)
    assert read.table(path, encoding=encoding).frame["text"].tolist() == [text]


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        (PORTUGUESE, "cp860", "cp860: Cooperação"),
        (PORTUGUESE, "mac_roman", "mac_roman: Cooperação"),
        (PORTUGUESE, "hp_roman8", "hp_roman8: Cooperação"),
        (SPANISH, "cp850", "cp850: "),
        (TRADITIONAL, "big5", "big5: 四川省"),
        (JAPANESE, "shift_jis", "shift_jis: ラプラタ市"),
        ("Medellín", "mac_roman", "mac_roman: Medellín"),
    ],
)
def test_the_question_shows_how_a_word_reads(tmp_path, text, encoding, shown):
    with pytest.raises(InputError, match=r"--encoding NAME, by which reading") as error:
        detected(tmp_path, text, encoding)
    assert shown in str(error.value)


def test_the_only_letter_of_a_file_decides(tmp_path):
    assert detected(tmp_path, "Medellín", "cp1252") == "cp1252"


@pytest.mark.parametrize("text", ["✓ done → next", "emoji 🎉", "ﾓﾉ", "Ngäbe, Győr, Łódź", "ı"])
def test_utf_8_of_other_letters_is_utf_8(tmp_path, text):
    assert detected(tmp_path, text, "utf-8") == "utf-8"


def test_utf_8_without_a_separator_in_50_000_bytes_is_utf_8(tmp_path):
    (tmp_path / "t.csv").write_text("text\n" + ("é" * 90_000 + "\n") * 2, encoding="utf-8")
    assert encodings.detect(tmp_path / "t.csv") == "utf-8"


def test_bytes_that_are_two_likely_texts_are_asked(tmp_path):
    """The Chinese for Unicom is UTF-8, too, by its bytes."""
    with pytest.raises(InputError, match="gb18030: 联通"):
        detected(tmp_path, "联通", "gb18030")


@pytest.mark.parametrize(
    "content", ["Привет, это русский".encode("cp1251"), "Привет".encode("koi8-r")]
)
def test_what_cannot_be_told_is_asked(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(b"id,text\n1," + content + b"\n")
    with pytest.raises(InputError, match="encoding"):
        read.table(path)


def test_a_bad_byte_in_utf_8_is_named_by_its_row_and_changes_no_other_letter(tmp_path):
    path = tmp_path / "t.csv"
    lines = [f"{number},São Paulo\n".encode() for number in range(2, 5000)]
    lines[3000] = b"3002,S\xe3o Paulo\n"
    path.write_bytes(b"id,text\n" + b"".join(lines))
    with pytest.raises(InputError, match="row 3002: a byte that is not utf-8"):
        read.table(path)


def test_the_first_letter_may_stand_far_down(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"id,text\n" + b"1,plain\n" * 200_000 + "2,São Paulo\n".encode("cp1252"))
    assert read.table(path).frame["text"].iloc[-1] == "São Paulo"


def test_the_user_may_say_it(tmp_path, capsys):
    path = tmp_path / "t.csv"
    path.write_bytes("id,text\n1,Álvaro\n".encode("latin-1"))
    assert read.table(path, encoding="latin-1").frame["text"].tolist() == ["Álvaro"]
    with pytest.raises(SystemExit):
        cli.main(["check", str(path), "--encoding", "klingon"])
    assert "utf-8" in capsys.readouterr().err
    cli.main(["check", str(path), "--encoding", "cp1252"])
    assert "CSV, cp1252, separated by commas" in capsys.readouterr().out


def test_iso_2022_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(f"id,text\n1,{JAPANESE}\n".encode("iso2022_jp_3"))
    with pytest.raises(InputError, match="not text"):
        read.table(path)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Россия и Китай подписали договор о дружбе", "cp1251"),
        ("Россия и Китай подписали договор о дружбе", "koi8_r"),
        ("Ελλάδα και Κίνα, συνεργασία μεταξύ πόλεων", "cp1253"),
        ("Česká města a Čína podepsaly smlouvu o přátelství; šéf, žena, třída", "cp1250"),
        ("Győr és Csungking testvérvárosi megállapodást írt alá; küldöttség", "cp1250"),
        ("Győr", "cp1250"),
        ("東京都と北京市は友好都市協定に署名した。これは二十年目です", "euc_jp"),
        ("Współpraca miast partnerskich, Łódź i Chengdu, umowa o przyjaźni", "cp1250"),
    ],
)
def test_letters_of_no_language_expected_are_not_read_as_others(tmp_path, text, encoding):
    with pytest.raises(InputError, match="the encoding cannot be told"):
        detected(tmp_path, text, encoding)


@pytest.mark.parametrize(
    ("text", "encoding"), [(PORTUGUESE, "utf-7"), (CHINESE, "utf-7"), (CHINESE, "hz")]
)
def test_ascii_that_stands_for_other_letters_is_asked(tmp_path, text, encoding):
    with pytest.raises(InputError, match=r"utf-7: |hz: "):
        detected(tmp_path, text, encoding)
    assert read.read(tmp_path / "t.csv", encoding="utf-8").format.startswith("CSV, utf-8")


def test_signs_of_plus_and_tilde_are_text(tmp_path):
    assert (
        detected(tmp_path, "tel. +56-9 1234, C++, +598-, LGBTQ+, ~{x}, +Ref-", "ascii") == "utf-8"
    )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_refused_unless_it_is_said(tmp_path, encoding):
    with pytest.raises(InputError, match="not text"):
        detected(tmp_path, SPANISH.replace(",", ";"), encoding)
    found = read.read(tmp_path / "t.csv", encoding=encoding).frame
    assert found["text"].tolist() == [SPANISH.replace(",", ";")]


def test_utf_16_that_is_none_is_one_message(tmp_path, capsys):
    (tmp_path / "t.csv").write_text("id,text\n1,La Plata\n")
    assert cli.main(["check", str(tmp_path / "t.csv"), "--encoding", "utf-16"]) == 2
    assert "a byte that is not utf-16 text" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["code", "clean", "import"])
def test_every_command_says_the_encoding_that_it_took(tmp_path, capsys, command):
    text = "text,city1,country1,city2,country2\nSão Paulo e Xangai,São Paulo,Brasil,Xangai,China\n"
    (tmp_path / "t.csv").write_bytes(text.encode("cp1252"))
    words = ["import", "twins"] if command == "import" else [command]
    assert cli.main([*words, str(tmp_path / "t.csv"), "-o", str(tmp_path / "o.csv")]) == 0
    assert "t.csv: CSV, cp1252, separated by commas" in capsys.readouterr().out
