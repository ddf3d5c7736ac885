"""Checks of lesson 05x, estimators.

>>> verdict = step(lambda J, h, image, fantasy, alpha: (J, h + alpha * (image - fantasy)))
Not yet: for two spins with alpha = 0.1 your J[0, 1] is 0, exact is 0.2. J did not move. Of image * image every entry \
is 1: the products of all pairs are np.outer(image, image).
"""

import numpy as np

from course_lib import divergence, ising
from course_lib.classroom.checks import AnswerError, Case, Exercise, Mistake, agree, as_numbers
from course_lib.classroom.checks.kinds import inexact, right_where, wrong_where

SINGLE = 1e-6  # tolerance: single precision is right, too
SEED = 5  # the same systems each time, so that a student who runs a check again sees the same example


# ---------------------------------------------------------------- one image, one chain


def _models_and_states():
    rng = np.random.default_rng(SEED)
    return [
        Case("two spins with alpha = 0.1", (np.zeros((2, 2)), np.zeros(2), np.array([1, 1]), np.array([1, -1]), 0.1)),
        *(
            Case(
                f"{n} random spins with alpha = {alpha}",
                (ising.random_couplings(n, rng), rng.normal(size=n), *rng.choice([-1, 1], size=(2, n)), alpha),
            )
            for n, alpha in ((3, 0.5), (5, 0.01), (6, 1.0), (4, 0.2))
        ),
    ]


def _outer(s):
    return np.outer(s, s)


def _off_diagonal(J):
    """The pairs: a mistake says nothing about the diagonal, which has a mistake of its own."""
    return np.ma.masked_array(J, np.eye(len(J), dtype=bool))


def _up(state):
    return (state + 1) / 2


def _near(n):
    """Pairs of successive spins."""
    return np.eye(n, k=1) + np.eye(n, k=-1)


# What is added, of the image's term s and the fantasy's term x; the same mistake in J, where they are products.
_ADDED = (
    (
        "sign",
        lambda s, x, a: a * (x - s),
        "the sign is turned round: the image pulls up, plus, the fantasy down, minus",
    ),
    ("plus for minus", lambda s, x, a: a * (s + x), "the fantasy's part is added: it must be subtracted"),
    ("half of the sum", lambda s, x, a: a * (s + x) / 2, "the mean of both parts is added: subtract the fantasy's"),
    ("both subtracted", lambda s, x, a: -a * (s + x), "both parts are subtracted: the image's must be added"),
    ("fantasy left out", lambda s, x, a: a * s, "the fantasy does not enter: its part must be subtracted"),
    ("image left out", lambda s, x, a: -a * x, "the image does not enter: its part is what the step adds"),
    ("fantasy alone, added", lambda s, x, a: a * x, "the fantasy is added, and the image does not enter"),
    ("alpha forgotten", lambda s, x, a: s - x, "alpha is not used: it multiplies what is added"),
    ("alpha forgotten, sign", lambda s, x, a: x - s, "alpha is not used, and the sign is turned round"),
    ("alpha forgotten, plus", lambda s, x, a: s + x, "alpha is not used, and the fantasy's part is added"),
    ("divided by alpha", lambda s, x, a: (s - x) / a, "the step is divided by alpha: multiply"),
    ("alpha squared", lambda s, x, a: a**2 * (s - x), "alpha multiplies twice: once is enough"),
    ("alpha on the image only", lambda s, x, a: a * s - x, "alpha multiplies only the image's part: set brackets"),
    ("alpha on the fantasy only", lambda s, x, a: s - a * x, "alpha multiplies only the fantasy's part: set brackets"),
    ("absolute value", lambda s, x, a: a * abs(s - x), "the difference lost its sign: it may pull either way"),
)


def _with_the_old(old, term, a):
    """What becomes of old parameters: name, new ones, sentence."""
    return (
        ("old parameters scaled", a * (old + term), "alpha multiplies the old parameters as well"),
        ("change instead of new parameters", a * term, "that is the change: add it to the old parameters"),
        ("change without alpha", term, "that is the change, without alpha: scale it, and add it to the old parameters"),
        (
            "old parameters shrunk",
            (1 - a) * old + a * term,
            "the old parameters are multiplied by 1 - alpha: keep them",
        ),
        ("old parameters subtracted", a * term - old, "the old parameters are subtracted: add the step to them"),
        ("multiplied by the old parameters", old + a * old * term, "the step is multiplied by the old parameters"),
        ("old parameters doubled", 2 * old + a * term, "the old parameters are doubled: add the step to them once"),
        ("alpha on the old parameters", a * old + term, "alpha multiplies the old parameters, and not the step"),
        (
            "mixture",
            a * old + (1 - a) * term,
            "old parameters and step are mixed: keep the old, add alpha times the step",
        ),
        ("alpha added", old + a + term, "alpha is added: it multiplies what is added"),
        ("old parameters multiplied", old * a * term, "the old parameters are multiplied by the step: add it"),
    )


def _ways_to_step():
    """Name, way of J, way of h, sentence: mistakes that can be made in both."""
    for name, added, says in _ADDED:
        yield (
            name,
            lambda J, h, s, x, a, added=added: _off_diagonal(J + added(_outer(s), _outer(x), a)),
            lambda J, h, s, x, a, added=added: h + added(s, x, a),
            says,
        )
    for k, (name, _, says) in enumerate(_with_the_old(0, 0, 0)):
        yield (
            name,
            lambda J, h, s, x, a, k=k: _off_diagonal(_with_the_old(J, _outer(s) - _outer(x), a)[k][1]),
            lambda J, h, s, x, a, k=k: _with_the_old(h, s - x, a)[k][1],
            says,
        )
    for name, factor, says in (
        ("doubled", lambda n: 2, "the step is twice too long: each parameter is one number, with no factor 2"),
        ("halved", lambda n: 0.5, "the step is half as long as it must be: no factor 1/2, and not its sign alone"),
        ("divided by N", lambda n: 1 / n, "the step is divided by the number of spins: it belongs to each parameter"),
        (
            "times N - 1",
            lambda n: n - 1,
            "the step is N - 1 times too long: is it inside the loop over pairs?",
        ),
        ("times N", lambda n: n, "the step is N times too long: nothing is summed over the spins"),
        ("divided by N squared", lambda n: n**-2.0, "the step is divided by N * N: nothing is averaged over the spins"),
    ):
        yield (
            name,
            lambda J, h, s, x, a, of=factor: _off_diagonal(J + a * of(len(h)) * (_outer(s) - _outer(x))),
            lambda J, h, s, x, a, of=factor: h + a * of(len(h)) * (s - x),
            says,
        )


def _in_J(added):
    """A mistake in what is added to J, whatever h is."""
    return lambda J, h, s, x, a: (_off_diagonal(J + a * added(s, x, J, h)), None)


def _in_h(added):
    """A mistake in what is added to h, whatever J is."""
    return lambda J, h, s, x, a: (None, h + a * added(s, x, J, h))


def _in_both():
    for name, J_way, h_way, says in _ways_to_step():
        yield Mistake(name, lambda *a, f=J_way, g=h_way: (f(*a), g(*a)), f"In J and in h {says}.")


def _in_one(output, letter):
    for name, *ways, says in _ways_to_step():
        of = ways[output]
        alone = (lambda *a, of=of: (of(*a), None), lambda *a, of=of: (None, of(*a)))[output]
        yield Mistake(f"{name}, in {letter}", alone, f"In {letter} {says}.")


