"""Checks of lesson 07, Hopfield networks.

An answer is put together in stages; a slip is one stage done in another way, see `composed`.

>>> verdict = hebb(lambda patterns: patterns.T @ patterns.astype(float) / patterns.shape[1])
Not yet: for one pattern of 3 spins your J[0, 0] is 0.333333, exact is 0. The diagonal is left in: a spin is not \
coupled to itself, J[i, i] = 0.
"""

from itertools import chain

import numpy as np

from course_lib import hopfield, ising
from course_lib.classroom.checks import AnswerError, Case, Exercise, Mistake, agree, as_numbers
from course_lib.classroom.checks.composed import composed, localised
from course_lib.generative.network import sigmoid

SINGLE = 1e-6  # tolerance: single precision is right, too
SEED = 7  # the same patterns each time, so that a student who runs a check again sees the same example
RANGE_ENDS = "range(n) ends at n - 1"


def _patterns(rng, n_patterns, n):
    return rng.choice([-1, 1], size=(n_patterns, n)).astype(np.int8)


def _square(answer, n):
    numbers = as_numbers(answer)
    if numbers.shape != (n, n):
        raise AnswerError(f"your function returned an array of shape {numbers.shape}, not ({n}, {n}), one row a spin")
    return numbers


def _entry(given, exact):
    """Where a matrix differs first, off the diagonal if it does there, and both values."""
    wrong = ~(np.abs(given - exact) <= SINGLE)  # NaN is wrong, too
    off = wrong & ~np.eye(len(wrong), dtype=bool)
    i, j = np.argwhere(off if off.any() else wrong)[0]
    return f"your J[{i}, {j}] is {given[i, j]:.6g}, exact is {exact[i, j]:.6g}"


# ---------------------------------------------------------------- 1: Hebb's rule


def _pattern_sets():
    rng = np.random.default_rng(SEED)
    return [
        Case("one pattern of 3 spins", (np.array([[1, 1, -1]], np.int8),)),
        *(
            Case(f"{n_patterns} random patterns of {n} spins", (_patterns(rng, n_patterns, n),))
            for n_patterns, n in ((2, 4), (3, 7), (6, 5), (5, 20))
        ),
        Case("140 equal patterns of 4 spins", (np.ones((140, 1), np.int8) * np.array([1, -1, 1, 1], np.int8),)),
    ]


def _hebb(patterns):
    return hopfield.hebb(patterns).J


def _sums(patterns):
    x = patterns.astype(float)
    return x.T @ x


def _of(change):
    """The sums of products of changed patterns."""
    return lambda patterns: _sums(change(patterns.astype(float)))


def _wrapped(patterns):
    with np.errstate(all="ignore"):
        return (patterns.astype(np.int8).T @ patterns.astype(np.int8)).astype(float)


def _centred(x):
    return x - x.mean(axis=0)


