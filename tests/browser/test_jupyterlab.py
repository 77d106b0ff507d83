"""An analyst's first minutes in JupyterLab: run all, change a value, run all again, see another
figure.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import nbformat
import pytest

from lac_analysis import config

pytestmark = pytest.mark.slow

OWN = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
    "IPYTHONDIR",
)
NOTEBOOK, QUESTION = "08_authority.ipynb", "12_your_question.ipynb"
IDLE = "//*[@id='jp-main-statusbar']//*[contains(., '| Idle')]"
LONGEST = 150  # seconds for one run of all cells on a busy machine


@pytest.fixture
def lab(tmp_path):
    """A running JupyterLab on a copy of the notebook, with settings of its own. Yields its folder
    and address.
    """
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in (NOTEBOOK, QUESTION):
        shutil.copy(config.NOTEBOOKS / name, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(tmp_path / name) for name in OWN}
    quiet = (
        tmp_path
        / "JUPYTERLAB_SETTINGS_DIR"
        / "@jupyterlab"
        / "apputils-extension"
        / "notification.jupyterlab-settings"
    )
    quiet.parent.mkdir(parents=True)
    quiet.write_text('{"fetchNews": "false"}')  # or it asks on the first start
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            command, env={**os.environ, **own}, cwd=folder, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            until(lambda: answers(f"{address}/api"), 60)
            yield folder, address
        finally:
            stop = urllib.request.Request(f"{address}/api/shutdown", method="POST")
            urllib.request.urlopen(stop, timeout=20).close()  # ends its kernels, too
            server.wait(60)


def answers(address):
    try:
        return urllib.request.urlopen(address, timeout=2).status == 200
    except OSError:
        return False


def until(condition, seconds):
    """What `condition` returns as soon as it is true; what is drawn anew meanwhile is asked again."""
    from selenium.common.exceptions import StaleElementReferenceException

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(StaleElementReferenceException):
            if found := condition():
                return found
        time.sleep(0.25)
    raise AssertionError("waited in vain")


def visible(browser, xpath):
    return next(
        (element for element in browser.find_elements("xpath", xpath) if element.is_displayed()),
        None,
    )


def ready(browser, text):
    """Wait for the line that begins with `text`, and for the kernel: before, JupyterLab asks which
    one to run. The status bar is that of the notebook that was clicked.
    """
    line = f"//div[contains(@class, 'cm-line')][starts-with(., '{text}')]"
    until(lambda: visible(browser, line), 90).click()
    until(lambda: visible(browser, IDLE), 90)
    return line


def menu(browser, name, item):
    """Choose an item of the menu bar with the mouse."""
    until(
        lambda: visible(browser, f"//div[contains(@class, 'lm-MenuBar-itemLabel')][.='{name}']"), 30
    ).click()
    label = f"//div[contains(@class, 'lm-Menu-itemLabel')][.='{item}']"
    until(lambda: visible(browser, label), 10).click()


def run_all(browser, path, before):
    """Run all cells, wait until the last has run again, save. Returns the saved notebook."""
    menu(browser, "Run", "Run All Cells")

    def finished():
        menu(browser, "File", "Save Notebook")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:  # it is being written
            return None
        counts = [
            cell["execution_count"] for cell in content["cells"] if cell["cell_type"] == "code"
        ]
        failed = [
            o for c in content["cells"] for o in c.get("outputs", []) if o["output_type"] == "error"
        ]
        assert not failed, failed
        return content if counts[-1] is not None and counts[-1] > before else None

    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if content := finished():
            return content
        time.sleep(2)
    dialogs = [dialog.text for dialog in browser.find_elements("xpath", "//dialog")]
    raise AssertionError(f"the cells did not end; dialogs: {dialogs}")


def outputs(content):
    return [output for cell in content["cells"] for output in cell.get("outputs", [])]


def pictures(content):
    return [o["data"]["image/png"] for o in outputs(content) if "image/png" in o.get("data", {})]


def noise(content):
    return [output for output in outputs(content) if output.get("name") == "stderr"]


def test_run_all_change_a_value_and_see_another_figure(lab, start):
    from selenium.webdriver import ActionChains, Keys

    folder, address = lab
    browser = start()
    browser.set_window_size(1300, 1000)
    browser.get(f"{address}/lab/tree/{NOTEBOOK}")
    line = ready(browser, "window_start: int")
    first = run_all(browser, folder / NOTEBOOK, 0)
    assert len(pictures(first)) >= 3 and noise(first) == []
    until(lambda: visible(browser, "//div[contains(@class, 'jp-OutputArea-output')]//img"), 20)

    until(lambda: visible(browser, line), 20).click()
    keys = ActionChains(browser)
    keys.send_keys(Keys.HOME).key_down(Keys.SHIFT).send_keys(Keys.END).key_up(Keys.SHIFT)
    keys.send_keys("window_start: int = 2010  # changed").perform()
    last = max(cell["execution_count"] for cell in first["cells"] if cell["cell_type"] == "code")
    second = run_all(browser, folder / NOTEBOOK, last)
    assert any("window_start: int = 2010" in "".join(cell["source"]) for cell in second["cells"])
    assert noise(second) == []
    changed = [a != b for a, b in zip(pictures(first), pictures(second), strict=True)]
    # where the label stands, and the denominators; the others show excerpts, which carry no dates
    assert changed[1] and changed[3]


def test_the_seven_questions_run_and_show_tables(lab, start):
    folder, address = lab
    browser = start()
    browser.set_window_size(1300, 1000)
    browser.get(f"{address}/lab/tree/{QUESTION}")
    ready(browser, "window_start: int")
    saved = run_all(browser, folder / QUESTION, 0)
    assert len(pictures(saved)) >= 1 and noise(saved) == []
    tables = [o for o in outputs(saved) if "text/html" in o.get("data", {})]
    assert len(tables) >= 5


def test_a_slider_that_is_moved_tests_again(lab, start, tmp_path):
    from selenium.webdriver import Keys

    folder, address = lab
    cell = nbformat.v4.new_code_cell
    cells = [cell("import lac_analysis as lac"), cell('lac.controls("authority", lac.load())')]
    metadata = nbformat.read(folder / QUESTION, as_version=4).metadata  # which names the kernel
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), folder / "panel.ipynb")
    browser = start()
    browser.set_window_size(1300, 1400)
    browser.get(f"{address}/lab/tree/panel.ipynb")
    ready(browser, "import lac_analysis")
    menu(browser, "Run", "Run All Cells")
    slider = "//div[contains(@class, 'widget-slider')]//div[contains(@class, 'noUi-handle-lower')]"
    answer = "//div[contains(@class, 'widget-interact')]//p[contains(., 'Odds ratio')]"
    handle = until(lambda: visible(browser, slider), 60)
    before = until(lambda: visible(browser, answer), 60).text
    handle.send_keys(Keys.ARROW_RIGHT * 8)
    browser.save_screenshot(str(tmp_path / "panel.png"))
    until(lambda: (new := visible(browser, answer)) and new.text != before, 60)
