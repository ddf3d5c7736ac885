"""A class of simulated students: right in different words, with one slip each, careless, slow, hostile, copied."""

import ast
import json
import os
import re

import numpy as np

from course_lib import images
from course_lib.grading import assignment, hostile
from course_lib.grading.styles import STYLES
from course_lib.sampling import sample_images

KEPT = ("imports", "student-id", "given-parts", "given-sampler", "own-pictures", "own-fit")
NAMES = "ada amal bela chen dana emil fatou goran".split()
HEAVY = "draw_images", "fit_images", "draw_twist", "twist_fit"
SIZE = 16

# Name of the student, what is replaced, by what: one slip each, named by the judge.
SLIPS = {
    "counts-twice": ("bond_sum", "np.sum(images * neighbours", "2 * np.sum(images * neighbours"),
    "no-edges": (
        "bond_sum",
        "np.sum(images * neighbours, axis=(-2, -1))",
        "sum((np.delete(images, -1, a) * np.delete(images, 0, a)).sum((-2, -1)) for a in (-2, -1))",
    ),
    "int8": ("spin_sum", "axis=(-2, -1)", "axis=(-2, -1), dtype=np.int8"),
    "climbs-down": ("gradient", "(data - [model_bonds, model_spins])", "([model_bonds, model_spins] - data)"),
    "not-per-site": ("gradient", "/ images[0].size", ""),
    "no-field": ("draw_images", "+ h)", "+ 0 * h)"),
    "too-early": ("draw_images", "range(sweeps)", "range(2)"),
    "no-root": ("fit_images", "/ len(images))", ")"),
    "connected": ("correlation", "return np.array([at(d) for", "return np.array([at(d) - np.mean(images) ** 2 for"),
    "slow": ("correlation", "    def at(d):\n", "    def at(d):\n        while True:\n            pass\n"),
    "raises": ("model_averages", "drawn = draw(", "drawn = draw_pictures("),
    "returns-nothing": ("twist_statistics", "return np.stack", "np.stack"),
}
HOSTILE = (
    "not JSON",
    "infinite loop",
    "8 GB in one piece",
    "os._exit",
    "forges answers in the pipe",
    "returns a hostile __reduce__",
)


def make(folder) -> int:
    """Write a class as nbgrader collects it.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    int
        Students.
    """
    for number, name in enumerate(NAMES):
        _hand_in(folder, name, _file(_right(number), name, number))
    for number, (name, slip) in enumerate(SLIPS.items(), start=len(NAMES)):
        _hand_in(folder, name, _file(_right(number) | _slipped(*slip), name, number))
    _hand_in(folder, "copycat", _file(_copied(_right(3)), "copycat", 30, backwards=True))
    _hand_in(folder, "two-tries", _file({}, "two-tries", 31), "first.ipynb", day=1)
    _hand_in(folder, "two-tries", _file(_right(20), "two-tries", 31), "second.ipynb", day=2)
    _hand_in(folder, '=HYPERLINK("http") <b>', _file(_right(21), "ada", 32, answer="<script>alert(1)</script> =1+1"))
    (folder / "nothing").mkdir()
    for one in (one for one in hostile.HOSTILE if one.name in HOSTILE):
        _hand_in(folder, re.sub(r"\W+", "-", one.name), one.file({}))
    return len(list(folder.iterdir()))


def _hand_in(folder, student, data, name="06_image_assignment.ipynb", day=0):
    path = folder / student / "06_image_assignment" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if day:
        os.utime(path, (86400 * day, 86400 * day))


# ---------------------------------------------------------------- what they wrote


def _right(number):
    """Functions of one student, by item: no two students have more than two of the four long ones in common."""
    first, second, third = number % 3, number // 3 % 3, number // 9 % 3
    chosen = dict(zip(HEAVY, (first, second, third, (first + second + third) % 3), strict=True))
    found = {}
    for place, (key, styles) in enumerate(STYLES.items()):
        style = chosen.get(key, (number >> place % 5) % (len(styles) + 1))
        if style:
            found[key] = styles[style - 1]
    return found


def _slipped(key, old, new):
    source = _solution(key)
    if old not in source:
        raise ValueError(f"the solution of {key} has changed: the demo finds no {old!r} in it")
    return {key: source.replace(old, new)}


def _solution(key):
    return next(cell["source"] for cell in _solutions() if assignment.key_of(cell) == key)


def _solutions():
    return [cell | {"source": assignment.MARKS.sub("", cell["source"])} for cell in assignment.cells("solutions")]


class _Renamed(ast.NodeTransformer):
    """Other names for arguments and local variables."""

    def __init__(self, names):
        self._names = names

    def visit_Name(self, node):
        return ast.Name(self._names.get(node.id, node.id), node.ctx)

    def visit_arg(self, node):
        return ast.arg(self._names.get(node.arg, node.arg))


def _copied(functions):
    """The same with other names of variables."""
    found = {}
    for key, source in functions.items():
        tree = ast.parse(source)
        local = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        names = {name: f"my_{name}" for name in local}
        found[key] = ast.unparse(_Renamed(names).visit(tree))
    return found


# ---------------------------------------------------------------- the file


def _file(functions, student, number, *, backwards=False, answer=""):
    """A notebook: the assignment's cells that define something, with this student's functions."""
    cells = [_cell(cell, functions, student, number, answer) for cell in _solutions() if _is_kept(cell)]
    if backwards:  # all functions at once, the last one first
        own = [cell for cell in cells if cell["cell_type"] == "code" and assignment.key_of(cell)]
        others = [cell for cell in cells if cell not in own]
        first = cells.index(own[0])
        cells = [*others[:first], *reversed(own), *others[first:]]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _is_kept(cell):
    return assignment.key_of(cell) or cell["id"] in KEPT or cell["id"].startswith("check-")


def _cell(cell, functions, student, number, answer):
    source = functions.get(assignment.key_of(cell), cell["source"])
    if cell["id"] == "student-id":
        source = source.replace('"your.id"', repr(student))
    if cell["id"] == "own-pictures":
        source = (
            f"my_pictures = [{_picture(number)!r}]\nmine = np.array([images.from_hex(text) for text in my_pictures])"
        )
    if cell["cell_type"] == "markdown":
        source = answer or f"I think: {source[: 200 + 40 * (number % 9)]}"
    return cell | {"source": source}


def _picture(number):
    rng = np.random.default_rng(number)
    J, h = rng.uniform(0.1, 0.35), rng.uniform(-0.05, 0.05)
    return images.to_hex(sample_images(J, h, (SIZE, SIZE), 1, burn_in=200, rng=rng)[0])