_PRODUCTS = (
    _sums,
    ("first pattern only", _of(lambda x: x[:1]), "Only the first pattern is in it: does return stand inside the loop?"),
    ("last pattern only", _of(lambda x: x[-1:]), "Only the last pattern is in it: add up, with +=."),
    ("patterns left out", _of(lambda x: x[1:]), "The first pattern is left out: Python counts from 0."),
    ("patterns left out", _of(lambda x: x[:-1]), f"The last pattern is left out: {RANGE_ENDS}."),
    (
        "sum of the patterns",
        lambda p: np.outer(p.sum(axis=0, dtype=float), p.sum(axis=0, dtype=float)),
        "The patterns are added first, then multiplied: multiply within each pattern, then add.",
    ),
    (
        "mean of the patterns",
        lambda p: np.outer(p.mean(axis=0), p.mean(axis=0)),
        "That is made of the mean pattern: multiply within each pattern, then add.",
    ),
    ("means taken off", _of(_centred), "The mean of each spin is taken off, as in a covariance: Hebb keeps it."),
    ("0 and 1", _of(lambda x: (x + 1) / 2), "It is made of 0 and 1: -1 times -1 must give +1, too."),
    ("absolute values", lambda p: np.abs(_sums(p)), "All entries lost their sign: spins that differ repel."),
    ("signs of the sums", lambda p: np.sign(_sums(p)), "Only the signs of the sums are left: keep their size."),
    ("squares", lambda p: _sums(p) ** 2, "The sums are squared: they enter as they are."),
    (
        "covariance",
        lambda p: _sums(_centred(p.astype(float))) / np.maximum(len(p) - 1, 1) * len(p),
        "That is a covariance: means are taken off, and P - 1 divides. Add the products as they are.",
    ),
    (
        "neighbours only",
        lambda p: _sums(p) * (np.eye(p.shape[1], k=1) + np.eye(p.shape[1], k=-1)),
        "Only the pairs i, i + 1 are coupled: all pairs are.",
    ),
    ("one triangle", lambda p: np.triu(_sums(p)), "Only the pairs with i < j are filled: J[j, i] is J[i, j]."),
    ("one triangle", lambda p: np.tril(_sums(p)), "Only the pairs with i > j are filled: J[j, i] is J[i, j]."),
    ("distances", lambda p: (len(p) - _sums(p)) / 2, "That counts in how many patterns two spins differ."),
    ("agreements", lambda p: (len(p) + _sums(p)) / 2, "That counts in how many patterns two spins agree: +1 and -1."),
    ("int8 sums", _wrapped, "Sums of int8 wrap round at 127 without a word: patterns.astype(float) first."),
)
_DIAGONALS = (
    lambda J: J - np.diag(np.diag(J)),
    ("diagonal left in", lambda J: J, "The diagonal is left in: a spin is not coupled to itself, J[i, i] = 0."),
    (
        "diagonal 1",
        lambda J: J - np.diag(np.diag(J)) + np.eye(len(J)),
        "The diagonal is 1: a spin is not coupled to itself.",
    ),
    (
        "whole unit matrix off",
        lambda J: J - np.eye(len(J)),
        "The unit matrix is taken off once: with P patterns the diagonal is P times as large.",
    ),
)
_SCALES = (
    lambda J, P, N: J / N,
    ("divided by P", lambda J, P, N: J / P, "It is divided by P, the number of patterns: divide by N, that of spins."),
    ("not divided", lambda J, P, N: J, "It is not divided by N, the number of spins."),
    ("divided by P N", lambda J, P, N: J / (P * N), "It is divided by P as well: by N alone."),
    ("divided by N twice", lambda J, P, N: J / N**2, "It is divided by N twice."),
    ("divided by root N", lambda J, P, N: J / np.sqrt(N), "It is divided by the root of N: by N."),
    ("N - 1", lambda J, P, N: J / np.maximum(N - 1, 1), "It is divided by N - 1: by N."),
    ("times N", lambda J, P, N: J * N, "It is multiplied by N: divide."),
    ("sign", lambda J, P, N: -J / N, "The sign is turned round: spins that agree are coupled with a positive J."),
    ("pairs counted twice", lambda J, P, N: 2 * J / N, "It is twice as large: each pair has one J, filled in once."),
    ("half", lambda J, P, N: J / (2 * N), "It is half as large: there is no factor 1/2 in J itself."),
)


def _composed_hebb(arguments, products, diagonal, scale):
    (patterns,) = arguments
    return scale(diagonal(products(patterns)), *patterns.shape)


def _other_ways(arguments, products, scale):
    """The diagonal is taken off last, from what was scaled already."""
    (patterns,) = arguments
    J = scale(products(patterns), *patterns.shape)
    return J - np.eye(len(J))


hebb = Exercise(
    "1, ``my_hebb(patterns (P, N)) -> (N, N)``: couplings that store the patterns, with a zero diagonal",
    cases=_pattern_sets,
    truth=_hebb,
    mistakes=(
        *chain(*composed(_composed_hebb, _PRODUCTS, _DIAGONALS, _SCALES)),
        *composed(_other_ways, _PRODUCTS, _SCALES)[0],
        Mistake(
            "diagonal 1",
            lambda p: _hebb(p) + np.eye(p.shape[1]),
            "The diagonal is 1: a spin is not coupled to itself, J[i, i] = 0.",
        ),
        Mistake(
            "unit matrix off",
            lambda p: _sums(p) / p.shape[1] - np.eye(p.shape[1]),
            "You take off the unit matrix: the diagonal is P / N here, not 1. np.fill_diagonal(J, 0) is sure.",
        ),
        Mistake(
            "diagonal taken off every row",
            lambda p: _sums(p) / p.shape[1] - len(p) / p.shape[1],
            "P / N is taken off every entry: np.diag(J) is a row of N numbers, and goes off each row. "
            "np.fill_diagonal(J, 0) clears the diagonal alone.",
        ),
        Mistake(
            "correlation coefficients",
            lambda p: np.nan_to_num(np.corrcoef(p.T)) * (1 - np.eye(p.shape[1])),
            "Those are correlation coefficients: add the products, and divide by N.",
            where=lambda p: len(p) > 2 and np.all(np.ptp(p, axis=0)),
        ),
        Mistake(
            "not symmetric",
            seen=lambda given, patterns: not agree(given, given.T),
            says="Your J is not symmetric: J[i, j] and J[j, i] are the same sum.",
            where=lambda patterns: len(patterns) > 1 and patterns.shape[1] < 20,
        ),
        localised(
            "one pattern only",
            lambda patterns: len(patterns) == 1,
            _hebb,
            "With one pattern you are right, with more not: the products of all patterns are added.",
        ),
        localised(
            "int8 sums",
            lambda patterns: len(patterns) < 127,
            _hebb,
            "Few patterns are right, many not: sums of int8 wrap round at 127; patterns.astype(float) first.",
        ),
        Mistake(
            "whole numbers",
            (lambda p: np.trunc(_hebb(p)), lambda p: np.floor(_hebb(p))),
            "The entries are whole numbers: divide with /, and keep J in floats.",
        ),
        Mistake(
            "rounded",
            seen=lambda given, p: agree(given, _hebb(p), 0.006),
            says="You are right to two digits or so: is J rounded?",
        ),
        Mistake(
            "diagonal kept, all else cleared",
            seen=lambda given, p: not np.any(given * (1 - np.eye(len(given)))),
            says="Off the diagonal all is 0: there the couplings belong, and the diagonal is what goes.",
        ),
        Mistake(
            "squashed",
            (lambda p: np.tanh(_hebb(p)), lambda p: np.tanh(_sums(p))),
            "tanh was applied: the sum itself is the coupling.",
        ),
        Mistake(
            "right but for a scale",
            seen=lambda given, p: _is_scaled(given, _hebb(p)),
            says="In each set your J is right but for a factor: divide the sum of products by N, the number of spins.",
            where=lambda patterns: len(patterns) < 127,
        ),
        Mistake(
            "diagonal",
            seen=lambda given, p: agree(given * (1 - np.eye(len(given))), _hebb(p)),
            says="All but the diagonal is right: np.fill_diagonal(J, 0).",
        ),
    ),
    tested_on="6 sets of patterns, to 6 digits",
    expected="an (N, N) matrix",
    read=lambda answer, patterns: _square(answer, patterns.shape[1]),
    tolerance=SINGLE,
    describe=lambda given, exact, patterns: _entry(given, exact),
)


