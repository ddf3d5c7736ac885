"""Checks of lesson 03, MCMC and burn-in.

A sampler is tested against the exact law of one sweep: from a fixed start it is called some thousand times, and the
states it ends in are counted. A known mistake has an exact law, too; the one that fits the counts is named.
"""

import time
import warnings
from dataclasses import dataclass
from itertools import pairwise, permutations, product

import numpy as np

from course_lib import diagnostics, exact, ising
from course_lib.classroom.checks import (
    AnswerError,
    Case,
    Misconception,
    Symptom,
    Verdict,
    agree,
    answers_of,
    as_numbers,
    judge,
    say,
)

# Seed of the series of exercise 3: windows from 4 to 10 tau, and other rules in use, agree on them within 4.5 %, and
# sums of 50 lags or more, the same number for all, are off by more than 10 % or 0.1.
SERIES = 4374
SERIES_LENGTH = 10_000  # summing all lags in a plain loop ends in time, so that it can be named
SERIES_TOLERANCE = 0.06
SEED = 3  # the same systems and random numbers each time, so that a check run again says the same
SWEEPS = 4000  # a case; slower functions make fewer
SECONDS = 1.2  # for all cases together
FEWEST = 800  # below that mistakes may be taken for each other: none is named then
SURE = 2000  # from there on no mistake outside the lists, of those tried, was taken for one of them

# A count k of n is taken to contradict probability p if n KL(k/n || p) is above this. By Chernoff's bound a right
# function does so, anywhere among the 24 states of the four cases and on either side, with probability below 1e-7.
CONTRADICTION = np.log(2 * 24 / 1e-7)


def metropolis(function) -> Verdict:
    """Check Exercise 1, ``my_metropolis(spins, J, h, beta, rng)``: one sweep of N attempts at random sites.

    Parameters
    ----------
    function : callable
        The student's ``(spins (N,), J (N, N), h (N,), beta, rng) -> spins (N,)``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> def no_move(spins, J, h, beta, rng):
    ...     return spins
    >>> metropolis(no_move).diagnosis  # doctest: +ELLIPSIS
    Not yet: ...
    'never moves'
    """
    return _judge_sweep(
        function,
        right=("random", _metropolis),
        rules=METROPOLIS_RULES,
        orders=METROPOLIS_ORDERS,
        last_looks=(_overflows, _keeps_its_own_numbers),
    )


def heat_bath(function) -> Verdict:
    """Check Exercise 2, ``my_heat_bath(spins, J, h, beta, rng)``: each spin in turn is drawn anew.

    Parameters
    ----------
    function : callable
        The student's ``(spins (N,), J (N, N), h (N,), beta, rng) -> spins (N,)``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> def all_up(spins, J, h, beta, rng):
    ...     return abs(spins)
    >>> bool(heat_bath(all_up))  # doctest: +ELLIPSIS
    Not yet: ...
    False
    """
    return _judge_sweep(
        function,
        right=("in turn", _heat_bath),
        rules=HEAT_BATH_RULES,
        orders=HEAT_BATH_ORDERS,
        last_looks=(_keeps_its_own_numbers,),
    )


def autocorrelation_time(function) -> Verdict:
    """Check Exercise 3, ``my_autocorrelation_time(x)``: 1/2 plus the sum of rho, with a window.

    Parameters
    ----------
    function : callable
        The student's ``(x (n,)) -> a number``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> verdict = autocorrelation_time(lambda x: 2 * diagnostics.autocorrelation_time(x))  # doctest: +ELLIPSIS
    Not yet: for independent draws you give ... That is twice the time: ...
    """
    series = _series()
    cases = [Case(name, (x,)) for name, (x, _) in series.items()]
    known = {x.tobytes(): (diagnostics.autocorrelation_time(x), true) for x, true in series.values()}

    def right(x):
        return known[x.tobytes()][0]

    def describe(given, exact, x):
        true = known[x.tobytes()][1]
        return f"you give {given:.4g}; the library finds {exact:.4g} on the same series, and the truth is {true:.4g}"

    with warnings.catch_warnings():
        # Where the window never closes t runs off the end, to means of nothing: the verdict tells of the NaN.
        warnings.simplefilter("ignore", RuntimeWarning)
        return judge(
            function,
            cases,
            right,
            _mistakes_with_a_series(right),
            tested_on=f"{len(cases)} series of known autocorrelation time, to 6 % of the library's value on each",
            expected="one number",
            describe=describe,
            tolerance=SERIES_TOLERANCE,
        )


