"""Checks of lesson 08x, four ways to generate.

>>> verdict = step_back(lambda p_start, now, keep, earlier: p_start)
Not yet: for one unit that is 1, kept with 0.2 now and 0.6 before, p = 0.9 your value is 0.9, exact is 0.833333. \
That is the probability of the first value: one step goes back to an earlier time only.
"""

import numpy as np

from course_lib.classroom.checks import Case, Exercise, Mistake, agree
from course_lib.classroom.checks.answers import close
from course_lib.classroom.checks.kinds import equal, inexact

SEED = 8  # the same cases each time, so that a student who runs a check again sees the same example


# ---------------------------------------------------------------- the slope through the latent point


def _points():
    rng = np.random.default_rng(SEED)
    return [
        Case(
            "one number with slope 1 by z, mean 0.5, log-variance -1, noise 2",
            (np.array([1.0]), np.array([0.5]), np.array([-1.0]), np.array([2.0])),
        ),
        *(Case(f"{n} random latent numbers", tuple(rng.normal(size=(4, n)))) for n in (2, 3, 5)),
    ]


def _sd(v):
    return np.exp(v / 2)


# In each mistake g is the slope by z, m the mean, v the log-variance, e the noise.
_BY_MEAN = (
    ("divergence forgotten", lambda g, m, v, e: g, "the divergence from N(0, 1) is missing: it pulls the mean to 0"),
    ("divergence alone", lambda g, m, v, e: -m, "only the divergence is there: z moves with the mean, add its slope"),
    ("divergence alone, climbed", lambda g, m, v, e: m + 0 * g, "only the divergence is there, and it is climbed"),
    ("divergence added", lambda g, m, v, e: g + m, "the divergence is added: the bound subtracts it"),
    ("sign", lambda g, m, v, e: m - g, "the sign is turned round: that goes down, not up"),
    ("both subtracted", lambda g, m, v, e: -g - m, "the slope by z is subtracted, not added"),
    ("square not differentiated", lambda g, m, v, e: g - m**2 / 2, "m^2 / 2 stands there: its slope is m"),
    ("half of the mean", lambda g, m, v, e: g - m / 2, "the slope of m^2 / 2 is m, not m / 2"),
    ("twice the mean", lambda g, m, v, e: g - 2 * m, "the 1/2 of the divergence is lost"),
    ("noise in the mean", lambda g, m, v, e: g * e - m, "the slope by z is multiplied by the noise: that goes "
     "with the deviation"),
    ("deviation in the mean", lambda g, m, v, e: g * _sd(v) - m, "the slope by z is multiplied by the deviation: "
     "z = mean + ... has slope 1 by the mean"),
    ("z for the mean", lambda g, m, v, e: g - (m + _sd(v) * e), "z stands where the mean belongs: the divergence knows "
     "the mean, not the draw"),
    ("mean times slope", lambda g, m, v, e: g * m, "the mean multiplies the slope: subtract it"),
    ("mean over the variance", lambda g, m, v, e: g - m / np.exp(v), "the mean is divided by the variance: that of the "
     "prior is 1"),
    ("mean times the variance", lambda g, m, v, e: g - m * np.exp(v), "the mean is multiplied by the variance: that of "
     "the prior is 1"),
    ("1 for the mean", lambda g, m, v, e: g - 1, "1 stands where the slope of m^2 / 2 belongs"),
    ("absolute mean", lambda g, m, v, e: g - np.abs(m), "the mean has lost its sign"),
    ("z in the slope", lambda g, m, v, e: g * (m + _sd(v) * e) - m, "z itself stands where its slope by the mean, 1, "
     "belongs"),
    ("halved", lambda g, m, v, e: (g - m) / 2, "it is half as large as it must be"),
    ("doubled", lambda g, m, v, e: 2 * (g - m), "it is twice as large as it must be"),
    ("slopes by z summed", lambda g, m, v, e: g.sum() - m, "the slopes by z are summed: each number has its own"),
    ("means summed", lambda g, m, v, e: g - m.sum(), "the means are summed: each number has its own"),
    ("averaged", lambda g, m, v, e: np.full_like(m, np.mean(g - m)), "all got the same number: each has its own slope"),
)  # fmt: skip


def _own(g, v, e):
    """What comes through z."""
    return g * e * _sd(v) / 2


def _by_log_variance(through, divergence):
    return lambda g, m, v, e: through(g, v, e) - divergence(m, v)


def _only_by_log_variance(through, divergence):
    return lambda g, m, v, e: (None, through(g, v, e) - divergence(m, v))


def _pull(m, v):
    return (np.exp(v) - 1) / 2


