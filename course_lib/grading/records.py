"""What is kept of each submission: one file of JSON, written whole, from which every table and page is made."""

import base64
import dataclasses
import hashlib
import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from course_lib.files import write_whole
from course_lib.grading.contract import ITEMS, Answer, Result

FORMAT = 1
FOLDER = "records"


@dataclass
class Record:
    """All that is known of one submission, but for the points of a person.

    Attributes
    ----------
    student, name, number, file : str
        As in `intake.Submission`; `file` is the student as a file name.
    drawn : str
        Which hidden numbers were asked: the same for the same key, student and submission. "" where nothing was run.
    asked : str
        Digest of the hidden arguments.
    judged : str
        Digest of the judge's own code.
    sandboxed : bool
        False marks a result that the student's code may have tampered with.
    status : str
        "graded", "nothing handed in", or a transcript's status where that is not "ran".
    message : str
    notes, problems : list of str
        What is to be said; what the cells raised.
    student_id : str or None
    twist : int
        Variant.
    answers : dict
        Key -> answers, as they came out of the sandbox.
    results : dict
        Key -> `Result`, whose points hold for the rubric of that day: `points_of` gives today's.
    shares : dict
        Key -> share of the item's points.
    pictures, samples : list of str
        Pictures that the judge drew: the student's own, and of a model with the student's fit; PNG in base 64.
    numbers : dict
        Measured on the student's pictures, for the questions.
    written : dict
        Key -> text of a written answer.
    code : dict
        Functions of the notebook, as `similarity.functions` gives them.
    printed : str
        The beginning of what the notebook printed.
    notebook_seconds, seconds, judge_seconds : float
        On the clock; the judge's is computing time.
    """

    student: str
    name: str = ""
    number: str = ""
    file: str = ""
    drawn: str = ""
    asked: str = ""
    judged: str = ""
    sandboxed: bool = True
    status: str = "graded"
    message: str = ""
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    student_id: str | None = None
    twist: int = 0
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    my_pictures: list[str] = field(default_factory=list)
    my_fit: list[float] | None = None
    pictures: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    code: dict[str, dict] = field(default_factory=dict)
    printed: str = ""
    notebook_seconds: float = 0.0
    seconds: float = 0.0
    judge_seconds: float = 0.0

    def points_of(self, key) -> float:
        """Points of an item, by today's rubric."""
        return round(ITEMS[key].points * self.shares.get(key, 0.0), 2)

    @property
    def automatic(self) -> float:
        """Points of all items that are not marked by a person."""
        return round(sum(self.points_of(key) for key in ITEMS), 2)


def save(record, folder):
    """Keep a record in the output folder.

    Parameters
    ----------
    record : Record
    folder : pathlib.Path
        The output folder.
    """
    plain = {entry.name: getattr(record, entry.name) for entry in dataclasses.fields(Record)}
    plain["answers"] = {key: [_packed(answer) for answer in answers] for key, answers in record.answers.items()}
    plain["results"] = {key: dataclasses.asdict(result) for key, result in record.results.items()}
    write_whole(_path(folder, record.file), json.dumps({"format": FORMAT, **plain}, ensure_ascii=True))


def load(folder, file, *, arrays=True) -> Record | None:
    """A record that was kept.

    Parameters
    ----------
    folder : pathlib.Path
        The output folder.
    file : str
        The student as a file name.
    arrays : bool
        False leaves out what the answers hold, which takes most of the time and is needed for judging alone.

    Returns
    -------
    Record or None
        None if there is none, or none that this version can read.
    """
    try:
        plain = json.loads(_path(folder, file).read_text(encoding="ascii"))
        if plain.pop("format") != FORMAT:
            return None
        plain["answers"] = {
            key: [_unpacked(answer, arrays) for answer in answers] for key, answers in plain["answers"].items()
        }
        plain["results"] = {key: Result(**result) for key, result in plain["results"].items()}
        return Record(**plain)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zlib.error):
        return None


def mark_of(text) -> str:
    """A short word that tells one written answer from another; no spreadsheet takes it for a number.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> mark_of("Because the signs clash.")
    'text-5a8990cf'
    """
    return f"text-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _path(folder, file):
    return Path(folder, FOLDER, f"{file}.json")


def _packed(answer):
    plain = {"status": answer.status, "seconds": answer.seconds, "message": answer.message}
    if answer.array is not None:
        array = np.asarray(answer.array, order="C")
        plain |= {"dtype": array.dtype.name, "shape": list(array.shape)}
        plain["data"] = base64.b64encode(zlib.compress(array.tobytes(), 1)).decode("ascii")
    return plain


def _unpacked(plain, with_array):
    array = None
    if with_array and "data" in plain:
        data = zlib.decompress(base64.b64decode(plain["data"]))
        array = np.frombuffer(data, plain["dtype"]).reshape(plain["shape"])
    return Answer(plain["status"], array, plain["seconds"], plain["message"])
