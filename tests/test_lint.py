import json
import re

import pytest
from good_lesson import FIELDS, NAME, cell, good_lesson
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course_lib.workshop import lessons, lint


@pytest.fixture(autouse=True)
def register(monkeypatch):
    """Register the good lesson, or change its row."""

    def put(**fields):
        monkeypatch.setitem(lessons.REGISTER, "99x", lessons.row("99x", FIELDS | fields))

    put()
    return put


def problems_of(tmp_path, notebook, name=NAME):
    path = tmp_path / "solutions" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return lint.lint(path)


def test_good_lesson(tmp_path):
    assert problems_of(tmp_path, good_lesson()) == []


def edit(cell_id, old, new):
    def change(notebook):
        one = cell(notebook, cell_id)
        assert re.search(old, one.source)
        one.source = re.sub(old, new, one.source)

    return change


def insert(position, one):
    return lambda notebook: notebook.cells.insert(position, one)


def replace(cell_id, source):
    return lambda notebook: setattr(cell(notebook, cell_id), "source", source)


def tag(*tags):
    return lambda notebook: cell(notebook, "caption").metadata.update(tags=list(tags))


def rename(cell_id):
    return lambda notebook: setattr(cell(notebook, "outcome"), "id", cell_id)


def side_path(notebook):
    """Exercise 2 on a side path, which the head does not state."""
    for part in ("task", "answer", "check"):
        cell(notebook, f"{part}-square").metadata["tags"] = ["side-path"]
    edit("task-square", "^", "*Side path.* ")(notebook)


def code(source):
    return insert(-1, new_code_cell(source, id="more"))


def text(source, *tags):
    return insert(3, new_markdown_cell(source, id="more-text", metadata={"tags": list(tags)}))