def _is_scaled(given, right):
    largest = np.unravel_index(np.abs(right).argmax(), right.shape)
    return bool(given[largest]) and agree(given * right[largest] / given[largest], right)


# ---------------------------------------------------------------- 2: one sweep downhill


def _sweeps():
    rng = np.random.default_rng(SEED)
    two = ising.chain(2, periodic=False)
    cases = [
        Case("two spins that like to agree, +1 and -1, visited 0, 1", (np.array([1, -1]), two, np.array([0, 1]))),
        Case("the same, visited 1, 0", (np.array([1, -1]), two, np.array([1, 0]))),
        Case("two spins without couplings", (np.array([1, -1]), np.zeros((2, 2)), np.array([0, 1]))),
        Case("the chain + - +, of which only spin 1 is visited", _chain_visit(np.array([1, -1, 1]), [1])),
    ]
    for n in (5, 8, 12, 12):
        J = ising.random_couplings(n, rng)
        cases.append(
            Case(f"{n} random spins, visited in random order", (rng.choice([-1, 1], n), J, rng.permutation(n)))
        )
    J, state = ising.random_couplings(9, rng), rng.choice([-1, 1], 9)
    cases.append(Case("9 random spins, of which the first three turn", (state, J, _turning_first(state, J))))
    patterns = _patterns(rng, 2, 10)
    some = rng.permutation(10)[:6]
    # Whole numbers, so that fields of 0 are 0 to the last digit.
    cases.append(
        Case("10 spins with two patterns, 6 visited", (rng.choice([-1, 1], 10), np.rint(10 * _hebb(patterns)), some))
    )
    return cases


def _turning_first(state, J):
    """An order in which three spins turn, one stays, and more follow: it tells loops that end early."""
    state, order = state.copy(), []
    for turns in (True, True, True, False):
        pulls = state * (J @ state)
        i = next(i for i in range(len(state)) if i not in order and (pulls[i] < 0) == turns)
        state[i] *= -1 if turns else 1
        order.append(i)
    return np.array([*order, *(i for i in range(len(state)) if i not in order)])


def _chain_visit(state, order):
    return state, ising.chain(3, periodic=False), np.array(order)


def _sweep(state, J, order):
    state = state.astype(float)
    for i in order:
        field = np.round(J[i] @ state, 12)
        if field != 0:
            state[i] = np.sign(field)
    return state


def _visits(order, state):
    return order


def _aligned(field, own):
    return own if field == 0 else np.sign(field)


def _fresh(state, start, J, i):
    return np.round(J[i] @ state, 12)