def sweeps_needed(function) -> Verdict:
    """Check Exercise 4, ``my_sweeps_needed(variance, tau, error)``: how long to run for a given error of the mean.

    Parameters
    ----------
    function : callable
        The student's ``(variance, tau, error) -> a number``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> verdict = sweeps_needed(lambda variance, tau, error: 2 * tau * variance / error**2)  # doctest: +ELLIPSIS
    Right. Tested on ...
    """
    cases = [
        Case(f"variance {v:g}, tau {tau:g}, error {e:g}", (v, tau, e))
        for v, tau, e in ((4.0, 10.0, 0.1), (1.0, 0.5, 0.01), (0.25, 60.0, 0.02), (9.0, 3.0, 0.005))
    ]

    def prepare(answer, variance, tau, error):
        given, n = as_numbers(answer), 2 * tau * variance / error**2
        if given.shape:
            raise AnswerError(f"your function returned an array of shape {given.shape}")
        return np.asarray(n if abs(given - n) <= 1 else given)  # rounded to whole sweeps is right, too

    return judge(
        function,
        cases,
        lambda variance, tau, error: 2 * tau * variance / error**2,
        [
            Misconception(
                "as if independent",
                lambda v, tau, e: v / e**2,
                "That many *independent* draws would do: each of them takes 2 tau sweeps.",
            ),
            Misconception(
                "divided by 2 tau",
                lambda v, tau, e: v / (2 * tau * e**2),
                "You divided by 2 tau: n sweeps are worth n / (2 tau) draws, so it takes 2 tau times as many sweeps as "
                "draws.",
            ),
            Misconception(
                "factor 2 forgotten",
                lambda v, tau, e: tau * v / e**2,
                "An independent draw takes 2 tau sweeps, not tau.",
            ),
            Misconception(
                "error not squared",
                lambda v, tau, e: 2 * tau * v / e,
                "The error falls with the root of n: it enters squared.",
            ),
            Misconception(
                "variance squared",
                lambda v, tau, e: 2 * tau * v**2 / e**2,
                "The variance is a square already: variance / n is the square of the error.",
            ),
            Misconception(
                "root of the variance",
                lambda v, tau, e: 2 * tau * np.sqrt(v) / e**2,
                "That has the standard deviation in place of the variance.",
            ),
            Misconception(
                "root of the answer",
                lambda v, tau, e: np.sqrt(2 * tau * v) / e,
                "That is the root of the number of sweeps: square it.",
            ),
            Misconception(
                "error after one sweep",
                lambda v, tau, e: e**2 / (2 * tau * v),
                "That is upside down: a smaller error needs more sweeps.",
            ),
        ],
        tested_on=f"{len(cases)} runs, exact or rounded to whole sweeps",
        expected="one number",
        prepare=prepare,
    )


# ---------------------------------------------------------------- a sweep against its exact law


@dataclass(frozen=True)
class _Mistake:
    """A rule for one spin, or an order of the spins, that students use; ``says`` is a whole sentence."""

    name: str
    how: object
    says: str


def _judge_sweep(function, right, rules, orders, last_looks):
    cases = _sweep_cases()
    try:
        runs = answers_of(_many_sweeps(function), cases, "the spins after the sweep, N numbers +1 or -1", _as_draws)
    except NotImplementedError as stub:
        return say("your turn", str(stub) or "your turn")
    except AnswerError as error:
        return say("not yet", f"Not yet: {error}")
    if all(np.all((run == 0) | (run == 1)) for run in runs) and {0, 1} <= {s for run in runs for s in np.unique(run)}:
        return say("not yet", "Not yet: the spins come out as 0 and 1; they are +1 and -1 here.", "zeros and ones")
    for run, case in zip(runs, cases, strict=True):
        odd = run[np.abs(run) != 1]
        if odd.size:
            return say("not yet", f"Not yet: for {case.name} your spins hold {odd[0]:g}: they are +1 or -1.")
    counts = [_count(run) for run in runs]
    order, rule = right
    laws = [_law(order, rule, *case.arguments) for case in cases]
    is_right, fewest = _fit(counts, laws), min(len(run) for run in runs)
    if fewest < FEWEST and not (is_right and not _single_mistakes_that_fit(counts, cases, right, rules, orders)):
        slow = max(1e3 * SECONDS / len(cases) / len(run) for run in runs)
        return say(
            "not yet",
            f"Not yet: a sweep of three spins takes {slow:.1g} ms, too long to be tried often enough; the cost of a "
            "flip needs one row of J, not whole energies.",
        )
    if is_right:
        found = next(filter(None, (look(function) for look in last_looks)), None)
        if found:
            return say("not yet", f"Not yet: every probability is right, but {found.says}", found.name)
        return say(
            "right",
            f"Right. Tested on {len(cases)} systems of 2 and 3 spins, {fewest} sweeps each, "
            "against the exact law of one sweep.",
        )
    seen = f"Not yet: for {_largest_contradiction(counts, laws, cases)}."
    always_the_same = all(np.all(run == run[0]) for run in runs)
    if always_the_same:
        # A fixed seed ends somewhere, and so may a mistake without chance: from one start they can look alike.
        cases, counts = cases + _all_starts(cases), counts + [_count(after) for after in _once(function, cases)]
    mistakes = _mistakes_that_fit(counts, cases, right, rules, orders)
    if mistakes:
        likely = "" if fewest >= SURE else f"With {fewest} sweeps only, it looks like this: "
        both = "Two mistakes at once. " if len(mistakes) > 1 else ""
        says = " ".join(mistake.says for mistake in mistakes)
        return say("not yet", f"{seen} {likely}{both}{says}", " and ".join(mistake.name for mistake in mistakes))
    if always_the_same:
        return say(
            "not yet",
            f"{seen} Every sweep from this start ends the same, so no random number from rng decides. Is one drawn for "
            "each decision? Is a generator with a fixed seed made inside the function?",
            "rng decides nothing",
        )
    return say("not yet", seen)


