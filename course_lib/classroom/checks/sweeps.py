"""A sweep of a sampler against its exact law.

From a fixed start the student's sweep is called some thousand times, and the states it ends in are counted. A known
mistake has an exact law, too; the one that fits the counts is named. Where none does, simpler systems tell where to
look: a spin alone, then spins without couplings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise, permutations, product

import numpy as np

from course_lib import exact
from course_lib.classroom.checks.answers import AnswerError, Case, Seed, answers_of, as_numbers
from course_lib.classroom.checks.draws import repeated, rng_decides_nothing
from course_lib.classroom.checks.exercise import Check, Mistake
from course_lib.classroom.checks.verdict import say

SEED = 3  # the same systems and random numbers each time, so that a check run again says the same
SWEEPS, PROBES = 4000, 1500  # for each case, and for each of the simpler systems; slower functions make fewer
SECONDS = 1.1  # for all cases together
FEWEST = 400  # below that mistakes may be taken for each other: none is named then
SURE = 2000  # from there on no mistake outside the lists, of those tried, was taken for one of them

# Evidence against a law is n KL(counts / n || law), summed over cases. Its moment generating function is at most that
# of a gamma variable of shape K - 1, K outcomes (Agrawal, IEEE Transactions on Information Theory 66, 6297, 2020). So
# with d = 20, for the four cases together, a right function has more than this with probability below 1e-7:
# exp(d - x) (x / d)^d = 1e-7.
CONTRADICTION = 57.1
QUANTILE = 4.0  # standard deviations up to which a known mistake may miss its law and is still named


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
        self._rule, self._spins, self.system = rule, spins, (J, h, beta)
        self.n = len(spins)
        self.states = exact.states(self.n).astype(float)
        self.start = np.all(self.states == spins, axis=1).astype(float)

    def in_turn(self, sites=None, turn=None) -> np.ndarray:
        """Probabilities of all states after turns of these sites, by default all from the first to the last."""
        law = self.start
        for i in range(self.n) if sites is None else sites:
            law = law @ (turn or self.turn)(i)
        return law

    def attempt(self, sites=None, turn=None) -> np.ndarray:
        """The matrix of one attempt at a random one of these sites."""
        sites = range(self.n) if sites is None else sites
        return sum((turn or self.turn)(i) for i in sites) / len(sites)

    def at_random(self, sites=None, attempts=None, turn=None) -> np.ndarray:
        """Probabilities of all states after N attempts, or another number."""
        power = np.linalg.matrix_power(self.attempt(sites, turn), self.n if attempts is None else attempts)
        return self.start @ power

    def backwards(self) -> np.ndarray:
        """Probabilities of all states after a turn of each site, from the last to the first."""
        return self.in_turn(reversed(range(self.n)))

    def shuffled(self) -> np.ndarray:
        """Probabilities of all states after a turn of each site, in random order."""
        return np.mean([self.in_turn(order) for order in permutations(range(self.n))], axis=0)

    def one_number_for_all(self, order, decided) -> np.ndarray:
        """Probabilities of all states if one random number u decides at all turns: ``decided(i)`` is above it or not.

        Between two values of u at which a decision turns, all is settled.
        """
        edges = np.unique(np.concatenate([[0.0, 1.0], *(decided(i) for i in range(self.n))]))
        return sum((high - low) * order((low + high) / 2) for low, high in pairwise(edges))

    def turn(self, i) -> np.ndarray:
        """Spin i decides by what its neighbours are now."""
        return self.flipping(i, self.flips(i))

    def turn_with_stale_field(self, i) -> np.ndarray:
        """Spin i decides by what its neighbours were at the start."""
        return self.flipping(i, self.flips(i, np.broadcast_to(self._spins, self.states.shape)))

    def turn_with_stale_cost(self, i) -> np.ndarray:
        """Spin i flips as likely as at the start, whatever it is by now."""
        return self.flipping(i, np.full(len(self.states), self.flips(i) @ self.start))

    def turn_away_from_the_start(self, i) -> np.ndarray:
        """As with stale cost, but a flip sets the spin to minus what it was at the start."""
        return self.flipping(i, (self.flips(i) @ self.start) * self.unturned(i))

    def unturned(self, i) -> np.ndarray:
        """Whether spin i is what it was at the start, for each state."""
        return self.states[:, i] == self._spins[i]

    def up(self, i, seen=None) -> np.ndarray:
        """How likely spin i is up after its turn, for each state; it sees other neighbours if ``seen`` is given."""
        J, h, beta = self.system
        return self._rule(self.states[:, i], (self.states if seen is None else seen) @ J[i], h[i], beta)

    def flips(self, i, seen=None) -> np.ndarray:
        """How likely spin i flips at its turn, for each state."""
        up = self.up(i, seen)
        return np.where(self.states[:, i] > 0, 1 - up, up)

    def flipping(self, i, flip, bits=None) -> np.ndarray:
        """The matrix of flipping spin i, or the spins of these bits, with a probability for each state."""
        k = np.arange(2**self.n)
        matrix = np.diag(1.0 - flip)
        matrix[k, k ^ (1 << i if bits is None else bits)] += flip
        return matrix


# ---------------------------------------------------------------- counts


def _case(J, h, beta, spins, seed=0):
    name = f"{len(h)} spin{'s' * (len(h) > 1)} from ({_signs(spins)}) at beta = {beta:g}"
    return Case(name, (np.array(spins), np.array(J, dtype=float), np.array(h), beta, Seed(SEED + seed)))


def _sweep_cases():
    """Couplings, fields and temperatures at which the known mistakes differ most; simplest first.

    No flip costs exactly nothing: a last look asks for that, and round-off has no say.
    """
    systems = [
        ([[0, 0.5], [0.5, 0]], [0.0, 0.4], 1.0, [1, -1]),
        ([[0, 0.9], [0.9, 0]], [0.7, -0.4], 0.5, [1, 1]),
        ([[0, 0.6, -0.3], [0.6, 0, 0.5], [-0.3, 0.5, 0]], [0.5, -0.3, 0.25], 1.5, [1, 1, -1]),
        ([[0, -0.7, 0.4], [-0.7, 0, 0.8], [0.4, 0.8, 0]], [-0.4, 0.3, 0.6], 0.6, [-1, 1, 1]),
    ]
    return [_case(*system, seed=k) for k, system in enumerate(systems)]


def _alone():
    """One spin, along its field and against it."""
    return [_case([[0]], [h], beta, [s]) for h, beta in ((0.5, 1.4), (-0.8, 0.6)) for s in (1, -1)]


def _without_couplings():
    return [
        _case(np.zeros((n, n)), h, beta, [1, 1, -1][:n])
        for n, h, beta in ((2, [0.6, -0.5], 1.2), (3, [0.4, -0.7, 0.9], 0.8))
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
        if isinstance(draws[0], tuple) and any(np.ndim(part) for part in draws[0]):
            raise AnswerError(f"your function returned {len(draws[0])} things, in a tuple")
        odd = {np.shape(after) for after in draws} - {spins.shape}
        if odd:
            raise AnswerError(f"your function returned an array of shape {odd.pop()}, not {spins.shape}")
        return as_numbers(draws)

    expected = "the spins after the sweep, N numbers +1 or -1"
    return answers_of(function, cases, read, expected=expected, call=call, seconds=SECONDS + 0.4)


def _count(draws):
    """How often each state came, in the order of `exact.states`."""
    n = draws.shape[1]
    return np.bincount((draws > 0) @ (1 << np.arange(n)), minlength=2**n)


def _evidence(counts, law):
    """Evidence against a law, n KL(counts / n || law): infinite where what happened has probability 0."""
    seen = counts > 0
    p = np.where(law < 1e-12, 0.0, law)[seen]
    with np.errstate(divide="ignore"):
        return np.sum(counts[seen] * np.log(counts[seen] / counts.sum() / p))


def _misfit(counted, laws):
    """How far counts miss their laws, in standard deviations.

    Twice the evidence is about a chi-square, and the cube root of that is about normal (Wilson and Hilferty, 1931).
    """
    total = freedom = 0
    hopeless = 25 + sum(len(counts) for _, counts in counted)
    for (_, counts), law in zip(counted, laws, strict=False):
        total += _evidence(counts, law)
        freedom += np.count_nonzero(law > 1e-12) - 1
        if total > hopeless:
            return np.inf
    freedom = max(freedom, 1)
    width = 2 / (9 * freedom)
    return ((2 * max(total, 0) / freedom) ** (1 / 3) - 1 + width) / np.sqrt(width)


def _law(case, slips, rule, order):
    """Probabilities of all states after a sweep in the case."""
    spins, J, h, beta, _ = case.arguments
    for slip in slips:
        J, h = slip(J, h, beta)
    return order(Sweep(rule, spins, J, h, beta))


# ---------------------------------------------------------------- the exercise

ZEROS_AND_ONES = Mistake("zeros and ones", says="the spins come out as 0 and 1; they are +1 and -1 here.")


@dataclass(frozen=True)
class SweepExercise(Check):
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

    @property
    def mistakes(self) -> tuple:
        """All that are known."""
        return (*self.slips, *self.rules, *self.orders, ZEROS_AND_ONES)

    def _judged(self, function):
        """Compare the states that a student's function ends in with the exact law, and with those of known mistakes."""
        cases = _sweep_cases()
        runs = _sweeps(function, cases, SWEEPS, fewest=2, seconds=SECONDS / len(cases))
        if np.unique(np.concatenate(runs, axis=None)).tolist() == [0, 1]:
            return _not_yet(ZEROS_AND_ONES)
        for run, case in zip(runs, cases, strict=True):
            odd = run[np.abs(run) != 1]
            if odd.size:
                raise AnswerError(f"for {case.name} your spins hold {odd[0]:g}: they are +1 or -1.")
        counted, fewest = [(case, _count(run)) for case, run in zip(cases, runs, strict=True)], min(map(len, runs))
        is_wrong = sum(_evidence(k, self._right(case)) for case, k in counted) > CONTRADICTION
        if fewest < FEWEST and (is_wrong or self._fitting(counted, [(m,) for m in self.mistakes[:-1]])):
            raise AnswerError(
                f"a sweep of three spins takes {1e3 * SECONDS / len(cases) / fewest:.1g} ms, too long to be tried "
                "often enough; the cost of a flip needs one row of J, not whole energies.",
                "too slow",
            )
        if is_wrong:
            return self._explained(function, counted, fewest)
        found = next(filter(None, (look(function) for look in self.last_looks)), None)
        if found:
            return _not_yet(found)
        tested_on = f"{len(cases)} systems of 2 and 3 spins, {fewest} sweeps each, against the exact law of one sweep"
        return say("right", f"Right. Tested on {tested_on}.")

    def _explained(self, function, counted, fewest):
        """The verdict on counts that contradict the right law: where they do, and the mistakes that fit."""
        seen = f"for {self._largest_contradiction(counted)}."
        always_the_same = all(k.max() == k.sum() for _, k in counted)
        if always_the_same:
            # A fixed seed ends somewhere, and so may a mistake without chance: from one start they can look alike.
            starts = [start for case, _ in counted for start in _from_all_starts(case)]
            once = [_count(run) for run in _sweeps(function, starts, most=1)]
            counted = [*counted, *zip(starts, once, strict=True)]
        mistakes = self._mistakes_in(counted)
        if mistakes:
            likely = "" if fewest >= SURE else f" In {fewest} sweeps, all there was time for, it looks like this:"
            both = " Two mistakes at once." if len(mistakes) > 1 else ""
            return _not_yet(*mistakes, seen=f"{seen}{likely}{both} ")
        if always_the_same:
            return _not_yet(
                rng_decides_nothing("Every sweep from this start ends the same", "decision"), seen=f"{seen} "
            )
        place = self._place(function)
        return _not_yet(place, seen=f"{seen} ") if place else say("not yet", f"Not yet: {seen}")

    def _right(self, case):
        return _law(case, (), self.rule, self.order)

    def _largest_contradiction(self, counted):
        """The first case that fails, and in it the state that is farthest off."""
        failing = [pair for pair in counted if _misfit([pair], [self._right(pair[0])]) > QUANTILE]
        case, k = (failing or counted)[0]
        n, law = k.sum(), self._right(case)
        share = k / n
        error = np.sqrt(np.maximum(share * (1 - share), 1 / n) / n)
        state = int(np.argmax(np.abs(share - law) / error))
        return (
            f"{case.name} a sweep ends in ({_signs(exact.states(len(case.arguments[0]))[state])}) with probability "
            f"{share[state]:.3f} +- {error[state]:.3f}, exact is {law[state]:.3f}"
        )

    def _mistakes_in(self, counted):
        """One mistake, the one that fits best, or else two; of several pairs that fit, what they share."""
        single = self._fitting(counted, [(m,) for m in self.mistakes[:-1]])
        if single:
            return single[0]
        kinds = self.slips, self.rules, self.orders
        pairs = chain(combinations(self.slips, 2), *(product(*two) for two in combinations(kinds, 2)))
        fitting = self._fitting(counted, pairs)
        return [m for m in fitting[0] if all(m in pair for pair in fitting)] if fitting else []

    def _fitting(self, counted, tuples):
        """Those tuples of mistakes that fit all counts, the best first."""
        misfits = [(self._misfit(counted, mistakes), mistakes) for mistakes in tuples]
        return [mistakes for misfit, mistakes in sorted(misfits, key=lambda pair: pair[0]) if misfit < QUANTILE]

    def _misfit(self, counted, mistakes):
        slips = product(*(m.ways for m in mistakes if m in self.slips))
        rules = next((m.ways for m in mistakes if m in self.rules), [self.rule])
        orders = next((m.ways for m in mistakes if m in self.orders), [self.order])
        ways = product(slips, rules, orders)
        return min(_misfit(counted, (_law(case, *way) for case, _ in counted)) for way in ways)

    def _place(self, function):
        """Where to look for a mistake that is not known: in a spin alone, among spins without couplings, or in J."""
        alone, free = (self._wrong(function, cases) for cases in (_alone(), _without_couplings()))
        if alone:
            return _of_a_spin_alone(alone)
        if free:
            right = "One spin alone comes out right, but" if alone is not None else "Already"
            return Mistake(
                "spins without couplings",
                says=f"{right} {free[0][0].name} go wrong without any coupling: which spins have a turn, how often, "
                "and each with its own field?",
            )
        if free is not None:
            return Mistake("couplings", says="Without couplings all is right: look at the pull sum_j J_ij s_j.")
        return None

    def _wrong(self, function, cases):
        """Which of some simpler cases go wrong, with counts and law; None if the function fails on them."""
        try:
            runs = _sweeps(function, cases, PROBES, seconds=SECONDS / 4 / len(cases))
        except (AnswerError, NotImplementedError):
            return None
        probed = [(case, _count(run), self._right(case)) for case, run in zip(cases, runs, strict=True)]
        return [(case, k, law) for case, k, law in probed if _misfit([(case, k)], [law]) > QUANTILE]


def _of_a_spin_alone(wrong):
    """The mistake of a sweep that is wrong for one spin, along its field or against it."""
    case, counts, law = wrong[0]
    (spin,), _, (h,), beta, _ = case.arguments
    along = {spin * h > 0 for (spin,), _, (h,), *_ in (case.arguments for case, *_ in wrong)}
    which = "" if len(along) == 2 else ", along its field" if along == {True} else ", against its field"
    k = int(spin < 0)  # the state that it flips to
    return Mistake(
        f"a spin alone{which}",
        says=f"Even a spin alone goes wrong: at beta = {beta:g} in a field of {h:g} it flips from {_signs([spin])} "
        f"with probability {counts[k] / counts.sum():.2f}, exact is {law[k]:.2f}."
        f"{' The other way it is right.' if which else ''}",
    )


def _not_yet(*mistakes, seen=""):
    says = " ".join(mistake.says for mistake in mistakes)
    return say("not yet", f"Not yet: {seen}{says}", " and ".join(mistake.name for mistake in mistakes))
