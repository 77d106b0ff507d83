"""The date that a text states, as a reader of four languages writes it in ISO 8601."""

import re
import time

import pytest

from lac_analysis import config
from lac_analysis.coder import dates
from lac_analysis.records import gazetteer, schema
from lac_analysis.records.dates import MONTHS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31 January 2018", "2018-01-31"),
        ("Jan. 31st, 2018", "2018-01-31"),
        ("31 de enero de 2018", "2018-01-31"),
        ("1º de agosto (2023)", "2023-08-01"),
        ("13 de dezembro (2023)", "2023-12-13"),
        ("2015年6月3日", "2015-06-03"),
        ("6月3日 (2015)", "2015-06-03"),
        ("2021年", "2021"),
        ("2007.10.22", "2007-10-22"),
        ("20180131", "2018-01-31"),
        ("before 2010", ""),
        ("antes de mayo de 2011", ""),
        ("before 5 May 2010, in March 2009", "2009-03"),
        ("2010年5月之前", ""),
        ("2010年之后", ""),
        ("prior to March 2010", ""),
        ("pre-2010", ""),
        ("no later than 2012", ""),
        ("anterior a 2010", ""),
        ("until 2019", ""),
        ("by 2015", ""),
        ("after 2015", ""),
        ("hasta mayo de 2014", ""),
        ("até 2014", ""),
        ("from March until May 2018", "2018-03"),
        ("del 3 hasta el 5 de mayo de 2018", "2018-05-03"),
        ("31/01/2018", "2018-01-31"),
        ("01/31/2018", "2018-01-31"),
        ("03/04/2018", "2018"),  # the third of April, or March the fourth?
        ("October 2019", "2019-10"),
        ("2015-12", "2015-12"),
        ("FY 2011-12", "2011"),
        ("período 2008/09", "2008"),
        ("2009-10-05", "2009-10-05"),
        ("In 2012, 10 mayors visited", "2012"),
        ("octubre de 2019", "2019-10"),
        ("2017-02", "2017-02"),
        ("August 3-10 [2019]", "2019-08-03"),
        ("14 to 15 April 2024", "2024-04-14"),
        ("2004", "2004"),
        ("since 1998; 3 May 2019", "2019-05-03"),
        ("2000 masks given on 3 May 2020", "2020-05-03"),
        ("14 February (50th anniversary, 1972; 2022)", "1972"),
        ("el 12 de mayo y el 3 de junio de 2011", "2011-05-12"),
        ("28 de febrero al 3 de marzo de 2018", "2018-02-28"),
        ("28 February to 3 March 2018", "2018-02-28"),
        ("May 12 and June 3, 2018", "2018-05-12"),
        ("el 12 y el 13 de mayo de 2018", "2018-05-12"),
        ("5, 6 and 7 May 2011", "2011-05-05"),
        ("20 or 21 May 2011", "2011-05-20"),
        ("20 o 21 de mayo de 2011", "2011-05-20"),
        ("2010, updated 3 May 2012", "2010"),
        ("published 12 March 2014; event 2010", "2010"),
        ("publicado el 12 de marzo de 2014, en 2010", "2010"),
        ("founded 2010; report of May 2014", "2010"),
        ("published 12 March 2014", "2014-03-12"),
        ("enero-marzo 2018", "2018-01"),
        ("January to March 2018", "2018-01"),
        ("two days ago [June 2021]", "2021-06"),
        ("2018, 12 March", "2018-03-12"),
        ("2018 (10 de mayo)", "2018-05-10"),
        ("2016: 10 al 12 de junio", "2016-06-10"),
        ("Resolución 2000 (12 mayo 2019)", "2019-05-12"),
        ("5 a 7 de junho de 2013", "2013-06-05"),
        ("20189931, later in 2019", "2019"),  # no such month
        ("31 June 2018", "2018-06"),  # no such day
        ("in 1890", ""),
        ("US$ 2000 given", ""),
        ("2000 million dollars, in 2019", "2019"),
        ("2000万元", ""),
        ("en 2016 mil mascarillas", "2016"),
        ("In the 2010s", ""),
        ("the 1990's", ""),
        ("20世纪90年代", ""),
        ("2010年代", ""),
        ("Durante la década de 2010 Guangdong donó a Lima", ""),
        ("décadas de 1990 y 2000", ""),
        ("década de los años 1990", ""),
        ("desde los años 2000", ""),
        ("desde los 2000", ""),
        ("na década de 1990", ""),
        ("início dos anos 2000", ""),
        ("Années 1990", ""),
        ("fin des années 1990", ""),
        ("los noventa", ""),
        ("la década de 2010, en mayo de 2014", "2014-05"),
        ("el año 2010", "2010"),
        ("los años 2000 y 2005", "2000"),
        ("hace dos años [2020]", "2020"),
        ("before 2010, in the decade 2010 to 2020", ""),
        ("Sun, 03 May 2015 10:30:00 GMT", "2015-05-03"),
        ("3 de mayo de 2015 - 11:20", "2015-05-03"),
        ("May 3, 2015 10:30 am", "2015-05-03"),
        ("3 May 2015 09h05", "2015-05-03"),
        ("3/5/2015 10:30", "2015"),
        ("On 3 May 2015 12 delegates arrived", "2015-05-03"),
        ("In May 2015 10 trucks were given", "2015-05"),
        ("Rio de Janeiro, 2012: governor met Beijing delegation", "2012"),
        ("Rio de Janeiro em 2012", "2012"),
        ("Governor of Rio de Janeiro visited Beijing, 2014", "2014"),
        ("Prefeitura do Rio de Janeiro 5 anos, 2012", "2012"),
        ("Rio de Janeiro, janeiro de 2012", "2012-01"),
        ("Municipality of 25 de Mayo, San Juan, received Chinese donation, 2013", "2013"),
        ("Intendente de 9 de Julio viajó a China en 2016", "2016"),
        ("Avenida 9 de Julio, obra china, 2013", "2013"),
        ("Hospital 12 de Octubre recibe mascarillas (2020)", "2020"),
        ("visita el 25 de mayo (2013)", "2013-05-25"),
        ("25 de mayo de 2013", "2013-05-25"),
        ("del 5 al 7 de junio (2013)", "2013-06-05"),
        ("Mayor of Viña del Mar in 2010 visited Wuxi", "2010"),
        ("Viña del Mar, 2010", "2010"),
        ("Mar del Plata twinned with Tianjin 1998", "1998"),
        ("Mar Chiquita, 2004", "2004"),
        ("Catia La Mar, 2004", "2004"),
        ("Tres de Febrero, 2004", "2004"),
        ("Villa 25 de Mayo, 2004", "2004"),
        ("Carnaval do Rio de Janeiro de 2012", "2012"),
        ("San José de Mayo, mayo de 2012", "2012-05"),
        ("Consul He Jun, 2012", "2012"),
        ("masks against Covid-19, el 5 de mayo de 2020", "2020-05-05"),
        ("masks against COVID-19 5 May 2020", "2020-05-05"),
        ("the Metro's line 1, el 5 de mayo de 2012", "2012-05-05"),
        ("2012: 万里牵手", "2012"),
        ("2012年5月21个国家", "2012-05"),
        ("2012年5月3至5日", "2012-05-03"),
        ("Lethem, Region 9, 5 May 2012", "2012-05-05"),
        ("News Share (Sept 16-30), 5 May 2012", "2012-05-05"),
        ("never carried out, 2012", "2012"),
        ("Missão visita Xangai de 28 de fevereiro a 3 de março de 2015", "2015-02-28"),
        ("Missão em Xangai, de 30 de abril a 2 de maio de 2015", "2015-04-30"),
        ("Feria de Lima (28 de febrero - 3 de marzo de 2015)", "2015-02-28"),
        ("from the 3rd to the 7th of March 2015", "2015-03-03"),
        ("from 3 through 7 March 2015", "2015-03-03"),
        ("do dia 3 ao dia 7 de março de 2015", "2015-03-03"),
        ("del lunes 3 al viernes 7 de marzo de 2015", "2015-03-03"),
        ("3, 4, 5 de março de 2015", "2015-03-03"),
        ("Signed in Lima on 1¹ March 2015", "2015-03-01"),
        ("5, November, 2004", "2004-11-05"),
        ("Lethem, Region 9, May 2012", "2012-05"),
        ("5–7 May 2012", "2012-05-05"),
        ("May 5th/6th, 2012", "2012-05-05"),
        ("el 5, 6 y 7 de mayo de 2012", "2012-05-05"),
        ("a delegation on 5 December 2026", "2026"),  # the collection closed in November
        ("Lima, Jun 2012", "2012-06"),
        ("12 de mar de 2010", "2010-03-12"),
        ("mar. 2010", "2010-03"),
        ("Companies may invest in 2012 in Jujuy", "2012"),
        ("set of buses donated 2018", "2018"),
        ("Out of 2015 buses, ten were Chinese", "2015"),
        ("set/2018", "2018-09"),
        ("Julio Cobos 2010 visit to Beijing", "2010"),
        ("Mayor April Smith, 2015, visited Chengdu", "2015"),
        ("convenio marco 2012", "2012"),
        ("visita en junio a Wuhan (2012)", "2012-06"),
        ("In 2018, 10 12-metre electric buses by BYD reached Medellín", "2018"),
        ("In 2013, 12 15-seat vans were donated", "2013"),
        ("15 10-seat vans, 2018", "2018"),
        ("2018-10-12T10:30", "2018-10-12"),
        ("quinta-feira (28/9) [2017]", "2017-09-28"),
        ("a desk (24/7) since 2015", "2015"),
        ("early November 2023 (report of 2023-11-09)", "2023-11"),
        ("[Año Nuevo Chino 2026, page 2026-3-2]", "2026"),
        ("2018-13-45", "2018"),
        ("2023, July", "2023-07"),
        ("julio del año pasado [2024]", "2024-07"),
        ("February of this year [2021]", "2021-02"),
        ("２０１８－１０－１２", "2018-10-12"),
        ("2010-05/06", "2010"),
        ("24/7/2012", "2012-07-24"),
        ("Decree 2010/05 of the municipality", "2010"),
        ("Expediente 2015-12", "2015"),
        ("2010年5-6月", "2010-05"),
        ("2010年5、6月", "2010-05"),
        ("2010年5月至6月", "2010-05"),
        ("5至6月 (2010)", "2010-05"),
        ("30 December - 2 January 2013", "2013"),
        ("diciembre-enero de 2013", "2013"),
        ("30/4 a 13/5/2012", "2012-04-30"),
        ("15-04 / 18-05-2012", "2012-04-15"),
        ("2012-10 to 2013-02", "2012-10"),
        ("2012-05 - 2013-06", "2012-05"),
        ("2010年前", ""),
        ("2010年前9个月", "2010"),
        ("2010年5月3日前", ""),
        ("before the end of May 2012", ""),
        ("2 years ago (2012)", "2012"),
        ("Tuesday", ""),
        ("", ""),
    ],
)
def test_dates(text, expected):
    assert dates.find(text) == expected


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("2018", True), ("[2018]", True), ("2018-01", True), ("2018-01-31", True),
        ("31 de enero de 2018", True), ("May 5, 2012", True), ("(May 2012)", True),
        ("2010年5月3日", True), ("<2010", False), ("2010-2012", False), ("2010年前", False),
        ("2003-04", False), ("2015年13月", False), ("March 32, 2015", False), ("before 2010", False), ("5 to 7 May 2012", False), ("2018-01-31 or later", False),
        ("", False),
    ],
)  # fmt: skip
def test_a_date_and_no_other_word(text, alone):
    assert dates.is_alone(text) == alone


