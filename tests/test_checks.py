"""What every check does with functions that give no comparable answer, and how loops are stopped."""

import functools
import threading
import time

import numpy as np
import pytest

from course_lib.classroom.checks import Case, Exercise, Mistake, Seed, TimeLimitReached, Verdict, within
from course_lib.classroom.checks.resemblance import resemblance
from course_lib.classroom.checks.time_limit import _Watch

squares = Exercise(
    "1, ``my_squares(x (N,)) -> (N,)``: the square of each number",
    cases=lambda: [Case(f"x = {x.tolist()}", (x,)) for x in (np.array([1.0, 2.0]), np.array([3.0, -4.0, 5.0]))],
    truth=lambda x: x**2,
    mistakes=[Mistake("square forgotten", lambda x: x, "Square it.")],
    tested_on="2 arrays",
    expected="an array like x",
)


def stub(x):
    raise NotImplementedError("your turn: the square of each number")


def mutates(x):
    x *= x
    return x


def endless(x):
    while True:
        pass


def keeps_everything(x):
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            pass


def raises(x):
    return x[17] ** 2


def exits(x):
    raise SystemExit


def nan_for_negative(x):
    with np.errstate(invalid="ignore"):
        return np.sqrt(x) ** 4


@pytest.mark.parametrize(
    ("function", "said", "name"),
    [
        (lambda x: None, "returned None, expected an array like x: is the return line missing?", "None"),
        (lambda x: x**2 if len(x) == 2 else None, "returned None for x = [3.0, -4.0, 5.0], expected an", "None"),
        (raises, "raised IndexError: index 17 is out of bounds for axis 0 with size 2 (line", "raises"),
        (exits, "raised SystemExit", "raises"),
        (mutates, "changed its input x: work on a copy, x.copy()", "input changed"),
        (nan_for_negative, "returned NaN for x = [3.0, -4.0, 5.0]", "NaN"),
        (lambda x: x[:1], "array of shape (1,), not (2,), expected an array like x", "wrong kind of answer"),
        (lambda x: ["a", "b"], "returned a list, expected an array like x", "wrong kind of answer"),
        (lambda x: x**2 + 0j, "returned a ndarray, expected an array like x", "wrong kind of answer"),
        (lambda x: np.str_("a"), "returned a str_, expected an array like x", "wrong kind of answer"),
        (lambda x: "1 4", "returned a str, expected an array like x", "wrong kind of answer"),
        (lambda x: {1.0, 4.0}, "returned a set, expected an array like x", "wrong kind of answer"),
        (lambda x: [[1], [2, 3]], "returned [[1], [2, 3]], expected an array like x", "wrong kind of answer"),
        (lambda: 1, "raised TypeError", "raises"),
        (endless, "still running after 1.5 s on x = [1.0, 2.0]", "does not end"),
        (keeps_everything, "still running after 1.5 s", "does not end"),
        (np.ones(2), "wants your function itself, got [1 1]: pass its name, without ()", "not a function"),
        (lambda x: x**3, "for x = [1.0, 2.0] you give [1 8], exact is [1 4]. 2 of 2 cases differ.", None),
        (
            lambda x: x**2 if len(x) == 2 else x,
            "for x = [3.0, -4.0, 5.0] you give [ 3 -4 5], exact is [ 9 16 25]. 1 of",
            None,
        ),
    ],
)
def test_one_helpful_line(function, said, name, capsys):
    started = time.perf_counter()
    verdict = squares(function)
    assert time.perf_counter() - started < 2
    printed = capsys.readouterr().out
    assert printed == verdict.message + "\n"
    assert verdict.status == "not yet" and not verdict and verdict.diagnosis == name
    assert printed.startswith("Not yet: ") and said in printed