_THROUGH = (
    ("half of the exponent lost", lambda g, v, e: g * e * _sd(v), "the exponent is v / 2, and its slope brings a 1/2"),
    ("noise forgotten", lambda g, v, e: g * _sd(v) / 2, "the noise is missing from the slope of exp(v / 2) * noise"),
    ("deviation forgotten", lambda g, v, e: g * e / 2, "the deviation is missing: exp(v / 2) is its own slope, times "
     "1/2"),
    ("slope by the deviation", lambda g, v, e: g * e, "that is the slope by the deviation: go on to v, by exp(v / 2) / "
     "2"),
    ("variance for the deviation", lambda g, v, e: g * e * np.exp(v) / 2, "the variance exp(v) stands where the "
     "deviation exp(v / 2) belongs"),
    ("variance, no half", lambda g, v, e: g * e * np.exp(v), "the variance exp(v) stands where exp(v / 2) / 2 belongs"),
    ("slope by z alone", lambda g, v, e: g, "the slope by z stands there without that of z by v, noise exp(v / 2) / 2"),
    ("noise squared", lambda g, v, e: g * e**2 * _sd(v) / 2, "the noise is squared: once is enough"),
    ("nothing through z", lambda g, v, e: 0 * g, "nothing comes through z: it moves with v, by noise exp(v / 2) / 2"),
    ("sign of what comes through z", lambda g, v, e: -_own(g, v, e), "what comes through z has the wrong sign"),
    ("slope by z forgotten", lambda g, v, e: e * _sd(v) / 2, "the slope by z is missing: the chain rule multiplies"),
    ("exponent doubled", lambda g, v, e: g * e * np.exp(2 * v) / 2, "exp(2 v) stands where exp(v / 2) belongs"),
    ("exponential forgotten", lambda g, v, e: g * e * v / 2, "v stands where the deviation exp(v / 2) belongs"),
    ("inverse deviation", lambda g, v, e: g * e / _sd(v) / 2, "it is divided by the deviation: multiply"),
    ("half twice", lambda g, v, e: g * e * _sd(v) / 4, "what comes through z is halved twice: the exponent brings one "
     "1/2"),
)  # fmt: skip
_PULL = (
    ("no divergence", lambda m, v: 0 * v, "the divergence from N(0, 1) is missing: it pulls the variance to 1"),
    ("divergence added", lambda m, v: -_pull(m, v), "the divergence is added: the bound subtracts it"),
    ("twice the divergence", lambda m, v: 2 * _pull(m, v), "the 1/2 of the divergence is lost"),
    ("only the variance", lambda m, v: np.exp(v) / 2, "the -v of the divergence brings -1/2, which is missing"),
    ("variance without 1/2", lambda m, v: np.exp(v) - 0.5, "exp(v) has lost its 1/2"),
    ("only the 1", lambda m, v: np.full_like(v, -0.5), "exp(v) of the divergence is its own slope, and is missing"),
    ("bracket lost", lambda m, v: np.exp(v) + 0.5, "a bracket is lost: (exp(v) - 1) / 2 as a whole is subtracted"),
    ("plus 1", lambda m, v: (np.exp(v) + 1) / 2, "-v has the slope -1, not +1"),
    ("deviation in the divergence", lambda m, v: (_sd(v) - 1) / 2, "the deviation stands where exp(v) belongs"),
    ("square of v", lambda m, v: (v**2 - 1) / 2, "v^2 stands where exp(v) belongs: v is the log of the variance"),
    ("v itself", lambda m, v: (np.exp(v) - v) / 2, "v itself stands there: the slope of -v is -1"),
    ("divergence not differentiated", lambda m, v: (np.exp(v) - 1 - v) / 2, "that is the divergence: take its slope"),
    ("whole divergence", lambda m, v: (m**2 + np.exp(v) - 1 - v) / 2, "the divergence itself stands there: take its "
     "slope"),
    ("mean in the variance", lambda m, v: (m**2 + np.exp(v) - 1) / 2, "m^2 does not depend on v"),
    ("v for its exponential", lambda m, v: (v - 1) / 2, "v stands where the variance exp(v) belongs"),
    ("summed", lambda m, v: np.full_like(v, _pull(m, v).sum()), "the divergence's slopes are summed: each number has "
     "its own"),
    ("times v", lambda m, v: (np.exp(v) - 1) / 2 * v, "v multiplies the divergence's slope"),
    ("twice, of the deviation", lambda m, v: _sd(v) - 1, "the deviation stands where exp(v) / 2 belongs"),
    ("1 over the variance", lambda m, v: (1 - np.exp(-v)) / 2, "the divergence is turned round: KL(q || N(0, 1))"),
)  # fmt: skip


_OTHER_VARIABLES = (
    ("slope by the deviation in both, by v", lambda g, m, v, e: g * e - _sd(v) + 1 / _sd(v), "that is the slope by the "
     "deviation: go on to v, by exp(v / 2) / 2"),
    ("slope by the variance in both, by v", lambda g, m, v, e: (g * e / _sd(v) - 1 + np.exp(-v)) / 2, "that is the "
     "slope by the variance: go on to v, by exp(v)"),
    ("log of the deviation, by v", lambda g, m, v, e: g * e * np.exp(v) - np.exp(2 * v) + 1, "v is taken for the log "
     "of the deviation: it is that of the variance, and the deviation is exp(v / 2)"),
)  # fmt: skip


def _right_by_mean(g, m, v, e):
    return g - m


def _right_by_log_variance(g, m, v, e):
    return _own(g, v, e) - _pull(m, v)


def _slopes(g, m, v, e):
    return _right_by_mean(g, m, v, e), _right_by_log_variance(g, m, v, e)


def _slope_mistakes():
    """Slips in both slopes alike, and in one of them whatever the other is."""
    both = {
        "divergence forgotten": (lambda g, m, v, e: g, _by_log_variance(_own, lambda m, v: 0), "the divergence from "
         "N(0, 1) is missing: the bound subtracts it"),
        "divergence added": (lambda g, m, v, e: g + m, _by_log_variance(_own, lambda m, v: -_pull(m, v)), "the "
         "divergence is added: the bound subtracts it"),
        "sign": (lambda g, m, v, e: m - g, lambda *a: -_right_by_log_variance(*a), "the sign is turned round: that "
         "goes down, not up"),
        "divergence alone": (lambda g, m, v, e: -m, lambda g, m, v, e: -_pull(m, v), "nothing comes through z, which "
         "moves with both"),
        "divergence alone, climbed": (lambda g, m, v, e: m + 0, lambda g, m, v, e: _pull(m, v), "only the divergence "
         "is there, and it is climbed"),
    }  # fmt: skip
    for name, (first, second, says) in both.items():
        yield Mistake(name, lambda *a, f=first, s=second: (f(*a), s(*a)), f"In both slopes {says}.")
    for name, of, says in _BY_MEAN:
        yield Mistake(f"{name}, by the mean", lambda *a, of=of: (of(*a), None), f"By the mean: {says}.")
    for name, through, says in _THROUGH:
        of = _by_log_variance(through, _pull)
        yield Mistake(f"{name}, by v", lambda *a, of=of: (None, of(*a)), f"By the log-variance: {says}.")
    for name, pull, says in _PULL:
        of = _by_log_variance(_own, pull)
        yield Mistake(f"{name}, by v", lambda *a, of=of: (None, of(*a)), f"By the log-variance: {says}.")


