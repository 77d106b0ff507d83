"""The coding rules, against what the real records say."""

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lac_analysis import config
from lac_analysis.errors import InputError
from lac_analysis.records import coding

RAW = pd.read_csv(config.RAW / "engagements.csv", dtype=str, keep_default_na=False)
CODED, CHANGES = coding.code(RAW, RAW["record_id"])
CODEBOOK = yaml.safe_load(config.CODEBOOK_FILE.read_text(encoding="utf-8"))


def coded(record_id: str, column: str):
    value = CODED[column][RAW["record_id"] == record_id].item()
    return None if pd.isna(value) else value


def record(**values) -> pd.DataFrame:
    """The first real record with some values changed."""
    return RAW.iloc[[0]].assign(**values).reset_index(drop=True)


@pytest.fixture
def use_codebook(tmp_path, monkeypatch):
    """Put another text in place of codebook.yml."""

    def use(text: str) -> None:
        path = tmp_path / "codebook.yml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setattr(config, "CODEBOOK_FILE", path)

    return use


@pytest.mark.parametrize(
    ("record_id", "actor_type", "tier"),
    [
        (
            "H0094",
            "provincial_government",
            "local",
        ),  # Beijing Municipality, coded municipal in round H
        ("B-0003", "provincial_government", "local"),  # Beijing, coded provincial in round B
        ("A-0024", "municipal_government", "local"),  # Mentougou, a district of Beijing
        ("H0040", "municipal_government", "local"),  # Fengdu County, Chongqing
        ("H0034", "provincial_government", "local"),  # Macau SAR: the same law as B-0046
        ("F-0052", "party", "local"),  # Party secretary of Shenzhen, coded municipal
        (
            "B-0005",
            "municipal_government",
            "local",
        ),  # Yantai (Party secretary Jiang Cheng): the place is named first
        ("H0234", "party", "local"),  # Xianning Party Committee, without china_place
        ("C-0101", "party", "local"),  # Hunan Provincial Committee of the Communist Party of China
        (
            "E-0148",
            "party",
            "state",
        ),  # International Department of CPC first, a Fujian secretary second
        ("D-0055", "party", "state"),  # Communist Party of China
        (
            "B-0091",
            "quasi_governmental",
            "local",
        ),  # Yunnan Association for Friendship with Foreign Countries
        (
            "C-0004",
            "quasi_governmental",
            "state",
        ),  # Chinese People's Association for Friendship ... (CPAFFC)
        ("E-0041", "quasi_governmental", "local"),  # CCPIT Tianjin Sub-Council
        ("B-0077", "state_owned_enterprise", "company"),  # ZTE, coded private once
        ("F-0121", "private_company", "company"),  # CNGR, coded unknown
        ("H0171", "bank", "state"),  # Export-Import Bank of China
        ("B-0127", "bank", "state"),  # China Development Bank
        ("H0115", "bank", "company"),  # Bank of China
        ("H0193", "bank", "unknown"),  # "Chinese lenders"
        (
            "D-0030",
            "central_government",
            "state",
        ),  # an ambassador who signs for the state is left as coded
    ],
)
def test_actor_type_and_tier_of_real_records(record_id, actor_type, tier):
    assert (coded(record_id, "actor_type"), coded(record_id, "tier")) == (actor_type, tier)


@pytest.mark.parametrize(
    ("record_id", "activity"),
    [
        ("A-0040", "diplomatic_call"),  # protocol call on a mayor, coded visit_to_lac
        ("B-0193", "diplomatic_call"),  # ambassador meets a mayor, coded other
        ("B-0053", "diplomatic_call"),  # by video
        ("H0327", "other"),  # governors wrote to the embassy
        ("H0330", "other"),  # governors only sought a meeting
        ("A-0079", "other"),  # a reception
        ("C-0124", "other"),  # a president, not a local body
        ("C-0084", "visit_to_lac"),  # the envoy to Jamaica does travel to Belize
        ("H0009", "other"),  # a congress votes; the twinning is another record
        ("H0309", "twinning"),  # a law that makes the twinning
        ("H0251", "friendship_memorandum"),  # friendly-exchange cities, as in GX-0026
        ("H0017", "friendship_memorandum"),  # friendly-exchange agreement, as in E-0047
        ("A-0029", "cooperation_agreement"),  # letters of intent on trade
    ],
)
def test_activity_of_real_records(record_id, activity):
    assert coded(record_id, "activity") == activity


