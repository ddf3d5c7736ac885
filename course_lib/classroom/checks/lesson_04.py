"""Checks of lesson 04, KL divergence and NLL.

>>> verdict = kl(lambda p, q: divergence.kl(q, p))  # doctest: +ELLIPSIS
Not yet: for a fair coin p, and q = (0.9, 0.1) you give 0.368064, exact is 0.510826. That is kl(q, p): ...
"""

import numpy as np

from course_lib import divergence, exact, ising
from course_lib.classroom.checks import Case, Exercise, Mistake, agree
from course_lib.learning import fisher_errors

SEED = 4  # the same systems each time, so that a student who runs a check again sees the same example
TWO_SPINS = 0.3 * ising.chain(2, periodic=False), np.array([0.0, 0.4])


def _random_data(*sizes):
    rng = np.random.default_rng(SEED)
    return [
        Case(
            f"{n} random spins, {m} sample{'s' if m > 1 else ''}",
            (rng.choice([-1, 1], size=(m, n)), ising.random_couplings(n, rng), rng.normal(size=n)),
        )
        for n, m in sizes
    ]


# ---------------------------------------------------------------- KL


def _laws():
    rng = np.random.default_rng(SEED)
    fair, loaded, heads = np.array([0.5, 0.5]), np.array([0.9, 0.1]), np.array([1.0, 0.0])
    some = rng.dirichlet(np.ones(8))
    return [
        Case("a fair coin p, and q = (0.9, 0.1)", (fair, loaded)),
        Case("p = (0.9, 0.1), and a fair coin q", (loaded, fair)),
        Case("two random laws of 8 states", (rng.dirichlet(np.ones(8)), some)),
        Case("p and q the same law", (some, some.copy())),
        Case("p = (1, 0), and a fair coin q", (heads, fair)),
        Case("a fair coin p, and q = (1, 0)", (fair, heads)),
        Case("p = (0.5, 0.5, 0) and q = (0.25, 0.75, 0)", (np.array([0.5, 0.5, 0]), np.array([0.25, 0.75, 0]))),
    ]


def _no_zeros(p, q):
    """A wrong formula is known by these cases, however the student treats zeros."""
    return np.all(p > 0) and np.all(q > 0)


def _zeros_forgotten(p, q):
    with np.errstate(all="ignore"):
        return np.sum(p * np.log(p / q))


def _zeros_of_q_left_out(p, q):
    both = (p > 0) & (q > 0)
    return np.sum(p[both] * np.log(p[both] / q[both]))


def _small_number_added(given, p, q):
    return given > 3 if np.any((q == 0) & (p > 0)) else agree(given, divergence.kl(p, q), 0.01)


def _formula(name, returns, says):
    """A wrong formula, known by the cases without zeros."""
    return Mistake(name, returns, says, where=_no_zeros)


