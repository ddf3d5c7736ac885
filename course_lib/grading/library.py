"""The course's library as the sandbox has it: what draws and loads is there, what would answer the assignment is not.

It is an allow-list. The modules named here are copied, checks and predictions are stubs that an honest notebook runs
through, and every other module of the course raises "write your own" at the first use.
"""

import inspect
import shutil
from pathlib import Path

from course_lib.classroom.checks import twists

LIBRARY = Path(__file__).resolve().parents[1]
COPIED = ("__init__.py", "exceptions.py", "inputs.py", "diagnostics.py", "images.py", "plots", "classroom/__init__.py")
ABSENT = ("grading", "workshop")

FORBIDDEN = '''"""In the sandbox there is nothing of this module."""


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise ImportError(f"write your own: the grader's sandbox has no {__name__}.{name}")
'''

NOT_GRADED = '''"""Stands in for checks and predictions: whatever is called says "not graded here" and goes on."""


class _Stub:
    """Any name of a check module, and whatever it is called for."""

    def __init__(self, name):
        self._name = name

    def __call__(self, *arguments, **options):
        print(f"{self._name}: not graded here")
        return self

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return _Stub(f"{self._name}.{name}")

    def use(self, function, *arguments, **options):
        return function

    def truth(self, *arguments, **options):
        raise ImportError("write your own: the grader's sandbox has no model answers")

    def __bool__(self):
        return True

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __str__(self):
        return "not graded here"

    def _ipython_display_(self):
        pass


def __getattr__(name):
    if name.startswith(("__", "lesson_", "twists")):  # the last two are modules
        raise AttributeError(name)
    return _Stub(name)
'''
# Any picture of the course may be loaded; of another file the student cuts the grey themselves.
LOADERS = """

def _of_the_course(load):
    def loaded(path, *arguments, **options):
        if not Path(path).resolve().is_relative_to("/course/data"):
            raise ImportError(f"write your own: here {load.__name__} opens the course's pictures only")
        return load(path, *arguments, **options)

    return loaded


load_grey, load_spins = _of_the_course(load_grey), _of_the_course(load_spins)
"""
TWISTS = '''"""Which twist an id draws; the statistics are the student's to write."""

import hashlib


class Twist:
    """A twist's names."""

    def __init__(self, variant, name, statistics, parameters):
        self.variant, self.name, self.statistics, self.parameters = variant, name, statistics, parameters

    def __str__(self):
        return f"{self.name}: statistics {', '.join(self.statistics)}; parameters {', '.join(self.parameters)}"

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise ImportError(f"write your own: the grader's sandbox has no {name} of a twist")


'''
STUBS = ("predictions", "quiz", "scores", "installation")


def build(folder):
    """Write the sandbox's ``course_lib`` into a folder.

    Parameters
    ----------
    folder : pathlib.Path
        Where ``course_lib`` is made; it must not be there yet.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     build(Path(folder))
    ...     print((Path(folder) / "course_lib" / "learning.py").read_text().splitlines()[0].strip('"'))
    In the sandbox there is nothing of this module.
    """
    target = folder / "course_lib"
    for name in COPIED:
        source, copy = LIBRARY / name, target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, copy)
    for name in sorted({path.stem for path in LIBRARY.iterdir() if path.suffix == ".py" or _is_package(path)}):
        there = (target / name).exists() or (target / f"{name}.py").exists()
        if not there and name not in ABSENT:
            (target / f"{name}.py").write_text(FORBIDDEN, encoding="utf-8")
    with open(target / "images.py", "a", encoding="utf-8") as images:
        images.write(LOADERS)
    (target / "explorers.py").write_text(NOT_GRADED, encoding="utf-8")
    classroom = target / "classroom"
    (classroom / "checks").mkdir()
    (classroom / "checks" / "__init__.py").write_text(NOT_GRADED, encoding="utf-8")
    for name in (*STUBS, *(f"checks/{path.stem}" for path in (LIBRARY / "classroom/checks").glob("lesson_*.py"))):
        (classroom / f"{name}.py").write_text(NOT_GRADED, encoding="utf-8")
    (classroom / "checks" / "twists.py").write_text(_twists(), encoding="utf-8")
    lesson = "from course_lib.classroom.checks.twists import TWISTS, Twist, twist_of\n"
    (classroom / "checks" / "lesson_06.py").write_text(NOT_GRADED + "\n\n" + lesson, encoding="utf-8")


def _twists():
    """Source of the module that tells the twist of an id."""
    rows = [(one.variant, one.name, one.statistics, one.parameters) for one in twists.TWISTS]
    return f"{TWISTS}TWISTS = [Twist(*row) for row in {rows}]\n\n\n{inspect.getsource(twists.twist_of)}"


def _is_package(path):
    return (path / "__init__.py").exists()