@pytest.mark.parametrize(
    ("record_id", "name"),
    [
        ("C-0035", "Huawei"),  # its regional president, named before the firm
        ("B-0025", "Huawei"),  # Huawei, Hikvision, Dahua, ZTE: the first
        ("H0168", "Dahua"),  # Dahua; Hikvision
        ("K-0010", "PowerChina"),  # 中国电建
        ("J-0059", "CEIEC"),  # empresa china Ceiec
        ("D-0109", "CHEC"),  # technical team of China Harbour Engineering Company Ltd.
        ("B-0133", "China Railway Group"),  # coded a company: its bank is not the name
        ("H0292", "Embassy in MEX"),  # a consulate counts with its embassy
        ("C-0083", "Embassy in JAM"),  # the envoy to Jamaica, in Belize
        ("C-0123", "Trade office in HTI"),
        ("F-0145", "CPAFFC"),  # 中國人民對外友好協會
        ("C-0082", "CCPIT"),  # Consejo Chino para el Fomento del Comercio Internacional
        ("B-0017", "Ministry of Commerce"),
        ("B-0033", "State Grid"),  # no alias: its own text
        ("B-0166", "23rd Metallurgical Construction Group"),  # its own text, less the brackets
        ("H0094", None),  # local governments are named by place
        ("B-0112", None),  # "Chinese companies"
    ],
)
def test_actor_name_of_real_records(record_id, name):
    assert coded(record_id, "actor_name") == name


@pytest.mark.parametrize(
    ("actor_type", "text", "name"),
    [
        ("central_government", "Vice Minister of Commerce", "Ministry of Commerce"),
        ("private_company", "empresas chinas", None),
        ("private_company", "河北中兴汽车制造有限公司", "河北中兴汽车制造有限公司"),
        ("state_owned_enterprise", "Huaneng Power China", "Huaneng Power China"),
        ("bank", "國家開發銀行", "China Development Bank"),
        ("bank", "Agricultural Bank of China", "Agricultural Bank of China"),
        ("bank", "People's Bank of China", "People's Bank of China"),
        ("bank", "Shanghai branch of the Bank of China", "Bank of China"),
        ("bank", "Export–Import Bank of China", "China Eximbank"),
        ("bank", "Export and Import Bank of China", "China Eximbank"),
        ("bank", "Industrial & Commercial Bank of China", "ICBC"),
        ("state_owned_enterprise", "CPIC (China Pacific Insurance)", "CPIC"),
        ("state_owned_enterprise", "CTG (China Tourism Group)", "CTG"),
        ("private_company", "大华银行", "大华银行"),
        ("private_company", "Huatai Securities", "Huatai Securities"),
        ("university", "Tongji Hospital, Wuhan", "Tongji Hospital, Wuhan"),
        ("university", "Universidade de Tongji", "Tongji University"),
        ("university", "Huaqiao Hospital, Jinan", "Huaqiao Hospital, Jinan"),
    ],
)
def test_an_actor_with_a_name_like_anothers_keeps_its_own(actor_type, text, name):
    made = record(china_actor_type=actor_type, china_actor_text=text)
    given = coding.code(made)[0]["actor_name"].item()
    assert (None if pd.isna(given) else given) == name