def test_the_students_own_line_is_named(capsys):
    squares(lambda x: np.linalg.inv(x))
    assert "squares(lambda x: np.linalg.inv(x))" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("function", "name", "said"),
    [
        (lambda x: -(x**2), "sign turned round", "Everywhere the sign is turned round."),
        (lambda x: 2 * x**2, "twice the answer", "twice the right answer"),
        (lambda x: x**2 / 2, "half the answer", "half the right answer"),
        (lambda x: x**4, "square of the answer", "the square of the right answer"),
        (np.abs, "root of the answer", "the root of the right answer"),
        (lambda x: x**-2, "one over the answer", "1 over the right answer"),
        (lambda x: 2 * np.log(np.abs(x)), "logarithm of the answer", "exponentiate it"),
        (lambda x: np.exp(x**2), "exponential of the answer", "take the logarithm"),
        (lambda x: x[::-1] ** 2, "order turned round", "in the opposite order"),
        (lambda x: [[v * v] for v in x], "another shape", "with the right numbers: reshape it"),
        (lambda x: np.diag(x**2), "not added up", "whose sum is right: add up"),
        (lambda x: np.diag(x**2) + np.eye(2)[::-1], "whole matrix", "whose diagonal is right"),
        (lambda x: np.sum(x**2), "summed", "a sum of the right ones: keep them apart"),
        (lambda x: np.mean(x**2), "averaged", "a mean of the right ones: keep them apart"),
        (lambda x: [x**2 - 1, x**2 + 1], "not averaged", "whose mean is right: average"),
        (lambda x: (x, x**2), "more than asked", "and one of them is right: return that one alone"),
        (lambda x: ("both", x**2), "more than asked", "returned 2 values and one of them is right"),
        (lambda x: 3 * x**2, "times a constant", "Everywhere it is 3 times the right answer."),
        (lambda x: x**2 + 0.5, "a constant added", "Everywhere it is the right answer plus 0.5."),
        (lambda x: 0 * x + 7, "always the same", "Whatever is asked, it is 7: do the arguments enter?"),
    ],
)
def test_what_a_wrong_answer_has_to_do_with_the_right_one(function, name, said):
    verdict = squares(function)
    assert (verdict.diagnosis, said in verdict.message) == (name, True), verdict.message


difference = Exercise(
    "2, ``my_difference(x) -> float``: x minus 2",
    cases=lambda: [Case(f"x = {x}", (x,)) for x in (0.5, 2.25, -1.25)],
    truth=lambda x: x - 2.0,
    mistakes=(),
    tested_on="3 numbers",
    expected="a number",
)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: abs(x - 2), "sign lost"),
        (lambda x: np.sign(x - 2), "sign only"),
        (lambda x: [x - 3, x - 1], "not averaged"),
        (lambda x: x < 2, "true or false"),
        (lambda x: x > 2, "true or false"),
        (lambda x: int(x - 2), "whole numbers"),
        (lambda x: x // 1 - 2, "whole numbers"),
        (lambda x: round(x - 2), "whole numbers"),
    ],
)
def test_a_sign_or_digits_lost_everywhere(function, name):
    assert difference(function).diagnosis == name


def test_one_number_in_an_array_may_lack_a_sum_or_a_mean():
    verdict = difference(lambda x: np.array([[x - 2]]))
    assert verdict.diagnosis == "another shape"
    assert "reshape" not in verdict.message


def test_wrong_small_numbers_beside_a_large_one_are_not_one_times_the_answer():
    right = [(np.array(1e4),), (np.array(1.0),)]
    assert resemblance([(np.array(1e4),), (np.array(1.000005),)], right, 1e-9) is None


def test_a_mistake_that_overflows_warns_nobody(recwarn):
    powers = Exercise(
        "3, ``my_power(x) -> float``: x squared",
        cases=lambda: [Case("x = 800", (800.0,))],
        truth=lambda x: x**2,
        mistakes=(Mistake("exponential", np.exp, "That is exp(x)."),),
        tested_on="1 number",
        expected="a number",
    )
    assert not powers(lambda x: x + 1)
    assert not recwarn.list


