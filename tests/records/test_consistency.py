"""Raw tables that contradict themselves are refused: each wrong edit of ours by its rule."""

import pandas as pd
import pytest
from edits import edited, first_contradiction

from lac_analysis.errors import InputError
from lac_analysis.records import consistency


def test_our_tables_agree(ours):
    consistency.refuse(ours)


@pytest.mark.parametrize(
    ("table", "where", "values", "column"),
    [
        ("engagements", lambda t: t.index == 5, {"query_id": "A-Q999"}, "query_id"),
        ("double_coded", lambda t: t["record_id"] != "", {"record_id": "A-9999"}, "record_id"),
        ("date_bounds", lambda t: t.index == 0, {"record_id": "A-9999"}, "record_id"),
        ("date_bounds", lambda t: t["not_after"] == "2015-03-03",
         {"not_before": "2015-03-04"}, "not_before"),
        ("date_bounds", lambda t: t["record_id"] == "A-0083",
         {"record_id": "A-0003", "not_before": "2018-02", "not_after": ""}, "record_id"),
        ("engagements", lambda t: t["collection"] == "protocol", {"query_id": ""}, "query_id"),
        (
            "engagements",
            lambda t: t["activity_type"] == "technology_project",
            {"technology": "0"},
            "technology",
        ),
        ("engagements", lambda t: t["date_iso"] != "", {"date_text": ""}, "date_iso"),
        ("engagements", lambda t: t["date_text"].str.fullmatch(r"\d{4}-\d\d-\d\d"), {"date_iso": ""}, "date_iso"),
        ("engagements", lambda t: t["lac_level"].eq("national"), {"activity_type": "twinning"}, "activity_type"),
        ("search_log", lambda t: t["template"].eq("W1"), {"target": "BRA"}, "target"),
        ("search_log", lambda t: t["template"] == "T2", {"template": "T1"}, "target"),
        ("search_log", lambda t: t["template"] == "P2", {"template": "F"}, "template"),
        (
            "engagements",
            lambda t: t["query_id"].str.startswith("N-") & t["lac_iso3"].eq("BRA"),
            {"lac_iso3": "PER"},
            "lac_iso3",
        ),
        (
            "engagements",
            lambda t: t["collection"].eq("targeted") & t["lac_country_text"].eq("Brazil"),
            {"lac_country_text": "Peru"},
            "lac_country_text",
        ),
        (
            "engagements",
            lambda t: t["china_actor_text"].eq("Chengdu"),
            {"china_place": "Hebei"},
            "china_place",
        ),
        ("search_log", lambda t: t["records_coded"] == 2, {"records_coded": 3}, "records_coded"),
        ("date_bounds", lambda t: t.index == 0, {"not_before": "", "not_after": ""}, "not_after"),
        ("double_coded", lambda t: t["lac_level_1"].eq("municipal") & t["record_id"].ne(""),
         {"lac_level_1": "national"}, "lac_level_1"),
        ("double_coded", lambda t: t["record_id"].ne(""), {"lac_iso3": "HTI"}, "lac_iso3"),
        ("place_pairs", lambda t: t["role"] == "control", {"query": "another"}, "query"),
        ("place_pairs", lambda t: t["role"] == "control", {"place": "Atlantis"}, "place"),
        ("acts", lambda t: t["record_id"] == "A-0001", {"act": "A-9999"}, "act"),
        ("acts", lambda t: t["record_id"] == "A-0002", {"record_id": "A-9999"}, "record_id"),
        ("acts", lambda t: t["record_id"] == "F-0116", {"act": "F-0115"}, "act"),
        # of one coder and one page
        ("acts", lambda t: t["record_id"] == "A-0053", {"act": "A-0052"}, "act"),
        # eight years apart
        ("acts", lambda t: t["record_id"] == "QD-0013", {"act": "A-0039"}, "act"),
        ("engagements", lambda t: t["record_id"] == "M-0011", {"also_query_ids": "M-Q002"},
         "also_query_ids"),
        ("place_pairs", lambda t: t["place_id"] == "BR-CE", {"place_id": "AR-C"}, "place_id"),
        ("engagements", lambda t: t["lac_admin1"] == "Buenos Aires", {"lac_admin1": "São Paulo"},
         "lac_admin1"),
        ("engagements", lambda t: t["lac_admin1"] == "Salta", {"lac_admin1": "Salta; Atlantis"},
         "lac_admin1"),
        ("engagements", lambda t: t["date_iso"].str.len().eq(10) & t["date_text"].str[-4:].eq("2019"),
         {"date_iso": "2018-03-01"}, "date_iso"),
        ("engagements", lambda t: t["date_iso"].eq("2019") & t["date_text"].eq("2019"),
         {"date_text": "2018 (2017)"}, "date_iso"),
        ("search_log", lambda t: t["query_id"] == "A-Q002", {"query": "Chile governor China"}, "query"),
        ("search_log", lambda t: t["query_id"] == "A-Q002", {"query": "governor China"}, "query"),
        ("search_log", lambda t: t["template"] == "Y1", {"note": ""}, "note"),
        ("search_log", lambda t: t["target"] == "BO-C/Cochabamba", {"target": "BO-C"}, "target"),
        ("search_log", lambda t: t["target"] == "Tianjin", {"query": "北京 友好城市"}, "query"),
        ("double_coded", lambda t: t["date_iso_1"] == "2015", {"date_iso_1": "2014"}, "date_iso_1"),
        ("double_coded", lambda t: t["record_id"] == "", {"lac_iso3": "HTI"}, "lac_iso3"),
        ("double_coded", lambda t: t["found_by"] == "both", {"second_id": ""}, "found_by"),
        ("double_coded", lambda t: t["found_by"] == "both", {"found_by": "second"}, "record_id"),
        ("double_coded", lambda t: t["found_by"] == "both", {"second_id": "A-0001"}, "second_id"),
        ("double_coded", lambda t: t["found_by"] == "both", {"activity_type_2": ""}, "activity_type_2"),
        ("engagements", lambda t: t["date_text"] == "2020-03-30", {"date_iso": "2020-03-03"}, "date_iso"),
        ("search_log", lambda t: t["records_coded"].gt(3), {"results": 0}, "results"),
        ("search_log", lambda t: t["query_id"] == "A-Q022", {"query_id": "A-Q999"}, "query_id"),
        ("place_pairs", lambda t: t["role"] == "control", {"place_id": "BR-PI"}, "place_id"),
    ],
)  # fmt: skip
def test_a_contradiction_is_refused_with_its_place_and_rule(ours, table, where, values, column):
    tables, row = edited(ours, table, where, **values)
    found = first_contradiction(tables)
    assert found[:2] == (table, column) and found[3]
    if column not in ("template", "target", "population", "gdp_usd", "from", "act"):
        assert found[2] == row


