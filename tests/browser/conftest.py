"""One browser for all tests, and one JupyterLab for each folder and theme."""

import os
import shutil

import pytest
from driver import Lab

QUIET = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync --disable-background-networking
--disable-component-update""".split()


@pytest.fixture(scope="module")
def browser(needs):
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        needs("playwright: add `--group browser` to `uv run`")
    names = os.environ.get("CHROMIUM", "chromium"), "chromium-browser", "google-chrome"
    path = next(filter(None, map(shutil.which, names)), None) or needs("a Chromium; CHROMIUM may say where it is")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def labs(browser, tmp_path_factory):
    """Opens a JupyterLab for a folder and a theme; one that is open already is taken again."""
    opened = {}

    def lab(folder, theme="Light"):
        if (folder, theme) not in opened:
            opened[folder, theme] = Lab(browser, folder, theme, tmp_path_factory.mktemp("lab"))
        return opened[folder, theme]

    yield lab
    for one in opened.values():
        one.stop()
