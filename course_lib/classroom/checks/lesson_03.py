"""Checks of lesson 03, MCMC and burn-in.

>>> verdict = sweeps_needed(lambda variance, tau, error: variance / error**2)  # doctest: +NORMALIZE_WHITESPACE
Not yet: for variance 4, tau 10, error 0.1 you give 400, exact is 8000.
That many *independent* draws would do: each of them takes 2 tau sweeps.
"""

import warnings
from functools import cache, partial

import numpy as np

from course_lib import diagnostics, ising
from course_lib.classroom.checks import AnswerError, Case, Exercise, Mistake, agree, as_numbers
from course_lib.classroom.checks.draws import own_random_numbers, repeated
from course_lib.classroom.checks.sweeps import Sweep, SweepExercise

# ---------------------------------------------------------------- one sweep: rules for one spin, and what both show
#
# A rule takes the spin now, its local field (couplings and field apart) and beta: how likely it is up after its turn.


def _accepting(acceptance):
    """A rule that flips with probability ``acceptance(x)``, x = beta times cost."""
    return lambda s, pull, h, beta: _up(s, acceptance(2 * beta * s * (pull + h)))


def _up(s, flip):
    return np.where(s > 0, 1 - flip, flip)


def _boltzmann(x):
    return np.minimum(1, np.exp(-x))


_metropolis = _accepting(_boltzmann)


def _heat_bath(s, pull, h, beta):
    return _sigmoid(2 * beta * (pull + h))


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _draws_its_own_numbers(function):
    J = np.array([[0, 0.6, -0.3], [0.6, 0, 0.5], [-0.3, 0.5, 0]])
    return own_random_numbers(function, (np.array([1, 1, -1]), J, np.array([0.5, -0.3, 0.2]), 1.5))


def _overflows(function):
    """Whether a strong coupling makes the exponential overflow."""
    strong = (np.array([1, -1]), 800 * ising.chain(2, periodic=False), np.zeros(2), 1.0)
    try:
        with np.errstate(over="raise"):
            repeated(function, strong, np.random.default_rng(0), most=30)
    except (OverflowError, FloatingPointError):
        return Mistake(
            "overflow",
            says="every probability is right, but at J = 800 a flip that goes far downhill makes exp overflow. Ask for "
            "cost <= 0 first, or take exp(-beta max(cost, 0)).",
        )
    except Exception as error:
        raised = f"your function raised {type(error).__name__}: {error}."
        return Mistake("fails at strong couplings", says=f"every probability is right, but at J = 800 {raised}")
    return None


# Slips in beta, J or h, whatever the rule: a function of (J, h, beta) that gives J and h as they act.

_SLIPS = (
    Mistake(
        "factor 2 forgotten",
        lambda J, h, beta: (J / 2, h / 2),
        "The factor 2 is missing: up and down differ by 2 b_i in energy.",
    ),
    Mistake("beta forgotten", lambda J, h, beta: (J / beta, h / beta), "That is right at beta = 1 only."),
    Mistake(
        "divided by beta", lambda J, h, beta: (J / beta**2, h / beta**2), "beta = 1/T multiplies, it does not divide."
    ),
    Mistake("factor 2 twice", lambda J, h, beta: (2 * J, 2 * h), "The exponent is twice too large: one factor 2."),
    Mistake(
        "pairs counted twice",
        lambda J, h, beta: (2 * J, h),
        "The couplings count twice, the field once: s @ J @ s holds each pair twice, and needs a factor 1/2.",
    ),
    Mistake("field forgotten", lambda J, h, beta: (J, 0 * h), "The field h_i is missing."),
    Mistake(
        "sign of the field",
        lambda J, h, beta: (J, -h),
        "The field h_i has the wrong sign: it is added, b_i = sum_j J_ij s_j + h_i.",
    ),
)
_STALE = "The local fields are those from before the sweep: compute the field of a spin when it has its turn."
_NEVER_MOVES = Mistake("never moves", lambda s, pull, h, beta: s > 0, "No spin ever moves: is the new value written?")