CHINESE = r"20\d\d年(?!0?2月)\d{1,2}月\d{1,2}日"
PAIR = ("place_pairs", lambda t: t["place"] == "Piauí")  # the control of Ceará
CEARA = "Ceará Brasil China visita delegação convênio cooperação"


def found(by):
    return lambda t: t["found_by"] == by


def _without(level):
    """Both coders' word that a country has no such level."""
    columns = [f"{what}_{level}{coder}" for what in ("elected", "agreements")
               for coder in ("_a", "_b", "")]  # fmt: skip
    return dict.fromkeys(columns, "na")


@pytest.mark.parametrize(
    ("edits", "place", "rule"),
    [
        ([("double_coded", found("second"), {"activity_type_1": "twinning"})],
         "activity_type_1", "a code if this coder found it, or none"),
        ([("double_coded", found("second"), {"date_iso_1": "2019"})],
         "date_iso_1", "a code if this coder found it, or none"),
        ([("double_coded", found("first"), {"date_iso_2": "2019"})],
         "date_iso_2", "a code if this coder found it, or none"),
        ([("double_coded", lambda t: t["activity_type_2"] == "technology_project",
           {"technology_2": "0"})], "technology_2", "1 where activity_type_2 is technology_project"),
        # the control is the twinned place, under its name and under another
        ([(*PAIR, {"place": "Ceará", "query": CEARA}),
          ("search_log", lambda t: t["query_id"] == "QB-Q036", {"query": CEARA})],
         "place", "a place that no other row has"),
        ([(*PAIR, {"place": "Estado do Ceará", "query": f"Estado do {CEARA}"}),
          ("search_log", lambda t: t["query_id"] == "QB-Q036", {"query": f"Estado do {CEARA}"})],
         "place", "a place that no other row has"),
        ([("search_log", lambda t: t["query_id"] == "QA-Q001", {"target": "Hebei"})],
         "target", "a country's code in this round"),
        ([("engagements", lambda t: t["date_text"].eq("2019") & t["date_iso"].eq("2019"),
           {"date_iso": "2019-05-03"})], "date_iso", "the date that date_text is"),
        ([("engagements", lambda t: t["date_text"].str.fullmatch(CHINESE)
           & t["date_iso"].str.len().eq(10), {"date_text": "2019年5月3日", "date_iso": "2019-05-04"})],
         "date_iso", "the date that date_text is"),
        ([("engagements", lambda t: t["date_text"].eq("2019") & t["date_iso"].eq("2019"),
           {"date_text": "2019年5月3日", "date_iso": "2019-02"})],
         "date_iso", "the date that date_text is"),
        *(([("engagements", lambda t: t["date_text"].eq("2019") & t["date_iso"].eq("2019"),
             {"date_text": text, "date_iso": "2019-05-25"})], "date_iso", "the date that date_text is")
          for text in ("May 5, 2019", "5 de mayo de 2019", "viernes 5 de mayo de 2019", "5th May 2019",
                       "1º de maio de 2019")),
        *(([("engagements", lambda t: t["date_text"].eq("2019") & t["date_iso"].eq("2019"),
             {"date_text": text, "date_iso": "2019-11-13"})], "date_iso", "the date that date_text is")
          for text in ("31/12/2019", "13/12/2019", "2019-12-13 (report date)", "2019年12月13日（星期五）")),
        ([("search_log", lambda t: t["template"] == "W1", {"n_local": 9})],
         "n_local", "no more than results"),
        ([("engagements", lambda t: t["record_id"] == "A-0059", {"collection": "targeted"})],
         "query_id", "of a steered one for follow_up"),
        ([("engagements", lambda t: t["record_id"] == "M-0011", {"also_query_ids": "A-Q001"})],
         "also_query_ids", "of the round of query_id"),
        ([("engagements", lambda t: t["china_actor_type"] == "embassy_consulate",
           {"china_actor_text": "Embassy of the Republic of China (Taiwan)"})],
         "china_actor_text", "not of Taiwan"),
        ([("engagements", lambda t: t["record_id"] == "H0001", {"query_id": "A-Q007", "collection": "follow_up"})],
         "query_id", "a query of the record's round"),
        ([("search_log", lambda t: t["template"].eq("N1") & t["n_local"].gt(0)
           & t["records_coded"].gt(2), {"n_local": 0})],
         "n_local", "no fewer than the pages of its local records"),
        # of a steered template, and of the pages that a query cites
        ([("search_log", lambda t: t["template"].eq("C1") & t["n_local"].gt(0)
           & t["records_coded"].gt(0), {"n_other": 8})], "results", "the sum of n_local"),
        ([("search_log", lambda t: t["template"].eq("Y1") & t["records_coded"].gt(3), {"n_local": 0})],
         "n_local", "no fewer than the pages of its local records"),
        *(([("search_log", lambda t, template=template: t["template"] == template,
             {"n_local": float("nan")})], "n_local", "the counts that others of this template have")
          for template in ("W1", "Y1")),
        ([("search_log", lambda t: t["query_id"] == "A-Q001", {"results": 3})],
         "results", "no fewer than the pages of its records"),
        *(([("search_log", lambda t, template=template: t["template"] == template, {"target": target})],
           "target", "a Chinese province or 'platform'")
          for template, target in (("F", "PRU"), ("D", "CHI"), ("W1", "platfrom"))),
        ([("engagements", lambda t: t["record_id"] == "C-0076", {"lac_level": "national"})],
         "activity_type", "no twinning where lac_level is national"),
        ([("engagements", lambda t: t["date_source_url"].ne(""), {"date_iso": ""})],
         "date_source_url", "blank where date_iso is blank"),
        *(([("engagements", lambda t: t["record_id"] == "A-0052", {column: value})],
           column, "the same in all of a coder's records of this page")
          for column, value in (("source_lang", "fr"), ("source_type", "company"),
                                ("source_title", "[2025 Shandong International Sister City Week]"))),
        ([("acts", lambda t: t["record_id"] == "H0088", {"act": "H0088"})], "act", "one twinning, of one page"),
        ([("acts", lambda t: t["record_id"] == "Y-0037", {"act": "Y-0037"})], "act", "one twinning, of one page"),
        ([("search_log", lambda t: t["query_id"] == "Y-Q018", {"note": "19"})], "note", "once at Y1 and Y2"),
        ([("search_log", lambda t: t["query_id"] == "Y-Q017", {"note": "33"}),
          ("search_log", lambda t: t["query_id"] == "Y-Q033", {"note": "17"})], "note", "of one country"),
        ([("search_log", lambda t: t["query_id"] == "W-Q033", {"note": "before; excerpts on the place itself: 4"})],
         "note", "than n_local"),
        *(([("engagements", lambda t, record=record: t["record_id"] == record, edit)], "date_iso", "as the text tells")
          for record, edit in (("QC-0050", {"date_iso": "2021"}),
                               ("C-0017", {"date_iso": "2023"}))),
        ([("engagements", lambda t: t["record_id"] == "Z-0084", {"prior_contact": "0"})], "prior_contact", "has had years"),
        ([("engagements", lambda t: t["lac_iso3"].eq("CHL") & t["lac_admin1"].ne(""),
           {"lac_admin1": "Valparaizo"})], "lac_admin1", "perhaps Valparaiso"),
        # texts that name another country, dates left out, rounds and their letters
        *(([("engagements", lambda t: t["record_id"] == "H0001", {column: text})],
           column, "a name of the country that is coded")
          for column, text in (("lac_place_text", "Cusco, Peru"), ("lac_actor_text", "Government of Peru"),
                               ("china_actor_text", "Embajada de China en el Perú"))),
        *(([("engagements", lambda t: t["date_text"].eq("2019") & t["date_iso"].eq("2019"),
             {"date_text": text, "date_iso": ""})], "date_iso", "the date that date_text is")
          for text in ("October 2009", "2011", "2025年11月25日", "September 20, 2019")),
        ([("engagements", lambda t: t["query_id"] == "QA-Q002", {"lac_iso3": "PER"})],
         "lac_iso3", "the country of a query that found the record"),
        ([("acts", lambda t: t["record_id"] == "H0116", {"act": "B-0030"})],
         "act", "a visit to one side"),
        ([("date_bounds", lambda t: t["record_id"] == "A-0015", {"not_after": "2014-05-27"})],
         "not_after", "the same in all rows of this page and basis"),
        ([("strain_episodes", lambda t: t["start"] == "2020-03", {"start": "2021-01"})],
         "start", "around the year that the basis tells"),
        ([("place_pairs", lambda t: t["query_id"] == "QA-Q001", {}),
          ("search_log", lambda t: t["query_id"] == "QA-Q001",
           {"template": "Y1", "n_national": float("nan"), "n_other": float("nan")})],
         "template", "C1 in round Q"),
        ([("engagements", lambda t: t["record_id"] == "W-0024", {"date_text": "2015", "date_iso": "2015"})],
         "platform", "of the record's year"),
        ([("engagements", lambda t: t["record_id"] == "M-0059", {"lac_level": "national", "lac_place_text": "",
           "lac_admin1": ""})], "lac_level", "rounds J to Z have no others"),
        ([("double_coded", lambda t: t["second_id"].str.startswith("R"), {"second_id": "S-9172"})],
         "second_id", "R- of a query before the third round"),
        ([("engagements", lambda t: t["record_id"] == "H0001", {"record_id": "A-0999"}),
          ("acts", lambda t: t["record_id"] == "H0001", {"record_id": "A-0999"})],
         "query_id", "a query of the record's round"),
        ([("engagements", lambda t: t["record_id"] == "B-0010", {"platform": "2018年中国国际进口博览会"})],
         "platform", "of the record's year"),
        ([("countries", lambda t: t["iso3"] == "PAN", {"bri_mou_date": "2017-06-05"})],
         "bri_mou_date", "no day before the PRC's last spell"),
        ([("local_powers", lambda t: t["iso3"] == "ATG", {"elected_admin1": "1"})],
         "elected_admin1", "what both coders say"),
        *(([("engagements", lambda t: t["record_id"] == "O-0004", dict.fromkeys(side, ""))],
           side[0], "a twinning has one of each side")
          for side in (["lac_place_text", "lac_admin1", "lac_actor_text"], ["china_actor_text", "china_place"])),
        # places: of a query, of a name alone; a page and a bound of dates
        ([("search_log", lambda t: t["target"] == "PE-LMA", {"target": "CO-DC"})],
         "target", "the place that the query names"),
        ([("engagements", lambda t: t["record_id"] == "P-0003", {"lac_admin1": "Sucre"})],
         "lac_admin1", "a unit in which the place lies"),
        ([("engagements", lambda t: t["lac_place_text"] == "La Plata", {"lac_admin1": "Salta"})],
         "lac_admin1", "a unit in which the place lies"),
        ([("engagements", lambda t: t["query_id"] == "QB-Q033",
           {"lac_place_text": "Recife", "lac_admin1": "Pernambuco", "lac_actor_text": ""})],
         "lac_admin1", "the unit or town of the place"),
        ([("engagements", lambda t: t["record_id"].eq("N-0053"),
           {"lac_actor_text": "Governor of Antioquia"})],
         "lac_actor_text", "an actor of the unit that is coded"),
        ([("engagements", lambda t: t["record_id"] == "H0001", {"lac_place_text": "Cusco (Peru)"})],
         "lac_place_text", "a name of the country that is coded"),
        ([("engagements", lambda t: t["record_id"] == "H0001", {"lac_place_text": "秘鲁库斯科市"})],
         "lac_place_text", "a name of the country that is coded"),
        ([("engagements", lambda t: t["record_id"] == "A-0083",
           {"date_text": "2014", "date_iso": "2014"})], "record_id", "a record without a date"),
        ([("engagements", lambda t: t["record_id"] == "A-0122",
           {"date_source_url": "https://example.org/a", "source_url": "https://example.org/a"})],
         "date_source_url", "another page than source_url"),
        ([("engagements", lambda t: t["record_id"].str.match("M-") & t["china_place"].eq("Hebei"),
           {"china_actor_text": "Hebei and Henan provinces"})],
         "china_place", "blank where several provinces are named"),
        ([("engagements", lambda t: t["record_id"] == "E-0176", {"prior_contact": "0"})],
         "prior_contact", "no first contact after the year of another act"),
        *(([("engagements", lambda t, id=id: t["record_id"] == id, {"prior_contact": "0"})],
           "prior_contact", "no first contact after the year of another act")
          for id in ("QB-0066", "QD-0003")),
        ([("engagements", lambda t: t["record_id"] == "C-0016",
           {"lac_level": "national", "lac_place_text": "", "lac_admin1": ""})],
         "lac_level", "the level of what a governor does"),
        ([("engagements", lambda t: t["record_id"] == "W-0040", {"activity_type": "twinning"})],
         "activity_type", "visit_to_china of this tour"),
        ([("engagements", lambda t: t["record_id"] == "B-0090", {"source_lang": "zh"})],
         "source_lang", "ja of a title in Japanese"),
        *(([("search_log", lambda t: t["query_id"] == "W-Q026", {"query": query + (
            " China cooperation visit delegation agreement " + years)})], "query", rule)
          for query, years, rule in (
            ("City of Buenos Aires Argentina", "2006 2007", "the words of the other W2 query"),
            ("Buenos Aires City Argentina", "2031 2032", "a year and the next one"),
            ("Buenos Aires City Argentina", "2007 2006", "a year and the next one"))),
        ([("local_powers", lambda t: t["iso3"] == "BHS", {"basis": ""})],
         "basis", "what excerpts say of the codes"),
        ([("local_powers", lambda t: t["since"] == "1994", {"since": "1949"})],
         "since", "a year that the basis tells"),
        ([("engagements", lambda t: t["record_id"] == "C-0125",
           {"china_actor_text": "Chinese Embassy"})],
         "china_actor_text", "no embassy or consulate where Beijing"),
        # what CODEBOOK.md says of coders who agree, and the year that a history tells
        ([("double_coded", lambda t: t["query_id"].str.match("M-") & t["date_iso_1"].ne("")
           & t["date_iso_2"].ne(""), {"date_iso_2": "2009"})], "date_iso_2", "the first coder's year"),
        ([("double_coded", lambda t: t["second_id"] == "R-0154", {"technology_2": "1"})],
         "technology_2", "the first coder's code"),
        ([("recognition", lambda t: t["iso3"] == "HTI", {"from": "1966-01-01"})],
         "recognition_history", "the spells of recognition.csv"),
        # the country of a place, the caps of national records, a control, a numbered summit
        ([("engagements", lambda t: t["record_id"] == "W-0049", {"lac_iso3": "PER"})],
         "lac_iso3", "the country of a query that found the record"),
        ([("engagements", lambda t: t["record_id"] == "C-0127",
           {"lac_level": "national", "lac_place_text": "", "lac_admin1": ""})],
         "lac_level", "at most 5 national records"),
        ([("double_coded", lambda t: t["second_id"] == "R-0105", {"lac_level_2": "national"})],
         "lac_level_2", "at most 3 national rows a query"),
        ([("double_coded", lambda t: t["second_id"] == "R-0105", {"query_id": "C-Q047"})],
         "query_id", "a query with three records or more"),
        ([("double_coded", lambda t: t["record_id"] == "M-0001", {"query_id": "M-Q005"})],
         "query_id", "a query that found the record"),
        ([("engagements", lambda t: t["record_id"] == "B-0001",
           {"lac_place_text": "Goiânia", "lac_admin1": "Goiás"})],
         "activity_type", "no twinning of a control"),
        ([("engagements", lambda t: t["record_id"] == "W-0015", {"date_text": "2018", "date_iso": "2018"})],
         "platform", "a platform with this numeral in one year"),
        ([("engagements", lambda t: t["date_text"].eq("2019") & t["date_iso"].eq("2019"),
           {"date_text": "Tuesday, May 3, 2019", "date_iso": "2019-05-03"})],
         "date_iso", "a day of the week that date_text tells"),
        ([("engagements", lambda t: t["record_id"].eq("H0044"), {"activity_type": "visit_to_china"})],
         "activity_type", "twinning of what became sisters"),
        ([("engagements", lambda t: t["record_id"].eq("A-0136"),
           {"date_text": "lunes 16 de octubre de 2016"})],
         "date_iso", "a day of the week that date_text tells"),
        ([("engagements", lambda t: t["record_id"].eq("B-0013"), {"date_text": "2015年6月3日星期一"})],
         "date_iso", "a day of the week that date_text tells"),
        ([("engagements", lambda t: t["record_id"].eq("B-0091"),
           {"date_text": "dos de diciembre de 2021", "date_iso": "2021-12-17"})],
         "date_iso", "the date that date_text is"),
        ([("engagements", lambda t: t["record_id"].eq("QA-0019"), {"lac_place_text": "Mexicali", "lac_actor_text": ""})],
         "lac_place_text", "the unit or town of the place"),
        ([("engagements", lambda t: t["record_id"].eq("H0069"),
           {"date_text": "2016", "date_iso": "2016"})],
         "platform", "a platform with this numeral in one year"),
        ([("double_coded", lambda t: t["record_id"].eq("E-0175"), {"date_iso_1": ""})],
         "date_iso_1", "that of the record"),
        ([("acts", lambda t: t["record_id"].eq("Z-0101"), {"act": "QA-0072"})],
         "act", "an act of one first-level unit, or of one day"),
        ([("acts", lambda t: t["act"].eq("A-0010"), {"act": "Y-0035"})],
         "act", "the first of the act's own records"),
        ([("double_coded", lambda t: t["record_id"].eq("A-0001"), {"query_id": "A-Q002"})],
         "query_id", "a query that found the record"),
        *(([("engagements", lambda t, record=record: t["record_id"].eq(record),
             {"date_text": date, "date_iso": date})], place, rule) for record, date, place, rule in (
            ("H0144", "2016-11", "platform", "a platform with this numeral"),  # 14th, and (XIV)
            ("H0142", "2018-11-30", "platform", "a platform with this numeral"),
            ("H0151", "2012-09", "date_iso", "the month that the description tells"),
        )),
        ([("engagements", lambda t: t["record_id"].eq("W-0020"), {"platform": ""}),
          ("engagements", lambda t: t["record_id"].eq("H0144"), {"date_text": "2016-11", "date_iso": "2016-11"})],
         "platform", "no year before that of a lower numeral"),
        ([("engagements", lambda t: t["record_id"].eq("P-0047"),
           {"date_text": "68º aniversario de la fundación de la república popular China [2016]", "date_iso": "2016"})],
         "date_iso", "so many years after 1949"),
        ([("place_pairs", lambda t, id=id: t["query_id"].eq(id), {"lac_level": "municipal"})
          for id in ("QB-Q033", "QB-Q036")],
         "lac_level", "admin1 for a first-level unit"),
        ([("country_year", lambda t: t["iso3"].eq("BRA") & t["year"].eq(2016),
           {"prc_partnership_level": 0})],
         "prc_partnership_level", "no lower level than the year before"),
        ([("country_year", lambda t: t["iso3"].eq("ARG") & t["year"].eq(2009),
           {f"{way}_{whom}_musd": 3000.0 for way in ("imports", "exports")
            for whom in ("world", "china")})],
         "imports_world_musd", "within a factor of 3"),
        ([("search_log", lambda t: t["query_id"].eq("L-Q017"), {"note": "as L-Q902"})],
         "note", "queries that are in the log"),
        ([("search_log", lambda t: t["query_id"].eq("QA-Q001"), {"note": "Potosí"})],
         "note", "first the place of place_pairs.csv"),
        ([("engagements", lambda t: t["record_id"].eq("C-0064"),
           {"date_text": "Monday (7 June 2021; article of June 9, 2021)", "date_iso": "2021-06-07"})],
         "china_actor_text", "no embassy or consulate where Beijing"),
        ([("engagements", lambda t: t["record_id"].eq("O-0101"),
           {"date_text": "este martes [March 2018]", "date_iso": "2018-03"})],
         "china_actor_text", "no embassy or consulate where Beijing"),
        ([("engagements", lambda t: t["record_id"].eq("C-0008"),
           {"date_text": "May 28 (1999)", "date_iso": "1999-05-28"})],
         "china_actor_text", "no embassy or consulate where Beijing"),
        ([("engagements", lambda t: t["record_id"].eq("A-0112"), {"china_actor_type": "embassy_consulate"})],
         "china_actor_type", "but an office for trade"),
        ([("acts", lambda t: t["record_id"].eq("QB-0068"), {"act": "QB-0050"})],
         "act", "an act of one first-level unit, or of one day"),
        ([("acts", lambda t: t["record_id"].eq("N-0104"), {"act": "D-0098"})],
         "act", "a tie with one Chinese city"),
        ([("engagements", lambda t: t["record_id"].eq("W-0020"),
           {"platform": "China-LAC Business Summit (XVI)"})],
         "platform", "no year before that of a lower numeral"),
        ([("engagements", lambda t: t["record_id"].eq("W-0086"),
           {"date_text": "2022-05-21", "date_iso": "2022-05-21"})],
         "platform", "no year before that of a lower numeral"),
        ([("engagements", lambda t: t["record_id"].eq("QB-0062"), {"china_place": "Hainan"})],
         "china_place", "or else the description"),
        *(([("engagements", lambda t, record=record: t["record_id"].eq(record), values)],
           next(iter(values)), rule) for record, values, rule in (
            ("E-0029", {"lac_actor_text": "City of Niterói"}, "an actor of the town"),
            ("H0108", {"china_actor_text": "Chinese Embassy", "date_text": "1972-09-18",
                       "date_iso": "1972-09-18"}, "where Beijing is not"),
            ("E-0029", {"lac_actor_text": "City Council of Niterói"}, "an actor of the town"),
            ("A-0023", {"lac_actor_text": "Mayor Javkin of Rosario"}, "an actor of the town"),
            ("A-0027", {"lac_actor_text": "Governor Sáenz of Salta"}, "an actor of the unit"),
            ("A-0027", {"lac_actor_text": "Gustavo Sáenz, governor of Salta"}, "an actor of the unit"),
            ("A-0023", {"lac_place_text": "Bolivia"}, "a place of the country"),
            ("C-0106", {"china_actor_type": "provincial_government"}, "of the mayor of a city"),
            ("A-0026", {"date_iso": "2026-12", "date_text": "2026-12"}, "when collection closed"),
            ("F-0072", {"activity_type": "twinning"}, "a vote on a twinning is none"),
            ("A-0117", {"activity_type": "twinning"}, "no twinning yet"),
            ("B-0089", {"activity_type": "twinning"}, "friendship_memorandum of friendly exchange"),
            ("N-0131", {"activity_type": "visit_to_lac"}, "no visit_to_lac of who visits China"),
            ("A-0061", {"activity_type": "visit_to_lac"}, "for a meeting in a Chinese city"),
            ("B-0051", {"prior_contact": "0"}, "of a gift of a sister"),
            ("H0170", {"technology": "0"}, "1 of a donation, loan or project"),
            ("B-0178", {"prior_contact": "0"}, "of a visit, mission or gift that is not the first"),
            ("A-0043", {"lac_level": "other_local"}, "the level of what a governor does"),
            ("B-0002", {"lac_level": "other_local"}, "the level of what a mayor does"),
            ("A-0171", {"china_actor_type": "municipal_government"}, "a province in rounds A to F"),
            ("M-0010", {"source_lang": "es"}, "zh or ja of a title in Chinese"),
            ("A-0125", {"china_place": "Henan"}, "blank of an embassy"),
            ("B-0122", {"china_place": "Henan"}, "a central body of the Party"),
            ("A-0161", {"china_actor_type": "state_owned_enterprise"}, "of a chamber"),
            ("P-0037", {"china_actor_type": "private_company"}, "quasi_governmental of CCPIT"),
            ("D-0017", {"lac_level": "other_local"}, "national where a minister acts"),
            ("J-0047", {"lac_level": "admin1"}, "the level of a city's council"),
            ("QC-0047", {"lac_level": "municipal"}, "the level of a province's or state's legislature"),
            ("D-0047", {"prior_contact": "0"}, "of a visit, mission or gift that is not the first"),
            ("QC-0019", {"prior_contact": "0"}, "of a sister, or after what was agreed"),
            ("D-0020", {"prior_contact": "0"}, "of a sister, or after what was agreed"),
            ("QB-0020", {"activity_type": "visit_to_china"}, "no visit_to_china of Chinese visitors"),
            ("O-0116", {"activity_type": "visit_to_lac"}, "no visit_to_lac of who visits China"),
            ("C-0079", {"technology": "0", "activity_type": "loan_grant"}, "1 of a donation, loan or project"),
            ("QC-0031", {"date_iso": "2012"}, "the date that date_text is"),
            ("K-0006", {"lac_place_text": "La Palma / Pedernales"}, "places joined by '; '"),
            ("H0036", {"lac_place_text": ""}, "a local side has one"),
            ("B-0007", {"lac_level": "other_local"}, "the level of a city"),
            ("A-0092", {"lac_level": "municipal"}, "admin1 of a regional council"),
            ("A-0058", {"lac_level": "admin1"}, "municipal of an intendente in Argentina"),
            ("E-0111", {"lac_level": "municipal"}, "other_local of a chamber"),
            ("QA-0054", {"lac_level": "admin1"}, "the level of what a mayor does"),
            ("B-0049", {"lac_level": "other_local"}, "the level of a place's own government"),
            ("C-0095", {"lac_level": "municipal"}, "other_local of a port"),
            ("A-0191", {"lac_level": "municipal"}, "other_local of a university"),
            ("D-0063", {"lac_level": "municipal"}, "other_local of an indigenous community"),
            ("B-0134", {"china_place": "Hunan"}, "a minister or a president is of no province"),
        )),
        *(([("local_powers", lambda t, iso=iso: t["iso3"].eq(iso), values)], next(iter(values)), rule)
          for iso, values, rule in (
            ("URY", _without("municipal"), "it has municipalities"),
            ("PER", _without("admin1"), "it has first-level units"),
            ("GTM", dict.fromkeys(("agreements_admin1_a", "agreements_admin1_b", "agreements_admin1"), "na"),
             "it has first-level units"),
            ("PAN", {"agreements_municipal_b": "na"}, "it has municipalities"),
            ("GRD", {"since": "1850"}, "blank where there is no level"),
        )),
        ([("acts", lambda t: t["record_id"].eq("E-0040"), {"act": "E-0040"})],
         "act", "alike, of one page, place and day"),
        ([("engagements", lambda t: t["record_id"].eq("Y-0055"), {"query_id": "Y-Q003"})],
         "lac_iso3", "the country of a query that found the record"),
        ([("double_coded", lambda t: t["second_id"].eq("S-0005"), {"lac_level_2": "national"})],
         "lac_level_2", "the third round has no others"),
        ([("engagements", lambda t: t["record_id"] == "H0065", {"date_text": "1995", "date_iso": "1995"})],
         "date_iso", "so many years before as the description tells"),
        ([("engagements", lambda t: t["record_id"] == "A-0110",
           {"date_text": "Monday (report of 2014-06-10)", "date_iso": "2014-06-09"})],
         "platform", "the platform of the record's year"),
        # a twinning of one month and country, and masks
        ([("acts", lambda t: t["record_id"] == "H0320", {"act": "D-0100"})],
         "act", "another act than a twinning"),
    ],
)  # fmt: skip
def test_what_rows_say_together_is_refused(ours, edits, place, rule):
    tables = ours
    for table, where, values in edits:
        tables, _ = edited(tables, table, where, **values)
    found = first_contradiction(tables)
    assert found[1] == place and rule in found[3]


