"""The grader's pages as a browser shows them: nothing runs, nothing is loaded, nothing sticks out."""

import pytest

from course_lib.grading import portrait, reports, similarity, tables
from course_lib.grading.contract import ITEMS, WRITTEN, Result
from course_lib.grading.records import Record

EVIL = (
    "<script>alert(1)</script><img src='https://example.org/x.png' onerror=alert(2)><style>main{display:none}</style>"
)
FUNCTIONS = "def fit(images):\n    total = 0\n    for image in images:\n" + "".join(
    f"        total += image[{k}] * {k} - image.sum(axis={k % 2})\n" for k in range(12)
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    output, code, found = tmp_path_factory.mktemp("reports"), similarity.functions([FUNCTIONS]), []
    for number in range(3):
        record = Record(f"{number} {EVIL}", name=EVIL, file=f"student_{number}", drawn="x", message=EVIL, code=code)
        record.results = {key: Result(key, 0.0, "wrong", EVIL, EVIL, EVIL, EVIL) for key in ITEMS}
        record.written = dict.fromkeys(WRITTEN, EVIL)
        record.my_pictures, record.my_fit = ["[8x8]f00f0f0f33cc55aa"], [0.2, 0.1]
        portrait.draw(record)
        found.append(record)
    reports.write_pages(tables.rows_of(found), output, models={"match": EVIL})
    return output


@pytest.fixture
def page(browser):
    """A page that remembers what it complains of, and what it asks the network for."""
    page = browser.new_page(viewport={"width": 420, "height": 800})
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("dialog", lambda dialog: page.said.append(dialog.message))
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    page.close()


@pytest.mark.parametrize("name", ["class.html", "written.html", "feedback/student_1.html"])
def test_nothing_runs_and_nothing_is_loaded(page, pages, name):
    page.goto(f"file://{pages / name}")
    assert page.said == []
    assert [url for url in page.asked if not url.startswith(("file://", "data:"))] == []
    assert page.locator("main").is_visible() and page.locator("h1").first.is_visible()
    widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]


def test_pictures_are_shown_and_the_style_is_taken(page, pages):
    page.goto(f"file://{pages / 'feedback/student_1.html'}")
    pictures = page.locator("figure img")
    assert pictures.count() == 1 + portrait.MOST_SAMPLES
    assert page.evaluate("[...document.images].every(image => image.naturalWidth === 8)")
    assert pictures.first.bounding_box()["width"] > 100


def test_a_red_number_opens_the_two_side_by_side(page, pages):
    page.goto(f"file://{pages / 'class.html'}")
    assert not page.locator("#pair-0-2 pre").first.is_visible()
    page.locator(".matrix a[href='#pair-0-2']").first.click()
    assert page.locator("#pair-0-2 pre").first.is_visible()


def test_a_script_that_slipped_through_would_not_run(page, pages, tmp_path):
    text = (pages / "class.html").read_text()
    (tmp_path / "slipped.html").write_text(text.replace("</main>", "<script>alert(3)</script></main>"))
    page.goto(f"file://{tmp_path / 'slipped.html'}")
    assert "3" not in page.said and any("Content Security Policy" in said for said in page.said)