_IN_J = (
    Mistake(
        "couplings not moved",
        _in_J(lambda s, x, J, h: 0 * J),
        "J did not move. Of image * image every entry is 1: the products of all pairs are np.outer(image, image).",
    ),
    Mistake(
        "product of the difference",
        _in_J(lambda s, x, J, h: _outer(s - x)),
        "The products were taken of s - x: take them of each state first, then their difference, s_i s_j - x_i x_j.",
    ),
    Mistake(
        "image and fantasy multiplied",
        tuple(
            _in_J(added)
            for added in (
                lambda s, x, J, h: _outer(s) - np.outer(s, x),
                lambda s, x, J, h: _outer(s) - np.outer(x, s),
                lambda s, x, J, h: np.outer(s, x),
                lambda s, x, J, h: np.outer(x, s),
                lambda s, x, J, h: np.outer(s, x) - _outer(x),
                lambda s, x, J, h: np.outer(x, s) - _outer(x),
                lambda s, x, J, h: np.outer(s, x) - np.outer(x, s),
                lambda s, x, J, h: np.outer(s, x) + np.outer(x, s),
            )
        ),
        "In J image and fantasy are multiplied with each other: each has its own products, s_i s_j and x_i x_j.",
    ),
    Mistake(
        "differences of spins in J",
        tuple(
            _in_J(added)
            for added in (
                lambda s, x, J, h: (s - x) + 0 * J,
                lambda s, x, J, h: (s - x)[:, None] + 0 * J,
                lambda s, x, J, h: np.diag(s - x) + (s - x)[:, None] + (s - x),
            )
        ),
        "The step of J is made of single spins: J_ij needs the products s_i s_j and x_i x_j of its two.",
    ),
    Mistake(
        "one triangle only",
        tuple(
            _in_J(lambda s, x, J, h, half=half: half(_outer(s) - _outer(x)))
            for half in (np.triu, np.tril, lambda d: 2 * np.triu(d), lambda d: 2 * np.tril(d))
        ),
        "Only one half of J moved, so that it is no longer symmetric: J_ij and J_ji are one number.",
    ),
    Mistake(
        "successive spins only",
        tuple(
            _in_J(lambda s, x, J, h, near=near: near(len(h)) * (_outer(s) - _outer(x)))
            for near in (_near, lambda n: np.triu(_near(n)), lambda n: np.minimum(1, _near(n) + _near(n)[::-1, ::-1].T))
        ),
        "Only couplings of successive spins moved: here every pair is coupled.",
    ),
    Mistake(
        "means of the model's spins",
        tuple(
            _in_J(lambda s, x, J, h, m=m: _outer(s) - _outer(m(s, x, J, h)))
            for m in (
                lambda s, x, J, h: np.tanh(J @ s + h),
                lambda s, x, J, h: np.tanh(J @ x + h),
                lambda s, x, J, h: np.full(len(h), x.mean()),
            )
        ),
        "In J stand products of means: take those of the fantasy's own spins, x_i x_j.",
    ),
    Mistake(
        "square of one spin",
        tuple(_in_J(added) for added in (lambda s, x, J, h: _outer(s) - 1, lambda s, x, J, h: 1 - _outer(x))),
        "In J one of the products is 1, as of a spin with itself: take x_i x_j and s_i s_j.",
    ),
    Mistake(
        "old couplings for the fantasy",
        _in_J(lambda s, x, J, h: _outer(s) - J),
        "In J the old couplings stand where the fantasy's products belong.",
    ),
    Mistake(
        "image and fantasy multiplied pair by pair",
        _in_J(lambda s, x, J, h: _outer(s) * _outer(x)),
        "In J the products of image and fantasy are multiplied or divided: subtract them.",
    ),
    Mistake(
        "averages of the fantasy's products",
        tuple(_in_J(lambda s, x, J, h, of=of: _outer(s) - of(_outer(x))) for of in (np.mean, np.sum)),
        "In J the fantasy's products are averaged or summed: each pair has its own.",
    ),
    Mistake(
        "spins of 0 and 1",
        _in_J(lambda s, x, J, h: _outer(_up(s)) - _outer(_up(x))),
        "In J spins are counted as 0 and 1: they are -1 and +1.",
    ),
)
_IN_H = (
    Mistake("fields not moved", _in_h(lambda s, x, J, h: 0), "h did not move: its step is alpha (s_i - x_i)."),
    Mistake(
        "old fields for the fantasy",
        _in_h(lambda s, x, J, h: s - h),
        "In h the old fields stand where the fantasy belongs: s_i - x_i.",
    ),
    Mistake(
        "products in the fields",
        tuple(
            _in_h(added)
            for added in (
                lambda s, x, J, h: (_outer(s) - _outer(x)).sum(axis=0),
                lambda s, x, J, h: (_outer(s) - _outer(x)).mean(axis=0),
                lambda s, x, J, h: s * (s - x),
                lambda s, x, J, h: s * x,
            )
        ),
        "The step of h is made of products: it needs the spins themselves, s_i - x_i.",
    ),
    Mistake(
        "one number for all fields",
        tuple(
            _in_h(added)
            for added in (
                lambda s, x, J, h: s.sum() - x.sum(),
                lambda s, x, J, h: s.mean() - x.mean(),
                lambda s, x, J, h: s - x.mean(),
                lambda s, x, J, h: s - x.sum(),
            )
        ),
        "In h the spins are summed or averaged: each field has its own s_i - x_i.",
    ),
    Mistake(
        "mean of the model's spins",
        tuple(
            _in_h(added)
            for added in (
                lambda s, x, J, h: s - np.tanh(J @ s + h),
                lambda s, x, J, h: s - np.tanh(J @ x + h),
            )
        ),
        "In h the fantasy's spin is replaced by a mean, tanh of a field: take x_i itself.",
    ),
    Mistake(
        "couplings in the fields",
        tuple(_in_h(added) for added in (lambda s, x, J, h: J @ (s - x), lambda s, x, J, h: s - x + J @ (s - x))),
        "In h the couplings enter: its step is alpha (s_i - x_i), whatever J is.",
    ),
)


def _only_the_diagonal_is_wrong(given, J, h, s, x, a):
    off, right = 1 - np.eye(len(h)), J + a * (_outer(s) - _outer(x))
    return agree(given[0] * off, right * off) and not agree(given[0], right)


_SELF_COUPLING = Mistake(
    "self-coupling",
    seen=_only_the_diagonal_is_wrong,
    says="The pairs are right, and the diagonal of J is not zero: a spin is not its own neighbour. In "
    "s_i s_i - x_i x_i it cancels by itself.",
)


def _length(output):
    """Whether what is added is a multiple of the right step, in this case."""

    def sees(given, *arguments):
        old, right = arguments[output], step.truth(*arguments)[output]
        moved, wanted = given[output] - old, right - old
        return agree(moved * np.vdot(wanted, wanted), wanted * np.vdot(moved, wanted)) and not agree(moved, wanted)

    return sees


def _unmoved(output):
    """Whether what is wrong is what did not move."""

    def sees(given, *arguments):
        old, right = arguments[output], step.truth(*arguments)[output]
        as_it_was = np.isclose(given[output], right) | np.isclose(given[output], old)
        return np.all(as_it_was) and not agree(given[output], right)

    return sees