def _mistakes_of_both_slopes():
    """Slips that are seen in both slopes together, and those of another variable: before those of one part."""
    yield Mistake(
        "slopes exchanged",
        lambda *a: _slopes(*a)[::-1],
        "The two slopes are exchanged: the one by the mean comes first.",
    )
    yield Mistake(
        "divided by their number",
        lambda g, m, v, e: tuple(part / len(m) for part in _slopes(g, m, v, e)),
        "Both are divided by the number of latent numbers: each has its own slope.",
    )
    yield Mistake(
        "divergence of the draw",
        lambda g, m, v, e: (g - (m + _sd(v) * e), (g - (m + _sd(v) * e)) * e * _sd(v) / 2 + 0.5),
        "There the divergence is estimated from the same draw. On average that is right, but the exact one is known: "
        "take the slopes of (mean^2 + exp(v) - 1 - v) / 2.",
    )
    yield Mistake(
        "divergence multiplied by the slope",
        lambda g, m, v, e: (g * (1 - m), g * (e * _sd(v) / 2 - _pull(m, v))),
        "of_z multiplies the slope of the divergence, too: that does not go through z, subtract it as it is.",
    )
    for name, of, says in _OTHER_VARIABLES:
        yield Mistake(name, lambda *a, of=of: (None, of(*a)), f"By the log-variance: {says}.")
    yield Mistake(
        "z for its slope, by v",
        tuple(lambda g, m, v, e, c=c: (None, c * g * (m + _sd(v) * e) - _pull(m, v)) for c in (1, 0.5)),
        "By the log-variance: z itself stands where its slope, noise exp(v / 2) / 2, belongs.",
    )


_SLOPES_LAST = (
    Mistake(
        "two slips by v",
        tuple(_only_by_log_variance(through, pull) for _, through, _ in _THROUGH for _, pull, _ in _PULL),
        "By the log-variance both parts are off: what comes through z is of_z times noise exp(v / 2) / 2, and the "
        "divergence takes (exp(v) - 1) / 2 away.",
    ),
    Mistake(
        "only the mean right",
        seen=lambda given, *a: agree(given[0], _right_by_mean(*a)),
        says="The slope by the mean is right. By the log-variance: of_z times noise exp(v / 2) / 2 comes through z, "
        "and the divergence takes (exp(v) - 1) / 2 away.",
        last=True,
    ),
    Mistake(
        "only the log-variance right",
        seen=lambda given, *a: agree(given[1], _right_by_log_variance(*a)),
        says="The slope by the log-variance is right. By the mean: z moves as the mean does, and the divergence takes "
        "the mean itself away.",
        last=True,
    ),
)


slopes = Exercise(
    "1, ``my_slopes(of_z, mean, log_variance, noise) -> (of_mean, of_log_variance)``: the slopes of the bound",
    cases=_points,
    truth=_slopes,
    outputs=("slope by the mean", "slope by the log-variance"),
    mistakes=(*inexact(_slopes, 1e-6), *_mistakes_of_both_slopes(), *_slope_mistakes(), *_SLOPES_LAST),
    tested_on="4 sets of 1 to 5 latent numbers, to 9 digits",
    expected="two arrays, the slope by the mean and by the log-variance, with a comma between them",
)


# ---------------------------------------------------------------- the judge


def _two_laws():
    rng = np.random.default_rng(SEED)
    return [
        Case("data (0.5, 0.5) and drawn (0.8, 0.2)", (np.array([0.5, 0.5]), np.array([0.8, 0.2]))),
        Case("data = drawn = (0.3, 0.7)", (np.array([0.3, 0.7]), np.array([0.3, 0.7]))),
        *(Case(f"two random laws of {n} pictures", tuple(rng.dirichlet(np.ones(n), size=2))) for n in (3, 6)),
        Case("data (0.5, 0.5, 0) and drawn (0, 0.5, 0.5)", (np.array([0.5, 0.5, 0]), np.array([0, 0.5, 0.5]))),
    ]


def _overlap(p, q):
    return np.all(p > 0) and np.all(q > 0)


def _xlogy(x, y):
    return np.where(x > 0, x * np.log(np.where(x > 0, y, 1)), 0.0)


def _D(p, q):
    return p / (p + q)


def _value(p, q, D):
    return np.sum(_xlogy(p, D) + _xlogy(q, 1 - D))


def _judged(p, q):
    return _D(p, q), _value(p, q, _D(p, q))


