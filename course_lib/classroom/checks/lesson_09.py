"""Checks of lesson 09, neural quantum states.

Answers are put together in stages, and a slip is one stage done in another way: see `composed`.

>>> verdict = gradient(lambda s, e: (s * e[:, None]).mean(axis=0) - s.mean(axis=0) * e.mean())  # doctest: +ELLIPSIS
Not yet: for two samples, one parameter you give [0.5], exact is [1]. The factor 2 is missing: ...
"""

from dataclasses import replace
from itertools import chain

import numpy as np

from course_lib.classroom.checks import Case, Exercise, Mistake
from course_lib.classroom.checks.composed import composed, localised
from course_lib.generative.network import sigmoid

SEED = 9  # the same systems each time, so that a student who runs a check again sees the same example


def _at_last(*arguments):
    """What is known of a mistake is little: anything else goes first, also a resemblance such as twice the answer."""
    return replace(localised(*arguments), last=True)


# ---------------------------------------------------------------- local energy


def _electrons():
    rng = np.random.default_rng(SEED)
    systems = [(1, 1.0, 1.0), (1, 0.6, 1.0), (1, 1.0, 2.0), (2, 1.0, 1.0), (2, 0.7, 0.5), (3, 1.3, 2.0)]
    return [
        Case(f"4 places in {dim}-D, alpha = {alpha:g}, omega = {omega:g}", (rng.normal(size=(4, dim)), alpha, omega))
        for dim, alpha, omega in systems
    ]


def _r2(x):
    return np.sum(x**2, axis=1)