def test_a_last_look_that_raises_is_told():
    assert "at a last look your function raised AttributeError" in line(functools.partial(f)).message


def test_right_wrong_and_your_turn(capsys):
    assert squares(lambda x: x * x)
    assert squares(lambda x: (x * x).tolist())
    assert squares(lambda x: x).diagnosis == "square forgotten"
    verdict = squares(stub)
    assert (verdict.status, bool(verdict)) == ("your turn", False)
    assert capsys.readouterr().out.endswith("your turn: the square of each number\n")


def test_round_off_is_forgiven_and_more_is_not(capsys):
    assert squares(lambda x: x**2 * (1 + 1e-12))
    assert not squares(lambda x: x**2 * (1 + 1e-7))


def test_a_verdict_shows_nothing_twice(capsys):
    assert Verdict("right", "Right.")._ipython_display_() is None
    assert capsys.readouterr().out == ""


def test_code_that_ends_in_time_is_left_alone():
    """Work that ends within microseconds of the limit is either stopped or not, and nothing is raised afterwards."""
    stopped = 0
    for k in range(100):
        limit, start = 0.005, time.perf_counter()

        def work(until=start + limit * (0.8 + k % 20 / 8)):  # Python changes threads every 5 ms
            while time.perf_counter() < until:
                pass

        try:
            within(limit, work)
        except TimeLimitReached:
            stopped += 1
    time.sleep(3 * _Watch.AGAIN_AFTER)  # an exception that is still pending would be raised here
    assert 0 < stopped < 100


def test_a_loop_that_swallows_one_exception_is_stopped_by_the_next():
    def swallows_once():
        try:
            while True:
                pass
        except BaseException:
            while True:
                pass

    with pytest.raises(TimeLimitReached):
        within(0.05, swallows_once)


def test_loops_are_stopped_outside_the_main_thread():
    stopped = []

    def work():
        try:
            within(0.05, lambda: endless(0))
        except TimeLimitReached:
            stopped.append(True)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(2)
    assert stopped == [True]


# ---------------------------------------------------------------- several outputs, generators, ways of calling


line = Exercise(
    "2, ``my_line(x (N,), rng) -> (slope, offsets (N,))``: a line",
    cases=lambda: [Case(f"{len(x)} numbers", (x, Seed(1))) for x in (np.arange(2.0), np.arange(3.0))],
    truth=lambda x, seed: (2.0, x + np.random.default_rng(seed.value).integers(5)),
    mistakes=[
        Mistake("slope doubled", lambda x, seed: (4.0, None), "The slope is twice too large."),
        Mistake("slope lost", (lambda x, seed: (0.0, None), lambda x, seed: (1.0, None)), "The slope is lost."),
        Mistake("offsets all alike", seen=lambda given, x, seed: np.ptp(given[1]) == 0, says="They differ."),
        Mistake("two ends only", lambda x, seed: (2.0, 0 * x), "Wrong.", where=lambda x, seed: len(x) == 2),
    ],
    tested_on="2 lines",
    expected="a slope and an offset a number",
    outputs=("slope", "offsets"),
    last_looks=(lambda function: Mistake("named badly", says="call it f.") if function.__name__ == "g" else None,),
)


def f(x, rng):
    return 2.0, x + rng.integers(5)


def g(x, rng):
    return f(x, rng)


