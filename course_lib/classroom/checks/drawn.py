"""Functions that draw pictures, against the exact law of a 4 x 4 lattice.

All 65 536 states of 4 x 4 spins are listed, so any model with a few sums as its statistics has exact averages there,
and so has a sampler with a known mistake, if its law is known; else the mistake is drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from course_lib.classroom.checks.answers import AnswerError, Case, answers_of, as_numbers, show
from course_lib.classroom.checks.exercise import Check, Mistake
from course_lib.classroom.checks.verdict import say

SIDE = 4
SEED = 6
SECONDS = 10.0  # a sampler in Python may need some; those of the lesson need one
# Squares of deviations in standard errors, added up over 2 P averages with P = 2 or 3. A chi-square with 6 degrees of
# freedom is above 50 with probability 5e-9; the rest is room for averages that are not quite normal.
CONTRADICTION = 60.0
FITS = 5.0  # standard errors of each average, up to which a known mistake explains them
ALIKE = 6.0  # standard errors
MISTAKEN = 4000  # pictures drawn from a mistake whose law is not known


@cache
def all_states() -> np.ndarray:
    """All states of 4 x 4 spins, shape (65536, 4, 4), int8."""
    bits = np.arange(2 ** (SIDE * SIDE))[:, None] >> np.arange(SIDE * SIDE) & 1
    return (2 * bits - 1).astype(np.int8).reshape(-1, SIDE, SIDE)


def law_of(log_weights) -> np.ndarray:
    """Probabilities of all states from the logarithms of their weights, up to a constant."""
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum()


def with_squares(sums) -> np.ndarray:
    """Statistics (n, P) and their squares, (n, 2 P): averages of squares tell pictures that vary too much."""
    return np.concatenate([sums, sums**2], axis=1)


@dataclass(frozen=True)
class Averages:
    """What pictures give on average: the mean of each sum and of its square, and how these vary.

    Attributes
    ----------
    mean : array, shape (2 P,)
    covariance : array, shape (2 P, 2 P)
    n : float
        Number of pictures; infinite where the law is known.
    """

    mean: np.ndarray
    covariance: np.ndarray
    n: float = np.inf

    @classmethod
    def exact(cls, sums, law):
        """Of a law over all states, with the sums of each state."""
        values = with_squares(sums)
        mean = law @ values
        return cls(mean, ((values - mean).T * law) @ (values - mean))

    @classmethod
    def seen(cls, sums):
        """Of the sums of pictures that were drawn."""
        values = with_squares(sums)
        return cls(values.mean(axis=0), np.cov(values.T), len(sums))

    def misfit(self, other) -> float:
        """Squared distance of another's means from these, in standard errors, all averages together."""
        gap = other.mean - self.mean
        spread = self.covariance / other.n + 1e-9 * np.eye(len(gap)) * max(1.0, np.trace(self.covariance))
        return float(gap @ np.linalg.solve(spread, gap))

    def farthest(self, other) -> float:
        """The largest distance of another's means from these, in standard errors, one average at a time."""
        variances = np.maximum(np.diag(self.covariance), 1e-3)
        return float(np.max(np.abs(other.mean - self.mean) / np.sqrt(variances * (1 / other.n + 1 / self.n))))