def _same_for_all(output):
    """Whether one number was added to all."""

    def sees(given, *arguments):
        moved = given[output] - arguments[output]
        if len(moved) == 2 or agree(given[output], step.truth(*arguments)[output]):
            return len(moved) == 2
        return np.ptp(moved[~np.eye(len(moved), dtype=bool)] if moved.ndim == 2 else moved) < 1e-9

    return sees


def _moves(output):
    """Where the right step moves this output."""
    return lambda *arguments: not agree(step.truth(*arguments)[output], arguments[output])


_LAST = (
    *(
        Mistake(name.format(letter), seen=sees(k), where=_moves(k), says=says.format(letter))
        for k, letter in enumerate("Jh")
        for name, sees, says in (
            ("some of {} not moved", _unmoved, "Some of {} did not move: do the loops reach every one?"),
            ("one number for all of {}", _same_for_all, "All of {} moved by the same number: each has its own term."),
            ("length of the step in {}", _length, "In {} the step has the right direction, and another length."),
        )
    ),
    Mistake(
        "not symmetric",
        seen=lambda given, *_: not np.allclose(given[0], given[0].T),
        where=lambda J, h, s, x, a: len(h) > 3 and a != 0.01,
        says="Your J is not symmetric: J_ij and J_ji are one number, and move by the same s_i s_j - x_i x_j.",
    ),
)


def _stepped(J, h, s, x, alpha):
    return J + alpha * (_outer(s) - _outer(x)), h + alpha * (s - x)


def _only_wrong(output):
    """Whether the other output is right wherever this one is not."""

    def sees(given, *arguments):
        return agree(given[1 - output], _stepped(*arguments)[1 - output], SINGLE)

    return sees


_PARTS = (
    Mistake(
        "step of J",
        seen=_only_wrong(0),
        says="h is right, and J is not: to each J_ij comes alpha (s_i s_j - x_i x_j), and nothing else.",
    ),
    Mistake(
        "step of h",
        seen=_only_wrong(1),
        says="J is right, and h is not: to each h_i comes alpha (s_i - x_i), and nothing else.",
    ),
    wrong_where(
        lambda J, h, s, x, a: len(h) == 2,
        _stepped,
        "Wrong for two spins: there J and h are 0, so that J_01 becomes alpha (s_0 s_1 - x_0 x_1), and h_i alpha "
        "(s_i - x_i). Begin there.",
    ),
)

step = Exercise(
    "1, ``my_step(J (N, N), h (N,), image (N,), fantasy (N,), alpha) -> (J, h)``: one step of stochastic gradient",
    cases=_models_and_states,
    truth=_stepped,
    outputs=("J", "h"),
    mistakes=(
        *inexact(_stepped, 1e-5),
        *_in_both(),
        *_in_one(0, "J"),
        *_IN_J,
        _SELF_COUPLING,
        *_in_one(1, "h"),
        *_IN_H,
        *_LAST,
        *_PARTS,
    ),
    tested_on="5 models of 2 to 6 spins, to 6 digits",
    tolerance=SINGLE,
    expected="J (N, N) and h (N,), with a comma between them",
)


# ---------------------------------------------------------------- pseudo-likelihood


def _data_and_models():
    rng = np.random.default_rng(SEED)
    pair, three = 0.3 * ising.chain(2, periodic=False), np.array([[1, 1], [1, -1], [1, 1]])
    return [
        Case("one spin in a field of 0.5, once up", (np.array([[1]]), np.zeros((1, 1)), np.array([0.5]))),
        Case("two spins with J_01 = 0.3, h = (0, 0.4), three samples", (three, pair, np.array([0.0, 0.4]))),
        *(
            Case(
                f"{n} random spins, {m} sample{'s' if m > 1 else ''}",
                (rng.choice([-1, 1], size=(m, n)), ising.random_couplings(n, rng), rng.normal(size=n)),
            )
            for n, m in ((3, 1), (4, 10), (5, 3))
        ),
        *(
            Case(
                f"two spins that {what} a coupling of 1000",
                (np.array([[1, second]]), np.array([[0.0, 1000.0], [1000.0, 0.0]]), np.zeros(2)),
            )
            for what, second in (("disagree against", -1), ("agree, with", 1))
        ),
    ]


def _is_mild(data, J, h):
    return np.abs(J).max() < 100


def _agreement(data, J, h):
    """Of each spin with its local field."""
    return data * (data @ J + h)


def _log_p(agreement):
    return -np.logaddexp(0, -2 * agreement)


def _average(terms):
    return terms.sum(axis=1).mean()


def _log_pl(data, J, h):
    return _average(_log_p(_agreement(data, J, h)))


# Ways to make one number of the terms (M, N), the right one first.
_AVERAGES = (_average, np.sum, np.mean, lambda terms: terms.sum(axis=0).mean())


def _of_terms(name, says, *terms):
    """A mistake in the terms, however they are averaged, and whatever the sign of the whole is."""
    ways = tuple(
        lambda *a, of=of, average=average, sign=sign: sign * average(of(*a))
        for of in terms
        for sign in (1, -1)
        for average in _AVERAGES
    )
    return Mistake(name, ways, says, where=_is_mild)


def _of_fields(name, says, *fields):
    """A mistake in the local field, whatever its factor in the exponent is."""
    terms = (
        lambda *a, field=field, factor=factor: _log_p(factor * a[0] * field(*a))
        for field in fields
        for factor in (1, 0.5, 2, -1, -0.5)
    )
    return _of_terms(name, says, *terms)


def _of_averages(name, says, *averages):
    """A mistake in the average of the right terms, whatever the sign is."""
    ways = tuple(
        lambda *a, average=average, sign=sign: sign * average(_log_p(_agreement(*a)))
        for average in averages
        for sign in (1, -1)
    )
    return Mistake(name, ways, says, where=_is_mild)


