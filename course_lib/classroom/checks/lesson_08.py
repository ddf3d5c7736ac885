"""Checks of lesson 08, restricted Boltzmann machines.

An answer is put together in stages; a slip is one stage done in another way, see `composed`.

>>> verdict = triple(lambda b, w: 0.0)
Not yet: for b = 0, w = (1, 1, 1) you give 0, exact is -0.0855588. It is 0 whatever is asked: from the fields \
alone all cancels, from log(1 + exp(field)) not.
"""

from itertools import chain

import numpy as np

from course_lib.classroom.checks import AnswerError, Case, Exercise, Mistake, Seed, agree, as_numbers
from course_lib.classroom.checks.composed import composed, localised
from course_lib.classroom.checks.draws import own_random_numbers, rng_decides_nothing
from course_lib.classroom.checks.kinds import SILENT, inexact, last_look
from course_lib.rbm import RBM

SINGLE = 1e-6  # tolerance: single precision is right, too
SEED = 8  # the same machines each time, so that a student who runs a check again sees the same example


def _layers(rng, n, m, scale=1.0):
    return rng.normal(0, scale, n), rng.normal(0, scale, m), rng.normal(0, scale, (n, m))


def _softplus(field):
    return np.logaddexp(0, field)


def _sigmoid(field):
    return 1 / (1 + np.exp(-field))


def _bits(n):
    """All states of n units, (2**n, n): unit i is on where bit i of the number is set."""
    return (np.arange(2**n)[:, None] >> np.arange(n)) & 1


def _words(state):
    return "(" + " ".join(f"{unit:g}" for unit in state) + ")"


# ---------------------------------------------------------------- 1: free energy


def _one_of_each(x, a, b, W):
    return len(a) == len(b) == 1 and not x[0]


def _machines():
    rng = np.random.default_rng(SEED)
    one = np.array([0.5]), np.array([0.8]), np.array([[1.5]])
    more = [(n, m, _layers(rng, n, m)) for n, m in ((2, 1), (1, 3), (3, 2), (2, 4), (5, 3))]
    return [
        *(Case(f"one visible unit at {x} and one hidden unit", (np.array([x]), *one)) for x in (0, 1)),
        *(
            Case(f"{n} visible unit{'s' * (n > 1)} and {m} hidden", (rng.permutation((np.arange(n) + 1) % 2), *layers))
            for n, m, layers in more
        ),
        Case("4 visible units, all on, and 2 hidden", (np.ones(4, int), *_layers(rng, 4, 2))),
        Case("a sixth of it without couplings", (np.array([1, 0]), np.ones(2) / 6, np.ones(3) / 6, np.zeros((2, 3)))),
    ]


