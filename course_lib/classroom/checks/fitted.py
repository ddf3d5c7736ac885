"""Averages of a model and fits to pictures, against exact ones on a 4 x 4 lattice, where all states can be listed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from course_lib.classroom.checks.answers import AnswerError, Case, answers_of, as_numbers, show
from course_lib.classroom.checks.drawn import SIDE, all_states, law_of
from course_lib.classroom.checks.exercise import Check, Mistake
from course_lib.classroom.checks.verdict import say

SEED = 6
SECONDS = 20.0  # a fit makes some hundred sweeps a step
N_SITES = SIDE * SIDE
CONTRADICTION = 50.0  # squared standard errors in two or three averages: by chance once in 10^10 times
FITS = 25.0
NEAR = 5.0  # standard errors that the noise of a student's own chains may move an estimate
CLOSE_RATIO = 0.2  # of logarithms
NEAR_ERRORS = 1.4  # factor between an error bar and the exact one: the covariance of 100 pictures is known to 10 %


def _answer(function, name, arguments, shape, expected, seed=SEED):
    """What a student's function returns, as floats of this shape; its last argument is the generator."""

    def call(function, *arguments):
        return function(*arguments, np.random.default_rng(seed))

    def read(answer, *_):
        numbers = as_numbers(answer).astype(float)
        if numbers.shape != shape:
            raise AnswerError(f"your function returned an array of shape {numbers.shape}, not {shape}")
        return numbers

    return answers_of(function, [Case(name, arguments)], read, expected=expected, call=call, seconds=SECONDS)[0]


def _listed(parameters):
    return "(" + ", ".join(f"{value:g}" for value in parameters) + ")"


# ---------------------------------------------------------------- averages


@dataclass(frozen=True, eq=False)
class AveragesExercise(Check):
    """A check of a function that returns the means of some sums under the model.

    Parameters
    ----------
    asks : str
        As of an `Exercise`.
    truth : callable
        What the lesson goes on with.
    statistics : callable
        ``statistics(images)``: the sums that go with the parameters, shape (n, P).
    names : tuple of str
    parameters : sequence of tuples
        At which values the function is tried.
    """

    asks: str
    truth: Callable
    statistics: Callable
    names: Sequence[str]
    parameters: Sequence[tuple]
    n_images: int = 1000

    def _judged(self, function):
        answers = [self._answer(function, parameters, SEED + k) for k, parameters in enumerate(self.parameters)]
        right = [self._moments(parameters) for parameters in self.parameters]
        wrong = [self._misfit(a, r) > CONTRADICTION for a, r in zip(answers, right, strict=True)]
        if any(wrong):
            return self._explained(function, answers, right, wrong.index(True))
        first, other = (self._answer(function, self.parameters[0], seed, n_images=20) for seed in (1, 2))
        if np.array_equal(first, other):
            return say(
                "not yet",
                "Not yet: whatever generator is passed, the averages are the same to the last digit: pass rng on.",
                "rng decides nothing",
            )
        return say("right", f"Right. Tested on {len(answers)} models of 4 x 4 spins, against the exact averages.")

    def _answer(self, function, parameters, seed, n_images=None):
        n_images = n_images or self.n_images
        name = f"{n_images} pictures of 4 x 4 at {_listed(parameters)}"
        arguments = (*parameters, SIDE, n_images)
        return _answer(function, name, arguments, (len(self.names),), f"the means of {' and '.join(self.names)}", seed)

    @cache  # noqa: B019 - the exercises live as long as the course
    def _moments(self, parameters):
        sums = np.asarray(self.statistics(all_states()), float)
        law = law_of(sums @ np.asarray(parameters, float))
        mean = law @ sums
        return mean, ((sums - mean).T * law) @ (sums - mean)

    def _misfit(self, answer, moments):
        mean, covariance = moments
        gap = answer - mean
        spread = covariance / self.n_images + 1e-12 * np.eye(len(gap)) * (1 + np.trace(covariance))
        return float(gap @ np.linalg.solve(spread, gap)) if np.all(np.isfinite(gap)) else np.inf

    def _explained(self, function, answers, right, first):
        k = int(np.argmax(np.abs(answers[first] - right[first][0]) / np.sqrt(np.diag(right[first][1]))))
        clause = (
            f"at {_listed(self.parameters[first])} on 4 x 4 you give {show(answers[first][k], 4)} for {self.names[k]}, "
            f"exact is {show(right[first][0][k], 4)}"
        )
        for mistake in _AVERAGE_MISTAKES:
            for way in mistake.ways:
                laws = [way(self, parameters) for parameters in self.parameters]
                if all(self._misfit(a, law) < FITS for a, law in zip(answers, laws, strict=True)):
                    return say("not yet", f"Not yet: {clause}. {mistake.says}", mistake.name)
        again = np.array([self._answer(function, self.parameters[first], seed) for seed in range(10, 18)])
        scatter, exact = again.std(axis=0, ddof=1), np.sqrt(np.diag(right[first][1]) / self.n_images)
        if np.all(scatter > 3 * exact):
            worth = int(np.median(np.diag(right[first][1]) / scatter**2))
            return say(
                "not yet",
                f"Not yet: {clause}. Your averages scatter as those of {max(worth, 1)} pictures do, not of "
                f"{self.n_images}: are all n_images drawn, and averaged over?",
                "too few pictures",
            )
        return say("not yet", f"Not yet: {clause}. Draw the pictures, take both sums of each, then the means.")