_BENDS = (
    lambda x, a, w: a * w * x.shape[1] + 0 * x[:, 0],
    ("Laplacian forgotten", lambda x, a, w: 0, "The Laplacian of ln Psi is missing: it is -alpha omega for each axis."),
    ("one axis only", lambda x, a, w: a * w, "The Laplacian has one axis only: add -alpha omega for each of them."),
    ("sign of the Laplacian", lambda x, a, w: -a * w * x.shape[1], "ln Psi bends down: its Laplacian is below 0."),
    ("alpha lost in the Laplacian", lambda x, a, w: w * x.shape[1], "The Laplacian must hold alpha."),
    ("omega lost in the Laplacian", lambda x, a, w: a * x.shape[1], "The Laplacian must hold omega."),
    ("Laplacian squared", lambda x, a, w: (a * w) ** 2 * x.shape[1], "The Laplacian is squared: alpha omega, once."),
    ("Laplacian halved", lambda x, a, w: a * w * x.shape[1] / 2, "The Laplacian is halved: (x^2 / 2)'' is 1."),
    ("r^2 in the Laplacian", lambda x, a, w: a * w * _r2(x), "The Laplacian holds r^2: (x^2 / 2)'' is 1, a number."),
    ("Laplacian doubled", lambda x, a, w: 2 * a * w * x.shape[1], "The 1/2 is missing before the Laplacian alone."),
    ("number of axes fixed", lambda x, a, w: 2 * a * w, "Two axes are built in: there are x.shape[1]."),
    ("number of axes fixed", lambda x, a, w: 3 * a * w, "Three axes are built in: there are x.shape[1]."),
    ("omega squared in the Laplacian", lambda x, a, w: a * w**2 * x.shape[1], "The Laplacian holds omega once."),
    (
        "samples for axes",
        lambda x, a, w: a * w * len(x),
        "The Laplacian counts samples: it has one term for each axis.",
    ),
)
_SLOPES = (
    lambda x, a, w: (a * w) ** 2 * _r2(x),
    ("slope forgotten", lambda x, a, w: 0, "|grad ln Psi|^2 is missing: Psi'' / Psi is (ln Psi)'' + ((ln Psi)')^2."),
    ("sign of the slope", lambda x, a, w: -((a * w) ** 2) * _r2(x), "|grad ln Psi|^2 enters with the other sign."),
    ("alpha not squared", lambda x, a, w: a * w**2 * _r2(x), "In |grad ln Psi|^2 alpha must be squared."),
    ("alpha lost in the slope", lambda x, a, w: w**2 * _r2(x), "alpha is missing in |grad ln Psi|^2."),
    ("omega not squared", lambda x, a, w: a**2 * w * _r2(x), "In |grad ln Psi|^2 omega must be squared."),
    ("omega lost in the slope", lambda x, a, w: a**2 * _r2(x), "omega is missing in |grad ln Psi|^2."),
    ("slope not squared", lambda x, a, w: a * w * np.sqrt(_r2(x)), "The length of the gradient must be squared."),
    ("slope not squared", lambda x, a, w: -a * w * x.sum(axis=1), "The gradient must be squared, axis by axis."),
    ("square of the sum", lambda x, a, w: (a * w * x.sum(axis=1)) ** 2, "Square each coordinate first, then sum."),
    ("slope of Psi^2", lambda x, a, w: 4 * (a * w) ** 2 * _r2(x), "That is the gradient of ln Psi^2: take ln Psi."),
    ("first axis only", lambda x, a, w: (a * w * x[:, 0]) ** 2, "|grad ln Psi|^2 has the first axis only: sum."),
    ("axes averaged", lambda x, a, w: (a * w) ** 2 * np.mean(x**2, axis=1), "|grad ln Psi|^2 sums over the axes."),
    ("r not squared", lambda x, a, w: (a * w) ** 2 * np.sqrt(_r2(x)), "|grad ln Psi|^2 holds r squared."),
    ("omega squared twice", lambda x, a, w: (a * w**2) ** 2 * _r2(x), "The gradient is alpha omega r: omega once."),
    ("slope doubled", lambda x, a, w: 2 * (a * w) ** 2 * _r2(x), "The 1/2 is missing before |grad ln Psi|^2 alone."),
    ("gradient halved", lambda x, a, w: (a * w / 2) ** 2 * _r2(x), "The gradient is halved: (x^2 / 2)' is x."),
)
_HALVES = (
    0.5,
    ("half forgotten", 1.0, "The kinetic energy is -1/2 Psi'' / Psi: the 1/2 is missing."),
    ("sign of the kinetic energy", -0.5, "The kinetic energy has the other sign: -1/2 Psi'' / Psi."),
    ("kinetic energy forgotten", 0.0, "That is the trap alone: -1/2 Psi'' / Psi is missing."),
    ("a quarter", 0.25, "The kinetic energy is halved twice."),
)
_TRAPS = (
    lambda x, w: 0.5 * w**2 * _r2(x),
    ("trap forgotten", lambda x, w: 0, "The trap is missing: omega^2 r^2 / 2."),
    ("omega not squared in the trap", lambda x, w: 0.5 * w * _r2(x), "In the trap omega must be squared."),
    ("omega lost in the trap", lambda x, w: 0.5 * _r2(x), "omega^2 is missing in the trap."),
    ("half lost in the trap", lambda x, w: w**2 * _r2(x), "The trap is omega^2 r^2 / 2: the 1/2 is missing."),
    ("sign of the trap", lambda x, w: -0.5 * w**2 * _r2(x), "The trap has the other sign: far out costs energy."),
    ("r not squared", lambda x, w: 0.5 * w**2 * np.sqrt(_r2(x)), "In the trap r must be squared."),
    ("square of the sum", lambda x, w: 0.5 * w**2 * x.sum(axis=1) ** 2, "In the trap: square first, then sum."),
    ("first axis only", lambda x, w: 0.5 * w**2 * x[:, 0] ** 2, "The trap has the first axis only: sum over axes."),
    ("axes averaged", lambda x, w: 0.5 * w**2 * np.mean(x**2, axis=1), "The trap sums over the axes."),
)


def _local(arguments, bend, slope, half, trap):
    x, _, omega = arguments
    return half * (bend(*arguments) - slope(*arguments)) + trap(x, omega)


def _right_local(*arguments):
    return _local(arguments, *(right for right, *_ in (_BENDS, _SLOPES, _HALVES, _TRAPS)))


def _psi(x, alpha, omega):
    return np.exp(-alpha * omega * _r2(x) / 2)


