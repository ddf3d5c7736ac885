"""Every lesson as a student sees it, in a real JupyterLab and a real browser.

Each lesson runs once, light. By hand in both themes, with a picture of every screen in shots/:

    CHROMIUM=/usr/bin/chromium python3 -m uv run --group browser pytest -n 0 -m by_hand tests/browser
"""

import shutil
from pathlib import Path

import driver
import pytest

ROOT = Path(__file__).parents[2]
LESSONS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
BY_HAND = [pytest.param(name, theme, marks=pytest.mark.by_hand) for name in LESSONS for theme in ("Light", "Dark")]
ASLEEP = "Asleep since this lesson was saved."


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """The folder notebooks/ alone, somewhere else: JupyterLab saves by itself now and then."""
    return shutil.copytree(ROOT / "notebooks", tmp_path_factory.mktemp("elsewhere") / "lessons")


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_as_a_student_sees_it(labs, copies, name):
    page = run_and_look(labs(copies), name)
    page.close()


@pytest.mark.parametrize(("name", "theme"), BY_HAND)
def test_every_screen(labs, copies, name, theme):
    page = run_and_look(labs(copies, theme), name)
    driver.shoot_all(page, f"{Path(name).stem}-{theme}")
    page.close()


def run_and_look(lab, name):
    """Run all cells and move every slider: the page that is left, on which nothing is wrong."""
    page = lab.open(name)
    driver.run_all(page)
    for cell in page.locator(f".jp-CodeCell:has(.widget-image):has({driver.HANDLE})").all():
        handles = cell.locator(driver.HANDLE).all()
        assert any([driver.answers(page, handle, key) for handle in handles for key in ("Home", "End")])
    assert driver.said_to_stderr(page) == []
    assert driver.not_shown(page) == []
    assert page.evaluate(driver.TOO_WIDE) == []
    assert page.complaints == []
    lab.end_kernels()
    return page


def test_a_saved_lesson_says_how_to_wake_its_widgets(labs, copies):
    lab, name = labs(copies), LESSONS[0]
    page = lab.open(name)
    driver.run_all(page)
    n_widgets, n_sliders = (page.locator(kind).count() for kind in (driver.WIDGET, driver.HANDLE))
    driver.choose(page, "File", "Save Notebook")
    page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    lab.end_kernels()
    page.close()

    page = lab.open(name)
    asleep = page.get_by_text(ASLEEP)
    asleep.nth(n_widgets - 1).wait_for()
    assert asleep.count() == n_widgets > 0 < n_sliders
    assert not page.get_by_text("model not found").count()
    assert driver.not_shown(page) == [], "the still above is what a student sees meanwhile"
    last = page.locator(f".jp-CodeCell:has-text('{ASLEEP}')").last
    last.locator(".jp-InputPrompt").click()
    driver.choose(page, "Run", "Run All Above Selected Cell")
    driver.choose(page, "Run", "Run Selected Cell")
    page.locator(driver.HANDLE).nth(n_sliders - 1).wait_for(timeout=120_000)
    assert asleep.count() == 0 and driver.said_to_stderr(page) == []
    lab.end_kernels()
    page.close()
