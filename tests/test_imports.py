"""Which module may import which, and what an import may cost."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[1] / "course_lib"

# Each module, and the modules of the course that it may import. A room (`classroom`,
# `workshop`) is looked into: its modules have arrows of their own.
ROOMS = {"classroom", "workshop"}
STATES = {"files", "inputs", "exceptions", "ising", "exact", "kernels", "diagnostics"}
LEARNING = STATES | {"sampling", "divergence", "learning"}
PHYSICS = LEARNING | {"observables", "images", "hopfield", "rbm", "generative", "vmc"}
LESSON = (
    PHYSICS
    | {"plots", "explorers"}
    | {f"classroom.{name}" for name in ("checks", "quiz", "predictions", "scores", "closing_table", "installation")}
)
ALLOWED = {
    "__init__": set(),
    "files": set(),
    "inputs": set(),
    "exceptions": set(),
    "kernels": set(),
    "diagnostics": {"inputs", "exceptions"},
    "ising": {"inputs"},
    "exact": {"inputs", "ising"},
    "images": {"inputs", "ising"},
    "plots": {"ising"},
    "sampling": STATES,
    "observables": {"inputs", "diagnostics"},
    "divergence": STATES | {"sampling"},
    "learning": STATES | {"sampling", "divergence"},
    "hopfield": LEARNING,
    "rbm": LEARNING,
    "generative": LEARNING | {"rbm"},
    "vmc": LEARNING | {"rbm"},
    "explorers": PHYSICS | {"plots"},
    "classroom": set(),
    "classroom.predictions": {"files"},
    "classroom.quiz": set(),
    "classroom.scores": set(),
    "classroom.closing_table": set(),
    "classroom.installation": {"ising", "sampling"},
    "classroom.checks": PHYSICS,
    "grading": LESSON,
    "workshop": set(),
    "workshop.lab_config": set(),  # read by Jupyter, imported by nobody
    "workshop.lessons": set(),
    "workshop.notebook": {"workshop.lessons"},
    "workshop.build": {"files", "workshop.notebook"},
    "workshop.readme": {"files", "workshop.lessons", "workshop.notebook", "workshop.build"},
    "workshop.minutes": {"workshop.notebook"},
    "workshop.instructors": {"files"} | {f"workshop.{name}" for name in ("lessons", "notebook", "minutes", "build")},
    "workshop.lint": {f"workshop.{name}" for name in ("lessons", "notebook", "minutes", "build")},
    "workshop.stills": LESSON | {"workshop.lessons"},
    "workshop.cli": {"files", "grading"}
    | {f"workshop.{name}" for name in ("build", "readme", "instructors", "lint", "minutes", "notebook", "stills")},
}
FILES = sorted(LIBRARY.rglob("*.py"))


def module_of(path):
    return module_in(path.relative_to(LIBRARY).with_suffix("").parts)


def module_in(names):
    """``("sampling", "moves")`` is in `sampling`; ``("classroom", "checks", "lesson_01")`` is in `classroom.checks`."""
    depth = 2 if names[0] in ROOMS and len(names) > 1 and names[1] != "__init__" else 1
    return ".".join(names[:depth])


def imported_modules(path):
    """The modules of the course that a file imports, anywhere in it: inside a function counts too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = LIBRARY.parent.joinpath(*path.relative_to(LIBRARY.parent).parts[: -node.level or None])
            base = ".".join(package.relative_to(LIBRARY.parent).parts) if node.level else ""
            source = ".".join(part for part in (base, node.module) if part)
            names = [f"{source}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "course_lib":
                yield module_in(name.split(".")[1:]) if "." in name else "__init__"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_imports_run_one_way(path):
    module = module_of(path)
    assert module in ALLOWED, f"{module} is new: add it to ALLOWED in {Path(__file__).name} and to the README"
    forbidden = set(imported_modules(path)) - ALLOWED[module] - {module}
    assert not forbidden, f"{module} must not import {', '.join(sorted(forbidden))}: see ALLOWED"


def test_the_arrows_close_no_circle():
    below = {module: set(allowed) for module, allowed in ALLOWED.items()}
    while below:
        free = {module for module, allowed in below.items() if not allowed & below.keys()}
        assert free, f"these can all import each other: {sorted(below)}"
        below = {module: allowed for module, allowed in below.items() if module not in free}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import course_lib.exact", {"exact"}),
        ("import course_lib.exact as e, numpy", {"exact"}),
        ("from course_lib import exact, ising", {"exact", "ising"}),
        ("from course_lib.kernels.dense import sweep", {"kernels"}),
        ("def f():\n    from course_lib.exact import moments", {"exact"}),
        ("from course_lib.classroom import quiz, checks", {"classroom.quiz", "classroom.checks"}),
        ("from course_lib.classroom.checks import lesson_01", {"classroom.checks"}),
        ("from . import exact", {"exact"}),
        ("from .exact import moments", {"exact"}),
        ("from ..exact import moments", set()),
        ("import course_library", set()),
    ],
)
def test_every_form_of_import_is_seen(tmp_path, monkeypatch, source, expected):
    monkeypatch.setattr(f"{__name__}.LIBRARY", tmp_path / "course_lib")
    path = tmp_path / "course_lib" / "module.py"
    path.parent.mkdir()
    path.write_text(source)
    assert set(imported_modules(path)) == expected


def test_no_drawer_for_odds_and_ends():
    assert not {path.stem for path in FILES} & {"utils", "common"}


def test_the_exact_part_needs_neither_numba_nor_matplotlib():
    command = (
        "import sys, course_lib.ising, course_lib.exact; print({'numba', 'scipy', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", command], cwd=LIBRARY.parent, capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