_ONCE = "More than one sweep is made: visit each spin of order once, then return."
_ORDERS = (
    _visits,
    (
        "order ignored",
        lambda order, state: range(len(state)),
        "The spins are visited 0, 1, 2, ...: take them from order.",
    ),
    ("order ignored", lambda order, state: range(len(order)), "The loop runs over range(len(order)): over order."),
    ("one spin only", lambda order, state: order[:1], "Only the first spin is visited: does return stand in the loop?"),
    ("one spin only", lambda order, state: order[-1:], "Only the last spin is visited."),
    ("last spin left out", lambda order, state: order[:-1], f"The last spin of order is left out: {RANGE_ENDS}."),
    ("first spin left out", lambda order, state: order[1:], "The first spin of order is left out."),
    ("backwards", lambda order, state: order[::-1], "The order is run through backwards."),
    (
        "argsort",
        lambda order, state: np.argsort(order),
        "The places of order are sorted by argsort: order names the spins already.",
    ),
    ("sorted", lambda order, state: np.sort(order), "The spins are visited in ascending order: take order as it is."),
    ("more than one sweep", lambda order, state: np.tile(order, 2), _ONCE),
    ("more than one sweep", lambda order, state: np.tile(order, 30), _ONCE),
)
_FIELDS = (
    _fresh,
    (
        "all at once",
        lambda state, start, J, i: np.round(J[i] @ start, 12),
        "The fields are those of the state at the start: each spin must see what was turned before it.",
    ),
    (
        "uphill",
        lambda state, start, J, i: -_fresh(state, start, J, i),
        "The spins turn against their fields: that climbs. Turn them along.",
    ),
    (
        "own spin in the field",
        lambda state, start, J, i: _fresh(state, start, J, i) + state[i],
        "The spin itself is in its field: J[i, i] is 0.",
    ),
    (
        "sum of the row",
        lambda state, start, J, i: J[i].sum(),
        "The field is the sum of the couplings: each is multiplied by the spin it comes from.",
    ),
    (
        "neighbours only",
        lambda state, start, J, i: sum(J[i, j] * state[j] for j in (i - 1, i + 1) if 0 <= j < len(state)),
        "Only the spins i - 1 and i + 1 are in the field: all spins are.",
    ),
    (
        "half of the pairs",
        lambda state, start, J, i: np.round(J[i, :i] @ state[:i], 12),
        "Only spins j < i are in the field: all j are.",
    ),
    (
        "half of the pairs",
        lambda state, start, J, i: np.round(J[i, i:] @ state[i:], 12),
        "Only spins j > i are in the field: all j are.",
    ),
    (
        "energy for field",
        lambda state, start, J, i: -_energy(state, J),
        "That is the sign of the whole energy: the field of spin i is J[i] @ state.",
    ),
    (
        "energy for field",
        lambda state, start, J, i: _energy(state, J),
        "That is the sign of the whole energy: the field of spin i is J[i] @ state.",
    ),
)


def _energy(state, J):
    return -np.round(state @ J @ state / 2, 12)


_TURNS = (
    _aligned,
    ("tie becomes 0", lambda field, own: np.sign(field), "Where the field is 0 you write 0: leave the spin as it is."),
    (
        "tie becomes up",
        lambda field, own: 1 if field >= 0 else -1,
        "Where the field is 0 you write +1: leave the spin as it is.",
    ),
    (
        "tie becomes down",
        lambda field, own: 1 if field > 0 else -1,
        "Where the field is 0 you write -1: leave the spin as it is.",
    ),
    (
        "tie turns",
        lambda field, own: -own if own * field <= 0 else own,
        "Where the field is 0 you turn the spin: that gains nothing, leave it.",
    ),
    (
        "turned by the sign of the field",
        lambda field, own: -own if field < 0 else own,
        "Spins turn wherever their field is below 0: one that is down there points along it already.",
    ),
    (
        "turned by the sign of the field",
        lambda field, own: -own if field > 0 else own,
        "Spins turn wherever their field is above 0: one that is up there points along it already.",
    ),
    ("always turned", lambda field, own: -own, "Every spin that is visited turns: only those against their field do."),
    ("never turned", lambda field, own: own, "Nothing turns: is the new value written into the state?"),
    (
        "only up",
        lambda field, own: 1 if field > 0 else own,
        "Spins only turn up: those with a field below 0 turn down.",
    ),
    (
        "only down",
        lambda field, own: -1 if field < 0 else own,
        "Spins only turn down: those with a field above 0 turn up.",
    ),
    ("field written", lambda field, own: field, "You write the field itself: its sign, +1 or -1."),
    (
        "0 and 1",
        lambda field, own: own if field == 0 else float(field > 0),
        "You write 0 for down: a spin is +1 or -1.",
    ),
    (
        "threshold 1",
        lambda field, own: own if abs(field) <= 1 else np.sign(field),
        "Only fields above 1 turn a spin: any field does.",
    ),
)


def _composed_sweep(arguments, visits, field, turn):
    state, J, order = arguments
    start, state = state.astype(float), state.astype(float)
    for i in visits(order, state):
        state[i] = turn(field(state, start, J, i), state[i])
    return state


def _stops_at(condition):
    """A loop that ends early."""

    def way(state, J, order):
        state = state.astype(float)
        for i in order:
            field = np.round(J[i] @ state, 12)
            turns = state[i] * field < 0
            if condition == "a spin that stays" and not turns:
                break
            if turns:
                state[i] *= -1
                if condition == "a turn":
                    break
        return state

    return way


def _steepest(state, J, order):
    """The spin that gains most turns, as often as there are spins."""
    state = state.astype(float)
    for _ in order:
        costs = state * (J @ state)
        i = costs.argmin()
        if costs[i] < -1e-12:
            state[i] *= -1
    return state


def _only_visited(state, J, order):
    return _sweep(state, J, order)[order]