def _mistakes_that_fit(counts, cases, right, rules, orders):
    """One mistake, or else one in the rule and one in the order at once; of several pairs that fit, what they share."""
    single = _single_mistakes_that_fit(counts, cases, right, rules, orders)
    if single:
        return single[:1]
    pairs = [pair for pair in product(rules, orders) if _explain(counts, cases, pair[1].how, pair[0].how)]
    return [m for m in pairs[0] if all(m.name in (a.name, b.name) for a, b in pairs)] if pairs else []


def _single_mistakes_that_fit(counts, cases, right, rules, orders):
    order, rule = right
    return [
        *(mistake for mistake in rules if _explain(counts, cases, order, mistake.how)),
        *(mistake for mistake in orders if _explain(counts, cases, mistake.how, rule)),
    ]


def _explain(counts, cases, order, rule):
    return _fit(counts, (_law(order, rule, *case.arguments) for case in cases))


def _sweep_cases():
    """Couplings, fields and temperatures at which the known mistakes differ most; simplest first."""
    systems = [
        ([[0, 0.5], [0.5, 0]], [0.0, 0.4], 1.0, [1, -1]),
        ([[0, 0.9], [0.9, 0]], [0.7, -0.4], 0.5, [1, 1]),
        ([[0, 0.6, -0.3], [0.6, 0, 0.5], [-0.3, 0.5, 0]], [0.5, -0.3, 0.2], 1.5, [1, 1, -1]),
        ([[0, -0.7, 0.4], [-0.7, 0, 0.8], [0.4, 0.8, 0]], [-0.4, 0.3, 0.6], 0.6, [-1, 1, 1]),
    ]
    cases = []
    for J, h, beta, spins in systems:
        J, h, spins = np.array(J, dtype=float), np.array(h), np.array(spins)
        cases.append(Case(f"{len(h)} spins from ({_signs(spins)}) at beta = {beta:g}", (spins, J, h, beta)))
    return cases


def _all_starts(cases):
    """The systems of the cases from each of their states."""
    return [
        Case(case.name, (start, *case.arguments[1:]))
        for case in cases
        for start in exact.states(len(case.arguments[0])).astype(int)
    ]


def _once(function, cases):
    """The states after one sweep from each start, as one row each."""
    rng = np.random.default_rng(SEED)
    for case in _all_starts(cases):
        spins, J, h, beta = case.arguments
        yield np.array([function(spins.copy(), J.copy(), h.copy(), beta, rng)])


def _signs(spins):
    return " ".join("+" if s > 0 else "-" for s in spins)


def _many_sweeps(function):
    """A function that calls the student's some thousand times from the same start, as long as time is left."""
    if not callable(function):
        return function
    rng = np.random.default_rng(SEED)
    seconds = SECONDS / len(_sweep_cases())

    class ManySweeps:
        __code__ = getattr(function, "__code__", None)  # so that an error is shown with the student's own line

        def __call__(self, spins, J, h, beta):
            end, draws = time.perf_counter() + seconds, []
            while len(draws) < SWEEPS and (len(draws) < 2 or time.perf_counter() < end):
                after = function(spins.copy(), J.copy(), h.copy(), beta, rng)
                if np.shape(after) != spins.shape:
                    return after
                draws.append(np.array(after))
            return np.array(draws)

    return ManySweeps()


def _as_draws(answer, spins, J, h, beta):
    draws = as_numbers(answer)
    if draws.ndim != 2 or draws.shape[1] != len(spins):
        raise AnswerError(f"your function returned an array of shape {draws.shape}, not ({len(spins)},)")
    return draws


def _count(draws):
    """How often each state came, in the order of `exact.states`."""
    n = draws.shape[1]
    return np.bincount((draws > 0) @ (1 << np.arange(n)), minlength=2**n)


def _evidence(counts, law):
    """Evidence n KL(k/n || p) for each state, infinite where a count contradicts p = 0 or p = 1."""
    n = counts.sum()
    k, p = counts / n, np.where(law < 1e-12, 0.0, np.where(law > 1 - 1e-12, 1.0, law))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(a > 0, a * np.log(a / b), 0.0) for a, b in ((k, p), (1 - k, 1 - p))]
    return n * sum(terms)


def _fit(counts, laws):
    return all(_evidence(k, law).max() <= CONTRADICTION for k, law in zip(counts, laws, strict=True))


def _largest_contradiction(counts, laws, cases):
    """The first case that fails, and in it the state that is farthest off."""
    first = [_fit([k], [law]) for k, law in zip(counts, laws, strict=True)].index(False)
    k, law, case = counts[first], laws[first], cases[first]
    evidence = _evidence(k, law)
    state, n, N = int(np.argmax(evidence)), k.sum(), len(case.arguments[0])
    share = k[state] / n
    error = np.sqrt(max(share * (1 - share), 1 / n) / n)
    return (
        f"{case.name} a sweep ends in ({_signs(exact.states(N)[state])}) with probability {share:.3f} +- {error:.3f}, "
        f"exact is {law[state]:.3f}"
    )