_JUDGES = (
    ("judge turned round", lambda p, q: q / (p + q), "that is 1 - D, the probability that it was drawn"),
    ("odds instead of a probability", lambda p, q: p / q, "those are the odds p / q: the probability is p / (p + q)"),
    ("odds, turned round", lambda p, q: q / p, "those are the odds against: the probability is p / (p + q)"),
    ("data alone", lambda p, q: p, "the data's law alone does not judge: where as much is drawn, D is 1/2"),
    ("drawn alone", lambda p, q: q, "that is the law of what is drawn: compare both, p / (p + q)"),
    ("half of the sum", lambda p, q: (p + q) / 2, "that is the mixture of both laws: its share of real ones is asked"),
    ("difference", lambda p, q: p - q, "that is p - q: the derivative p / D - q / (1 - D) must be 0"),
    ("hard judge", lambda p, q: (p > q).astype(float), "the judge says 0 or 1: the best one gives a probability"),
    ("hard judge", lambda p, q: (p >= q).astype(float), "the judge says 0 or 1: the best one gives a probability"),
    ("half of it", lambda p, q: p / (p + q) / 2, "half of what it must be: p / (p + q)"),
    ("coin", lambda p, q: np.full_like(p, 0.5), "1/2 is the best judge where both laws agree, and only there"),
    ("log odds", lambda p, q: np.log(p / q), "those are log-odds: the probability is their sigmoid, p / (p + q)"),
    ("relative difference", lambda p, q: (p - q) / (p + q), "that lies between -1 and 1: p / (p + q)"),
    ("twice", lambda p, q: 2 * p / (p + q), "that is p over the mixture (p + q) / 2, twice too large: p / (p + q)"),
    ("squares", lambda p, q: p**2 / (p**2 + q**2), "squared: the terms are p log D and q log(1 - D)"),
    ("sigmoid of the difference", lambda p, q: 1 / (1 + np.exp(q - p)), "the sigmoid of p - q: of log p - log q"),
    ("product", lambda p, q: p * q, "a product: the derivative p / D - q / (1 - D) must be 0"),
    ("normalised odds", lambda p, q: (p / q) / np.sum(p / q), "it need not sum to 1: each picture is judged alone"),
    ("normalised over pictures", lambda p, q: _D(p, q) / _D(p, q).sum(), "each picture is judged alone, no sum of 1"),
    ("larger law", lambda p, q: np.maximum(p, q) / (p + q), "the larger law is on top: the data's is, p / (p + q)"),
    ("roots", lambda p, q: np.sqrt(p) / (np.sqrt(p) + np.sqrt(q)), "roots have come in: p / (p + q)"),
)  # fmt: skip


def _kl(p, q):
    return np.sum(_xlogy(p, p) - _xlogy(p, q))


def _js(p, q):
    return (_kl(p, (p + q) / 2) + _kl(q, (p + q) / 2)) / 2


_VALUES = (
    ("sign", lambda p, q, D: -_value(p, q, D), "the sign is turned round: logs of probabilities are below 0"),
    ("divergence itself", lambda p, q, D: _js(p, q), "that is the Jensen-Shannon divergence: 2 JS - log 4"),
    ("twice the divergence", lambda p, q, D: 2 * _js(p, q), "log 4 is missing: where the laws agree both logs are "
     "log 1/2"),
    ("one log 2", lambda p, q, D: 2 * _js(p, q) - np.log(2), "log 2 instead of log 4: there are two terms"),
    ("divergence once", lambda p, q, D: _js(p, q) - np.log(4), "the divergence counts twice: 2 JS - log 4"),
    ("log 4 twice", lambda p, q, D: _value(p, q, D) - np.log(4), "log 4 is subtracted once too often: log(p / (p + q)) "
     "holds it already, log(p / m) does not"),
    ("log 4 added", lambda p, q, D: 2 * _js(p, q) + np.log(4), "log 4 is subtracted: logs of probabilities"),
    ("real ones only", lambda p, q, D: np.sum(_xlogy(p, D)), "the drawn ones are missing: + <log(1 - D)>"),
    ("drawn ones only", lambda p, q, D: np.sum(_xlogy(q, 1 - D)), "the real ones are missing: + <log D>"),
    ("half", lambda p, q, D: _value(p, q, D) / 2, "it is halved: the sum of two averages"),
    ("minus between the averages", lambda p, q, D: np.sum(_xlogy(p, D) - _xlogy(q, 1 - D)), "the second average is "
     "subtracted: both are climbed"),
    ("not weighted", lambda p, q, D: np.sum(np.log(D) + np.log(1 - D)), "the averages are over the laws: weigh with p "
     "and q"),
    ("plain mean", lambda p, q, D: np.mean(np.log(D)) + np.mean(np.log(1 - D)), "plain means over the pictures: weigh "
     "with p and q"),
    ("mean of the terms", lambda p, q, D: np.mean(_xlogy(p, D) + _xlogy(q, 1 - D)), "p and q are weights: sum, do not "
     "divide by the number of pictures"),
    ("drawn ones not weighed", lambda p, q, D: np.sum(_xlogy(p, D) + np.log(1 - D)), "log(1 - D) is weighed with what "
     "is drawn, q"),
    ("real ones not weighed", lambda p, q, D: np.sum(np.log(D) + _xlogy(q, 1 - D)), "log D is weighed with the data, "
     "p"),
    ("mixture for both", lambda p, q, D: np.sum((p + q) / 2 * (np.log(D) + np.log(1 - D))), "both logs are weighed "
     "with the mixture: log D with p, log(1 - D) with q"),
    ("log D without log", lambda p, q, D: np.sum(_xlogy(p, D) - q * D), "log(1 - D) became log(1) - D: mind the "
     "bracket"),
    ("laws exchanged", lambda p, q, D: np.sum(_xlogy(q, D) + _xlogy(p, 1 - D)), "the laws are exchanged: log D is "
     "averaged over the data"),
    ("log D for both", lambda p, q, D: np.sum(_xlogy(p, D) + _xlogy(q, D)), "of the drawn ones log(1 - D) counts"),
    ("data for both", lambda p, q, D: np.sum(_xlogy(p, D) + _xlogy(p, 1 - D)), "log(1 - D) is averaged over what is "
     "drawn, q"),
    ("drawn for both", lambda p, q, D: np.sum(_xlogy(q, D) + _xlogy(q, 1 - D)), "log D is averaged over the data, p"),
    ("base 2", lambda p, q, D: _value(p, q, D) / np.log(2), "the logarithm is to base 2: the course counts in nats"),
    ("base 10", lambda p, q, D: _value(p, q, D) / np.log(10), "the logarithm is to base 10: the course counts in nats"),
    ("log of the mean", lambda p, q, D: np.log(p @ D) + np.log(q @ (1 - D)), "the log of the mean: take the mean of "
     "the logs"),
    ("no logs", lambda p, q, D: p @ D + q @ (1 - D), "the logarithms are missing"),
    ("doubled", lambda p, q, D: 2 * _value(p, q, D), "it is doubled: each average counts once"),
    ("constant", lambda p, q, D: -np.log(4), "-log 4 is the value where the laws agree, and only there"),
    ("KL divergence", lambda p, q, D: _kl(p, q), "that is a KL divergence: each law meets the mixture (p + q) / 2"),
    ("entropy of the judge", lambda p, q, D: -np.sum(_xlogy(D, D) + _xlogy(1 - D, 1 - D)), "that is an entropy of D: "
     "weigh with p and q"),
    ("generator's share, other sign", lambda p, q, D: np.sum(_xlogy(p, D)) - np.sum(_xlogy(q, D)), "of the drawn ones "
     "log(1 - D) counts, and it is added"),
)  # fmt: skip


