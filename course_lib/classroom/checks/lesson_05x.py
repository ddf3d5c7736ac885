"""Checks of lesson 05x, estimators.

>>> verdict = step(lambda J, h, image, fantasy, alpha: (J, h + alpha * (image - fantasy)))
Not yet: for two spins with alpha = 0.1 your J[0, 1] is 0, exact is 0.2. h is right, but J did not move.
"""

import numpy as np

from course_lib import divergence, ising
from course_lib.classroom.checks import AnswerError, Case, Exercise, Mistake, agree, as_numbers

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
            for n, alpha in ((3, 0.5), (5, 0.01), (6, 1.0))
        ),
    ]


def _pairs(s, x):
    return np.outer(s, s) - np.outer(x, x)


def _spins(s, x):
    return s - x


def _moved(in_J=_pairs, in_h=_spins):
    """A step along these slopes of image s and fantasy x."""
    return lambda J, h, s, x, alpha: (J + alpha * in_J(s, x), h + alpha * in_h(s, x))


step = Exercise(
    "1, ``my_step(J (N, N), h (N,), image (N,), fantasy (N,), alpha) -> (J, h)``: one step of update (4) of the notes",
    cases=_models_and_states,
    truth=_moved(),
    outputs=("J", "h"),
    mistakes=(
        Mistake(
            "sign",
            _moved(lambda s, x: -_pairs(s, x), lambda s, x: x - s),
            "The sign is turned round, and the step goes downhill: the data pull up, plus, and the model's state "
            "pulls down, minus.",
        ),
        Mistake(
            "sign of the fields",
            _moved(in_h=lambda s, x: x - s),
            "J is right; the sign of the step in h is turned round.",
        ),
        Mistake(
            "sign of the couplings",
            _moved(lambda s, x: -_pairs(s, x)),
            "h is right; the sign of the step in J is turned round.",
        ),
        Mistake(
            "alpha forgotten",
            lambda J, h, s, x, alpha: (J + _pairs(s, x), h + s - x),
            "alpha is not used: it multiplies what is added to J and to h.",
        ),
        Mistake(
            "divided by alpha",
            lambda J, h, s, x, alpha: (J + _pairs(s, x) / alpha, h + (s - x) / alpha),
            "The step is divided by alpha: multiply.",
        ),
        Mistake(
            "old parameters scaled",
            lambda J, h, s, x, alpha: (alpha * (J + _pairs(s, x)), alpha * (h + s - x)),
            "alpha multiplies the old parameters as well: only what is added to them is scaled.",
        ),
        Mistake(
            "change instead of new parameters",
            lambda J, h, s, x, alpha: (alpha * _pairs(s, x), alpha * (s - x)),
            "That is the change: add it to the old J and h.",
        ),
        Mistake("fields not moved", _moved(in_h=lambda s, x: 0), "J is right, but h did not move."),
        Mistake("couplings not moved", _moved(lambda s, x: 0), "h is right, but J did not move."),
        Mistake(
            "product of the difference",
            _moved(lambda s, x: np.outer(s - x, s - x)),
            "The products were taken of s - x: take them of each state first, then their difference, "
            "s_i s_j - x_i x_j.",
        ),
        Mistake(
            "image and fantasy multiplied",
            _moved(lambda s, x: np.outer(s, s) - np.outer(s, x)),
            "Image and fantasy are multiplied with each other: each has its own products, s_i s_j and x_i x_j.",
        ),
        Mistake(
            "fantasy left out",
            _moved(lambda s, x: np.outer(s, s) - np.eye(len(s)), lambda s, x: s),
            "The fantasy does not enter: without it the parameters grow for ever.",
        ),
        Mistake(
            "fantasy left out, diagonal filled",
            _moved(lambda s, x: np.outer(s, s), lambda s, x: s),
            "The fantasy does not enter: without it the parameters grow for ever, and J gets a diagonal.",
        ),
        Mistake(
            "fantasy left out of the couplings",
            _moved(lambda s, x: np.outer(s, s)),
            "In J the fantasy does not enter: subtract its products x_i x_j.",
        ),
        Mistake(
            "image left out",
            _moved(lambda s, x: -np.outer(x, x), lambda s, x: -x),
            "The image does not enter: the data's products are what the step adds.",
        ),
        Mistake(
            "couplings doubled",
            _moved(lambda s, x: 2 * _pairs(s, x)),
            "A pair has *one* number J_ij = J_ji, and its slope is s_i s_j - x_i x_j: no factor 2 or 1/2 belongs to "
            "the step in J.",
        ),
        Mistake(
            "couplings halved",
            _moved(lambda s, x: _pairs(s, x) / 2),
            "A pair has *one* number J_ij = J_ji, and its slope is s_i s_j - x_i x_j: no factor 2 or 1/2 belongs to "
            "the step in J.",
        ),
        Mistake(
            "one triangle only",
            (_moved(lambda s, x: np.triu(_pairs(s, x))), _moved(lambda s, x: np.tril(_pairs(s, x)))),
            "Only one half of J moved, so that it is no longer symmetric: J_ij and J_ji are one number.",
        ),
        Mistake(
            "self-coupling",
            seen=lambda given, *arguments: np.any(np.abs(np.diag(given[0])) > 1e-9),
            says="The diagonal of J is not zero: a spin is not its own neighbour. In s_i s_i - x_i x_i it cancels by "
            "itself.",
        ),
    ),
    tested_on="4 models of 2 to 6 spins, to 9 digits",
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
        Case(
            "two spins that disagree against a coupling of 500",
            (np.array([[1, -1]]), np.array([[0.0, 500.0], [500.0, 0.0]]), np.zeros(2)),
        ),
    ]