local_energy = Exercise(
    "1, ``my_local_energy(x (M, d), alpha, omega) -> (M,)``: of one electron in Psi = exp(-alpha omega r^2 / 2)",
    cases=_electrons,
    truth=_right_local,
    mistakes=(
        Mistake(
            "r^2 cancels",
            lambda x, alpha, omega: alpha * omega * x.shape[1] / 2 + 0 * x[:, 0],
            "r^2 cancels for every alpha: |grad ln Psi|^2 holds alpha squared, and the trap holds no alpha.",
        ),
        Mistake(
            "another exponent",
            (lambda x, a, w: _right_local(x, 2 * a, w), lambda x, a, w: _right_local(x, a / 2, w)),
            "Your Psi has another exponent, twice or half as large: ln Psi is -alpha omega r^2 / 2.",
        ),
        *chain(*composed(_local, _BENDS, _SLOPES, _HALVES, _TRAPS)),
        Mistake(
            "not divided by Psi",
            (lambda *a: _right_local(*a) * _psi(*a), lambda *a: _right_local(*a) * _psi(*a) ** 2),
            "That is H Psi, or Psi H Psi: the local energy is H Psi divided by Psi.",
        ),
        Mistake(
            "alpha in the trap",
            lambda x, alpha, omega: _right_local(x, alpha, omega) + 0.5 * (alpha - 1) * omega**2 * _r2(x),
            "The trap holds alpha: alpha belongs to Psi, the trap does not know it.",
        ),
        Mistake("Psi itself", (_psi, lambda *a: _psi(*a) ** 2), "That is Psi or its square: E_L is H Psi / Psi."),
        Mistake("ln Psi itself", lambda *a: np.log(_psi(*a)), "That is ln Psi: its derivatives enter."),
        Mistake(
            "energy of the exact state",
            lambda x, alpha, omega: omega * x.shape[1] / 2 + 0 * x[:, 0],
            "That is the exact energy, d omega / 2, for every alpha: only at alpha = 1 is it the local energy.",
        ),
        _at_last(
            "alpha other than 1",
            lambda x, alpha, omega: alpha == 1,
            _right_local,
            "With alpha = 1 you are right, else not: where does alpha enter, and how often?",
        ),
        _at_last(
            "more than one axis",
            lambda x, alpha, omega: x.shape[1] == 1,
            _right_local,
            "In 1-D you are right, in 2-D and 3-D not: sum the squares, and count the bend once for each axis.",
        ),
        _at_last(
            "omega other than 1",
            lambda x, alpha, omega: omega == 1,
            _right_local,
            "With omega = 1 you are right, else not: where does omega enter, and how often?",
        ),
        Mistake(
            "exact state not constant",
            seen=lambda given, *a: np.ptp(given) > 1e-9,
            says="Begin with alpha = 1, which is exact: E_L is the same everywhere there. Yours is not.",
            where=lambda x, alpha, omega: alpha == 1,
            last=True,
        ),
    ),
    tested_on="24 places in 1-D, 2-D and 3-D, to 9 digits",
    expected="one number for each of the M places (sums over the axes, axis=1)",
)


# ---------------------------------------------------------------- quantum force


def _machines():
    rng = np.random.default_rng(SEED)
    cases = [
        Case(
            "no hidden coupling (W = 0), sigma = 1",
            (rng.normal(size=(2, 2)), rng.normal(size=2), np.zeros(1), np.zeros((2, 1)), 1.0),
        )
    ]
    for n_visible, n_hidden, sigma in ((1, 1, 1.0), (2, 2, 1.0), (4, 2, 0.7), (4, 3, 1.6)):
        arrays = (rng.normal(size=size) for size in ((3, n_visible), n_visible, n_hidden, (n_visible, n_hidden)))
        cases.append(Case(f"3 places, {n_visible} coordinates, {n_hidden} hidden, sigma = {sigma:g}", (*arrays, sigma)))
    return cases