@pytest.mark.parametrize(
    ("actor_type", "text", "place", "tier"),
    [
        ("quasi_governmental", "CCPIT Vice Chairman Yu Ping", "", "state"),
        ("quasi_governmental", "CCPIT President Gao Yan", "Beijing", "state"),
        ("quasi_governmental", "CCPIT Mexico", "", "state"),
        ("quasi_governmental", "CCPIT Sichuan", "Sichuan", "local"),
        ("quasi_governmental", "Inner Mongolia Association for Friendship", "", "local"),
        ("quasi_governmental", "The Chinese People's Association for Friendship", "", "state"),
        ("party", "Communist Party of China Guangdong Provincial Committee", "Guangdong", "local"),
        ("party", "Communist Party of China Central Committee", "", "state"),
        ("party", "CPC delegation from Yunnan", "Yunnan", "local"),
        ("quasi_governmental", "Hunan CCPIT", "Hunan", "local"),
        ("quasi_governmental", "Guangdong CCPIT", "", "local"),
        ("quasi_governmental", "CCPIT Guangdong Committee", "", "local"),
        ("quasi_governmental", "Guangdong Sub-Council of CCPIT", "", "local"),
        ("quasi_governmental", "CCPIT Beijing", "", "state"),
        ("quasi_governmental", "CCPIT delegation to Guangdong", "", "state"),
        (
            "quasi_governmental",
            "Guangxi Zhuang Autonomous Region Association for Friendship",
            "",
            "local",
        ),
        ("party", "CPC delegation of Guangdong", "Guangdong", "local"),
        ("bank", "Chinese banks ICBC and Bank of China", "", "company"),
        ("bank", "Export–Import Bank of China", "", "state"),
        ("bank", "Agricultural Development Bank of China", "", "state"),
    ],
)
def test_tier_of_texts_that_name_an_officer_a_branch_or_a_committee(actor_type, text, place, tier):
    made = record(china_actor_type=actor_type, china_actor_text=text, china_place=place)
    assert coding.code(made)[0]["tier"].item() == tier


@pytest.mark.parametrize(
    "changes",
    [
        {"china_actor_type": "municipal_government", "china_actor_text": "Pudong area, Shanghai"},
        {
            "china_actor_type": "municipal_government",
            "china_actor_text": "Mayor of Ningbo, Beijing",
        },
        {"china_actor_type": "provincial_government", "china_actor_text": "CPC secretary of Hunan"},
        {"china_actor_type": "private_company", "china_actor_text": "ZTE Foundation"},
        {"activity_type": "twinning", "description": "Twinning signed that the council approved"},
        {
            "activity_type": "cooperation_agreement",
            "description": "After a letter of intent to twin",
        },
        {
            "china_actor_type": "embassy_consulate",
            "activity_type": "other",
            "description": "Embassy hosted a reception and receives a letter",
        },
    ],
)
def test_a_user_s_codes_are_his_own_whatever_the_words(changes):
    made = record(record_id="U-1", lac_level="municipal", **changes)
    assert coding.code(made)[1].empty


def test_rules_that_name_records_are_for_ours_alone():
    ours, _ = coding.code(RAW, RAW["record_id"])
    theirs, changed = coding.code(RAW)
    assert not changed["record_id"].isin(["B-0001", "H0251", "C-0015", "B-0077"]).any()
    for record_id, column in (("B-0001", "activity"), ("B-0071", "is_platform_event"),
                              ("D-0003", "planned"), ("B-0077", "actor_type")):  # fmt: skip
        at = RAW["record_id"] == record_id
        assert theirs.loc[at, column].item() != ours.loc[at, column].item()