def _agreement(data, J, h):
    """Of each spin with its local field."""
    return data * (data @ J + h)


def _log_p(agreement):
    return -np.logaddexp(0, -2 * agreement)


def _average(terms):
    return terms.sum(axis=1).mean()


def _log_pl(data, J, h):
    return _average(_log_p(_agreement(data, J, h)))


log_pseudo_likelihood = Exercise(
    "2, ``my_log_pseudo_likelihood(data (M, N), J (N, N), h (N,)) -> float``: each spin given all others, per sample",
    cases=_data_and_models,
    truth=_log_pl,
    mistakes=(
        Mistake(
            "factor 2 lost",
            lambda *a: _average(_log_p(_agreement(*a) / 2)),
            "The factor 2 in the exponent is lost: the two states of a spin in a field f differ in energy by 2 f.",
        ),
        Mistake(
            "factor 4",
            lambda *a: _average(_log_p(2 * _agreement(*a))),
            "The exponent is twice too large: it is 2 s f, and f itself holds each coupling once.",
        ),
        Mistake(
            "sign",
            lambda *a: -_log_pl(*a),
            "That is the *negative* log-pseudo-likelihood: a logarithm of probabilities is below 0.",
        ),
        Mistake(
            "probability of the other sign",
            lambda *a: _average(_log_p(-_agreement(*a))),
            "The sign in the exponent is turned round: a spin along its field is the likely one.",
        ),
        Mistake(
            "probability of up",
            lambda data, J, h: _average(_log_p(data @ J + h)),
            "That is the probability that the spin is *up*: of a spin that was seen down take the probability of "
            "down, so s_i belongs into the exponent.",
        ),
        Mistake(
            "sum over the samples",
            lambda data, J, h: len(data) * _log_pl(data, J, h),
            "That is the sum over the samples: take the mean, so that it does not grow with M.",
        ),
        Mistake(
            "mean over the spins",
            lambda data, J, h: _log_pl(data, J, h) / len(h),
            "The spins were averaged: the logarithms of one sample's spins are summed, only samples are averaged.",
        ),
        Mistake(
            "sum over the samples, mean over the spins",
            lambda data, J, h: len(data) / len(h) * _log_pl(data, J, h),
            "The axes are exchanged: sum over the spins, axis 1, and take the mean over the samples, axis 0.",
        ),
        Mistake(
            "field forgotten",
            lambda data, J, h: _log_pl(data, J, 0 * h),
            "The fields h are missing from the local field.",
        ),
        Mistake(
            "couplings forgotten",
            lambda data, J, h: _log_pl(data, 0 * J, h),
            "The couplings are missing from the local field: the other spins decide, too.",
        ),
        Mistake(
            "couplings doubled",
            lambda data, J, h: _log_pl(data, 2 * J, h),
            "Each coupling is counted twice in the local field: f_i = sum_j J_ij s_j + h_i.",
        ),
        Mistake(
            "couplings halved",
            lambda data, J, h: _log_pl(data, J / 2, h),
            "Each coupling is halved in the local field: the half belongs to the energy, where a pair is met "
            "twice; spin i meets its neighbour j once.",
        ),
        Mistake(
            "one triangle only",
            (
                lambda data, J, h: _log_pl(data, np.triu(J), h),
                lambda data, J, h: _log_pl(data, np.tril(J), h),
            ),
            "Each spin hears only the spins on one side of it: J_ij acts on spin i and on spin j, so all of J "
            "belongs in the local field.",
        ),
        Mistake(
            "log 1 taken for 1",
            lambda *a: _average(-np.logaddexp(1, -2 * _agreement(*a))),
            "np.logaddexp takes the logarithms of what it adds: for the 1 in 1 + exp(x) pass log 1, which is 0.",
        ),
        Mistake(
            "self-coupling counted",
            lambda data, J, h: _log_pl(data, J + np.eye(len(h)), h),
            "The spin itself is among its neighbours: the field of spin i comes from the *others* and from h_i.",
        ),
        Mistake(
            "normalisation dropped",
            lambda *a: _average(_agreement(*a)),
            "That is the sum of s f: each conditional probability has a normalisation, two terms, which must stay.",
        ),
        Mistake(
            "log-likelihood",
            lambda *a: -divergence.nll(*a),
            "That is the log-likelihood itself, with Z: here each spin is given the others, and Z does not appear.",
        ),
        Mistake(
            "energy of the whole state",
            lambda data, J, h: _average(_log_p(-ising.energy(data, J, h)[:, None] + 0 * data)),
            "The energy of the whole state stands in the exponent: of spin i only 2 s_i f_i counts.",
        ),
        Mistake(
            "means instead of spins",
            lambda data, J, h: _average(_log_p(data * (data.mean(axis=0) @ J + h))),
            "The neighbours enter by their means over the data: in each sample use that sample's own spins.",
        ),
        Mistake(
            "log of the mean",
            lambda *a: np.log(np.exp(_log_p(_agreement(*a)).sum(axis=1)).mean()),
            "That is the log of the mean over the samples: the mean goes outside, over the logs.",
        ),
        Mistake(
            "log forgotten",
            lambda *a: _average(np.exp(_log_p(_agreement(*a)))),
            "That is the sum of the probabilities: take the logarithm of each first.",
        ),
        Mistake(
            "base 2",
            lambda *a: _log_pl(*a) / np.log(2),
            "The logarithm is to base 2, and the answer in bits: the course counts in nats.",
        ),
        Mistake(
            "overflow",
            seen=lambda given, *a: agree(given, _log_pl(*a)) or (np.isinf(given) and _log_pl(*a) < -700),
            says="All other cases are right: exp(1000) overflows. log(1 + exp(x)) is np.logaddexp(0, x), for any x.",
        ),
    ),
    tested_on="6 models of 1 to 5 spins with 1 to 10 samples, one with a very strong coupling, to 9 digits",
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
    ]


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
    extreme = np.abs(log_w).max() > 700
    return not np.all(np.isfinite(given)) if extreme else agree(given, _estimate_and_error(log_w, base))