_IN_ORDER = "that keeps the law, too, but here each has its turn, from the first to the last."


def _without(kept):
    """Ways to leave a spin out: ``kept(n)`` are the sites that are picked."""
    return (
        lambda sweep: sweep.at_random(kept(sweep.n)),
        lambda sweep: sweep.at_random(kept(sweep.n), attempts=sweep.n - 1),
        lambda sweep: sweep.in_turn(kept(sweep.n)),
    )


# ---------------------------------------------------------------- the sweeps

metropolis = SweepExercise(
    "1, ``my_metropolis(spins (N,), J (N, N), h (N,), beta, rng) -> (N,)``: one sweep of N attempts at random sites",
    rule=_metropolis,
    order=Sweep.at_random,
    slips=_SLIPS,
    rules=(
        _NEVER_MOVES,
        Mistake(
            "always accepts",
            _accepting(lambda x: np.ones_like(x)),
            "Every proposal is accepted: compare a random number between 0 and 1 with exp(-beta cost), and flip "
            "afterwards, not before.",
        ),
        Mistake(
            "accept test inverted",
            (
                _accepting(lambda x: 1 - _boltzmann(x)),
                _accepting(lambda x: np.where(x > 0, 1 - _boltzmann(x), 1.0)),
            ),
            "The test is turned round: accept when the random number is *below* exp(-beta cost).",
        ),
        Mistake(
            "sign of the cost",
            _accepting(lambda x: _boltzmann(-x)),
            "The sign of the cost is turned round: uphill flips are always accepted, downhill ones rarely.",
        ),
        Mistake(
            "spin missing from the cost",
            lambda s, pull, h, beta: _up(s, _boltzmann(2 * beta * (pull + h))),
            "The spin itself is missing from the cost: it is 2 s_i b_i, not 2 b_i.",
        ),
        Mistake(
            "heat-bath acceptance",
            _accepting(lambda x: 1 / (1 + np.exp(x))),
            "That accepts with probability 1 / (1 + exp(beta cost)), the heat bath of section 2. It keeps the law, "
            "too, but Metropolis accepts with the larger min(1, exp(-beta cost)).",
        ),
        Mistake(
            "downhill only",
            _accepting(lambda x: (x <= 0).astype(float)),
            "Only flips that cost nothing or less are made, the rule at T = 0. Accept uphill ones with probability "
            "exp(-beta cost).",
        ),
        Mistake(
            "uphill only by chance, downhill too",
            _accepting(lambda x: np.exp(-np.abs(x))),
            "Downhill flips are accepted by chance as well: accept them always, min(1, exp(-beta cost)).",
        ),
    ),
    orders=(
        Mistake(
            "sites in order",
            (Sweep.in_turn, Sweep.backwards),
            "The sites were taken in order: pick one at random for each attempt. In a fixed order Metropolis can be "
            "caught in a loop (section 5).",
        ),
        Mistake(
            "each site once",
            Sweep.shuffled,
            "Each site was tried once, in random order: every attempt picks any of the N sites, so that one may come "
            "twice and another not at all.",
        ),
        Mistake(
            "stale fields",
            (
                lambda sweep: sweep.at_random(turn=sweep.turn_with_stale_field),
                lambda sweep: sweep.at_random(turn=sweep.turn_with_stale_cost),
                lambda sweep: sweep.at_random(turn=sweep.turn_away_from_the_start),
                lambda sweep: sweep.in_turn(turn=sweep.turn_with_stale_field),
            ),
            _STALE,
        ),
        Mistake(
            "one attempt only",
            lambda sweep: sweep.at_random(attempts=1),
            "That is one attempt: a sweep is N of them, N the number of spins.",
        ),
        Mistake(
            "one attempt too many",
            lambda sweep: sweep.at_random(attempts=sweep.n + 1),
            "That is one attempt more than the N of a sweep.",
        ),
        Mistake(
            "one attempt too few",
            lambda sweep: sweep.at_random(attempts=sweep.n - 1),
            "That is one attempt less than the N of a sweep.",
        ),
        Mistake(
            "last spin never updated",
            _without(lambda n: range(n - 1)),
            "The last spin is never picked: rng.integers(N) draws from 0 to N - 1, its end is left out already.",
        ),
        Mistake(
            "first spin never updated",
            _without(lambda n: range(1, n)),
            "The first spin is never picked: the sites are numbered from 0.",
        ),
        Mistake(
            "one site for all attempts",
            lambda sweep: np.mean([sweep.in_turn([i] * sweep.n) for i in range(sweep.n)], axis=0),
            "All attempts of a sweep went to the same site: pick a new one inside the loop.",
        ),
    ),
    last_looks=(_overflows, _draws_its_own_numbers),
)


