"""Checks of lesson 09x, from six electrons to thirty.

Where an answer is put together in stages, a slip is one stage done in another way: see `composed`.

>>> verdict = move(lambda inverse, k, row: (row @ inverse[k], inverse))  # doctest: +ELLIPSIS
Not yet: for D = [[1, 1], [0, 1]], k = 0, new row (2, 1) your ratio is 1, exact is 2. The ratio: row k of ...
"""

from dataclasses import replace
from itertools import chain

import numpy as np

from course_lib.classroom.checks import Case, Exercise, Mistake, agree
from course_lib.classroom.checks.composed import composed, localised

SEED = 9  # the same systems each time, so that a student who runs a check again sees the same example


def _at_last(*arguments):
    """What is known of a mistake is little: anything else goes first, also a resemblance such as twice the answer."""
    return replace(localised(*arguments), last=True)


# ---------------------------------------------------------------- one electron moves


def _moves():
    rng = np.random.default_rng(SEED)
    cases = [
        Case("D = [[1, 1], [0, 1]], k = 0, new row (2, 1)", (np.array([[1.0, -1], [0, 1]]), 0, np.array([2.0, 1]))),
        Case("one orbital, D = 2, new row 3", (np.array([[0.5]]), 0, np.array([3.0]))),
    ]
    for n, k in ((3, 0), (3, 1), (4, 3), (6, 2)):
        matrix = rng.normal(size=(n, n)) + 2 * np.eye(n)
        cases.append(Case(f"{n} random orbitals, k = {k}", (np.linalg.inv(matrix), k, rng.normal(size=n))))
    return cases


def _ratio(inverse, k, row):
    return row @ inverse[:, k]


def _replaced(inverse, k, row):
    """The new matrix."""
    matrix = np.linalg.inv(inverse)
    matrix[k] = row
    return matrix


def _moved(inverse, k, row):
    unit = np.eye(len(row))[k]
    return inverse - np.outer(inverse[:, k], row @ inverse - unit) / _ratio(inverse, k, row)


def _right_move(inverse, k, row):
    return _ratio(inverse, k, row), _moved(inverse, k, row)


# Each: a name, the ratio that is given, and what to say. A is the inverse.
_RATIOS = (
    ("row of the inverse", lambda A, k, row: row @ A[k], "row k of the inverse is taken: D D^-1 = 1 pairs rows of D "
     "with columns of the inverse, so it is column k"),
    ("one over the ratio", lambda A, k, row: 1 / _ratio(A, k, row), "that is old over new"),
    ("change, relative", lambda A, k, row: _ratio(A, k, row) - 1, "that is the change, ratio - 1: the old row is taken "
     "off"),
    ("one added", lambda A, k, row: _ratio(A, k, row) + 1, "1 is added: in Sherman and Morrison's 1 + v A^-1 u the v "
     "is the new row minus the old one, whose product with column k is 1"),
    ("squared", lambda A, k, row: _ratio(A, k, row) ** 2, "that is the ratio of the densities, its square: the sign "
     "is lost"),
    ("sign lost", lambda A, k, row: abs(_ratio(A, k, row)), "its sign is lost: a move may cross a node"),
    ("sign", lambda A, k, row: -_ratio(A, k, row), "the sign is turned round"),
    ("sign of a cofactor", lambda A, k, row: (-1) ** k * _ratio(A, k, row), "(-1)^k came in: the inverse has the signs "
     "of the cofactors already"),
    ("logarithm", lambda A, k, row: np.log(abs(_ratio(A, k, row))), "that is its logarithm"),
    ("new determinant", lambda A, k, row: np.linalg.det(_replaced(A, k, row)), "that is the new determinant: divide "
     "by the old one, or better, use the inverse"),
    ("old determinant", lambda A, k, row: 1 / np.linalg.det(A), "that is the old determinant"),
    ("determinant of the inverse", lambda A, k, row: np.linalg.det(A), "that is the determinant of the inverse"),
    ("inverse with the row put in", lambda A, k, row: np.linalg.det(np.insert(np.delete(A, k, 0), k, row, 0)),
     "the row was put into the inverse: it belongs into D"),
    ("all columns", lambda A, k, row: np.sum(row @ A), "the products with all columns are summed: column k alone"),
    ("column before", lambda A, k, row: row @ A[:, k - 1], "that is column k - 1: k counts from 0"),
    ("column after", lambda A, k, row: row @ A[:, (k + 1) % len(A)], "that is column k + 1: k counts from 0"),
    ("first column", lambda A, k, row: row @ A[:, 0], "column 0 is built in: take column k"),
    ("last column", lambda A, k, row: row @ A[:, -1], "the last column is built in: take column k"),
    ("matrix for its inverse", lambda A, k, row: row @ np.linalg.inv(A)[:, k], "column k of D is taken, not of its "
     "inverse"),
    ("matrix for its inverse", lambda A, k, row: row @ np.linalg.inv(A)[k], "row k of D is taken: column k of the "
     "inverse"),
    ("diagonal alone", lambda A, k, row: row[k] * A[k, k], "only one product is in it: sum over all orbitals"),
    ("averaged", lambda A, k, row: _ratio(A, k, row) / len(row), "the products are averaged: sum them"),
    ("always 1", lambda A, k, row: 1.0, "that is 1, the ratio where nothing has moved: the new row must enter"),
    ("column alone", lambda A, k, row: A[:, k].sum(), "the new row does not enter: multiply, then sum"),
    ("row alone", lambda A, k, row: row.sum(), "the inverse does not enter: multiply by its column k, then sum"),
    ("element of the inverse", lambda A, k, row: A[k, k], "that is one number of the inverse: multiply its column k by "
     "the new row, then sum"),
)  # fmt: skip