_SIGMOIDS = "q is 1 / (1 + exp(-u)), with u = b + x W / sigma^2."
_PULLS = (
    lambda x, a: a - x,
    ("sign of the pull", lambda x, a: x - a, "The Gaussian pulls to a: its part is a - x, and not x - a."),
    ("a forgotten", lambda x, a: -x, "a is missing: the Gaussian pulls to a, and not to 0."),
    ("sign of a", lambda x, a: -a - x, "a has the other sign: the Gaussian's part is a - x."),
    ("Gaussian forgotten", lambda x, a: 0 * x, "The Gaussian's part, (a - x) / sigma^2, is missing."),
    ("Gaussian squared", lambda x, a: -((x - a) ** 2), "(x - a)^2 itself stands there: its derivative was asked for."),
    ("Gaussian's 2 kept", lambda x, a: 2 * (a - x), "The 2 of (x - a)^2 cancels that of 2 sigma^2."),
    (
        "Gaussian halved",
        lambda x, a: (a - x) / 2,
        "The Gaussian's part is half of what it should be: ln Psi has (a - x) / sigma^2, and the force has it twice.",
    ),
)
_FIELDS = (
    lambda x, a, b, W, s: b + x @ W / s**2,
    ("sigma in the sigmoid", lambda x, a, b, W, s: b + x @ W / s, f"Divided by sigma: {_SIGMOIDS}"),
    ("sigma in the sigmoid", lambda x, a, b, W, s: b + x @ W, f"Inside the sigmoid sigma^2 is missing: {_SIGMOIDS}"),
    ("sigma in the sigmoid", lambda x, a, b, W, s: (b + x @ W) / s**2, f"b is divided by sigma^2, too: {_SIGMOIDS}"),
    ("b forgotten", lambda x, a, b, W, s: x @ W / s**2, f"b is missing: {_SIGMOIDS}"),
    ("sign of b", lambda x, a, b, W, s: x @ W / s**2 - b, f"b has the other sign: {_SIGMOIDS}"),
    ("a in the sigmoid", lambda x, a, b, W, s: b + (x - a) @ W / s**2, f"a stands in the sigmoid: {_SIGMOIDS}"),
    ("2 in the sigmoid", lambda x, a, b, W, s: b + x @ W / (2 * s**2), f"2 sigma^2 stands in q: {_SIGMOIDS}"),
    ("2 in the sigmoid", lambda x, a, b, W, s: 2 * (b + x @ W / s**2), f"u is doubled: {_SIGMOIDS}"),
    ("sign of x", lambda x, a, b, W, s: b - x @ W / s**2, f"x W has the other sign: {_SIGMOIDS}"),
    ("x forgotten", lambda x, a, b, W, s: b + 0 * (x @ W), f"x is missing: {_SIGMOIDS}"),
)
_HIDDEN = (
    sigmoid,
    ("sign in the sigmoid", lambda u: sigmoid(-u), f"The sigmoid is turned round: {_SIGMOIDS}"),
    ("sigmoid forgotten", lambda u: u, f"The sigmoid is missing: {_SIGMOIDS}"),
    ("exponential", np.exp, f"exp(u) stands for the sigmoid: {_SIGMOIDS}"),
    ("softplus", lambda u: np.log1p(np.exp(u)), "ln(1 + exp(u)) itself stands there: its derivative is the sigmoid."),
    ("tanh", np.tanh, "tanh is for units of -1 and 1: the units here are 0 and 1, which gives the sigmoid."),
    ("slope of the sigmoid", lambda u: sigmoid(u) * sigmoid(-u), "That is the sigmoid's slope, q (1 - q): take q."),
    ("on or off", lambda u: (u > 0).astype(float), "The hidden units are on or off: their means, q, belong there."),
    ("hidden units all on", np.ones_like, f"q is missing: {_SIGMOIDS}"),
)
_BACKS = (
    lambda q, W: q @ W.T,
    ("hidden part forgotten", lambda q, W: 0, "The hidden units are missing: W q / sigma^2."),
    ("sign of the hidden part", lambda q, W: -q @ W.T, "The hidden part has the other sign: + W q / sigma^2."),
    ("hidden units averaged", lambda q, W: q @ W.T / W.shape[1], "The hidden units are averaged: sum over them."),
    ("hidden part doubled", lambda q, W: 2 * q @ W.T, "The hidden part is twice what it should be."),
    ("W squared", lambda q, W: q @ W.T**2, "W is squared: that belongs to the Laplacian."),
    ("first hidden unit only", lambda q, W: q[:, :1] @ W[:, :1].T, "Only the first hidden unit is in it: sum them."),
)
_WIDTHS = (
    lambda pull, hidden, s: (pull + hidden) / s**2,
    ("sigma not squared", lambda pull, hidden, s: (pull + hidden) / s, "Divided by sigma: by sigma^2."),
    ("sigma forgotten", lambda pull, hidden, s: pull + hidden, "sigma^2 is missing, below both parts."),
    ("hidden part without sigma", lambda pull, hidden, s: pull / s**2 + hidden, "The hidden part lacks 1 / sigma^2."),
    ("hidden part with sigma", lambda pull, hidden, s: pull / s**2 + hidden / s, "The hidden part has 1 / sigma^2."),
    ("Gaussian without sigma", lambda pull, hidden, s: pull + hidden / s**2, "The Gaussian's part lacks 1 / sigma^2."),
    ("times sigma", lambda pull, hidden, s: (pull + hidden) * s**2, "Multiplied by sigma^2: divide."),
    ("sigma^4", lambda pull, hidden, s: (pull + hidden) / s**4, "Divided by sigma^4: by sigma^2, once."),
    ("sigma^4", lambda pull, hidden, s: pull / s**2 + hidden / s**4, "The hidden part is divided by sigma^4."),
)
_TWICE = (
    2,
    ("gradient only", 1, "That is grad ln Psi: the quantum force is twice that."),
    ("downhill", -2, "The force has the other sign: it drives electrons to where Psi is large."),
    ("gradient downhill", -1, "That is -grad ln Psi: the force is +2 grad ln Psi."),
    ("four times", 4, "The factor 2 stands there twice: Psi = F, and the force is 2 grad ln F."),
    ("half a gradient", 0.5, "That is half of grad ln Psi: the force is twice that."),
)