sweep = Exercise(
    "2, ``my_sweep(state (N,), J (N, N), order) -> (N,)``: the state after each spin of order turned along its field",
    cases=_sweeps,
    truth=_sweep,
    mistakes=(
        *composed(_composed_sweep, _ORDERS, _FIELDS, _TURNS)[0],
        Mistake(
            "stops at a spin that stays",
            _stops_at("a spin that stays"),
            "The loop ends at the first spin that stays: go on with the next, with continue, not break.",
        ),
        Mistake("one turn only", _stops_at("a turn"), "The loop ends with the first turn: visit all of order."),
        Mistake(
            "steepest descent",
            _steepest,
            "You turn the spin that gains most, whichever it is: visit the spins in the order given.",
        ),
        Mistake("one step of all spins", lambda s, J, order: _all_at_once(s, J), "All spins turn at once: one by one."),
        *composed(_composed_sweep, _ORDERS, _FIELDS, _TURNS)[1],
        Mistake(
            "no spins",
            seen=lambda given, *_: np.any(np.abs(given) != 1),
            says="What you return is not all +1 and -1.",
        ),
        Mistake(
            "does not follow",
            seen=lambda given, s, J, order: agree(given, s),
            says="Two spins that disagree stay as they are: the first that is visited must follow the other.",
            where=lambda s, J, order: len(s) == 2 and J.any(),
        ),
        localised(
            "ties",
            lambda s, J, order: J.any() and len(s) != 10,
            _sweep,
            "You are right but for fields of 0: there the spin stays as it is.",
        ),
        localised(
            "more than two spins",
            lambda s, J, order: len(s) == 2,
            _sweep,
            "Two spins are right, more not: are they visited as order says, each field row i times the newest state?",
        ),
        Mistake(
            "energy rises",
            seen=lambda given, s, J, order: _energy(given, J) > _energy(s, J) + 1e-9,
            says="The energy rises in every random case: turn each spin along its field J[i] @ state.",
            where=lambda s, J, order: len(s) > 3,
        ),
        Mistake(
            "spins that were not visited",
            seen=lambda given, s, J, order: np.any(np.delete(given != s, order)),
            says="Spins turn that order does not name.",
            where=lambda s, J, order: len(order) < len(s) and len(s) > 3,
        ),
        Mistake(
            "not where it leads",
            seen=lambda given, s, J, order: _energy(given, J) <= _energy(s, J) + 1e-9,
            says="You go downhill, but not by this path: one visit each, in this order, fields from the newest state.",
            where=lambda s, J, order: len(s) > 3,
        ),
    ),
    tested_on="10 states of 2 to 12 spins, ties among them",
    expected="a state (N,) of +1 and -1",
)


def _all_at_once(state, J):
    fields = np.round(J @ state, 12)
    return np.where(fields == 0, state, np.sign(fields))


# ---------------------------------------------------------------- 3: fields along the patterns


def _networks():
    rng = np.random.default_rng(SEED)
    cases = []
    # Several patterns first: of one alone nobody can tell a transpose, a mean, or the first row from the answer.
    for n_patterns, n in ((2, 5), (1, 4), (4, 9), (7, 6)):
        patterns = _patterns(rng, n_patterns, n)
        plural = "s" if n_patterns > 1 else ""
        cases.append(Case(f"Hebb's J of {n_patterns} pattern{plural} of {n} spins", (patterns, _hebb(patterns))))
    cases.append(Case("3 patterns and another J", (_patterns(rng, 3, 8), ising.random_couplings(8, rng))))
    return cases


def _pulls(patterns, J):
    return patterns * (patterns @ J)


