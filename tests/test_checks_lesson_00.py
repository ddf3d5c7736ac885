"""Every mistake the check of lesson 00 knows, written as a student would write it, gets its own diagnosis."""

import statistics

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, mistakes_known_to

from course_lib.classroom.checks import lesson_00 as check


def deviation(x):
    return np.sqrt(np.sum((x - np.mean(x)) ** 2) / (len(x) - 1))


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
]


@each_mistake([(check.standard_error, *pair) for pair in KNOWN])
def test_each_mistake_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


def right_by_hand(x):
    return deviation(x) / np.sqrt(len(x))


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
    assert check.standard_error(lambda x: np.std(x, ddof=1) / 3).diagnosis is None