@dataclass(frozen=True)
class DrawExercise(Check):
    """A check of a function that draws pictures; as an `Exercise` it prints one line and returns a `Verdict`.

    Parameters
    ----------
    asks : str
        As of an `Exercise`.
    truth : callable
        ``truth(*parameters, size, n_images, rng)`` or as ``call`` has it: what the lesson goes on with.
    statistics : callable
        ``statistics(images)``: the sums that go with the parameters, shape (n, P).
    names : tuple of str
        What to call these.
    parameters : sequence of tuples
        At which values the function is tried on 4 x 4 lattices.
    slow : tuple
        Parameters at which a chain on 8 x 8 remembers its past for long: for the start, and for pictures alike.
    slow_averages : callable
        Without arguments: exact means and covariance of the sums there.
    couplings : tuple of float
        Parameters of a model without field whose neighbours agree, to be multiplied: to try ``start`` and ``sweeps``.
    mistakes : sequence of Mistake
        Each ``returns(*parameters)`` what a sampler with the mistake draws: the logarithms of its weights over
        `all_states`, shape (65536,), or pictures.
    call : callable
        ``call(function, parameters, size, n_images, rng)``.
    """

    asks: str
    truth: Callable
    statistics: Callable
    names: Sequence[str]
    parameters: Sequence[tuple]
    slow: tuple
    slow_averages: Callable
    couplings: tuple
    mistakes: Sequence[Mistake] = ()
    call: Callable = lambda function, parameters, size, n, rng, **more: function(*parameters, size, n, rng, **more)
    n_small: int = 2000
    n_slow: int = 400

    def _judged(self, function):
        """Compare the averages of a student's pictures with exact ones, and with those of known mistakes."""
        small = [self._pictures(function, parameters, SIDE, self.n_small) for parameters in self.parameters]
        slow = self._pictures(function, self.slow, 8, self.n_slow)
        found = self._of_the_rng(function) or self._alike(slow)
        if found:
            return say("not yet", f"Not yet: {found.says}", found.name)
        seen = [Averages.seen(self.statistics(images)) for images in small]
        exact = [self._exact(parameters) for parameters in self.parameters]
        misfits = [right.misfit(one) for right, one in zip(exact, seen, strict=True)]
        if max(misfits) > CONTRADICTION:
            return self._explained(seen, exact, misfits)
        if self._far_from_equilibrium(slow):
            return self._too_few_sweeps(slow)
        ignored = self._ignored(function)
        if ignored:
            return say("not yet", f"Not yet: {ignored.says}", ignored.name)
        return say(
            "right",
            f"Right. Tested on {len(small)} models of 4 x 4 spins, {self.n_small} pictures each, against the exact "
            f"averages, and on {self.n_slow} pictures of 8 x 8: none remembers its start, or another one. It goes on "
            "from start, for as many sweeps as you say.",
        )

    def _pictures(self, function, parameters, size, n, seed=SEED, **more):
        """The pictures as int8, after a look at their shape and values."""
        name = f"{n} pictures of {size} x {size} at ({', '.join(f'{value:g}' for value in parameters)})"
        if more:
            name += ", sweeps=1, going on from start, all up"

        def call(function, *_):
            return self.call(function, parameters, size, n, np.random.default_rng(seed), **more)

        def read(answer, *_):
            images = as_numbers(answer)
            if images.shape != (n, size, size):
                raise AnswerError(f"your function returned an array of shape {images.shape}, not {(n, size, size)}")
            odd = np.setdiff1d(images, (-1, 1))
            if odd.size:
                hint = "; pixels are +1 and -1 here, not 1 and 0" if set(odd) == {0} else ""
                raise AnswerError(f"your pictures hold {show(odd[0])}{hint}")
            return images.astype(np.int8)

        expected = f"{n} pictures of +1 and -1, shape {(n, size, size)}"
        return answers_of(function, [Case(name, ())], read, expected=expected, call=call, seconds=SECONDS)[0]

    def _of_the_rng(self, function):
        """Whether all random numbers come from the generator that was passed."""
        first, same, other = (self._pictures(function, self.parameters[0], SIDE, 20, seed) for seed in (1, 1, 2))
        if np.ptp([first, other]) == 0:
            return Mistake(
                "all spins alike",
                says=f"all spins of all pictures are {'up' if first.flat[0] > 0 else 'down'}, at moderate J and h: is "
                "the chance a number between 0 and 1? Is the field as large as it should be, h per site?",
            )
        if np.array_equal(first, other):
            return Mistake(
                "rng decides nothing",
                says="whatever generator is passed, the pictures are the same: draw all random numbers from rng, and "
                "let no seed be fixed inside.",
            )
        if not np.array_equal(first, same):
            return Mistake(
                "own random numbers",
                says="the same rng gives other pictures each time: draw all numbers from rng, the start as well.",
            )
        return None

    def _ignored(self, function):
        """Whether ``start`` or ``sweeps`` decides nothing: one sweep from all up changes few spins."""
        n = 50

        def mean_spin(scale):
            up = np.ones((n, 8, 8), np.int8)
            parameters = tuple(scale * value for value in self.couplings)
            return self._pictures(function, parameters, 8, n, start=up, sweeps=1).mean()

        # At 2 a spin turns against four others once in 9 million times. At 0.3 one sweep leaves a mean near 0.8, and
        # some hundred sweeps a mean of 0 with a standard error below 0.1 over the pictures.
        if mean_spin(2.0) < 0.5:
            return Mistake(
                "start ignored",
                says="from start, all up, one sweep at a strong coupling ends far from it: where start is given, go on "
                "from there, and draw a random one only if start is None.",
            )
        if mean_spin(0.3) < 0.5:
            return Mistake(
                "sweeps ignored",
                says="with sweeps=1 a start all up is forgotten as after hundreds of sweeps: make as many sweeps as "
                "the argument says.",
            )
        return None

    def _alike(self, images):
        """Whether pictures in the list know of each other, as successive ones of a chain do."""
        sites = images.reshape(len(images), -1).astype(float)

        def overlaps(lag):
            return np.mean(sites * np.roll(sites, lag, axis=0), axis=1)

        by_chance = overlaps(len(sites) // 3)
        mixed = images[np.abs(sites.mean(axis=1)) < 0.5]  # pictures nearly all up are often alike by chance
        distinct = [len(np.unique(some, axis=0)) for some in (images, mixed)]
        copies = distinct[0] == 1 or (len(mixed) > 4 and distinct[1] < len(mixed) / 2)
        for lag in (1, 2, len(sites) // 2):
            overlap = overlaps(lag)
            error = np.sqrt((overlap.var() + by_chance.var()) / len(overlap)) + 1e-3
            if copies or np.mean(overlap) - np.mean(by_chance) > ALIKE * error:
                which = "neighbours in the list" if lag == 1 else f"those {lag} places apart in the list"
                return Mistake(
                    "pictures not independent",
                    says=f"your pictures are not independent: {which} agree far more than by chance, as successive "
                    "states of one chain do. Give each picture a chain of its own, from a random start.",
                )
        return None

    def _exact(self, parameters):
        sums = self._sums()
        return Averages.exact(sums, law_of(sums @ np.asarray(parameters, float)))

    def _sums(self):
        return np.asarray(self.statistics(all_states()), float)

    def _explained(self, seen, exact, misfits):
        """The verdict on averages that contradict the right law."""
        worst = int(np.argmax(np.array(misfits) > CONTRADICTION))
        clause = self._clause(self.parameters[worst], seen[worst], exact[worst])
        fitting = []
        for mistake in self.mistakes:
            misfit = min(self._misfit(way, seen) for way in mistake.ways)
            if misfit < FITS:
                fitting.append((misfit, mistake))
        if fitting:
            _, mistake = min(fitting, key=lambda pair: pair[0])
            return say("not yet", f"Not yet: {clause}. {mistake.says}", mistake.name)
        return say("not yet", f"Not yet: {clause}.{self._place(seen, exact)}")

    def _misfit(self, way, seen):
        """How badly a mistake explains the averages, at the worst of the parameters."""
        sums, worst = self._sums(), 0.0
        for parameters, one in zip(self.parameters, seen, strict=True):
            drawn = way(*parameters)
            if np.ndim(drawn) == 1:
                mistaken = Averages.exact(sums, law_of(drawn))
            else:
                mistaken = Averages.seen(np.asarray(self.statistics(drawn), float))
            worst = max(worst, mistaken.farthest(one))
            if worst > FITS:
                break
        return worst

    def _clause(self, parameters, seen, exact):
        at = ", ".join(f"{value:g}" for value in parameters)
        P = len(self.names)
        errors = np.sqrt(np.diag(exact.covariance)[:P] / seen.n)
        k = int(np.argmax(np.abs(seen.mean - exact.mean)[:P] / errors))
        if abs(seen.mean[k] - exact.mean[k]) < 5 * errors[k]:
            k = P + int(np.argmax(np.abs(seen.mean - exact.mean)[P:] / np.sqrt(np.diag(exact.covariance)[P:])))
        names = [*self.names, *(f"{name}^2" for name in self.names)]
        error = np.sqrt(exact.covariance[k, k] / seen.n)
        return (
            f"at ({at}) on 4 x 4 the mean of {names[k]} is {seen.mean[k]:.2f} +- {error:.2f} in your pictures, exact "
            f"is {exact.mean[k]:.2f}"
        )

    def _place(self, seen, exact):
        """Where to look for a mistake that is not known."""
        P = len(self.names)
        fine = [
            name
            for k, name in enumerate(self.names)
            if all(
                abs(one.mean[k] - right.mean[k]) < 5 * np.sqrt(right.covariance[k, k] / one.n)
                for one, right in zip(seen, exact, strict=True)
            )
        ]
        if len(fine) == P:
            return " The means are right, the scatter is not: does every picture have a chain of its own?"
        return (
            " Try it without coupling, where each spin stands alone in the field, and then without field: which of the "
            "two goes wrong?"
        )

    def _far_from_equilibrium(self, images):
        mean, covariance = self.slow_averages()
        sums = np.asarray(self.statistics(images), float)
        gap = sums.mean(axis=0) - mean
        return gap @ np.linalg.solve(covariance / len(sums), gap) > CONTRADICTION

    def _too_few_sweeps(self, images):
        mean, _ = self.slow_averages()
        first = np.mean(self.statistics(images), axis=0)[0]
        return say(
            "not yet",
            f"Not yet: on 4 x 4 all is right, but at ({', '.join(f'{v:g}' for v in self.slow)}) on 8 x 8 the mean of "
            f"{self.names[0]} is {first:.1f}, exact is {mean[0]:.1f}. Near the critical point the start is forgotten "
            "slowly: make more sweeps.",
            "too few sweeps",
        )