_OWN = (
    lambda x, fields: x * fields,
    ("fields alone", lambda x, fields: fields, "Those are the fields: multiply each by its own spin, xi_i."),
    ("absolute values", lambda x, fields: abs(fields), "Those are sizes: whether the field helps or not is the sign."),
    ("divided by the spin", lambda x, fields: x - fields, "The spin and its field are subtracted: multiply them."),
    ("added", lambda x, fields: x + fields, "The spin and its field are added: multiply them."),
    ("squares", lambda x, fields: fields**2, "The fields are squared: multiply each by its own spin."),
    ("crosstalk alone", lambda x, fields: x * fields - 1, "1 is taken off: that is the crosstalk; leave it in."),
    ("signs", lambda x, fields: np.sign(x * fields), "Those are the signs: give the numbers themselves."),
    ("signs", lambda x, fields: np.sign(fields), "Those are the signs of the fields: give the numbers, times xi_i."),
    ("whole numbers", lambda x, fields: np.trunc(x * fields), "The numbers are cut to whole ones: keep floats."),
    ("squashed", lambda x, fields: np.tanh(x * fields), "tanh was applied: give the product itself."),
    ("yes or no", lambda x, fields: x * fields > 0, "That says yes or no: give the numbers themselves."),
    ("bits that turn", lambda x, fields: x * fields < 0, "That says yes or no: give the numbers themselves."),
    (
        "a mean over the spins",
        lambda x, fields: np.broadcast_to((x * fields).mean(axis=1, keepdims=True), x.shape),
        "Each pattern has one number: give one for every spin.",
    ),
)
_OF = (
    lambda x, J: x @ J,
    ("squared couplings", lambda x, J: x @ J**2, "The couplings are squared: they enter as they are."),
    ("J twice", lambda x, J: x @ J @ J, "J is multiplied in twice: once gives the fields."),
    ("sizes of J", lambda x, J: x @ abs(J), "The couplings lost their signs: they enter as they are."),
    ("signs first", lambda x, J: np.sign(x @ J) @ J, "The state after one step is used: take the pattern itself."),
    ("sums of rows", lambda x, J: np.broadcast_to(J.sum(axis=1), x.shape), "The spins of the pattern are missing."),
    ("half of the pairs", lambda x, J: x @ np.triu(J), "Only the pairs with i < j are in it: all are."),
    ("half of the pairs", lambda x, J: x @ np.tril(J), "Only the pairs with i > j are in it: all are."),
    (
        "another pattern's field",
        lambda x, J: np.roll(x, 1, axis=0) @ J,
        "The field is that of another pattern: each pattern goes with its own.",
    ),
    ("one pattern for all", lambda x, J: np.broadcast_to(x[:1] @ J, x.shape), "The field is the first pattern's."),
    (
        "the spin itself",
        lambda x, J: x @ (J + np.eye(len(J))),
        "The spin itself is in its field, which adds 1: J[i, i] is 0.",
    ),
)
_FACTORS = (
    1.0,
    ("sign", -1.0, "The sign is turned round: a field that helps counts above 0."),
    ("cost of the flip", 2.0, "That is the cost of a flip, twice the answer: without the 2."),
    ("half", 0.5, "It is half of the answer."),
    ("energy", -0.5, "That is each spin's share of the energy: without the -1/2."),
)


def _composed_pulls(arguments, fields, own, factor):
    x = arguments[0].astype(float)
    return factor * own(x, fields(x, arguments[1]))


def _per_spin(how):
    return lambda patterns, J: how(_pulls(patterns, J), patterns)


pulls = Exercise(
    "3, ``my_pulls(patterns (P, N), J (N, N)) -> (P, N)``: each spin of each pattern times its field",
    cases=_networks,
    truth=_pulls,
    mistakes=(
        *chain(*composed(_composed_pulls, _OF, _OWN, _FACTORS)),
        Mistake(
            "divided by N",
            _per_spin(lambda y, x: y / x.shape[1]),
            "It is divided by N once more: J holds 1/N already.",
        ),
        Mistake(
            "divided by P",
            _per_spin(lambda y, x: y / len(x)),
            "It is divided by P, the number of patterns: nothing is averaged here.",
        ),
        Mistake("times N", _per_spin(lambda y, x: y * x.shape[1]), "It is multiplied by N: J is right as it is."),
        Mistake(
            "rounded", seen=lambda given, *a: agree(given, _pulls(*a), 0.006), says="It is rounded: give all digits."
        ),
        Mistake(
            "Hebb's J put in",
            (
                lambda patterns, J: _pulls(patterns, _hebb(patterns)),
                lambda patterns, J: _pulls(patterns, _sums(patterns) / patterns.shape[1]),
            ),
            "You make a J of your own, by Hebb's rule: use the J that is handed in.",
        ),
        localised(
            "Hebb's J put in",
            lambda patterns, J: agree(J, _hebb(patterns)),
            _pulls,
            "With Hebb's J you are right, with another not: use the J that is handed in.",
        ),
        localised(
            "one pattern",
            lambda patterns, J: len(patterns) == 1,
            _pulls,
            "One pattern is right, more not: row mu of the answer belongs to pattern mu.",
        ),
        Mistake(
            "one pattern wrong",
            seen=lambda given, patterns, J: not agree(given, _pulls(patterns, J)),
            says="One pattern alone is wrong, too: with Hebb's J each of its spins gives (N - 1) / N. Try it by hand.",
            where=lambda patterns, J: len(patterns) == 1,
        ),
    ),
    tested_on="5 networks, to 6 digits",
    expected="an array (P, N), one row a pattern",
    tolerance=SINGLE,
)


# ---------------------------------------------------------------- 4: row by row


def _half_learned():
    rng = np.random.default_rng(SEED)
    cases = [Case("one pattern of 2 spins and J = 0", (np.array([[1, -1]]), np.zeros((2, 2))))]
    for n_patterns, n, scale in ((1, 3, 0.0), (1, 3, 1.0), (4, 5, 0.0), (3, 4, 0.8), (6, 7, 1.0)):
        name = "J = 0" if scale == 0 else "a random J"
        plural = "s" if n_patterns > 1 else ""
        J = ising.random_couplings(n, rng, scale=scale)
        cases.append(Case(f"{n_patterns} pattern{plural} of {n} spins and {name}", (_patterns(rng, n_patterns, n), J)))
    return cases