@pytest.mark.parametrize(
    ("platform", "family"),
    [
        ("Foro CELAC-China", "celac"),
        ("China–CELAC Forum", "celac"),
        ("中国—拉共体论坛", "celac"),
        ("Feria Internacional de La Habana", "business"),
        ("广交会", "business"),
        ("Foro Empresarial China-Perú", "business"),
        ("International Forum of the Belt and Road Initiative", "other_forum"),
        ("Belt and Road Initiative", "other"),
        ("COP28", "other_forum"),
        ("BRICS 2025", "other_forum"),
        ("China-CELAC cooperation funds", "other"),
    ],
)
def test_family_of_platforms_as_others_write_them(platform, family):
    assert coding.code(record(platform=platform))[0]["platform_family"].item() == family


@pytest.mark.parametrize(
    ("record_id", "family", "at_platform"),
    [
        ("H0069", "celac", True),  # a talk at the local governments forum
        ("E-0088", "celac", False),  # invited to that forum
        ("H0150", "cpaffc_friendship", True),  # twinning signed at the friendship cities conference
        ("H0228", "overseas_local", True),  # twinning signed at Shanghai's own forum
        ("H0028", "overseas_local", True),  # Chile Week
        ("H0327", "overseas_local", False),  # Consórcio Nordeste is a body, not an event
        ("C-0036", "business", True),  # contract signed at the business summit
        ("F-0157", "business", False),  # firms register for a later expo
        ("A-0159", "other_forum", False),  # a port about to open while APEC meets
        ("H0164", "other", False),  # Safe City Campinas is a project
        ("F-0132", "overseas_local", True),  # platform_event whose platform is blank
        ("H0002", None, False),
    ],
)
def test_platform_of_real_records(record_id, family, at_platform):
    assert coded(record_id, "platform_family") == family
    assert coded(record_id, "is_platform_event") == at_platform


def test_every_platform_named_in_the_data_has_a_pattern_of_its_own(use_codebook):
    rules = CODEBOOK["platform_family"]["rules"]
    written = [rule for rule in rules if not rule["rule"].startswith("unlisted")]
    assert len(written) < len(rules)
    platform_family = {**CODEBOOK["platform_family"], "rules": written}
    use_codebook(yaml.safe_dump({**CODEBOOK, "platform_family": platform_family}, sort_keys=False))
    pd.testing.assert_series_equal(
        coding.code(RAW, RAW["record_id"])[0]["platform_family"], CODED["platform_family"]
    )


@pytest.mark.parametrize(
    ("record_id", "kind"),
    [
        ("B-0077", "telecom"),  # wireless hotspots first, cameras second
        ("H0163", "surveillance"),  # Huawei security platform
        ("H0002", "energy"),  # Huawei at a solar plant
        ("J-0008", "transport"),  # new-energy buses
        ("J-0038", "energy"),  # a bus maker's panel plant
        ("B-0036", "telecom"),  # a meeting at Huawei
        ("J-0036", "transport"),  # BYD, nothing said of the product
        ("F-0017", "space"),
        ("H0140", "other"),  # a vaccine
        ("A-0001", None),
    ],
)
def test_technology_kind_of_real_records(record_id, kind):
    assert coded(record_id, "technology_kind") == kind


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("Câmeras com reconhecimento facial", "surveillance"),
        ("Cámaras de videovigilancia", "surveillance"),
        ("Red de fibra óptica", "telecom"),
        ("Parque fotovoltaico", "energy"),
        ("Autobuses para la ciudad", "transport"),
        ("卫星地面站", "space"),
    ],
)
def test_technology_kind_reads_other_languages(description, kind):
    coded = coding.code(record(technology="1", description=description, china_actor_text=""))[0]
    assert coded["technology_kind"].item() == kind


def test_flags_as_the_coders_gave_them():
    assert (CODED["technology"] == (RAW["technology"] == "1")).all()
    assert (CODED["prior_contact"].isna() == (RAW["prior_contact"] == "")).all()
    assert (CODED["prior_contact"].fillna(False) == (RAW["prior_contact"] == "1")).all()
    marked = RAW["description"].str.endswith("(planned)")
    assert CODED["planned"][marked].all()
    assert set(RAW["record_id"][CODED["planned"] & ~marked]) == {
        "D-0003",
        "D-0065",
        "D-0095",
        "F-0117",
    }
    assert not coded("A-0001", "planned")  # a vote on a planned tie is done
    for done in ("Planned in 2010, the bridge opened in 2015", "Planned city of Brasília twins"):
        assert not coding.code(record(description=done))[0]["planned"].item()