kl = Exercise(
    "1, ``my_kl(p (K,), q (K,)) -> float``: the divergence of q from p, zeros included",
    cases=_laws,
    truth=divergence.kl,
    mistakes=(
        _formula(
            "wrong way round",
            lambda p, q: divergence.kl(q, p),
            "That is kl(q, p): the average is over the first law, p, which the states are drawn from.",
        ),
        _formula(
            "ratio turned round",
            lambda p, q: -divergence.kl(p, q),
            "The sign is turned round: the logarithm is that of p / q, and no divergence is below 0.",
        ),
        _formula(
            "ratio and weights exchanged",
            lambda p, q: -divergence.kl(q, p),
            "That is sum q log(p / q): the weights, too, are p, sum p log(p / q).",
        ),
        _formula(
            "base 2", lambda p, q: divergence.kl(p, q) / np.log(2), "The logarithm is to base 2: nats need np.log."
        ),
        _formula(
            "base 10", lambda p, q: divergence.kl(p, q) / np.log(10), "The logarithm is to base 10: nats need np.log."
        ),
        _formula(
            "entropy not subtracted",
            lambda p, q: divergence.kl(p, q) + divergence.entropy(p),
            "That is the whole surprise, -sum p log q: the part that even the right law has, H(p), must go.",
        ),
        _formula("entropy alone", lambda p, q: divergence.entropy(p), "That is H(p), the entropy of p: q must enter."),
        _formula(
            "mean instead of sum",
            lambda p, q: divergence.kl(p, q) / len(p),
            "The terms were averaged: sum them, p is their weight.",
        ),
        _formula(
            "both ways averaged",
            lambda p, q: (divergence.kl(p, q) + divergence.kl(q, p)) / 2,
            "That is the mean of both directions.",
        ),
        _formula(
            "both ways added",
            lambda p, q: divergence.kl(p, q) + divergence.kl(q, p),
            "That is the sum of both directions.",
        ),
        _formula(
            "weights forgotten", lambda p, q: np.sum(np.log(p / q)), "The weights are missing: state k counts with p_k."
        ),
        _formula("total variation", lambda p, q: np.abs(p - q).sum() / 2, "That is the total variation of lesson 03."),
        Mistake(
            "zero times log of zero",
            _zeros_forgotten,
            "Where p is 0 the computer finds 0 times infinity, NaN: such a state costs nothing, leave it out.",
        ),
        Mistake(
            "every zero of q",
            (
                lambda p, q: np.inf if np.any(q == 0) else divergence.kl(p, q),
                lambda p, q: np.inf if np.any(q == 0) else _zeros_forgotten(p, q),
            ),
            "Any q of 0 gives infinity here: it matters only where p > 0. Keep those states, then look at their q.",
        ),
        Mistake(
            "zeros of q left out",
            _zeros_of_q_left_out,
            "States with q = 0 were left out: leave out those with p = 0 only. What happens at q = 0 costs infinity.",
        ),
        Mistake(
            "a small number added",
            seen=_small_number_added,
            says="A small number stands in the place of zeros: leave out states with p = 0, q = 0 < p gives infinity.",
        ),
    ),
    tested_on="7 pairs of laws, some with zeros, to 9 digits",
    expected="one number",
)


# ---------------------------------------------------------------- NLL


def _data_and_models():
    three = np.array([[1, 1], [1, -1], [1, 1]])
    return [
        Case("one spin in a field of 0.5, once up", (np.array([[1]]), np.zeros((1, 1)), np.array([0.5]))),
        Case("two spins with J_01 = 0.3, h = (0, 0.4), three samples", (three, *TWO_SPINS)),
        *_random_data((3, 1), (4, 10), (5, 3)),
    ]


def _mean_energy(data, J, h):
    return ising.energy(data, J, h).mean()


def _log_of_mean(data, J, h):
    return -np.log(np.mean(np.exp(-ising.energy(data, J, h) - exact.log_partition(J, h))))


def _of_mean_spins(data, J, h):
    m = data.mean(axis=0)
    return -m @ J @ m / 2 - h @ m + exact.log_partition(J, h)