@pytest.mark.parametrize(
    ("function", "diagnosis", "said"),
    [
        (f, None, "Right. Tested on 2 lines."),
        (g, "named badly", "Not yet: call it f."),
        (lambda x, rng: (4, x - 1), "slope doubled", "for 2 numbers your slope is 4, exact is 2. The slope is twice"),
        (lambda x, rng: (0, x), "slope lost", "your slope is 0, exact is 2"),
        (lambda x, rng: (1, x), "slope lost", "your slope is 1, exact is 2"),
        (
            lambda x, rng: [2.0, 0 * x - 7],
            "offsets all alike",
            "your slope is right, and your offsets[0] is -7, exact is",
        ),
        (lambda x, rng: (2.0, x - 9), None, "2 of 2 cases differ"),
        (lambda x, rng: (2.0, 0 * x if len(x) == 2 else x - 9), "two ends only", "Wrong."),
        (
            lambda x, rng: f(x, rng)[::-1],
            "outputs exchanged",
            "your function returned (offsets, slope), expected a slope",
        ),
        (
            lambda x, rng: 2.0,
            "wrong kind of answer",
            "your function did not return 2 values, slope and offsets, expected a slope",
        ),
        (lambda x, rng: (2.0, x[:1]), "wrong kind of answer", "returned offsets of shape (1,), not (2,)"),
    ],
)
def test_several_outputs_are_told_apart(function, diagnosis, said, capsys):
    verdict = line(function)
    assert (verdict.diagnosis, said in capsys.readouterr().out) == (diagnosis, True), verdict.message


both_squares = Exercise(
    "3, ``my_both_squares(x) -> (low, high)``: two tables of the square of x",
    cases=lambda: [Case("x = 2", (2.0,)), Case("x = 3", (3.0,))],
    truth=lambda x: (np.full((2, 2), x**2), np.full((2, 2), -(x**2))),
    mistakes=[
        Mistake("doubled", lambda x: (np.ma.array(np.full((2, 2), 2 * x**2), mask=np.eye(2)), None), "Halve it."),
    ],
    tested_on="2 numbers",
    expected="two tables",
    outputs=("low", "high"),
)


@pytest.mark.parametrize(
    ("function", "diagnosis", "said"),
    [
        (lambda x: (np.array([[7, 2], [2, np.nan]]) * x**2, np.ones((2, 2))), "doubled", "your low[0, 1] is 8, exact"),
        (lambda x: (np.array([[2, 2], [1, 2]]) * x**2, np.ones((2, 2))), None, "2 of 2 cases differ"),
        (lambda x: np.array([1, -1])[:, None, None] * np.full((2, 2), x**2), None, "Right."),
        (lambda x: np.full((2, 2), x**2), "wrong kind of answer", "did not return 2 values, low and high"),
    ],
)
def test_of_masked_entries_a_mistake_says_nothing(function, diagnosis, said, capsys):
    verdict = both_squares(function)
    assert (verdict.diagnosis, said in capsys.readouterr().out) == (diagnosis, True), verdict.message


def test_an_exercise_is_named_and_described_by_what_it_asks():
    assert (line.__name__, squares.__name__) == ("line", "squares")
    assert squares.__doc__ == "Check Exercise 1, ``my_squares(x (N,)) -> (N,)``: the square of each number."


def test_a_lesson_goes_on_with_the_students_function_only_if_it_is_right(capsys):
    def breaks(x):
        if len(x) > 3:
            raise IndexError("list index out of range")
        return x**2

    assert squares(stub).use(stub, otherwise=np.square)(np.ones(2)).tolist() == [1, 1]
    assert squares(lambda x: x).use(lambda x: x, otherwise=np.square)(np.full(2, 3.0)).tolist() == [9, 9]
    own = squares(breaks).use(breaks, otherwise=lambda x: "the library's")
    assert own(np.full(2, 3.0)).tolist() == [9, 9]
    assert own(np.ones(4)) == "the library's"
    slow = squares(lambda x: x**2).use(endless, otherwise=np.square, seconds=0.05)
    assert slow(np.full(2, 3.0)).tolist() == [9, 9]
    said = capsys.readouterr().out
    assert said.count("From here on the lesson uses your function.") == 2
    assert "Here your function raised IndexError: list index out of range; this result is the library's." in said
    assert "Here your function took longer than 0.05 s; this result is the library's." in said
