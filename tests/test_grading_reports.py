"""Pages: escaped, without script, without hidden numbers. Similar code: the copy is found, honest ones are not."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from graded import finished

from course_lib.grading import assignment, demo, portrait, questions, reports, similarity, tables
from course_lib.grading.contract import ITEMS, WRITTEN, Result
from course_lib.grading.records import Record

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7 * 7 }}"
HEX = "[8x8]f00f0f0f33cc55aa"


class Markup(HTMLParser):
    """Tags and attributes of a page, as a browser sees them."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs


def drawn(record):
    record.my_pictures, record.my_fit = [HEX, "nonsense", "[900x900]ff"], [0.2, -0.1]
    portrait.draw(record)
    return record


@pytest.fixture
def pages(tmp_path):
    record = drawn(finished(1, student=EVIL, name=EVIL, student_id=EVIL, message=EVIL, problems=[EVIL], notes=[EVIL]))
    record.written = dict.fromkeys(WRITTEN, EVIL)
    record.results["bond_sum"] = Result("bond_sum", 0.0, "wrong", EVIL, EVIL, EVIL, EVIL)
    record.code = {EVIL: {"source": EVIL, "runs": list(range(100))}}
    other = finished(2, code=record.code, student="bob", status="memory")
    rows = tables.rows_of([record, other, Record("none", file="none", status="nothing handed in")])
    rows[0].comments["match"] = EVIL
    reports.write_pages(rows, tmp_path, models={"match": EVIL}, troubles=[EVIL])
    return {path.name: path.read_text() for path in tmp_path.rglob("*.html")}


def test_nothing_that_a_student_wrote_is_markup(pages):
    assert set(pages) == {"class.html", "written.html", "student_1.html", "student_2.html", "none.html"}
    for page in pages.values():
        markup = Markup()
        markup.feed(page)
        assert not {"script", "iframe", "object", "form"} & markup.tags
        assert not [name for name, _ in markup.attributes if name.startswith("on") or name == "style"]
        for name, value in markup.attributes:
            if name in ("src", "href"):
                assert re.fullmatch(
                    r"data:image/png;base64,[\w+/=]+|#[\w-]+|feedback/[\w.-]+\.html|written\.html", value
                )
        assert "default-src 'none'; img-src data:;" in page
    assert "{{ 7 * 7 }}" in pages["student_1.html"] and "&lt;script&gt;" in pages["student_1.html"]


def test_a_students_page_says_nothing_of_others(pages):
    assert "bob" not in pages["student_1.html"] and "also in" not in pages["student_1.html"]


def page_of(record, folder):
    reports.write_pages(tables.rows_of([record]), folder)
    return Path(folder, "feedback", f"{record.file}.html").read_text()


def test_an_id_left_as_it_came_is_told_to_the_student(tmp_path):
    assert "Write your own id there" in page_of(finished(1, student_id="your.id"), tmp_path)
    assert "Write your own id there" not in page_of(finished(1, student_id="ada"), tmp_path)


def test_a_file_that_cannot_be_opened_gets_no_advice_on_functions(tmp_path):
    page = page_of(finished(1, status="unreadable", message="the file is not a notebook"), tmp_path)
    assert "nothing could be tested" in page and "Part 1" not in page
    assert "<ol>" not in (tmp_path / "class.html").read_text()  # nor questions on what nobody could read


@pytest.mark.parametrize(("slope", "told"), [(0.0, True), (1.0, False)])
def test_a_slip_that_others_build_on_is_to_be_mended_first(tmp_path, slope, told):
    record = finished(1)
    record.shares |= dict.fromkeys(record.shares, 1.0) | {"gradient": slope, "fit_images": 0.0, "own_fit": 0.0}
    first = re.findall("<dt>Mend first</dt><dd>(.*?): what", page_of(record, tmp_path))
    assert first == [ITEMS["gradient"].title] * told + [ITEMS["fit_images"].title]


def test_pictures_are_drawn_by_the_judge():
    record = drawn(finished(1))
    assert len(record.pictures) == 1 and len(record.samples) == portrait.MOST_SAMPLES
    assert record.numbers["rows"] == 8 and record.numbers["J"] == 0.2
    for fit in (None, [float("nan"), 0.0], [1e9, 0.0]):
        record.my_fit = fit
        portrait.draw(record)
        assert record.pictures and not record.samples


def test_three_questions_with_answers_for_everybody():
    full = drawn(finished(1))
    assert sum("J = 0.200" in question for question, _ in questions.questions(full)) == 1
    for twist in range(3):
        for record in (full, finished(2, twist=twist), Record("empty", twist=twist), drawn(Record("fit", twist=twist))):
            record.twist = twist
            asked = questions.questions(record)
            assert len({question for question, _ in asked}) == questions.HOW_MANY
            assert all(answer for _, answer in asked)


# ---------------------------------------------------------------- alike


def functions(number, change=lambda functions: functions, backwards=False):
    """The functions of a simulated student of the demo."""
    notebook = json.loads(demo._file(change(demo._right(number)), "ada", number, backwards=backwards))
    return similarity.functions([cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"])


def test_a_copy_is_found_and_honest_ones_are_not():
    honest = [functions(number) for number in range(5)]
    copied = functions(3, demo._copied, backwards=True)
    assert list(copied) != list(honest[3])
    matrix, found = similarity.compare([*honest, copied], assignment.given())
    assert [(pair.first, pair.second) for pair in found] == [(3, 5)]
    assert found[0].alike > 0.95
    others = [matrix[i][j] for i in range(6) for j in range(i) if (j, i) != (3, 5)]
    assert max(others) < similarity.ALIKE - 0.1


def test_what_the_assignment_gives_counts_for_nobody():
    given = assignment.given()
    assert "pictures_without_field" in given
    matrix, found = similarity.compare([given, given], given)
    assert matrix[0][1] == 0 and not found


@pytest.mark.parametrize(
    "source", ["(" * 5000, "-" * 100_000 + "1", "def f(:", "%matplotlib", "def g(): " + "-" * 900 + "1"]
)
def test_code_that_cannot_be_parsed_disturbs_nothing(source):
    assert similarity.functions(["def f(x):\n    return x", source]).keys() >= {"f"}