nll = Exercise(
    "2, ``my_nll(data (M, N), J (N, N), h (N,)) -> float``: the negative log-likelihood per sample",
    cases=_data_and_models,
    truth=divergence.nll,
    mistakes=(
        Mistake(
            "log Z dropped",
            (_mean_energy, lambda *a: -_mean_energy(*a)),
            "log Z is missing: without it the parameters could grow for ever.",
        ),
        Mistake(
            "sign", lambda *a: -divergence.nll(*a), "That is the log-likelihood: the *negative* one was asked for."
        ),
        Mistake(
            "sign of log Z",
            lambda data, J, h: _mean_energy(data, J, h) - exact.log_partition(J, h),
            "The sign of log Z is turned round: -log p = E + log Z.",
        ),
        Mistake(
            "sign of the energy",
            lambda data, J, h: -_mean_energy(data, J, h) + exact.log_partition(J, h),
            "The sign of the energy is turned round: -log p = E + log Z.",
        ),
        Mistake(
            "Z instead of log Z",
            lambda data, J, h: _mean_energy(data, J, h) + np.exp(exact.log_partition(J, h)),
            "Z itself was added: its logarithm belongs there.",
        ),
        Mistake(
            "sum instead of mean",
            lambda data, J, h: len(data) * divergence.nll(data, J, h),
            "That is the sum over the samples: take the mean, which does not grow with M.",
        ),
        Mistake(
            "one log Z for all samples",
            (
                lambda data, J, h: len(data) * _mean_energy(data, J, h) + exact.log_partition(J, h),
                lambda data, J, h: _mean_energy(data, J, h) + exact.log_partition(J, h) / len(data),
            ),
            "log Z enters once for all samples: each brings its own 1/Z, so the mean has one whole log Z.",
        ),
        Mistake(
            "pairs counted twice",
            (
                lambda data, J, h: _mean_energy(data, 2 * J, h) + exact.log_partition(J, h),
                lambda data, J, h: divergence.nll(data, 2 * J, h),
            ),
            "Each pair is counted twice: i < j, or half of the sum over all i and j.",
        ),
        Mistake(
            "field forgotten",
            (
                lambda data, J, h: _mean_energy(data, J, 0 * h) + exact.log_partition(J, h),
                lambda data, J, h: divergence.nll(data, J, 0 * h),
            ),
            "The fields are missing from the energy.",
        ),
        Mistake(
            "mean over the wrong axis",
            lambda data, J, h: len(data) / len(h) * _mean_energy(data, J, h) + exact.log_partition(J, h),
            "The mean is over the wrong axis, or divided by N: sum over the spins, average over the samples.",
        ),
        Mistake(
            "plug-in entropy",
            lambda data, J, h: divergence.plug_in_entropy(data),
            "That is the entropy of the data's frequencies: J and h do not enter, so it says nothing about the model.",
        ),
        Mistake(
            "KL instead of NLL",
            lambda data, J, h: divergence.nll(data, J, h) - divergence.plug_in_entropy(data),
            "That is D(data || model): the NLL also holds the entropy of the data.",
        ),
        Mistake(
            "entropy of the model",
            lambda data, J, h: divergence.entropy(exact.distribution(J, h)),
            "That is the entropy of the model: the mean of -log p is over the *data*.",
        ),
        Mistake(
            "base 2",
            (
                lambda *a: divergence.nll(*a) / np.log(2),
                lambda data, J, h: _mean_energy(data, J, h) + exact.log_partition(J, h) / np.log(2),
            ),
            "A logarithm is to base 2: the course counts in nats, np.log.",
        ),
        Mistake(
            "log of the mean",
            _log_of_mean,
            "That is the log of the mean probability: probabilities of samples are multiplied, so average the logs.",
        ),
        Mistake(
            "energy of the mean spins",
            _of_mean_spins,
            "That is the energy of the mean spins: take the energy of each sample first, then the mean.",
        ),
    ),
    tested_on="5 models of 1 to 5 spins with 1 to 10 samples, to 9 digits",
    expected="one number",
)


# ---------------------------------------------------------------- gradient


def _as_many_samples_as_spins():
    """Or one: a mean over the wrong axis then still gives numbers, and no error about shapes, which says nothing."""
    two = np.array([[1, 1], [1, -1]])
    return [
        Case("two spins with J_01 = 0.3, h = (0, 0.4), two samples", (two, *TWO_SPINS)),
        *_random_data((3, 1), (4, 4), (5, 5), (4, 1)),
    ]


def _data(data, J, h):
    return data.T @ data / len(data), data.mean(axis=0)


def _model(data, J, h):
    mean, correlation = exact.moments(J, h)
    return correlation, mean


def _slopes(by_data, by_model, of_data=_data, of_model=_model):
    """With other weights of data and model, or other averages. The diagonal of dJ is masked: a mistake of its own."""

    def slopes(data, J, h):
        (J_data, h_data), (J_model, h_model) = of_data(data, J, h), of_model(data, J, h)
        dJ = by_data * J_data + by_model * J_model
        return np.ma.array(dJ, mask=np.eye(len(h))), by_data * h_data + by_model * h_model

    return slopes


_data_minus_model = _slopes(1, -1)


def _then(change):
    """The right slopes, changed at the end."""
    return lambda *arguments: change(*_data_minus_model(*arguments))


def _of_both(change):
    """The slopes if the averages (correlation, mean) of data and model are both changed so."""
    return _slopes(1, -1, lambda *a: change(*_data(*a)), lambda *a: change(*_model(*a)))