_ENERGY_FIELDS = (
    lambda x, a, b, W: b + x @ W,
    (
        "hidden biases forgotten",
        lambda x, a, b, W: x @ W,
        "The hidden biases b are missing: the field of j is b_j + (x W)_j.",
    ),
    ("couplings forgotten", lambda x, a, b, W: b, "The visible units do not pull: the field of j is b_j + (x W)_j."),
    ("sign of W", lambda x, a, b, W: b - x @ W, "W has the other sign: the field of j is b_j + (x W)_j."),
    ("sign of b", lambda x, a, b, W: x @ W - b, "b has the other sign: the field of j is b_j + (x W)_j."),
    (
        "all visible units",
        lambda x, a, b, W: b + W.sum(axis=0),
        "Every row of W is added: only those with x_i = 1, x @ W.",
    ),
    ("units for spins", lambda x, a, b, W: b + (2 * x - 1) @ W, "x was turned into +1 and -1: here units are 0 and 1."),
    ("biases everywhere", lambda x, a, b, W: b.sum() + x @ W, "All hidden biases are in every field: b_j alone."),
    (
        "a in the fields",
        lambda x, a, b, W: b + x @ W + a @ x,
        "a . x stands inside the logarithms: it is one term outside.",
    ),
)
_ENERGY_TERMS = (
    _softplus,
    ("1 + forgotten", lambda f: f, "log(exp(f)) is f: the state h_j = 0 counts 1, so it is log(1 + exp(f))."),
    ("log of 1 + f", np.log1p, "That is log(1 + f): exp is missing inside, log(1 + exp(f))."),
    ("sign of the field", lambda f: _softplus(-f), "That is log(1 + exp(-f)): the unit that is on weighs exp(+f)."),
    ("logarithm forgotten", lambda f: 1 + np.exp(f), "That adds up 1 + exp(f) itself: take the log of each."),
    ("logarithm forgotten", np.exp, "That adds up exp(f): each hidden unit brings log(1 + exp(f))."),
    (
        "hidden units of +-1",
        lambda f: np.log(2 * np.cosh(f)),
        "log 2cosh(f) belongs to hidden units of +1 and -1; here 0 and 1.",
    ),
    (
        "half a field",
        lambda f: np.log(2 * np.cosh(f / 2)),
        "log 2cosh(f/2) lacks f/2: log(1 + exp(f)) is the sum of both.",
    ),
    (
        "likeliest state only",
        lambda f: np.maximum(f, 0),
        "Each hidden unit takes its likelier state: both count, log(1 + exp(f)).",
    ),
    ("mean of h", _sigmoid, "That adds up the means of the hidden units: sum over their states, log(1 + exp(f))."),
    (
        "mean energy",
        lambda f: f * _sigmoid(f),
        "That is minus the *mean* energy given x: the sum over h gives log(1 + exp(f)).",
    ),
    ("mean in the field", lambda f: f / 2, "h was put at 1/2: sum over h = 0 and h = 1."),
    (
        "log of the mean",
        lambda f: _softplus(f) - np.log(2),
        "That is the log of the *mean* over h: of the sum, without the 1/2.",
    ),
    ("base 2", lambda f: _softplus(f) / np.log(2), "The logarithm is to base 2: take np.log."),
    ("base 10", lambda f: _softplus(f) / np.log(10), "The logarithm is to base 10: take np.log."),
)
_ENERGY_SUMS = (
    np.sum,
    ("mean instead of sum", np.mean, "The hidden units were averaged: each brings its own term, add them up."),
    ("product instead of sum", np.prod, "The logs were multiplied: the factors 1 + exp(f) are, so their logs add up."),
    ("first unit only", lambda t: t[0], "Only the first hidden unit is in it: does return stand inside the loop?"),
    ("last unit only", lambda t: t[-1], "Only the last hidden unit is in it: add up, with +=."),
    ("largest term only", np.max, "Only the largest term is in it: add up all hidden units."),
    ("unit left out", lambda t: t[1:].sum(), "The first hidden unit is left out: Python counts from 0."),
    ("unit left out", lambda t: t[:-1].sum(), "The last hidden unit is left out: range(m) ends at m - 1."),
    (
        "log of a sum",
        lambda t: np.log(np.exp(t).sum()),
        "The factors 1 + exp(f) were added before the log: they are multiplied.",
    ),
)
_ENERGY_OWN = (
    lambda x, a: a @ x,
    ("visible biases forgotten", lambda x, a: 0.0, "The visible biases are missing: - a . x."),
    (
        "all visible biases",
        lambda x, a: a.sum(),
        "All visible biases are in it: only those of units that are on, a @ x.",
    ),
    ("sign of a", lambda x, a: -(a @ x), "a . x has the other sign: E holds - a . x."),
    ("units for spins", lambda x, a: a @ (2 * x - 1), "In a . x the units were turned into +1 and -1."),
    (
        "visible biases twice",
        lambda x, a: 2 * (a @ x),
        "a . x is in it twice: does it stand inside the loop over hidden units?",
    ),
)
_ENERGY_WHOLE = (
    lambda own, hidden: -own - hidden,
    ("sign", lambda own, hidden: own + hidden, "That is log of the weight, minus the free energy: turn the sign."),
    (
        "sign of the hidden part",
        lambda own, hidden: hidden - own,
        "The hidden part has the other sign: more ways to be, lower energy.",
    ),
    ("weight", lambda own, hidden: np.exp(own + hidden), "That is the weight exp(-E) itself: E is minus its log."),
    ("weight", lambda own, hidden: np.exp(-own - hidden), "That is exp(E): return E itself."),
    ("hidden part forgotten", lambda own, hidden: -own, "Only - a . x is in it: the hidden units bring their logs."),
)


def _free_energy(arguments, fields, terms, total, own, whole):
    x, a, *_ = arguments
    return whole(own(x, a), total(terms(fields(*arguments) + 0 * arguments[2])))


def _right_energy(x, a, b, W):
    return float(RBM(a, b, W).energy(x))


def _nll_of(x, a, b, W):
    machine = RBM(a, b, W)
    return float(machine.energy(x)) + machine.log_partition()


_FAR_OUT = Case("a hidden unit in a field of 800", (np.array([1]), np.zeros(1), np.zeros(1), np.array([[800.0]])))

energy = Exercise(
    "1, ``my_energy(x (n,), a (n,), b (m,), W (n, m)) -> float``: the free energy of the visible units",
    cases=_machines,
    truth=_right_energy,
    mistakes=(
        *chain(*composed(_free_energy, _ENERGY_FIELDS, _ENERGY_TERMS, _ENERGY_SUMS, _ENERGY_OWN, _ENERGY_WHOLE)),
        Mistake("log Z added", _nll_of, "log Z is in it: that is minus log p(x). The energy comes without."),
        Mistake(
            "log Z added",
            lambda *arguments: -_nll_of(*arguments),
            "That is log p(x): the energy is minus the log of the weight, without log Z.",
        ),
        *inexact(_right_energy, 1e-3),
        localised(
            "more than one visible unit",
            lambda x, a, b, W: len(a) == 1,
            _right_energy,
            "With one visible unit you are right, with more not: the field of unit j is b[j] + sum_i x[i] W[i, j].",
        ),
        localised(
            "more than one hidden unit",
            lambda x, a, b, W: len(b) == 1,
            _right_energy,
            "With one hidden unit you are right, with more not: each brings log(1 + exp(f_j)), and they add up.",
        ),
        localised(
            "couplings",
            lambda x, a, b, W: not np.any(W) or not np.any(x),
            _right_energy,
            "Without couplings you are right: look at how x and W enter the fields, b + x @ W.",
        ),
        Mistake(
            "one unit off",
            seen=lambda given, *arguments: not agree(given, _right_energy(*arguments)),
            says="Begin with x = 0 and one hidden unit: the weight is then 1 + exp(b), and E is minus its log.",
            where=_one_of_each,
            last=True,
        ),
    ),
    tested_on="9 machines of up to 5 visible and 4 hidden units, to 6 digits",
    expected="one number",
    tolerance=SINGLE,
    last_looks=(
        last_look(
            _FAR_OUT,
            _right_energy,
            "overflow",
            "exp(800) is too large for the computer: np.logaddexp(0, f) is log(1 + exp(f)) without the detour.",
        ),
    ),
)


