"""Every mistake a check of lesson 08x knows, written as a student would write it, gets its own diagnosis."""

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib import generative
from course_lib.classroom.checks import lesson_08x as check

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # overflow and 0/0, which are the mistakes

exp, log = np.exp, np.log


def slopes(by_mean=lambda g, m, v, e: g - m, by_v=lambda g, m, v, e: g * e * exp(v / 2) / 2 - (exp(v) - 1) / 2):
    return lambda *a: (by_mean(*a), by_v(*a))


def slopes_by_differences(g, m, v, e):
    """Of g z minus the divergence, number by number."""

    def bound(m, v):
        return g * (m + exp(v / 2) * e) - (m**2 + exp(v) - 1 - v) / 2

    step = 1e-4
    return tuple(
        (8 * (bound(m + a * step, v + b * step) - bound(m - a * step, v - b * step)) - far) / (12 * step)
        for a, b in ((1, 0), (0, 1))
        for far in (bound(m + 2 * a * step, v + 2 * b * step) - bound(m - 2 * a * step, v - 2 * b * step),)
    )


def xlog(x, y):
    return np.array([a * log(b) if a > 0 else 0.0 for a, b in zip(x, y, strict=True)])


def value(p, q, D):
    return float((xlog(p, D) + xlog(q, 1 - D)).sum())


def judged(D=lambda p, q: p / (p + q), V=None):
    """A judge, and the value of the right one unless another is asked for."""
    right = lambda p, q: value(p, q, p / (p + q))  # noqa: E731
    return lambda p, q: (D(p, q), (V or right)(p, q))


def back(p, x, k, e):
    """A table of all values of one unit, in loops."""
    coin = lambda to, start, keep: keep * (to == start) + (1 - keep) / 2  # noqa: E731
    out = []
    for p_one, now in zip(p, x, strict=True):
        total = 0.0
        for start, weight in ((1, p_one), (0, 1 - p_one)):
            joint = [coin(y, start, e) * coin(now, y, k / e) for y in (0, 1)]
            total += weight * joint[1] / sum(joint)
        out.append(total)
    return np.array(out)


def terms(p, x, k, e, r=None):
    s, r = 2 * x - 1, k / e if r is None else r
    return tuple((1 + r * s) * (1 + a * e) / (2 * (1 + k * s * a)) for a in (1, -1))


def mixed(p, x, k, e, r=None):
    up, down = terms(p, x, k, e, r)
    return p * up + (1 - p) * down


