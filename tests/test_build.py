import json
import os
import sys

import nbformat
import pytest
from good_lesson import NAME, cell, good_lesson
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course_lib.workshop import build

SOURCE = f"solutions/{NAME}"


@pytest.fixture
def root(tmp_path):
    """A course with one good lesson, not yet built."""
    (tmp_path / "solutions").mkdir()
    save(tmp_path, good_lesson())
    return tmp_path


def save(root, notebook, name=NAME, folder="solutions"):
    # Not nbformat.write: it mends what these tests break.
    (root / folder / name).write_text(json.dumps(notebook), encoding="utf-8")


def students(root):
    return nbformat.read(root / "notebooks" / NAME, as_version=4)


# ---------------------------------------------------------------- what is written


def test_answers_become_your_turn():
    source = good_lesson()
    built = build.build_notebook(source, SOURCE)
    assert cell(built, "answer-square").source == (
        'def my_square(n):\n    raise NotImplementedError("your turn: the square of n")'
    )
    assert source == good_lesson(), "the source was changed"
    assert [one.id for one in built.cells] == [one.id for one in source.cells]
    assert built.metadata.kernelspec.name == "python3"
    assert built.metadata.ising_course.source == SOURCE
    assert cell(built, "answer-square").metadata.deletable is False
    assert cell(built, "answer-square").metadata.nbgrader.checksum


def test_marker_without_text_says_your_turn():
    source = good_lesson()
    edit(source, "answer-square", " the square of n", "")
    assert (
        'raise NotImplementedError("your turn")' in cell(build.build_notebook(source, SOURCE), "answer-square").source
    )


def with_a_written_answer(text="### BEGIN SOLUTION\nBecause squares add up.\n### END SOLUTION"):
    source = good_lesson()
    marks = {"grade": True, "grade_id": "why", "points": 3, "locked": False, "schema_version": 3, "solution": True}
    source.cells.append(new_markdown_cell(text, id="why", metadata={"nbgrader": {**marks, "task": False}}))
    return source


def test_a_written_answer_becomes_a_line_to_replace():
    built = build.build_notebook(with_a_written_answer(), SOURCE)
    assert cell(built, "why").source == build.TO_WRITE
    assert cell(built, "why").metadata.nbgrader.points == 3


def test_a_written_answer_does_not_leak(root):
    source = with_a_written_answer()
    edit(source, "walkers", "How far?", "How far? Because squares add up.")
    save(root, source)
    build.build(root)
    assert any("gives away a line of the answer in cell 'why'" in problem for problem in build.check(root))


def test_a_written_answer_needs_its_markers():
    with pytest.raises(build.BuildError, match="cell 'why': a solution cell without a region"):
        build.build_notebook(with_a_written_answer("Because squares add up."), SOURCE)


def test_pictures_are_found_from_both_folders():
    source = good_lesson()
    alone = "a file in ../notebooks/ by name"
    picture = f"![A walker](../notebooks/figures/walk.png) and [lesson 98](../notebooks/98_run.ipynb), {alone}"
    edit(source, "walkers", "How far", picture)
    built = cell(build.build_notebook(source, SOURCE), "walkers").source
    assert f"![A walker](figures/walk.png) and [lesson 98](98_run.ipynb), {alone}" in built


def test_outputs_and_times_are_dropped(root):
    clean = build.build_notebook(good_lesson(), SOURCE)
    source = good_lesson()
    run(source, "outcome")
    source.metadata.kernelspec = {"name": "venv", "display_name": "mine"}
    assert build.build_notebook(source, SOURCE) == clean


def test_rebuilding_changes_nothing(root):
    [path] = build.build(root)
    first = path.read_bytes()
    assert first.endswith(b"\n}\n")
    assert build.check(root) == []
    assert build.build(root) == []
    path.unlink()
    assert build.build(root) == [path]
    assert path.read_bytes() == first
    assert list(path.parent.iterdir()) == [path], "something was left beside the notebook"


# ---------------------------------------------------------------- a student's work is never lost


def test_edited_copy_is_left_alone_and_others_are_built(root):
    [path] = build.build(root)
    mine = students(root)
    cell(mine, "answer-square").source = "def my_square(n):\n    return n"
    save(root, mine, folder="notebooks")
    before = path.read_bytes()
    save(root, good_lesson(), "04_other.ipynb")
    with pytest.raises(build.BuildError, match=rf"^notebooks/{NAME}: was edited since .* rename it[^\n]*$"):
        build.build(root)
    assert path.read_bytes() == before
    assert (root / "notebooks" / "04_other.ipynb").exists()


def test_own_file_of_the_same_name_is_left_alone(root):
    (root / "notebooks").mkdir()
    save(root, good_lesson(), folder="notebooks")
    with pytest.raises(build.BuildError, match="a file of your own"):
        build.build(root)


def test_file_that_is_no_notebook_is_left_alone(root):
    [path] = build.build(root)
    path.write_bytes(b"\xff my notes")
    with pytest.raises(build.BuildError, match=f"^notebooks/{NAME}: cannot be read as a notebook"):
        build.build(root)
    assert build.check(root)[0].startswith(f"notebooks/{NAME}: cannot be read")
    assert path.read_bytes() == b"\xff my notes"