_TERM_MISTAKES = (
    _of_terms(
        "log 2 lost",
        "The normalisation of a spin is 2 cosh f, exp(f) + exp(-f): the 2 is lost, log 2 for each spin.",
        lambda *a: _log_p(_agreement(*a)) + np.log(2),
    ),
    _of_terms(
        "factor 2 lost",
        "The factor 2 in the exponent is lost: the two states of a spin in a field f differ in energy by 2 f.",
        lambda *a: _log_p(_agreement(*a) / 2),
    ),
    _of_terms(
        "factor 4",
        "The exponent is twice too large: it is 2 s f, and f itself holds each coupling once.",
        lambda *a: _log_p(2 * _agreement(*a)),
    ),
    _of_terms(
        "probability of the other sign",
        "The sign in the exponent is turned round: a spin along its field is the likely one.",
        lambda *a: _log_p(-_agreement(*a)),
        lambda *a: _log_p(-_agreement(*a) / 2),
    ),
    _of_terms(
        "probability of up",
        "That is the probability that the spin is *up*: of a spin that was seen down take the probability of down, so "
        "s_i belongs into the exponent.",
        lambda data, J, h: _log_p(data @ J + h),
        lambda data, J, h: _log_p(-(data @ J + h)),
        lambda data, J, h: _log_p((data @ J + h) / 2),
    ),
    _of_fields(
        "field forgotten",
        "The fields h are missing from the local field.",
        lambda data, J, h: data @ (J) + 0 * h,
    ),
    _of_fields(
        "couplings forgotten",
        "The couplings are missing from the local field: the other spins decide, too.",
        lambda data, J, h: data @ (0 * J) + h,
    ),
    _of_terms(
        "fields subtracted",
        "In the local field h has the wrong sign: f_i = sum_j J_ij s_j + h_i.",
        *(lambda data, J, h, k=k: _log_p(k * _agreement(data, J, -h)) for k in (1, 0.5)),
    ),
    _of_terms(
        "couplings subtracted",
        "In the local field J has the wrong sign: f_i = sum_j J_ij s_j + h_i.",
        *(lambda data, J, h, k=k: _log_p(k * _agreement(data, -J, h)) for k in (1, 0.5)),
    ),
    _of_fields(
        "couplings doubled",
        "Each coupling is counted twice in the local field: f_i = sum_j J_ij s_j + h_i.",
        lambda data, J, h: data @ (2 * J) + h,
    ),
    _of_fields(
        "couplings halved",
        "Each coupling is halved in the local field: the half belongs to the energy, where a pair is met twice; spin i "
        "meets its neighbour j once.",
        lambda data, J, h: data @ (J / 2) + h,
    ),
    _of_fields(
        "fields halved or doubled",
        "The couplings enter rightly, the fields with a factor: f_i = sum_j J_ij s_j + h_i.",
        lambda data, J, h: data @ (J) + h / 2,
        lambda data, J, h: data @ (J) + 2 * h,
    ),
    _of_terms(
        "spin times the couplings only",
        "s_i multiplies the couplings' part only: the field's part needs it too, s_i (sum_j J_ij s_j + h_i).",
        lambda data, J, h: _log_p(data * (data @ J) + h),
    ),
    _of_terms(
        "spin times the field only",
        "s_i multiplies h_i only: the couplings' part needs it too, s_i (sum_j J_ij s_j + h_i).",
        lambda data, J, h: _log_p(data @ J + data * h),
    ),
    _of_fields(
        "one triangle only",
        "Each spin hears only the spins on one side of it: J_ij acts on spin i and on spin j, so all of J belongs in "
        "the local field.",
        lambda data, J, h: data @ (np.triu(J)) + h,
        lambda data, J, h: data @ (np.tril(J)) + h,
    ),
    _of_fields(
        "couplings summed without spins",
        "The couplings are summed without the spins at their other end: f_i = sum_j J_ij s_j + h_i.",
        lambda data, J, h: J.sum(axis=0) + h + 0 * data,
    ),
    _of_terms(
        "log 1 taken for 1",
        "np.logaddexp takes the logarithms of what it adds: for the 1 in 1 + exp(x) pass log 1, which is 0.",
        lambda *a: -np.logaddexp(1, -2 * _agreement(*a)),
    ),
    _of_fields(
        "self-coupling counted",
        "The spin itself is among its neighbours: the field of spin i comes from the *others* and from h_i.",
        lambda data, J, h: data @ (J + np.eye(len(h))) + h,
    ),
    _of_terms(
        "normalisation dropped",
        "That is made of s f alone: each conditional probability has a normalisation, two terms, which must stay.",
        _agreement,
        lambda *a: 2 * _agreement(*a),
    ),
    _of_terms(
        "normalisation alone",
        "That is log(exp(f) + exp(-f)) alone: the weight of the state that was seen is s f, and belongs on top.",
        lambda data, J, h: np.logaddexp(data @ J + h, -(data @ J + h)),
    ),
    _of_terms(
        "tanh for a probability",
        "That is made of tanh f, the mean of a spin: its *probability* is 1/(1 + exp(-2 s f)), or (1 + s tanh f)/2.",
        lambda data, J, h: np.log((1 + np.tanh(data @ J + h)) / 2),
        lambda *a: np.tanh(_agreement(*a)),
        lambda *a: np.log(np.tanh(_agreement(*a))),
    ),
    _of_terms(
        "energy of the whole state",
        "The energy of the whole state stands in the exponent: of spin i only 2 s_i f_i counts.",
        lambda data, J, h: _log_p(-ising.energy(data, J, h)[:, None] + 0 * data),
        lambda data, J, h: _log_p(-ising.energy(data, J, h)[:, None] / 2 + 0 * data),
    ),
    _of_fields(
        "own spin for its neighbours",
        "Spin i stands where its neighbours belong: f_i = sum_j J_ij s_j + h_i, with s_j.",
        lambda data, J, h: data * J.sum(axis=0) + h,
    ),
    _of_fields(
        "fields of several spins",
        "The fields enter more than once: f_i holds h_i, once, outside the sum over the neighbours.",
        lambda data, J, h: data @ J + h.sum(),
        lambda data, J, h: data @ J + len(h) * h,
        lambda data, J, h: data @ J + (len(h) - 1) * h,
        lambda data, J, h: data @ (J + h),
        lambda data, J, h: data @ (J + h[:, None]),
    ),
    _of_terms(
        "another normalisation",
        "The normalisation is not that of the two states of a spin: it is exp(f) + exp(-f), of its own field f.",
        *(
            lambda *a, norm=norm: _agreement(*a) - norm(a[0] @ a[1] + a[2])
            for norm in (
                lambda f: np.logaddexp(0, f),
                lambda f: np.logaddexp(0, -f),
                lambda f: np.logaddexp(f, f),
                lambda f: np.logaddexp(0, 2 * f),
                lambda f: np.log(2) + 0 * f,
                lambda f: 2 * np.cosh(f),
                np.cosh,
                lambda f: np.log(2 * np.sinh(f)),
                np.abs,
                lambda f: np.logaddexp(f, -f).sum(axis=1, keepdims=True),
            )
        ),
    ),
    _of_terms(
        "spin and field added",
        "Spin and field are added in the exponent: they are multiplied, 2 s f.",
        *(lambda *a, k=k: _log_p(k * (a[0] + a[0] @ a[1] + a[2])) for k in (1, 0.5, -1)),
        *(lambda *a, k=k: -np.logaddexp(0, k - _agreement(*a)) for k in (2, -2)),
    ),
    _of_terms(
        "absolute value",
        "The sign of s f is lost, and every spin counts as if it stood along its field.",
        lambda *a: _log_p(np.abs(_agreement(*a))),
        lambda *a: _log_p(-np.abs(_agreement(*a))),
    ),
    _of_terms(
        "one term twice",
        "np.logaddexp got one term twice: it needs 0, the log of 1, and the exponent.",
        lambda *a: 2 * _agreement(*a) - np.log(2),
    ),
    _of_terms(
        "slope",
        "That is made of s - tanh f, the slope: the logarithm of the probability itself is asked for.",
        lambda data, J, h: data - np.tanh(data @ J + h),
    ),
    _of_terms(
        "entropy",
        "Each log is weighted with its probability, which makes an entropy: the data are the weights already.",
        lambda *a: np.exp(_log_p(_agreement(*a))) * _log_p(_agreement(*a)),
    ),
    _of_terms(
        "means instead of spins",
        "The neighbours enter by their means over the data: in each sample use that sample's own spins.",
        lambda data, J, h: _log_p(data * (data.mean(axis=0) @ J + h)),
    ),
    _of_terms(
        "one sign only",
        "Only the spins up, or only those down, enter: each spin has a conditional probability, up or down.",
        lambda *a: np.where(a[0] > 0, _log_p(_agreement(*a)), 0),
        lambda *a: np.where(a[0] < 0, _log_p(_agreement(*a)), 0),
    ),
    _of_terms(
        "log forgotten",
        "That is made of the probabilities themselves: take the logarithm of each first.",
        lambda *a: np.exp(_log_p(_agreement(*a))),
    ),
    _of_terms(
        "base 2",
        "The logarithm is to base 2 or 10: the course counts in nats, np.log.",
        lambda *a: _log_p(_agreement(*a)) / np.log(2),
        lambda *a: _log_p(_agreement(*a)) / np.log(10),
    ),
)