def test_a_record_of_a_query_that_was_coded_twice_and_is_not_compared_is_refused(ours):
    coded = ours["double_coded"]
    left = coded[coded["record_id"] != "E-0170"].reset_index(drop=True)
    found = first_contradiction(ours | {"double_coded": left})
    assert found[:2] == ("engagements", "query_id") and "double_coded.csv" in found[3]


def test_a_query_of_c1_without_its_place_is_refused(ours):
    pairs = ours["place_pairs"]
    left = pairs[pairs["pair"] != pairs["pair"].iloc[9]].reset_index(drop=True)
    found = first_contradiction(ours | {"place_pairs": left})
    assert found[:2] == ("search_log", "query_id") and "place_pairs.csv" in found[3]


def test_a_twinned_place_without_a_twinning_or_in_two_pairs_is_refused(ours):
    records = ours["engagements"]
    ceara = (records["lac_admin1"] + records["lac_place_text"]).str.contains("Ceará")
    state = ceara & records["lac_level"].eq("admin1") & records["activity_type"].eq("twinning")
    codes = records["activity_type"].mask(state, "other")
    tables = ours | {"engagements": records.assign(activity_type=codes)}
    with pytest.raises(InputError, match="a place with a twinning"):
        consistency.refuse(tables)
    pairs, log = ours["place_pairs"].copy(), ours["search_log"].copy()
    first, later = pairs.index[pairs["role"].eq("twinned") & pairs["lac_iso3"].eq("BRA")
                               & pairs["lac_level"].eq("admin1")][:2]  # fmt: skip
    same = ["place", "place_id", "query"]
    pairs.loc[later, same] = pairs.loc[first, same]
    log.loc[log["query_id"] == pairs["query_id"][later], "query"] = pairs["query"][first]
    with pytest.raises(InputError, match="a place that no other row has"):
        consistency.refuse(ours | {"place_pairs": pairs, "search_log": log})