KNOWN = [
    (check.slopes, slopes(lambda g, m, v, e: g, lambda g, m, v, e: g * e * exp(v / 2) / 2), "divergence forgotten"),
    (check.slopes, lambda g, m, v, e: (g + m, g * e * exp(v / 2) / 2 + (exp(v) - 1) / 2), "divergence added"),
    (check.slopes, lambda g, m, v, e: (m - g, (exp(v) - 1) / 2 - g * e * exp(v / 2) / 2), "sign"),
    (check.slopes, lambda g, m, v, e: (-m, (1 - exp(v)) / 2), "divergence alone"),
    (check.slopes, lambda g, m, v, e: (m, (exp(v) - 1) / 2), "divergence alone, climbed"),
    (check.slopes, slopes(lambda g, m, v, e: g), "divergence forgotten, by the mean"),
    (check.slopes, slopes(lambda g, m, v, e: g + m), "divergence added, by the mean"),
    (check.slopes, slopes(lambda g, m, v, e: -m), "divergence alone, by the mean"),
    (check.slopes, slopes(lambda g, m, v, e: g * e - m), "noise in the mean, by the mean"),
    (check.slopes, slopes(lambda g, m, v, e: g * exp(v / 2) - m), "deviation in the mean, by the mean"),
    (check.slopes, slopes(lambda g, m, v, e: g - m - exp(v / 2) * e), "z for the mean, by the mean"),
    (check.slopes, slopes(lambda g, m, v, e: g - 2 * m), "twice the mean, by the mean"),
    (check.slopes, slopes(lambda g, m, v, e: g - m / 2), "half of the mean, by the mean"),
    (check.slopes, slopes(lambda g, m, v, e: g - m**2 / 2), "square not differentiated, by the mean"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) - (exp(v) - 1) / 2), "half of the exponent lost, "
     "by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * exp(v / 2) / 2 - (exp(v) - 1) / 2), "noise forgotten, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e - (exp(v) - 1) / 2), "slope by the deviation, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v) / 2 - (exp(v) - 1) / 2), "variance for the "
     "deviation, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g - (exp(v) - 1) / 2), "slope by z alone, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: -(exp(v) - 1) / 2), "nothing through z, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) / 2), "no divergence, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) / 2 + (exp(v) - 1) / 2), "divergence added, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) / 2 - (exp(v) - 1)), "twice the divergence, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) / 2 - exp(v) / 2), "only the variance, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) / 2 - (exp(v / 2) - 1) / 2), "deviation in the "
     "divergence, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) / 2 - (v**2 - 1) / 2), "square of v, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) - (exp(v) - 1)), "two slips by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e - exp(v / 2) + exp(-v / 2)), "slope by the deviation in both, "
     "by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(-v / 2) / 2 - (1 - exp(-v)) / 2), "slope by the variance "
     "in both, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v) - (exp(2 * v) - 1)), "log of the deviation, by v"),
    (check.slopes, slopes(lambda g, m, v, e: g - m.sum()), "means summed, by the mean"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) / 2 - np.sum(exp(v) - 1) / 2), "summed, by v"),
    (check.slopes, lambda *a: tuple(np.round(part, 3) for part in slopes()(*a)), "rounded"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) / 4 - (exp(v) - 1) / 2), "half twice, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * e * exp(v / 2) / 2 - exp(v) - 1 / 2), "bracket lost, by v"),
    (check.slopes, slopes(by_v=lambda g, m, v, e: g * (m + exp(v / 2) * e) / 2 - (exp(v) - 1) / 2), "z for its slope, "
     "by v"),
    (
        check.slopes,
        lambda g, m, v, e: (
            g - (m + exp(v / 2) * e),
            g * e * exp(v / 2) / 2 + 0.5 - (m + exp(v / 2) * e) * e * exp(v / 2) / 2,
        ),
        "divergence of the draw",
    ),
    (
        check.slopes,
        lambda g, m, v, e: (g - g * m, g * e * exp(v / 2) / 2 - g * (exp(v) - 1) / 2),
        "divergence multiplied by the slope",
    ),
    (check.slopes, lambda *a: tuple(map(np.float32, slopes()(*a))), "nearly right"),
    (check.slopes, lambda *a: slopes()(*map(np.float32, a)), "nearly right"),
    (check.judge, judged(lambda p, q: q / (p + q)), "judge turned round"),
    (check.judge, judged(lambda p, q: p / q), "odds instead of a probability"),
    (check.judge, judged(lambda p, q: p), "data alone"),
    (check.judge, judged(lambda p, q: (p + q) / 2), "half of the sum"),
    (check.judge, judged(lambda p, q: 1.0 * (p > q)), "hard judge"),
    (check.judge, judged(lambda p, q: 0 * p + 0.5), "coin"),
    (check.judge, judged(lambda p, q: log(p / q)), "log odds"),
    (check.judge, judged(lambda p, q: 1 / (1 + exp(q - p))), "sigmoid of the difference"),
    (check.judge, judged(V=lambda p, q: -value(p, q, p / (p + q))), "sign"),
    (check.judge, judged(V=lambda p, q: (value(p, q, p / (p + q)) + log(4)) / 2), "divergence itself"),
    (check.judge, judged(V=lambda p, q: value(p, q, p / (p + q)) + log(4)), "twice the divergence"),
    (check.judge, judged(V=lambda p, q: value(p, q, p / (p + q)) + log(2)), "one log 2"),
    (check.judge, judged(V=lambda p, q: xlog(p, p / (p + q)).sum()), "real ones only"),
    (check.judge, judged(V=lambda p, q: xlog(q, q / (p + q)).sum()), "drawn ones only"),
    (check.judge, judged(V=lambda p, q: value(p, q, p / (p + q)) / 2), "half"),
    (check.judge, judged(V=lambda p, q: value(p, q, p / (p + q)) / len(p)), "mean of the terms"),
    (check.judge, judged(V=lambda p, q: np.sum(log(p / (p + q)) + log(q / (p + q)))), "not weighted"),
    (check.judge, judged(V=lambda p, q: np.mean(log(p / (p + q)) + log(q / (p + q)))), "plain mean"),
    (check.judge, judged(V=lambda p, q: value(q, p, p / (p + q))), "laws exchanged"),
    (check.judge, judged(V=lambda p, q: value(p, p, p / (p + q))), "data for both"),
    (check.judge, judged(V=lambda p, q: value(p, q, p / (p + q)) / log(2)), "base 2"),
    (check.judge, judged(V=lambda p, q: p @ (p / (p + q)) + q @ (q / (p + q))), "no logs"),
    (check.judge, judged(V=lambda p, q: -log(4)), "constant"),
    (check.judge, judged(V=lambda p, q: (p * log(p / (p + q)) + q * log(q / (p + q))).sum()), "zero times infinity"),
    (
        check.judge,
        judged(V=lambda p, q: (p * log(p / (p + q) + 1e-12) + q * log(q / (p + q) + 1e-12)).sum() + 1e-5),
        "small number in the logarithm",
    ),
    (check.judge, judged(V=lambda p, q: value(p, q, p / (p + q)) - log(4)), "log 4 twice"),
    (check.judge, judged(V=lambda p, q: xlog(p, p / (p + q)).sum() + log(q / (p + q)).sum()), "drawn ones not weighed"),
    (check.judge, judged(V=lambda p, q: log(p / (p + q)).sum() + xlog(q, q / (p + q)).sum()), "real ones not weighed"),
    (check.judge, judged(V=lambda p, q: ((p + q) * log(p * q / (p + q) ** 2)).sum() / 2), "mixture for both"),
    (check.judge, judged(V=lambda p, q: xlog(p, p / (p + q)).sum() - (q * p / (p + q)).sum()), "log D without log"),
    (check.judge, judged(lambda p, q: np.where(q > 0, p / (p + q), 0)), "judge where a law is 0"),
    (check.judge, judged(lambda p, q: 2 * p / (p + q)), "twice"),
    (check.judge, judged(lambda p, q: p / (p + q) / 2), "half of it"),
    (check.judge, judged(lambda p, q: 1 * (p >= q)), "hard judge"),
    (check.judge, judged(V=lambda p, q: np.where(q > 0, q * log(q / p), 0).sum()), "only the judge right"),
    (check.judge, judged(V=lambda p, q: _guarded(p, q, 0.01)), "small number in the logarithm"),
    (check.judge, judged(V=lambda p, q: _guarded(p, q, 1e-8)), "small number in the logarithm"),
    (
        check.judge,
        judged(lambda p, q: p / (p + q + 1e-8), lambda p, q: value(p, q, p / (p + q + 1e-8))),
        "small number in the logarithm",
    ),
    (check.judge, judged(lambda p, q: np.clip(p / (p + q), 0.01, 0.99)), "small number in the logarithm"),
    (check.judge, lambda p, q: tuple(map(np.float32, judged()(p, q))), "nearly right"),
    (check.judge, judged(lambda p, q: np.float32(p / (p + q))), "nearly right"),
    (check.step_back, lambda p, x, k, e: p, "first value instead"),
    (check.step_back, lambda p, x, k, e: x, "value now"),
    (check.step_back, lambda p, x, k, e: e * p + (1 - e) / 2, "value now not seen"),
    (check.step_back, lambda p, x, k, e: (1 + k / e * (2 * x - 1)) / 2, "start not seen"),
    (check.step_back, lambda p, x, k, e: _bayes(p, x, k, e, k), "kept since the start"),
    (check.step_back, lambda p, x, k, e: _bayes(p, x, k, e, e - k), "difference for the ratio"),
    (check.step_back, lambda p, x, k, e: _bayes(p, x, k, e, k * e), "product for the ratio"),
    (check.step_back, lambda p, x, k, e: mixed(p, x, k, e, k), "kept since the start, normalised by keep"),
    (check.step_back, lambda p, x, k, e: mixed(1 - p, x, k, e), "p turned round"),
    (check.step_back, lambda p, x, k, e: 1 - mixed(p, x, k, e), "probability of 0"),
    (check.step_back, lambda p, x, k, e: mixed(p, 1 - x, k, e), "now turned round"),
    (check.step_back, lambda p, x, k, e: p * terms(p, x, k, e)[0], "start 1 only, weighed"),
    (check.step_back, lambda p, x, k, e: terms(p, x, k, e)[0], "start 1 only"),
    (check.step_back, lambda p, x, k, e: mixed(np.round(p), x, k, e), "sharp start"),
    (check.step_back, lambda p, x, k, e: k / e * x + (1 - k / e) * p, "kept means seen"),
    (check.step_back, lambda p, x, k, e: 2 * mixed(p, x, k, e) - 1, "units as spins"),
    (check.step_back, lambda p, x, k, e: mixed(p, x, k, e) * (1 + k * (2 * x - 1)) / 2, "not normalised, as for 1"),
    (check.step_back, lambda p, x, k, e: 2 * mixed(p, x, k, e), "halves lost"),
    (check.step_back, lambda p, x, k, e: mixed(p, x, k, e) / 2, "half too many"),
    (check.step_back, lambda p, x, k, e: 1.0 * (mixed(p, x, k, e) > 0.5), "drawn"),
    (check.step_back, lambda p, x, k, e: _zeros_as_spins(p, x, k, e), "0 and 1 taken for spins"),
    (check.step_back, lambda *a: _pieces(*a, stay=lambda keep: keep), "coin never shows the old value"),
    (check.step_back, lambda *a: _pieces(*a, first=lambda s, x, k, e: 1 + e), "start left out on the first way"),
    (check.step_back, lambda *a: _pieces(*a, first=lambda s, x, k, e: 1 + k * s), "keep for earlier"),
    (check.step_back, lambda *a: _pieces(*a, first=lambda s, x, k, e: 1 - e * s), "first way to 0"),
    (check.step_back, lambda *a: _pieces(*a, second=lambda s, x, k, e: 1 - k / e * x), "second way from 0"),
    (check.step_back, lambda *a: _pieces(*a, second=lambda s, x, k, e: 1 + k / e * s * x), "second way from the start"),
    (check.step_back, lambda *a: _pieces(*a, below=lambda s, x, k, e: 1 + k), "one denominator for all"),
    (check.step_back, lambda *a: _pieces(*a, below=lambda s, x, k, e: 1 + k / e * s * x), "ratio below"),
    (check.step_back, lambda p, *a: mixed(1 / (1 + exp(-p)), *a), "sigmoid of p_start"),
    (check.step_back, lambda p, *a: mixed(0 * p + p.mean(), *a), "right for one unit only"),
    (check.step_back, lambda p, x, k, e: mixed(p, 1 + 0 * x, k, e), "right for 1 only"),
    (check.step_back, lambda *a: _pieces(*a, second=lambda s, x, k, e: 1 + k / e), "value now left out on the second "
     "way"),
    (check.step_back, lambda *a: _pieces(*a, second=lambda s, x, k, e: 2), "no second way"),
    (check.step_back, lambda *a: _pieces(*a, second=lambda s, x, k, e: 1), "no second way"),
    (check.step_back, lambda *a: _pieces(*a, below=lambda s, x, k, e: 1 - k * s * x), "denominators exchanged"),
    (check.step_back, lambda *a: _pieces(*a, below=lambda s, x, k, e: 1 + k * s), "value now left out below"),
    (check.step_back, lambda *a: _pieces(*a, below=lambda s, x, k, e: 1 + e * s * x), "earlier below"),
    (check.step_back, lambda *a: sum(terms(*a)), "starts not weighed"),
    (check.step_back, lambda p, *a: p * terms(p, *a)[0] + terms(p, *a)[1], "start 0 not weighed"),
    (check.step_back, lambda p, *a: p * terms(p, *a)[0] - (1 - p) * terms(p, *a)[1], "starts subtracted"),
    (check.step_back, lambda p, *a: (2 * p - 1) * terms(p, *a)[0] + (1 - 2 * p) * terms(p, *a)[1], "spins for weights"),
    (check.step_back, lambda p, x, k, e: mixed(p, x, 1 - e, 1 - k), "coins counted as kept"),
    (check.step_back, lambda p, x, k, e: (e - k) / (1 - k) * p + (1 - e) / (1 - k) * x, "mixed with shares"),
    (check.step_back, lambda p, x, k, e: mixed(p, x, k, e, (k / e) ** 0.5), "not keep / earlier"),
    (check.step_back, lambda *a: 1 * (np.random.default_rng(0).random(len(a[0])) < mixed(*a)), "drawn"),
    (check.step_back, lambda *a: np.float32(mixed(*a)), "nearly right"),
    (check.step_back, lambda p, *a: mixed(np.float32(p), *a), "nearly right"),
]  # fmt: skip