def _outer(left, right):
    """Of the numbers that Sherman and Morrison take off: A minus ``left`` times ``right`` over the ratio."""

    def inverse(A, k, row):
        unit, g = np.eye(len(row))[k], row @ A
        return A - np.outer(left(A, k, row), right(A, k, row, unit, g)) / _ratio(A, k, row)

    return inverse


def _column(A, k, row):
    return A[:, k]


def _scaled(by):
    return lambda A, k, row: A - (A - _moved(A, k, row)) * by(_ratio(A, k, row))


def _with_column(others, own):
    """The inverse whose other columns, or whose column k, is done in another way."""

    def inverse(A, k, row):
        q = _ratio(A, k, row)
        new = _moved(A, k, row) if others else A.copy()
        new[:, k] = own(A[:, k], q)
        return new

    return inverse


def _old_row(A, k):
    return np.linalg.inv(A)[k]


_INVERSES = (
    ("old inverse", lambda A, k, row: A, "the old inverse is returned"),
    ("new matrix", _replaced, "that is the new matrix: its inverse was asked for"),
    ("old matrix", lambda A, k, row: np.linalg.inv(A), "that is the old matrix"),
    ("transposed", lambda A, k, row: _moved(A, k, row).T, "it is transposed"),
    ("outer product turned round", lambda A, k, row: A - (A - _moved(A, k, row)).T, "the outer product is turned "
     "round: rows go with the column of the inverse, columns with the row"),
    ("not divided by the ratio", _scaled(lambda q: q), "what is taken off must be divided by the ratio"),
    ("times the ratio", _scaled(lambda q: q**2), "what is taken off is multiplied by the ratio: divide"),
    ("ratio squared", _scaled(lambda q: 1 / q), "what is taken off is divided by the ratio twice"),
    ("1 + ratio", _scaled(lambda q: q / (1 + q)), "divided by 1 + ratio: 1 + v A^-1 u is the ratio itself, since v is "
     "the new row minus the old one"),
    ("ratio - 1", _scaled(lambda q: q / (q - 1)), "divided by ratio - 1: by the ratio"),
    ("sign", _scaled(lambda q: -1), "the sign is turned round: it is taken off"),
    ("sign", _scaled(lambda q: -q), "the sign is turned round, and nothing is divided by the ratio"),
    ("half", _scaled(lambda q: 0.5), "half of it is taken off: all"),
    ("doubled", _scaled(lambda q: 2), "twice of it is taken off: once"),
    ("old row forgotten", _outer(_column, lambda A, k, row, e, g: g), "the old row is missing: v is the new row minus "
     "the old one, and the old one times the inverse is 1 at k and 0 elsewhere"),
    ("old row forgotten", lambda A, k, row: A - np.outer(A[:, k], row @ A) / (1 + _ratio(A, k, row)), "the old row is "
     "missing: v is the new row minus the old one"),
    ("old row added", _outer(_column, lambda A, k, row, e, g: g + e), "the old row is added: v is new minus old"),
    ("old row forgotten", lambda A, k, row: A - np.outer(row @ A, A[:, k]) / _ratio(A, k, row), "the old row is "
     "missing, and the outer product is turned round"),
    ("1 for the place", _outer(_column, lambda A, k, row, e, g: np.where(e, 1, g)), "1 is put at place k: it is taken "
     "off there"),
    ("new row forgotten", _outer(_column, lambda A, k, row, e, g: e), "the new row is missing: v is new minus old"),
    ("new and old exchanged", _outer(_column, lambda A, k, row, e, g: e - g), "v is new minus old, not old minus new"),
    ("ones for the unit vector", _outer(_column, lambda A, k, row, e, g: g - 1), "1 is taken off everywhere: the old "
     "row times the inverse is 1 at k alone"),
    ("other place of the 1", _outer(_column, lambda A, k, row, e, g: g - np.roll(e, 1)), "the 1 stands at another "
     "place than k"),
    ("other place of the 1", _outer(_column, lambda A, k, row, e, g: g - np.roll(e, -1)), "the 1 stands at another "
     "place than k"),
    ("other place of the 1", _outer(_column, lambda A, k, row, e, g: g - np.eye(len(e))[0]), "the 1 stands at place 0, "
     "not at k"),
    ("row for column", _outer(lambda A, k, row: A[k], lambda A, k, row, e, g: g - e), "row k of the inverse stands "
     "where its column k belongs"),
    ("inverse times row", _outer(_column, lambda A, k, row, e, g: A @ row - e), "inverse @ row stands where row @ "
     "inverse belongs"),
    ("row of the inverse for the old one", _outer(_column, lambda A, k, row, e, g: (row - A[k]) @ A), "the old row is "
     "row k of D, not of the inverse; its product with the inverse is 1 at k and 0 elsewhere"),
    ("row of the inverse for the old one", _outer(_column, lambda A, k, row, e, g: (row - A[:, k]) @ A), "the old row "
     "is row k of D, not column k of the inverse; its product with the inverse is 1 at k and 0 elsewhere"),
    ("right factor not multiplied", _outer(_column, lambda A, k, row, e, g: row - _old_row(A, k)), "v must be "
     "multiplied by the inverse: row @ inverse"),
    ("right factor not multiplied", _outer(_column, lambda A, k, row, e, g: row - e), "v must be multiplied by the "
     "inverse: row @ inverse"),
    ("right factor not multiplied", _outer(_column, lambda A, k, row, e, g: row), "v must be multiplied by the "
     "inverse, and the old row taken off"),
    ("left factor not multiplied", _outer(lambda A, k, row: np.eye(len(row))[k], lambda A, k, row, e, g: g - e), "u "
     "must be multiplied by the inverse, which gives its column k"),
    ("no outer product", lambda A, k, row: A - A[:, k] * (row @ A - np.eye(len(row))[k]) / _ratio(A, k, row), "* "
     "multiplies number by number: np.outer of column k and of row @ inverse minus its 1"),
    ("a number for the outer product", lambda A, k, row: A - A[:, k] @ (row @ A - np.eye(len(row))[k])
     / _ratio(A, k, row), "that takes one number off everywhere: np.outer, not @"),
    ("own column only", _with_column(False, lambda column, q: column / q), "only column k is new: the others change, "
     "too, by column k times (row @ inverse) / ratio"),
    ("own column as it was", _with_column(True, lambda column, q: column), "column k is as it was: it is divided by "
     "the ratio"),
    ("own column 0", _with_column(True, lambda column, q: column - column), "column k is 0: it is the old one over "
     "the ratio"),
    ("own column times the ratio", _with_column(True, lambda column, q: column * q), "column k is multiplied by the "
     "ratio: divide"),
    ("row put into the inverse", lambda A, k, row: np.insert(np.delete(A, k, 0), k, row, 0), "the new row is put "
     "into the inverse: it belongs into D"),
    ("row put into the inverse", lambda A, k, row: np.insert(np.delete(A, k, 1), k, row, 1), "the new row is put "
     "into the inverse, as a column: it belongs into D"),
    ("all divided by the ratio", lambda A, k, row: A / _ratio(A, k, row), "the whole inverse is divided by the ratio"),
    ("all times the ratio", lambda A, k, row: A * _ratio(A, k, row), "the whole inverse is multiplied by the ratio"),
    ("all divided by the ratio", lambda A, k, row: _moved(A, k, row) / _ratio(A, k, row), "it is right but for one "
     "division by the ratio too many"),
    ("only what is taken off", lambda A, k, row: A - _moved(A, k, row), "that is what must be taken off the old "
     "inverse"),
    ("only the change", lambda A, k, row: _moved(A, k, row) - A, "that is the change: add the old inverse"),
    ("column of the new matrix", lambda A, k, row: np.linalg.inv(_put_column(A, k, row)), "the new row was put into a "
     "column of D: electron k is row k"),
)  # fmt: skip