# ---------------------------------------------------------------- 2: the three-body term


def _hubs():
    rng = np.random.default_rng(SEED)
    named = [(0.0, (1, 1, 1)), (-3.0, (2, 2, 2)), (-1.0, (2, 2, 2)), (0.5, (1, -2, 3)), (-0.7, (0, 1, 2))]
    drawn = [(rng.normal(), tuple(rng.normal(0, 2, 3))) for _ in range(3)]
    return [
        Case(f"b = {b:.3g}, w = ({', '.join(f'{one:.3g}' for one in w)})", (b, np.array(w, float)))
        for b, w in (*named, *drawn)
    ]


_TRIPLE_TERMS = (
    _softplus,
    (
        "no function",
        lambda f: f,
        "It is 0 whatever is asked: from the fields alone all cancels, from log(1 + exp(field)) not.",
    ),
    ("1 + forgotten", np.exp, "That takes exp(field), or 1 + exp(field): log(1 + exp(field)) belongs there."),
    ("mean of h", _sigmoid, "That takes the mean of h: log(1 + exp(field)) belongs there."),
    ("hidden units of +-1", lambda f: np.log(2 * np.cosh(f)), "log 2cosh belongs to a hidden unit of +1 and -1."),
    ("base 2", lambda f: np.logaddexp2(0, f / np.log(2)), "The logarithm is to base 2: take np.log."),
    ("base 10", lambda f: _softplus(f) / np.log(10), "The logarithm is to base 10: take np.log."),
)
_TRIPLE_FIELDS = (
    lambda b, on: b + on,
    ("bias forgotten", lambda b, on: on, "b is missing from the fields."),
    (
        "signs of b and w",
        lambda b, on: on - b,
        "b and w enter the fields with opposite signs: they are added, b + w . x.",
    ),
    ("bias many times", lambda b, on: 3 * b + on, "b is in each field three times: it is one hidden unit."),
)
# Weights of the eight states, by how many units are on: 0, 1, 2, 3.
_TRIPLE_SIGNS = (
    (-1, 1, -1, 1),
    ("sign", (1, -1, 1, -1), "All signs are turned round: the state with all three on counts +."),
    ("signs", (1, 1, 1, 1), "All eight states count +: signs alternate with each unit that goes off."),
    (
        "signs",
        (-1, -1, -1, 1),
        "Everything is taken off from the state with all on; singles must be given back: they count +.",
    ),
    ("signs", (1, 1, -1, 1), "The empty state counts -: with an odd number of units off the sign is -."),
    ("signs", (1, 1, -1, -1), "Signs alternate with each unit that goes off: +, -, +, -."),
    ("signs", (-1, 1, 1, 1), "States with two units on count -: one unit is off."),
    ("empty state forgotten", (0, 1, -1, 1), "The empty state is missing: - log(1 + exp(b))."),
    ("single units forgotten", (-1, 0, -1, 1), "The three states with one unit on are missing: they count +."),
    ("pairs forgotten", (-1, 1, 0, 1), "The three states with two units on are missing: they count -."),
    (
        "pairs not taken off",
        (2, -1, 0, 1),
        "That takes the single units off and no pairs: pairs count -, single units +.",
    ),
    ("full state forgotten", (-1, 1, -1, 0), "The state with all three on is missing."),
    ("all on and all off", (-1, 0, 0, 1), "That is all on against all off: single units and pairs must be taken off."),
    ("all on only", (0, 0, 0, 1), "That is one state, all on: what single units and pairs explain must be taken off."),
)
_TRIPLE_WHOLE = (
    1.0,
    ("of spins", 1 / 8, "That is the term of s_1 s_2 s_3 with spins: for units of 0 and 1 it is 8 times that."),
    ("half", 1 / 2, "There is a factor 1/2 too many."),
    ("divided by 4", 1 / 4, "There is a factor 1/4 too many."),
    ("averaged", 1 / 3, "It is divided by 3: add up."),
    ("times 3", 3.0, "There is a factor of 3 too many."),
)


def _triple(arguments, terms, fields, signs, factor):
    b, w = arguments
    states = _bits(3)
    return factor * np.sum(np.array(signs)[states.sum(axis=1)] * terms(fields(b, states @ w)))


def _right_triple(b, w):
    return _triple((b, w), *(right for right, *_ in (_TRIPLE_TERMS, _TRIPLE_FIELDS, _TRIPLE_SIGNS, _TRIPLE_WHOLE)))


def _pair(b, one, other):
    return _softplus(b + one + other) - _softplus(b + one) - _softplus(b + other) + _softplus(b)


def _by_products(b, w):
    """The ratio of products, as far as the log of it."""
    return np.exp(_right_triple(b, w))