def _force(arguments, pull, field, hidden, back, width, factor):
    x, a, _, W, sigma = arguments
    return factor * width(pull(x, a), back(hidden(field(*arguments)), W), sigma)


def _right_force(*arguments):
    return _force(arguments, *(right for right, *_ in (_PULLS, _FIELDS, _HIDDEN, _BACKS, _WIDTHS, _TWICE)))


quantum_force = Exercise(
    "2, ``my_quantum_force(x (M, D), a (D,), b (H,), W (D, H), sigma) -> (M, D)``: twice grad ln Psi of an RBM",
    cases=_machines,
    truth=_right_force,
    mistakes=(
        Mistake(
            "hidden part halved",
            lambda x, a, b, W, s: 2 * (a - x) / s**2 + sigmoid(b + x @ W / s**2) @ W.T / s**2,
            "The hidden part is half of what it should be: the 2 stands before both parts.",
        ),
        *chain(*composed(_force, _PULLS, _FIELDS, _HIDDEN, _BACKS, _WIDTHS, _TWICE)),
        _at_last(
            "hidden part",
            lambda x, a, b, W, sigma: not np.any(W),
            _right_force,
            "Where W = 0 you are right, else not: look at the hidden part, sum over j of W_ij q_j / sigma^2.",
        ),
        _at_last(
            "width",
            lambda x, a, b, W, sigma: sigma == 1,
            _right_force,
            "With sigma = 1 you are right, else not: sigma^2 stands below x W in q, and below both parts of the force.",
        ),
        Mistake(
            "Gaussian's part",
            seen=lambda given, x, a, *_: not np.allclose(given, 2 * (a - x)),
            says="Begin with W = 0, where only the Gaussian acts: the force is 2 (a - x) / sigma^2.",
            where=lambda x, a, b, W, sigma: not np.any(W),
            last=True,
        ),
    ),
    tested_on="5 machines of 1 to 4 coordinates, to 9 digits",
    expected="one force for each place and coordinate, (M, D)",
)


# ---------------------------------------------------------------- the gradient of the energy


def _samples():
    rng = np.random.default_rng(SEED)
    cases = [Case("two samples, one parameter", (np.array([[0.0], [1.0]]), np.array([1.0, 3.0])))]
    cases += [
        Case("all local energies the same, 5 samples", (rng.normal(1, 1, (5, 2)), np.full(5, 3.0))),
    ]
    for m, p in ((3, 3), (10, 2), (50, 4)):
        cases.append(Case(f"{m} samples, {p} parameters", (rng.normal(0.5, 1, (m, p)), 3 + rng.normal(size=m))))
    return cases


