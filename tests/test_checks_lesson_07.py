"""Every mistake a check of lesson 07 knows, written as a student would write it, gets its own diagnosis."""

import time

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer

from course_lib import hopfield
from course_lib.classroom.checks import lesson_07 as check

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

# ---------------------------------------------------------------- Hebb's rule


def no_diagonal(J):
    J = np.array(J, float)
    np.fill_diagonal(J, 0)
    return J


def hebb(patterns):
    return no_diagonal(patterns.T.astype(float) @ patterns / patterns.shape[1])


def hebb_by_loops(patterns):
    P, N = patterns.shape
    J = np.zeros((N, N))
    for i in range(N):
        for j in range(N):
            if i != j:
                J[i, j] = sum(int(patterns[mu, i]) * int(patterns[mu, j]) for mu in range(P)) / N
    return J


def hebb_by_outer(patterns):
    J = 0
    for xi in patterns:
        J = J + np.outer(xi, xi).astype(float)
    return J * (1 - np.eye(len(J))) / len(J)


def hebb_by_einsum(patterns):
    return no_diagonal(np.einsum("mi,mj->ij", patterns.astype(np.float32), patterns) / np.float32(1)) / len(patterns.T)


def hebb_minus_unit(patterns):
    P, N = patterns.shape
    return (patterns.T.astype(int) @ patterns.astype(int) - P * np.eye(N)) / N


def last_pattern(patterns):
    for xi in patterns:
        J = np.outer(xi, xi) / len(xi)
    return no_diagonal(J)


def returned_in_the_loop(patterns):
    for xi in patterns:
        return no_diagonal(np.outer(xi, xi) / len(xi))


def range_too_short(patterns):
    P, N = patterns.shape
    J = np.zeros((N, N))
    for mu in range(P - 1):
        J += np.outer(patterns[mu], patterns[mu])
    return no_diagonal(J / N)


def upper_half(patterns):
    N = patterns.shape[1]
    J = np.zeros((N, N))
    for i in range(N):
        for j in range(i + 1, N):
            J[i, j] = patterns[:, i].astype(float) @ patterns[:, j] / N
    return J


def over_patterns(patterns):
    return no_diagonal(patterns.T.astype(float) @ patterns / len(patterns))


