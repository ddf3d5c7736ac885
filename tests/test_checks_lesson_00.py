"""Every mistake the check of lesson 00 knows, written as a student would write it, gets its own diagnosis."""

import statistics

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, mistakes_known_to

from course_lib.classroom.checks import lesson_00 as check


def deviation(x):
    return np.sqrt(np.sum((x - np.mean(x)) ** 2) / (len(x) - 1))


def right_by_hand(x):
    return deviation(x) / np.sqrt(len(x))


def plain_std(x):
    return np.std(x)


def std_over_root(x):
    return np.std(x) / np.sqrt(len(x))


def minus_one_twice(x):
    return np.std(x, ddof=1) / np.sqrt(len(x) - 1)


def over_n(x):
    return deviation(x) / len(x)


def plain_std_over_n(x):
    return x.std() / x.size


def variance_over_n(x):
    return statistics.variance(x.tolist()) / len(x)


def last_number_only(x):
    for v in x:
        total = (v - np.mean(x)) ** 2
    return (total / (len(x) - 1) / len(x)) ** 0.5


def second_number_first(x):
    squares = [(x[k] - np.mean(x)) ** 2 for k in range(1, len(x))]
    return (sum(squares) / (len(x) - 1) / len(x)) ** 0.5


def mean(x):
    return sum(x) / len(x)


KNOWN = [
    (deviation, "standard deviation"),
    (plain_std, "standard deviation, with N for N - 1"),
    (std_over_root, "N for N - 1"),
    (minus_one_twice, "N - 1 twice"),
    (over_n, "N for its root"),
    (plain_std_over_n, "N for its root, and for N - 1"),
    (variance_over_n, "variance of the mean"),
    (lambda x: np.std(x, ddof=1) / (len(x) ** 1 / 2), "root taken wrongly"),
    (lambda x: statistics.variance(x.tolist()), "variance"),
    (lambda x: np.var(x), "variance, with N for N - 1"),
    (lambda x: np.mean((x - x.mean()) ** 2) / len(x), "variance of the mean, with N for N - 1"),
    (mean, "the mean itself"),
    (lambda x: np.std(x, ddof=1) * len(x) ** 0.5, "another power of N"),
    (lambda x: np.var(x) / len(x) ** 0.5, "variance with another power of N"),
    (lambda x: sum((v - x.mean()) ** 2 for v in x) ** 0.5, "another power of N"),
    (lambda x: deviation(x) * ((len(x) - 1) / (len(x) + 1) / len(x)) ** 0.5, "another number for N or N - 1"),
    (lambda x: np.abs(x - x.mean()).mean() / len(x) ** 0.5, "deviations not squared"),
    (lambda x: np.sqrt(abs(sum(x - x.mean())) / len(x)), "deviations cancel"),
    (lambda x: np.sqrt((x**2).mean() / len(x)), "mean not taken off"),
    (last_number_only, "one number only"),
    (second_number_first, "one number left out"),
    (lambda x: right_by_hand(x) / x.mean(), "relative error"),
    (lambda x: 1 / np.sqrt(len(x)), "N only"),
    (lambda x: round(right_by_hand(x), 3), "rounded"),
    (lambda x: right_by_hand(x) * (1 + 1e-5 / len(x)), "nearly right"),
    (lambda x: right_by_hand(x) * (1 + (len(x) > 2) / len(x)), "right for two numbers only"),
    (lambda x: (x.max() - x.min()) / len(x) ** 0.5, "another measure of the spread"),
    (lambda x: np.linalg.norm(x - x[0]) / (len(x) * (len(x) - 1)) ** 0.5, "deviations from another number"),
    (lambda x: np.std(x, ddof=1) / np.log(len(x)), "wrong for two numbers"),
]


@each_mistake([(check.standard_error, *pair) for pair in KNOWN])
def test_each_mistake_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


def right_the_other_way(x):
    return np.std(x) / np.sqrt(len(x) - 1)


def right_by_the_standard_library(x):
    return statistics.stdev(x.tolist()) / len(x) ** 0.5


@pytest.mark.parametrize("function", [right_by_hand, right_the_other_way, right_by_the_standard_library])
def test_right_answers_are_accepted(function):
    said = assert_accepted(check.standard_error, function)
    assert said == "Right. Tested on 8 samples of 2 to 50 numbers, to 9 digits."


def test_every_known_mistake_is_tried_here():
    assert mistakes_known_to(check.standard_error) == {name for _, name in KNOWN}


def test_what_it_says_it_tested_on_is_what_it_tests_on():
    sizes = [len(case.arguments[0]) for case in check._measurements()]
    assert (len(sizes), min(sizes), max(sizes)) == (8, 2, 50)


def test_answers_of_another_kind():
    assert "array of shape" in check.standard_error(lambda x: x / len(x)).message
    assert "return line missing" in check.standard_error(lambda x: None).message