# ---------------------------------------------------------------- rules: how likely a spin is up after its turn
#
# A rule takes the spin now, its local field (couplings and field apart) and beta.


def _metropolis(s, pull, h, beta):
    return _accepting(s, np.minimum(1, np.exp(-2 * beta * s * (pull + h))))


def _accepting(s, accepted):
    return np.where(s > 0, 1 - accepted, accepted)


def _with_acceptance(acceptance):
    """A rule that flips with probability ``acceptance(x)``, x = beta times cost."""
    return lambda s, pull, h, beta: _accepting(s, acceptance(2 * beta * s * (pull + h)))


def _boltzmann(x):
    return np.minimum(1, np.exp(-x))


METROPOLIS_RULES = [
    _Mistake("never moves", lambda s, pull, h, beta: s > 0, "No spin ever moves: is the flip written into the spins?"),
    _Mistake(
        "always accepts",
        _with_acceptance(lambda x: np.ones_like(x)),
        "Every proposal is accepted: compare a random number between 0 and 1 with exp(-beta cost), and flip after the "
        "comparison, not before.",
    ),
    *(
        _Mistake(
            "accept test inverted",
            _with_acceptance(acceptance),
            "The test is turned round: accept when the random number is *below* exp(-beta cost), so that an uphill "
            "flip is accepted the more rarely the more it costs.",
        )
        for acceptance in (lambda x: 1 - _boltzmann(x), lambda x: np.where(x > 0, 1 - _boltzmann(x), 1.0))
    ),
    _Mistake(
        "sign of the cost",
        _with_acceptance(lambda x: _boltzmann(-x)),
        "The sign of the cost is turned round: uphill flips are always accepted, downhill ones rarely.",
    ),
    _Mistake(
        "beta forgotten",
        lambda s, pull, h, beta: _metropolis(s, pull, h, 1.0),
        "That is right at beta = 1 only: multiply the cost by beta.",
    ),
    _Mistake(
        "divided by beta",
        lambda s, pull, h, beta: _metropolis(s, pull, h, 1 / beta),
        "The cost is divided by beta: beta = 1/T multiplies it.",
    ),
    _Mistake(
        "factor 2 forgotten",
        lambda s, pull, h, beta: _metropolis(s, pull, h, beta / 2),
        "The cost lacks its factor 2: a spin that turns goes from one sign to the other, 2 s_i b_i.",
    ),
    _Mistake(
        "factor 2 twice",
        lambda s, pull, h, beta: _metropolis(s, pull, h, 2 * beta),
        "The cost is twice too large: it is 2 s_i b_i, with one factor 2.",
    ),
    _Mistake(
        "pairs counted twice",
        lambda s, pull, h, beta: _metropolis(s, 2 * pull, h, beta),
        "The couplings count twice in the cost, the field once: in an energy each pair i < j is counted once, and so "
        "s @ J @ s needs a factor 1/2.",
    ),
    _Mistake(
        "factor 2 forgotten and beta forgotten",
        lambda s, pull, h, beta: _metropolis(s, pull, h, 0.5),
        "Two mistakes at once: the exponent is -2 beta s_i b_i, and yours is -s_i b_i.",
    ),
    _Mistake(
        "field forgotten",
        lambda s, pull, h, beta: _metropolis(s, pull, 0 * h, beta),
        "The field h_i is missing from the cost.",
    ),
    _Mistake(
        "sign of the field",
        lambda s, pull, h, beta: _metropolis(s, pull, -h, beta),
        "The field h_i has the wrong sign: it is added to the pull of the neighbours, b_i = sum_j J_ij s_j + h_i.",
    ),
    _Mistake(
        "spin missing from the cost",
        lambda s, pull, h, beta: _accepting(s, _boltzmann(2 * beta * (pull + h))),
        "The spin itself is missing from the cost: it is 2 s_i b_i, not 2 b_i.",
    ),
    _Mistake(
        "heat-bath acceptance",
        _with_acceptance(lambda x: 1 / (1 + np.exp(x))),
        "That accepts with probability 1 / (1 + exp(beta cost)): it keeps the Boltzmann law, too, but it is the heat "
        "bath of section 2. Metropolis accepts with the larger min(1, exp(-beta cost)).",
    ),
    _Mistake(
        "downhill only",
        _with_acceptance(lambda x: (x <= 0).astype(float)),
        "Only flips that cost nothing are made: that is the rule at T = 0. Uphill flips must be accepted with "
        "probability exp(-beta cost).",
    ),
    _Mistake(
        "uphill only by chance, downhill too",
        _with_acceptance(lambda x: np.exp(-np.abs(x))),
        "Downhill flips are accepted by chance as well: they are always accepted, min(1, exp(-beta cost)).",
    ),
]


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _heat_bath(s, pull, h, beta):
    return _sigmoid(2 * beta * (pull + h))