heat_bath = SweepExercise(
    "2, ``my_heat_bath(spins (N,), J (N, N), h (N,), beta, rng) -> (N,)``: each spin in turn is drawn anew",
    rule=_heat_bath,
    order=Sweep.in_turn,
    slips=_SLIPS,
    rules=(
        _NEVER_MOVES,
        Mistake(
            "sign of the exponent",
            lambda s, pull, h, beta: _heat_bath(s, pull, h, -beta),
            "Up and down are exchanged: a spin should rather point along its local field.",
        ),
        Mistake(
            "flip instead of draw",
            lambda s, pull, h, beta: _up(s, _heat_bath(s, pull, h, beta)),
            "Is the spin *flipped* with probability p_up? Or set to +1 with the probability of a flip? Both give this: "
            "set it to +1 with probability p_up, whatever it was, and else to -1.",
        ),
        Mistake(
            "never set down",
            lambda s, pull, h, beta: np.where(s > 0, 1.0, _heat_bath(s, pull, h, beta)),
            "A spin that is up stays up: if it is not drawn up, set it to -1.",
        ),
        Mistake(
            "never set up",
            lambda s, pull, h, beta: np.where(s > 0, _heat_bath(s, pull, h, beta), 0.0),
            "A spin that is down stays down: if it is drawn up, set it to +1.",
        ),
        Mistake(
            "spin itself in the exponent",
            lambda s, pull, h, beta: _sigmoid(2 * beta * s * (pull + h)),
            "The exponent holds the spin itself, s_i b_i: heat bath forgets it, only the local field b_i counts.",
        ),
        Mistake(
            "own spin in the field",
            lambda s, pull, h, beta: _heat_bath(s, pull + s, h, beta),
            "The spin itself was added to its local field.",
        ),
        Mistake(
            "tanh instead of a probability",
            lambda s, pull, h, beta: np.clip(np.tanh(beta * (pull + h)), 0, 1),
            "tanh(beta b) is the *mean* of the spin; the probability of up is (1 + tanh(beta b)) / 2.",
        ),
        Mistake(
            "along the field, always",
            lambda s, pull, h, beta: (pull + h > 0).astype(float),
            "Each spin is set along its local field for certain, as at T = 0: draw it, with probability p_up.",
        ),
        Mistake(
            "a fair coin",
            lambda s, pull, h, beta: np.full_like(pull, 0.5),
            "Each spin is drawn by a fair coin, whatever its neighbours do.",
        ),
        Mistake("Metropolis", _metropolis, "That is Metropolis: heat bath does not ask what the spin was before."),
        Mistake(
            "exp of the field, cut at 1",
            lambda s, pull, h, beta: np.minimum(1, np.exp(2 * beta * (pull + h))),
            "The probability is min(1, exp(2 beta b)): divide by the sum of both weights, 1 / (1 + exp(-2 beta b)).",
        ),
    ),
    orders=(
        Mistake(
            "stale fields",
            (
                lambda sweep: sweep.in_turn(turn=sweep.turn_with_stale_field),
                lambda sweep: sweep.at_random(turn=sweep.turn_with_stale_field),
            ),
            _STALE,
        ),
        Mistake("sites at random", Sweep.at_random, f"The sites were picked at random: {_IN_ORDER}"),
        Mistake("each site once, shuffled", Sweep.shuffled, f"The sites were taken in random order: {_IN_ORDER}"),
        Mistake("backwards", Sweep.backwards, f"The sites were taken from the last to the first: {_IN_ORDER}"),
        Mistake(
            "last spin never updated",
            lambda sweep: sweep.in_turn(range(sweep.n - 1)),
            "The last spin never has its turn.",
        ),
        Mistake(
            "first spin never updated",
            lambda sweep: sweep.in_turn(range(1, sweep.n)),
            "The first spin never has its turn: start at 0.",
        ),
        Mistake(
            "first spin only",
            lambda sweep: sweep.in_turn([0]),
            "Only the first spin was drawn: does the return stand inside the loop?",
        ),
        Mistake(
            "one spin only",
            lambda sweep: sweep.at_random(attempts=1),
            "Only one spin was drawn, at a random site: each has its turn in a sweep.",
        ),
        Mistake(
            "one random number for all",
            Sweep.one_number_for_all,
            "One random number decided for all spins: draw a new one for each, inside the loop.",
        ),
    ),
    last_looks=(_draws_its_own_numbers,),
)