def test_an_act_is_the_first_contact_for_all_its_records_or_for_none(ours):
    # in the first year of both sides, so that the rule of first contacts does not tell it first
    tables, _ = edited(ours, "engagements", lambda t: t["record_id"] == "E-0002", prior_contact="0")
    with pytest.raises(InputError, match="an act of one prior_contact"):
        consistency.refuse(tables)


def test_a_true_exception_has_its_place(ours):
    tables, _ = edited(ours, "recognition", lambda t: t["from"] != "", to="1960-01-01")
    with pytest.raises(InputError, match=r"lac_analysis/records/known_contradictions\.csv"):
        consistency.refuse(tables)


def test_any_letters_and_ids_may_be_taken_for_records(ours):
    """X as a round of one's own, as in CONTRIBUTING; an id that sorts before those of its act."""
    records, log, acts = (ours[name] for name in ("engagements", "search_log", "acts"))
    known = records[records["record_id"] == "A-0125"]
    query = {"query_id": "X-Q001", "template": "F", "query": "Salto and Yunnan", "records_coded": 1}
    mine = known.assign(record_id="X-0001", collection="follow_up", query_id="X-Q001",
                        also_query_ids="")  # fmt: skip
    other = known.assign(record_id="2027-0001", collection="targeted", query_id="",
                         also_query_ids="")  # fmt: skip
    act = pd.DataFrame({"record_id": ["X-0001", "2027-0001"], "act": ["X-0001", "A-0125"]})
    more = {"engagements": (records, mine, other), "acts": (acts, act),
            "search_log": (log, log[log["template"] == "F"].tail(1).assign(**query))}  # fmt: skip
    tables = {name: pd.concat(both, ignore_index=True) for name, both in more.items()}
    consistency.refuse(ours | tables)


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        ("Yunnan Committee of the Chinese People's Political Consultative Conference",
         "provincial_government"),
        ("Zhongnan Engineering Consulting Corporation", "state_owned_enterprise"),
        ("President of Shandong University", "university"),
        ("Vice President of Huawei Latin America", "private_company"),
        ("China Railway Museum", "quasi_governmental"),
        ("President Xi Jinping", "central_government"),
        ("Huawei and CEIEC", "state_owned_enterprise"),
        ("CCPIT y empresas chinas", "association"),
        ("CPAFFC and Tianjin government", "provincial_government"),
        ("Ministry of Commerce / China Eximbank", "bank"),
        ("Chinese government (Ambassador Tian Qi)", "embassy_consulate"),
        ("Chongqing", "municipal_government"),
        ("Professor Wang of Renmin University", "individual"),
        ("Wife of the Chinese ambassador", "individual"),
    ],
)  # fmt: skip
def test_an_actor_may_hold_words_of_another(ours, actor, code):
    records = ours["engagements"]
    one = records[records["record_id"] == "A-0125"].assign(
        china_actor_text=actor, china_actor_type=code, china_place="", lac_level="national"
    )
    for rule in consistency.OF_ROWS.itertuples(index=False):
        if rule.given == "china_actor_text":
            assert not consistency.breaks(one, rule).any(), rule.expected


