"""How many minutes a lesson takes: computed from its cells, because authors guess a third too few.

130 words a minute, outside formulas and folded texts; more for each formula, line of code, prediction, figure and
explorer, as in `RATES`; exercises, and questions to answer in writing, by the minutes that they state. In doubt:

- A line of code is a line that is not blank: a comment is read, too. The cell of an answer is not counted, because its
  minutes are the exercise's.
- A figure is a caption, ``**Figure 1.**``; other pictures are glanced at.
- What stands above the first heading is counted with the first section.
- Cells with the tag ``side-path`` are counted apart.

First readers needed 45, 102, 122, 117, 92, 128, 119 and 108 minutes for the first complete lessons 00 to 05x. With 0.1
a line of up to 120 characters, as those had them, the rule says 42, 106, 114, 119, 99, 126, 95 and 98: all but one (05)
within 9 per cent. Lines of at most 88 characters are more lines, and count 0.07.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from course_lib.workshop.notebook import HEADING, is_solution

WORDS_A_MINUTE = 130
RATES = {"displayed": 0.6, "inline": 0.12, "line": 0.07, "prediction": 1.0, "figure": 1.0, "explorer": 4.0}
SIDE_PATH = "side-path"

FOLDED = re.compile(r"<details\b.*?</details>", re.DOTALL)
DISPLAYED = re.compile(r"\$\$.+?\$\$", re.DOTALL)
INLINE = re.compile(r"\$[^$]+\$")
# Pictures, the addresses of links, and tags: not read as words.
UNREAD = re.compile(r"!\[[^\]]*\]\([^)]*\)|(?<=\])\([^)]*\)|<[^>]+>")
EXERCISE = re.compile(r"\*\*(?:Exercise|Question) \d+ \((\d+) minutes\)")
FIGURE = re.compile(r"\*\*Figure \d+\.\*\*")


@dataclass
class Section:
    """One section of a lesson: what its heading states, and what the rule says.

    Parameters
    ----------
    title : str
    stated : int or None
    parts : collections.Counter
        Minutes of the main path by what takes them: text, formulas, code, "looking" (predictions, figures and
        explorers), exercises.
    side_path : float
        Minutes of the cells off the main path.
    """

    title: str
    stated: int | None
    parts: Counter = field(default_factory=Counter)
    side_path: float = 0.0

    @property
    def main_path(self) -> float:
        """Minutes of the main path."""
        return sum(self.parts.values())

    def add(self, parts, to_side_path):
        """Count what takes these minutes."""
        if to_side_path:
            self.side_path += sum(parts.values())
        else:
            self.parts.update(parts)


def sections(lesson):
    """Compute the minutes of each section.

    Parameters
    ----------
    lesson : course_lib.workshop.notebook.Lesson

    Returns
    -------
    list of Section
        One a ``## `` heading; none, if there is no heading.
    """
    found, above = [], Section("", None)
    for cell in lesson.cells:
        side = SIDE_PATH in cell.metadata.get("tags", [])
        if cell.cell_type == "code":
            (found[-1] if found else above).add(_of_code(lesson, cell), side)
            continue
        for text in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
            heading = HEADING.match(text)
            if heading:
                found.append(Section(heading[1], int(heading[2]) if heading[2] else None))
            (found[-1] if found else above).add(_of_text(text), side)
    if found:
        found[0].parts.update(above.parts)
        found[0].side_path += above.side_path
    return found


def table(lesson):
    """Lay out stated and computed minutes, a section a line.

    Parameters
    ----------
    lesson : course_lib.workshop.notebook.Lesson

    Returns
    -------
    str
    """
    found = sections(lesson)
    names = ("text", "formulas", "code", "looking", "exercises")
    lines = [f"{lesson.path.name:40.40} stated computed = {' + '.join(names)}   side path"]
    whole = Section("in all", lesson.total)
    for section in found:
        whole.add(section.parts, to_side_path=False)
        whole.side_path += section.side_path
    for section in [*found, whole]:
        parts = "   ".join(f"{section.parts[name]:{len(name)}.1f}" for name in names)
        stated = "-" if section.stated is None else section.stated
        lines.append(f"{section.title:40.40} {stated:6} {section.main_path:8.1f}   {parts}   {section.side_path:9.1f}")
    return "\n".join(lines)


def _of_text(text):
    text = FOLDED.sub(" ", text)
    exercises, figures = sum(map(int, EXERCISE.findall(text))), len(FIGURE.findall(text))
    text, displayed = DISPLAYED.subn(" ", text)
    text, inline = INLINE.subn(" ", text)
    words = [word for word in UNREAD.sub(" ", text).split() if any(letter.isalnum() for letter in word)]
    return {
        "text": len(words) / WORDS_A_MINUTE,
        "formulas": displayed * RATES["displayed"] + inline * RATES["inline"],
        "looking": figures * RATES["figure"],
        "exercises": exercises,
    }


def _of_code(lesson, cell):
    if is_solution(cell):
        return {}
    calls = [name for name, _ in lesson.calls(cell)]
    predictions, explorers = calls.count("log.predict"), sum(name.startswith("explorers.") for name in calls)
    return {
        "code": sum(bool(line.strip()) for line in cell.source.splitlines()) * RATES["line"],
        "looking": predictions * RATES["prediction"] + explorers * RATES["explorer"],
    }
