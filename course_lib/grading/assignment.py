"""What the grader reads of the assignment itself: its pictures, what it gives everybody, the model answers."""

import json
import re
from pathlib import Path

from course_lib.grading import similarity
from course_lib.grading.contract import WRITTEN

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = "06_image_assignment.ipynb"
MARKS = re.compile(r"^ *### (BEGIN|END) SOLUTION.*\n?", re.MULTILINE)


def given() -> dict:
    """The functions that the student's copy comes with, so that they count for nobody's.

    Returns
    -------
    dict
        From `similarity.functions`; empty where the course's folder is not there.
    """
    return similarity.functions([cell["source"] for cell in cells("notebooks") if cell["cell_type"] == "code"])


def models() -> dict[str, str]:
    """Model answers to the written questions.

    Returns
    -------
    dict
        Key -> text; empty where the course's folder is not there.
    """
    found = {key_of(cell): MARKS.sub("", cell["source"]).strip() for cell in cells("solutions")}
    return {key: found[key] for key in WRITTEN if key in found}


def unanswered() -> set[str]:
    """What stands in the place of a written answer when the student has written none."""
    return {cell["source"].strip() for cell in cells("notebooks") if key_of(cell) in WRITTEN}


def key_of(cell) -> str:
    """An item's key, from nbgrader's metadata; "" where a cell answers none."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def cells(folder) -> list[dict]:
    """The cells of the assignment, from ``solutions`` or ``notebooks``; none where the course's folder is not there."""
    path = ROOT / folder / NOTEBOOK
    if not path.exists():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found]
