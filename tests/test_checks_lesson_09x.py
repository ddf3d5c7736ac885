"""Every mistake a check of lesson 09x knows, written as a student would write it, gets its own diagnosis."""

import time
from itertools import pairwise

import numpy as np
import pytest
from checking import assert_accepted, assert_diagnosed, each_mistake, each_right_answer, mistakes_known_to

from course_lib import vmc
from course_lib.classroom.checks import lesson_09x as check
from course_lib.vmc.pairs import cusps

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # division by 0, which is the mistakes'

inv, det, outer = np.linalg.inv, np.linalg.det, np.outer

# ---------------------------------------------------------------- one electron moves


def unit(k, row):
    return np.eye(len(row))[k]


def moved(A, k, row):
    change = row @ A
    ratio = change[k]
    change[k] -= 1
    return ratio, A - outer(A[:, k], change) / ratio


def afresh(A, k, row):
    """The expensive way, which is right."""
    new = inv(A)
    new[k] = row
    return det(new) * det(A), inv(new)


def by_columns(A, k, row):
    ratio = sum(row[j] * A[j, k] for j in range(len(row)))
    new = A.copy()
    for j in range(len(row)):
        if j != k:
            new[:, j] -= A[:, k] * (row @ A[:, j]) / ratio
    new[:, k] /= ratio
    return ratio, new


def by_sherman_and_morrison(A, k, row):
    v = row - inv(A)[k]
    below = 1 + v @ A[:, k]
    return below, A - outer(A @ unit(k, row), v @ A) / below


def ratio(of):
    return lambda A, k, row: (of(A, k, row), moved(A, k, row)[1])


def inverse(of):
    return lambda A, k, row: (row @ A[:, k], of(A, k, row, row @ A[:, k]))


def put(A, k, row):
    return np.vstack([A[:k], row[None], A[k + 1 :]])


MOVE = [
    (lambda A, k, row: (row @ A[k], A - outer(A[k], row @ A - unit(k, row)) / (row @ A[k])), "row of the inverse"),
    (ratio(lambda A, k, row: row @ A[k]), "row of the inverse"),
    (lambda A, k, row: (1 + row @ A[:, k], A - outer(A[:, k], row @ A) / (1 + row @ A[:, k])), "one added"),
    (ratio(lambda A, k, row: (row @ A[:, k]) ** 2), "squared"),
    (ratio(lambda A, k, row: abs(row @ A[:, k])), "sign lost"),
    (ratio(lambda A, k, row: 1 / (row @ A[:, k])), "one over the ratio"),
    (ratio(lambda A, k, row: row @ A[:, k] - 1), "change, relative"),
    (ratio(lambda A, k, row: np.log(abs(row @ A[:, k]))), "logarithm"),
    (ratio(lambda A, k, row: -row @ A[:, k]), "sign"),
    (ratio(lambda A, k, row: (-1) ** k * row @ A[:, k]), "sign of a cofactor"),
    (inverse(lambda A, k, row, q: A + outer(A[:, k], row @ A - unit(k, row))), "sign, inverse"),
    (inverse(lambda A, k, row, q: A - outer(row @ A, A[:, k]) / q), "old row forgotten, inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], np.where(unit(k, row), 1, row @ A)) / q), "1 for the place, "
     "inverse"),
    (ratio(lambda A, k, row: row @ A[:, k - 1]), "column before"),
    (ratio(lambda A, k, row: row @ A[:, 0]), "first column"),
    (ratio(lambda A, k, row: np.mean(row * A[:, k])), "averaged"),
    (ratio(lambda A, k, row: det(inv(A))), "old determinant"),
    (ratio(lambda A, k, row: det(put(inv(A), k, row))), "new determinant"),
    (ratio(lambda A, k, row: det(put(A, k, row))), "inverse with the row put in"),
    (ratio(lambda A, k, row: row @ inv(A)[:, k]), "matrix for its inverse"),
    (ratio(lambda A, k, row: sum(row @ A)), "all columns"),
    (inverse(lambda A, k, row, q: A), "old inverse, inverse"),
    (inverse(lambda A, k, row, q: put(inv(A), k, row)), "new matrix, inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], row @ A) / q), "old row forgotten, inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], row @ A) / (1 + q)), "old row forgotten, inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], row @ A - unit(k, row))), "not divided by the ratio, inverse"),
    (inverse(lambda A, k, row, q: A + outer(A[:, k], row @ A - unit(k, row)) / q), "sign, inverse"),
    (inverse(lambda A, k, row, q: A - outer(row @ A - unit(k, row), A[:, k]) / q), "outer product turned round, "
     "inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], A @ row - unit(k, row)) / q), "inverse times row, inverse"),
    (inverse(lambda A, k, row, q: A - A[:, k] * (row @ A - unit(k, row)) / q), "no outer product, inverse"),
    (inverse(lambda A, k, row, q: A / q), "all divided by the ratio, inverse"),
    (inverse(lambda A, k, row, q: put(A, k, row)), "row put into the inverse, inverse"),
    (inverse(lambda A, k, row, q: moved(A, k, row)[1].T), "transposed, inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], row - inv(A)[k]) / q), "right factor not multiplied, inverse"),
    (inverse(lambda A, k, row, q: A - outer(unit(k, row), row @ A - unit(k, row)) / q), "left factor not multiplied, "
     "inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], row @ A - 1) / q), "ones for the unit vector, inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], row @ A - unit(k, row)) / (1 + q)), "1 + ratio, inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], row @ A - unit(k, row)) * q), "times the ratio, inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], unit(k, row)) * (1 - 1 / q)), "own column only, inverse"),
    (inverse(lambda A, k, row, q: moved(A, k, row)[1] ** 3), "only the ratio right"),
    (ratio(lambda A, k, row: (row @ A[:, k]) ** 3), "only the inverse right"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], (row - A[k]) @ A) / q), "row of the inverse for the old one, "
     "inverse"),
    (inverse(lambda A, k, row, q: A - outer(A[:, k], (row - A[:, k]) @ A) / q), "row of the inverse for the old one, "
     "inverse"),
    (lambda A, k, row: (afresh(A.T, k, row)[0], afresh(A.T, k, row)[1].T), "column of D"),
    (lambda A, k, row: (det(put(A, k, row)) / det(A), inv(put(A, k, row))), "row put into the inverse"),
    (lambda A, k, row: moved(A, k, row)[::-1], "outputs exchanged"),
    (lambda A, k, row: moved(A, k, row)[0], "wrong kind of answer"),
]  # fmt: skip

