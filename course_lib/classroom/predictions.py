"""The private log of predictions: what a student expected, how surely, and what came out.

    log.predict("01-walls", ["0", "4", "8"])       a small form; nothing is stored until it is filled in
    log.outcome("01-walls", "4")                   after the result: what was right, and what was predicted

The log is one small file in the student's home folder; nobody else reads it. The last lesson draws a
calibration curve from it: of the things predicted with 80 % confidence, did 80 % come true?
"""

import contextlib
import html
import json
import os
from pathlib import Path

from course_lib.files import write_whole

CONFIDENCES = (25, 40, 50, 60, 70, 80, 90, 99)  # per cent


def path() -> Path:
    """Where the log is kept: ``predictions.json`` in ``~/.ising-course``, or in ``$ISING_COURSE_HOME``.

    Returns
    -------
    pathlib.Path

    Examples
    --------
    >>> path().name
    'predictions.json'
    """
    return Path(os.environ.get("ISING_COURSE_HOME") or Path.home() / ".ising-course") / "predictions.json"


def read() -> dict:
    """All predictions so far.

    Returns
    -------
    dict
        ``{question: {"choice": str, "confidence": per cent, "outcome": str}}``; without "outcome" while
        the result has not been shown.

    Raises
    ------
    ValueError
        If the file is there but cannot be read as a log.

    Examples
    --------
    >>> isinstance(read(), dict)
    True
    """
    try:
        text = path().read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):  # after any other error the next one written would replace the log
        return {}
    try:
        log = json.loads(text)
        if not isinstance(log, dict):
            raise ValueError("it holds no table of predictions")
    except ValueError as error:
        raise ValueError(f"the prediction log {path()} is damaged ({error}): mend or delete it") from None
    return log


def write_down(question: str, choice: str, confidence: int) -> str:
    """Store one prediction; once the outcome has been seen it stays as it is.

    Parameters
    ----------
    question : str
        Its name, which begins with the lesson's number.
    choice : str
    confidence : int
        In per cent.

    Returns
    -------
    str
        One line for the student.

    Examples
    --------
    >>> import tempfile
    >>> os.environ["ISING_COURSE_HOME"] = tempfile.mkdtemp()  # the example keeps out of your own log
    >>> write_down("99-example", "4", 80)
    'Written down: "4", 80 % sure.'
    """
    try:
        log = read()
        if "outcome" in log.get(question, {}):
            return "You have seen the outcome already: the first prediction stands."
        log[question] = {"choice": choice, "confidence": confidence}
        write_whole(path(), json.dumps(log, indent=1))
    except OSError as error:
        return f"Not stored, {path()} cannot be written ({error.strerror}): keep it on paper."
    return f'Written down: "{choice}", {confidence} % sure.'


def outcome(question: str, answer) -> None:
    """Say what came out, beside what was predicted, and keep it in the log.

    Parameters
    ----------
    question : str
        The name given to `predict`.
    answer
        What came out; compared with the choices as text.

    Examples
    --------
    >>> outcome("99-never-asked", 4)
    Outcome: 4. You wrote no prediction down this time.
    """
    log = read()
    if question not in log:
        print(f"Outcome: {answer}. You wrote no prediction down this time.")
        return
    entry = log[question]
    verdict = "right" if entry["choice"] == str(answer) else "not this time"
    print(f'Outcome: {answer}. You predicted "{entry["choice"]}", {entry["confidence"]} % sure: {verdict}.')
    if entry.get("outcome") != str(answer):
        entry["outcome"] = str(answer)
        with contextlib.suppress(OSError):  # a log that was readable and is not writable any more has said its word
            write_whole(path(), json.dumps(log, indent=1))


def predict(question: str, choices):
    """A small form: one choice, how sure, and a button that writes it down.

    Parameters
    ----------
    question : str
        Its name, which begins with the lesson's number.
    choices : sequence
        Shown as text.

    Returns
    -------
    ipywidgets.VBox

    Examples
    --------
    >>> form = predict("99-example", [0, 4, 8])
    >>> [type(part).__name__ for part in form.children]
    ['ToggleButtons', 'HBox', 'HTML']
    """
    import ipywidgets as widgets

    said = read().get(question)
    choice = widgets.ToggleButtons(options=[str(c) for c in choices], value=None, style={"button_width": "auto"})
    confidence = widgets.SelectionSlider(
        options=[(f"{c} %", c) for c in CONFIDENCES], value=60, description="I am", continuous_update=False
    )
    button = widgets.Button(description="Write it down", icon="pencil", layout={"width": "auto"})
    earlier = f'Earlier: "{said["choice"]}", {said["confidence"]} % sure.' if said else ""
    answer = widgets.HTML(html.escape(earlier))

    def store(_):
        said = write_down(question, choice.value, confidence.value) if choice.value else "Pick one first."
        answer.value = html.escape(said)

    button.on_click(store)
    return widgets.VBox([choice, widgets.HBox([confidence, widgets.Label("sure"), button]), answer])