def _put_column(inverse, k, row):
    matrix = np.linalg.inv(inverse)
    matrix[:, k] = row
    return matrix


def _put_into_inverse(inverse, k, row):
    matrix = inverse.copy()
    matrix[k] = row
    return matrix


def _move_mistakes():
    yield Mistake(  # both outputs are of another matrix: the ratio alone would look like another mistake
        "column of D",
        lambda A, k, row: (row @ A[k], np.linalg.inv(_put_column(A, k, row))),
        "That is for a new column of D: electron k is row k, which goes with column k of the inverse.",
    )
    yield Mistake(
        "row put into the inverse",
        lambda A, k, row: (row @ np.linalg.inv(A)[:, k], np.linalg.inv(_put_into_inverse(A, k, row))),
        "The new row was put into the inverse, as if that were D: the inverse of D is what you are given.",
    )
    for name, of, says in _RATIOS:
        yield Mistake(name, lambda *a, of=of: (of(*a), None), f"The ratio: {says}.")
    for name, of, says in _INVERSES:
        yield Mistake(f"{name}, inverse", lambda *a, of=of: (_ratio(*a), of(*a)), f"The inverse: {says}.")
    yield Mistake(
        "only the ratio right",
        seen=lambda given, *a: agree(given[0], _ratio(*a)),
        says="The ratio is right. The inverse is not: times the new matrix it must give 1. Begin with one orbital, "
        "where it is 1 / row[0].",
        last=True,
    )
    yield Mistake(
        "only the inverse right",
        seen=lambda given, *a: agree(given[1], _moved(*a)),
        says="The inverse is right. The ratio: expand the new determinant along row k; its cofactors, over the old "
        "determinant, are column k of the old inverse.",
        last=True,
    )
    yield _at_last(
        "other rows than the first",
        lambda inverse, k, row: k == 0,
        _right_move,
        "With k = 0 you are right, else not: k must enter.",
    )
    yield _at_last(
        "more than one orbital",
        lambda inverse, k, row: len(row) == 1,
        _right_move,
        "With one orbital you are right, with more not: row @ inverse[:, k] sums over the orbitals.",
    )