@pytest.mark.parametrize(
    "values",
    [
        {"lac_actor_text": "Governor-General Sir Rodney Williams", "lac_level": "municipal"},
        {"description": "A visit on which 5G and satellites were talked of", "technology": "0",
         "activity_type": "visit_to_lac"},
        {"platform": "Expo 2020 Dubai", "date_text": "2021", "date_iso": "2021"},
        {"description": "Talks two years after first contact", "prior_contact": "1"},
        {"description": "City council approved it in May; both signed the sister-city agreement",
         "activity_type": "twinning"},
        {"description": "A delegation that visited China is followed by one of Chengdu",
         "activity_type": "visit_to_china"},
        {"platform": "China-LAC Business Summit (XI)", "date_text": "2017", "date_iso": "2017-11"},
    ],
)  # fmt: skip
def test_a_row_that_says_nothing_wrong_breaks_no_rule(ours, values):
    records = ours["engagements"]
    one = records[records["record_id"] == "A-0125"].assign(**values)
    for rule in consistency.OF_ROWS.itertuples(index=False):
        if rule.table == "engagements":
            assert not consistency.breaks(one, rule).any(), rule.expected


def test_an_act_of_two_chinese_provinces_is_refused(ours):
    tables, _ = edited(ours, "acts", lambda t: t["record_id"] == "E-0118", act="B-0012")
    with pytest.raises(InputError, match="an act of one china_place"):
        consistency.refuse(tables)