HEAT_BATH_RULES = [
    _Mistake("never moves", lambda s, pull, h, beta: s > 0, "No spin ever moves: is the draw written into the spins?"),
    _Mistake(
        "factor 2 forgotten",
        lambda s, pull, h, beta: _heat_bath(s, pull, h, beta / 2),
        "The exponent lacks its factor 2: up and down differ by 2 b_i in energy, so p_up = 1 / (1 + exp(-2 beta b)).",
    ),
    _Mistake(
        "factor 2 twice",
        lambda s, pull, h, beta: _heat_bath(s, pull, h, 2 * beta),
        "The exponent is twice too large: it is -2 beta b, or 1/2 (1 + tanh(beta b)) is the probability.",
    ),
    _Mistake(
        "pairs counted twice",
        lambda s, pull, h, beta: _heat_bath(s, 2 * pull, h, beta),
        "The couplings count twice, the field once: in an energy each pair i < j is counted once, and so s @ J @ s "
        "needs a factor 1/2.",
    ),
    _Mistake(
        "sign of the exponent",
        lambda s, pull, h, beta: _heat_bath(s, pull, h, -beta),
        "Up and down are exchanged: a spin should rather point along its local field.",
    ),
    _Mistake(
        "beta forgotten",
        lambda s, pull, h, beta: _heat_bath(s, pull, h, 1.0),
        "That is right at beta = 1 only: the exponent is -2 beta b.",
    ),
    _Mistake(
        "divided by beta",
        lambda s, pull, h, beta: _heat_bath(s, pull, h, 1 / beta),
        "The exponent is divided by beta: beta = 1/T multiplies it.",
    ),
    _Mistake(
        "field forgotten",
        lambda s, pull, h, beta: _heat_bath(s, pull, 0 * h, beta),
        "The field h_i is missing from the local field.",
    ),
    _Mistake(
        "sign of the field",
        lambda s, pull, h, beta: _heat_bath(s, pull, -h, beta),
        "The field h_i has the wrong sign: it is added to the pull of the neighbours, b_i = sum_j J_ij s_j + h_i.",
    ),
    _Mistake(
        "factor 2 forgotten and beta forgotten",
        lambda s, pull, h, beta: _heat_bath(s, pull, h, 0.5),
        "Two mistakes at once: the exponent is -2 beta b, and yours is -b.",
    ),
    _Mistake(
        "flip instead of draw",
        lambda s, pull, h, beta: _accepting(s, _heat_bath(s, pull, h, beta)),
        "Is the spin *flipped* with probability p_up? Or set to +1 with the probability of a flip? Both give this: set "
        "it to +1 with probability p_up, whatever it was, and else to -1.",
    ),
    _Mistake(
        "never set down",
        lambda s, pull, h, beta: np.where(s > 0, 1.0, _heat_bath(s, pull, h, beta)),
        "A spin that is up stays up: if it is not drawn up, set it to -1.",
    ),
    _Mistake(
        "never set up",
        lambda s, pull, h, beta: np.where(s > 0, _heat_bath(s, pull, h, beta), 0.0),
        "A spin that is down stays down: if it is drawn up, set it to +1.",
    ),
    _Mistake(
        "spin itself in the exponent",
        lambda s, pull, h, beta: _sigmoid(2 * beta * s * (pull + h)),
        "The exponent holds the spin itself, s_i b_i: heat bath forgets it, only the local field b_i counts.",
    ),
    _Mistake(
        "own spin in the field",
        lambda s, pull, h, beta: _heat_bath(s, pull + s, h, beta),
        "The spin itself was added to its local field.",
    ),
    _Mistake(
        "tanh instead of a probability",
        lambda s, pull, h, beta: np.clip(np.tanh(beta * (pull + h)), 0, 1),
        "tanh(beta b) is the *mean* of the spin; the probability of up is (1 + tanh(beta b)) / 2.",
    ),
    _Mistake(
        "along the field, always",
        lambda s, pull, h, beta: (pull + h > 0).astype(float),
        "Each spin is set along its local field for certain: that is T = 0. Draw it, with probability p_up.",
    ),
    _Mistake(
        "a fair coin",
        lambda s, pull, h, beta: np.full_like(pull, 0.5),
        "Each spin is drawn by a fair coin, whatever its neighbours do.",
    ),
    _Mistake(
        "Metropolis",
        _metropolis,
        "That is Metropolis: heat bath does not ask what the spin was before.",
    ),
    _Mistake(
        "exp of the field, cut at 1",
        lambda s, pull, h, beta: np.minimum(1, np.exp(2 * beta * (pull + h))),
        "The probability is min(1, exp(2 beta b)): divide by the sum of both weights, 1 / (1 + exp(-2 beta b)).",
    ),
]


# ---------------------------------------------------------------- orders: which spins have a turn, and what they see


def _law(order, rule, spins, J, h, beta):
    """Probabilities of all states after one sweep from ``spins``."""
    return ORDERS[order](_System(rule, spins, J, h, beta))