gradient = Exercise(
    "3, ``my_gradient(data (M, N), J (N, N), h (N,)) -> (dJ, dh)``: both slopes of the log-likelihood per sample",
    cases=_as_many_samples_as_spins,
    truth=_then(lambda dJ, dh: (dJ.filled(0), dh)),
    outputs=("dJ", "dh"),
    mistakes=(
        Mistake(
            "sign",
            _slopes(-1, 1),
            "The sign is turned round: that is the slope of the NLL. The log-likelihood's is data minus model.",
        ),
        Mistake(
            "pairs counted twice",
            _then(lambda dJ, dh: (2 * dJ, dh)),
            "dJ is twice too large: J_01 and J_10 are one parameter, and its pair stands in E once.",
        ),
        Mistake(
            "half a pair",
            _then(lambda dJ, dh: (dJ / 2, dh)),
            "dJ is half of what it should be: each pair stands in E once.",
        ),
        Mistake(
            "log Z dropped",
            (_slopes(1, 0), _slopes(-1, 0)),
            "The model's averages are missing (or 0, with all states alike): log Z was dropped, whose slopes they are.",
        ),
        Mistake(
            "data forgotten", (_slopes(0, 1), _slopes(0, -1)), "The data's averages are missing: these are the model's."
        ),
        Mistake("sum of data and model", _slopes(1, 1), "The two averages were added: data *minus* model."),
        Mistake(
            "sum instead of mean",
            lambda data, J, h: [len(data) * part for part in _data_minus_model(data, J, h)],
            "That is the slope of the sum over the samples: divide by M.",
        ),
        Mistake(
            "data summed, model not",
            _slopes(1, -1, lambda data, J, h: (data.T @ data, data.sum(axis=0))),
            "The data's part is a sum over the samples, the model's an average: per sample both are means.",
        ),
        Mistake(
            "products summed, fields averaged",
            _slopes(1, -1, lambda data, J, h: (data.T @ data, data.mean(axis=0))),
            "dh is right, but in dJ the products are summed: divide data.T @ data by the number of samples.",
        ),
        Mistake(
            "mean over the wrong axis",
            (
                _slopes(1, -1, lambda data, J, h: (data @ data.T / len(data), data.mean(axis=1))),
                _slopes(1, -1, lambda data, J, h: (data @ data.T / len(h), data.mean(axis=1))),
                _slopes(1, -1, lambda data, J, h: (data.T @ data / len(data), data.mean(axis=1))),
                _slopes(1, -1, lambda data, J, h: (data @ data.T / len(h), data.mean(axis=0))),
                _slopes(1, -1, lambda data, J, h: (data.T @ data / len(h), data.sum(axis=0) / len(h))),
            ),
            "A mean is over the wrong axis, or divided by the number of spins: average over the samples, axis 0.",
        ),
        Mistake(
            "covariance instead of correlation",
            _of_both(lambda correlation, mean: (correlation - np.outer(mean, mean), mean)),
            "In dJ the products of the means were taken off: the slope holds <s_i s_j> itself.",
        ),
        Mistake(
            "product of the means",
            _of_both(lambda correlation, mean: (np.outer(mean, mean), mean)),
            "dJ holds products of means, <s_i><s_j>: the mean of the product, <s_i s_j>, belongs there.",
        ),
        Mistake(
            "upper triangle only",
            _then(lambda dJ, dh: (dJ * np.tri(len(dh)).T, dh)),
            "Only the upper triangle of dJ is filled: it is symmetric, as J is.",
        ),
        Mistake(
            "sign of the energy",
            _slopes(1, -1, of_model=lambda data, J, h: _model(data, -J, -h)),
            "The model's averages are those of -J and -h: E has minus signs of its own.",
        ),
        Mistake(
            "model without couplings",
            _slopes(1, -1, of_model=lambda data, J, h: _model(data, 0 * J, h)),
            "The model's averages are those of free spins: the couplings are missing.",
        ),
        Mistake("diagonal", _data_minus_model, "The diagonal of dJ must be 0: s_i s_i is always 1."),
    ),
    tested_on="5 models of 2 to 5 spins with 1 to 5 samples, to 7 digits",
    expected="a pair (dJ, dh) of shapes (N, N) and (N,)",
    tolerance=1e-7,  # finite differences of the exact NLL are a right answer as well
)


