"""README's table of lessons, for a course with one lesson."""

import json

import pytest
from good_lesson import FIELDS, NAME, cell, good_lesson

from course_lib.workshop import lessons, readme
from course_lib.workshop.build import BuildError

AROUND = "# Course\n", "\n## More\n"


@pytest.fixture
def root(tmp_path, monkeypatch):
    rows = {"98": FIELDS | {"title": "How fast?"}, "99x": FIELDS, "99": FIELDS | {"title": "How long?"}}
    monkeypatch.setattr(lessons, "REGISTER", {key: lessons.row(key, fields) for key, fields in rows.items()})
    (tmp_path / "solutions").mkdir()
    save(tmp_path, good_lesson())
    (tmp_path / "README.md").write_text(f"{AROUND[0]}{readme.BEGIN}\nold\n{readme.END}\n{AROUND[1]}")
    return tmp_path


def save(root, notebook, name=NAME):
    (root / "solutions" / name).write_text(json.dumps(notebook))


def test_the_table_is_written_and_nothing_else(root):
    assert readme.check(root) == ["README.md: its table of lessons is not up to date; run `ising-course build`"]
    assert readme.write(root) == [root / "README.md"]
    assert (
        (root / "README.md").read_text()
        == f"""{AROUND[0]}{readme.BEGIN}

| | lesson | needs | time, without side paths | |
|---|---|---|---|---|
| 99x | [How far does a walker get?](notebooks/{NAME}) | 02 | 21 min | companion: steps left and right |

Being written, in this order: 98 How fast?, 99 How long?.

{readme.END}
{AROUND[1]}"""
    )
    assert readme.check(root) == [] == readme.write(root)


def test_nothing_is_being_written_when_all_is(root, monkeypatch):
    monkeypatch.setattr(lessons, "REGISTER", {"99x": lessons.row("99x", FIELDS)})
    assert readme.table(root).endswith("steps left and right |")


def test_minutes_are_those_of_the_head(root):
    readme.write(root)
    notebook = good_lesson()
    head = cell(notebook, "head")
    head.source = head.source.replace("21 minutes", "22 minutes")
    save(root, notebook)
    assert readme.check(root) and readme.write(root)
    assert "| 22 min |" in (root / "README.md").read_text()


def without_minutes(root):
    notebook = good_lesson()
    cell(notebook, "head").source = "# 99x"
    save(root, notebook)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda root: (root / "README.md").unlink(), "README.md: cannot be read"),
        (lambda root: (root / "README.md").write_text("# Course"), "README.md: must hold the lines"),
        (lambda root: save(root, good_lesson(), "97_x.ipynb"), "solutions/97_x.ipynb: has no row in workshop/lessons"),
        (lambda root: (root / "solutions" / NAME).write_text(""), f"solutions/{NAME}: cannot be read as a notebook"),
        (without_minutes, f"solutions/{NAME}: its head must state its '90 minutes in all'"),
    ],
)
def test_what_is_amiss_is_said_in_one_line(root, change, message):
    change(root)
    [problem] = readme.check(root)
    assert problem.startswith(message) and "\n" not in problem
    with pytest.raises(BuildError, match=message):
        readme.write(root)
