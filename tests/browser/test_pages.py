"""The site as a reader meets it, in a headless Chromium; skipped where there is none."""

import csv
import json
import time

import pytest
from made_up import HOSTILE

import lac_analysis as lac
from lac_analysis.names import codes

pytestmark = pytest.mark.slow

PAGES = (
    "map",
    "country_BRA",
    "country_KNA",
    "place_ar_y",
    "index",
    "08_authority",
    "05_platforms",
    "data",
    "glossary",
    "11_atlas",
    "99_verdicts",
)
FAULTS = """
const done = arguments[0];
axe.run({resultTypes: ["violations"], preload: false}).then(result => done(result.violations.map(
  fault => [fault.impact, fault.id, fault.nodes.slice(0, 3).map(node => node.html)])));
"""


@pytest.fixture(scope="module")
def browser(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("downloads")
    browser = start(download=folder)
    browser.get("about:blank")
    requests(browser)  # the browser's own first page
    browser.downloads = folder
    return browser


def console_errors(browser) -> list[str]:
    """What the console said since the last look, warnings and errors."""
    return [
        entry["message"]
        for entry in browser.get_log("browser")
        if entry["level"] in ("WARNING", "SEVERE")
    ]


def requests(browser) -> list[str]:
    """Addresses that pages asked for since the last look."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [
        message["params"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    return [params["request"]["url"] for params in sent]


def screen(browser, width, scheme="light"):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def look(browser, built, page):
    page, sign, part = page.partition("#")
    browser.get((built / page).as_uri() + sign + part)
    return browser


def find(browser, selector):
    return browser.find_element("css selector", selector)


def count(browser):
    return int(find(browser, "#count").text.split()[0].replace(",", ""))


def choose(browser, **values):
    """Fill the form as typing and choosing would."""
    for name, value in values.items():
        browser.execute_script(
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input', {bubbles: true}));", name, value,
        )  # fmt: skip


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_without_a_fault_or_an_outside_request_and_fits_the_screen(
    browser, built, page, width
):
    screen(browser, width)
    look(browser, built, f"{page}.html")
    browser.execute_script("for (const image of document.images) image.loading = 'eager'")
    assert console_errors(browser) == []
    asked = requests(browser)
    assert asked and not [address for address in asked if not address.startswith("file:")]
    assert browser.execute_script(
        "return document.documentElement.scrollWidth <= window.innerWidth"
    )
    assert browser.execute_script(
        "return [...document.images].every(i => !i.complete || i.naturalWidth > 0)"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_serious_fault(browser, built, axe, page, scheme):
    screen(browser, 1280, scheme)
    look(browser, built, f"{page}.html")
    browser.execute_script(axe)
    faults = browser.execute_async_script(FAULTS)
    assert [fault for fault in faults if fault[0] in ("serious", "critical")] == []
    browser.execute_script(
        "document.querySelector('main').append(new Image(9, 9))"
    )  # one without alt text: a fault
    assert "image-alt" in [fault[1] for fault in browser.execute_async_script(FAULTS)]


def test_filters_filter(browser, built, data):
    screen(browser, 1280)
    look(browser, built, "data.html")
    table = data.engagements[~data.engagements["planned"]]
    assert count(browser) == len(table)
    choose(browser, country="BRA", level="local")
    assert count(browser) == len(lac.select(data, countries="Brazil"))
    choose(browser, country="ARG", level="")
    assert count(browser) == (table["country"] == "ARG").sum()
    choose(browser, **{"from": "2018", "to": "2019"})
    assert count(browser) == ((table["country"] == "ARG") & table["year"].between(2018, 2019)).sum()
    assert "without a certain year are left out" in find(browser, "#count").text
    choose(browser, kind="projects", **{"from": "", "to": ""})
    assert (
        count(browser)
        == ((table["country"] == "ARG") & (table["activity_family"] == "projects")).sum()
    )
    choose(browser, kind="", country="", actor_kind="diplomats", level="municipal")
    assert (
        count(browser)
        == ((table["actor_family"] == "diplomats") & (table["level"] == "municipal")).sum()
    )
    choose(browser, actor_kind="", level="", place="jujuy", text="GUIZHOU twins")
    rows = browser.find_elements("css selector", "#found tbody tr")
    assert len(rows) == count(browser) >= 1
    assert all("Jujuy" in row.text and "Guizhou" in row.text for row in rows)
    find(browser, "button[type=reset]").click()
    time.sleep(0.2)
    assert count(browser) == len(table)
    assert "planned left out" in find(browser, "#count").text
    find(browser, "#planned").click()
    assert count(browser) == len(data.engagements) and browser.current_url.endswith("#planned=yes")
    look(browser, built, "index.html")
    look(browser, built, "data.html#planned=yes")
    assert find(browser, "#planned").is_selected() and count(browser) == len(data.engagements)
    choose(browser, text="planned")
    assert "planned" in find(browser, "#found tbody td").text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("country=Atlantis", "Unknown country in the address: Atlantis."),
        ("contry=PER", "Unknown filter in the address: contry."),
        ("from=early", "Unknown year in the address: early."),
        (
            "planned=maybe&kind=wars",
            "Unknown planned in the address: maybe; unknown kind in the address: wars.",
        ),
        ("from=2020&to=2010", "No year lies from 2020 to 2010"),
    ],
)
def test_an_address_that_cannot_be_followed_is_said_and_shows_nothing(
    browser, built, data, address, said
):
    look(browser, built, "index.html")
    look(browser, built, f"data.html#{address}")
    assert said in find(browser, "#count").text
    assert not browser.find_elements("css selector", "#found tbody tr")
    browser.execute_script("location.hash = 'country=per'")  # typed over it
    time.sleep(0.2)
    every = lac.select(data, countries="PER", level=codes("level"))
    assert count(browser) == len(every) and "Peru" in find(browser, "#found tbody").text


def test_a_country_of_the_map_and_of_the_list_leads_to_its_page_and_on_to_a_place(browser, built):
    from selenium.webdriver import ActionChains, Keys

    screen(browser, 1280)
    look(browser, built, "map.html")
    ActionChains(browser).move_to_element(find(browser, "#m-PER path")).click().perform()
    assert find(browser, "h1").text == "Peru"
    look(browser, built, "map.html")
    link = find(browser, "nav a[href='country_ARG.html']")
    link.send_keys(Keys.ENTER)
    assert find(browser, "h1").text == "Argentina"
    find(browser, "a[href='place_ar_y.html']").click()
    assert find(browser, "h1").text == "Jujuy, Argentina"
    find(browser, "a[href='country_ARG.html']").click()
    find(browser, "a[href^='data.html']").click()
    assert "Argentina" in find(browser, "#found tbody").text
    find(browser, "#found tbody a").click()
    assert browser.current_url.rpartition("/")[2].startswith(("country_ARG", "place_ar"))


def test_accents_do_not_matter_and_the_address_keeps_the_filter(browser, built):
    look(browser, built, "data.html")
    choose(browser, place="sao paulo")
    found = count(browser)
    assert found > 10
    address = browser.current_url
    look(browser, built, "index.html")
    browser.get(address)
    assert count(browser) == found and find(browser, "#place").get_attribute("value") == "sao paulo"


def test_more_rows_are_shown_on_demand(browser, built):
    browser.get((built / "data.html").as_uri() + "#")
    browser.refresh()
    assert len(browser.find_elements("css selector", "#found tbody tr")) == 50
    find(browser, "#more").click()
    assert len(browser.find_elements("css selector", "#found tbody tr")) == 100


def test_hostile_text_of_a_record_stays_text(browser, built):
    console_errors(browser)
    look(browser, built, "data.html")
    choose(browser, text="window.attacked")
    assert count(browser) == 3
    assert HOSTILE["description"] in find(browser, "#found tbody tr").text
    assert browser.execute_script("return window.attacked") is None
    assert not browser.find_elements(
        "css selector", "#found script, #found img, #found a[href*=attacked]"
    )
    for page in ("08_authority", "99_verdicts"):
        look(browser, built, f"{page}.html")
        assert browser.execute_script("return window.attacked") is None
    assert console_errors(browser) == []


def test_links_of_records_lead_to_http_pages_only(browser, built):
    look(browser, built, "data.html")
    choose(browser, country="CHL")
    links = [
        link.get_attribute("href")
        for link in browser.find_elements("css selector", "#found td[data-label=Sources] a")
    ]
    assert links and all(link.startswith(("http://", "https://")) for link in links)


def test_the_selection_can_be_downloaded_and_holds_no_formula(browser, built):
    look(browser, built, "data.html")
    choose(browser, text="window.attacked")
    find(browser, "#download").click()
    path = browser.downloads / "engagements_selected.csv"
    waited = time.monotonic() + 10
    while not path.exists() and time.monotonic() < waited:
        time.sleep(0.1)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 3
    assert rows[0]["description"] == HOSTILE["description"]
    assert rows[0]["china_actor_text"] == "'" + HOSTILE["china_actor_text"]
    assert all(row["engagement_id"].startswith("E:") for row in rows)


def test_the_keyboard_reaches_the_content_first(browser, built):
    look(browser, built, "index.html")
    browser.switch_to.active_element.send_keys("\ue004")  # tab
    assert browser.switch_to.active_element.text == "To the content"
    browser.switch_to.active_element.send_keys("\ue007")  # enter
    assert browser.switch_to.active_element.get_attribute("id") == "main"


def test_print_leaves_out_what_paper_cannot_use(browser, built):
    look(browser, built, "data.html")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert (
        not find(browser, "form").is_displayed() and not find(browser, "header nav").is_displayed()
    )
    assert find(browser, "h1").is_displayed()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_without_scripts_the_data_can_still_be_had(browser, built):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        look(browser, built, "data.html")
        assert find(browser, "noscript a").get_attribute("href").endswith("engagements.csv")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