def _exponents():
    """J's part and h's part of the exponent, each with and without s_i and with a factor, but for the right one."""
    for spin_J, spin_h in ((1, 1), (1, 0), (0, 1), (0, 0), (2, 1), (2, 0)):
        for k in (1, 0.5, 2, -1):
            for factor in (1, 0.5, 2, -1, -0.5, -2):
                if (spin_J, spin_h, k, factor) != (1, 1, 1, 1):
                    yield spin_J, spin_h, k, factor


def _with_exponent(spin_J, spin_h, k, factor):
    def term(data, J, h):
        neighbours = data**0 * J.sum(axis=0) if spin_J == 2 else data**spin_J * (data @ J)
        return _log_p(k * neighbours + factor * data**spin_h * h)

    return term


_BRACKETS = _of_terms(
    "brackets around the local field",
    "In the exponent the couplings and the field do not enter as in 2 s_i (sum_j J_ij s_j + h_i): brackets?",
    *(_with_exponent(*parts) for parts in _exponents()),
)
_AVERAGE_MISTAKES = (
    _of_averages(
        "sum over the samples",
        "That is the sum over the samples: take the mean, so that it does not grow with M.",
        np.sum,
    ),
    _of_averages(
        "mean over the spins",
        "The spins were averaged: the logarithms of one sample's spins are summed, only samples are averaged.",
        np.mean,
    ),
    _of_averages(
        "sum over the samples, mean over the spins",
        "The axes are exchanged: sum over the spins, axis 1, and take the mean over the samples, axis 0.",
        _AVERAGES[3],
    ),
    _of_averages(
        "one sample only",
        "One sample enters, not all: does a return or an index stop the loop over the samples?",
        lambda terms: terms[0].sum(),
        lambda terms: terms[-1].sum(),
        lambda terms: terms[0].sum() / len(terms),
        lambda terms: terms[-1].sum() / len(terms),
    ),
    _of_averages(
        "one spin only",
        "One spin of each sample enters, not all: sum over the spins.",
        lambda terms: terms[:, 0].mean(),
        lambda terms: terms[:, -1].mean(),
        lambda terms: terms[:, 0].sum(),
    ),
    _of_averages(
        "divided by samples and once more",
        "The mean over the samples was divided by a number once more: sum over the spins, divide by M once.",
        lambda terms: _average(terms) / len(terms),
        lambda terms: _average(terms) / terms.size,
        lambda terms: _average(terms) / 2,
    ),
    _of_averages(
        "divided by M - 1",
        "The sum over the samples was divided by one less than their number: take the mean, over M.",
        lambda terms: terms.sum() / (len(terms) - 1),
    ),
    _of_averages(
        "log of the mean",
        "That is the log of a mean over the samples: the mean goes outside, over the logs.",
        lambda terms: np.log(np.exp(terms.sum(axis=1)).mean()),
        lambda terms: np.log(np.exp(terms).mean(axis=0)).sum(),
        lambda terms: np.log(np.exp(terms).sum(axis=1).mean()),
        lambda terms: np.log(np.exp(terms).mean()),
    ),
    _of_averages(
        "sum inside the log",
        "The sum over the spins stands inside the logarithm: take the log of each spin's probability, then sum.",
        lambda terms: np.log(np.exp(terms).sum(axis=1)).mean(),
        lambda terms: np.log(np.exp(terms).mean(axis=1)).mean(),
        lambda terms: -np.log(1 + np.expm1(-terms).sum(axis=1)).mean(),
        lambda terms: -np.log(1 + np.expm1(-terms).sum()),
        lambda terms: -np.logaddexp(0, np.log(np.expm1(-terms)).sum(axis=1)).mean(),
    ),
    _of_averages(
        "one term only",
        "One term is left of them all: add them up, += in place of =.",
        lambda terms: terms[-1, -1],
        lambda terms: terms[-1, -1] / len(terms),
        lambda terms: terms[0, 0],
        lambda terms: terms[0, 0] / len(terms),
    ),
    _of_averages(
        "a spin left out",
        "One spin of each sample is left out: does the loop reach the first and the last?",
        lambda terms: terms[:, :-1].sum(axis=1).mean(),
        lambda terms: terms[:, 1:].sum(axis=1).mean(),
    ),
    _of_averages(
        "a sample left out",
        "One sample is left out: does the loop reach the first and the last?",
        lambda terms: terms[:-1].sum() / len(terms),
        lambda terms: terms[1:].sum() / len(terms),
    ),
    _of_averages(
        "product or extreme of the logs",
        "The logarithms of one sample's spins are summed, not multiplied, nor is one of them picked.",
        lambda terms: terms.prod(axis=1).mean(),
        lambda terms: terms.max(axis=1).mean(),
        lambda terms: terms.min(axis=1).mean(),
    ),
    _of_averages(
        "product of the probabilities",
        "That is made of products of the probabilities: sum their logarithms instead.",
        lambda terms: np.exp(terms.sum(axis=1)).mean(),
        lambda terms: np.exp(terms.sum()),
        lambda terms: np.exp(terms.sum(axis=1)).sum(),
        lambda terms: np.exp(_average(terms)),
    ),
)

log_pseudo_likelihood = Exercise(
    "2, ``my_log_pseudo_likelihood(data (M, N), J (N, N), h (N,)) -> float``: each spin given all others, per sample",
    cases=_data_and_models,
    truth=_log_pl,
    mistakes=(
        Mistake(
            "sign",
            lambda *a: -_log_pl(*a),
            "That is the *negative* log-pseudo-likelihood: a logarithm of probabilities is below 0.",
            where=_is_mild,
        ),
        *_AVERAGE_MISTAKES,
        *_TERM_MISTAKES,
        _BRACKETS,
        Mistake(
            "every spin with every sample",
            lambda data, J, h: _average(_log_p(data @ (data @ J + h).T)),
            "The @ sums over the spins and mixes the samples: s_i f_i is a product entry by entry, with *.",
            where=_is_mild,
        ),
        Mistake(
            "energy",
            (
                lambda data, J, h: ising.energy(data, J, h).mean(),
                lambda data, J, h: -ising.energy(data, J, h).mean(),
            ),
            "That is the mean energy, up to its sign: take the log of each spin's conditional probability.",
            where=_is_mild,
        ),
        Mistake(
            "log-likelihood",
            (lambda *a: -divergence.nll(*a), divergence.nll),
            "That is the log-likelihood, with Z: here each spin is given the others, and Z does not appear.",
            where=_is_mild,
        ),
        Mistake(
            "overflow",
            seen=lambda given, *a: agree(given, _log_pl(*a)) or (not _is_mild(*a) and not np.isfinite(given)),
            says="All other cases are right: exp(1000) overflows, and cosh(1000) too. log(1 + exp(x)) is "
            "np.logaddexp(0, x), for any x.",
        ),
        Mistake(
            "floor under the probability",
            seen=lambda given, *a: agree(given, _log_pl(*a), 1e-6) or not _is_mild(*a),
            says="All other cases are right, to six digits at least: what you put in against exp(1000) and log(0) "
            "changes the answer. log(1 + exp(x)) is np.logaddexp(0, x), for any x.",
        ),
        *inexact(_log_pl, 1e-5),
        right_where(
            lambda data, J, h: len(h) < 3,
            _log_pl,
            "Right for one and two spins: with more, does each spin hear all others, and does each have its term?",
        ),
        right_where(
            lambda data, J, h: len(h) == 1,
            _log_pl,
            "Right for one spin: with more, the field needs sum_j J_ij s_j, and the terms are summed over the spins.",
        ),
        wrong_where(
            lambda data, J, h: len(h) == 1,
            _log_pl,
            "Wrong for one spin: s = 1 in the field 0.5 has log p = -log(1 + exp(-1)) = -0.3133. Begin there.",
        ),
    ),
    tested_on="7 models of 1 to 5 spins with 1 to 10 samples, two with a very strong coupling, to 6 digits",
    tolerance=SINGLE,
    expected="one number",
)