def _bayes(p, x, k, e, r):
    """With another share kept between, normalised by what it says."""
    s, total = 2 * x - 1, 0.0
    for a, weight in ((1, p), (-1, 1 - p)):
        one, zero = ((1 + e * a * y) * (1 + r * s * y) for y in (1, -1))
        total = total + weight * one / (one + zero)
    return total


def _pieces(p, x, k, e, *, first=None, second=None, below=None, stay=lambda keep: (1 + keep) / 2):
    """Bayes start by start, with the piece that is given, twice its probability, in place of the right one."""
    total, s = 0.0, 2 * x - 1
    for a, weight in ((1, p), (-1, 1 - p)):
        right = [(stay(e), a == 1), (stay(k / e), s == 1), (stay(k), a == s)]
        one, two, out = (
            np.where(same, keep, 1 - keep) if piece is None else piece(a, s, k, e) / 2
            for (keep, same), piece in zip(right, (first, second, below), strict=True)
        )
        total = total + weight * one * two / out
    return total


def _guarded(p, q, least):
    """The value, with a small number in each logarithm."""
    return (p * log(p / (p + q) + least) + q * log(q / (p + q) + least)).sum()


def _zeros_as_spins(p, x, k, e):
    up, down = ((1 + k / e * x) * (1 + a * e) / (2 * (1 + k * x * a)) for a in (1, -1))
    return p * up + (1 - p) * down