def _guarded(least, p, q):
    """What small numbers do that are to keep a logarithm finite: added, or as the least and the largest D."""
    D, below = _D(p, q), p / (p + q + least)
    clipped = np.clip(D, least, 1 - least)
    added = np.sum(p * np.log(D + least) + q * np.log(1 - D + least))
    right, of_clipped = _value(p, q, D), _value(p, q, clipped)
    return (D, added), (D, of_clipped), (clipped, of_clipped), (clipped, right), (below, _value(p, q, below))


_GUARD = "A small number added in the logarithm, or in D, shows: leave out the terms whose weight is 0 instead."


def _judge_mistakes():
    guards = tuple(lambda p, q, k=k, way=way: _guarded(10.0**-k, p, q)[way] for k in range(1, 9) for way in range(5))
    yield Mistake("small number in the logarithm", guards, _GUARD)
    yield from inexact(_judged, 1e-6)
    yield Mistake(
        "small number in the logarithm",
        seen=lambda given, p, q: (
            np.allclose(given[0], _D(p, q), atol=1e-4) and abs(given[1] - _value(p, q, _D(p, q))) < 1e-3
        ),
        says=_GUARD,
    )
    for name, of, says in _JUDGES:
        yield Mistake(name, lambda p, q, of=of: (of(p, q), None), f"D: {says}.", where=_overlap)
    for name, of, says in _VALUES:
        yield Mistake(name, lambda p, q, of=of: (None, of(p, q, _D(p, q))), f"The value: {says}.", where=_overlap)
    yield Mistake(
        "zero times infinity",
        seen=lambda given, p, q: (
            equal(given, _judged(p, q)) if _overlap(p, q) else agree(given[0], _D(p, q)) and not np.isfinite(given[1])
        ),
        says="Right where both laws are above 0. Where one is 0 a log is infinite and its weight 0: that term is 0.",
    )
    yield Mistake(
        "judge where a law is 0",
        seen=lambda given, p, q: equal(given, _judged(p, q)) if _overlap(p, q) else not agree(given[0], _D(p, q)),
        says="Right where both laws are above 0. Where nothing is drawn D is 1, and where the data never come it is 0.",
    )


_JUDGE_LAST = (
    Mistake(
        "only the judge right",
        seen=lambda given, p, q: agree(given[0], _D(p, q)),
        says="The judge is right. Its value: log D weighed with the data, plus log(1 - D) with the drawn.",
        last=True,
    ),
    Mistake(
        "only the value right",
        seen=lambda given, p, q: agree(given[1], _value(p, q, _D(p, q))),
        says="The value is right. The judge: where is the slope p / D - q / (1 - D) zero?",
        last=True,
    ),
)

judge = Exercise(
    "2, ``my_judge(p_data, p_drawn) -> (D, value)``: the best judge, and what it reaches",
    cases=_two_laws,
    truth=_judged,
    outputs=("D", "value"),
    mistakes=(*_judge_mistakes(), *_JUDGE_LAST),
    tested_on="5 pairs of laws of 2 to 6 pictures, to 9 digits",
    expected="the array D and a number, with a comma between them",
)


# ---------------------------------------------------------------- one step back


def _units():
    rng = np.random.default_rng(SEED)
    return [
        Case(
            "one unit that is 1, kept with 0.2 now and 0.6 before, p = 0.9",
            (np.array([0.9]), np.array([1]), 0.2, 0.6),
        ),
        Case(
            "one unit that is 0, kept with 0.2 now and 0.6 before, p = 0.9", (np.array([0.9]), np.array([0]), 0.2, 0.6)
        ),
        *(
            Case(f"{n} random units, kept with {k} now and {e} before", (rng.random(n), rng.integers(2, size=n), k, e))
            for n, k, e in ((4, 0.5, 0.7), (6, 0.1, 0.3))
        ),
        Case("the first step, from coins", (np.array([0.3, 0.8]), np.array([0, 1]), 0.0, 0.4)),
        Case("the last step, to the start", (np.array([0.3, 0.8]), np.array([0, 1]), 0.9, 1.0)),
    ]


def _coin(to, start, keep):
    """Probability of a value, 0 or 1, after a time in which the first one is kept with ``keep``."""
    return keep * (to == start) + (1 - keep) / 2