# ---------------------------------------------------------------- series of known autocorrelation time

# Seed of the series: windows from 4 to 10 tau, and other rules in use, agree on them within 4.5 %, and sums of 50 lags
# or more, the same number for all, are off by more than 10 % or 0.1.
SERIES = 4374
SERIES_LENGTH = 10_000  # summing all lags in a plain loop ends in time, so that it can be named
SERIES_TOLERANCE = 0.06

_time = diagnostics.autocorrelation_time
_close = partial(agree, tolerance=SERIES_TOLERANCE)


@cache
def _series():
    """Name -> series and its exact tau.

    Mean 0 and variance 1 hold to round-off, but for one series each. So whoever forgets the mean, or the variance, is
    wrong on that one only.
    """
    rng = np.random.default_rng(SERIES)

    def remembering():
        """x_t = 0.8 x_{t-1} + noise, of variance 1, from its own law."""
        x, noise = np.empty(SERIES_LENGTH), 0.6 * rng.normal(size=SERIES_LENGTH)
        x[0] = rng.normal()
        for t in range(1, len(x)):
            x[t] = 0.8 * x[t - 1] + noise[t]
        return x

    def standardised(x):
        return (x - x.mean()) / x.std()

    independent = standardised(rng.normal(size=SERIES_LENGTH))
    slow = standardised(remembering())
    half_hidden = standardised(remembering() + rng.normal(size=SERIES_LENGTH))
    tau = 0.5 + 0.8 / 0.2
    return {
        "independent draws": (independent, 0.5),
        "draws that keep 0.8 of the last one": (slow, tau),
        "draws that keep 0.8 of the last one, half hidden in noise": (half_hidden, 0.5 + 0.5 * 0.8 / 0.2),
        "draws that keep 0.8 of the last one, of variance 9": (3 * slow, tau),
        "draws that keep 0.8 of the last one, of mean 2": (slow + 2, tau),
    }


def _two_times(given, found, x):
    true = next(tau for series, tau in _series().values() if np.array_equal(series, x))
    return f"you give {given:.4g}; the library finds {found:.4g} on the same series, and the truth is {true:.4g}"