def _scaled(*factors):
    """The right averages, times these."""

    def way(check, parameters):
        mean, covariance = check._moments(parameters)
        by = np.array([factor(check.n_images) if callable(factor) else factor for factor in factors], float)
        return by * mean, covariance * np.outer(by, by)

    return way


def _at(change):
    """The averages at other parameters."""
    return lambda check, parameters: check._moments(tuple(change(*parameters)))


def _sizes(check, parameters):
    """The means of the sizes of the sums."""
    sums = np.abs(np.asarray(check.statistics(all_states()), float))
    law = law_of(np.asarray(check.statistics(all_states()), float) @ np.asarray(parameters, float))
    mean = law @ sums
    return mean, ((sums - mean).T * law) @ (sums - mean)


def _deviations(check, parameters):
    _, covariance = check._moments(parameters)
    return np.sqrt(np.diag(covariance)), covariance


def _turned(check, parameters):
    mean, covariance = check._moments(parameters)
    return mean[::-1], covariance[::-1, ::-1]


_AVERAGE_MISTAKES = (
    Mistake("per site", _scaled(1 / N_SITES, 1 / N_SITES), "Both are per site: the sums of a whole picture, averaged."),
    Mistake("per bond", _scaled(0.5 / N_SITES, 1 / N_SITES), "They are per bond and per site: the sums of a picture."),
    Mistake(
        "one of the two per site",
        (_scaled(1 / N_SITES, 1), _scaled(0.5 / N_SITES, 1), _scaled(1, 1 / N_SITES)),
        "One of the two is per bond or per site: both are sums of a whole picture, averaged over pictures.",
    ),
    Mistake(
        "sum over the pictures",
        _scaled(lambda n: n, lambda n: n),
        "They are summed over the pictures: take the mean over them.",
    ),
    Mistake(
        "divided by the pictures twice",
        _scaled(lambda n: 1 / n, lambda n: 1 / n),
        "The mean is divided by the number of pictures once more.",
    ),
    Mistake("spins counted twice", (_scaled(1, 2), _scaled(2, 2)), "S is twice too large: each spin once."),
    Mistake("half the spins", (_scaled(1, 0.5), _scaled(0.5, 0.5)), "S is half of what it is."),
    Mistake("one is 0", (_scaled(1, 0), _scaled(0, 1)), "One of the two is 0: both are means of sums."),
    Mistake(
        "the parameters",
        lambda check, parameters: (np.array(parameters), 1e-9 * check._moments(parameters)[1]),
        "Those are J and h themselves: the means of B and S are asked for.",
    ),
    Mistake("scatter", _deviations, "Those are standard deviations over the pictures: their means."),
    Mistake("bonds counted twice", _scaled(2, 1), "The mean of B is twice too large: each bond once."),
    Mistake("half the bonds", _scaled(0.5, 1), "The mean of B is half of what it is: right *and* down."),
    Mistake("sign of B", _scaled(-1, 1), "B has the wrong sign: agreeing neighbours count +1."),
    Mistake("sign of S", _scaled(1, -1), "S has the wrong sign: up counts +1."),
    Mistake("J and h exchanged", _at(lambda J, h: (h, J)), "J and h are exchanged where the pictures are drawn."),
    Mistake("B and S exchanged", _turned, "The order is turned round: first B, then S."),
    Mistake("field missing", _at(lambda J, h: (J, 0.0)), "The pictures were drawn without field."),
    Mistake("sign of h", _at(lambda J, h: (J, -h)), "The pictures were drawn with minus h."),
    Mistake("coupling missing", _at(lambda J, h: (0.0, h)), "The pictures were drawn without coupling."),
    Mistake("factor 2", _at(lambda J, h: (J / 2, h / 2)), "The pictures were drawn with J / 2 and h / 2."),
    Mistake("factor 2", _at(lambda J, h: (2 * J, 2 * h)), "The pictures were drawn with 2 J and 2 h."),
    Mistake("sizes", _sizes, "Sizes were averaged: the sums keep their signs."),
    Mistake("nothing", lambda check, parameters: _zero(check, parameters), "Both are 0: are the pictures used?"),
)