@each_mistake(KNOWN)
def test_each_mistake_gets_its_own_diagnosis(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


EXERCISES = [check.slopes, check.judge, check.step_back]


@pytest.mark.parametrize("checked", EXERCISES)
def test_no_mistake_explains_the_right_answers(checked):
    cases = checked.cases()
    exactly = [checked.truth(*case.arguments) for case in cases]
    answers = [tuple(map(np.asarray, right if checked.outputs else (right,))) for right in exactly]
    narrow = [mistake for mistake in checked.mistakes if not mistake.last]
    explained = {mistake.name for mistake in narrow if mistake.explains(answers, cases, checked.tolerance)}
    # These three look at what is left, and say what is right, too.
    assert explained <= {"zero times infinity", "small number in the logarithm", "nearly right"}


@pytest.mark.parametrize("checked", EXERCISES)
def test_each_mistake_says_something(checked):
    assert all(mistake.says for mistake in checked.mistakes)
    assert {name for of, _, name in KNOWN if of is checked} <= mistakes_known_to(checked)


UNKNOWN = [
    (check.slopes, slopes(lambda g, m, v, e: g - m + 0.1 * v**3, lambda g, m, v, e: v**3)),
    (check.judge, judged(lambda p, q: p**3 / (p + q), lambda p, q: p[0] ** 3)),
    (check.step_back, lambda p, x, k, e: mixed(p, x, k, e) ** 1.1),
]


@pytest.mark.parametrize(("checked", "mistaken"), UNKNOWN)
def test_a_mistake_that_is_not_listed_gets_no_name(checked, mistaken):
    verdict = checked(mistaken)
    assert not verdict
    assert verdict.diagnosis not in mistakes_known_to(checked), verdict.message


def judged_by_hand(p, q):
    D, total = [], 0.0
    for a, b in zip(p.tolist(), q.tolist(), strict=True):
        D.append(a / (a + b))
        total += (a * log(D[-1]) if a else 0) + (b * log(1 - D[-1]) if b else 0)
    return np.array(D), total


def slopes_in_loops(g, m, v, e):
    return (
        np.array([a - b for a, b in zip(g, m, strict=True)]),
        np.array([0.5 * (a * c * exp(0.5 * b) - exp(b) + 1) for a, b, c in zip(g, v, e, strict=True)]),
    )


RIGHT = [
    (check.slopes, slopes()),
    (check.slopes, slopes_in_loops),
    (check.judge, judged()),
    (check.judge, judged_by_hand),
    (check.step_back, back),
    (check.step_back, mixed),
    (check.step_back, generative.diffusion.step_back),
]


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    assert_accepted(checked, function)


def test_the_truth_of_the_slopes_is_that_of_differences():
    for case in check.slopes.cases():
        for right, near in zip(
            check.slopes.truth(*case.arguments), slopes_by_differences(*case.arguments), strict=True
        ):
            assert np.allclose(right, near, rtol=1e-7, atol=1e-8)


def test_no_judge_does_better():
    rng = np.random.default_rng(1)
    for case in check.judge.cases():
        D, best = check.judge.truth(*case.arguments)
        for _ in range(20):
            other = np.clip(D + rng.normal(0, 0.05, D.shape), 1e-6, 1 - 1e-6)
            assert value(*case.arguments, other) <= best + 1e-12


def test_answers_of_another_kind():
    assert "did not return 2 values" in check.slopes(lambda g, m, v, e: g - m).message
    assert "did not return 2 values" in check.judge(lambda p, q: p / (p + q)).message