def test_added_cell_is_an_edit(root):
    build.build(root)
    mine = students(root)
    mine.cells.append(new_code_cell("1 + 1"))
    save(root, mine, folder="notebooks")
    with pytest.raises(build.BuildError, match="was edited"):
        build.build(root)


def test_copy_that_was_only_run_is_rebuilt(root):
    [path] = build.build(root)
    before = path.read_bytes()
    mine = students(root)
    run(mine, "outcome")
    save(root, mine, folder="notebooks")
    assert build.build(root) == [path]
    assert path.read_bytes() == before


def test_folder_that_cannot_be_written(root, monkeypatch):
    def refuse(source, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(build.BuildError, match=r"^notebooks/.*: cannot be written \(Permission denied\); make[^\n]*$"):
        build.build(root)
    assert list((root / "notebooks").iterdir()) == []


def test_read_only_folder(root):
    if os.geteuid() == 0:
        pytest.skip("root may write into every folder")
    (root / "notebooks").mkdir(mode=0o555)
    with pytest.raises(build.BuildError, match="cannot be written"):
        build.build(root)


def test_notebooks_is_a_file(root):
    (root / "notebooks").write_text("")
    with pytest.raises(build.BuildError, match="cannot be written"):
        build.build(root)


# ---------------------------------------------------------------- authors' mistakes, one by one


def edit(notebook, cell_id, old, new):
    one = cell(notebook, cell_id)
    assert old in one.source
    one.source = one.source.replace(old, new)


def run(notebook, cell_id):
    cell(notebook, cell_id).outputs = [new_output("stream", text="10\n")]
    cell(notebook, cell_id).execution_count = 3
    cell(notebook, cell_id).metadata.execution = {"iopub.execute_input": "2026-01-01T00:00:00Z"}


def mark(notebook, cell_id, **changes):
    cell(notebook, cell_id).metadata.nbgrader.update(changes)


MISTAKES = {
    "marker in another code cell": (
        lambda nb: edit(nb, "outcome", "log", "### BEGIN SOLUTION\nlog"),
        "cell 'outcome': BEGIN SOLUTION stands outside a solution cell",
    ),
    "marker in markdown": (
        lambda nb: edit(nb, "walkers", "How far?", "### END SOLUTION"),
        "cell 'walkers': END SOLUTION stands outside a solution cell",
    ),
    "region left open": (
        lambda nb: edit(nb, "answer-square", "### END SOLUTION", ""),
        "cell 'answer-square': the region must open once and close once",
    ),
    "opened twice": (
        lambda nb: edit(nb, "answer-square", "### END SOLUTION", "### BEGIN SOLUTION\n    ### END SOLUTION"),
        "cell 'answer-square': the region must open once and close once",
    ),
    "END without BEGIN": (
        lambda nb: edit(nb, "answer-square", "### BEGIN SOLUTION", "#"),
        "cell 'answer-square': ### END SOLUTION comes without ### BEGIN",
    ),
    "two regions": (
        lambda nb: edit(
            nb, "answer-square", "### END SOLUTION", "### END SOLUTION\n" + cell(nb, "answer-square").source
        ),
        "cell 'answer-square': two regions in one cell",
    ),
    "top level": (
        lambda nb: setattr(cell(nb, "answer-square"), "source", "### BEGIN SOLUTION\nmy_square = 3\n### END SOLUTION"),
        "cell 'answer-square': the region stands at top level",
    ),
    "marker not indented": (
        lambda nb: edit(nb, "answer-square", "    ### BEGIN", "### BEGIN"),
        "cell 'answer-square': without its answer the cell is no Python",
    ),
    "no region": (
        lambda nb: setattr(cell(nb, "answer-square"), "source", "def my_square(n):\n    return n"),
        "cell 'answer-square': a solution cell without a region",
    ),
    "one cell id twice": (
        lambda nb: setattr(cell(nb, "foot"), "id", "head"),
        "cell 'head': two cells have this cell id",
    ),
    "one grade_id twice": (
        lambda nb: mark(nb, "answer-square", grade_id="distance"),
        "cell 'distance': two cells have this grade_id",
    ),
    "no check": (
        lambda nb: edit(nb, "check-square", "check.square", "check.cube"),
        "cell 'answer-square': an exercise without a check; call `check.square(...)`",
    ),
    "grade_id is no name": (
        lambda nb: mark(nb, "answer-square", grade_id="my-square"),
        "cell 'answer-square': its grade_id must be the name of its check, got 'my-square'",
    ),
    "no grade_id": (
        lambda nb: cell(nb, "answer-square").metadata.nbgrader.pop("grade_id"),
        "cell 'answer-square': its grade_id must be the name of its check, got ''",
    ),
    "old nbgrader metadata": (
        lambda nb: mark(nb, "answer-square", schema_version=2),
        "nbgrader's CheckCellMetadata refuses a cell (Outdated schema version",
    ),
    "nbgrader metadata of the wrong type": (
        lambda nb: mark(nb, "answer-square", grade="no"),
        "nbgrader's CheckCellMetadata refuses a cell ('no' is not of type 'boolean'",
    ),
    "hidden test in an open cell": (
        lambda nb: edit(nb, "check-square", "check", "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\ncheck"),
        "nbgrader's ClearHiddenTests refuses a cell",
    ),
    "mark scheme in an open cell": (
        lambda nb: edit(nb, "walkers", "How far?", "### BEGIN MARK SCHEME\n### END MARK SCHEME"),
        "nbgrader's ClearMarkScheme refuses a cell",
    ),
    "format 4.4": (lambda nb: nb.update(nbformat_minor=4), "must be in notebook format 4.5, got (4, 4)"),
    "cell without id": (
        lambda nb: cell(nb, "foot").pop("id"),
        "is no valid notebook ('id' is a required property, at {",
    ),
    "no cells": (lambda nb: nb.pop("cells"), "is no valid notebook"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_named(root, mistake):
    change, message = MISTAKES[mistake]
    notebook = good_lesson()
    change(notebook)
    save(root, notebook)
    with pytest.raises(build.BuildError) as error:
        build.build(root)
    assert str(error.value).startswith(SOURCE)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert build.check(root) == [str(error.value)]
    assert not (root / "notebooks" / NAME).exists()


@pytest.mark.parametrize("text", ["{", "[]", '"notebook"', "", "[" * 10**5])
def test_not_a_notebook(root, text):
    (root / SOURCE).write_text(text)
    with pytest.raises(build.BuildError, match=f"^{SOURCE}: (cannot be read as a notebook|must be in notebook format)"):
        build.build(root)


def test_without_nbgrader(root, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    with pytest.raises(
        build.BuildError, match=r"^building notebooks needs nbgrader, which is not installed: run [^\n]*$"
    ):
        build.build(root)


def test_without_solutions(tmp_path):
    for command in (build.build, build.check):
        with pytest.raises(build.BuildError, match=r"^there is no folder solutions/ in .*: give"):
            command(tmp_path)


def test_nothing_to_build_is_a_failure(tmp_path):
    (tmp_path / "solutions").mkdir()
    for command in (build.build, build.check):
        with pytest.raises(build.BuildError, match=r"^there is no notebook in .*solutions: nothing was"):
            command(tmp_path)


# ---------------------------------------------------------------- what check finds


def test_missing_notebook(root):
    assert build.check(root) == [f"notebooks/{NAME}: is missing; run `ising-course build`"]


def test_orphan(root):
    build.build(root)
    save(root, students(root), "12_old.ipynb", folder="notebooks")
    assert build.check(root) == ["notebooks/12_old.ipynb: has no source in solutions/; move it there, or delete it"]


def test_stale_notebook_names_the_cell(root):
    build.build(root)
    changed = good_lesson()
    edit(changed, "caption", "Distance", "Length")
    save(root, changed)
    [problem] = build.check(root)
    assert problem.startswith(f"notebooks/{NAME}, cell 'caption': is not what its source gives")


def test_stale_metadata(root):
    build.build(root)
    mine = students(root)
    mine.metadata.authors = []
    save(root, mine, folder="notebooks")
    [problem] = build.check(root)
    assert "its metadata or layout" in problem


def test_stored_outputs(root):
    build.build(root)
    source = good_lesson()
    run(source, "outcome")
    save(root, source)
    assert build.check(root) == [f"{SOURCE}, cell 'outcome': has stored outputs; clear all outputs and save"]


LEAKS = {
    "markdown": lambda nb: edit(nb, "walkers", "How far?", "Try `return n * n - n * (n - 1)`."),
    "another layout": lambda nb: edit(nb, "walkers", "How far?", "return n*n - n*(n-1)"),
    "code": lambda nb: edit(nb, "outcome", "log.outcome", "# return n * n - n * (n - 1)\nlog.outcome"),
    "metadata": lambda nb: cell(nb, "walkers").metadata.update(note={"of": ["return n * n - n * (n - 1)"]}),
    "attachment": lambda nb: cell(nb, "walkers").update(
        attachments={"a.txt": {"text/plain": "return n * n - n * (n - 1)"}}
    ),
}


@pytest.mark.parametrize("place", LEAKS)
def test_leak(root, place):
    source = good_lesson()
    LEAKS[place](source)
    save(root, source)
    build.build(root)
    [problem] = build.check(root)
    assert "gives away a line of the answer in cell 'answer-square', `return n * n - n * (n - 1)`" in problem


@pytest.mark.parametrize(
    "harmless", ["return total", "# comment on this", "import numpy as np", "for i in range(n):", "x = 1"]
)
def test_what_any_code_may_share_is_no_leak(root, harmless):
    source = good_lesson()
    edit(source, "answer-square", "return n * n - n * (n - 1)", f"{harmless}\n    return n * n - n * (n - 1)")
    edit(source, "walkers", "How far?", harmless)
    if harmless.startswith("for"):
        edit(source, "answer-square", f"{harmless}\n", f"{harmless}\n        pass\n")
    save(root, source)
    build.build(root)
    assert build.check(root) == []
