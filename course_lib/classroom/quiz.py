"""A self-test that marks itself: questions in a file of their own, buttons and feedback in the lesson.

The questions of a lesson stand in ``quizzes/lesson_NN.toml``: text, choices, what is said to each choice, and where to
learn it. The lesson shows text and choices as markdown (`Question.markdown`), so that they read without a kernel; the
widget under them has a button for each letter, and says at once why a choice is right or wrong.
"""

import html
import re
import tomllib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

FOLDER = Path(__file__).with_name("quizzes")


@dataclass(frozen=True)
class Question:
    """One question with its choices.

    Parameters
    ----------
    number : int
        Its place in the quiz, from 1.
    key, topic : str
        A name for code, and one for readers.
    needed : str
        The first lesson that takes the topic for granted, such as ``"02"``.
    asks : str
        Markdown.
    choices : dict of str to str
        Letter -> markdown.
    says : dict of str to str
        Letter -> what to say to who chose it: plain text, with code between backticks.
    right : str
        A letter.
    learn : (str, str)
        Title and address of a page to learn the topic from.
    """

    number: int
    key: str
    topic: str
    needed: str
    asks: str
    choices: dict[str, str]
    says: dict[str, str]
    right: str
    learn: tuple[str, str]

    @property
    def markdown(self) -> str:
        """Text and choices, as they stand in the lesson."""
        choices = "\n".join(f"- **{letter}**: {choice}" for letter, choice in self.choices.items())
        return f"**{self.number}. {self.topic[0].upper() + self.topic[1:]}.** {self.asks}\n\n{choices}"

    def reply(self, letter) -> str:
        """What to say to a choice, as HTML."""
        verdict = "Right." if letter == self.right else "Not this one."
        said = re.sub(r"`(.+?)`", r"<code>\1</code>", html.escape(self.says[letter], quote=False))
        return _text(f"<b>{letter}: {verdict}</b> {said}<br>To read: {self.link}")

    @property
    def link(self) -> str:
        """Where to learn it, as HTML."""
        title, address = (html.escape(part) for part in self.learn)
        return f'<a href="{address}" target="_blank" rel="noopener" style="text-decoration: underline">{title}</a>'


class Quiz:
    """Some questions, and what was answered to them. The first click on a question counts; later ones only explain.

    Parameters
    ----------
    questions : sequence of Question

    Examples
    --------
    >>> self_test = load("lesson_00")
    >>> buttons, reply = self_test.ask("broadcasting").children
    >>> buttons.value = "b"
    >>> self_test.right, self_test.finished
    (1, False)
    """

    def __init__(self, questions):
        self.questions = {question.key: question for question in questions}
        self.first = {}  # key -> letter clicked first
        self._summary = None

    @property
    def right(self) -> int:
        """Number of questions answered right at the first click."""
        return sum(self.questions[key].right == letter for key, letter in self.first.items())

    @property
    def finished(self) -> bool:
        """Whether every question has an answer."""
        return len(self.first) == len(self.questions)

    def answer(self, key, letter) -> str:
        """Take an answer; returns what to say to it, as HTML."""
        reply = self.questions[key].reply(letter)
        self.first.setdefault(key, letter)
        if self._summary is not None:
            self._summary.value = self._report()
        return reply

    def ask(self, key):
        """The buttons of one question; what is said to a click appears below.

        Parameters
        ----------
        key : str

        Returns
        -------
        ipywidgets.VBox
        """
        import ipywidgets as widgets

        question = self.questions[key]
        buttons = widgets.ToggleButtons(
            options=list(question.choices), value=self.first.get(key), style={"button_width": "3em"}
        )
        reply = widgets.HTML(question.reply(buttons.value) if buttons.value else "", layout={"max_width": "55em"})
        buttons.observe(partial(self._clicked, key, reply), "value")
        return widgets.VBox([buttons, reply])

    def summary(self):
        """How many are right, and what to read first; it keeps up with later clicks.

        Returns
        -------
        ipywidgets.HTML
        """
        import ipywidgets as widgets

        self._summary = widgets.HTML(self._report())
        return self._summary

    def _clicked(self, key, reply, change):
        reply.value = self.answer(key, change["new"])

    def _report(self):
        answered, all_of_them = len(self.first), len(self.questions)
        if not answered:
            return f"None of the {all_of_them} answered yet."
        count = f"<b>{self.right} of {answered} right at the first click</b>"
        if not self.finished:
            count += f"; {all_of_them - answered} to go"
        wrong = [
            question
            for key, question in self.questions.items()
            if self.first.get(key, question.right) != question.right
        ]
        if not wrong:
            return f"{count}. {'Nothing to read first: go on to lesson 01.' if self.finished else ''}"
        items = "".join(f"<li>before lesson {q.needed}: {html.escape(q.topic)}, {q.link}</li>" for q in wrong)
        return _text(f"{count}. Read, in this order:<ol>{items}</ol>")


def _text(inside):
    """Lines as close as in the text of the lesson; a widget's own are as far apart as rows of buttons."""
    return f'<div style="line-height: 1.5">{inside}</div>'


def load(name) -> Quiz:
    """The quiz of a lesson.

    Parameters
    ----------
    name : str
        Such as ``"lesson_00"``.

    Returns
    -------
    Quiz

    Examples
    --------
    >>> len(load("lesson_00").questions)
    10
    """
    entries = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["question"]
    return Quiz([_question(number, entry) for number, entry in enumerate(entries, start=1)])


def _question(number, entry):
    choices = entry.pop("choices")
    return Question(
        number,
        choices={letter: choice["text"] for letter, choice in choices.items()},
        says={letter: choice["says"] for letter, choice in choices.items()},
        learn=tuple(entry.pop("learn")),
        **entry,
    )