triple = Exercise(
    "2, ``my_triple(b, w (3,)) -> float``: the coupling of three visible units by one hidden unit",
    cases=_hubs,
    truth=_right_triple,
    mistakes=(
        *chain(*composed(_triple, _TRIPLE_TERMS, _TRIPLE_FIELDS, _TRIPLE_SIGNS, _TRIPLE_WHOLE)),
        Mistake(
            "a pair",
            tuple(lambda b, w, i=i, j=j: _pair(b, w[i], w[j]) for i, j in ((0, 1), (0, 2), (1, 2))),
            "That is the coupling of a pair of them: with the third unit off. How does it change when that goes on?",
        ),
        Mistake(
            "pair with the third on",
            tuple(
                lambda b, w, i=i, j=j, k=k: _pair(b + w[k], w[i], w[j]) for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 2, 0))
            ),
            "That is the coupling of a pair while the third is on: take off what it is while the third is off.",
        ),
        Mistake(
            "sum of the pairs",
            lambda b, w: sum(_pair(b, w[i], w[j]) for i, j in ((0, 1), (0, 2), (1, 2))),
            "That is the sum of the three pair couplings: they must be taken off, not added up.",
        ),
        Mistake("logarithm at the end forgotten", _by_products, "That is the ratio itself: take its log."),
        Mistake("product of the weights", lambda b, w: np.prod(w), "That is w_1 w_2 w_3: b and the log must enter."),
        *inexact(_right_triple, 1e-3),
        localised(
            "one weight for all",
            lambda b, w: w[0] == w[1] == w[2],
            _right_triple,
            "Where all weights are equal you are right, elsewhere not: each visible unit has its own w_i.",
        ),
        Mistake(
            "not 0 for a unit without coupling",
            seen=lambda given, b, w: not agree(given, 0.0),
            says="With w_1 = 0 the first unit takes no part, so the three-body term must be 0; yours is not.",
            where=lambda b, w: w[0] == 0,
            last=True,
        ),
        Mistake(
            "not 0 where it must vanish",
            seen=lambda given, b, w: not agree(given, 0.0),
            says="For b = -3, w = (2, 2, 2) the eight logs cancel in pairs up to a straight line, and yours do not.",
            where=lambda b, w: b == -3,
            last=True,
        ),
    ),
    tested_on="8 hidden units, to 6 digits",
    expected="one number",
    tolerance=SINGLE,
)


# ---------------------------------------------------------------- 3: a step of block Gibbs

ROWS = 5000  # half of them from one start, half from another
# Shares of 2500 rows have a standard error of at most 0.01. A right function misses one of the 40 by more than this,
# 5.7 errors, with probability below 1e-6.
SHARES_OFF = 0.057