def _back(p, x, k, e, *, between=None, first=_coin, second=_coin):
    """Bayes with parts that may be wrong: what is kept between, the way to the earlier time, and that from it."""
    r = k / e if between is None else between(k, e)
    one = sum(
        w * first(1, s, e) * second(x, 1, r) / sum(first(y, s, e) * second(x, y, r) for y in (0, 1))
        for s, w in ((1, p), (0, 1 - p))
    )
    return one


def _of_parts(p, x, k, e, *, first=None, second=None, below=None):
    """Bayes, of which one part or several are other functions of the start and of the value now, as spins."""
    spin, total = 2 * x - 1, 0.0
    for start, weight in ((1, p), (-1, 1 - p)):
        up = (1 + e * start) / 2 if first is None else first(start, spin, k, e)
        on = (1 + k / e * spin) / 2 if second is None else second(start, spin, k, e)
        out = (1 + k * start * spin) / 2 if below is None else below(start, spin, k, e)
        total = total + weight * up * on / out
    return total


def _part_wrong(**part):
    return lambda p, x, k, e: _of_parts(p, x, k, e, **part)


def _both_ways(p, x, k, e):
    """What follows from each start, not weighed."""
    return _of_parts(1.0, x, k, e), _of_parts(0.0, x, k, e)


def _same_or_not(keep, a, b):
    return np.where(a == b, keep, 1 - keep)


def _keep_only(to, start, keep):
    return np.where(to == start, keep, 1 - keep)


def _unnormalised(p, x, k, e):
    return sum(w * _coin(1, s, e) * _coin(x, 1, k / e) for s, w in ((1, p), (0, 1 - p)))


def _prior_only(p, x, k, e):
    """The way from the expected start, without looking at the value now."""
    return p * _coin(1, 1, e) + (1 - p) * _coin(1, 0, e)


def _weighed(p, x, k, e, r):
    """The right weights of both starts, with another share kept on the way to now."""
    up, down = (_coin(1, s, e) * _coin(x, 1, r) / _coin(x, s, k) for s in (1, 0))
    return p * up + (1 - p) * down


def _swapped(p, x, k, e):
    s, r = 2 * x - 1, k / e
    up, down = ((1 + r * s) * (1 + k * a) / (2 * (1 + e * s * a)) for a in (1, -1))
    return p * up + (1 - p) * down


def _ratio_wrong(p, x, k, e):
    """The right formula with other shares kept between."""
    return tuple(_weighed(p, x, k, e, r) for r in (e - k, e / k, k * e, e, 1 - e + k, np.sqrt(k / e), k - e))


def _zeros_taken_for_spins(p, x, k, e):
    up, down = ((1 + k / e * x) * (1 + a * e) / (2 * (1 + k * x * a)) for a in (1, -1))
    return p * up + (1 - p) * down


def _mixed_first(p, x, k, e):
    """Bayes with the expected way of both starts, in place of the average of two Bayes."""
    prior = _prior_only(p, x, k, e)
    up, down = prior * _coin(x, 1, k / e), (1 - prior) * _coin(x, 0, k / e)
    return up / (up + down)