def test_two_queries_of_the_same_words_are_refused(ours):
    log = ours["search_log"]
    for query, other in (("A-Q036", log["template"].eq("T2") & log["target"].eq("PER")),
                         ("W-Q027", log["query_id"].eq("W-Q028"))):  # fmt: skip
        words = log.loc[log["query_id"] == query, "query"].iloc[0]
        same = log.assign(query=log["query"].mask(other, words))
        with pytest.raises(InputError, match="words that no other query"):
            consistency.refuse(ours | {"search_log": same})


def test_a_row_copied_is_refused(ours):
    """Of the records under another id, with an act of its own; of the spells as it is."""
    records, acts = ours["engagements"], ours["acts"]
    copy = records[records["collection"] == "targeted"].head(1)
    copy = copy.assign(record_id="ZZ-1", confidence="low")
    act = acts.head(1).assign(record_id="ZZ-1", act="ZZ-1")
    more = {"engagements": (records, copy), "acts": (acts, act)}
    tables = {name: pd.concat(both, ignore_index=True) for name, both in more.items()}
    with pytest.raises(InputError, match="not another one's copy"):
        consistency.refuse(ours | tables)
    spells = pd.concat([ours["recognition"], ours["recognition"].tail(1)], ignore_index=True)
    with pytest.raises(InputError, match="the day after the spell before"):
        consistency.refuse(ours | {"recognition": spells})