class _System:
    """One turn of each spin as a matrix; with ``stale`` fields those of the start, with ``stale`` spins both."""

    def __init__(self, rule, spins, J, h, beta):
        self.rule, self.spins, self.J, self.h, self.beta = rule, spins, J, h, beta
        self.n = len(spins)
        self.states = exact.states(self.n).astype(float)
        self.start = np.eye(2**self.n)[int((spins > 0) @ (1 << np.arange(self.n)))]

    def turn(self, i, stale=False):
        seen = np.broadcast_to(self.spins, self.states.shape) if stale else self.states
        up = np.asarray(
            self.rule(self.states[:, i], seen @ self.J[i], self.h[i] + np.zeros(len(seen)), self.beta), float
        )
        return self._turn(i, up)

    def turn_with_stale_cost(self, i):
        """The flip's probability is that of the start, whatever the spin is by now."""
        s = np.array([self.spins[i]], dtype=float)
        up = float(self.rule(s, np.array([self.spins @ self.J[i]]), self.h[[i]], self.beta)[0])
        flip = 1 - up if self.spins[i] > 0 else up
        return self._turn(i, _accepting(self.states[:, i], np.full(2**self.n, flip)))

    def turn_away_from_the_start(self, i):
        """As with stale cost, but a flip sets the spin to minus what it was at the start."""
        s = np.array([self.spins[i]], dtype=float)
        up = float(self.rule(s, np.array([self.spins @ self.J[i]]), self.h[[i]], self.beta)[0])
        now_up = self.states[:, i] > 0
        return self._turn(i, np.where(now_up, 1.0, up) if self.spins[i] < 0 else np.where(now_up, up, 0.0))

    def _turn(self, i, up):
        k, bit = np.arange(2**self.n), 1 << i
        matrix = np.zeros((2**self.n, 2**self.n))
        matrix[k, k | bit] += up
        matrix[k, k & ~bit] += 1 - up
        return matrix

    def in_turn(self, sites, turn=None):
        law = self.start
        for i in sites:
            law = law @ (turn or self.turn)(i)
        return law

    def at_random(self, sites, attempts, turn=None):
        mixed = sum((turn or self.turn)(i) for i in sites) / len(sites)
        return self.start @ np.linalg.matrix_power(mixed, attempts)


ORDERS = {
    "random": lambda m: m.at_random(range(m.n), m.n),
    "in turn": lambda m: m.in_turn(range(m.n)),
    "backwards": lambda m: m.in_turn(reversed(range(m.n))),
    "shuffled": lambda m: np.mean([m.in_turn(order) for order in permutations(range(m.n))], axis=0),
    "one attempt": lambda m: m.at_random(range(m.n), 1),
    "one too many": lambda m: m.at_random(range(m.n), m.n + 1),
    "one too few": lambda m: m.at_random(range(m.n), m.n - 1),
    "random, last left out": lambda m: m.at_random(range(m.n - 1), m.n),
    "random, last left out, one too few": lambda m: m.at_random(range(m.n - 1), m.n - 1),
    "random, first left out": lambda m: m.at_random(range(1, m.n), m.n),
    "random, first left out, one too few": lambda m: m.at_random(range(1, m.n), m.n - 1),
    "in turn, last left out": lambda m: m.in_turn(range(m.n - 1)),
    "in turn, first left out": lambda m: m.in_turn(range(1, m.n)),
    "first only": lambda m: m.in_turn([0]),
    "one site for all": lambda m: np.mean([m.in_turn([i] * m.n) for i in range(m.n)], axis=0),
    "all at once": lambda m: m.in_turn(range(m.n), lambda i: m.turn(i, stale=True)),
    "random, stale fields": lambda m: m.at_random(range(m.n), m.n, lambda i: m.turn(i, stale=True)),
    "random, stale costs": lambda m: m.at_random(range(m.n), m.n, m.turn_with_stale_cost),
    "random, away from the start": lambda m: m.at_random(range(m.n), m.n, m.turn_away_from_the_start),
    "one number for all": lambda m: _one_number_for_all(m),
}


def _one_number_for_all(system):
    """The same random number u decides for all spins: between two values of u at which a decision turns, all is set."""
    turns = [system.turn(i) for i in range(system.n)]
    edges = np.unique(np.concatenate([[0.0, 1.0], *(turn[turn > 0] for turn in turns)]))
    law = 0.0
    for low, high in pairwise(edges):
        decided = []
        for i, turn in enumerate(turns):
            k = np.arange(len(turn))
            up = turn[k, k | 1 << i] > (low + high) / 2
            decided.append(system._turn(i, up.astype(float)))
        law = law + (high - low) * system.in_turn(range(system.n), lambda i, decided=decided: decided[i])
    return law


_STALE = (
    "The local fields are those from before the sweep: after each flip its neighbours feel something else, so compute "
    "the field of a spin when it has its turn."
)

