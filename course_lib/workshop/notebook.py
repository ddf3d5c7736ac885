"""A notebook of solutions/, read and taken apart for the tools."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from course_lib.workshop import lessons

HEADING = re.compile(r"^## +(.+?)(?: \((\d+) min\))?\s*$", re.MULTILINE)
TOTAL = re.compile(r"(\d+) minutes in all")


@dataclass(frozen=True)
class Lesson:
    """A lesson's cells, and what stands in them."""

    path: Path
    cells: list[Any]
    trees: dict[str, ast.Module]  # cell id -> syntax tree, where the code is Python

    @property
    def key(self):
        """The lesson's number: ``01``, ``03x``."""
        return key_of(self.path)

    @property
    def row(self):
        """What the register says of the lesson."""
        return lessons.REGISTER[self.key]

    @property
    def head(self):
        """Text of the first cell, if it is markdown."""
        return "".join(cell.source for cell in self.cells[:1] if cell.cell_type == "markdown")

    @property
    def code(self):
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def markdown(self):
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @property
    def solutions(self):
        return [cell for cell in self.code if is_solution(cell)]

    @property
    def sections(self):
        """Title and minutes (or None) of each ``## `` heading."""
        return [(title, int(minutes) if minutes else None) for title, minutes in HEADING.findall(self.prose)]

    @property
    def total(self):
        """Minutes in all, as the head states them, or None."""
        stated = TOTAL.search(self.head)
        return int(stated[1]) if stated else None

    @property
    def prose(self):
        return "\n\n".join(cell.source for cell in self.markdown)

    def calls(self, cell):
        """Every call in a code cell, as its name and syntax node: ``("log.predict", node)``."""
        nodes = ast.walk(self.trees[cell.id]) if cell.id in self.trees else ()
        return [(ast.unparse(node.func), node) for node in nodes if isinstance(node, ast.Call)]


class Unreadable(ValueError):
    """A file that is no notebook; says which, and what to do."""


def read(path):
    """Read a lesson.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    Lesson

    Raises
    ------
    Unreadable
    """
    path, trees = Path(path), {}
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (OSError, ValueError, TypeError, AttributeError, RecursionError, nbformat.ValidationError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise Unreadable(f"{path.name}: cannot be read as a notebook ({reason}); restore or delete it") from None
    for cell in cells:
        if cell.cell_type == "code":
            try:
                trees[cell.id] = ast.parse(cell.source)
            except SyntaxError:
                pass  # the linter reports it
    return Lesson(path, cells, trees)


def key_of(path):
    """The number of a lesson, from its file.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    str

    Examples
    --------
    >>> key_of(Path("solutions/03x_slow_chains.ipynb"))
    '03x'
    """
    return path.name.split("_")[0]


def is_solution(cell):
    """Whether a cell is an exercise's answer."""
    return cell.cell_type == "code" and bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_written(cell):
    """Whether a cell is a written answer, which a person marks."""
    marks = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "markdown" and bool(marks.get("solution") and marks.get("grade"))


def stored_outputs(cells):
    """Outputs go stale and hide changes: a sentence for each cell that stores some."""
    for cell in cells:
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None):
            yield f"cell {cell.id!r}: has stored outputs; clear all outputs and save"
