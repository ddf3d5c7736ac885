"""The self-test: what a click says and counts, and that the lesson shows the questions as they are."""

import re
from pathlib import Path

import nbformat
import pytest

from course_lib.classroom import quiz
from course_lib.workshop import lint

ROOT = Path(__file__).parents[1]
NAMES = sorted(path.stem for path in quiz.FOLDER.glob("*.toml"))
QUESTIONS = [question for name in NAMES for question in quiz.load(name).questions.values()]


@pytest.fixture
def self_test():
    return quiz.load("lesson_00")


def wrong_letter(question):
    return next(letter for letter in question.choices if letter != question.right)


def click_through(self_test, wrong=()):
    for key, question in self_test.questions.items():
        buttons, _ = self_test.ask(key).children
        buttons.value = wrong_letter(question) if key in wrong else question.right


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.key)
def test_a_question_is_complete(question):
    assert list(question.choices) == list("abcdef"[: len(question.choices)]) and 3 <= len(question.choices) <= 4
    assert question.right in question.choices
    assert len(set(question.choices.values())) == len(question.choices)
    assert set(question.says) == set(question.choices)
    assert all(
        len(said) > 40 and not re.match("right|wrong|yes|no[ ,.]", said, re.I) for said in question.says.values()
    )
    assert question.learn[1].startswith("https://")
    assert re.fullmatch(r"0[1-9]", question.needed)


@pytest.mark.parametrize("name", NAMES)
def test_questions_come_in_the_order_in_which_lessons_need_them(name):
    needed = [question.needed for question in quiz.load(name).questions.values()]
    assert needed == sorted(needed)


@pytest.mark.parametrize("name", NAMES)
def test_the_right_answer_is_not_always_the_same_letter(name):
    rights = [question.right for question in quiz.load(name).questions.values()]
    assert len(set(rights)) == 4 and max(map(rights.count, rights)) <= len(rights) / 2


@pytest.mark.parametrize("name", NAMES)
def test_the_lesson_shows_each_question_and_its_buttons(name):
    (path,) = (ROOT / "solutions").glob(f"{name.removeprefix('lesson_')}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    sources = [cell.source for cell in cells]
    for question in quiz.load(name).questions.values():
        assert question.markdown in sources, f"{path.name} must show this question as\n\n{question.markdown}"
        assert sources[sources.index(question.markdown) + 1] == f'self_test.ask("{question.key}")'


def test_prose_of_the_questions_keeps_the_house_rules():
    for question in QUESTIONS:
        text = "\n".join([question.markdown, *question.says.values()])
        assert not lint.HOUSE_WORDS.search(text) and not lint.OF_ONE_MACHINE.search(text)


def test_a_click_is_answered_at_once(self_test):
    question = self_test.questions["covariance"]
    buttons, reply = self_test.ask("covariance").children
    assert (buttons.value, reply.value) == (None, "")
    assert list(buttons.options) == ["a", "b", "c", "d"]
    buttons.value = "c"
    assert "c: Not this one." in reply.value and "s t is +1" in reply.value
    assert f'href="{question.learn[1]}"' in reply.value
    buttons.value = "b"
    assert "b: Right." in reply.value and "Not this one" not in reply.value


def test_the_first_click_counts(self_test):
    buttons, _ = self_test.ask("covariance").children
    buttons.value = "c"
    buttons.value = "b"
    assert (self_test.right, self_test.first) == (0, {"covariance": "c"})
    buttons, _ = self_test.ask("lagrange").children
    buttons.value = "c"
    buttons.value = "a"
    assert self_test.right == 1


def test_a_cell_that_is_run_again_shows_the_first_answer(self_test):
    self_test.ask("covariance").children[0].value = "c"
    buttons, reply = self_test.ask("covariance").children
    assert buttons.value == "c" and "Not this one." in reply.value


def test_the_summary_keeps_up(self_test):
    shown = self_test.summary()
    assert shown.value == "None of the 10 answered yet."
    self_test.ask("broadcasting").children[0].value = "b"
    assert "<b>1 of 1 right at the first click</b>; 9 to go" in shown.value and not self_test.finished


def test_the_summary_says_what_to_read_first(self_test):
    shown = self_test.summary()
    click_through(self_test, wrong=["markov-chain", "matrix-product"])
    assert self_test.finished and self_test.right == 8
    assert "<b>8 of 10 right at the first click</b>." in shown.value
    first, second = re.findall(r"<li>(.*?)</li>", shown.value)
    assert first.startswith("before lesson 01: matrix product") and "https://numpy.org/" in first
    assert second.startswith("before lesson 03: Markov chains")


def test_all_right(self_test):
    click_through(self_test)
    assert self_test.right == 10
    assert "10 of 10" in self_test.summary().value and "go on to lesson 01" in self_test.summary().value


def test_feedback_is_text_not_markup():
    question = quiz.Question(
        1, "k", "t", "01", "?", {"a": "x"}, {"a": "if a < b: `s & t`"}, "a", ("A & B", "https://x.y")
    )
    assert "if a &lt; b: <code>s &amp; t</code>" in question.reply("a")
    assert ">A &amp; B</a>" in question.reply("a")