_STEPS = (
    ("first value instead", lambda p, x, k, e: p, "That is the probability of the first value: one step goes back to "
     "an earlier time only."),
    ("value now", lambda p, x, k, e: x.astype(float), "That is the value now: some of them were coins."),
    ("value now not seen", _prior_only, "The value now is not looked at: it too speaks for the earlier value, with "
     "keep / earlier."),
    ("start not seen", lambda p, x, k, e: _coin(1, x, k / e), "The first value is not looked at: it leads to the "
     "earlier one with (1 + earlier) / 2 or (1 - earlier) / 2."),
    ("kept since the start", lambda *a: _back(*a, between=lambda k, e: k), "Between the earlier time and now keep / "
     "earlier is kept: keep alone counts from the start."),
    ("kept since the start, normalised by keep", lambda p, x, k, e: _weighed(p, x, k, e, k), "Between the earlier "
     "time and now keep / earlier is kept: keep alone counts from the start."),
    ("not normalised, as for 1", lambda p, x, k, e: _back(p, x, k, e) * _coin(x, 1, k), "Each start has its own "
     "normalisation, (1 +- keep) / 2."),
    ("0 and 1 taken for spins", _zeros_taken_for_spins, "The formulas are for spins, +1 and -1: turn 0 and 1 into them "
     "first, 2 * now - 1."),
    ("difference for the ratio", lambda *a: _back(*a, between=lambda k, e: e - k), "Between the two times keep / "
     "earlier is kept, a ratio: probabilities of keeping multiply."),
    ("one minus the difference", lambda *a: _back(*a, between=lambda k, e: 1 - e + k), "Between the two times keep / "
     "earlier is kept: probabilities of keeping multiply, they do not add."),
    ("product for the ratio", lambda *a: _back(*a, between=lambda k, e: k * e), "Between the two times keep / earlier "
     "is kept, not their product."),
    ("earlier for the ratio", lambda *a: _back(*a, between=lambda k, e: e), "From the earlier time to now keep / "
     "earlier is kept, not earlier."),
    ("ratio upside down", lambda *a: _back(*a, between=lambda k, e: e / k), "The ratio is upside down: keep / earlier "
     "is below 1."),
    ("times exchanged", lambda p, x, k, e: _back(p, x, e, k, between=lambda a, b: k / e), "keep and earlier are "
     "exchanged on the way from the start: the start leads to the earlier time with earlier."),
    ("both exchanged", lambda p, x, k, e: _back(p, x, e, k), "keep and earlier are exchanged: less is kept now than "
     "before."),
    ("coin never shows the old value", lambda *a: _back(*a, first=_keep_only, second=_keep_only), "A coin shows the "
     "old value in half of the cases: a value stays with (1 + keep) / 2, not with keep."),
    ("coin never shows the old value", _part_wrong(
        first=lambda s, x, k, e: _same_or_not(e, s, 1),
        second=lambda s, x, k, e: _same_or_not(k / e, x, 1),
        below=lambda s, x, k, e: _same_or_not(k, s, x),
     ), "A coin shows the old value in half of the cases: a value stays with (1 + keep) / 2, not with keep."),
    ("start left out on the first way", _part_wrong(first=lambda s, x, k, e: (1 + e) / 2), "On the way from the start "
     "(1 + earlier) / 2 is for the start 1: from the start 0 it is (1 - earlier) / 2."),
    ("first way to 0", _part_wrong(first=lambda s, x, k, e: (1 - e * s) / 2), "The way from the start leads to a 1: "
     "with (1 + earlier) / 2 from the start 1."),
    ("second way from 0", _part_wrong(second=lambda s, x, k, e: (1 - k / e * x) / 2), "The way to now begins at a 1: "
     "with (1 + keep / earlier) / 2 to a 1."),
    ("second way from the start", _part_wrong(second=lambda s, x, k, e: (1 + k / e * s * x) / 2), "The way to now "
     "begins at the earlier value, 1, whatever the start was: (1 +- keep / earlier) / 2 by the value now alone."),
    ("one denominator for all", _part_wrong(below=lambda s, x, k, e: (1 + k) / 2), "The denominator is (1 + keep) / 2 "
     "where the start agrees with the value now, else (1 - keep) / 2."),
    ("ratio below", _part_wrong(below=lambda s, x, k, e: (1 + k / e * s * x) / 2), "In the denominator stands the "
     "whole way from the start to now: with keep, not with keep / earlier."),
    ("sigmoid of p_start", lambda p, x, k, e: _back(1 / (1 + np.exp(-p)), x, k, e), "p_start is a probability already: "
     "no sigmoid."),
    ("keep for earlier", _part_wrong(first=lambda s, x, k, e: (1 + k * s) / 2), "keep stands where the start leads to "
     "the earlier time: there earlier is kept."),
    ("value now left out on the second way", _part_wrong(second=lambda s, x, k, e: (1 + k / e) / 2), "On the way to "
     "now (1 + keep / earlier) / 2 is for a 1: to a 0 it is (1 - keep / earlier) / 2."),
    ("no second way", tuple(_part_wrong(second=lambda s, x, k, e, c=c: c) for c in (1, 0.5)), "The way from the "
     "earlier time to now is missing: (1 +- keep / earlier) / 2."),
    ("denominators exchanged", _part_wrong(below=lambda s, x, k, e: (1 - k * s * x) / 2), "The two denominators are "
     "exchanged: (1 + keep) / 2 where the start agrees with the value now."),
    ("value now left out below", _part_wrong(below=lambda s, x, k, e: (1 + k * s) / 2), "The denominator must know the "
     "value now: (1 + keep) / 2 where the start agrees with it, else (1 - keep) / 2."),
    ("earlier below", _part_wrong(below=lambda s, x, k, e: (1 + e * s * x) / 2), "In the denominator stands the whole "
     "way from the start to now: with keep, not with earlier."),
    ("starts not weighed", lambda *a: sum(_both_ways(*a)), "The two starts are added as they are: weigh them with "
     "p_start and 1 - p_start."),
    ("start 0 not weighed", lambda p, *a: p * _both_ways(p, *a)[0] + _both_ways(p, *a)[1], "The start 0 is not "
     "weighed: with 1 - p_start."),
    ("starts subtracted", lambda p, *a: p * _both_ways(p, *a)[0] - (1 - p) * _both_ways(p, *a)[1], "The start 0 is "
     "subtracted: it too may lead to 1, add it."),
    ("spins for weights", lambda p, *a: (2 * p - 1) * np.subtract(*_both_ways(p, *a)), "The starts are weighed with "
     "the mean of a spin: the weights are p_start and 1 - p_start."),
    ("coins counted as kept", lambda p, x, k, e: _of_parts(p, x, 1 - e, 1 - k), "1 - keep is the share of coins: keep "
     "and earlier say how many are kept."),
    ("mixed with shares", lambda p, x, k, e: ((e - k) * p + (1 - e) * x) / (1 - k), "That mixes the first value and "
     "the one now: Bayes multiplies what both say."),
    ("coin in the first way", lambda *a: _back(*a, first=_keep_only), "On the way from the start a coin shows the old "
     "value half the time: (1 + earlier) / 2."),
    ("coin in the second way", lambda *a: _back(*a, second=_keep_only), "On the way to now a coin shows the old value "
     "half the time: (1 + keep / earlier) / 2."),
    ("not normalised", _unnormalised, "Bayes divides by the probability of the value now, given the start: (1 +- keep) "
     "/ 2."),
    ("starts mixed before Bayes", _mixed_first, "The two starts are mixed before Bayes: p already knows the value now. "
     "Take Bayes for each start, then mix with p."),
    ("sharp start", lambda p, x, k, e: _back((p > 0.5).astype(float), x, k, e), "The first value is rounded: use its "
     "probability."),
    ("start drawn from coins", lambda p, x, k, e: _back(0.5 + 0 * p, x, k, e), "p_start does not enter: the starts "
     "weigh p and 1 - p."),
    ("p turned round", lambda p, x, k, e: _back(1 - p, x, k, e), "p and 1 - p are exchanged: p is the probability that "
     "the first value was 1."),
    ("now turned round", lambda p, x, k, e: _back(p, 1 - x, k, e), "The value now is turned round."),
    ("probability of 0", lambda p, x, k, e: 1 - _back(p, x, k, e), "That is the probability of 0: 1 is asked for."),
    ("start 1 only", lambda p, x, k, e: _back(1 + 0 * p, x, k, e), "Only the start 1 counts: the start 0 has weight "
     "1 - p."),
    ("start 1 only, weighed", lambda p, x, k, e: p * _back(1 + 0 * p, x, k, e), "The start 0 is missing, with weight "
     "1 - p: it too may lead to 1."),
    ("kept means seen", lambda p, x, k, e: k / e * x + (1 - k / e) * p, "That mixes the value now and the first one: "
     "Bayes multiplies what both say."),
    ("interpolated", lambda p, x, k, e: e * p + (1 - e) * x, "That mixes the first value and the one now: Bayes "
     "multiplies what both say."),
    ("units as spins", lambda p, x, k, e: 2 * _back(p, x, k, e) - 1, "That is the mean of a spin: the probability of 1 "
     "is asked for."),
    ("p of spins", lambda p, x, k, e: _back((1 + p) / 2, x, k, e), "p is a probability already, not the mean of a "
     "spin."),
    ("halves lost", lambda p, x, k, e: 2 * _back(p, x, k, e), "A factor 1/2 is lost: two stand in the "
     "numerator, one in the denominator."),
    ("half too many", lambda p, x, k, e: _back(p, x, k, e) / 2, "A factor 1/2 is too many: it cancels between "
     "numerator and denominator but for one."),
    ("starts not weighed by p alone", lambda p, x, k, e: _unnormalised(p, x, k, e) / _coin(x, 1, k), "Each start has "
     "its own normalisation: (1 + keep) / 2 only where the start agrees with the value now."),
    ("mean of both", lambda p, x, k, e: (p + x) / 2, "That is the mean of the first value and the one now: "
     "Bayes weighs what both say."),
    ("product of both", lambda p, x, k, e: p * x, "That multiplies the first value and the one now: Bayes "
     "multiplies probabilities of getting there, and divides."),
    ("p as a spin", lambda p, x, k, e: _back(2 * p - 1, x, k, e), "p_start is turned into the mean of a spin: as a "
     "weight it must stay a probability."),
    ("earlier and keep exchanged at the start", lambda p, x, k, e: _swapped(p, x, k, e), "keep and earlier are "
     "exchanged: the start leads to the earlier time with earlier."),
    ("log-odds", lambda p, x, k, e: np.log(_back(p, x, k, e) / (1 - _back(p, x, k, e))), "Those are log-odds: the "
     "probability is asked for."),
    ("drawn", lambda p, x, k, e: (_back(p, x, k, e) > 0.5).astype(float), "The value itself is returned: its "
     "probability is asked for."),
    ("rounded now", lambda p, x, k, e: np.where(x == 1, _back(p, x, k, e), 1 - _back(p, x, k, e)), "That is the "
     "probability that the value now was there before: that of 1 is asked for."),
)  # fmt: skip