# ---------------------------------------------------------------- log Z from weights


def _log_weights():
    rng = np.random.default_rng(SEED)
    return [
        Case("weights 1, 3 and 5, and a base with Z = 1", (np.log([1.0, 3.0, 5.0]), 0.0)),
        Case("weights 2, 2, 5 and 7, and a base with Z = 8", (np.log([2.0, 2, 5, 7]), np.log(8))),
        *(
            Case(
                f"{n} log weights around {middle:g} and a log Z of the base of {base}",
                (rng.normal(middle, spread, size=n), base),
            )
            for n, middle, spread, base in ((10, 1.5, 0.7, 3.25), (50, -2.0, 1.2, 13.9))
        ),
        Case("20 log weights around 2000", (rng.normal(2000.0, 0.5, size=20), 69.3)),
        Case("20 log weights around -2000", (rng.normal(-2000.0, 0.5, size=20), 69.3)),
        Case("ten log weights of -1500, one of 0 and one of 1", (np.array([*10 * [-1500.0], 0.0, 1.0]), 69.3)),
    ]


def _is_tame(log_w, base):
    return np.abs(log_w).max() < 700


def _weights(log_w):
    return np.exp(log_w - log_w.max())


def _log_mean(log_w):
    return log_w.max() + np.log(_weights(log_w).mean())


def _spread(log_w, ddof):
    """Of the weights, relative to their mean."""
    return _weights(log_w).std(ddof=ddof) / _weights(log_w).mean()


def _estimate_and_error(log_w, base):
    return base + _log_mean(log_w), _spread(log_w, 1) / np.sqrt(len(log_w))


def _read_estimate_and_error(answer, log_w, base):
    if np.shape(answer) != (2,):
        raise AnswerError("your function did not return two numbers")
    estimate, error = as_numbers(answer)
    # np.std divides by n, unless told otherwise: a matter of taste, and no mistake.
    exact = _estimate_and_error(log_w, base)[1]
    return estimate, exact if agree(error, _spread(log_w, 0) / np.sqrt(len(log_w))) else error


def _overflows(given, log_w, base):
    right = agree(given, _estimate_and_error(log_w, base))
    return right or (not _is_tame(log_w, base) and not np.all(np.isfinite(given)))


# An estimate is made of three summands: log Z of the base, what was taken out of the exponents, and the log of the mean
# of the weights that are left. Of each: what else students put there, and what to say. The right one comes first.
_LOGS = (
    ("", lambda r: np.log(r.mean()), ""),
    (
        "mean of the logs",
        lambda r: np.log(r).mean(),
        "That is the mean of the log weights: the *weights* have the mean Z / Z_base, so average first and take the "
        "log then. The mean of the logs is below, unless all are equal.",
    ),
    (
        "sum instead of mean",
        lambda r: np.log(r.sum()),
        "The weights were summed: divide by their number, or subtract log n.",
    ),
    ("divided by n twice", lambda r: np.log(r.mean() / len(r)), "The mean weight is divided by n once more."),
    (
        "divided by n after the log",
        lambda r: np.log(r.sum()) / len(r),
        "The sum of the weights was divided by n after the log: take the log of their mean.",
    ),
    ("divided by n after the log", lambda r: np.log(r.mean()) / len(r), "The log is divided by n: the mean has it."),
    (
        "divided by n - 1",
        lambda r: np.log(r.sum() / (len(r) - 1)),
        "The mean of n weights is their sum over n, not n - 1.",
    ),
    ("weights normalised", lambda r: -np.log(len(r)), "Weights that sum to 1 have the mean 1 / n, whatever Z is."),
    ("times n", lambda r: len(r) * np.log(r.mean()), "The log is multiplied by n: it does not grow with n."),
    (
        "sum of the logs",
        lambda r: np.log(r).sum(),
        "The logs are summed: average the weights, then take the log.",
    ),
    ("one weight only", lambda r: np.log(r.max()), "One weight stands for all: take the mean of all weights."),
    (
        "one weight only",
        lambda r: np.log(np.median(r)),
        "The median stands for all: take the mean of all weights.",
    ),
    ("one weight only", lambda r: np.median(np.log(r)), "The median stands for all: take the mean of all weights."),
    ("one weight only", lambda r: np.log(r[0]), "One weight stands for all: take the mean of all weights."),
    ("one weight only", lambda r: np.log(r[-1]), "One weight stands for all: take the mean of all weights."),
    ("base 2", lambda r: np.log2(r.mean()), "The logarithm is to base 2: take np.log."),
    ("base 2", lambda r: np.log10(r.mean()), "The logarithm is to base 10: take np.log."),
    ("sign of the log", lambda r: -np.log(r.mean()), "The log of the mean weight is subtracted: add it."),
    ("weights turned round", lambda r: np.log((1 / r).mean()), "The sign of the log weights is turned round."),
    (
        "harmonic mean",
        lambda r: -np.log((1 / r).mean()),
        "That is the harmonic mean: the mean of 1 / w, and one over it. Take the mean of the weights themselves.",
    ),
    ("log forgotten", lambda r: r.mean(), "The mean *weight* is added: take its log."),
    ("log forgotten", lambda r: r.sum(), "The sum of the weights is added: take the log of their mean."),
    ("log of the squares", lambda r: np.log((r**2).mean()), "The weights are squared before the mean is taken."),
    ("log of the spread", lambda r: np.log(r.std()), "The log of the spread stands where the mean belongs."),
)
_TAKEN_OUT = (
    ("", lambda top, low, middle: top, ""),
    (
        "largest not put back",
        lambda top, low, middle: 0,
        "What was taken out of the exponent must come back: add the largest log weight to the log.",
    ),
    *(
        (
            "another one taken out",
            put_back,
            "What is taken out of the exponent and what is put back differ: take out the largest log weight, and add "
            "the same number after the log.",
        )
        for put_back in (
            lambda top, low, middle: top - middle,
            lambda top, low, middle: top - low,
            lambda top, low, middle: 2 * top - middle,
            lambda top, low, middle: 2 * top - low,
        )
    ),
    (
        "largest subtracted twice",
        lambda top, low, middle: -top,
        "What was taken out of the exponent must be added after the log, and you subtract it again.",
    ),
    (
        "largest added without being taken out",
        lambda top, low, middle: 2 * top,
        "The largest log weight is added, and was not taken out before: both, or neither.",
    ),
    (
        "another one put back",
        lambda top, low, middle: low,
        "The largest log weight was taken out, and the smallest is put back: put back what was taken out.",
    ),
    (
        "another one put back",
        lambda top, low, middle: middle,
        "The largest log weight was taken out, and the mean is put back: put back what was taken out.",
    ),
    (
        "exp of the largest put back",
        lambda top, low, middle: np.exp(top),
        "exp of the largest log weight is added: after the log, add the largest log weight itself.",
    ),
    (
        "log of the largest put back",
        lambda top, low, middle: np.log(np.abs(top)),
        "The log of the largest log weight is added: it is a logarithm already.",
    ),
)
_BASES = (
    ("", lambda base: base, ""),
    ("base forgotten", lambda base: 0, "That is log(Z / Z_base): add log Z of the base, which is known."),
    (
        "base subtracted",
        lambda base: -base,
        "log Z of the base is subtracted: the weights give Z / Z_base, so add it.",
    ),
    ("base counted twice", lambda base: 2 * base, "log Z of the base is added twice: once is enough."),
    ("exponential of the base", np.exp, "log_Z_base is a logarithm already: add it as it is."),
    ("logarithm of the base", np.log, "log_Z_base is a logarithm already: add it as it is."),
)
_WHOLES = (
    ("times n", lambda whole, log_w, base: len(log_w) * whole, "That is n times log Z."),
    ("divided by n", lambda whole, log_w, base: whole / len(log_w), "That is log Z divided by n: the mean has it."),
    ("sum of the logs", lambda whole, log_w, base: base + log_w.sum(), "The logs are summed: average the weights."),
    (
        "second order only",
        lambda whole, log_w, base: base + log_w.mean() + log_w.var() / 2,
        "The mean plus half the variance of the logs is right for a Gaussian only: average the weights themselves.",
    ),
    ("Z instead of log Z", lambda whole, log_w, base: np.exp(whole), "That is Z itself: its log was asked for."),
    (
        "sign",
        lambda whole, log_w, base: -whole,
        "The sign of the whole is turned round: that is -log Z.",
    ),
    (
        "base multiplied",
        lambda whole, log_w, base: base * (whole - base),
        "log Z of the base is multiplied in: logs of factors are added.",
    ),
    (
        "base multiplied",
        lambda whole, log_w, base: base * np.exp(whole - base),
        "log Z of the base multiplies the mean weight: take the log of the mean, and add log Z of the base.",
    ),
    (
        "sum of Z",
        lambda whole, log_w, base: np.logaddexp(base, whole - base),
        "Z of the base is added: multiply.",
    ),
    (
        "log forgotten",
        lambda whole, log_w, base: base + np.exp(whole - base),
        "The mean *weight* is added to log Z of the base: take its log.",
    ),
    (
        "largest put back as a factor",
        lambda whole, log_w, base: base + log_w.max() * (whole - base - log_w.max()),
        "The largest log weight is multiplied in: what was taken out of an exponent is *added* after the log.",
    ),
    (
        "base multiplied",
        lambda whole, log_w, base: base * log_w.max() + whole - base - log_w.max(),
        "log Z of the base multiplies the largest log weight: all three are added.",
    ),
    (
        "largest put back inside the log",
        lambda whole, log_w, base: base + np.log(log_w.max() + np.exp(whole - base - log_w.max())),
        "The largest log weight stands inside the log: add it after the log.",
    ),
    (
        "divided by the largest",
        lambda whole, log_w, base: base + log_w.max() * np.log(np.mean(np.exp(log_w / log_w.max()))),
        "The log weights are divided by the largest: subtract it, and add it after the log.",
    ),
    (
        "log of the log weights",
        lambda whole, log_w, base: base + np.log(np.abs(log_w.mean())),
        "The log of the mean *log* weight is taken: exponentiate before you average.",
    ),
)


