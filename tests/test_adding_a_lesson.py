"""A lesson is added to a copy of the course, as the README says: its own files, two exports, one row."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from good_lesson import NAME, good_lesson
from nbformat.v4 import new_code_cell, new_markdown_cell

ROOT = Path(__file__).parents[1]
LIBRARY = "course_lib"

OWN_FILES = {
    "classroom/checks/lesson_99x.py": "def distance(function):\n    pass\n\n\ndef square(function):\n    pass\n",
    "plots/walk.py": """from matplotlib.figure import Figure

from course_lib.plots.style import Drawing


def draw_walk(steps):
    figure = Figure(figsize=(2, 2))
    figure.add_axes((0.2, 0.2, 0.7, 0.7)).plot(range(steps))
    return Drawing(figure)
""",
    "explorers/walk.py": """from course_lib import plots
from course_lib.explorers.base import Explorer


class WalkExplorer(Explorer):
    def __init__(self):
        super().__init__()
        self._show(plots.draw_walk(3).png(), "Three steps.")
""",
    "workshop/stills/lesson_99x.py": """from course_lib import plots


def opening():
    return plots.draw_walk(5)
""",
}
EXPORTS = {
    "plots/__init__.py": "from course_lib.plots.walk import draw_walk\n",
    "explorers/__init__.py": "from course_lib.explorers.walk import WalkExplorer\n",
}
ROW = """
[lesson.99x]
title = "How far does a walker get?"
about = "steps left and right"
needs = ["09x"]
place = [8.6, 3.4]
part = "the same three lines elsewhere"
errata = ["B3"]
stills = ["opening"]
explorer = "WalkExplorer"
cpu = 7
"""
# In one process of the copy's own: what its tools do and know. All stills together would take a minute.
SEEN = """
import json
from pathlib import Path

from click.testing import CliRunner

import conftest
from course_lib.workshop import cli, lint, stills
from course_lib.workshop.stills import lesson_00

figures = Path("notebooks/figures")
for name in ("99x-opening.png", "99x-explorer.png"):
    (figures / name).write_bytes(stills.FIGURES[name]())
(map_axes,) = lesson_00.map().figure.axes
print(json.dumps({
    "said": [CliRunner().invoke(cli.main, ["build", *option]).output for option in (["--check"], [], ["--check"])],
    "problems": lint.lint("solutions/99x_walk.ipynb"),
    "errata": lint.coverage(".")["errata-B3"],
    "map": [text.get_text() for text in map_axes.texts],
    "pictures": [(figures / name).read_bytes()[1:4].decode() for name in stills.FIGURES if name.startswith("99x")],
    "budget": conftest.budget(Path("notebooks/99x_walk.ipynb")),
}))
"""


def lesson_with_pictures():
    notebook = good_lesson()
    for still in ("opening", "explorer"):
        picture = f"![A line of steps that climbs](../notebooks/figures/99x-{still}.png)"
        notebook.cells.insert(3, new_markdown_cell(picture, id=still))
    notebook.cells.insert(-1, new_code_cell("explorers.WalkExplorer()", id="walk"))  # four minutes more
    return json.dumps(notebook).replace("20 min", "24 min").replace("21 minutes", "25 minutes")


@pytest.fixture
def course(tmp_path):
    """A copy of the course with one more lesson, which is not built yet."""
    for folder in (LIBRARY, "solutions", "notebooks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for file in ("README.md", "conftest.py"):
        shutil.copy(ROOT / file, tmp_path)
    (tmp_path / "solutions" / NAME).write_text(lesson_with_pictures(), encoding="utf-8")
    for place, text in OWN_FILES.items():
        assert not (tmp_path / LIBRARY / place).exists()
        (tmp_path / LIBRARY / place).write_text(text)
    for place, line in [*EXPORTS.items(), ("workshop/lessons.toml", ROW)]:
        with (tmp_path / LIBRARY / place).open("a") as file:
            file.write(line)
    return tmp_path


def test_every_tool_sees_a_lesson_added_by_its_own_files_two_exports_and_one_row(course):
    # "-c": Python takes the copy's course_lib then, and not the one that is installed.
    done = subprocess.run([sys.executable, "-c", SEEN], cwd=course, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    before, written, after = seen["said"]
    assert f"{NAME}: is missing" in before and "README.md: its table of lessons is not up to date" in before
    assert written.splitlines() == [f"written notebooks/{NAME}", "written README.md", "written docs/lessons.md"]
    assert "no answer leaks" in after
    row = f"| 99x | [How far does a walker get?](notebooks/{NAME}) | 09x | 25 min | companion: steps left and right |"
    assert row in (course / "README.md").read_text(encoding="utf-8").splitlines()
    assert seen["problems"] == []
    assert ["99x", "caption"] in seen["errata"]
    assert {"99x", "How far does\na walker get?"} <= set(seen["map"])
    assert seen["pictures"] == ["PNG", "PNG"]
    assert seen["budget"] == 7