def _without_warnings(function, x):
    """Where the window never closes t runs off the end, to means of nothing: the verdict tells of the NaN."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return function(x)


def _rho(x, divide_by_n=False):
    """Correlation at distance t, for all t."""
    n, centred = len(x), x - x.mean()
    covariance = np.fft.irfft(np.abs(np.fft.rfft(centred, 2 * n)) ** 2)[:n]
    covariance = covariance / (n if divide_by_n else n - np.arange(n))
    return covariance / covariance[0]


def _windowed(x, first=0.5, weight=1, begin=1, window=5.0):
    """``first`` plus ``weight`` times rho, added from ``begin`` on until t is ``window`` times this sum."""
    rho = _rho(x)
    sums = first + weight * np.cumsum(rho[begin:])
    closed = np.flatnonzero(np.arange(begin, len(rho)) >= window * sums)
    return sums[closed[0] if len(closed) else -1]


def _first_lags(lags):
    return lambda x: 0.5 + _rho(x)[1 : lags + 1].sum()


def _all_lags(given, x):
    """All terms, or half of them; whatever stands for rho(0), and divided by n - t or n; exact but for round-off.

    A single number cannot be told from noise by 6 %: with the series' own mean the sum may be anything about -1/2.
    """
    n = len(x)
    sums = [np.cumsum(rho[1:])[[n // 2 - 2, n // 2 - 1, -2, -1]] for rho in (_rho(x), _rho(x, divide_by_n=True))]
    firsts = np.array([0.0, 0.5, 1.0])[:, None]
    return np.any(np.abs(given - (firsts + np.concatenate([*sums, [-1.0]]))) < 1e-8)


def _one_slope(given, x):
    """Told from rho(1) as if rho(t) = rho(1)^t, where rho(1) is not just noise."""
    first = _rho(x)[1]
    return first < 0.05 or _close(given, -1 / np.log(first)) or _close(given, 0.5 + first / (1 - first))


def _wrong_on_variance_9(low, high):
    """Right but for one series, where it is wrong by a factor between the two numbers."""
    return lambda given, x: low < given / _time(x) < high if x.var() > 2 else _close(given, _time(x))


def _wrong_on_mean_2(given, x):
    """Right but for one series, where it is anything else, NaN too."""
    return _close(given, _time(x)) == (x.mean() < 1)


_HALF = "rho(0) = 1 counts by half, since the other terms stand for two directions in time, t and -t:"


autocorrelation_time = Exercise(
    "3, ``my_autocorrelation_time(x (n,)) -> number``: 1/2 plus the sum of rho, with a window",
    cases=lambda: [Case(name, (x,)) for name, (x, _) in _series().items()],
    truth=_time,
    mistakes=(
        Mistake(
            "half forgotten",
            (lambda x: np.zeros(()), lambda x: _windowed(x, first=0.0), lambda x: _time(x) - 0.5),
            f"{_HALF} begin with 1/2 and add the sum over t >= 1. (If the sum begins at 0, so does its window.)",
        ),
        Mistake(
            "no term added",
            seen=lambda given, x: given == 0.5,
            says="That is 1/2, the beginning, for every series: no rho was added to it. At t = 1 the window is still "
            "open, since 1 is less than 5 times 1/2.",
        ),
        Mistake(
            "no window",
            seen=_all_lags,
            says="The sum went on through far lags. They are noise, and with the series' own mean all lags add up to "
            "about -1/2: stop at the first t that is at least 5 times the sum so far.",
        ),
        Mistake(
            "divided by the standard deviation",
            seen=_wrong_on_variance_9(2, 4),
            says="The covariance was divided by the standard deviation: divide it by the variance.",
        ),
        Mistake(
            "variance forgotten",
            seen=_wrong_on_variance_9(6, 12),
            says="The variance was forgotten: divide by the covariance at distance 0, so that rho(0) = 1.",
        ),
        Mistake(
            "mean not subtracted",
            seen=_wrong_on_mean_2,
            says="The same draws around 0 come out right: the mean was not subtracted everywhere.",
        ),
        Mistake(
            "one slope for all",
            seen=_one_slope,
            says="That is told from rho(1), as if rho(t) were rho(1)^t, which is so for one kind of series only. Sum "
            "rho instead.",
        ),
        Mistake(
            "twice the time",
            lambda x: 2 * _time(x),
            "That is twice the time: 1 + 2 sum, the factor by which the variance of the mean grows. Here tau = 1/2 + "
            "sum, and independent draws have 1/2.",
        ),
        Mistake(
            "only the sum doubled",
            (lambda x: _windowed(x, weight=2), lambda x: 2 * _time(x) - 0.5),
            "The sum counts twice, the 1/2 once: tau = 1/2 + sum.",
        ),
        Mistake(
            "lag 0 counted twice",
            (lambda x: _windowed(x, first=1.5), lambda x: _time(x) + 1),
            "rho(0) = 1 was added to the 1/2 that stands for it: begin the sum at t = 1.",
        ),
        Mistake(
            "whole first term",
            (lambda x: _windowed(x, first=1.0), lambda x: _time(x) + 0.5),
            f"{_HALF} 1/2 + the sum over t >= 1, not 1 + it.",
        ),
        Mistake("half the time", lambda x: _time(x) / 2, "That is half the time: tau = 1/2 + sum."),
        Mistake(
            "first lag left out",
            (lambda x: _windowed(x, begin=2), lambda x: _time(x) - _rho(x)[1]),
            "rho(1) is missing from the sum: is t made larger before the first term is added?",
        ),
        Mistake("first lag only", _first_lags(1), "Only the first lag was counted: go on until the window closes."),
        Mistake(
            "window too short",
            lambda x: _windowed(x, window=1.0),
            "The sum ends too early: stop at the first t that is at least *5 times* the sum so far, not at the sum.",
        ),
        Mistake(
            "fixed number of lags",
            tuple(map(_first_lags, (2, 3, 4, 5, 10, 50, 100, 200, 500, 1000))),
            "That is 1/2 and the same number of lags for every series: stop where t is at least 5 times the sum so "
            "far, which is soon for independent draws and late for slow ones.",
        ),
        Mistake(
            "effective sample size",
            lambda x: len(x) / (2 * _time(x)),
            "That is n / (2 tau), the number of independent draws that the series is worth: return tau itself.",
        ),
    ),
    tested_on=f"5 series of known autocorrelation time, to {SERIES_TOLERANCE:.0%} of the library's value on each",
    expected="one number",
    call=_without_warnings,
    describe=_two_times,
    tolerance=SERIES_TOLERANCE,
)


# ---------------------------------------------------------------- how long to run


def _sweeps_needed(variance, tau, error):
    return 2 * tau * variance / error**2


def _rounded_or_not(answer, *arguments):
    """A number of sweeps; rounded to whole ones it is right, too."""
    given, n = as_numbers(answer), _sweeps_needed(*arguments)
    if given.shape:
        raise AnswerError(f"your function returned an array of shape {given.shape}")
    return n if abs(given - n) <= 1 else given


sweeps_needed = Exercise(
    "4, ``my_sweeps_needed(variance, tau, error) -> number``: how long to run for a given error of the mean",
    cases=lambda: [
        Case(f"variance {v:g}, tau {tau:g}, error {e:g}", (v, tau, e))
        for v, tau, e in ((4.0, 10.0, 0.1), (1.0, 0.5, 0.01), (0.25, 60.0, 0.02), (9.0, 3.0, 0.005))
    ],
    truth=_sweeps_needed,
    mistakes=(
        Mistake(
            "as if independent",
            lambda v, tau, e: v / e**2,
            "That many *independent* draws would do: each of them takes 2 tau sweeps.",
        ),
        Mistake(
            "divided by 2 tau",
            lambda v, tau, e: v / (2 * tau * e**2),
            "You divided by 2 tau: n sweeps are worth n / (2 tau) draws, so it takes 2 tau times as many.",
        ),
        Mistake(
            "factor 2 forgotten", lambda v, tau, e: tau * v / e**2, "An independent draw takes 2 tau sweeps, not tau."
        ),
        Mistake(
            "error not squared",
            lambda v, tau, e: 2 * tau * v / e,
            "The error falls with the root of n: it enters squared.",
        ),
        Mistake(
            "variance squared",
            lambda v, tau, e: 2 * tau * v**2 / e**2,
            "The variance is a square already: variance / n is the square of the error.",
        ),
        Mistake(
            "root of the variance",
            lambda v, tau, e: 2 * tau * np.sqrt(v) / e**2,
            "That has the standard deviation in place of the variance.",
        ),
        Mistake("root of the answer", lambda v, tau, e: np.sqrt(2 * tau * v) / e, "That is its root: square it."),
        Mistake(
            "error after one sweep",
            lambda v, tau, e: e**2 / (2 * tau * v),
            "That is upside down: a smaller error needs more sweeps.",
        ),
    ),
    tested_on="4 runs, exact or rounded to whole sweeps",
    expected="one number",
    read=_rounded_or_not,
)