METROPOLIS_ORDERS = [
    _Mistake(
        "sites in order",
        "in turn",
        "The sites were taken in order: pick one at random for each attempt. In a fixed order Metropolis can be caught "
        "in a loop (section 5).",
    ),
    _Mistake("sites in order", "backwards", "The sites were taken in order, from the last one: pick one at random."),
    _Mistake(
        "each site once",
        "shuffled",
        "Each site was tried exactly once, in random order: every attempt picks any of the N sites, so that one may "
        "come twice and another not at all.",
    ),
    _Mistake("stale fields", "random, stale fields", _STALE),
    _Mistake("stale fields", "random, stale costs", _STALE),
    _Mistake("stale fields", "random, away from the start", _STALE),
    _Mistake("stale fields", "all at once", f"All spins were decided at once. {_STALE}"),
    _Mistake("one attempt only", "one attempt", "That is one attempt: a sweep is N of them, N the number of spins."),
    _Mistake("one attempt too many", "one too many", "That is one attempt more than the N of a sweep."),
    _Mistake("one attempt too few", "one too few", "That is one attempt less than the N of a sweep."),
    *(
        _Mistake(
            "last spin never updated",
            order,
            "The last spin is never picked: rng.integers(N) draws from 0 to N - 1, its end is left out already.",
        )
        for order in ("random, last left out", "random, last left out, one too few", "in turn, last left out")
    ),
    *(
        _Mistake(
            "first spin never updated",
            order,
            "The first spin is never picked: the sites are numbered from 0.",
        )
        for order in ("random, first left out", "random, first left out, one too few", "in turn, first left out")
    ),
    _Mistake(
        "one site for all attempts",
        "one site for all",
        "All attempts of a sweep went to the same site: pick a new one inside the loop.",
    ),
]

HEAT_BATH_ORDERS = [
    _Mistake("stale fields", "all at once", f"All spins were drawn at once. {_STALE}"),
    _Mistake("stale fields", "random, stale fields", _STALE),
    _Mistake(
        "sites at random",
        "random",
        "The sites were picked at random: that keeps the Boltzmann law, too, but here each spin has its turn, from the "
        "first to the last.",
    ),
    _Mistake(
        "each site once, shuffled",
        "shuffled",
        "The sites were taken in random order: that keeps the Boltzmann law, too, but here go from the first to the "
        "last.",
    ),
    _Mistake(
        "backwards",
        "backwards",
        "The sites were taken from the last to the first: that keeps the Boltzmann law, too, but go the other way.",
    ),
    _Mistake("last spin never updated", "in turn, last left out", "The last spin never has its turn."),
    _Mistake("first spin never updated", "in turn, first left out", "The first spin never has its turn: start at 0."),
    _Mistake("first spin only", "first only", "Only the first spin was drawn: does the return stand inside the loop?"),
    _Mistake(
        "one spin only", "one attempt", "Only one spin was drawn, at a random site: each has its turn in a sweep."
    ),
    _Mistake(
        "one random number for all",
        "one number for all",
        "One random number decided for all spins: draw a new one for each, inside the loop.",
    ),
]


# ---------------------------------------------------------------- what a right law does not show


def _overflows(function):
    """Whether a strong coupling makes the exponential overflow."""
    J, h = 800 * ising.chain(2, periodic=False), np.zeros(2)
    rng = np.random.default_rng(SEED)
    try:
        with np.errstate(over="raise"):
            for _ in range(30):
                function(np.array([1, -1]), J, h, 1.0, rng)
    except (OverflowError, FloatingPointError):
        return _Mistake(
            "overflow",
            None,
            "at J = 800 a flip that goes far downhill makes exp overflow. Ask for cost <= 0 first, or take "
            "exp(-beta max(cost, 0)).",
        )
    except Exception as error:
        return _Mistake(
            "fails at strong couplings", None, f"at J = 800 your function raised {type(error).__name__}: {error}."
        )
    return None


def _keeps_its_own_numbers(function):
    """Whether two runs from generators in the same state differ."""
    spins, J, h, beta = _sweep_cases()[2].arguments
    first, second = (
        [np.array(function(spins.copy(), J.copy(), h.copy(), beta, rng)) for _ in range(30)]
        for rng in (np.random.default_rng(SEED), np.random.default_rng(SEED))
    )
    if np.array_equal(first, second):
        return None
    return _Mistake(
        "own random numbers",
        None,
        "the same rng gives another result each time, so nobody can repeat your run: draw all random numbers from rng.",
    )


# ---------------------------------------------------------------- series of known autocorrelation time


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