def _zero(check, parameters):
    mean, covariance = check._moments(parameters)
    return 0 * mean, 1e-9 * covariance


# ---------------------------------------------------------------- fits


@dataclass(frozen=True, eq=False)
class Data:
    """Pictures drawn from an exact law, and the best fit to them.

    Attributes
    ----------
    images : array, shape (n, 4, 4)
    sums : array, shape (K, P)
        Of all states.
    target : array, shape (P,)
        The pictures' average.
    best : array, shape (P,)
    covariance : array, shape (P, P)
        Of the sums of one picture, at the best fit.
    """

    images: np.ndarray
    sums: np.ndarray
    target: np.ndarray
    best: np.ndarray
    covariance: np.ndarray

    @property
    def errors(self):
        """Standard errors of the best fit."""
        return np.sqrt(np.diag(np.linalg.inv(self.covariance)) / len(self.images))


def drawn_data(statistics, parameters, n, seed) -> Data:
    """Pictures of a 4 x 4 lattice drawn at these parameters, and their best fit by Newton's method."""
    sums = np.asarray(statistics(all_states()), float)
    rng = np.random.default_rng(seed)
    drawn = rng.choice(len(sums), n, p=law_of(sums @ np.asarray(parameters, float)))
    target = sums[drawn].mean(axis=0)
    best, covariance = most_likely(sums, target, parameters)
    return Data(all_states()[drawn], sums, target, best, covariance)


def most_likely(sums, target, start):
    """The parameters whose averages are these, and the covariance of the sums there."""
    best = np.array(start, float)
    for _ in range(20):
        law = law_of(sums @ best)
        mean = law @ sums
        covariance = ((sums - mean).T * law) @ (sums - mean)
        best = best + np.clip(np.linalg.solve(covariance, target - mean), -0.3, 0.3)
    return best, covariance