HEBB = [
    (lambda p: no_diagonal(p.T @ p / p.shape[1]), "int8 sums"),
    (lambda p: p.T.astype(float) @ p / p.shape[1], "diagonal left in"),
    (over_patterns, "divided by P"),
    (lambda p: no_diagonal(p.T.astype(float) @ p), "not divided"),
    (lambda p: no_diagonal(p.T.astype(float) @ p / p.size), "divided by P N"),
    (lambda p: no_diagonal(p.T.astype(float) @ p / p.shape[1] ** 2), "divided by N twice"),
    (lambda p: -hebb(p), "sign"),
    (lambda p: 2 * hebb(p), "pairs counted twice"),
    (lambda p: hebb(p) / 2, "half"),
    (lambda p: hebb(p) * p.shape[1] / (p.shape[1] - 1), "N - 1"),
    (lambda p: hebb(p) * np.sqrt(p.shape[1]), "divided by root N"),
    (last_pattern, "last pattern only"),
    (returned_in_the_loop, "first pattern only"),
    (range_too_short, "patterns left out"),
    (lambda p: hebb(p[1:]) if len(p) > 1 else 0 * hebb(p), "patterns left out"),
    (upper_half, "one triangle"),
    (lambda p: no_diagonal(np.outer(p.sum(0, dtype=float), p.sum(0, dtype=float)) / p.shape[1]), "sum of the patterns"),
    (lambda p: no_diagonal(np.outer(p.mean(0), p.mean(0)) / p.shape[1]), "mean of the patterns"),
    (lambda p: hebb((p + 1) // 2), "0 and 1"),
    (lambda p: hebb(p - p.mean(axis=0)), "means taken off"),
    (lambda p: np.cov(p.T.astype(float), bias=True) * (1 - np.eye(p.shape[1])), "means taken off"),
    (lambda p: abs(hebb(p)), "absolute values"),
    (lambda p: np.sign(hebb(p)), "signs of the sums"),
    (lambda p: hebb(p) + np.eye(p.shape[1]), "diagonal 1"),
    (lambda p: p.T.astype(float) @ p / p.shape[1] - np.eye(p.shape[1]), "unit matrix off"),
    (lambda p: p.T.astype(float) @ p / len(p), "diagonal left in"),
    (lambda p: -(p.T.astype(float) @ p) / p.shape[1], "diagonal left in"),
]

# ---------------------------------------------------------------- a sweep


def sweep(state, J, order):
    state = state.copy()
    for i in order:
        field = J[i] @ state
        if field != 0:
            state[i] = np.sign(field)
    return state


def sweep_by_cost(state, J, order):
    new = list(state)
    for i in order:
        cost = 2 * new[i] * sum(J[i, j] * new[j] for j in range(len(new)) if j != i)
        if cost < 0:
            new[i] = -new[i]
    return new


def sweep_by_energy(state, J, order):
    def energy(s):
        return -s @ J @ s / 2

    state = state.astype(float)
    for i in order:
        turned = state.copy()
        turned[i] *= -1
        if energy(turned) < energy(state) - 1e-12:
            state = turned
    return state


def all_at_once(state, J, order):
    fields = J @ state
    return np.where(fields == 0, state, np.sign(fields))


def stale_fields(state, J, order):
    new, fields = state.copy(), J @ state
    for i in order:
        if fields[i] != 0:
            new[i] = np.sign(fields[i])
    return new


def visiting(which):
    def mistaken(state, J, order):
        return sweep(state, J, which(order, state))

    return mistaken


def with_rule(rule):
    def mistaken(state, J, order):
        state = state.astype(float)
        for i in order:
            state[i] = rule(J[i] @ state, state[i], J[i])
        return state

    return mistaken


def return_in_the_loop(state, J, order):
    state = state.copy()
    for i in order:
        field = J[i] @ state
        if field != 0:
            state[i] = np.sign(field)
        return state


def until_settled(state, J, order):
    state = state.copy()
    while True:
        new = sweep(state, J, order)
        if np.array_equal(new, state):
            return state
        state = new


def writes_nothing(state, J, order):
    new = state.copy()
    for i in order:
        s = new[i]
        if J[i] @ new * s < 0:
            s = -s
    return new


def breaks_at_one_that_stays(state, J, order):
    state = state.copy()
    for i in order:
        if state[i] * (J[i] @ state) >= 0:
            break
        state[i] *= -1
    return state


SWEEP = [
    (all_at_once, "one step of all spins"),
    (stale_fields, "all at once"),
    (visiting(lambda order, state: range(len(state))), "order ignored"),
    (visiting(lambda order, state: range(len(order))), "order ignored"),
    (visiting(lambda order, state: order[::-1]), "backwards"),
    (visiting(lambda order, state: order[:-1]), "last spin left out"),
    (visiting(lambda order, state: order[1:]), "first spin left out"),
    (visiting(lambda order, state: sorted(order)), "sorted"),
    (return_in_the_loop, "one spin only"),
    (until_settled, "more than one sweep"),
    (visiting(lambda order, state: [*order, *order]), "more than one sweep"),
    (with_rule(lambda f, s, row: -np.sign(f) if f else s), "uphill"),
    (with_rule(lambda f, s, row: np.sign(f)), "tie becomes 0"),
    (with_rule(lambda f, s, row: 1 if f >= 0 else -1), "tie becomes up"),
    (with_rule(lambda f, s, row: 1 if f > 0 else -1), "tie becomes down"),
    (with_rule(lambda f, s, row: -s if s * f <= 0 else s), "tie turns"),
    (with_rule(lambda f, s, row: -s if f < 0 else s), "turned by the sign of the field"),
    (with_rule(lambda f, s, row: -s), "always turned"),
    (with_rule(lambda f, s, row: f), "field written"),
    (with_rule(lambda f, s, row: np.sign(s * f) if f else s), "turned by the sign of the field"),
    (with_rule(lambda f, s, row: 1 if f > 0 else s), "only up"),
    (with_rule(lambda f, s, row: np.sign(row.sum()) if row.sum() else s), "sum of the row"),
    (with_rule(lambda f, s, row: 1 if f > 0 else 0 if f < 0 else s), "0 and 1"),
    (with_rule(lambda f, s, row: np.sign(f + s) if f + s else s), "own spin in the field"),
    (writes_nothing, "never turned"),
    (breaks_at_one_that_stays, "stops at a spin that stays"),
]

# ---------------------------------------------------------------- fields along the patterns


def pulls(patterns, J):
    return patterns * (patterns @ J)


def pulls_by_loops(patterns, J):
    P, N = patterns.shape
    return [[sum(patterns[mu, i] * J[i, j] * patterns[mu, j] for j in range(N)) for i in range(N)] for mu in range(P)]


PULLS = [
    (lambda p, J: p @ J, "fields alone"),
    (lambda p, J: 2 * pulls(p, J), "cost of the flip"),
    (lambda p, J: -pulls(p, J), "sign"),
    (lambda p, J: abs(p @ J), "absolute values"),
    (lambda p, J: pulls(p, J) / 2, "half"),
    (lambda p, J: pulls(p, J) / p.shape[1], "divided by N"),
    (lambda p, J: pulls(p, J) / len(p), "divided by N"),
    (lambda p, J: pulls(p, J) * p.shape[1], "times N"),
    (lambda p, J: pulls(p, J) - 1, "crosstalk alone"),
    (lambda p, J: np.sign(pulls(p, J)), "signs"),
    (lambda p, J: pulls(p, J) > 0, "yes or no"),
    (lambda p, J: pulls(p, J) < 0, "bits that turn"),
    (lambda p, J: p * (p[0] @ J), "one pattern for all"),
    (lambda p, J: pulls(p, hopfield.hebb(p).J), "Hebb's J put in"),
    (lambda p, J: pulls(p, J + np.eye(len(J))), "the spin itself"),
    (lambda p, J: p * (p @ np.triu(J)), "half of the pairs"),
    (lambda p, J: p + p @ J, "added"),
    (lambda p, J: (p @ J) ** 2, "squares"),
    (lambda p, J: np.round(pulls(p, J), 2), "rounded"),
]

# ---------------------------------------------------------------- row by row


def row_gradient(patterns, J):
    doubts = patterns * (1 - np.tanh(patterns * (patterns @ J)))
    slope = doubts.T @ patterns / len(patterns)
    return no_diagonal(slope + slope.T)


def row_gradient_by_loops(patterns, J):
    P, N = patterns.shape
    slope = np.zeros((N, N))
    for xi in patterns.astype(float):
        residual = xi - np.tanh(J @ xi)
        for i in range(N):
            for j in range(N):
                if i != j:
                    slope[i, j] += (residual[i] * xi[j] + residual[j] * xi[i]) / P
    return slope


def row_gradient_by_differences(patterns, J):
    def score(J):
        return -np.mean(np.sum(np.log1p(np.exp(-2 * patterns * (patterns @ J))), axis=1))

    slope = np.zeros_like(J)
    for i in range(len(J)):
        for j in range(i):
            change = np.zeros_like(J)
            change[i, j] = change[j, i] = 3e-5
            slope[i, j] = slope[j, i] = (score(J + change) - score(J - change)) / 6e-5
    return slope


def with_doubt(doubt):
    def mistaken(x, J):
        d = x * doubt(x * (x @ J))
        slope = d.T @ x / len(x)
        return no_diagonal(slope + slope.T)

    return mistaken


def one_row(x, J):
    d = x * (1 - np.tanh(x * (x @ J)))
    return no_diagonal(d.T @ x / len(x))


def lost_diagonal(x, J):
    d = x * (1 - np.tanh(x * (x @ J)))
    slope = d.T @ x / len(x)
    return slope + slope.T


def no_spin_in_tanh(x, J):
    d = x * (1 - np.tanh(x @ J))
    slope = d.T @ x / len(x)
    return no_diagonal(slope + slope.T)


def spin_lost(x, J):
    d = 1 - np.tanh(x * (x @ J))
    slope = d.T @ x / len(x)
    return no_diagonal(slope + slope.T)


ROWS = [
    (one_row, "one row only"),
    (lambda x, J: one_row(x, J).T, "one row only"),
    (lambda x, J: row_gradient(x, J) / 2, "half"),
    (lost_diagonal, "diagonal left in"),
    (lambda x, J: row_gradient(x, J) * len(x), "sum over patterns"),
    (lambda x, J: row_gradient(x, J) * len(x) / len(J), "divided by N"),
    (lambda x, J: row_gradient(x, J) / len(J), "divided by P N"),
    (lambda x, J: -row_gradient(x, J), "tanh minus 1"),
    (lambda x, J: J + row_gradient(x, J), "new J"),
    (with_doubt(np.tanh), "tanh for 1 - tanh"),
    (with_doubt(lambda y: 1 + np.tanh(y)), "1 + tanh"),
    (with_doubt(lambda y: 1 - 1 / (1 + np.exp(-y))), "logistic of the field"),
    (with_doubt(lambda y: 1 - np.tanh(2 * y)), "twice the argument"),
    (with_doubt(lambda y: 1 - np.tanh(y) ** 2), "slope of tanh"),
    (with_doubt(lambda y: 1 - y), "linear residual"),
    (with_doubt(lambda y: (y <= 0) * 1.0), "residual of the sign"),
    (with_doubt(lambda y: np.exp(-y)), "exp(-y)"),
    (with_doubt(lambda y: 1 - np.sign(y)), "residual of the sign"),
    (no_spin_in_tanh, "spin missing in tanh"),
    (spin_lost, "one spin missing"),
    (lambda x, J: 2 * over_patterns(x), "J does not enter"),
    (lambda x, J: np.triu(row_gradient(x, J)), "one triangle"),
]

EXERCISES = {check.hebb: HEBB, check.sweep: SWEEP, check.pulls: PULLS, check.row_gradient: ROWS}
MISTAKES = [(checked, mistaken, name) for checked, known in EXERCISES.items() for mistaken, name in known]
RIGHT = [
    *((check.hebb, f) for f in (hebb, hebb_by_loops, hebb_by_outer, hebb_minus_unit)),
    *((check.sweep, f) for f in (sweep, sweep_by_cost, sweep_by_energy)),
    *((check.pulls, f) for f in (pulls, pulls_by_loops)),
    *((check.row_gradient, f) for f in (row_gradient, row_gradient_by_loops)),
]


@each_mistake(MISTAKES)
def test_each_mistake_is_named(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    assert "Right" in assert_accepted(checked, function)


@pytest.mark.parametrize("checked", EXERCISES)
def test_every_exercise_knows_ten_mistakes_and_is_quick(checked):
    assert len({mistake.name for mistake in checked.mistakes}) >= 10
    start = time.perf_counter()
    checked(lambda *arguments: np.full(np.shape(checked.truth(*arguments)), 0.37))
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("checked", EXERCISES)
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_numbers_that_are_none_are_refused_without_an_error(checked, value):
    assert checked(lambda *arguments: np.full(np.shape(checked.truth(*arguments)), value)).status == "not yet"


@pytest.mark.parametrize("checked", EXERCISES)
def test_the_truth_is_right_and_a_stub_is_told(checked):
    assert checked(checked.truth)

    def stub(*arguments):
        raise NotImplementedError("your turn: nothing yet")

    assert checked(stub).status == "your turn"


def test_the_slope_is_that_of_the_pseudo_likelihood():
    for case in check.row_gradient.cases():
        by_differences = row_gradient_by_differences(*case.arguments)
        assert np.allclose(check.row_gradient.truth(*case.arguments), by_differences, atol=1e-7), case.name