def _mistakes_with_a_series(right):
    """What students do in Exercise 3; ``right(x)`` is the library's time."""

    def close(given, exact):
        return agree(given, exact, SERIES_TOLERANCE)

    def wrong_only(is_the_odd_one, ratio_in=None):
        """Right but for one series, where it is wrong by a factor between the two numbers, or anything, NaN too."""

        def explains(given, x):
            if is_the_odd_one(x):
                in_range = ratio_in is None or ratio_in[0] < given / right(x) < ratio_in[1]
                return in_range and not close(given, right(x))
            return close(given, right(x))

        return explains

    def scaled(x):
        return x.var() > 2

    def shifted(x):
        return x.mean() > 1

    def everywhere(value):
        return lambda given, x: given == value

    def all_lags(given, x):
        """All terms, or half of them; whatever stands for rho(0), and divided by n - t or n; exact but for round-off.

        A single number cannot be told from noise by 6 %: with the series' own mean the sum may be anything about -1/2.
        """
        n = len(x)
        sums = [np.cumsum(rho[1:])[[n // 2 - 2, n // 2 - 1, -2, -1]] for rho in (_rho(x), _rho(x, divide_by_n=True))]
        firsts = np.array([0.0, 0.5, 1.0])[:, None]
        return np.any(np.abs(given - (firsts + np.concatenate([*sums, [-1.0]]))) < 1e-8)

    def one_slope(given, x):
        """Told from rho(1) as if rho(t) = rho(1)^t, where rho(1) is not just noise."""
        first = _rho(x)[1]
        return first < 0.05 or close(given, -1 / np.log(first)) or close(given, 0.5 + first / (1 - first))

    def fixed(lags):
        return lambda x: 0.5 + _rho(x)[1 : lags + 1].sum()

    half = "rho(0) = 1 counts by half, since the other terms stand for two directions in time, t and -t:"
    half_forgotten = f"{half} begin with 1/2 and add the sum over t >= 1."
    mistakes = [
        (
            "twice the time",
            "That is twice the time: 1 + 2 sum is another convention, the factor by which the variance of the mean "
            "grows. Here tau = 1/2 + sum, and independent draws have 1/2.",
            lambda x: 2 * right(x),
        ),
        (
            "only the sum doubled",
            "The sum counts twice, the 1/2 once: tau = 1/2 + sum. (1 + 2 sum, twice tau, is the factor by which the "
            "variance of the mean grows.)",
            lambda x: _windowed(x, weight=2),
            lambda x: 2 * right(x) - 0.5,
        ),
        ("half forgotten", half_forgotten, lambda x: _windowed(x, first=0.0), lambda x: right(x) - 0.5),
        (
            "lag 0 counted twice",
            "rho(0) = 1 was added to the 1/2 that stands for it: begin the sum at t = 1.",
            lambda x: _windowed(x, first=1.5),
            lambda x: right(x) + 1,
        ),
        (
            "whole first term",
            f"{half} 1/2 + the sum over t >= 1, not 1 + it.",
            lambda x: _windowed(x, first=1.0),
            lambda x: right(x) + 0.5,
        ),
        (
            "half the time",
            "That is half the time: tau = 1/2 + sum.",
            lambda x: right(x) / 2,
        ),
        (
            "first lag left out",
            "rho(1) is missing from the sum: is t made larger before the first term is added?",
            lambda x: _windowed(x, begin=2),
            lambda x: right(x) - _rho(x)[1],
        ),
        ("first lag only", "Only the first lag was counted: go on until the window closes.", fixed(1)),
        (
            "window too short",
            "The sum ends too early: stop at the first t that is at least *5 times* the sum so far, not at the sum.",
            lambda x: _windowed(x, window=1.0),
        ),
        *(
            (
                "fixed number of lags",
                f"That is 1/2 and the first {lags} terms or so, for every series: stop where t is at least 5 times the "
                "sum so far, which is soon for independent draws and late for slow ones.",
                fixed(lags),
            )
            for lags in (2, 3, 4, 5, 10, 50, 100, 200, 500, 1000)
        ),
        (
            "effective sample size",
            "That is the number of independent draws that the series is worth, n / (2 tau): return tau itself.",
            lambda x: len(x) / (2 * right(x)),
        ),
    ]
    return [
        Symptom(
            "half forgotten",
            everywhere(0.0),
            "No term was added: if the sum begins at 0, its window, 5 times the sum, is closed at once. "
            f"{half_forgotten}",
        ),
        Symptom(
            "no term added",
            everywhere(0.5),
            "That is 1/2, the beginning, for every series: no rho was added to it. At t = 1 the window is still open, "
            "since 1 is less than 5 times 1/2.",
        ),
        Symptom(
            "no window",
            all_lags,
            "The sum went on through far lags. They are noise, and with the series' own mean all lags add up to about "
            "-1/2: stop at the first t that is at least 5 times the sum so far.",
        ),
        Symptom(
            "divided by the standard deviation",
            wrong_only(scaled, (2, 4)),
            "The covariance was divided by the standard deviation: rho(t) is the covariance at distance t divided by "
            "the one at 0, which is the variance.",
        ),
        Symptom(
            "variance forgotten",
            wrong_only(scaled, (6, 12)),
            "The variance was forgotten: rho(t) is the covariance at distance t divided by the one at 0, so that "
            "rho(0) = 1.",
        ),
        Symptom(
            "mean not subtracted",
            wrong_only(shifted),
            "The same draws around 0 come out right, so the mean was not subtracted everywhere: rho is the correlation "
            "of x minus its mean.",
        ),
        Symptom(
            "one slope for all",
            one_slope,
            "That is told from rho(1), as if rho(t) were rho(1)^t: it is right for one kind of series only. Sum rho "
            "instead.",
        ),
        *(Misconception(name, answer, says) for name, says, *answers in mistakes for answer in answers),
    ]


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
