"""A project as the suite leaves it, and a headless Chromium where there is one (Debian: chromium,
chromium-driver).
"""

import shutil
from pathlib import Path

import made_up
import pytest

from lac_analysis import tables as loading
from lac_analysis.report.site import build as site

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def start(tmp_path_factory):
    """Start a browser with a profile of its own: start(download=folder). Each ends with the
    session.
    """
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("needs chromium and chromedriver on the path")
    webdriver = pytest.importorskip("selenium.webdriver")
    running = []

    def begin(download: Path | None = None):
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
            options.add_argument(flag)
        if download:
            options.add_experimental_option("prefs", {"download.default_directory": str(download)})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
        running.append(browser)
        return browser

    yield begin
    for browser in running:
        browser.quit()


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, the accessibility checker."""
    if not AXE.is_file():
        pytest.skip("needs axe-core: npm install --prefix tests/browser")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A folder as `lac reproduce` leaves it."""
    return made_up.project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def data():
    """The project's own tables, with three engagements that would do harm if their text were not
    text.
    """
    return made_up.hostile(loading.load())


@pytest.fixture(scope="session")
def built(project, data, tmp_path_factory):
    """The site of that project, with those records on its data page."""
    return site.build(tmp_path_factory.mktemp("out") / "site", project, data).parent