@dataclass(frozen=True, eq=False)
class FitExercise(Check):
    """A check of a function that fits a model to pictures.

    Parameters
    ----------
    asks : str
        As of an `Exercise`.
    truth : callable
        What the lesson goes on with.
    statistics : callable
        ``statistics(images)``: the sums that go with the parameters, shape (n, P).
    names : tuple of str
        Of the parameters.
    cases : sequence of (tuple, int)
        Parameters, and a number of pictures drawn from them.
    errors : bool
        Whether the function returns standard errors as well, after the parameters.
    mistakes : sequence of Mistake
        Each ``returns(data)`` the parameters that a student who makes it gets from a `Data`.
    """

    asks: str
    truth: Callable
    statistics: Callable
    names: Sequence[str]
    cases: Sequence[tuple]
    errors: bool = False
    mistakes: Sequence[Mistake] = ()

    def _hint(self, error):
        """What a crash or an endless fit tells of the way that led there."""
        if error.name == "does not end":
            return " Let chains run on from step to step, start=chains and sweeps=10: new ones cost thirty times that."
        if "LinAlgError" in str(error):
            return (
                ". If all chains are in one state there, the steps ran away: is it data minus model? Is a step too "
                "long? Print the way."
            )
        return ""

    def _judged(self, function):
        P = len(self.names)
        outputs = [*self.names, *(f"the error of {name}" for name in self.names)] if self.errors else self.names
        data = self._data()
        answers = [
            _answer(function, self._name(k), (one.images,), (len(outputs),), ", ".join(outputs))
            for k, one in enumerate(data)
        ]
        for k, (answer, one) in enumerate(zip(answers, data, strict=True)):
            if not np.all(np.abs(answer[:P] - one.best) < NEAR * one.errors):  # NaN is not below
                return self._explained(answers, data, k)
        if self.errors:
            ratios = np.array([answer[P:] / one.errors for answer, one in zip(answers, data, strict=True)])
            if not np.all((ratios > 1 / NEAR_ERRORS) & (ratios < NEAR_ERRORS)):
                return self._errors_explained(answers, data)
        bars = ", error bars and all" if self.errors else ""
        return say("right", f"Right. Tested on {len(data)} sets of pictures, against the exact best fit{bars}.")

    @cache  # noqa: B019 - the exercises live as long as the course
    def _data(self):
        return [drawn_data(self.statistics, parameters, n, SEED + k) for k, (parameters, n) in enumerate(self.cases)]

    def _name(self, k):
        parameters, n = self.cases[k]
        return f"{n} pictures of 4 x 4 drawn at {_listed(parameters)}"

    def _explained(self, answers, data, first):
        """The verdict on estimates of which some are wrong: the first of these, and the mistake that fits."""
        P = len(self.names)
        given, one = answers[first][:P], data[first]
        missed = ~(np.abs(given - one.best) < NEAR * one.errors)
        k = int(np.argmax(missed))
        clause = (
            f"for {self._name(first)} you give {self.names[k]} = {show(given[k], 4)}, the best fit is "
            f"{show(one.best[k], 4)} +- {show(one.errors[k], 2)}"
        )
        found = self._mistake([(answer[:P], one) for answer, one in zip(answers, data, strict=True)])
        if self.errors and all(_close(a[::2], one) for a, one in zip(answers, data, strict=True)):
            found = Mistake("errors in between", says="The order is J, h, error of J, error of h: estimates first.")
        if found:
            return say("not yet", f"Not yet: {clause}. {found.says}", found.name)
        fine = [name for name, off in zip(self.names, missed, strict=True) if not off]
        praise = f" {' and '.join(fine)} came out right." if fine else ""
        return say(
            "not yet",
            f"Not yet: {clause}.{praise} Print the gap of the averages from step to step: does it end near 0?",
        )

    def _mistake(self, pairs):
        """The first known mistake that explains all estimates, or else that they ran away."""
        for mistake in (*self.mistakes, *_FIT_MISTAKES):
            ways = mistake.ways if mistake.returns else ()
            if any(all(_as(way, given, one) for given, one in pairs) for way in ways):
                return mistake
            if mistake.seen and all(mistake.seen(given, one) for given, one in pairs):
                return mistake
        return _DIVERGED if any(_ran_away(given, one) for given, one in pairs) else None

    def _errors_explained(self, answers, data):
        """The verdict on error bars of which some are wrong, by their ratios to the right ones."""
        P = len(self.names)
        given = [np.maximum(np.abs(answer[P:]), 1e-300) for answer in answers]
        ratios = [bars / one.errors for bars, one in zip(given, data, strict=True)]
        case = int(np.argmax([np.abs(np.log(ratio)).max() for ratio in ratios]))
        p = int(np.argmax(np.abs(np.log(ratios[case]))))
        clause = (
            f"{' and '.join(self.names)} are right, but for {self._name(case)} your error of {self.names[p]} is "
            f"{show(answers[case][P + p], 2)}, from the Fisher information it is {show(data[case].errors[p], 2)}"
        )
        distances = [
            max(np.abs(np.log(bars / mistake.returns(one))).max() for bars, one in zip(given, data, strict=True))
            for mistake in _ERROR_MISTAKES
        ]
        best = int(np.argmin(distances))
        found = _ERROR_MISTAKES[best] if distances[best] < CLOSE_RATIO else _of_all_errors(ratios, data)
        return say("not yet", f"Not yet: {clause}. {found.says}", found.name)