def _steps():
    rng = np.random.default_rng(SEED)
    systems = [
        ([0], [1], [-2.5], [-1.0], [[5.0]]),
        ([1, 0], [0, 1], [0.3, -0.4], [-1.0], [[2.0], [-3.0]]),
        ([0], [1], [-3.0], [0.0, 0.0], [[5.0, -5.0]]),  # its two hidden units must not share a random number
        ([0, 1], [1, 1], [-1.0, 0.7], [1.2, -0.4, 0.8], [[2.5, -2.0, 1.0], [-1.5, 2.2, -3.0]]),
        ([1, 0, 0], [0, 1, 1], [0.8, -1.2, 0.3], [-0.9, 1.1], [[2.0, -2.6], [-1.8, 1.2], [2.4, 1.9]]),
    ]
    cases = []
    for one, other, a, b, W in systems:
        n, m = np.shape(W)
        x = np.repeat([one, other], ROWS // 2, axis=0)
        name = f"{n} visible unit{'s' * (n > 1)} and {m} hidden"
        cases.append(Case(name, (x, np.array(a), np.array(b), np.array(W), Seed(int(rng.integers(2**31))))))
    return cases


def _independent(p):
    """Each unit by a draw of its own: all states, and how likely each one is."""
    states = _bits(len(p))
    return states, np.prod(np.where(states, p, 1 - p), axis=1)


def _one_number_for_all(p):
    edges = np.unique(np.concatenate([[0.0, 1.0], p]))
    return (edges[:-1, None] + edges[1:, None]) / 2 < p, np.diff(edges)


def _likelier(p):
    return (p > 0.5)[None], np.ones(1)


def _coins(p):
    return _independent(np.full(len(p), 0.5))


_HIDDEN_FIELDS = (
    lambda x, b, W: b + x @ W,
    ("hidden biases forgotten", lambda x, b, W: x @ W, "The hidden biases b are missing."),
    (
        "hidden units turned round",
        lambda x, b, W: -(b + x @ W),
        "The hidden units are on where they should be off: look at the sign of the field, and at the < of the draw.",
    ),
    ("sign of W", lambda x, b, W: b - x @ W, "W has the wrong sign in the hidden fields, b + x @ W."),
    ("sign of b", lambda x, b, W: x @ W - b, "b has the wrong sign in the hidden fields, b + x @ W."),
    (
        "visible units do not pull",
        lambda x, b, W: b + 0 * (x @ W),
        "The hidden units do not look at x: their field is b + x @ W.",
    ),
    ("units for spins", lambda x, b, W: b + (2 * x - 1) @ W, "x was turned into +1 and -1: units are 0 and 1."),
    (
        "hidden units of +-1",
        lambda x, b, W: 2 * (b + x @ W),
        "There is a factor 2 in the hidden fields: that is for spins of +1 and -1.",
    ),
)
_HIDDEN_DRAWS = (
    _independent,
    (
        "hidden units not drawn",
        lambda p: (p[None], np.ones(1)),
        "The hidden units hold their means: draw 0 or 1 with that probability.",
    ),
    (
        "hidden units at their likelier state",
        _likelier,
        "The hidden units take their likelier state: draw, rng.random(...) < p.",
    ),
    (
        "one number for all hidden units",
        _one_number_for_all,
        "One random number serves all hidden units of a row: each needs its own.",
    ),
    ("hidden units by coins", _coins, "The hidden units are fair coins: their probability is that of the field."),
)
_VISIBLE_FIELDS = (
    lambda h, a, W: a + h @ W.T,
    ("visible biases forgotten", lambda h, a, W: h @ W.T, "The visible biases a are missing."),
    (
        "visible units turned round",
        lambda h, a, W: -(a + h @ W.T),
        "The visible units are on where they should be off: look at the sign of the field, and at the < of the draw.",
    ),
    ("sign of W", lambda h, a, W: a - h @ W.T, "W has the wrong sign in the visible fields, a + h @ W.T."),
    ("sign of a", lambda h, a, W: h @ W.T - a, "a has the wrong sign in the visible fields, a + h @ W.T."),
    (
        "hidden units do not pull",
        lambda h, a, W: a + 0 * (h @ W.T),
        "The visible units do not look at h: their field is a + h @ W.T.",
    ),
    ("units for spins", lambda h, a, W: a + (2 * h - 1) @ W.T, "h was turned into +1 and -1: units are 0 and 1."),
    (
        "visible units of +-1",
        lambda h, a, W: 2 * (a + h @ W.T),
        "There is a factor 2 in the visible fields: that is for spins of +1 and -1.",
    ),
)
_VISIBLE_DRAWS = (
    _independent,
    (
        "visible units at their likelier state",
        _likelier,
        "The visible units take their likelier state: draw, rng.random(...) < p.",
    ),
    (
        "one number for all visible units",
        _one_number_for_all,
        "One random number serves all visible units of a row: each needs its own.",
    ),
    ("visible units by coins", _coins, "The visible units are fair coins: their probability is that of the field."),
)


def _step_law(x, a, b, W, ways):
    """Probabilities of all visible states after a step from x."""
    hidden_field, hidden_draw, visible_field, visible_draw = ways
    law, index = np.zeros(2 ** len(a)), 1 << np.arange(len(a))
    for h, weight in zip(*hidden_draw(_sigmoid(hidden_field(x, b, W))), strict=True):
        states, shares = visible_draw(_sigmoid(visible_field(h, a, W)))
        np.add.at(law, states.astype(int) @ index, weight * shares)
    return law


_STAGES = _HIDDEN_FIELDS, _HIDDEN_DRAWS, _VISIBLE_FIELDS, _VISIBLE_DRAWS
_RIGHT_WAYS = tuple(right for right, *_ in _STAGES)


def _step(arguments, *ways):
    x, a, b, W, _ = arguments
    return np.concatenate([_step_law(start, a, b, W, ways) for start in (x[0], x[-1])])


def _right_step(*arguments):
    return _step(arguments, *_RIGHT_WAYS)


def _again(steps):
    """The law after several steps."""

    def after(x, a, b, W, _):
        kernel = np.array([_step_law(start, a, b, W, _RIGHT_WAYS) for start in _bits(len(a))])
        index = 1 << np.arange(len(a))
        power = np.linalg.matrix_power(kernel, steps)
        return np.concatenate([power[start @ index] for start in (x[0], x[-1])])

    return after


def _numbers_shared(x, a, b, W, _):
    """The law of a step whose hidden unit k and visible unit k are drawn by the same random number."""
    both = min(W.shape)
    law = np.zeros((2, 2 ** len(a)))
    for k, start in enumerate((x[0], x[-1])):
        q = _sigmoid(b + start @ W)
        for h, weight in zip(*_independent(q), strict=True):
            p, on = _sigmoid(a + W @ h), q[:both]
            # Given h, the number is spread evenly below q, where the hidden unit is on, or above q, where it is off.
            p[:both] = np.where(h[:both], np.minimum(p[:both] / on, 1), np.maximum((p[:both] - on) / (1 - on), 0))
            law[k] += weight * _independent(p)[1]
    return law.ravel()


def _stays(x, a, *_):
    index = 1 << np.arange(len(a))
    return np.concatenate([np.eye(2 ** len(a))[start @ index] for start in (x[0], x[-1])])


def _shares(answer, x, a, b, W, _):
    """How often each state comes, from either start."""
    if isinstance(answer, tuple) and len(answer) == 2:
        raise AnswerError("your function returned two things, in a tuple: the new x alone", "more than asked")
    after = as_numbers(answer)
    if after.shape == (len(x), len(b)) != x.shape:
        raise AnswerError(
            "your function returned the hidden units: go on, and draw the visible ones from them", "hidden units"
        )
    if after.shape != x.shape:
        raise AnswerError(f"your function returned an array of shape {after.shape}, not {x.shape}")
    if not np.all((after == 0) | (after == 1)):
        odd = after[(after != 0) & (after != 1)][0]
        if np.all((after >= 0) & (after <= 1)):
            raise AnswerError(
                f"your units hold {odd:.3g}: those are probabilities; draw, rng.random(p.shape) < p", "not drawn"
            )
        raise AnswerError(f"your units hold {odd:.3g}: they are 0 or 1", "not 0 and 1")
    index = after.astype(int) @ (1 << np.arange(len(a)))
    return np.concatenate([np.bincount(half, minlength=2 ** len(a)) / len(half) for half in np.split(index, 2)])


def _states_that_differ(given, right, x, a, *_):
    k = int(np.abs(given - right).argmax())
    start, state = (x[0], x[-1])[k // 2 ** len(a)], _bits(len(a))[k % 2 ** len(a)]
    return (
        f"a step from {_words(start)} ends in {_words(state)} with probability {given[k]:.3f}, exact is {right[k]:.3f}"
    )


def _own_numbers(function):
    """Whether the random numbers are those of rng."""
    x, *layers, _ = _steps()[3].arguments
    first, second = (function(x[:50].copy(), *layers, np.random.default_rng(seed)) for seed in (1, 2))
    if np.array_equal(first, second):
        return rng_decides_nothing("Whatever the rng, the new x is the same", "unit of each row")
    return own_random_numbers(function, (x[:50], *layers))


def _given_one_hidden_state(given, x, a, b, W, _):
    """Whether the visible units of either start are drawn given one hidden state, the same for all rows."""
    laws = [_visible_law(h, a, W) for h in _bits(len(b))]
    return all(any(agree(half, law, SHARES_OFF) for law in laws) for half in np.split(given, 2))


def _one_visible_state_for_each_hidden(given, *_):
    """Whether from either start no more visible states come than one hidden unit has states."""
    return all(np.count_nonzero(half) <= 2 for half in np.split(given, 2))


def _visible_law(h, a, W):
    return _independent(_sigmoid(a + W @ h))[1]


gibbs_step = Exercise(
    "3, ``my_gibbs_step(x (M, n), a (n,), b (m,), W (n, m), rng) -> (M, n)``: hidden units, then visible ones, drawn",
    cases=_steps,
    truth=_right_step,
    mistakes=(
        *composed(_step, *_STAGES)[0],
        Mistake(
            "nothing moves", _stays, "x comes back as it was, or nearly: is each row moved, and the new x returned?"
        ),
        Mistake(
            "one hidden state for all rows",
            seen=_given_one_hidden_state,
            says="All rows share one draw of the hidden units: each row needs numbers of its own, of shape (M, m).",
        ),
        Mistake(
            "rng decides nothing",
            seen=lambda given, *_: bool(np.all((given == 0) | (given == 1))),
            says="All rows from one start end alike: each row needs numbers of its own, of shape (M, m) and (M, n).",
        ),
        Mistake(
            "one number for both layers",
            _numbers_shared,
            "The same random numbers draw h and then x: each layer needs numbers of its own.",
        ),
        Mistake("several steps", (_again(2), _again(3)), "That is more than one step: hidden once, visible once."),
        *composed(_step, *_STAGES)[1],
        Mistake(
            "one visible state for all rows",
            seen=_one_visible_state_for_each_hidden,
            says="Given h, x is the same in all rows: draw it, by numbers of their own for each row, of shape (M, n).",
            where=lambda x, a, b, W, _: len(a) == 2 and len(b) == 1,
        ),
        Mistake(
            "start forgotten",
            seen=lambda given, *_: agree(*np.split(given, 2), SHARES_OFF),
            says="Where x starts makes no difference to you: the hidden units are drawn given x.",
        ),
        Mistake(
            "one unit of each",
            seen=lambda given, *arguments: not agree(given, _right_step(*arguments), SHARES_OFF),
            says="Begin with one unit of each kind: draw h with sigmoid(b + x W), then x with sigmoid(a + W h).",
            where=lambda x, a, b, W, _: len(a) == len(b) == 1,
        ),
        Mistake(
            "more than one hidden unit",
            seen=lambda given, *arguments: agree(given, _right_step(*arguments), SHARES_OFF),
            says="With one hidden unit you are right, with more not: is there a sum over i, a number for each unit?",
            where=lambda x, a, b, W, _: len(b) == 1,
        ),
        Mistake(
            "more than one visible unit",
            seen=lambda given, *arguments: agree(given, _right_step(*arguments), SHARES_OFF),
            says="With one visible unit you are right, with more not: is there a sum over j, a number for each unit?",
            where=lambda x, a, b, W, _: len(a) == 1,
        ),
    ),
    tested_on=f"5 machines, {ROWS} rows each, against the exact law of one step",
    expected="the new x, of the shape of x",
    read=_shares,
    describe=_states_that_differ,
    last_looks=(_own_numbers,),
    tolerance=SHARES_OFF,
)


# ---------------------------------------------------------------- 4: the gradient


def _no_pull(data, samples, b, W):
    return not np.any(b) and not np.any(W)


def _batches():
    rng = np.random.default_rng(SEED)

    def units(m, n):
        return rng.integers(2, size=(m, n)) | (np.arange(m)[:, None] % n == np.arange(n))  # no column is empty

    small = np.array([[1, 0], [1, 1], [0, 1], [1, 1]]), np.array([[0, 0], [1, 0], [0, 1], [1, 0], [0, 0]])
    cases = [
        Case("2 visible and 1 hidden unit, b = W = 0", (*small, np.zeros(1), np.zeros((2, 1)))),
        Case("2 visible and 1 hidden unit", (*small, np.array([-0.5]), np.array([[1.0], [2.0]]))),
    ]
    for n, m, rows, chains in ((3, 2, 6, 4), (2, 4, 5, 8), (4, 3, 1, 1), (5, 2, 7, 7)):
        _, b, W = _layers(rng, n, m)
        cases.append(
            Case(
                f"{n} visible and {m} hidden units, {rows} samples against {chains}",
                (units(rows, n), units(chains, n)[::-1], b, W),
            )
        )
    return cases


_POSTERIORS = (
    lambda x, b, W: _sigmoid(b + x @ W),
    ("hidden biases forgotten", lambda x, b, W: _sigmoid(x @ W), "The hidden biases b are missing in q."),
    (
        "visible units do not pull",
        lambda x, b, W: _sigmoid(b + 0 * (x @ W)),
        "The hidden means do not look at x: q = sigmoid(b + x @ W).",
    ),
    (
        "sign of the field",
        lambda x, b, W: _sigmoid(-b - x @ W),
        "The field has the wrong sign: q = 1 / (1 + exp(-(b + x W))).",
    ),
    ("sign of W", lambda x, b, W: _sigmoid(b - x @ W), "W has the other sign in q."),
    ("field itself", lambda x, b, W: b + x @ W, "q holds the fields themselves: the sigmoid is missing."),
    (
        "log instead of mean",
        lambda x, b, W: _softplus(b + x @ W),
        "q holds log(1 + exp(f)): its slope, the sigmoid, is the mean.",
    ),
    ("exp instead of mean", lambda x, b, W: np.exp(b + x @ W), "q holds exp(f): divide by 1 + exp(f)."),
    (
        "hidden units of +-1",
        lambda x, b, W: np.tanh(b + x @ W),
        "tanh is the mean of a spin of +1 and -1: units are 0 and 1, the sigmoid.",
    ),
    (
        "hidden units of +-1",
        lambda x, b, W: _sigmoid(2 * (b + x @ W)),
        "There is a factor 2 in the field: that is for spins of +1 and -1.",
    ),
    ("hidden units decided", lambda x, b, W: (b + x @ W > 0) * 1.0, "q was cut to 0 and 1: take the mean itself."),
    ("hidden units decided", lambda x, b, W: (b + x @ W >= 0) * 1.0, "q was cut to 0 and 1: take the mean itself."),
    (
        "no sigmoid slope",
        lambda x, b, W: _sigmoid(b + x @ W) * (1 - _sigmoid(b + x @ W)),
        "q (1 - q) is the sigmoid's slope: the moments hold q.",
    ),
    ("units for spins", lambda x, b, W: _sigmoid(b + (2 * x - 1) @ W), "x was turned into +1 and -1 in the field."),
)
_PRODUCTS = (
    lambda x, q: x.T @ q / len(x),
    (
        "product of the means",
        lambda x, q: np.outer(x.mean(axis=0), q.mean(axis=0)),
        "dW holds the product of two means: the mean of the product, x.T @ q / M.",
    ),
    (
        "covariance",
        lambda x, q: x.T @ q / len(x) - np.outer(x.mean(axis=0), q.mean(axis=0)),
        "The product of the means was taken off in dW: the moment is the mean of x_i q_j as it is.",
    ),
    ("x forgotten", lambda x, q: np.outer(np.ones(x.shape[1]), q.mean(axis=0)), "dW lacks x: the mean of x_i q_j."),
    ("q forgotten", lambda x, q: np.outer(x.mean(axis=0), np.ones(q.shape[1])), "dW lacks q: the mean of x_i q_j."),
    ("units for spins", lambda x, q: (2 * x - 1).T @ q / len(x), "x was turned into +1 and -1 in dW."),
)
_MEANS = (
    lambda sums, rows: sums,
    ("sum instead of mean", lambda sums, rows: sums * rows, "It is summed over the samples: take means."),
    ("divided twice", lambda sums, rows: sums / rows, "It is divided by the number of samples twice."),
)


def _minus(of_data, of_model):
    return of_data - of_model


_GAPS = (
    _minus,
    ("sign", lambda d, m: m - d, "The sign is turned round: data minus model."),
    ("model forgotten", lambda d, m: d, "The model's averages are missing: data minus *samples*."),
    ("data forgotten", lambda d, m: -m, "The data's averages are missing: *data* minus samples."),
    ("model alone", lambda d, m: m, "That is the model's average alone: data minus samples."),
    ("not a difference", lambda d, m: d + m, "The two averages were added: data *minus* model."),
    ("not a difference", lambda d, m: d / m, "The averages were divided: data *minus* model."),
)
_WHICH = (
    (0, 1, 2),
    ("sign of da", (0,), "Only da has the other sign: all three are data minus samples."),
    ("sign of db", (1,), "Only db has the other sign: all three are data minus samples."),
    ("sign of dW", (2,), "Only dW has the other sign: all three are data minus samples."),
)
_SIZES = (
    lambda parts, b, W: parts,
    (
        "signs only",
        lambda parts, b, W: tuple(np.sign(part) for part in parts),
        "Only the signs are left: the sizes are lost.",
    ),
    (
        "squares",
        lambda parts, b, W: tuple(part**2 for part in parts),
        "The differences are squared: take them as they are.",
    ),
    (
        "absolute values",
        lambda parts, b, W: tuple(np.abs(part) for part in parts),
        "Absolute values were taken: a slope may be negative.",
    ),
    ("half", lambda parts, b, W: tuple(part / 2 for part in parts), "All is half of what it should be."),
    (
        "divided by the units",
        lambda parts, b, W: tuple(part / len(W) for part in parts),
        "All is divided by the number of visible units.",
    ),
    ("times W", lambda parts, b, W: (*parts[:2], W * parts[2]), "W stands before dW: the slope of x W h by W is x h."),
    ("left at 0", lambda parts, b, W: (*parts[:2], 0 * parts[2]), "dW is 0 everywhere: is it computed, and returned?"),
    (
        "left at 0",
        lambda parts, b, W: (parts[0], 0 * parts[1], parts[2]),
        "db is 0 everywhere: is it computed, and returned?",
    ),
    ("left at 0", lambda parts, b, W: (0 * parts[0], *parts[1:]), "da is 0 everywhere: is it computed, and returned?"),
)


def _gradient(arguments, posterior, products, mean, gap, which, size):
    data, samples, b, W = arguments
    both = []
    for x in (data, samples):
        q = posterior(x, b, W)
        both.append([mean(part, len(x)) for part in (x.mean(axis=0), q.mean(axis=0), products(x, q))])
    parts = [gap(of_data, of_model) for of_data, of_model in zip(*both, strict=True)]
    turned = [part if len(which) == 3 or k not in which else -part for k, part in enumerate(parts)]
    return size(tuple(turned), b, W)


_GRADIENT_STAGES = _POSTERIORS, _PRODUCTS, _MEANS, _GAPS, _WHICH, _SIZES


def _right_gradient(*arguments):
    return _gradient(arguments, *(right for right, *_ in _GRADIENT_STAGES))


def _of_the_data_posterior(data, samples, b, W):
    """Slopes with q of the data on both sides."""
    if len(data) != len(samples):
        return None
    da, _, _ = _right_gradient(data, samples, b, W)
    q = _sigmoid(b + data @ W)
    return da, 0 * b, (data - samples).T @ q / len(data)


def _along(given, *arguments):
    """Whether all three point along the right slopes, longer or shorter."""
    right = _right_gradient(*arguments)
    size = given[0] @ right[0] / max(right[0] @ right[0], 1e-30)
    return size > 0 and all(agree(one, size * part, 1e-7) for one, part in zip(given, right, strict=True))


def _only(name, k, says):
    """The other two are right."""

    def others(*arguments):
        right = _right_gradient(*arguments)
        return tuple(None if i == k else part for i, part in enumerate(right))

    return Mistake(name, others, says)


@SILENT
def _one_hidden_draw(given, *arguments):
    """Whether da is right, and db holds multiples of 1 / M: hidden units were drawn."""
    right = _right_gradient(*arguments)
    rows = len(arguments[0]) * len(arguments[1])
    whole = given[1] * rows
    return agree(given[0], right[0]) and agree(whole, np.rint(whole)) and not agree(given[1], right[1])


gradient = Exercise(
    "4, ``my_gradient(data (M, n), samples (K, n), b (m,), W (n, m)) -> (da, db, dW)``: data minus model",
    cases=_batches,
    truth=_right_gradient,
    outputs=("da", "db", "dW"),
    mistakes=(
        *chain(*composed(_gradient, *_GRADIENT_STAGES)),
        Mistake(
            "hidden means of the data on both sides",
            seen=lambda given, *arguments: all(
                agree(one, part) for one, part in zip(given, _of_the_data_posterior(*arguments), strict=True)
            ),
            says="The hidden means of the *data* serve the samples, too: compute q for each of the two.",
            where=lambda data, samples, b, W: len(data) == len(samples),
        ),
        Mistake(
            "hidden units drawn",
            seen=_one_hidden_draw,
            says="db is made of zeros and ones: take the probabilities q themselves, not draws.",
            where=lambda data, samples, b, W: np.any(W),
        ),
        Mistake(
            "a factor",
            seen=_along,
            says="Your slopes point the right way, and are too long or too short: data minus samples, with no factor.",
        ),
        _only("da", 0, "Only da is wrong: the mean of the data minus that of the samples, along axis 0."),
        _only("db", 1, "Only db is wrong: the mean of q over the data minus that over the samples, along axis 0."),
        _only("dW", 2, "Only dW is wrong: entry (i, j) is the mean of x_i q_j, data minus samples."),
        localised(
            "hidden means",
            _no_pull,
            _right_gradient,
            "For b = W = 0, where every q is 1/2, you are right: look at q = sigmoid(b + x @ W).",
        ),
        localised(
            "number of samples",
            lambda data, samples, b, W: len(data) == len(samples),
            _right_gradient,
            "With as many samples as data you are right, with others not: each mean has its own number of rows.",
        ),
        Mistake(
            "da first",
            seen=lambda given, *arguments: not agree(given[0], _right_gradient(*arguments)[0]),
            says="Begin with da, which has no hidden units in it: data.mean(axis=0) - samples.mean(axis=0).",
            last=True,
        ),
        Mistake(
            "hidden means first",
            seen=lambda given, *arguments: agree(given[0], _right_gradient(*arguments)[0]),
            says="da is right. For b = W = 0 every q is 1/2, so db is 0 and dW is da / 2: begin there.",
            last=True,
        ),
    ),
    tested_on="6 machines with 1 to 8 samples, to 6 digits",
    expected="a triple (da, db, dW) of shapes (n,), (m,) and (n, m)",
    tolerance=SINGLE,
)
