"""A sweep of a sampler against its exact law.

From a fixed start the student's sweep is called some thousand times, and the states it ends in are counted. A known
mistake has an exact law, too; the one that fits the counts is named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise, permutations, product

import numpy as np

from course_lib import exact
from course_lib.classroom.checks.answers import AnswerError, Case, Seed, answers_of, as_numbers
from course_lib.classroom.checks.draws import repeated, rng_decides_nothing
from course_lib.classroom.checks.exercise import Exercise, Mistake
from course_lib.classroom.checks.verdict import Verdict, say

SEED = 3  # the same systems and random numbers each time, so that a check run again says the same
SWEEPS = 4000  # a case; slower functions make fewer
SECONDS = 1.2  # for all cases together
FEWEST = 800  # below that mistakes may be taken for each other: none is named then
SURE = 2000  # from there on no mistake outside the lists, of those tried, was taken for one of them

# A count k of n is taken to contradict probability p if n KL(k/n || p) is above this. By Chernoff's bound a right
# function does so, anywhere among the 24 states of the four cases and on either side, with probability below 1e-7.
CONTRADICTION = np.log(2 * 24 / 1e-7)


# ---------------------------------------------------------------- exact laws


class Sweep:
    """All that a sweep from one start may be, as exact laws of the state it ends in; a turn of a spin is a matrix.

    Parameters
    ----------
    rule : callable
        ``rule(s, pull, h, beta)``: how likely a spin is up after its turn, if it is s now, its neighbours pull it with
        sum_j J_ij s_j, and h is its field.
    spins : array of +-1, shape (N,)
        The start.
    J, h, beta : the system

    Examples
    --------
    >>> def fair_coin(s, pull, h, beta):
    ...     return np.full_like(pull, 0.5)
    >>> sweep = Sweep(fair_coin, np.array([1, 1]), np.zeros((2, 2)), np.zeros(2), 1.0)
    >>> sweep.in_turn(), sweep.in_turn([0])  # states --, +-, -+, ++
    (array([0.25, 0.25, 0.25, 0.25]), array([0. , 0. , 0.5, 0.5]))
    """

    def __init__(self, rule, spins, J, h, beta):
        self._rule, self._spins, self._J, self._h, self._beta = rule, spins, J, h, beta
        self.n = len(spins)
        self._states = exact.states(self.n).astype(float)
        self._start = np.all(self._states == spins, axis=1).astype(float)

    def in_turn(self, sites=None, turn=None) -> np.ndarray:
        """Probabilities of all states after turns of these sites, by default all from the first to the last."""
        law = self._start
        for i in range(self.n) if sites is None else sites:
            law = law @ (turn or self.turn)(i)
        return law

    def at_random(self, sites=None, attempts=None, turn=None) -> np.ndarray:
        """Probabilities of all states after N attempts, or another number, each at a random one of these sites."""
        sites = range(self.n) if sites is None else sites
        mixed = sum((turn or self.turn)(i) for i in sites) / len(sites)
        return self._start @ np.linalg.matrix_power(mixed, self.n if attempts is None else attempts)

    def backwards(self) -> np.ndarray:
        """Probabilities of all states after a turn of each site, from the last to the first."""
        return self.in_turn(reversed(range(self.n)))

    def shuffled(self) -> np.ndarray:
        """Probabilities of all states after a turn of each site, in random order."""
        return np.mean([self.in_turn(order) for order in permutations(range(self.n))], axis=0)

    def one_number_for_all(self) -> np.ndarray:
        """Probabilities of all states if one random number u decides for each spin in turn.

        Between two values of u at which a decision turns, all is settled.
        """
        up = [self._up(i, self._states[:, i], self._states) for i in range(self.n)]
        edges = np.unique(np.concatenate([[0.0, 1.0], *up]))
        return sum(
            (high - low) * self.in_turn(turn=lambda i, u=(low + high) / 2: self._decided(i, up[i] > u))
            for low, high in pairwise(edges)
        )

    def turn(self, i) -> np.ndarray:
        """Spin i decides by what its neighbours are now."""
        return self._decided(i, self._up(i, self._states[:, i], self._states))

    def turn_with_stale_field(self, i) -> np.ndarray:
        """Spin i decides by what its neighbours were at the start."""
        return self._decided(i, self._up(i, self._states[:, i], np.broadcast_to(self._spins, self._states.shape)))

    def turn_with_stale_cost(self, i) -> np.ndarray:
        """Spin i flips as likely as at the start, whatever it is by now."""
        flip = self._flip_at_start(i)
        return self._decided(i, np.where(self._states[:, i] > 0, 1 - flip, flip))

    def turn_away_from_the_start(self, i) -> np.ndarray:
        """As with stale cost, but a flip sets the spin to minus what it was at the start."""
        flip, to_up = self._flip_at_start(i), self._spins[i] < 0
        return self._decided(i, np.where(self._states[:, i] > 0, 1 - flip * (not to_up), flip * to_up))

    def _up(self, i, s, seen):
        return self._rule(s, seen @ self._J[i], self._h[i], self._beta)

    def _flip_at_start(self, i):
        up = float(self._up(i, self._spins[[i]].astype(float), self._spins[None])[0])
        return 1 - up if self._spins[i] > 0 else up

    def _decided(self, i, up):
        k, bit = np.arange(2**self.n), 1 << i
        matrix = np.zeros((2**self.n, 2**self.n))
        matrix[k, k | bit] += up
        matrix[k, k & ~bit] += 1.0 - up
        return matrix


# ---------------------------------------------------------------- counts


def _sweep_cases():
    """Couplings, fields and temperatures at which the known mistakes differ most; simplest first."""
    systems = [
        ([[0, 0.5], [0.5, 0]], [0.0, 0.4], 1.0, [1, -1]),
        ([[0, 0.9], [0.9, 0]], [0.7, -0.4], 0.5, [1, 1]),
        ([[0, 0.6, -0.3], [0.6, 0, 0.5], [-0.3, 0.5, 0]], [0.5, -0.3, 0.2], 1.5, [1, 1, -1]),
        ([[0, -0.7, 0.4], [-0.7, 0, 0.8], [0.4, 0.8, 0]], [-0.4, 0.3, 0.6], 0.6, [-1, 1, 1]),
    ]
    return [
        Case(
            f"{len(h)} spins from ({_signs(spins)}) at beta = {beta:g}",
            (np.array(spins), np.array(J, dtype=float), np.array(h), beta, Seed(SEED + k)),
        )
        for k, (J, h, beta, spins) in enumerate(systems)
    ]


def _from_all_starts(case):
    """The system of a case from each of its states."""
    _, *system = case.arguments
    return [Case(case.name, (start, *system)) for start in exact.states(len(system[1])).astype(int)]


def _signs(spins):
    return " ".join("+" if s > 0 else "-" for s in spins)


def _sweeps(function, cases, most, fewest=1, seconds=np.inf):
    """The states after sweeps from the start of each case, as one row each."""

    def call(function, spins, J, h, beta, rng):
        draws = repeated(function, (spins, J, h, beta), rng, most=most, fewest=fewest, seconds=seconds)
        return None if draws[0] is None else draws

    def read(draws, spins, *_):
        odd = {np.shape(after) for after in draws} - {spins.shape}
        if odd:
            raise AnswerError(f"your function returned an array of shape {odd.pop()}, not {spins.shape}")
        return as_numbers(draws)

    return answers_of(function, cases, read, expected="the spins after the sweep, N numbers +1 or -1", call=call)


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


def _fits(counts, law):
    return _evidence(counts, law).max() <= CONTRADICTION


def _law(case, slips, rule, order):
    """Probabilities of all states after a sweep in the case."""
    spins, J, h, beta, _ = case.arguments
    for slip in slips:
        J, h = slip(J, h, beta)
    return order(Sweep(rule, spins, J, h, beta))


# ---------------------------------------------------------------- the exercise

ZEROS_AND_ONES = Mistake("zeros and ones", says="the spins come out as 0 and 1; they are +1 and -1 here.")


@dataclass(frozen=True)
class SweepExercise:
    """A check of one sweep of a sampler: as an `Exercise` it prints one line and returns a `Verdict`.

    Parameters
    ----------
    asks : str
        As of an `Exercise`; the student's function is ``(spins (N,), J (N, N), h (N,), beta, rng) -> (N,)``.
    rule : callable
        The right rule for one spin, see `Sweep`.
    order : callable
        The right order of the spins: ``order(sweep)``, given a `Sweep`, is the law of the state it ends in.
    slips, rules, orders : sequences of Mistake
        Each ``returns`` a wrong one of three: J and h as they act, given ``(J, h, beta)``; the rule; the order. Two
        may be found together.
    last_looks : sequence of callables
        As of an `Exercise`.

    Examples
    --------
    >>> coins = SweepExercise(
    ...     "1, ``my_coins(spins, J, h, beta, rng) -> (N,)``: each spin in turn by a fair coin",
    ...     rule=lambda s, pull, h, beta: np.full_like(pull, 0.5),
    ...     order=Sweep.in_turn,
    ...     orders=[Mistake("first spin only", lambda sweep: sweep.in_turn([0]), "The other spins wait in vain.")],
    ... )
    >>> verdict = coins(lambda spins, J, h, beta, rng: [rng.choice([-1, 1]), *spins[1:]])  # doctest: +ELLIPSIS
    Not yet: for 2 spins from (+ -) at beta = 1 a sweep ends in (- +) with ... The other spins wait in vain.
    """

    asks: str
    rule: Callable
    order: Callable
    slips: Sequence[Mistake] = ()
    rules: Sequence[Mistake] = ()
    orders: Sequence[Mistake] = ()
    last_looks: Sequence[Callable] = ()

    __post_init__ = Exercise.__post_init__  # the name and the docstring of what it asks

    @property
    def mistakes(self) -> tuple:
        """All that are known."""
        return (*self.slips, *self.rules, *self.orders, ZEROS_AND_ONES)

    def __call__(self, function) -> Verdict:
        """Compare the states that a student's function ends in with the exact law, and with those of known mistakes."""
        try:
            return self._judged(function)
        except NotImplementedError as stub:
            return say("your turn", str(stub) or "your turn")
        except AnswerError as error:
            return say("not yet", f"Not yet: {error}")

    def _judged(self, function):
        cases = _sweep_cases()
        runs = _sweeps(function, cases, SWEEPS, fewest=2, seconds=SECONDS / len(cases))
        if np.unique(np.concatenate(runs, axis=None)).tolist() == [0, 1]:
            return _not_yet(ZEROS_AND_ONES)
        for run, case in zip(runs, cases, strict=True):
            odd = run[np.abs(run) != 1]
            if odd.size:
                raise AnswerError(f"for {case.name} your spins hold {odd[0]:g}: they are +1 or -1.")
        counts = [(case, _count(run)) for case, run in zip(cases, runs, strict=True)]
        is_right, fewest = self._explain(counts), min(map(len, runs))
        if fewest < FEWEST and (not is_right or self._single_mistakes(counts)):
            raise AnswerError(
                f"a sweep of three spins takes {1e3 * SECONDS / len(cases) / fewest:.1g} ms, too long to be tried "
                "often enough; the cost of a flip needs one row of J, not whole energies."
            )
        if not is_right:
            return self._explained(function, counts, fewest)
        found = next(filter(None, (look(function) for look in self.last_looks)), None)
        if found:
            return _not_yet(found)
        tested_on = f"{len(cases)} systems of 2 and 3 spins, {fewest} sweeps each, against the exact law of one sweep"
        return say("right", f"Right. Tested on {tested_on}.")

    def _explained(self, function, counts, fewest):
        """The verdict on counts that contradict the right law: where they do, and the mistakes that fit."""
        seen = f"for {self._largest_contradiction(counts)}."
        always_the_same = all(k.max() == k.sum() for _, k in counts)
        if always_the_same:
            # A fixed seed ends somewhere, and so may a mistake without chance: from one start they can look alike.
            starts = [start for case, _ in counts for start in _from_all_starts(case)]
            once = [_count(run) for run in _sweeps(function, starts, most=1)]
            counts = [*counts, *zip(starts, once, strict=True)]
        mistakes = self._mistakes_in(counts)
        if mistakes:
            likely = "" if fewest >= SURE else f" In {fewest} sweeps, all there was time for, it looks like this:"
            both = " Two mistakes at once." if len(mistakes) > 1 else ""
            return _not_yet(*mistakes, seen=f"{seen}{likely}{both} ")
        if always_the_same:
            return _not_yet(
                rng_decides_nothing("Every sweep from this start ends the same", "decision"), seen=f"{seen} "
            )
        return say("not yet", f"Not yet: {seen}")

    def _largest_contradiction(self, counts):
        """The first case that fails, and in it the state that is farthest off."""
        laws = ((case, k, _law(case, (), self.rule, self.order)) for case, k in counts)
        case, k, law = next(each for each in laws if not _fits(*each[1:]))
        state, n = int(np.argmax(_evidence(k, law))), k.sum()
        share = k[state] / n
        error = np.sqrt(max(share * (1 - share), 1 / n) / n)
        return (
            f"{case.name} a sweep ends in ({_signs(exact.states(len(case.arguments[0]))[state])}) with probability "
            f"{share:.3f} +- {error:.3f}, exact is {law[state]:.3f}"
        )

    def _mistakes_in(self, counts):
        """One mistake, or else two; of several pairs that fit, what they share."""
        single = self._single_mistakes(counts)
        if single:
            return single[:1]
        kinds = self.slips, self.rules, self.orders
        pairs = [*combinations(self.slips, 2), *chain(*(product(*two) for two in combinations(kinds, 2)))]
        fitting = [pair for pair in pairs if self._explain(counts, *pair)]
        return [m for m in fitting[0] if all(m in pair for pair in fitting)] if fitting else []

    def _single_mistakes(self, counts):
        return [m for m in self.mistakes[:-1] if self._explain(counts, m)]

    def _explain(self, counts, *mistakes):
        """Whether a sweep with these mistakes fits all counts."""
        slips = product(*(m.ways for m in mistakes if m in self.slips))
        rules = next((m.ways for m in mistakes if m in self.rules), [self.rule])
        orders = next((m.ways for m in mistakes if m in self.orders), [self.order])
        return any(all(_fits(k, _law(case, *way)) for case, k in counts) for way in product(slips, rules, orders))


def _not_yet(*mistakes, seen=""):
    says = " ".join(mistake.says for mistake in mistakes)
    return say("not yet", f"Not yet: {seen}{says}", " and ".join(mistake.name for mistake in mistakes))