_ENERGIES = (
    lambda s, e: e - e.mean(),
    ("mean not removed", lambda s, e: e, "<O><E_L> is missing: an exact state would have a gradient."),
    ("sum removed", lambda s, e: e - e.sum(), "A sum is subtracted where a mean belongs: <O><E_L> is of two means."),
    ("mean added", lambda s, e: e + e.mean(), "<O><E_L> is added: subtract it."),
    ("mean removed twice", lambda s, e: e - 2 * e.mean(), "<O><E_L> is subtracted twice."),
    ("other centre", lambda s, e: e - np.median(e), "The median is subtracted: take the mean of E_L."),
    ("other centre", lambda s, e: e - e.min(), "The least energy is subtracted: take the mean of E_L."),
    ("other centre", lambda s, e: e - e[0], "The first energy is subtracted: take the mean of E_L."),
    ("energies squared", lambda s, e: (e - e.mean()) ** 2, "The energies are squared: that pulls at the variance."),
    ("energies squared", lambda s, e: e**2 - np.mean(e**2), "E_L is squared: it enters as it is."),
    ("absolute values", lambda s, e: abs(e - e.mean()), "The sign of E_L - <E_L> is lost."),
    ("standardised", lambda s, e: (e - e.mean()) / e.std(), "The energies are divided by their deviation: leave that."),
    ("relative", lambda s, e: (e - e.mean()) / e.mean(), "It is divided by the mean energy: leave that."),
)
_PRODUCTS = (
    lambda s, e: np.mean(s * e[:, None], axis=0),
    ("summed", lambda s, e: np.sum(s * e[:, None], axis=0), "The samples are summed: divide by M."),
    ("M - 1", lambda s, e: np.sum(s * e[:, None], axis=0) / (len(e) - 1), "Divided by M - 1: means are over M."),
    ("M squared", lambda s, e: np.mean(s * e[:, None], axis=0) / len(e), "Divided by M twice."),
    ("O squared", lambda s, e: np.mean(s**2 * e[:, None], axis=0), "O is squared: it enters as it is."),
    ("O averaged first", lambda s, e: s.mean(axis=0) * e.mean(), "Multiply sample by sample first, then average."),
    ("absolute values", lambda s, e: np.mean(abs(s) * e[:, None], axis=0), "The sign of O is lost."),
    ("per unit of O", lambda s, e: np.mean(s * e[:, None], axis=0) / s.std(axis=0), "Divided by O's deviation."),
    (
        "other statistics",
        lambda s, e: e @ e / len(e) * np.ones(s.shape[1]),
        "That is the variance of E_L: O must enter.",
    ),
    ("per variance of O", lambda s, e: np.mean(s * e[:, None], axis=0) / s.var(axis=0), "Divided by O's variance."),
    ("last sample left out", lambda s, e: np.sum((s * e[:, None])[:-1], axis=0) / len(e), "range ends too early."),
    ("median", lambda s, e: np.median(s * e[:, None], axis=0), "That is a median over the samples: take the mean."),
    ("one sample only", lambda s, e: s[0] * e[0], "Only the first sample is in it: average over all."),
    ("one sample only", lambda s, e: s[-1] * e[-1], "Only the last sample is in it: add up, with +=."),
)
_FACTORS = (
    2,
    ("factor 2 missing", 1, "The factor 2 is missing: Psi stands twice in the density Psi^2."),
    ("downhill", -2, "The sign is turned round: this is the step downhill, the gradient points uphill."),
    ("downhill", -1, "The sign is turned round, and the factor 2 is missing."),
    ("factor 4", 4, "The factor 2 stands there twice."),
    ("half", 0.5, "Divided by 2 in place of multiplied."),
)


def _covariance(arguments, energies, product, factor):
    s, e = arguments
    return factor * product(s, energies(s, e))


def _right_gradient(*arguments):
    return _covariance(arguments, *(right for right, *_ in (_ENERGIES, _PRODUCTS, _FACTORS)))


def _energies_differ(s, e):
    """Where they are the same it is chance, by round-off, whether 0 / 0 gives NaN or infinity."""
    return np.ptp(e) > 0


gradient = Exercise(
    "3, ``my_gradient(scores (M, P), e (M,)) -> (P,)``: gradient of the energy, 2 (<O E_L> - <O><E_L>)",
    cases=_samples,
    truth=_right_gradient,
    mistakes=(
        Mistake(
            "O averaged first",
            lambda s, e: 0 * s[0],
            "That is 0 whatever the samples: take <E_L> off E_L alone, multiply by O sample by sample, then average.",
        ),
        Mistake(
            "standardised",
            (
                lambda s, e: _right_gradient(s, e) / e.std(),
                lambda s, e: _right_gradient(s, e) / e.std() / s.std(axis=0),
            ),
            "That is divided by a deviation, as in a correlation: the covariance itself was asked for.",
            where=_energies_differ,
        ),
        Mistake(
            "per variance of E_L",
            lambda s, e: _right_gradient(s, e) / e.var(),
            "It is divided by the variance of E_L: leave that.",
            where=_energies_differ,
        ),
        Mistake(
            "product of the means",
            (lambda s, e: 2 * s.mean(axis=0) * e.mean(), lambda s, e: s.mean(axis=0) * e.mean()),
            "That is <O><E_L> alone: <O E_L>, the mean of the products, is missing.",
        ),
        Mistake(
            "factor on one term",
            (
                lambda s, e: 2 * (s * e[:, None]).mean(axis=0) - s.mean(axis=0) * e.mean(),
                lambda s, e: (s * e[:, None]).mean(axis=0) - 2 * s.mean(axis=0) * e.mean(),
            ),
            "The 2 stands before one term only: it belongs before the bracket.",
        ),
        *chain(*composed(_covariance, _ENERGIES, _PRODUCTS, _FACTORS)),
        Mistake(
            "means", (lambda s, e: s.mean(axis=0), lambda s, e: 2 * s.mean(axis=0)), "That is <O>: E_L must enter."
        ),
        Mistake("means", lambda s, e: np.full(s.shape[1], e.mean()), "That is the energy: its slopes were asked for."),
        Mistake(
            "one mean for all parameters",
            lambda s, e: 2 * ((s * e[:, None]).mean(axis=0) - s.mean() * e.mean()),
            "One mean of O is taken over all parameters: scores.mean(axis=0) has one for each.",
        ),
        Mistake(
            "two gradients for one",
            lambda s, e: 2 * np.full(s.shape[1], np.mean((s - s.mean(axis=0)) * (e - e.mean())[:, None])),
            "The parameters are averaged, too: axis=0 averages over samples alone.",
        ),
        _at_last(
            "energies that differ",
            lambda s, e: np.ptp(e) == 0,
            _right_gradient,
            "Where all local energies are the same you are right, 0; else not: begin with two samples, by hand.",
        ),
        Mistake(
            "exact state has a gradient",
            seen=lambda given, s, e: not np.allclose(given, 0),
            says="Where all local energies are the same the state is exact, and the gradient 0. Yours is not.",
            where=lambda s, e: np.ptp(e) == 0,
            last=True,
        ),
    ),
    tested_on="5 sets of samples, to 9 digits",
    expected="one number for each of the P parameters (means over the samples, axis=0)",
)