# ---------------------------------------------------------------- the cusp


def cusp(equal, d):
    return 1 / (d + 1) if equal else 1 / (d - 1)


def slope(r, equal, d, b):
    return cusp(equal, d) / (1 + b * r) ** 2


def slope_in_a_loop(r, equal, d, b):
    u = [cusp(equal, d) * (1 / (1 + b * x) - b * x / (1 + b * x) ** 2) for x in r]
    return u


def slope_by_the_library(r, equal, d, b):
    """Of ln Psi by the place of one electron, at the distances r from the other."""
    state, pair = vmc.PadeJastrow(d, b, b), np.zeros((len(r), 4 if equal else 2, d))
    r = np.where(r > 0, r, 1e-12)
    if equal:  # the first two are up; the others stand so far away that they hardly pull
        pair[:, 2:] = 1e9 * np.arange(1, 3)[:, None]
    pair[:, 1, 0] = r
    return state.gradient(pair)[:, 1, 0]


def with_cusp(c):
    return lambda r, equal, d, b: c(equal, d) / (1 + b * r) ** 2


def shaped(of):
    return lambda r, equal, d, b: of(cusp(equal, d), r, b)


SLOPE = [
    (with_cusp(lambda equal, d: 1 / (d - 1)), "one cusp for both"),
    (with_cusp(lambda equal, d: cusp(not equal, d)), "spins exchanged"),
    (with_cusp(lambda equal, d: 1 / cusp(equal, d)), "cusp upside down"),
    (with_cusp(lambda equal, d: 1 / 3 if equal else 1), "plane built in"),
    (with_cusp(lambda equal, d: 1 / 4 if equal else 1 / 2), "space built in"),
    (with_cusp(lambda equal, d: (0.5 if equal else 1) / (d - 1)), "half of the other"),
    (with_cusp(lambda equal, d: 1 / d if equal else 1 / (d - 1)), "product rule"),
    (with_cusp(lambda equal, d: 0.5 if equal else cusp(equal, d)), "product rule"),
    (with_cusp(lambda equal, d: 1 / (d + 2) if equal else cusp(equal, d)), "dimension off by 1"),
    (with_cusp(lambda equal, d: 1 / (d + 1) if equal else 1), "opposite spins, plane built in"),
    (with_cusp(lambda equal, d: 1 / 3 if equal else 1 / (d - 1)), "equal spins, plane built in"),
    (with_cusp(lambda equal, d: (-1 if equal else 1) * cusp(equal, d)), "attracted"),
    (with_cusp(lambda equal, d: 2 * cusp(equal, d)), "half of the kinetic energy"),
    (with_cusp(lambda equal, d: cusp(equal, d) / 2), "kinetic energy doubled"),
    (with_cusp(lambda equal, d: -cusp(equal, d)), "attracted"),
    (with_cusp(lambda equal, d: 0 if equal else cusp(equal, d)), "no cusp for equal spins"),
    (with_cusp(lambda equal, d: 1), "cusp 1"),
    (with_cusp(lambda equal, d: 1 / d), "one over the dimension"),
    (with_cusp(lambda equal, d: 1 / (d + 2) if equal else 1 / d), "dimension off by 1"),
    (with_cusp(lambda equal, d: 1 / (d + 4) if equal else cusp(equal, d)), "equal spins"),
    (shaped(lambda c, r, b: c / (1 + b * r)), "not squared"),
    (shaped(lambda c, r, b: c * r / (1 + b * r)), "u itself"),
    (shaped(lambda c, r, b: c + 0 * r), "cusp alone"),
    (shaped(lambda c, r, b: c * r / (1 + b * r) ** 2), "r kept"),
    (shaped(lambda c, r, b: c * (1 + 2 * b * r) / (1 + b * r) ** 2), "quotient rule"),
    (shaped(lambda c, r, b: -2 * b * c / (1 + b * r) ** 3), "bend"),
    (shaped(lambda c, r, b: b * c / (1 + b * r) ** 2), "beta kept"),
    (shaped(lambda c, r, b: c / (1 + r) ** 2), "beta forgotten"),
    (shaped(lambda c, r, b: c / (1 + (b * r) ** 2)), "squares of the parts"),
    (shaped(lambda c, r, b: c / (1 + b * r**2)), "r squared"),
    (shaped(lambda c, r, b: c / (1 + b * r**2) ** 2), "r squared"),
    (shaped(lambda c, r, b: c / 1 + (b * r) ** 2), "brackets"),
    (shaped(lambda c, r, b: c / 1 + b * r**2), "brackets"),
    (shaped(lambda c, r, b: np.gradient(c * r / (1 + b * r), r)), "differences"),
    (lambda r, equal, d, b: slope(r, equal, d, b) + (1 / r if equal else 0), "slope of ln Psi"),
    (shaped(lambda c, r, b: (c * (1 + b * r) - c * r) / (1 + b * r) ** 2), "quotient rule"),
    (shaped(lambda c, r, b: c * (1 + b * r) ** 2), "upside down"),
    (shaped(lambda c, r, b: c / (1 + (b * r) ** 2) ** 2), "squares of the parts"),
    (shaped(lambda c, r, b: c / (1 - b * r) ** 2), "minus in the denominator"),
    (shaped(lambda c, r, b: c / (b + r) ** 2), "1 and beta exchanged"),
    (shaped(lambda c, r, b: c * np.exp(-b * r)), "exponential"),
    (shaped(lambda c, r, b: np.exp(c * r / (1 + b * r))), "exp(u)"),
    (shaped(lambda c, r, b: np.exp(c * r / (1 + b * r)) * c / (1 + b * r) ** 2), "slope of exp(u)"),
    (shaped(lambda c, r, b: c * (1 - b * r) / (1 + b * r) ** 2), "right at 0 only"),
    (lambda r, equal, d, b: 1 / (d - 1) / (1 + b * r), "one cusp for both"),
    (lambda r, equal, d, b: 0.3 / (1 + b * r) ** 2, "cusp"),
]