def _estimate_mistakes():
    """In the estimate, whatever the error is: each summand alone, the whole, then two and three at a time."""
    summands = [(log, out, of_base) for log in _LOGS for out in _TAKEN_OUT for of_base in _BASES]
    slips = [sorted(bool(part[0]) for part in parts) for parts in summands]

    def of(log, out, of_base):
        name, says = next((part[0], part[2]) for part in (log, out, of_base) if part[0])

        def estimate(log_w, base):
            put_back = out[1](log_w.max(), log_w.min(), log_w.mean())
            return of_base[1](base) + put_back + log[1](_weights(log_w)), None

        return Mistake(name, estimate, says, where=_is_tame)

    yield from (of(*parts) for parts, wrong in zip(summands, slips, strict=True) if sum(wrong) == 1)
    for name, whole, says in _WHOLES:

        def estimate(log_w, base, whole=whole):
            return whole(base + _log_mean(log_w), log_w, base), None

        yield Mistake(name, estimate, says, where=_is_tame)
    yield from (of(*parts) for parts, wrong in zip(summands, slips, strict=True) if sum(wrong) > 1)


# A standard error is made of a spread, what it is divided by, and a power of n.
_SPREADS = (
    ("", lambda log_w, w, ddof: w.std(ddof=ddof), ""),
    (
        "variance",
        lambda log_w, w, ddof: w.var(ddof=ddof),
        "The spread is squared: a root is missing.",
    ),
    (
        "error of the mean log",
        lambda log_w, w, ddof: log_w.std(ddof=ddof),
        "That is made of the spread of the *log* weights: you need the relative error of the mean weight.",
    ),
    (
        "error of the mean log",
        lambda log_w, w, ddof: log_w.var(ddof=ddof),
        "That is made of the variance of the *log* weights: you need the relative error of the mean weight.",
    ),
    (
        "log of the error",
        lambda log_w, w, ddof: np.log(w.std(ddof=ddof)),
        "The log of the spread is taken: leave it out.",
    ),
    ("root of the spread", lambda log_w, w, ddof: np.sqrt(w.std(ddof=ddof)), "The root of the spread is taken."),
    (
        "mean deviation",
        lambda log_w, w, ddof: np.abs(w - w.mean()).mean(),
        "The spread is a mean of absolute values: take the root of the mean square, np.std.",
    ),
    ("range", lambda log_w, w, ddof: np.ptp(w), "The spread is the range of the weights: take np.std."),
    (
        "mean not subtracted",
        lambda log_w, w, ddof: np.sqrt(np.mean(w**2)),
        "The mean is not subtracted before squaring: np.std does it.",
    ),
    (
        "spread left out",
        lambda log_w, w, ddof: 1.0,
        "The spread of the weights does not enter: the error is their relative spread, divided by sqrt(n).",
    ),
    (
        "spread left out",
        lambda log_w, w, ddof: w.mean() ** 2,
        "The mean of the weights stands where their spread belongs.",
    ),
)
_DIVISORS = (
    ("", lambda log_w, w, base: w.mean(), ""),
    (
        "error not relative",
        lambda log_w, w, base: 1.0,
        "The error of a log is the *relative* error: divide by the mean weight.",
    ),
    (
        "divided by the mean twice",
        lambda log_w, w, base: w.mean() ** 2,
        "The mean divides twice: once is enough.",
    ),
    ("root of the mean", lambda log_w, w, base: np.sqrt(w.mean()), "The root of the mean divides: divide by the mean."),
    *(
        (
            "two scales",
            of,
            "Spread and mean are of weights on two scales: what is taken out of one is taken out of both.",
        )
        for of in (
            lambda log_w, w, base: w.mean() * np.exp(-log_w.max()),
            lambda log_w, w, base: w.mean() * np.exp(log_w.max()),
        )
    ),
    ("multiplied by the mean", lambda log_w, w, base: 1 / w.mean(), "The spread is multiplied by the mean: divide."),
    (
        "divided by the median",
        lambda log_w, w, base: np.median(w),
        "Divide by the mean, not the median.",
    ),
    *(
        ("relative to the log", of, "The spread is divided by a log: divide it by the mean *weight*.")
        for of in (
            lambda log_w, w, base: base + _log_mean(log_w),
            lambda log_w, w, base: _log_mean(log_w),
            lambda log_w, w, base: np.log(w.mean()),
            lambda log_w, w, base: w.mean() * (base + _log_mean(log_w)),
            lambda log_w, w, base: log_w.mean(),
        )
    ),
    *(
        ("error of Z", of, "Something of Z is multiplied in: the relative error of the mean weight is the answer.")
        for of in (
            lambda log_w, w, base: w.mean() * np.exp(-base),
            lambda log_w, w, base: np.exp(-base),
            lambda log_w, w, base: w.mean() / (base + _log_mean(log_w)),
            lambda log_w, w, base: np.exp(-base - _log_mean(log_w)),
            lambda log_w, w, base: w.mean() / log_w.max(),
            lambda log_w, w, base: w.mean() / base,
        )
    ),
)
_ROOTS = (
    ("", np.sqrt, ""),
    (
        "spread instead of standard error",
        lambda n: 1.0,
        "The spread is that of one weight: the mean of n of them is sqrt(n) times as sure.",
    ),
    ("divided by n", lambda n: n**2, "The spread is divided by n * n: a mean of n is sqrt(n) times as sure."),
    ("divided by n", lambda n: n, "The spread is divided by n: a mean of n is sqrt(n) times as sure."),
    (
        "multiplied by the root of n",
        lambda n: 1 / np.sqrt(n),
        "The spread is multiplied by sqrt(n): divide, since a mean of n is surer than one.",
    ),
    (
        "n - 1 twice",
        lambda n: np.sqrt(n - 1),
        "n - 1 is used twice: ddof=1 has it, so divide by sqrt(n).",
    ),
    (
        "divided by n and its root",
        lambda n: n**1.5,
        "n divides once more: the spread over the mean, divided by sqrt(n).",
    ),
    ("multiplied by n", lambda n: 1 / n, "The spread is multiplied by n: divide by sqrt(n)."),
)
_ERRORS = (
    ("root or square of the error", np.sqrt, "The root of the error is taken: once is enough."),
    ("root or square of the error", np.square, "That is the square of the standard error: take the root."),
    (
        "log of the error",
        np.log,
        "That is the log of an error. A log near its mean moves by the relative change of its argument, so the "
        "relative error is the answer already.",
    ),
    ("log of the error", lambda error: -np.log(error), "That is minus the log of an error: take the error itself."),
    ("log of the error", np.log1p, "The log of 1 + the error is taken: the relative error is the answer already."),
    ("exponential of the error", np.exp, "The exponential of the error is taken: the relative error is the answer."),
    ("fraction upside down", np.reciprocal, "The fraction is upside down: it is the spread over the mean."),
    ("sign of the error", np.negative, "A standard error is not negative."),
)