move = Exercise(
    "1, ``my_move(inverse (n, n), k, row (n,)) -> (ratio, new_inverse)``: row k of a matrix is replaced",
    cases=_moves,
    truth=_right_move,
    outputs=("ratio", "new inverse"),
    mistakes=tuple(_move_mistakes()),
    tested_on="6 matrices of 1 to 6 orbitals, to 9 digits",
    expected="a number and a matrix, with a comma between them",
)


# ---------------------------------------------------------------- the cusp


def _pairs():
    rng = np.random.default_rng(SEED)
    cases = []
    for equal, dim, beta, r in (
        (False, 2, 1.0, [0.0, 0.5, 1.0]),
        (True, 2, 1.0, [0.0, 0.5, 1.0]),
        (False, 3, 0.5, [0.0, 0.5, 1.0]),
        (True, 3, 0.5, [0.0, 0.5, 1.0]),
        (True, 2, 0.28, rng.random(4).round(2)),
        (False, 3, 1.7, 5 * rng.random(4).round(2)),
    ):
        name = f"{'equal' if equal else 'opposite'} spins in {'a plane' if dim == 2 else 'space'}, beta = {beta:g}"
        cases.append(Case(f"{name}, at r = {', '.join(f'{one:g}' for one in r)}", (np.array(r), equal, dim, beta)))
    return cases


