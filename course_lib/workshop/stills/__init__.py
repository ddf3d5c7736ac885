"""Stills: pictures that a lesson shows before any kernel runs: its opening picture, its explorer's first state.

They are committed in ``notebooks/figures/``; ``ising-course build --figures`` draws them. The register lists them: the
still ``opening`` of lesson 03x is what ``opening()`` of ``lesson_03x.py`` draws; an explorer draws its own.
"""

from functools import partial
from importlib import import_module
from pathlib import Path

from course_lib import explorers
from course_lib.workshop import lessons


def draw(folder: Path) -> list[Path]:
    """Draw every picture into a folder.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in FIGURES.items():
        (folder / name).write_bytes(figure())
    return [folder / name for name in FIGURES]


def _png(row, still) -> bytes:
    if still == "explorer":
        return getattr(explorers, row.explorer)().still
    return getattr(import_module(f"{__name__}.lesson_{row.key}"), still)().png()


FIGURES = {name: partial(_png, row, still) for row in lessons.REGISTER.values() for name, still in row.figures.items()}