def _effective(log_w):
    return _weights(log_w).sum() ** 2 / np.sum(_weights(log_w) ** 2)


def _error_mistakes():
    """In the error, whatever the estimate is, with either way to take a spread, of weights rescaled or not."""
    factors = [(spread, by, root) for spread in _SPREADS for by in _DIVISORS for root in _ROOTS]
    slips = [sum(bool(part[0]) for part in parts) for parts in factors]

    def of(spread, by, root, name="", outer=np.positive, says=""):
        if not name:
            name, says = next((part[0], part[2]) for part in (spread, by, root) if part[0])
        ways = tuple(
            lambda log_w, base, ddof=ddof, scale=scale: (
                None,
                outer(spread[1](log_w, scale(log_w), ddof) / by[1](log_w, scale(log_w), base) / root[1](len(log_w))),
            )
            for scale in (_weights, np.exp)
            for ddof in ((1,) if root[0] == "n - 1 twice" else (1, 0))  # 0 with n - 1 is right
        )
        return Mistake(name, ways, says, where=_is_tame)

    yield from (of(*parts) for parts, slip in zip(factors, slips, strict=True) if slip == 1)
    for name, outer, says in _ERRORS:
        yield from (of(*parts, name, outer, says) for parts, slip in zip(factors, slips, strict=True) if slip < 2)
    yield Mistake(
        "effective number",
        (
            *(lambda log_w, base, power=power: (None, _effective(log_w) ** power) for power in (1, -0.5, 0.5, -1)),
            *(
                lambda log_w, base, ddof=ddof: (None, _spread(log_w, ddof) / np.sqrt(_effective(log_w)))
                for ddof in (1, 0)
            ),
        ),
        "That is made of the effective number of weights: the error is their relative spread, divided by sqrt(n).",
        where=_is_tame,
    )
    yield from (of(*parts) for parts, slip in zip(factors, slips, strict=True) if slip > 1)
    yield Mistake(
        "estimate returned twice",
        lambda log_w, base: (None, base + _log_mean(log_w)),
        "The second number is log Z again: return its standard error.",
        where=_is_tame,
    )
    yield Mistake(
        "multiple of the error",
        seen=lambda given, log_w, base: given[1] > 0 and agree(given[1] / _estimate_and_error(log_w, base)[1], 2),
        says="The error is twice the right one: one standard error was asked for.",
        where=_is_tame,
    )
    yield from inexact(_estimate_and_error, 1e-5)
    yield Mistake("no error", lambda log_w, base: (None, 0.0), "An error of 0 says that log Z is known exactly.")


def _right_estimate(given, *arguments):
    return agree(given[0], _estimate_and_error(*arguments)[0], SINGLE)


_OF_ALL = (
    right_where(
        _is_tame,
        _estimate_and_error,
        "Right for moderate weights: beyond the range of exp, take the largest log weight out before you exponentiate, "
        "and add it after the log. In the error it cancels.",
    ),
    Mistake(
        "error",
        seen=_right_estimate,
        says="log Z is right, and its error is not: it is the spread of the weights (np.std), divided by their mean "
        "and by sqrt(n). For 1, 3 and 5 that is 2 / 3 / sqrt(3).",
        where=_is_tame,
    ),
    wrong_where(
        lambda log_w, base: base == 0,
        _estimate_and_error,
        "Wrong for weights 1, 3 and 5: their mean is 3, so log Z is log 3, and its error 2 / 3 / sqrt(3). Begin there.",
    ),
)

log_partition = Exercise(
    "3, ``my_log_partition(log_weights (n,), log_Z_base) -> (estimate, standard error)``: log Z of annealed weights",
    cases=_log_weights,
    truth=_estimate_and_error,
    outputs=("log Z", "standard error"),
    read=_read_estimate_and_error,
    mistakes=(
        Mistake(
            "overflow",
            seen=_overflows,
            says="Weights of exp(2000) or exp(-2000) are no numbers: take the *largest* log weight out before you "
            "exponentiate, and add it to the log afterwards. In the error it cancels.",
        ),
        Mistake(
            "order of the outputs",
            tuple(
                lambda log_w, base, ddof=ddof: (_spread(log_w, ddof) / np.sqrt(len(log_w)), base + _log_mean(log_w))
                for ddof in (1, 0)
            ),
            "The error comes first: return the estimate, then its error.",
            where=_is_tame,
        ),
        *_estimate_mistakes(),
        *_error_mistakes(),
        *_OF_ALL,
    ),
    tested_on="7 sets of 3 to 50 weights, three of them far beyond the range of exp, to 6 digits",
    tolerance=SINGLE,
    expected="two numbers (log Z, its standard error)",
)