@pytest.mark.parametrize("table", ["engagements", "acts"])
def test_an_act_of_a_record_that_is_not_there_is_refused(ours, table):
    tables, _ = edited(ours, table, lambda t: t["record_id"] == "B-0100", record_id="B-1000")
    with pytest.raises(InputError, match=r"a record_id of engagements\.csv"):
        consistency.refuse(tables)


def test_actors_that_were_exchanged_are_refused(ours):
    records = ours["engagements"]
    row = records[records["record_id"] == "A-0003"].iloc[0]
    swapped = {"lac_actor_text": row["china_actor_text"], "china_actor_text": row["lac_actor_text"]}
    tables, _ = edited(ours, "engagements", lambda t: t["record_id"] == "A-0003", **swapped)
    with pytest.raises(InputError, match="no actor of china_place"):
        consistency.refuse(tables)


def test_a_record_that_is_lost_from_the_acts_is_refused(ours):
    acts = ours["acts"]
    later = acts.index[acts["record_id"] != acts["act"]]
    with pytest.raises(InputError, match=r"a row in acts\.csv"):
        consistency.refuse(ours | {"acts": acts.drop(index=later[0]).reset_index(drop=True)})


def test_a_country_without_a_spell_or_a_pair_without_a_control_is_refused(ours):
    spells = ours["recognition"]
    with pytest.raises(InputError, match="a row for every country"):
        consistency.refuse(ours | {"recognition": spells[spells["iso3"] != "ARG"]})
    for column, value in (("role", "twinned"), ("lac_iso3", "PER"), ("lac_level", "national")):
        pairs, _ = edited(ours, "place_pairs", lambda t: t["role"] == "control", **{column: value})
        with pytest.raises(InputError, match="pair"):
            consistency.refuse(pairs)