def test_levels_are_ordered():
    assert CODED["level"].astype(str).tolist() == RAW["lac_level"].tolist()
    assert CODED["level"].min() == "national" and CODED["level"].max() == "other_local"


@pytest.mark.parametrize("actor_type", CODEBOOK["actor_type"]["values"])
def test_every_actor_type_has_a_tier_and_a_family(actor_type):
    result = coding.code(record(china_actor_type=actor_type, china_actor_text="", china_place=""))[
        0
    ]
    assert result["tier"].item() in CODEBOOK["tier"]["values"]
    assert isinstance(result["actor_family"].item(), str)


@pytest.mark.parametrize("activity", CODEBOOK["activity"]["values"])
def test_every_activity_has_a_family(activity):
    assert isinstance(coding.code(record(activity_type=activity))[0]["activity_family"].item(), str)


def test_one_owner_a_firm():
    companies = CODED[CODED["tier"] == "company"]
    assert companies.groupby("actor_name")["actor_type"].nunique().max() == 1


def test_changes_lists_exactly_what_differs():
    expected = {
        (record_id, column)
        for column, raw in (("actor_type", "china_actor_type"), ("activity", "activity_type"))
        for record_id in RAW["record_id"][RAW[raw] != CODED[column]]
    }
    assert set(zip(CHANGES["record_id"], CHANGES["column"], strict=True)) == expected
    assert (CHANGES["rule"] != "").all()
    row = CHANGES[(CHANGES["record_id"] == "B-0077")].iloc[0].tolist()
    assert row == [
        "B-0077",
        "actor_type",
        "private_company",
        "state_owned_enterprise",
        "firm_ownership",
    ]


def test_coding_again_changes_nothing():
    again = RAW.assign(china_actor_type=CODED["actor_type"], activity_type=CODED["activity"])
    pd.testing.assert_frame_equal(coding.code(again, RAW["record_id"])[0], CODED)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, len(RAW) - 1), min_size=1, max_size=60))
def test_a_row_depends_on_its_own_record_alone(rows):
    pd.testing.assert_frame_equal(
        coding.code(RAW.iloc[rows], RAW["record_id"])[0], CODED.iloc[rows]
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "activity: [visit_to_lac]}",
            "activity: [visit_to_lax]}",
            "visit_to_lax",
        ),  # would never match, silently
        ("to: diplomatic_call", "to: diplomatic_cal", "diplomatic_cal"),
        ("unless: {level: [national]}", "unles: {level: [national]}", "unles"),
    ],
)
def test_a_mistake_in_the_codebook_is_shown(old, new, message, use_codebook):
    text = config.CODEBOOK_FILE.read_text(encoding="utf-8")
    assert old in text
    use_codebook(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        coding.code(RAW.head(1))


def test_an_edited_rule_is_followed(use_codebook):
    text = config.CODEBOOK_FILE.read_text(encoding="utf-8")
    use_codebook(text.replace("{to: central state,", "{to: Beijing,"))
    assert (
        coding.code(record(china_actor_type="central_government"))[0]["actor_family"].item()
        == "Beijing"
    )


def test_every_pattern_of_the_codebook_can_be_read():
    tests = [
        test
        for entry in CODEBOOK.values()
        for rule in entry.get("rules", ())
        for part in ("when", "unless", "first_of")
        for test in rule.get(part, {}).values()
    ]
    patterns = [test for test in tests if isinstance(test, str)]
    assert len(patterns) > 100 and all(map(coding.pattern, patterns))