def _estimate(of):
    """A mistake in the estimate, whatever the error is."""
    return lambda log_w, base: (of(log_w, base), None)


def _error(of):
    """A mistake in the error, whatever the estimate is, with either way to take a spread."""
    return tuple(lambda log_w, base, ddof=ddof: (None, of(log_w, ddof)) for ddof in (1, 0))


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
            says="Weights of exp(2000) or exp(-2000) are no numbers: take the largest log weight out before you "
            "exponentiate, and add it to the log afterwards. In the error it cancels.",
        ),
        Mistake(
            "mean of the logs",
            _estimate(lambda log_w, base: base + log_w.mean()),
            "That is the mean of the log weights: the *weights* have the mean Z / Z_base, so average first and "
            "take the log then. The mean of the logs is always below.",
        ),
        Mistake(
            "mean of the logs, base forgotten",
            _estimate(lambda log_w, base: log_w.mean()),
            "That is the mean of the log weights, without the base: average the weights first, take the log then, "
            "and add log Z of the base.",
        ),
        Mistake(
            "sum instead of mean",
            _estimate(lambda log_w, base: base + _log_mean(log_w) + np.log(len(log_w))),
            "The weights were summed: divide by their number, or subtract log n.",
        ),
        Mistake(
            "base forgotten",
            _estimate(lambda log_w, base: _log_mean(log_w)),
            "That is log(Z / Z_base): add log Z of the base, which is known.",
        ),
        Mistake(
            "base subtracted",
            _estimate(lambda log_w, base: _log_mean(log_w) - base),
            "log Z of the base is subtracted: the mean weight is Z / Z_base, so it must be added.",
        ),
        Mistake(
            "weights turned round",
            _estimate(lambda log_w, base: base + _log_mean(-log_w)),
            "The sign of the log weights is turned round, as if the energy differences were reversed: the weight "
            "is exp(log weight).",
        ),
        Mistake(
            "largest not put back",
            _estimate(lambda log_w, base: base + _log_mean(log_w) - log_w.max()),
            "What was taken out of the exponent must come back: add the largest log weight to the log.",
        ),
        Mistake(
            "largest subtracted twice",
            _estimate(lambda log_w, base: base + _log_mean(log_w) - 2 * log_w.max()),
            "What was taken out of the exponent must be added after the log, and you subtract it again.",
        ),
        Mistake(
            "Z instead of log Z",
            _estimate(lambda log_w, base: np.exp(base + _log_mean(log_w)) if log_w.max() < 600 else np.inf),
            "That is Z itself: its log was asked for.",
        ),
        Mistake(
            "base multiplied",
            _estimate(lambda log_w, base: base * _log_mean(log_w)),
            "log Z of the base is multiplied in: logs of factors are added.",
        ),
        Mistake(
            "error not relative",
            _error(lambda log_w, ddof: _weights(log_w).std(ddof=ddof) / np.sqrt(len(log_w))),
            "That is the standard error of the mean of the rescaled weights: the error of a log is the *relative* "
            "error, so divide by that mean.",
        ),
        Mistake(
            "spread instead of standard error",
            _error(_spread),
            "That is the relative spread of the weights: the mean of n of them is sqrt(n) times as sure.",
        ),
        Mistake(
            "divided by n",
            _error(lambda log_w, ddof: _spread(log_w, ddof) / len(log_w)),
            "The spread is divided by n: a mean of n is sqrt(n) times as sure.",
        ),
        Mistake(
            "error of the mean log",
            _error(lambda log_w, ddof: log_w.std(ddof=ddof) / np.sqrt(len(log_w))),
            "That is the standard error of the mean *log* weight: you need the relative error of the mean weight.",
        ),
        Mistake(
            "variance",
            _error(lambda log_w, ddof: _spread(log_w, ddof) ** 2 / len(log_w)),
            "That is the square of the standard error: take the root.",
        ),
        Mistake(
            "log of the error",
            _error(lambda log_w, ddof: np.log(_spread(log_w, ddof) / np.sqrt(len(log_w)))),
            "That is the log of the error. A log near its mean moves by the relative change of its argument, so "
            "the relative error is the answer already.",
        ),
    ),
    tested_on="6 sets of 3 to 50 weights, two of them far beyond the range of exp, to 9 digits",
    expected="two numbers (log Z, its standard error)",
)
