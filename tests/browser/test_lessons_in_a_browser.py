"""Every lesson in a real JupyterLab and a real browser: it runs through, and its explorer answers at both ends.

Not part of the test command, because it needs a Chromium. To run it, and to look at its screenshots in shots/:

    CHROMIUM=/usr/bin/chromium python3 -m uv run --group browser pytest -n 0 tests/browser
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
SHOTS = Path("shots")
SCROLL = "document.querySelector('.jp-WindowedPanel-outer')"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, request, tmp_path):
    """A copy of a lesson, open in JupyterLab; nothing is read from or written to the reader's own settings."""
    lesson, theme = request.param
    settings = tmp_path / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "themes.jupyterlab-settings").write_text(f'{{"theme": "JupyterLab {theme}"}}')
    environment = os.environ | {"JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"), "DISPLAY": ""}
    copies = shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")  # JupyterLab saves by itself now and then
    command = [Path(sys.executable).with_name("ising-course"), "lab", copies / lesson, "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as server:
        address = re.search(r"http\S+", server.stdout.readline()).group()
        shown = browser.new_page(viewport={"width": 1300, "height": 1000})
        for _ in range(60):
            try:
                shown.goto(address)
                break
            except Exception:
                time.sleep(0.5)
        shown.wait_for_selector(".jp-Notebook", timeout=60_000)
        yield shown
        shown.close()
        server.terminate()


def pictures(page):
    return page.eval_on_selector_all(".widget-image", "images => images.map(image => image.src)")


LESSONS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("page", [(n, t) for n in LESSONS for t in ("Light", "Dark")], indirect=True, ids=str)
def test_a_lesson_runs_and_its_sliders_answer(page, request):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(
        "document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status == 'idle'", timeout=120_000
    )
    time.sleep(3)
    SHOTS.mkdir(exist_ok=True)
    name, errors, answered = re.sub(r"\W+", "-", request.node.callspec.id), [], 0
    page.evaluate(f"{SCROLL}.scrollTop = 0")
    for screen in range(60):
        time.sleep(0.7)
        page.screenshot(path=SHOTS / f"{name}-{screen:02}.png")
        errors += page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").all_text_contents()
        for handle in page.locator(".widget-slider .noUi-handle:visible").all():
            for key in ("Home", "End"):
                before = pictures(page)
                handle.focus()
                page.keyboard.press(key)
                time.sleep(0.7)
                answered += pictures(page) != before
        if page.evaluate(f"{SCROLL}.scrollTop + {SCROLL}.clientHeight >= {SCROLL}.scrollHeight - 5"):
            break
        page.evaluate(f"{SCROLL}.scrollTop += 0.9 * {SCROLL}.clientHeight")
    assert not errors
    assert answered >= 1