# ---------------------------------------------------------------- the density


def distance(x):
    return np.sqrt((x**2).sum(axis=-1))


def count(x, edges):
    return np.histogram(distance(x), edges)[0]


def area(edges):
    return np.pi * np.diff(edges**2)


def density(x, edges):
    return count(x, edges) / len(x) / area(edges)


def density_in_a_loop(x, edges):
    out = []
    for a, b in pairwise(edges):
        inside = sum(a <= np.hypot(*electron) < b for snapshot in x for electron in snapshot)
        out.append(inside / len(x) / (np.pi * (a + b) * (b - a)))
    return out


def density_by_squares(x, edges):
    return np.histogram((x**2).sum(axis=-1), edges**2)[0] / (np.pi * len(x)) / np.diff(edges**2)


DENSITY = [
    (lambda x, e: count(x, e) / area(e), "not divided by the snapshots"),
    (lambda x, e: count(x, e) / len(x), "not divided by the area"),
    (count, "not divided by the snapshots"),
    (lambda x, e: count(x, e) / len(x) / np.diff(e), "width for area"),
    (lambda x, e: density(x, e) / x.shape[1], "one electron's density"),
    (lambda x, e: density(x, e) * x.shape[1], "times the electrons"),
    (lambda x, e: count(x, e) / x.shape[1] / area(e), "divided by the electrons"),
    (lambda x, e: count(x, e) / count(x, e).sum() / area(e), "normalised"),
    (lambda x, e: np.histogram(distance(x), e, density=True)[0] / area(e), "density=True"),
    (lambda x, e: np.histogram((x**2).sum(axis=-1), e)[0] / len(x) / area(e), "root forgotten"),
    (lambda x, e: count(x, e) / len(x) / np.diff(e**2), "pi forgotten"),
    (lambda x, e: count(x, e) / len(x) / (np.pi * np.diff(e) ** 2), "square of the width"),
    (lambda x, e: count(x, e) / len(x) / (np.pi * e[1:] ** 2), "whole disc"),
    (lambda x, e: count(x, e) / len(x) / (2 * np.pi * e[1:] * np.diff(e)), "outer edge"),
    (lambda x, e: count(x, e) / len(x) / (2 * np.pi * e[:-1] * np.diff(e)), "inner edge"),
    (lambda x, e: count(x, e) / len(x) / (4 / 3 * np.pi * np.diff(e**3)), "shell of a ball"),
    (lambda x, e: count(x, e) / len(x) / (np.pi * (e[1:] + e[:-1])), "circumference"),
    (lambda x, e: density(x, e) / density(x, e).sum(), "normalised"),
    (lambda x, e: density(x, e) / (density(x, e) @ np.diff(e)), "normalised"),
    (lambda x, e: count(x, e) / len(x) / area(e).sum(), "area of the whole"),
    (lambda x, e: density(x, e) / 2, "a 2 too many"),
    (lambda x, e: count(x, e) / len(x) / (2 * np.pi * np.diff(e**2)), "a 2 too many"),
    (lambda x, e: count(x, e) / len(x) / (np.pi * (e[1:] + e[:-1]) / 2 * np.diff(e)), "r dr"),
    (lambda x, e: count(x, e) / len(x) / (np.pi * (e[1:] + e[:-1]) * (e[1] - e[0])), "first width"),
    (lambda x, e: count(x, e) / len(x) / (np.pi * e[:-1] ** 2), "inner disc"),
    (lambda x, e: count(x, e) / len(x) / (np.pi * ((e[1:] + e[:-1]) / 2) ** 2), "disc through the middle"),
    (lambda x, e: count(x, e) / (len(e) - 1) / area(e), "divided by the rings"),
    (lambda x, e: np.histogram(distance(x), e, density=True)[0], "density=True"),
    (lambda x, e: x.shape[1] * np.histogram(distance(x), e, density=True)[0], "density=True"),
    (lambda x, e: np.cumsum(count(x, e)) / len(x) / (np.pi * e[1:] ** 2), "summed up"),
    (lambda x, e: count(x, e) / len(x) * area(e), "multiplied by the area"),
    (lambda x, e: density(x[:, :1], e), "first electron only"),
    (lambda x, e: density(x[:1], e), "one snapshot only"),
    (lambda x, e: np.histogram(abs(x[..., 0]), e)[0] / len(x) / area(e), "one coordinate"),
    (lambda x, e: np.histogram(x, e)[0] / len(x) / area(e), "coordinates one by one"),
    (lambda x, e: np.histogram(np.sqrt((x**2).sum(axis=(1, 2))), e)[0] / len(x) / area(e), "electrons together"),
    (lambda x, e: np.histogram(distance(x).mean(axis=1), e)[0] / len(x) / area(e), "electrons averaged"),
    (lambda x, e: np.histogram(np.sqrt((x**2).sum(axis=1)), e)[0] / len(x) / area(e), "other axis"),
    (lambda x, e: density(x - x.mean(axis=(0, 1)), e), "middle of the samples"),
    (lambda x, e: count(x, e) / x.size / area(e), "coordinates counted"),
    (lambda x, e: np.cumsum(count(x, e)) / len(x) / area(e), "summed up"),
    (lambda x, e: np.cumsum(count(x, e)) / len(x), "integral of the density"),
    (lambda x, e: count(x, len(e) - 1) / len(x) / area(e), "number for edges"),
    (lambda x, e: np.histogram(distance(x), e), "wrong kind of answer"),
    (lambda x, e: density(x, e) ** 1.5, "first ring by hand"),
]