# ---------------------------------------------------------------- standard errors


def _models_and_sample_sizes():
    rng = np.random.default_rng(SEED)
    models = [
        ("one spin in a field of 0.5", ising.Ising([[0.0]], [0.5]), 100),
        *(("two spins with J_01 = 0.3, h = (0, 0.4)", ising.Ising(*TWO_SPINS), m) for m in (100, 2500)),
        *(
            (f"{n} random spins", ising.Ising(ising.random_couplings(n, rng), rng.normal(0, 0.5, n)), m)
            for n, m in ((3, 50), (4, 1000))
        ),
    ]
    return [
        Case(
            f"{name}, {m} samples",
            (model.statistics(exact.states(len(model.h))), exact.distribution(model.J, model.h), m),
        )
        for name, model, m in models
    ]


def _covariance(statistics, **options):
    return np.atleast_2d(np.cov(statistics, rowvar=False, **options))


def _variances(statistics, p):
    return np.diag(_covariance(statistics, aweights=p, ddof=0))


def _errors(statistics, p, n_samples):
    return fisher_errors(_covariance(statistics, aweights=p, ddof=0), n_samples)


def _errors_from(F, n_samples):
    """Like `fisher_errors`, for a matrix that may not be the covariance it should be."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(np.diag(np.linalg.pinv(F)) / n_samples)


standard_errors = Exercise(
    "4, ``my_standard_errors(statistics (K, P), p (K,), n_samples) -> (P,)``: error bars from the Fisher information",
    cases=_models_and_sample_sizes,
    truth=_errors,
    mistakes=(
        Mistake(
            "other parameters taken as known",
            lambda s, p, m: 1 / np.sqrt(m * _variances(s, p)),
            "That is 1 / sqrt(M F_aa), as if all others were known: invert the whole matrix, then take its diagonal.",
        ),
        Mistake(
            "errors of the averages",
            lambda s, p, m: np.sqrt(_variances(s, p) / m),
            "These are the errors of the *averages*, sqrt(F_aa / M): for those of the parameters F is inverted.",
        ),
        Mistake("variances", lambda s, p, m: _errors(s, p, m) ** 2, "These are variances: take the square root."),
        Mistake(
            "M outside the root",
            lambda s, p, m: _errors(s, p, m) / np.sqrt(m),
            "M stands outside the root: the variance is divided by M, the error by sqrt(M).",
        ),
        Mistake(
            "M forgotten", lambda s, p, m: _errors(s, p, 1), "That is the error from one sample: divide by sqrt(M)."
        ),
        Mistake(
            "times M",
            lambda s, p, m: _errors(s, p, 1) * np.sqrt(m),
            "The error grows with the number of samples: divide by M.",
        ),
        Mistake(
            "M - 1 samples",
            lambda s, p, m: _errors(s, p, m - 1),
            "Divided by M - 1: no mean is estimated here, the information is M times F.",
        ),
        Mistake(
            "means not taken off",
            lambda s, p, m: _errors_from(s.T @ (p[:, None] * s), m),
            "The matrix holds <phi_a phi_b>: for a covariance <phi_a><phi_b> is taken off.",
        ),
        Mistake(
            "all states alike",
            (
                lambda s, p, m: _errors_from(_covariance(s, ddof=0), m),
                lambda s, p, m: _errors_from(_covariance(s, ddof=1), m),
            ),
            "All states count alike: each counts with its p.",
        ),
        Mistake(
            "weights taken for a sample",
            lambda s, p, m: np.sqrt(1 - p @ p) * _errors(s, p, m),
            "np.cov takes the probabilities for a sample, and divides by less than 1: with aweights=p pass ddof=0.",
        ),
        Mistake(
            "one sign too many",
            lambda s, p, m: -_errors(s, p, m),
            "The sign is turned round: the Hessian of the NLL is plus the covariance.",
        ),
    ),
    tested_on="5 models of 1 to 4 spins, to 9 digits",
    expected="one number for each statistic",
)