_RULE = "a Laplacian of r gives (d - 1) / r, of x r gives (d + 1) x / r"
_CUSPS = (
    lambda equal, d: 1 / (d + 1) if equal else 1 / (d - 1),
    ("one cusp for both", lambda equal, d: 1 / (d - 1), "Equal spins get the cusp of opposite ones: "
     "their Psi begins as x (1 + c r)."),
    ("one cusp for both", lambda equal, d: 1 / (d + 1), "Opposite spins get the cusp of equal ones: "
     "their Psi begins as 1 + c r."),
    ("spins exchanged", lambda equal, d: 1 / (d - 1) if equal else 1 / (d + 1), "The two cusps are exchanged."),
    ("cusp upside down", lambda equal, d: d + 1.0 if equal else d - 1.0, f"c is one over that: {_RULE}, times c."),
    ("plane built in", lambda equal, d: 1 / 3 if equal else 1.0, f"The plane's cusps are built in: {_RULE}."),
    ("space built in", lambda equal, d: 1 / 4 if equal else 1 / 2, f"The cusps of 3-D are built in: {_RULE}."),
    ("half of the other", lambda equal, d: (1 / 2 if equal else 1) / (d - 1), f"Not half of the other one: {_RULE}."),
    ("product rule", lambda equal, d: 1 / d if equal else 1 / (d - 1), "Laplacian of x r: x (d - 1) / r, and twice "
     "grad x times grad r, which is 2 x / r."),
    ("product rule", lambda equal, d: 1 / (d + 3) if equal else 1 / (d - 1), "Laplacian of x r: grad x times grad r "
     "is x / r, and counts twice, not four times."),
    ("product rule", lambda equal, d: 1 / 2 if equal else 1 / (d - 1), "Laplacian of x r: not twice grad x times grad "
     "r alone, which is 2 x / r; x times the Laplacian of r comes to it."),
    ("half of the kinetic energy", lambda equal, d: 2 / (d + 1) if equal else 2 / (d - 1), "c is twice too large: "
     "either electron has -1/2 of a Laplacian, so r = r1 - r2 has a whole one."),
    ("kinetic energy doubled", lambda equal, d: 0.5 / (d + 1) if equal else 0.5 / (d - 1), "c is twice too small: "
     "-1/2 of a Laplacian for either electron makes one whole one."),
    ("attracted", lambda equal, d: -1 / (d + 1) if equal else -1 / (d - 1), "c has the other sign: an attraction."),
    ("attracted", lambda equal, d: -1 / (d + 1) if equal else 1 / (d - 1), "For equal spins c has the other sign: an "
     "attraction."),
    ("no cusp for equal spins", lambda equal, d: 0.0 if equal else 1 / (d - 1), "Equal spins need a cusp, too: Psi "
     "is 0 where they meet, but E_L is what is left after division by it."),
    ("cusp 1", lambda equal, d: 1.0, "c is 1 for opposite spins in a plane only."),
    ("one over the dimension", lambda equal, d: 1 / d, f"1 / d does not come out: {_RULE}."),
    ("dimension off by 1", lambda equal, d: 1 / (d + 2) if equal else 1 / d, f"The dimension is off by one: {_RULE}."),
    ("dimension off by 1", lambda equal, d: 1 / d if equal else 1 / (d - 1 or 1), f"Equal spins have d + 1: {_RULE}."),
    ("cusps squared", lambda equal, d: 1 / (d + 1) ** 2 if equal else 1 / (d - 1) ** 2, f"c is squared: {_RULE}."),
    ("dimension off by 1", lambda equal, d: 1 / (d + 2) if equal else 1 / (d - 1), f"Equal spins have d + 1: {_RULE}."),
    ("opposite spins, plane built in", lambda equal, d: 1 / (d + 1) if equal else 1.0, f"For opposite spins the "
     f"plane's cusp is built in: {_RULE}."),
    ("equal spins, plane built in", lambda equal, d: 1 / 3 if equal else 1 / (d - 1), f"For equal spins the plane's "
     f"cusp is built in: {_RULE}."),
    ("times three", lambda equal, d: 1 / (3 * (d - 1)) if equal else 1 / (d - 1), "A third of the other one holds in a "
     "plane only."),
)  # fmt: skip
_SHAPES = (
    lambda c, r, b: c / (1 + b * r) ** 2,
    ("not squared", lambda c, r, b: c / (1 + b * r), "That is u / r: in the slope the denominator is squared."),
    ("u itself", lambda c, r, b: c * r / (1 + b * r), "That is u itself: its slope was asked for."),
    ("cusp alone", lambda c, r, b: c + 0 * r, "That is c, the slope at r = 0: further out beta makes it smaller."),
    ("r kept", lambda c, r, b: c * r / (1 + b * r) ** 2, "The slope of c r is c: the r must go."),
    ("quotient rule", lambda c, r, b: c * (1 + 2 * b * r) / (1 + b * r) ** 2, "The two parts of the quotient rule are "
     "added: c (1 + beta r) - c r beta."),
    ("quotient rule", lambda c, r, b: -c * b * r / (1 + b * r) ** 2, "Only one part of the quotient rule is there."),
    ("quotient rule", lambda c, r, b: c - c * b * r / (1 + b * r) ** 2, "In the quotient rule both parts are over the "
     "square: (c (1 + beta r) - c r beta) / (1 + beta r)^2."),
    ("quotient rule", lambda c, r, b: (c * (1 + b * r) - c * r) / (1 + b * r) ** 2, "The slope of 1 + beta r is beta: "
     "c (1 + beta r) - c r beta."),
    ("upside down", lambda c, r, b: c * (1 + b * r) ** 2, "Multiplied by (1 + beta r)^2: divide."),
    ("denominator's slope for it", lambda c, r, b: c / b + 0 * r, "That is slope over slope: the quotient rule."),
    ("bend", lambda c, r, b: -2 * c * b / (1 + b * r) ** 3, "That is the second derivative."),
    ("beta kept", lambda c, r, b: c * b / (1 + b * r) ** 2, "beta stands on top: it must cancel there."),
    ("beta kept", lambda c, r, b: c / (b * (1 + b * r) ** 2), "Divided by beta: at r = 0 the slope is c."),
    ("beta forgotten", lambda c, r, b: c / (1 + r) ** 2, "beta is missing."),
    ("beta forgotten", lambda c, r, b: c / (1 + r / b) ** 2, "Divided by beta where it must multiply r."),
    ("1 and beta exchanged", lambda c, r, b: c / (b + r) ** 2, "1 and beta r make the denominator, not beta and r."),
    ("r squared", lambda c, r, b: c / (1 + b * r**2), "(1 + beta r)^2 is not 1 + beta r^2."),
    ("r squared", lambda c, r, b: c / (1 + b * r**2) ** 2, "beta multiplies r, not r^2."),
    ("brackets", lambda c, r, b: c / 1 + (b * r) ** 2, "Brackets: c / (1 + beta * r) ** 2."),
    ("brackets", lambda c, r, b: c / 1 + b * r**2, "Brackets: c / (1 + beta * r) ** 2."),
    ("differences", lambda c, r, b: np.gradient(c * r / (1 + b * r), r), "np.gradient takes differences of the points "
     "given, which lie far apart: differentiate by hand."),
    ("c for beta", lambda c, r, b: c / (1 + c * r) ** 2, "In the denominator beta multiplies r, and not c."),
    ("squares of the parts", lambda c, r, b: c / (1 + (b * r) ** 2), "(1 + beta r)^2 is not 1 + (beta r)^2."),
    ("squares of the parts", lambda c, r, b: c / (1 + (b * r) ** 2) ** 2, "beta r is squared once too often."),
    ("minus in the denominator", lambda c, r, b: c / (1 - b * r) ** 2, "The denominator is 1 + beta r."),
    ("cubed", lambda c, r, b: c / (1 + b * r) ** 3, "The denominator is squared, not cubed."),
    ("root", lambda c, r, b: c / np.sqrt(1 + b * r), "The denominator is squared: no root."),
    ("exponential", lambda c, r, b: c * np.exp(-b * r), "An exponential came in: u is c r / (1 + beta r)."),
    ("slope of exp(u)", lambda c, r, b: c / (1 + b * r) ** 2 * np.exp(c * r / (1 + b * r)), "That is the slope "
     "of exp(u): of u, the logarithm."),
    ("exp(u)", lambda c, r, b: np.exp(c * r / (1 + b * r)), "That is exp(u): the slope of u was asked for."),
    ("squared as a whole", lambda c, r, b: (c / (1 + b * r)) ** 2, "c is squared, too: only 1 + beta r."),
)  # fmt: skip