KNOWN = [
    (checked, function, name)
    for checked, rows in ((check.move, MOVE), (check.slope, SLOPE), (check.density, DENSITY))
    for function, name in rows
]
RIGHT = [
    (check.move, moved),
    (check.move, afresh),
    (check.move, by_columns),
    (check.move, by_sherman_and_morrison),
    (check.slope, slope),
    (check.slope, slope_in_a_loop),
    (check.slope, slope_by_the_library),
    (check.density, density),
    (check.density, density_in_a_loop),
    (check.density, density_by_squares),
]
EXERCISES = [check.move, check.slope, check.density]


@each_mistake(KNOWN)
def test_each_mistake_is_named(checked, mistaken, name):
    assert_diagnosed(checked, mistaken, name)


@each_right_answer(RIGHT)
def test_right_answers_are_accepted(checked, function):
    start = time.perf_counter()
    assert_accepted(checked, function)
    assert time.perf_counter() - start < 2


def test_who_changes_the_inverse_is_told():
    def in_place(A, k, row):
        found = moved(A, k, row)
        A[:] = found[1]
        return found[0], A

    assert "changed its input" in check.move(in_place).message


@pytest.mark.parametrize("checked", EXERCISES)
def test_no_mistake_explains_the_right_answers(checked):
    cases = checked.cases()
    exact = [checked.truth(*case.arguments) for case in cases]
    answers = [tuple(map(np.asarray, one if checked.outputs else (one,))) for one in exact]
    narrow = [mistake for mistake in checked.mistakes if not mistake.last]
    assert [one.name for one in narrow if one.explains(answers, cases, checked.tolerance)] == []