def _inside(p, x, k, e):
    """Where no part is 0 and no formula divides by it."""
    return 0 < k and e < 1


_BACK_LAST = (
    *(
        Mistake(
            "not keep / earlier",
            lambda p, x, k, e, n=n: _ratio_wrong(p, x, k, e)[n],
            "Between the earlier time and now keep / earlier is kept: probabilities of keeping multiply.",
            where=_inside,
        )
        for n in range(7)
    ),
    Mistake(
        "halves lost",
        tuple(lambda p, x, k, e, c=c: c * _unnormalised(p, x, k, e) for c in (2, 4)),
        "Nothing is divided by: Bayes needs the probability of the value now, given the start, (1 +- keep) / 2.",
        where=_inside,
    ),
    Mistake(
        "drawn",
        seen=lambda given, *_: np.all((given == 0) | (given == 1)),
        says="Only 0 and 1 are returned: the probability of a 1 is asked for, not a draw.",
        last=True,
    ),
    Mistake(
        "right for one unit only",
        seen=lambda given, *a: len(given) > 1 or agree(given, _back(*a)),
        says="Right for one unit: with several each has its own p_start and its own value now.",
        where=_inside,
        last=True,
    ),
    Mistake(
        "right for 1 only",
        seen=lambda given, p, x, k, e: agree(given[x == 1], _back(p, x, k, e)[x == 1]),
        says="Right where the value now is 1. Where it is 0 the spin is -1, in all parts.",
        where=_inside,
        last=True,
    ),
    Mistake(
        "no probability",
        seen=lambda given, *_: np.any((given < 0) | (given > 1)),
        where=lambda p, x, k, e: (k, e) == (0.2, 0.6) and x[0] == 1,
        says="That is above 1 or below 0: are the starts weighed with p_start and 1 - p_start, and each divided by its "
        "own (1 +- keep) / 2?",
        last=True,
    ),
)

step_back = Exercise(
    "3, ``my_step_back(p_start, now, keep, earlier) -> array``: the probability of 1, a step before",
    cases=_units,
    truth=_back,
    mistakes=(
        *inexact(_back, 1e-6),
        *(Mistake(name, of, says, where=_inside) for name, of, says in _STEPS),
        *_BACK_LAST,
    ),
    tested_on="6 steps of 1 to 6 units, with the first and the last, to 9 digits",
    expected="one probability for each unit",
    describe=lambda given, exact, *_: _first_that_differs(given, exact),
)


def _first_that_differs(given, exact):
    k = int(np.argmax(~close(given, exact)))
    digits = 6 if f"{given[k]:.6g}" != f"{exact[k]:.6g}" else 9
    return f"your value{f'[{k}]' if len(exact) > 1 else ''} is {given[k]:.{digits}g}, exact is {exact[k]:.{digits}g}"
