"""Checks of lesson 03, MCMC and burn-in.

A sampler is tested against the exact law of one sweep: from a fixed start it is called some thousand times, and the
states it ends in are counted. A known mistake has an exact law, too; the one that fits the counts is named.
"""

import time
from dataclasses import dataclass
from itertools import pairwise, permutations, product

import numpy as np

from course_lib import diagnostics, exact, ising
from course_lib.checks import AnswerError, Case, Misconception, Symptom, Verdict, answers_of, as_numbers, judge, say

SERIES = 53  # seed of the series of exercise 3, on which windows from 4 to 10 tau, and others in use, agree within 5 %
SEED = 3  # the same systems and random numbers each time, so that a check run again says the same
SWEEPS = 4000  # a case; slower functions make fewer
SECONDS = 1.2  # for all cases together
FEWEST = 800  # below that some mistakes could not be told apart

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
    Not yet: for ... That is twice the time: ...
    """
    series = _series()
    cases = [Case(name, (x,)) for name, (x, _) in series.items()]
    known = {x.tobytes(): tau for x, tau in series.values()}

    def describe(given, exact, x):
        true = known[x.tobytes()]
        return f"you give {given:.4g}; the library finds {exact:.4g} on the same series, and the truth is {true:.4g}"

    def total(x, first, until=None):
        """Terms rho(0) / 2 or what ``first`` says, plus rho(1) to rho(until - 1)."""
        rho = _rho(x)
        return first + rho[1 : until or _window(rho)].sum()

    def all_lags(x, divide_by_n):
        rho = _rho(x, divide_by_n=divide_by_n)
        return 0.5 + rho[1:].sum()

    def ratio(given, x):
        return given / diagnostics.autocorrelation_time(x)

    def variance_forgotten(given, x):
        return 0.7 * x.var() < ratio(given, x) < 1.3 * x.var()

    def mean_not_subtracted(given, x):
        plain = abs(x.mean()) < 0.1
        return 0.9 < ratio(given, x) < 1.1 if plain else not 0.5 < ratio(given, x) < 2

    no_window = (
        "All lags were summed. The far ones are noise, and with the series' own mean they even add up to just -1/2: "
        "stop at the first t that is at least 5 times the sum so far."
    )
    mean = "The mean was not subtracted: rho is the correlation of x minus its mean."
    variance = (
        "The variance was forgotten: rho(t) is the covariance at distance t divided by the one at 0, so rho(0) = 1."
    )
    half = "rho(0) = 1 counts by half, since the other terms stand for two directions in time, t and -t:"
    return judge(
        function,
        cases,
        diagnostics.autocorrelation_time,
        [
            Misconception(
                "twice the time",
                lambda x: 2 * total(x, 0.5),
                "That is twice the time: 1 + 2 sum is another convention, the factor by which the variance of the mean "
                "grows. Here tau = 1/2 + sum, and independent draws have 1/2.",
            ),
            Misconception("half forgotten", lambda x: total(x, 0.0), f"{half} add 1/2 to the sum over t >= 1."),
            Misconception(
                "whole first term", lambda x: total(x, 1.0), f"{half} 1/2 + the sum over t >= 1, not 1 + it."
            ),
            Misconception("half the time", lambda x: 0.5 * total(x, 0.5), "That is half the time."),
            Misconception("no window", lambda x: all_lags(x, divide_by_n=True), no_window),
            Misconception("no window", lambda x: all_lags(x, divide_by_n=False), no_window),
            Symptom("variance forgotten", variance_forgotten, variance),
            Symptom("mean not subtracted", mean_not_subtracted, mean),
            Misconception(
                "first lag only",
                lambda x: total(x, 0.5, until=2),
                "Only the first lag was counted: go on until the window closes.",
            ),
            Symptom(
                "one slope for all",
                _is_exponential_time,
                "That is -1 / log rho(1), the time of a single exponential decay: it is right for one kind of series "
                "only. Sum rho instead.",
            ),
        ],
        tested_on=f"{len(cases)} series of known autocorrelation time, to 6 % of the library's value on each",
        expected="one number",
        describe=describe,
        tolerance=0.06,
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
        return np.asarray(n if n - 1e-6 <= given <= n + 1 else given)  # rounded up to whole sweeps is right, too

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
        tested_on=f"{len(cases)} runs, exact or rounded up to whole sweeps",
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
    if all(np.all((run == 0) | (run == 1)) for run in runs) and any(np.any(run == 0) for run in runs):
        return say("not yet", "Not yet: the spins come out as 0 and 1; they are +1 and -1 here.", "zeros and ones")
    for run, case in zip(runs, cases, strict=True):
        odd = run[np.abs(run) != 1]
        if odd.size:
            return say("not yet", f"Not yet: for {case.name} your spins hold {odd[0]:g}: they are +1 or -1.")
    if min(len(run) for run in runs) < FEWEST:
        slow = max(1e3 * SECONDS / len(cases) / len(run) for run in runs)
        return say(
            "not yet",
            f"Not yet: a sweep of three spins takes {slow:.1g} ms, too long to be tried often enough; the cost of a "
            "flip needs one row of J, not whole energies.",
        )

    counts = [_count(run) for run in runs]
    order, rule = right
    laws = [_law(order, rule, *case.arguments) for case in cases]
    if _fit(counts, laws):
        found = next(filter(None, (look(function) for look in last_looks)), None)
        if found:
            return say("not yet", f"Not yet: every probability is right, but {found.says}", found.name)
        return say(
            "right",
            f"Right. Tested on {len(cases)} systems of 2 and 3 spins, {min(len(run) for run in runs)} sweeps each, "
            "against the exact law of one sweep.",
        )
    seen = f"Not yet: for {_largest_contradiction(counts, laws, cases)}."
    # One mistake first, then one in the rule and one in the order at once.
    for wrong in (
        *(((order, mistake.how), (mistake,)) for mistake in rules),
        *(((mistake.how, rule), (mistake,)) for mistake in orders),
        *(((second.how, first.how), (first, second)) for first, second in product(rules, orders)),
    ):
        (its_order, its_rule), mistakes = wrong
        if _fit(counts, (_law(its_order, its_rule, *case.arguments) for case in cases)):
            says = " ".join(mistake.says for mistake in mistakes)
            both = "Two mistakes at once. " if len(mistakes) > 1 else ""
            return say("not yet", f"{seen} {both}{says}", " and ".join(mistake.name for mistake in mistakes))
    if all(np.all(run == run[0]) for run in runs):
        return say(
            "not yet",
            f"{seen} Every sweep from this start ends the same: is a generator with a fixed seed made inside the "
            "function? Use the rng that is passed in.",
            "the same random numbers each time",
        )
    return say("not yet", seen)


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
        "Every proposal is accepted: compare a random number between 0 and 1 with exp(-beta cost).",
    ),
    _Mistake(
        "accept test inverted",
        _with_acceptance(lambda x: 1 - _boltzmann(x)),
        "The test is turned round: accept when the random number is *below* exp(-beta cost), so that a flip which "
        "costs nothing is always accepted.",
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
        "The cost is twice too large: each pair was counted twice.",
    ),
    _Mistake(
        "field forgotten",
        lambda s, pull, h, beta: _metropolis(s, pull, 0 * h, beta),
        "The field h_i is missing from the cost.",
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
        "factor 2 forgotten and beta forgotten",
        lambda s, pull, h, beta: _heat_bath(s, pull, h, 0.5),
        "Two mistakes at once: the exponent is -2 beta b, and yours is -b.",
    ),
    _Mistake(
        "flip instead of draw",
        lambda s, pull, h, beta: _accepting(s, _heat_bath(s, pull, h, beta)),
        "With probability p_up the spin is *flipped*: it should be set to +1, whatever it was, and else to -1.",
    ),
    _Mistake(
        "never set down",
        lambda s, pull, h, beta: np.where(s > 0, 1.0, _heat_bath(s, pull, h, beta)),
        "A spin that is up stays up: if it is not drawn up, set it to -1.",
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
        "That is Metropolis, in the order of the sites: heat bath does not ask what the spin was before.",
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
    """Name -> series and its exact tau."""
    rng = np.random.default_rng(SERIES)

    def remembering(n, phi):
        """x_t = phi x_{t-1} + noise, of variance 1, from its own law."""
        x, noise = np.empty(n), np.sqrt(1 - phi**2) * rng.normal(size=n)
        x[0] = rng.normal()
        for t in range(1, n):
            x[t] = phi * x[t - 1] + noise[t]
        return x

    n = 20_000
    return {
        "independent draws": (rng.normal(size=n), 0.5),
        "draws that keep 0.8 of the last one, mean 2, variance 9": (2 + 3 * remembering(n, 0.8), 0.5 + 0.8 / 0.2),
        "draws that keep 0.8 of the last one, half hidden in noise": (
            (remembering(n, 0.8) + rng.normal(size=n)) / np.sqrt(2),
            0.5 + 0.5 * 0.8 / 0.2,
        ),
    }


def _rho(x, mean=None, divide_by_n=False):
    """Correlation at distance t, for all t."""
    centred = x - (x.mean() if mean is None else mean)
    n = len(x)
    covariance = np.fft.irfft(np.abs(np.fft.rfft(centred, 2 * n)) ** 2)[:n]
    covariance = covariance / (n if divide_by_n else n - np.arange(n))
    return covariance / covariance[0]


def _window(rho):
    sums = np.cumsum(rho) - 0.5
    closed = np.flatnonzero(np.arange(len(rho)) >= 5 * sums)
    return closed[0] + 1 if len(closed) else len(rho)


def _is_exponential_time(given, x):
    """Whether it is -1 / log rho(1), where rho(1) is not just noise."""
    first = _rho(x)[1]
    return first < 0.05 or abs(-given * np.log(first) - 1) < 0.06