def test_no_place_of_the_region_gives_a_month():
    known = map(gazetteer.gazetteer, config.CELAC)
    names = {name for country in known for name in (*country.units, *country.towns)}
    ends = {name for name in names if " " in name and name.split()[-1] in MONTHS}
    ends = {name for name in ends if not name[0].isdigit()}  # 9 de Julio 2012 may be a day
    assert len(ends) > 50
    for form in ("{}, 2012", "{} em 2012", "2012, {}", "Mayor of {} visited Beijing, 2012"):
        assert {
            name: found for name in ends if (found := dates.find(form.format(name))) != "2012"
        } == {}


FORMS = {
    "2012": ["{}, 2012", "2012: {}", "{} (2012)", "In 2012 {}", "En 2012, {}", "2012年{}"],
    "2012-05": ["{}, May 2012", "{} en mayo de 2012", "May 2012: {}"],
    "2012-05-05": [
        "{}, on 5 May 2012", "{} 5 May 2012", "{}, May 5, 2012", "{}, el 5 de mayo de 2012",
        "{} em 5 de maio de 2012", "{} 2012年5月5日", "On 5 May 2012, {}", "2012-05-05 {}", "{} 2012-05-05",
    ],
}  # fmt: skip


def test_no_number_of_a_text_becomes_part_of_the_date_beside_it():
    """Texts of ours that name no year or month, and a date before or after each."""
    records = schema.read_raw(config.RAW / "engagements.csv", "engagements")
    columns = ["description", "source_title", "lac_actor_text", "china_actor_text", "platform"]
    texts = sorted({text for column in columns for text in records[column]})[::8]
    names = "|".join(
        name for name in MONTHS if len(name) > 4 or name in ("june", "july", "mayo", "maio")
    )
    said = re.compile(rf"(?i)(19|20)\d\d|\b({names})\b|\b(sept|feb)\b|月|\bbefore\b")
    texts = [text for text in texts if text and not said.search(text)]
    assert len(texts) > 900
    for wanted, forms in FORMS.items():
        for form in forms:
            found = {
                text: date for text in texts if (date := dates.find(form.format(text))) != wanted
            }
            assert found == {}, form


@pytest.mark.parametrize("part", ["1/2/", "9", "1,", "5 to ", "1 de mayo ", "5 al el "])
def test_a_long_text_takes_no_square_of_its_length(part):
    began = time.process_time()
    dates.find(part * (100_000 // len(part)))
    assert time.process_time() - began < 10  # the limit of a hostile text; 32,000 letters took 27 s