def _row_gradient(patterns, J):
    """Slope by the coupling of each pair: both rows that it stands in."""
    x = patterns.astype(float)
    doubts = x * (1 - np.tanh(x * (x @ J)))
    slope = (doubts.T @ x + x.T @ doubts) / len(x)
    return slope - np.diag(np.diag(slope))


_DOUBTS = (
    lambda x, y: 1 - np.tanh(y),
    ("tanh for 1 - tanh", lambda x, y: np.tanh(y), "That weighs with tanh, so that safe bits count most: 1 - tanh."),
    ("1 + tanh", lambda x, y: 1 + np.tanh(y), "The weight is 1 + tanh: with 1 - tanh, safe bits count least."),
    (
        "J does not enter",
        lambda x, y: np.ones_like(y),
        "J does not enter: that is Hebb's direction, the step at J = 0.",
    ),
    (
        "logistic of the field",
        lambda x, y: 1 - sigmoid(y),
        "The weight is 1 - 1/(1 + exp(-y)): with 2 y in the exponential, and twice as large, it is 1 - tanh y.",
    ),
    (
        "probability of the error",
        lambda x, y: 1 - sigmoid(2 * y),
        "That is half: the slope of log p is twice the probability of the wrong sign, 1 - tanh y.",
    ),
    ("twice the argument", lambda x, y: 1 - np.tanh(2 * y), "The argument of tanh is twice too large."),
    ("half the argument", lambda x, y: 1 - np.tanh(y / 2), "The argument of tanh is half of what it should be."),
    ("slope of tanh", lambda x, y: 1 - np.tanh(y) ** 2, "That is the slope of tanh: the slope of log p is 1 - tanh."),
    (
        "spin missing in tanh",
        lambda x, y: 1 - np.tanh(x * y),
        "The field stands alone in tanh: xi_i times the field says whether it helps.",
    ),
    (
        "residual of the sign",
        lambda x, y: (y < 0).astype(float),
        "Only bits that are wrong count, as in a perceptron: with 1 - tanh safe bits count a little, too.",
    ),
    (
        "residual of the sign",
        lambda x, y: (y <= 0).astype(float),
        "Only bits that are wrong count, as in a perceptron: with 1 - tanh safe bits count a little, too.",
    ),
    ("residual of the sign", lambda x, y: 1 - np.sign(y), "The sign stands where tanh belongs."),
    ("linear residual", lambda x, y: 1 - y, "That is the slope of a squared error, 1 - y: of log p it is 1 - tanh y."),
    ("log p itself", lambda x, y: np.log(sigmoid(2 * y)), "That is log p itself: its slope is 1 - tanh y."),
    ("exp(-y)", lambda x, y: np.exp(-y), "The weight is exp(-y): it is 1 - tanh y."),
    ("exp(-2y)", lambda x, y: np.exp(-2 * y), "The weight is exp(-2y): divide by 1 + exp(-2y), and double it."),
    ("argument over N", lambda x, y: 1 - np.tanh(y / x.shape[1]), "The field is divided by N inside tanh: as it is."),
    ("sech", lambda x, y: 1 / np.cosh(y), "The weight is 1 / cosh y: it is 1 - tanh y."),
    ("tanh minus 1", lambda x, y: np.tanh(y) - 1, "The sign is turned round: climb, with 1 - tanh."),
)
_ROWS = (
    lambda S: S + S.T,
    ("one row only", lambda S: S, "Only row i is in it: the coupling stands in row j as well. Add the transpose."),
    ("one row only", lambda S: S.T, "Only row j is in it: the coupling stands in row i as well. Add the transpose."),
    ("rows averaged", lambda S: (S + S.T) / 2, "The two rows are averaged: both terms depend on J_ij, so add them."),
    ("rows subtracted", lambda S: S - S.T, "The two rows are subtracted: add them."),
    ("rows multiplied", lambda S: S * S.T, "The two rows are multiplied: add them."),
    ("one triangle", lambda S: np.triu(S + S.T), "Only one triangle is filled: J stays symmetric."),
)
_MEANS_OVER = (
    lambda G, P, N: G / P,
    ("sum over patterns", lambda G, P, N: G, "That is the sum over the patterns: take the mean."),
    ("divided by N", lambda G, P, N: G / N, "It is divided by N: by P, the number of patterns."),
    ("divided by P N", lambda G, P, N: G / (P * N), "It is divided by N as well: by P alone."),
    ("divided by P twice", lambda G, P, N: G / P**2, "It is divided by P twice."),
    ("times P", lambda G, P, N: G * P, "It is multiplied by P: divide."),
    ("P - 1", lambda G, P, N: G / np.maximum(P - 1, 1), "It is divided by P - 1: by P."),
    ("twice", lambda G, P, N: 2 * G / P, "It is twice the slope: each row counts once."),
    ("absolute values", lambda G, P, N: abs(G) / P, "The signs are lost: a coupling may have to fall."),
)
_ENDS = (
    lambda G: G - np.diag(np.diag(G)),
    ("diagonal left in", lambda G: G, "The diagonal is left in: J[i, i] is no parameter, its slope is 0."),
)