def _slope(arguments, cusp, shape):
    r, equal, dim, beta = arguments
    return shape(cusp(equal, dim), r, beta)


def _right_slope(*arguments):
    return _slope(arguments, _CUSPS[0], _SHAPES[0])


def _at_zero(given, r, equal, dim, beta):
    return not agree(np.asarray(given)[0], _CUSPS[0](equal, dim))


slope = Exercise(
    "2, ``my_slope(r (n,), equal, dim, beta) -> (n,)``: du/dr of u = c r / (1 + beta r), with c the cusp",
    cases=_pairs,
    truth=_right_slope,
    mistakes=(
        *chain(*composed(_slope, _CUSPS, _SHAPES)),
        Mistake(
            "slope of ln Psi",
            lambda r, equal, dim, beta: _right_slope(r, equal, dim, beta) + (1 / r if equal else 0),
            "For equal spins 1 / r came in, the slope of ln x: of u alone, without the x.",
        ),
        _at_last(
            "space",
            lambda r, equal, dim, beta: dim == 2,
            _right_slope,
            f"In a plane you are right, in space not: dim must enter, as {_RULE}.",
        ),
        _at_last(
            "equal spins",
            lambda r, equal, dim, beta: not equal,
            _right_slope,
            "For opposite spins you are right, for equal ones not: there Psi begins as x (1 + c r).",
        ),
        _at_last(
            "opposite spins",
            lambda r, equal, dim, beta: equal,
            _right_slope,
            "For equal spins you are right, for opposite ones not: there Psi begins as 1 + c r.",
        ),
        Mistake(
            "cusp",
            seen=_at_zero,
            says=f"Begin with r = 0, where the slope is c: 1, 1/3, 1/2 or 1/4, since {_RULE}.",
            where=lambda r, equal, dim, beta: r[0] == 0,
            last=True,
        ),
        Mistake(
            "right at 0 only",
            seen=lambda given, *a: not _at_zero(given, *a),
            says="At r = 0 you are right: c is the cusp. Further out: c / (1 + beta r)^2, by the quotient rule.",
            where=lambda r, equal, dim, beta: r[0] == 0,
            last=True,
        ),
    ),
    tested_on="6 pairs, opposite and equal, in a plane and in space, to 9 digits",
    expected="one slope for each distance, (n,)",
)


# ---------------------------------------------------------------- the density


def _snapshots():
    rng = np.random.default_rng(SEED)
    cases = [
        Case(
            "1 snapshot, 2 electrons at r = 0.5 and 1.5, rings 0-1-2",
            (np.array([[[0.3, 0.4], [0.9, -1.2]]]), np.array([0.0, 1, 2])),
        )
    ]
    for n_samples, n, edges in (
        (4, 2, [0, 1, 2, 6]),
        (30, 6, [0, 0.5, 1, 1.5, 2, 2.5, 6]),
        (50, 3, [0.5, 1, 1.2]),
        (25, 6, np.sqrt(np.arange(6.0))),
    ):
        edges = np.array(edges, float)
        name = f"{n_samples} snapshots, {n} electrons, rings {'-'.join(f'{edge:.3g}' for edge in edges)}"
        cases.append(Case(name, (rng.normal(size=(n_samples, n, 2)), edges)))
    return cases


def _distances(x):
    return np.sqrt(np.sum(x**2, axis=-1))