# ---------------------------------------------------------------- blocking


def _records():
    rng = np.random.default_rng(SEED)
    walk = np.zeros(60)
    for t in range(1, 60):
        walk[t] = 0.8 * walk[t - 1] + rng.normal()
    return [
        Case("x = 1, 3, 5, 11 in blocks of 2", (np.array([1.0, 3, 5, 11]), 2)),
        Case("60 correlated numbers in blocks of 1", (walk, 1)),
        Case("60 correlated numbers in blocks of 5", (walk, 5)),
        Case("60 correlated numbers in blocks of 7 (4 are left over)", (walk, 7)),
        Case("50 independent numbers in blocks of 10", (rng.normal(3, 1, 50), 10)),
    ]


def _cut(x, length):
    return x[: len(x) // length * length].reshape(-1, length)


_CUTS = (
    _cut,
    ("blocks ignored", lambda x, length: x[:, None], "Each number is a block of its own: average neighbours first."),
    (
        "every so many-th",
        lambda x, length: x[: len(x) // length * length].reshape(length, -1).T,
        "Numbers far apart share a block: blocks are of neighbours, reshape(-1, length).",
    ),
    ("number for length", lambda x, length: _cut(x, len(x) // length), "length was taken for the number of blocks."),
    ("thinned", lambda x, length: x[::length][:, None], "Only one number of each block is kept: average all of them."),
    (
        "end kept",
        lambda x, length: _cut(x[len(x) % length :], length),
        "What is left over is cut at the start: at the end.",
    ),
    (
        "blocks overlap",
        lambda x, length: np.lib.stride_tricks.sliding_window_view(x, length),
        "The blocks overlap: the next begins where one ends.",
    ),
    ("last block left out", lambda x, length: _cut(x, length)[:-1], "The last whole block is left out."),
)
_MEANS = (
    lambda blocks: blocks.mean(axis=1),
    ("block sums", lambda blocks: blocks.sum(axis=1), "The blocks are summed: average them."),
    ("first of each block", lambda blocks: blocks[:, 0], "The first number stands for its block: average the block."),
    ("last of each block", lambda blocks: blocks[:, -1], "The last number stands for its block: average the block."),
    ("largest of each block", lambda blocks: blocks.max(axis=1, initial=-np.inf), "The largest stands for its block."),
    (
        "last of a block left out",
        lambda blocks: blocks[:, :-1].sum(axis=1) / (blocks.shape[1] - 1),
        "Each block lacks its last number.",
    ),
    ("medians", lambda blocks: np.median(blocks, axis=1), "Medians: take means."),
    ("over the blocks", lambda blocks: blocks.mean(axis=0), "Averaged over the blocks, and not within each: axis=1."),
)


def _variance(means, fewer):
    """As `np.var` with ddof, without its warning where there are too few: that is no news to a student."""
    return np.sum((means - means.sum() / len(means)) ** 2) / (len(means) - fewer)


_SPREADS = (
    lambda means: np.sqrt(_variance(means, 1)),
    ("ddof", lambda means: np.sqrt(_variance(means, 0)), "It is divided by n_b and not by n_b - 1: pass ddof=1."),
    ("variance", lambda means: _variance(means, 1), "That is a variance: take its root."),
    ("variance", lambda means: _variance(means, 0), "That is a variance, of n_b and not n_b - 1: std(ddof=1)."),
)
_COUNTS = (
    lambda means, x, length: np.sqrt(len(means)),
    ("deviation", lambda means, x, length: 1, "That is how the means scatter: divide by the root of their number."),
    ("root forgotten", lambda means, x, length: len(means), "Divided by the number of blocks: by its root."),
    ("samples for blocks", lambda means, x, length: np.sqrt(len(x)), "Divided by sqrt(n): n_b means were averaged."),
    ("samples for blocks", lambda means, x, length: np.sqrt(len(means) * length), "sqrt(n_b) alone: not the length."),
    ("length for number", lambda means, x, length: np.sqrt(length), "Divided by sqrt(length): by sqrt(n_b)."),
    ("blocks minus 1", lambda means, x, length: np.sqrt(len(means) - 1), "n_b - 1 is in the deviation already."),
    ("times the root", lambda means, x, length: 1 / np.sqrt(len(means)), "Multiplied by the root: divide."),
    ("95 percent", lambda means, x, length: np.sqrt(len(means)) / 1.96, "That is 1.96 errors: one was asked for."),
)


def _block(arguments, cut, mean, spread, count):
    x, length = arguments
    means = mean(cut(x, length))
    return spread(means) / count(means, x, length)


def _right_block(*arguments):
    return _block(arguments, *(right for right, *_ in (_CUTS, _MEANS, _SPREADS, _COUNTS)))


def _of_means(means):
    return np.sqrt(_variance(means, 1) / len(means))


def _rest_kept(x, length):
    return _of_means(np.array([x[k : k + length].mean() for k in range(0, len(x), length)]))


block_error = Exercise(
    "4, ``my_block_error(x (n,), length) -> float``: standard error of the mean, from blocks of that length",
    cases=_records,
    truth=_right_block,
    mistakes=(
        *chain(*composed(_block, _CUTS, _MEANS, _SPREADS, _COUNTS)),
        Mistake("rest kept", _rest_kept, "What is left over makes a shorter block: leave it out."),
        Mistake(
            "within the blocks",
            (
                lambda x, length: _cut(x, length).std(axis=1).mean() / np.sqrt(len(x) // length),
                lambda x, length: _cut(x, length).std(axis=1).mean(),
                lambda x, length: _cut(x, length).std(axis=1).mean() / np.sqrt(length),
            ),
            "That is how numbers scatter within a block: how do the block means scatter?",
        ),
        Mistake(
            "mean of the numbers",
            (lambda x, length: x.mean(), lambda x, length: _cut(x, length).mean()),
            "That is the mean: its error was asked for.",
        ),
        Mistake(
            "scatter of the numbers",
            lambda x, length: x.std(ddof=1) / np.sqrt(len(x) // length),
            "The numbers' scatter stands there: that of the block means is smaller.",
        ),
        Mistake(
            "root of the length",
            lambda x, length: x.std(ddof=1) / np.sqrt(len(x) / length),
            "That takes the numbers in a block for all the same: average them, and see how the means scatter.",
        ),
        Mistake(
            "rest shared out",
            lambda x, length: _of_means(np.array([part.mean() for part in np.array_split(x, len(x) // length)])),
            "np.array_split shares out what is left over: all blocks have length numbers, the rest is left out.",
        ),
        Mistake(
            "number for length",
            lambda x, length: _of_means(np.array([part.mean() for part in np.array_split(x, length)])),
            "length was taken for the number of blocks: np.array_split(x, length) makes so many.",
        ),
        Mistake(
            "part of a block counted",
            lambda x, length: _cut(x, length).mean(axis=1).std(ddof=1) / np.sqrt(len(x) / length),
            "n / length is no whole number here: count whole blocks, n // length.",
        ),
        _at_last(
            "numbers left over",
            lambda x, length: len(x) % length == 0,
            _right_block,
            "Where nothing is left over you are right, else not: leave out what fills no block, x[:n_b * length].",
        ),
        _at_last(
            "blocks of several",
            lambda x, length: length == 1,
            _right_block,
            "With blocks of 1 you are right, else not: look at how the blocks are cut and averaged.",
        ),
        Mistake(
            "blocks of one",
            seen=lambda given, x, length: not np.isclose(given, x.std(ddof=1) / np.sqrt(len(x))),
            says="Begin with blocks of 1: the answer is x.std(ddof=1) / sqrt(n).",
            where=lambda x, length: length == 1,
            last=True,
        ),
    ),
    tested_on="5 records of 4 to 60 numbers, to 9 digits",
    expected="one number, the error of the mean",
)