def _of_all_errors(ratios, data):
    """What can be said of error bars that no known mistake explains."""
    if max(ratio.max() for ratio in ratios) < 1e-6:
        return Mistake("no errors", says="They are 0: compute them.")
    from_one = [ratio / np.sqrt(len(one.images)) for ratio, one in zip(ratios, data, strict=True)]
    if np.ptp(np.log(from_one)) < CLOSE_RATIO:
        n = round(float(np.exp(-2 * np.mean(np.log(from_one)))))
        return Mistake(
            "another number of pictures",
            says=f"They look divided by the root of about {n}, whatever the number of pictures: it is the number in "
            "the data that counts, not that of the model's chains.",
        )
    advice = (
        "Take the covariance matrix of the sums over pictures of the model, invert it, divide its diagonal by the "
        "number of pictures in the data, and take the root."
    )
    if max(ratio.max() for ratio in ratios) < 1:
        return Mistake("error bars too short", says=f"All error bars are too short. {advice}")
    if min(ratio.min() for ratio in ratios) > 1:
        return Mistake("error bars too long", says=f"All error bars are too long. {advice}")
    return Mistake("error bars", says=advice)


def _close(given, one):
    return bool(np.all(np.abs(given - one.best) < NEAR * one.errors))


def _ran_away(given, one):
    return bool(not np.all(np.isfinite(given)) or np.abs(given).max() > 3 * np.abs(one.best).max())


def _as(way, given, one):
    """Whether a fit is what a mistake gives, up to the noise of the student's chains."""
    expected = way(one)
    return expected is not None and bool(np.all(np.abs(given - expected) < NEAR * one.errors * _stretch(expected, one)))


def _stretch(expected, one):
    """An estimate that is twice as large has twice the noise."""
    with np.errstate(all="ignore"):
        return np.clip(np.nan_to_num(np.abs(expected / one.best), nan=1.0), 0.05, 20)


def _times(*factors):
    return lambda one: one.best * np.array(factors) if len(factors) == len(one.best) else None


def _all_times(factor):
    return lambda one: one.best * factor


def _on_the_way(given, one):
    share = given / one.best
    return bool(np.all((share > 1e-6) & (share < 1.3)) and np.any(share < 0.9))


def _to_averages_per_site(given, one):
    """Whether it is the fit whose sums are the pictures' averages per site."""
    per_site, _ = most_likely(one.sums, one.target / N_SITES, 0 * one.best)
    return bool(np.all(np.abs(given - per_site) < NEAR * one.errors))


def _sampler_without_field(given, one):
    """J makes up for the missing field, while h grows from step to step."""
    J = _without(-1)(one)
    return bool(np.all(np.abs(given - J)[:-1] < NEAR * one.errors[:-1]) and abs(given[-1]) > 1.3 * abs(one.best[-1]))


def _without(k):
    """The fit with a parameter held at 0."""

    def way(one):
        keep = np.arange(len(one.best)) != (len(one.best) + k) % len(one.best)
        fitted = np.zeros(len(one.best))
        fitted[keep], _ = most_likely(one.sums[:, keep], one.target[keep], one.best[keep])
        return fitted

    return way


def _per_bond(one):
    return one.target / np.array([2 * N_SITES, N_SITES]) if len(one.target) == 2 else one.target / N_SITES