_DISTANCES = (
    _distances,
    ("root forgotten", lambda x: np.sum(x**2, axis=-1), "r^2 is counted: take the root."),
    ("first electron only", lambda x: _distances(x)[:, 0], "Only electron 0 is counted: all of them."),
    ("one snapshot only", lambda x: _distances(x)[0], "Only the first snapshot is counted."),
    ("one coordinate", lambda x: abs(x[..., 0]), "That is |x|: the distance takes both coordinates."),
    ("one coordinate", lambda x: x[..., 0], "That is x: the distance takes both coordinates."),
    ("coordinates one by one", lambda x: abs(x), "Each coordinate is counted for itself: r is made of both."),
    ("coordinates one by one", lambda x: x, "Each coordinate is counted for itself: r is made of both."),
    ("absolute values", lambda x: np.sum(abs(x), axis=-1), "|x| + |y| is no distance: the root of x^2 + y^2."),
    ("sum of the coordinates", lambda x: x.sum(axis=-1), "x + y is no distance: the root of x^2 + y^2."),
    ("square of the sum", lambda x: abs(x.sum(axis=-1)), "Square first, then sum: the root of x^2 + y^2."),
    ("electrons together", lambda x: np.sqrt(np.sum(x**2, axis=(1, 2))), "One distance a snapshot: one an electron."),
    ("electrons averaged", lambda x: _distances(x).mean(axis=1), "The distances are averaged: count each electron."),
    ("other axis", lambda x: np.sqrt(np.sum(x**2, axis=1)), "axis=1 sums over electrons: coordinates are axis 2."),
    ("other axis", lambda x: np.sqrt(np.sum(x**2, axis=0)), "axis=0 sums over snapshots: coordinates are axis 2."),
    ("middle of the snapshot", lambda x: _distances(x - x.mean(axis=1, keepdims=True)), "The distance from the mean of "
     "each snapshot is taken: from the middle of the trap, 0."),
    ("middle of the samples", lambda x: _distances(x - x.mean(axis=(0, 1))), "The samples' mean is taken off: the "
     "middle of the trap is 0."),
    ("mean square", lambda x: np.sqrt(np.mean(x**2, axis=-1)), "np.mean of x^2 and y^2 is halved: np.sum."),
)  # fmt: skip
_SHARES = (
    lambda counts, m, n: counts / m,
    ("not divided by the snapshots", lambda counts, m, n: counts, "Divide by the number of snapshots, M."),
    ("one electron's density", lambda counts, m, n: counts / (m * n), "Divided by M N: it must add up to N electrons, "
     "so by M alone."),
    ("divided by the electrons", lambda counts, m, n: counts / n, "Divided by N: by the number of snapshots, M."),
    ("normalised", lambda counts, m, n: counts / counts.sum(), "The counts are divided by their sum: by M, so that it "
     "adds up to the electrons within."),
    ("times the electrons", lambda counts, m, n: counts * n / m, "Multiplied by N: all electrons are counted already."),
    ("times the electrons", lambda counts, m, n: counts / counts.sum() * n, "The counts are scaled to N: electrons "
     "beyond the last ring are not within. Divide by M."),
    ("a 2 too many", lambda counts, m, n: counts / (2 * m), "It is half: divided by 2 M, or by 2 pi (b^2 - a^2)? By "
     "M, and by pi (b^2 - a^2)."),
    ("coordinates counted", lambda counts, m, n: counts / (2 * m * n), "Divided by x.size: by M, the snapshots."),
    ("divided by the rings", lambda counts, m, n: counts / len(counts), "Divided by the number of rings: by M."),
    ("M - 1", lambda counts, m, n: counts / (m - 1 or 1), "Divided by M - 1: that is for variances."),
)  # fmt: skip
_AREAS = (
    lambda a, b: np.pi * (b**2 - a**2),
    ("not divided by the area", lambda a, b: np.ones_like(b), "Divide by the area of each ring."),
    ("width for area", lambda a, b: b - a, "Divided by the width: by the area, pi (b^2 - a^2)."),
    ("pi forgotten", lambda a, b: b**2 - a**2, "pi is missing in the area."),
    ("whole disc", lambda a, b: np.pi * b**2, "That is the area of the disc: take the inner one off."),
    ("inner disc", lambda a, b: np.pi * a**2, "That is the area of the disc within the ring: outer minus inner."),
    ("disc through the middle", lambda a, b: np.pi * ((a + b) / 2) ** 2, "That is the area of a disc with the ring's "
     "mean radius: outer minus inner."),
    ("square of the width", lambda a, b: np.pi * (b - a) ** 2, "b^2 - a^2 is not (b - a)^2."),
    ("square of the width", lambda a, b: (b - a) ** 2, "A ring's area is pi (b^2 - a^2), not (b - a)^2."),
    ("outer edge", lambda a, b: 2 * np.pi * b * (b - a), "2 pi r dr with r at the outer edge: in the middle of "
     "the ring it would be right."),
    ("inner edge", lambda a, b: 2 * np.pi * a * (b - a), "2 pi r dr with r at the inner edge, 0 for the first ring: in "
     "the middle of the ring it would be right."),
    ("circumference", lambda a, b: np.pi * (a + b), "Divided by the circumference: times the width, it is the area."),
    ("circumference", lambda a, b: 2 * np.pi * b, "Divided by a circumference: by the area, pi (b^2 - a^2)."),
    ("distance", lambda a, b: (a + b) / 2, "Divided by r: by the area, pi (b^2 - a^2)."),
    ("first width", lambda a, b: np.pi * (a + b) * (b[0] - a[0]), "The first ring's width is taken for all: "
     "np.diff(edges)."),
    ("r dr", lambda a, b: (a + b) / 2 * (b - a), "2 pi is missing: 2 pi r dr."),
    ("shell of a ball", lambda a, b: 4 / 3 * np.pi * (b**3 - a**3), "That is the shell of a ball: here is a plane."),
    ("shell of a ball", lambda a, b: np.pi * (a + b) ** 2 * (b - a), "4 pi r^2 dr is for a ball: here is a plane."),
    ("area of the whole", lambda a, b: np.full_like(b, np.pi * b[-1] ** 2), "Divided by the area of the whole disc: "
     "each ring has its own."),
    ("area of the whole", lambda a, b: np.full_like(b, np.pi * (b[-1] ** 2 - a[0] ** 2)), "Divided by the area of all "
     "rings together: each ring has its own."),
    ("multiplied by the area", lambda a, b: 1 / (np.pi * (b**2 - a**2)), "Multiplied by the area: divide."),
    ("equal areas", lambda a, b: np.full_like(b, np.pi * (b[-1] ** 2 - a[0] ** 2) / len(b)), "The rings are not all of "
     "the same area: take it from the edges."),
    ("edges not squared", lambda a, b: np.pi * (b - a), "The edges must be squared: pi (b^2 - a^2)."),
    ("edges not squared", lambda a, b: 2 * np.pi * (b - a), "The edges must be squared: pi (b^2 - a^2)."),
    ("area inside out", lambda a, b: np.pi * (a**2 - b**2), "The area is below 0: outer minus inner."),
)  # fmt: skip


