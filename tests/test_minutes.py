"""The minutes of a lesson, a cell at a time, each worked out by hand."""

import json

import pytest
from good_lesson import NAME, exercise
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.workshop import minutes, notebook


def lesson_of(tmp_path, *cells):
    path = tmp_path / NAME
    path.write_text(json.dumps(new_notebook(cells=list(cells))))
    return notebook.read(path)


TEXTS = {
    "words": ("one " * 130, 1.0),
    "numbers and marks": ("- **one**, 2.5 -- 3; four | five\n" * 26, 1.0),
    "inline formulas": ("$x = 1$ and $y$", 0.24 + 1 / 130),
    "displayed formulas": ("$$ a\n= b $$\n$$c$$", 1.2),
    "folded": ("one <details><summary>Hint 1</summary>two $x$\n\nthree</details> two", 2 / 130),
    "two folded, and a word between": ("<details>one</details> two <details open>three</details>", 1 / 130),
    "a picture": ("one ![two three](four.png)", 1 / 130),
    "a link": ("[one two](https://example.org/a/b-c)", 2 / 130),
    "tags": ("<b>one</b> <br> two", 2 / 130),
    "a figure": ("**Figure 3.** Distance.", 1 + 3 / 130),
    "a question": ("**Question 2 (6 minutes).** Why?", 6 + 5 / 130),
    "an exercise": ("**Exercise 2 (7 minutes).** Write.", 7 + 5 / 130),
}
CODES = {
    "lines": ("x = 1\n\ny = 2\n", 2 * 0.07),
    "comments": ("# why\nx = 1", 2 * 0.07),
    "a prediction": ('log.predict("99x-far", [0, 1])', 1.07),
    "an outcome": ('log.outcome("99x-far", 1)', 0.07),
    "two explorers": ("explorers.Walk()\nexplorers.Walk(3)", 8.14),
    "no Python": ("%timeit x", 0.07),
}


def test_nothing_takes_no_time(tmp_path):
    assert minutes.sections(lesson_of(tmp_path)) == []


@pytest.mark.parametrize("kind", TEXTS)
def test_text(tmp_path, kind):
    source, expected = TEXTS[kind]
    [section] = minutes.sections(lesson_of(tmp_path, new_markdown_cell("## A\n"), new_markdown_cell(source)))
    assert section.main_path == pytest.approx(expected + 1 / 130)  # the heading's word


@pytest.mark.parametrize("kind", CODES)
def test_code(tmp_path, kind):
    source, expected = CODES[kind]
    [section] = minutes.sections(lesson_of(tmp_path, new_markdown_cell("## A\n"), new_code_cell(source)))
    assert section.main_path == pytest.approx(expected + 1 / 130)


def test_an_answer_takes_the_minutes_of_its_exercise(tmp_path):
    heading = new_markdown_cell("## A\n")
    task, answer, check = exercise(1, "distance", "return n\n    n\n    n")
    [with_it] = minutes.sections(lesson_of(tmp_path, heading, task, answer, check))
    [without] = minutes.sections(lesson_of(tmp_path, heading, task, check))
    assert with_it == without and with_it.parts["exercises"] == 8


def test_sections_begin_anywhere_and_the_head_is_counted_with_the_first(tmp_path):
    cells = [
        new_markdown_cell("# Title\n" + "one " * 128),
        new_code_cell("x"),
        new_markdown_cell("## A (2 min)\none\n## B\n### not a section\n" + "one " * 130),
    ]
    first, second = minutes.sections(lesson_of(tmp_path, *cells))
    assert (first.title, first.stated, second.title, second.stated) == ("A", 2, "B", None)
    assert first.main_path == pytest.approx((129 + 4) / 130 + 0.07)
    assert second.main_path == pytest.approx(1 + 4 / 130)


def test_side_paths_are_counted_apart(tmp_path):
    aside = {"tags": ["errata-B3", "side-path"]}
    cells = [
        new_markdown_cell("one " * 13, metadata=aside),
        new_markdown_cell("## A\n"),
        new_markdown_cell("one " * 130, metadata=aside),
        new_code_cell("explorers.Walk()", metadata=aside),
    ]
    [section] = minutes.sections(lesson_of(tmp_path, *cells))
    assert section.main_path == pytest.approx(1 / 130)
    assert section.side_path == pytest.approx(1.1 + 4.07)


def test_the_table_adds_up(tmp_path):
    cells = [
        new_markdown_cell("# Title\n**3 minutes in all**"),
        new_markdown_cell("## Walks (1 min)\n**Exercise 1 (2 minutes)**"),
        new_markdown_cell("## B (2 min)\n$$x$$", metadata={"tags": ["side-path"]}),
        new_code_cell("x\n" * 10),
    ]
    head, *lines = minutes.table(lesson_of(tmp_path, *cells)).splitlines()
    assert head.split()[:3] == [NAME, "stated", "computed"]
    assert [line.split() for line in lines] == [
        ["Walks", "1", "2.1", "0.1", "0.0", "0.0", "0.0", "2.0", "0.0"],
        ["B", "2", "0.7", "0.0", "0.0", "0.7", "0.0", "0.0", "0.6"],
        ["in", "all", "3", "2.8", "0.1", "0.0", "0.7", "0.0", "2.0", "0.6"],
    ]