MISTAKES = {
    # head and sections
    "no title": (edit("head", "^# ", ""), "the first cell must be markdown and begin with `# 99x How far does"),
    "another title": (edit("head", "How far", "How fast"), "begin with `# 99x How far does a walker get?`"),
    "another number": (edit("head", "99x", "99"), "begin with `# 99x How far does a walker get?`"),
    "first cell is code": (lambda nb: nb.cells.pop(0), "the first cell must be markdown and begin with `# 99x"),
    "no idea": (edit("head", "The idea", "It"), "the head lacks 'the idea'"),
    "no aims": (edit("head", "able to", "keen to"), "the head lacks 'you will be able to'"),
    "no needs": (edit("head", "need first", "want"), "the head lacks 'you need first'"),
    "two aims": (edit("head", "- derive it\n", ""), "must be followed by 3-5 list items, got 2"),
    "six aims": (edit("head", "- derive it\n", "- derive it\n" * 4), "must be followed by 3-5 list items, got 6"),
    "heading without minutes": (
        edit("walkers", r" \(20 min\)", ""),
        "the heading '## 1. Ten thousand walkers' must end in its minutes",
    ),
    "section not in the head": (edit("head", "thousand", "million"), "the head must list the section '1. Ten thousand"),
    "other minutes in the head": (edit("head", "20 min", "25 min"), "the head must list the section '1. Ten thousand"),
    "wrong total": (edit("head", "21 minutes", "30 minutes"), "the head states 30 minutes in all, but the sections"),
    "no total": (edit("head", "21 minutes", "Twenty minutes"), "the head must state the total: '21 minutes in all'"),
    "too long": (edit("walkers", "20 min", "75 min"), "the sections must add up to at most 75 minutes, got 76"),
    "a longer section": (
        edit("task-square", "8 minutes", "9 minutes"),
        "the section '1. Ten thousand walkers' states 20 min, and takes 21.4; see `ising-course lint --minutes`",
    ),
    "a shorter section": (edit("task-square", "8 minutes", "6 minutes"), "states 20 min, and takes 18.4"),
    "too long by the rule": (
        edit("task-square", "8 minutes", "63 minutes"),
        "the main path must take at most 75 minutes, got 75.9; cut, or move to side paths",
    ),
    "side path that is not stated": (side_path, "the side paths take 8.1 minutes, and the head states none: 'and 8"),
    "side path that is not there": (
        edit("head", "in all", "in all, and 3 more for the side paths"),
        "the side paths take 0.0 minutes, and the head states 3: 'and 0 more for the side paths'",
    ),
    "side path that does not say so": (
        lambda nb: (side_path(nb), edit("task-square", "Side", "Scenic")(nb)),
        "cell 'task-square': a side path begins here; begin with markdown that says *Side path*",
    ),
    "half an exercise on a side path": (
        lambda nb: (side_path(nb), cell(nb, "check-square").metadata.pop("tags")),
        "cell 'answer-square': an exercise is on a side path as a whole; tag its task, its answer and its check",
    ),
    # foot
    "no summary": (edit("foot", "you learned", "came"), "lacks 'what you learned'"),
    "no equations": (edit("foot", "to remember", ""), "lacks 'equations to remember'"),
    "no next": (edit("foot", "goes next", "ends"), "lacks 'goes next'"),
    "no reading": (edit("foot", "Further reading", "Books"), "lacks 'further reading'"),
    "a reference without year": (edit("foot", r" \(1905\)", ""), "at least 2 references with a year, got 1"),
    "one question": (edit("foot", "How[?].*", ""), "the foot must have two questions, each with `<details>"),
    # exercises and predictions
    "no task": (
        edit("task-square", "Exercise 2", "Task"),
        "cell 'answer-square': one of the two cells before must hold",
    ),
    "wrong number": (edit("task-square", "Exercise 2", "Exercise 3"), "must hold '**Exercise 2 (8 minutes).**'"),
    "task without minutes": (edit("task-square", r" \(8 minutes\)", ""), "must hold '**Exercise 2 (8 minutes).**'"),
    "one hint": (edit("task-square", ".*Hint 2.*", ""), "cell 'answer-square': its exercise must have two hints"),
    "three hints": (
        edit("task-square", "(.*Hint 2.*)", r"\1\n\1"),
        "cell 'answer-square': its exercise must have two hints",
    ),
    "one exercise": (lambda nb: nb.cells.__delitem__(slice(10, 13)), "the lesson must have 2-3 exercises, got 1"),
    "answer used later": (code("my_distance(3)"), "cell 'more': uses `my_distance` of exercise 'answer-distance'"),
    "answer used before": (
        edit("draw", "100", "my_square(2)"),
        "cell 'draw': uses `my_square` of exercise 'answer-square'",
    ),
    "answer handed to nobody": (
        lambda nb: [edit(f"check-{one}", r"\.use.*", "")(nb) for one in ("distance", "square")],
        "no later cell runs on the student's own code",
    ),
    "answer handed on and not used": (edit("walk-on", ".+", "3"), "no later cell runs on the student's own code"),
    "handed on without a way to go on": (
        lambda nb: [edit(f"check-{one}", ", otherwise=.*", ")")(nb) for one in ("distance", "square")],
        "no later cell runs on the student's own code",
    ),
    "the library's function handed on": (
        lambda nb: [edit(f"check-{one}", r"use\(my_", "use(walks.my_")(nb) for one in ("distance", "square")],
        "no later cell runs on the student's own code",
    ),
    "helper of an answer used later": (
        lambda nb: (edit("answer-square", "^", "SCALE = 2\n")(nb), insert(13, new_code_cell("SCALE", id="more"))(nb)),
        "cell 'more': uses `SCALE` of exercise 'answer-square'",
    ),
    "one prediction": (
        lambda nb: [edit(one, ".*99x-home.*", "")(nb) for one in ("guess", "outcome")],
        "at least 2 predictions with log.predict, got 1",
    ),
    "no outcome": (edit("outcome", ".*99x-home.*", ""), "the prediction '99x-home' needs both"),
    "outcome of nothing": (edit("outcome", "99x-home", "99x-house"), "the prediction '99x-house' needs both"),
    "prediction of another lesson": (
        lambda nb: [edit(one, "99x-home", "99-home")(nb) for one in ("guess", "outcome")],
        "the prediction '99-home' must begin with '99x-'",
    ),
    # pictures, figures, links
    "html picture": (text('<img src="a.png">'), "cell 'more-text': write a picture as ![text](path)"),
    "picture without text": (text("![walk](99x_walk.ipynb)"), "the picture 99x_walk.ipynb needs at least 20"),
    "picture outside notebooks/": (
        text("![A walker under a lamp post](99x_walk.ipynb)"),
        "the picture 99x_walk.ipynb must be a file ../notebooks/figures/name.png",
    ),
    "picture on the net": (
        text("![A walker under a lamp post](https://example.org/a.png)"),
        "the picture https://example.org/a.png must be a file",
    ),
    "picture that is not there": (text("![A long enough alternative](a.png)"), "links to a.png, which does not exist"),
    "link to a lesson to come": (
        text("[on](04_kl.ipynb#two)"),
        "cell 'more-text': links to 04_kl.ipynb#two, which does",
    ),
    "figure without caption": (edit("caption", r"\*\*Figure 1.\*\*", ""), "cell 'draw' draws: the next cell must be"),
    "pyplot without caption": (code("plt.plot([1, 2])"), "cell 'more' draws: the next cell must be markdown"),
    "caption without words": (edit("caption", "In words", "More"), "cell 'caption': a caption needs `<details>"),
    "caption with few words": (
        edit("caption", "</summary>.*<", "</summary>It grows.<"),
        "cell 'caption': a caption needs `<details>",
    ),
    # cells
    "no import": (edit("setup", "from course_lib.*", "pass"), "the first code cell must import course_lib"),
    "no way to install": (edit("setup", "install", "get"), "the first code cell must import course_lib, and say"),
    "a magic": (code("%matplotlib inline"), "cell 'more': is no plain Python"),
    "long cell": (code("1\n" * 26), "cell 'more': has over 25 lines"),
    "wide line": (code("x = 1\n" + "y" * 89), "cell 'more', line 2: has 89 characters; a page shows 88"),
    "wide stub": (
        edit("answer-square", "the square of n", "the square of n " * 3),
        "cell 'answer-square', line 2: has 91 characters; a page shows 88",
    ),
    "long median": (
        lambda nb: [edit(one, "$", "\n0" * 9)(nb) for one in ("guess", "outcome", "draw", "check-square")],
        "the median code cell must have 1-8 lines, got 10",
    ),
    "random id": (rename("3f2a9c01"), "cell '3f2a9c01': an id is made of"),
    "long random id": (rename("a3f2a9c0-1b2c-4d5e-8f90-a1b2c3d4e5f6"), "an id is made of lowercase words"),
    "id in capitals": (rename("Outcome"), "cell 'Outcome': an id is made of"),
    "id that begins with a digit": (rename("2-outcomes"), "cell '2-outcomes': an id is made of"),
    "outputs": (
        lambda nb: cell(nb, "outcome").update(outputs=[new_output("stream", text="10")]),
        "cell 'outcome': has stored outputs",
    ),
    "execution count": (lambda nb: cell(nb, "outcome").update(execution_count=1), "cell 'outcome': has stored outputs"),
    # words and tags
    **{
        f"says {word}": (text(f"This {word.title()}, is so."), f"cell 'more-text': says '{word.title()}'")
        for word in ("clearly", "simply", "obviously", "trivial", "trivially", "as is well known", "easy to see")
    },
    "says it can be shown": (text("It can be shown that"), "says 'It can be shown'"),
    **{
        f"holds {place}": (code(f"open({place!r})"), "which belongs to one machine")
        for place in ("/home/me/a", "/tmp/b", "C:\\data", "https://packages.example/simple", "--index-url=x")
    },
    "unknown erratum": (tag("errata-B14"), "cell 'caption': errata-B14 names no erratum"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_named(tmp_path, mistake):
    change, message = MISTAKES[mistake]
    notebook = good_lesson()
    change(notebook)
    found = problems_of(tmp_path, notebook)
    assert any(message in problem for problem in found), found
    assert all(problem.startswith(f"{NAME}: ") and "\n" not in problem for problem in found)


@pytest.mark.parametrize(
    "change",
    [
        text("[on](99x_walk.ipynb#two), [out](https://example.org/home/a), [up](#head)"),
        text("![A walker under a lamp post](../notebooks/figures/walk.png)"),
        text("![A walker under a lamp post](attachment:walk.png)"),
        rename("lattice-4x4"),
        rename("dead-end"),
        tag("errata-Q15", "slow"),
        code("def f(my_square):\n    pass"),
        code("y" * 88),
        edit("answer-square", "BEGIN SOLUTION.*", "BEGIN SOLUTION"),
        edit(
            "check-square", "^.*$", "verdict = check.square(my_square)\nsquare = verdict.use(my_square, otherwise=sq)"
        ),
        text(
            "<details><summary>If you read other texts</summary>Some say 4. " + "It is 2. " * 100 + "$x$</details>",
            "errata-B6",
        ),
        lambda nb: (
            side_path(nb),
            edit("head", "20 min", "12 min")(nb),
            edit("walkers", "20 min", "12 min")(nb),
            edit("head", "21 minutes in all", "13 minutes in all, and 9 more for the side paths")(nb),
        ),
    ],
)
def test_no_false_alarm(tmp_path, change):
    (tmp_path / "notebooks" / "figures").mkdir(parents=True)
    (tmp_path / "notebooks" / "figures" / "walk.png").touch()
    notebook = good_lesson()
    change(notebook)
    assert problems_of(tmp_path, notebook) == []


@pytest.mark.parametrize(("name", "count"), [("00_start.ipynb", "1-1"), ("03_mcmc.ipynb", "3-4")])
def test_number_of_exercises(tmp_path, name, count):
    assert f"{name}: the lesson must have {count} exercises, got 2" in problems_of(tmp_path, good_lesson(), name)


def test_a_lesson_without_a_row(tmp_path):
    name = "98_walk.ipynb"
    assert problems_of(tmp_path, good_lesson(), name) == [
        f"{name}: lesson 98 has no row in workshop/lessons.toml; add one"
    ]


def test_required_errata(tmp_path, register):
    register(errata=["B3", "B10"])
    assert problems_of(tmp_path, good_lesson()) == [
        f"{NAME}: no cell carries the tag errata-B10, which this lesson must meet"
    ]


def test_roundings_that_add_up(tmp_path):
    notebook = good_lesson()
    edit("head", r"\| What", "| A | 1 min |\n| B | 1 min |\n| What")(notebook)
    edit("head", "21 minutes", "23 minutes")(notebook)
    notebook.cells.insert(-1, new_markdown_cell("## A (1 min)\n\n## B (1 min)", id="empty"))
    assert problems_of(tmp_path, notebook) == [
        f"{NAME}: the head states 23 minutes in all, and the main path takes 20.9"
    ]


def test_longer_lessons_by_their_row(tmp_path, register):
    notebook = good_lesson()
    for part in ("walkers", "head"):
        edit(part, r"20 min\b", "80 min")(notebook)
    edit("head", "21 minutes", "81 minutes")(notebook)
    edit("task-square", "8 minutes", "68 minutes")(notebook)
    assert len(problems_of(tmp_path, notebook)) == 2
    register(limit=81)
    assert problems_of(tmp_path, notebook) == []


def test_stills_and_explorer_of_the_row(tmp_path, register):
    register(stills=["opening"], explorer="Walk")
    assert problems_of(tmp_path, good_lesson()) == [
        f"{NAME}: shows no picture figures/99x-opening.png, which workshop/lessons.toml lists among its stills",
        f"{NAME}: shows no picture figures/99x-explorer.png, which workshop/lessons.toml lists among its stills",
        f"{NAME}: calls no explorers.Walk(), which workshop/lessons.toml names as its explorer",
    ]
    notebook, figures = good_lesson(), tmp_path / "notebooks" / "figures"
    figures.mkdir(parents=True)
    for still in ("opening", "explorer"):
        (figures / f"99x-{still}.png").touch()
        text(f"![A walker under a lamp post](../notebooks/figures/99x-{still}.png)")(notebook)
        notebook.cells[3].id = still
    code("explorers.Walk()")(notebook)
    edit("task-square", "8 minutes", "4 minutes")(notebook)  # in place of the explorer's
    assert problems_of(tmp_path, notebook) == []


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", "", "null", '{"nbformat": 4, "nbformat_minor": 5, "cells": 3}', "[" * 10**5]
)
def test_not_a_notebook(tmp_path, content):
    (tmp_path / NAME).write_text(content)
    [problem] = lint.lint(tmp_path / NAME)
    assert problem.startswith(f"{NAME}: cannot be read as a notebook (")


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"\x00\x05 Mac OS X", b"\xe4", b""])
def test_bytes_that_are_no_notebook(tmp_path, content):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "._99x_walk.ipynb").write_bytes(content)
    [problem] = lint.lint(tmp_path / "solutions" / "._99x_walk.ipynb")
    assert problem.startswith("._99x_walk.ipynb: cannot be read as a notebook (") and "\n" not in problem
    assert lint.coverage(tmp_path) == {}


def test_empty_notebook(tmp_path):
    notebook = good_lesson()
    notebook.cells = []
    assert any("the first cell must be markdown" in problem for problem in problems_of(tmp_path, notebook))


def test_coverage(tmp_path):
    notebook = good_lesson()
    cell(notebook, "foot").metadata.tags = ["errata-B12", "errata-B3"]
    problems_of(tmp_path, notebook)
    problems_of(tmp_path, good_lesson(), "04_kl.ipynb")
    found = lint.coverage(tmp_path)
    assert found == {
        "errata-B3": [("04", "caption"), ("99x", "caption"), ("99x", "foot")],
        "errata-B12": [("99x", "foot")],
    }
    assert list(found) == ["errata-B3", "errata-B12"]
    assert lint.coverage_table(found).splitlines()[-1] == "| B12 | 99x | foot |"