def _rings(arguments, distance, share, area):
    x, edges = arguments
    counts = np.histogram(distance(x), edges)[0]
    return share(counts, *x.shape[:2]) / area(edges[:-1], edges[1:])


def _right_density(*arguments):
    return _rings(arguments, _DISTANCES[0], _SHARES[0], _AREAS[0])


def _over_width(x, edges):
    with np.errstate(all="ignore"):
        return np.histogram(_distances(x), edges, density=True)[0]


def _inside(x, edges):
    """Electrons within each outer edge, over the area of that disc."""
    within = np.array([np.sum(_distances(x) <= edge) for edge in edges[1:]])
    return within / len(x) / (np.pi * edges[1:] ** 2)


_ONE_SLIP, _TWO_SLIPS = composed(_rings, _DISTANCES, _SHARES, _AREAS)

density = Exercise(
    "3, ``my_density(x (M, N, 2), edges (B + 1,)) -> (B,)``: electrons per area in each ring",
    cases=_snapshots,
    truth=_right_density,
    mistakes=(
        *_ONE_SLIP,
        Mistake(  # not a stage: with a 2 too many elsewhere it would be right
            "r dr",
            lambda x, edges: 2 * _right_density(x, edges),
            "It is twice as much: a ring's area is pi (b^2 - a^2) or 2 pi r dr, and pi r dr is half of it.",
        ),
        Mistake(
            "density=True",
            (
                _over_width,
                lambda x, edges: _over_width(x, edges) * x.shape[1],
                lambda x, edges: _over_width(x, edges) / np.diff(np.pi * edges**2),
                lambda x, edges: _over_width(x, edges) * x.shape[1] / np.diff(np.pi * edges**2),
                lambda x, edges: _over_width(x, edges) / (np.pi * (edges[1:] + edges[:-1])),
                lambda x, edges: _over_width(x, edges) * x.shape[1] / (np.pi * (edges[1:] + edges[:-1])),
            ),
            "As density=True does, it divides by the widths and by all that lies within: divide by M and the area.",
        ),
        Mistake(
            "normalised",
            (
                lambda x, edges: _right_density(x, edges) / _right_density(x, edges).sum(),
                lambda x, edges: _right_density(x, edges) / np.sum(_right_density(x, edges) * np.diff(edges)),
            ),
            "It is scaled to a sum or integral of 1: with the areas it must add up to the electrons within.",
        ),
        *_TWO_SLIPS,
        Mistake(
            "summed up",
            (
                _inside,
                lambda x, edges: np.cumsum(_right_density(x, edges)),
                lambda x, edges: np.cumsum(np.histogram(_distances(x), edges)[0]) / len(x) / np.diff(np.pi * edges**2),
                lambda x, edges: np.array([np.sum(_distances(x) <= b) for b in edges[1:]])
                / len(x) / np.diff(np.pi * edges**2),
                lambda x, edges: np.cumsum(np.histogram(_distances(x), edges)[0]) / len(x) / (np.pi * edges[1:] ** 2),
            ),
            "Electrons are counted up to the outer edge: those of the ring alone.",
        ),
        Mistake(
            "number for edges",
            lambda x, edges: np.histogram(_distances(x), len(edges) - 1)[0] / len(x) / np.diff(np.pi * edges**2),
            "A number of bins makes np.histogram choose its own: pass it the edges.",
        ),
        Mistake(
            "integral of the density",
            lambda x, edges: np.cumsum(np.histogram(_distances(x), edges)[0]) / len(x),
            "That is how many electrons are within: how many per area in each ring?",
        ),
        _at_last(
            "more than one snapshot",
            lambda x, edges: len(x) == 1,
            _right_density,
            "With one snapshot you are right, with more not: what do you divide by, and are the rings those of edges?",
        ),
        Mistake(
            "first ring by hand",
            seen=lambda given, x, edges: not agree(np.asarray(given), _right_density(x, edges)),
            says="Begin with the first case, by hand: one electron in a disc of radius 1 is 1 / pi, one in the ring "
            "from 1 to 2 is 1 / (3 pi).",
            where=lambda x, edges: len(x) == 1,
            last=True,
        ),
    ),
    tested_on="5 sets of snapshots, to 9 digits",
    expected="one density for each ring, (B,)",
)  # fmt: skip