def test_known_contradictions_are_still_there(ours, monkeypatch):
    """A row that has been repaired leaves the list."""
    known = consistency.KNOWN
    monkeypatch.setattr(consistency, "KNOWN", set())
    found = list(consistency.contradictions(ours))
    assert known <= {
        (column, key)
        for table, column, row, value, _ in found
        for key in (value, ours[table].iloc[row, 0])
    }
    with pytest.raises(InputError, match=f"and {len(found) - 1} more contradictions"):
        consistency.refuse(ours)


def test_other_queries_and_excerpts_are_checked(ours):
    also = ours["engagements"].copy()
    row = also.index[also["query_id"] == "M-Q002"][0]
    also.loc[row, "also_query_ids"] = "M-Q001; X-Q001"
    with pytest.raises(InputError, match="also_query_ids"):
        consistency.refuse(ours | {"engagements": also})
    also.loc[row, "also_query_ids"] = "M-Q001"
    consistency.refuse(ours | {"engagements": also})
    log = ours["search_log"].copy()
    log.loc[log["template"].eq("N1").idxmax(), "n_other"] += 1
    with pytest.raises(InputError, match="sum of n_local"):
        consistency.refuse(ours | {"search_log": log})


def test_who_visits_is_read_in_its_own_clause(ours):
    said = "Beijing forum closed; the mayor then visited a metro works and schools"
    tables, _ = edited(ours, "engagements", lambda t: t["record_id"].eq("A-0093"), description=said)
    assert first_contradiction(tables) is None