def _composed_gradient(arguments, doubt, rows, mean, end):
    x, J = arguments[0].astype(float), arguments[1]
    S = (x * doubt(x, x * (x @ J))).T @ x
    return end(mean(rows(S), *x.shape))


def _weights_without_spin(patterns, J):
    """A slope in which one of the two spins is missing."""
    x = patterns.astype(float)
    doubts = 1 - np.tanh(x * (x @ J))
    slope = (doubts.T @ x + x.T @ doubts) / len(x)
    return slope - np.diag(np.diag(slope))


def _doubts_of_pairs(patterns, J):
    x = patterns.astype(float)
    doubts = x * (1 - np.tanh(x * (x @ J)))
    slope = 2 * doubts.T @ doubts / len(x)
    return slope - np.diag(np.diag(slope))


def _doubts_without_signs(patterns, J):
    x = patterns.astype(float)
    doubts = 1 - np.tanh(x * (x @ J))
    slope = 2 * doubts.T @ doubts / len(x)
    return slope - np.diag(np.diag(slope))


def _spin_minus_tanh_field(patterns, J):
    """Right: xi (1 - tanh(xi f)) is xi - tanh f. Wrong: one of the two without the other spin."""
    x = patterns.astype(float)
    doubts = np.tanh(x @ J) - x
    slope = (doubts.T @ x + x.T @ doubts) / len(x)
    return slope - np.diag(np.diag(slope))


row_gradient = Exercise(
    "4, ``my_row_gradient(patterns (P, N), J (N, N)) -> (N, N)``: the slope of the pseudo-likelihood by each coupling",
    cases=_half_learned,
    truth=_row_gradient,
    mistakes=(
        Mistake(
            "half",
            lambda patterns, J: _row_gradient(patterns, J) / 2,
            "It is half of the slope. The two rows are added, not averaged; the slope of log p is 1 - tanh y, twice "
            "the probability of the wrong sign.",
        ),
        *chain(*composed(_composed_gradient, _DOUBTS, _ROWS, _MEANS_OVER, _ENDS)),
        Mistake("one spin missing", _weights_without_spin, "The doubt of spin i has lost its sign: xi_i (1 - tanh)."),
        Mistake(
            "doubts multiplied", _doubts_of_pairs, "Both doubts are multiplied: doubt of i times xi_j, and j times i."
        ),
        Mistake("sign", _spin_minus_tanh_field, "The sign is turned round: xi_i minus tanh of the field climbs."),
        Mistake(
            "new J",
            seen=lambda given, patterns, J: _is_scaled(given - J, _row_gradient(patterns, J)),
            says="That is J after a step: return the slope alone.",
            where=lambda patterns, J: J.any(),
        ),
        Mistake(
            "one pattern only",
            (lambda x, J: _row_gradient(x[:1], J), lambda x, J: _row_gradient(x[-1:], J)),
            "Only one pattern is in it, the first or the last: take the mean over all.",
        ),
        Mistake(
            "doubts multiplied",
            (lambda x, J: _doubts_of_pairs(x, J) / 2, lambda x, J: _doubts_without_signs(x, J)),
            "Both doubts are multiplied: doubt of i times xi_j, and j times i.",
        ),
        Mistake(
            "moments of pairs",
            lambda x, J: (_sums(x) / len(x) - np.tanh(J)) * (1 - np.eye(len(J))),
            "That takes tanh J for the model's <s_i s_j>: here each spin is asked given all others.",
        ),
        Mistake(
            "a penalty",
            seen=lambda given, x, J: _is_scaled(given - _row_gradient(x, J), J),
            says="Something proportional to J is in it, as a penalty would be: not asked for here.",
            where=lambda patterns, J: J.any(),
        ),
        Mistake(
            "not symmetric",
            seen=lambda given, patterns, J: not agree(given, given.T),
            says="Your answer is not symmetric: the coupling of a pair stands in two rows; add the transpose.",
            where=lambda patterns, J: len(patterns) > 2 and J.any(),
        ),
        localised(
            "J = 0",
            lambda patterns, J: not J.any(),
            _row_gradient,
            "At J = 0 you are right, elsewhere not: look at 1 - tanh(xi_i times the field).",
        ),
        Mistake(
            "Hebb's direction missed",
            seen=lambda given, patterns, J: not agree(given, _row_gradient(patterns, J)),
            says="At J = 0 it should be twice the mean of xi_i xi_j off the diagonal: begin there, where tanh is 0.",
            where=lambda patterns, J: not J.any() and len(patterns) > 1,
        ),
    ),
    tested_on="6 networks, half learned, to 6 digits",
    expected="an (N, N) matrix",
    read=lambda answer, patterns, J: _square(answer, len(J)),
    tolerance=SINGLE,
    describe=lambda given, exact, patterns, J: _entry(given, exact).replace("your J", "your slope"),
)