@pytest.mark.parametrize("checked", EXERCISES)
@pytest.mark.filterwarnings("error")
def test_the_library_s_own_mistakes_warn_nobody(checked):
    def odd(*arguments):
        right = checked.truth(*arguments)
        return tuple(part + 0.1 for part in right) if checked.outputs else right + 0.1 * np.sin(arguments[0].sum())

    verdict = checked(odd)
    assert not verdict and all(mistake.says for mistake in checked.mistakes)
    assert {name for of, _, name in KNOWN if of is checked} - {"outputs exchanged", "wrong kind of answer"} <= (
        mistakes_known_to(checked)
    )


# ---------------------------------------------------------------- what the lesson says


def test_the_cusps_are_the_library_s():
    for dim in (2, 3):
        opposite, equal = (check.slope.truth(np.zeros(1), same, dim, 1.0)[0] for same in (False, True))
        assert (opposite, equal) == cusps(dim)


def test_only_the_right_cusp_keeps_two_equal_spins_finite():
    """The formula of section 3: 1 / r - s' - s^2 - 3 s / r."""
    r = np.array([1e-3, 1e-5])
    for c, finite in ((0, False), (1 / 3, True), (1, False)):
        s, bend = c / (1 + r) ** 2, -2 * c / (1 + r) ** 3
        e = 1 / r - bend - s**2 - 3 * s / r
        assert (abs(e[1]) < 10) == finite


def test_fifteen_free_electrons_hold_half_of_their_energy_in_the_trap():
    """By the library: six electrons have 10 hartree, of which the trap's part is 5; of fifteen of one spin 27.5."""
    for n, omega in ((6, 1.0), (30, 0.5)):
        r = np.linspace(0, 12, 4001)
        trap = 0.5 * omega**2 * r**2 * vmc.free_density(n, omega, r) * 2 * np.pi * r
        assert np.trapezoid(trap, r) == pytest.approx(vmc.QuantumDot(n, 2, omega).free_energy / 2, rel=1e-6)


def test_the_density_by_the_student_is_that_of_the_library():
    run = vmc.stored(6, 1.0, "jastrow")
    x = vmc.snapshots(run.state, run.dot, 20_000, rng=1)
    edges = np.linspace(0, 4, 9)
    inside = np.cumsum(run.density.density * run.density.volumes)
    within = np.interp(edges[1:], run.density.edges[1:], inside)
    mine = np.cumsum(check.density.truth(x, edges) * area(edges))
    assert np.allclose(mine, within, atol=0.03)