_FIT_MISTAKES = (
    Mistake(
        "never moved", lambda one: 0 * one.best, "They are 0, as at the start: is the step added, inside the loop?"
    ),
    Mistake("order", lambda one: one.best[::-1], "The order is turned round."),
    Mistake("signs", _all_times(-1), "All signs are turned round."),
    Mistake("sign of h", (_times(1, -1), _times(1, 1, -1)), "The last parameter has the wrong sign."),
    Mistake("sign of J", (_times(-1, 1), _times(-1, -1, 1)), "J has the wrong sign."),
    Mistake(
        "half J", (_times(0.5, 1), _times(0.5, 0.5, 1)), "J is half: each bond counts once, in the energy as well."
    ),
    Mistake(
        "twice J", (_times(2, 1), _times(2, 2, 1)), "J is twice too large: does each bond count once, in the sampler?"
    ),
    Mistake(
        "one coupling acts twice",
        (_times(0.5, 1, 1), _times(1, 0.5, 1)),
        "One of the couplings is half of what it is: does it act twice in the sampler?",
    ),
    Mistake("half of everything", _all_times(0.5), "All are half: the chance of up has a factor 2 in its exponent."),
    Mistake(
        "twice everything", _all_times(2), "All are twice too large: has your sampler the factor 2 in its exponent?"
    ),
    Mistake("one is 0", (_times(1, 0), _times(0, 1)), "One of the two is 0: is it stepped, and returned?"),
    Mistake("half h", _times(1, 0.5), "h is half of what it is: has your sampler 2 h in its exponent?"),
    Mistake("twice h", _times(1, 2), "h is twice too large: has your sampler 2 h in its exponent?"),
    Mistake("h of the whole lattice", _times(1, N_SITES), "h is multiplied by the number of sites: it is per site."),
    Mistake("h divided by the sites", _times(1, 1 / N_SITES), "h is divided by the number of sites: it is per site."),
    Mistake(
        "field left at 0", _without(-1), "The last parameter is 0, and the rest makes up for it: step all of them."
    ),
    Mistake("coupling left at 0", _without(0), "The first parameter is 0, and the rest makes up for it: step all."),
    Mistake("averages of the pictures", _per_bond, "Those are the pictures' own averages, not J and h."),
    Mistake("signs lost", lambda one: np.abs(one.best), "A sign is lost: parameters may be below 0."),
    Mistake(
        "field missing in the sampler",
        seen=_sampler_without_field,
        says="The others are what they would be without the last parameter, and that one runs away: does the sampler "
        "use it?",
    ),
    Mistake(
        "averages per site",
        seen=_to_averages_per_site,
        says="The pictures' averages are per site, those of the chains are not: compare sums with sums.",
    ),
    Mistake(
        "on the way",
        seen=_on_the_way,
        says="The signs are right, the sizes too small. Did it stop on the way? More steps, or longer ones. If not: "
        "does something act twice in the sampler?",
    ),
)


_DIVERGED = Mistake(
    "ran away",
    says="The steps run away: is it data minus model, means over all pictures on both sides? Is a step too long? Print "
    "the way.",
)
_ERROR_MISTAKES = (
    Mistake(
        "one picture",
        lambda one: one.errors * np.sqrt(len(one.images)),
        "That is the error from one picture: divide by the root of their number.",
    ),
    Mistake(
        "pictures outside the root",
        lambda one: one.errors / np.sqrt(len(one.images)),
        "The number of pictures divides the error: its root does.",
    ),
    Mistake("variances", lambda one: one.errors**2, "These are variances: take the root."),
    Mistake(
        "covariance per site",
        lambda one: one.errors * np.sqrt(N_SITES),
        "The covariance is per site: the Fisher information of a picture is that of the whole sums.",
    ),
    Mistake(
        "divided by the sites",
        lambda one: one.errors / np.sqrt(N_SITES),
        "It is divided by the root of the sites as well: a picture is one sample, and its sums hold all sites.",
    ),
    Mistake("divided by the sites", lambda one: one.errors / N_SITES, "It is divided by the sites as well."),
    Mistake(
        "sums of means", lambda one: one.errors * N_SITES, "The covariance is that of means per site: of the sums."
    ),
    Mistake(
        "other parameters taken as known",
        lambda one: 1 / np.sqrt(np.diag(one.covariance) * len(one.images)),
        "The diagonal alone is turned upside down: invert the whole matrix.",
    ),
    Mistake(
        "errors of the averages",
        lambda one: np.sqrt(np.diag(one.covariance) / len(one.images)),
        "The covariance is not inverted: these are errors of the averages.",
    ),
    Mistake(
        "errors of the averages",
        lambda one: np.sqrt(np.diag(one.covariance) / len(one.images)) / N_SITES,
        "These are errors of the averages per site: invert the covariance matrix.",
    ),
    Mistake(
        "scatter of the sums", lambda one: np.sqrt(np.diag(one.covariance)), "That is how the sums scatter: invert."
    ),
    Mistake("errors exchanged", lambda one: one.errors[::-1], "The errors are exchanged: first that of J."),
    Mistake("95 percent", lambda one: 1.96 * one.errors, "That is 1.96 standard errors: one was asked for."),
    Mistake(
        "root of two", lambda one: np.sqrt(2) * one.errors, "It is larger by the root of 2: the covariance of one set."
    ),
)
