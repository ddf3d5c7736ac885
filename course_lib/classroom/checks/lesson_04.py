"""Checks of lesson 04, KL divergence and NLL."""

import numpy as np

from course_lib import divergence, exact, ising
from course_lib.classroom.checks import AnswerError, Case, Misconception, Symptom, Verdict, agree, judge
from course_lib.learning import fisher_errors

SEED = 4  # the same systems each time, so that a student who runs a check again sees the same example


# ---------------------------------------------------------------- KL


class _Formula(Misconception):
    """A wrong formula for two laws; NaN where a probability is 0 is a second mistake, to be met after this one."""

    def explains(self, given, tolerance, p, q):
        return super().explains(given, tolerance, p, q) or bool(np.isnan(given) and np.any((p == 0) | (q == 0)))


def kl(function) -> Verdict:
    """Check Exercise 1, ``my_kl(p, q)``: the divergence of q from p, zeros included.

    Parameters
    ----------
    function : callable
        The student's ``(p (K,), q (K,)) -> float``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> verdict = kl(lambda p, q: divergence.kl(q, p))  # doctest: +ELLIPSIS
    Not yet: for a fair coin p, and q = (0.9, 0.1) you give 0.368064, exact is 0.510826. That is kl(q, p): ...
    """
    rng = np.random.default_rng(SEED)
    fair, loaded, heads = np.array([0.5, 0.5]), np.array([0.9, 0.1]), np.array([1.0, 0.0])
    some = rng.dirichlet(np.ones(8))
    cases = [
        Case("a fair coin p, and q = (0.9, 0.1)", (fair, loaded)),
        Case("p = (0.9, 0.1), and a fair coin q", (loaded, fair)),
        Case("two random laws of 8 states", (rng.dirichlet(np.ones(8)), some)),
        Case("p and q the same law", (some, some.copy())),
        Case("p = (1, 0), and a fair coin q", (heads, fair)),
        Case("a fair coin p, and q = (1, 0)", (fair, heads)),
        Case("p = (0.5, 0.5, 0) and q = (0.25, 0.75, 0)", (np.array([0.5, 0.5, 0]), np.array([0.25, 0.75, 0]))),
    ]

    def cross_entropy(p, q):
        return divergence.kl(p, q) + divergence.entropy(p)

    def zeros_of_q_left_out(p, q):
        both = (p > 0) & (q > 0)
        return np.sum(p[both] * np.log(p[both] / q[both]))

    return judge(
        function,
        cases,
        divergence.kl,
        [
            _Formula(
                "wrong way round",
                lambda p, q: divergence.kl(q, p),
                "That is kl(q, p): the average is over the first law, p, which the states are drawn from.",
            ),
            _Formula(
                "ratio turned round",
                lambda p, q: -divergence.kl(p, q),
                "The sign is turned round: the logarithm is that of p / q, and no divergence is below 0.",
            ),
            _Formula(
                "ratio and weights exchanged",
                lambda p, q: -divergence.kl(q, p),
                "That is sum q log(p / q): both the weights and the ratio belong to p, sum p log(p / q).",
            ),
            _Formula(
                "base 2",
                lambda p, q: divergence.kl(p, q) / np.log(2),
                "The logarithm is to base 2, and the answer in bits: the course counts in nats, np.log.",
            ),
            _Formula(
                "base 10",
                lambda p, q: divergence.kl(p, q) / np.log(10),
                "The logarithm is to base 10: the course counts in nats, np.log.",
            ),
            _Formula(
                "entropy not subtracted",
                cross_entropy,
                "That is the whole surprise, -sum p log q: the part that even the right law has, H(p), must go.",
            ),
            _Formula(
                "entropy alone",
                lambda p, q: divergence.entropy(p),
                "That is H(p), the entropy of the first law: q must enter.",
            ),
            _Formula(
                "mean instead of sum",
                lambda p, q: divergence.kl(p, q) / len(p),
                "The terms were averaged: p already is the weight of each, so they are summed.",
            ),
            _Formula(
                "both ways averaged",
                lambda p, q: (divergence.kl(p, q) + divergence.kl(q, p)) / 2,
                "That is the mean of both directions: only kl(p, q) was asked for.",
            ),
            _Formula(
                "both ways added",
                lambda p, q: divergence.kl(p, q) + divergence.kl(q, p),
                "That is the sum of both directions: only kl(p, q) was asked for.",
            ),
            _Formula(
                "weights forgotten",
                lambda p, q: _quietly(lambda: np.sum(np.log(p / q))),
                "The logarithms were summed without their weights: state k counts with p_k.",
            ),
            _Formula(
                "total variation",
                lambda p, q: np.abs(p - q).sum() / 2,
                "That is the total variation of lesson 03: a distance, but not this one.",
            ),
            Misconception(
                "zero times log of zero",
                lambda p, q: _quietly(lambda: np.sum(p * np.log(p / q))),
                "Where p is 0 the computer finds 0 times infinity, NaN: a state that is never drawn costs nothing, so "
                "leave it out of the sum.",
            ),
            _Formula(
                "every zero of q",
                lambda p, q: np.inf if np.any(q == 0) else divergence.kl(p, q),
                "Infinity is returned wherever a q is 0: q = 0 matters only where p > 0. Keep those states first, then "
                "look at their q.",
            ),
            Misconception(
                "zeros of q left out",
                zeros_of_q_left_out,
                "The states with q = 0 were left out of the sum: leave out those with p = 0 only. A state that happens "
                "and was called impossible costs infinitely much.",
            ),
            Symptom(
                "a small number added",
                lambda given, p, q: (
                    given > 3 if np.any((q == 0) & (p > 0)) else agree(given, divergence.kl(p, q), 0.01)
                ),
                "A small number was put in the place of the zeros: the answer then hangs on that number. Leave out the "
                "states with p = 0, and let q = 0 give infinity where p is above 0.",
            ),
        ],
        tested_on="7 pairs of laws, some with zeros, to 9 digits",
        expected="one number",
    )


# ---------------------------------------------------------------- NLL


def nll(function) -> Verdict:
    """Check Exercise 2, ``my_nll(data, J, h)``: the negative log-likelihood per sample.

    Parameters
    ----------
    function : callable
        The student's ``(data (M, N), J (N, N), h (N,)) -> float``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> verdict = nll(lambda data, J, h: ising.energy(data, J, h).mean())  # doctest: +ELLIPSIS
    Not yet: for one spin in a field of 0.5, once up you give -0.5, exact is 0.313262. log Z is missing: ...
    """
    rng = np.random.default_rng(SEED)
    pair = 0.3 * ising.chain(2, periodic=False)
    cases = [
        Case("one spin in a field of 0.5, once up", (np.array([[1]]), np.zeros((1, 1)), np.array([0.5]))),
        Case(
            "two spins with J_01 = 0.3, h = (0, 0.4), three samples",
            (np.array([[1, 1], [1, -1], [1, 1]]), pair, np.array([0.0, 0.4])),
        ),
        *(
            Case(
                f"{n} random spins, {m} sample{'s' if m > 1 else ''}",
                (rng.choice([-1, 1], size=(m, n)), ising.random_couplings(n, rng), rng.normal(size=n)),
            )
            for n, m in ((3, 1), (4, 10), (5, 3))
        ),
    ]

    def energies(data, J, h):
        return ising.energy(data, J, h).mean()

    def log_Z(data, J, h):
        return exact.log_partition(J, h)

    def no_field(data, J, h):
        return divergence.nll(data, J, 0 * h)

    def log_of_mean(data, J, h):
        return -np.log(np.mean(np.exp(-ising.energy(data, J, h) - exact.log_partition(J, h))))

    def of_mean_spins(data, J, h):
        m = data.mean(axis=0)
        return -m @ J @ m / 2 - h @ m + exact.log_partition(J, h)

    truth = divergence.nll
    dropped = "log Z is missing: it, too, changes with J and h. Without it the parameters could grow for ever."
    doubled = "Each pair is counted twice: the energy has every pair once, i < j, or half of the sum over all i and j."
    one_Z = (
        "log Z enters once for all samples: each sample has its own 1/Z in the product, so M samples bring M log Z, "
        "and their mean one whole log Z."
    )
    return judge(
        function,
        cases,
        truth,
        [
            Misconception("log Z dropped", energies, dropped),
            Misconception("log Z dropped", lambda *a: -energies(*a), dropped),
            Misconception(
                "sign",
                lambda *a: -truth(*a),
                "That is the log-likelihood: the *negative* one was asked for, which is to be made small.",
            ),
            Misconception(
                "sign of log Z",
                lambda *a: energies(*a) - log_Z(*a),
                "The sign of log Z is turned round: -log p = E + log Z.",
            ),
            Misconception(
                "sign of the energy",
                lambda *a: -energies(*a) + log_Z(*a),
                "The sign of the energy is turned round: -log p = E + log Z.",
            ),
            Misconception(
                "Z instead of log Z",
                lambda *a: energies(*a) + np.exp(log_Z(*a)),
                "Z itself was added: its logarithm belongs there.",
            ),
            Misconception(
                "sum instead of mean",
                lambda data, J, h: len(data) * truth(data, J, h),
                "That is the sum over the samples: the course takes the mean, so that it does not grow with M.",
            ),
            Misconception(
                "one log Z for all samples",
                lambda data, J, h: len(data) * energies(data, J, h) + log_Z(data, J, h),
                one_Z,
            ),
            Misconception(
                "one log Z for all samples",
                lambda data, J, h: energies(data, J, h) + log_Z(data, J, h) / len(data),
                one_Z,
            ),
            Misconception(
                "pairs counted twice",
                lambda data, J, h: energies(data, 2 * J, h) + log_Z(data, J, h),
                doubled,
            ),
            Misconception("pairs counted twice", lambda data, J, h: truth(data, 2 * J, h), doubled),
            Misconception(
                "field forgotten",
                lambda data, J, h: energies(data, J, 0 * h) + log_Z(data, J, h),
                "The fields are missing from the energy.",
            ),
            Misconception("field forgotten", no_field, "The fields are missing."),
            Misconception(
                "mean over the wrong axis",
                lambda data, J, h: len(data) / len(h) * energies(data, J, h) + log_Z(data, J, h),
                "The mean energy is over the wrong axis, or divided by the number of spins: it is one energy a sample, "
                "summed over the spins and averaged over the samples, axis 0 of the data.",
            ),
            Misconception(
                "plug-in entropy",
                lambda data, J, h: divergence.plug_in_entropy(data),
                "That is the entropy of the frequencies in the data: J and h do not enter, so it says nothing about "
                "the model.",
            ),
            Misconception(
                "KL instead of NLL",
                lambda data, J, h: truth(data, J, h) - divergence.plug_in_entropy(data),
                "That is the KL divergence of the model from the data: the NLL also holds the entropy of the data.",
            ),
            Misconception(
                "entropy of the model",
                lambda data, J, h: divergence.entropy(exact.distribution(J, h)),
                "That is the entropy of the model: the mean of -log p is over the *data*.",
            ),
            Misconception(
                "base 2",
                lambda *a: truth(*a) / np.log(2),
                "The logarithm is to base 2, and the answer in bits: the course counts in nats.",
            ),
            Misconception(
                "base 2",
                lambda *a: energies(*a) + log_Z(*a) / np.log(2),
                "The logarithm of Z is to base 2: the energy is in nats, and so is log Z.",
            ),
            Misconception(
                "log of the mean",
                log_of_mean,
                "That is the log of the mean probability: the mean goes outside, over the logs, since probabilities of "
                "independent samples are multiplied.",
            ),
            Misconception(
                "energy of the mean spins",
                of_mean_spins,
                "That is the energy of the mean spins: take the energy of each sample first, then the mean. The mean "
                "of a product is not the product of the means.",
            ),
        ],
        tested_on="5 models of 1 to 5 spins with 1 to 10 samples, to 9 digits",
        expected="one number",
    )


# ---------------------------------------------------------------- gradient


class _OffDiagonal(Misconception):
    """A mistake in (dh, dJ), whatever stands on the diagonal of dJ, which is no parameter."""

    def explains(self, given, tolerance, *arguments):
        return agree(_no_diagonal(given), _no_diagonal(_packed(*self.answer(*arguments))), tolerance)


def gradient(function) -> Verdict:
    """Check Exercise 3, ``my_gradient(data, J, h)``: both slopes of the log-likelihood per sample.

    Parameters
    ----------
    function : callable
        The student's ``(data (M, N), J (N, N), h (N,)) -> (dJ (N, N), dh (N,))``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> def hebb(data, J, h):
    ...     return data.T @ data / len(data), data.mean(axis=0)
    >>> verdict = gradient(hebb)  # doctest: +ELLIPSIS
    Not yet: for two spins with J_01 = 0.3, h = (0, 0.4), two samples your dh[0] is 1, exact is 0.8893161. ...
    """
    rng = np.random.default_rng(SEED)
    pair = 0.3 * ising.chain(2, periodic=False)
    # As many samples as spins, or one: a mean over the wrong axis then still gives numbers, and not an error about
    # shapes that says nothing about the mistake.
    cases = [
        Case(
            "two spins with J_01 = 0.3, h = (0, 0.4), two samples",
            (np.array([[1, 1], [1, -1]]), pair, np.array([0.0, 0.4])),
        ),
        *(
            Case(
                f"{n} random spins, {m} sample{'s' if m > 1 else ''}",
                (rng.choice([-1, 1], size=(m, n)), ising.random_couplings(n, rng), rng.normal(size=n)),
            )
            for n, m in ((3, 1), (4, 4), (5, 5), (4, 1))
        ),
    ]

    def prepare(answer, data, J, h):
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise AnswerError("your function did not return a pair")
        dJ, dh = np.asarray(answer[0]), np.asarray(answer[1])
        if dJ.shape != J.shape or dh.shape != h.shape:
            raise AnswerError(f"your function returned arrays of shapes {dJ.shape} and {dh.shape}")
        return _packed(dJ, dh)

    def describe(given, exact, data, J, h):
        """The first entry that differs: of dh, then above the diagonal of dJ, then anywhere in it."""
        upper = np.vstack([np.ones((1, len(h)), dtype=bool), np.triu(np.ones_like(J, dtype=bool), 1)])
        differ = ~np.isclose(given, exact, rtol=0, atol=1e-7)
        row, col = np.argwhere(differ & upper if np.any(differ & upper) else differ)[0]
        name = f"dJ[{row - 1}, {col}]" if row else f"dh[{col}]"
        return f"your {name} is {given[row, col]:.7g}, exact is {exact[row, col]:.7g}"

    doubled = "dJ is twice too large: J_01 and J_10 are one parameter, the price of one pair, and it stands in E once."
    axis = (
        "A mean is over the wrong axis, or divided by the number of spins: average over the samples, axis 0, so that "
        "one number is left for each spin and for each pair."
    )
    model_missing = (
        "The model's averages are missing: log Z was dropped, whose slopes they are. (Or all states count alike: then "
        "they are 0.)"
    )
    return judge(
        function,
        cases,
        lambda *a: _packed(*_data_minus_model(*a)),
        [
            _OffDiagonal(
                "sign",
                lambda *a: _scaled(_data_minus_model(*a), -1, -1),
                "The sign is turned round: that is model minus data, the slope of the NLL. The slope of the "
                "log-likelihood, along which we step, is data minus model.",
            ),
            _OffDiagonal("pairs counted twice", lambda *a: _scaled(_data_minus_model(*a), 2, 1), doubled),
            _OffDiagonal(
                "half a pair",
                lambda *a: _scaled(_data_minus_model(*a), 0.5, 1),
                "dJ is half of what it should be: each pair stands in E once, with no factor 1/2.",
            ),
            _OffDiagonal("log Z dropped", _data, model_missing),
            _OffDiagonal("log Z dropped", lambda *a: _scaled(_data(*a), -1, -1), model_missing),
            _OffDiagonal(
                "data forgotten",
                _model,
                "The data's averages are missing: these are the model's alone.",
            ),
            _OffDiagonal(
                "data forgotten",
                lambda *a: _scaled(_model(*a), -1, -1),
                "The data's averages are missing: these are the model's alone, with a minus.",
            ),
            _OffDiagonal(
                "sum of data and model",
                lambda *a: _sum(_data(*a), _model(*a)),
                "The two averages were added: data *minus* model.",
            ),
            _OffDiagonal(
                "sum instead of mean",
                lambda data, J, h: _scaled(_data_minus_model(data, J, h), len(data), len(data)),
                "That is the slope of the sum over the samples: the course takes it per sample, divided by M.",
            ),
            _OffDiagonal(
                "data summed, model not",
                lambda data, J, h: _sum(
                    _scaled(_data(data, J, h), len(data), len(data)), _scaled(_model(data, J, h), -1, -1)
                ),
                "The data's part is a sum over the samples, and the model's is an average: per sample both are means.",
            ),
            _OffDiagonal(
                "products summed, fields averaged",
                lambda data, J, h: (len(data) * _data(data, J, h)[0] - _model(data, J, h)[0], _dh(data, J, h)),
                "dh is right, but in dJ the products of the data are summed: divide data.T @ data by the number of "
                "samples.",
            ),
            *(
                _OffDiagonal("mean over the wrong axis", lambda *a, mean=mean: _sum(mean(*a), _minus_model(*a)), axis)
                for mean in (_rows_for_samples, _over_spins, _fields_over_spins, _pairs_over_spins, _divided_by_spins)
            ),
            _OffDiagonal(
                "covariance instead of correlation",
                lambda data, J, h: (_connected(*_data(data, J, h)) - _connected(*_model(data, J, h)), _dh(data, J, h)),
                "In dJ the products of the means were taken off: the slope holds <s_i s_j> itself, not the covariance.",
            ),
            _OffDiagonal(
                "product of the means",
                lambda data, J, h: (
                    np.outer(*[_data(data, J, h)[1]] * 2) - np.outer(*[_model(data, J, h)[1]] * 2),
                    _dh(data, J, h),
                ),
                "dJ holds products of means, <s_i><s_j>: the mean of the product, <s_i s_j>, belongs there.",
            ),
            _OffDiagonal(
                "upper triangle only",
                lambda *a: (np.triu(_data_minus_model(*a)[0]), _data_minus_model(*a)[1]),
                "Only the upper triangle of dJ is filled: J is symmetric, so dJ has to be, too.",
            ),
            _OffDiagonal(
                "sign of the energy",
                lambda data, J, h: _sum(_data(data, J, h), _minus_model(data, -J, -h)),
                "The model's averages are those of -J and -h: the weight is exp(-E), and E has minus signs of its own.",
            ),
            _OffDiagonal(
                "model without couplings",
                lambda data, J, h: _sum(_data(data, J, h), _minus_model(data, 0 * J, h)),
                "The model's averages are those of free spins: the couplings are missing.",
            ),
            _OffDiagonal(
                "diagonal",
                _data_minus_model,
                "The diagonal of dJ must be 0: s_i s_i is always 1, and J has no entry there to change.",
            ),
        ],
        tested_on="5 models of 2 to 5 spins with 1 to 5 samples, to 7 digits",
        expected="a pair (dJ, dh) of shapes (N, N) and (N,)",
        describe=describe,
        prepare=prepare,
        tolerance=1e-7,  # finite differences of the exact NLL are a right answer as well
    )


# ---------------------------------------------------------------- standard errors


def standard_errors(function) -> Verdict:
    """Check Exercise 4, ``my_standard_errors(statistics, p, n_samples)``: error bars from the Fisher information.

    Parameters
    ----------
    function : callable
        The student's ``(statistics (K, P), p (K,), n_samples) -> (P,)``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> def spread_of_averages(statistics, p, n_samples):
    ...     return np.sqrt((p @ statistics**2 - (p @ statistics) ** 2) / n_samples)
    >>> verdict = standard_errors(spread_of_averages)  # doctest: +ELLIPSIS
    Not yet: for one spin in a field of 0.5, 100 samples you give [0.0887], exact is [0.1128]. ...
    """
    rng = np.random.default_rng(SEED)
    pair = ising.Ising(0.3 * ising.chain(2, periodic=False), [0.0, 0.4])
    models = [
        ("one spin in a field of 0.5", ising.Ising([[0.0]], [0.5]), 100),
        ("two spins with J_01 = 0.3, h = (0, 0.4)", pair, 100),
        ("the same two spins", pair, 2500),
        *(
            (f"{n} random spins", ising.Ising(ising.random_couplings(n, rng), rng.normal(0, 0.5, n)), m)
            for n, m in ((3, 50), (4, 1000))
        ),
    ]
    cases = [
        Case(
            f"{name}, {m} samples",
            (model.statistics(exact.states(len(model.h))), exact.distribution(model.J, model.h), m),
        )
        for name, model, m in models
    ]

    def information(statistics, p, n_samples):
        return np.cov(statistics, rowvar=False, aweights=p, ddof=0).reshape([statistics.shape[1]] * 2)

    def truth(statistics, p, n_samples):
        return fisher_errors(information(statistics, p, n_samples), n_samples)

    def from_matrix(F, n_samples):
        with np.errstate(invalid="ignore"):
            return np.sqrt(np.diag(np.linalg.pinv(F)) / n_samples)

    def diagonal(*a):
        return np.diag(information(*a))

    def second_moments(statistics, p, n_samples):
        return from_matrix(statistics.T @ (p[:, None] * statistics), n_samples)

    def equal_weights(ddof):
        def answer(statistics, p, n_samples):
            return from_matrix(np.atleast_2d(np.cov(statistics, rowvar=False, ddof=ddof)), n_samples)

        return answer

    def weights_as_a_sample(statistics, p, n_samples):
        return np.sqrt(1 - p @ p) * truth(statistics, p, n_samples)

    alike = "All states count alike: each has its probability p in the averages."
    return judge(
        function,
        cases,
        truth,
        [
            Misconception(
                "other parameters taken as known",
                lambda s, p, m: 1 / np.sqrt(m * diagonal(s, p, m)),
                "Each parameter was treated as if all others were known, 1 / sqrt(M F_aa): invert the whole matrix "
                "first, then take its diagonal.",
            ),
            Misconception(
                "errors of the averages",
                lambda s, p, m: np.sqrt(diagonal(s, p, m) / m),
                "These are the standard errors of the *averages*, sqrt(F_aa / M): for the parameters F must be "
                "inverted. Where averages hardly vary, parameters are hard to tell.",
            ),
            Misconception(
                "variances",
                lambda s, p, m: truth(s, p, m) ** 2,
                "These are variances: take the square root.",
            ),
            Misconception(
                "M outside the root",
                lambda s, p, m: truth(s, p, m) / np.sqrt(m),
                "The number of samples stands outside the root: the variance is divided by M, the error by sqrt(M).",
            ),
            Misconception(
                "M forgotten",
                lambda s, p, m: truth(s, p, 1),
                "That is the error from one sample: M samples make it sqrt(M) times smaller.",
            ),
            Misconception(
                "times M",
                lambda s, p, m: truth(s, p, 1) * np.sqrt(m),
                "The error grows with the number of samples: information adds up, so divide by M.",
            ),
            Misconception(
                "M - 1 samples",
                lambda s, p, m: truth(s, p, m - 1),
                "Divided by M - 1: here no mean is estimated from the samples, the information is M times F.",
            ),
            Misconception(
                "means not taken off",
                second_moments,
                "The matrix holds <phi_a phi_b>: for a covariance the product of the means, <phi_a><phi_b>, is taken "
                "off.",
            ),
            Misconception("all states alike", equal_weights(0), alike),
            Misconception("all states alike", equal_weights(1), alike),
            Misconception(
                "weights taken for a sample",
                weights_as_a_sample,
                "np.cov divides by something smaller than 1 here, as if the probabilities were a sample: with "
                "aweights=p pass ddof=0.",
            ),
            Misconception(
                "one sign too many",
                lambda s, p, m: -truth(s, p, m),
                "The sign is turned round: the Hessian of the NLL is plus the covariance.",
            ),
        ],
        tested_on="5 models of 1 to 4 spins, to 9 digits",
        expected="one number for each statistic",
    )


# ---------------------------------------------------------------- what mistakes give


def _quietly(compute):
    with np.errstate(all="ignore"):
        return compute()


def _packed(dJ, dh):
    return np.vstack([dh, dJ])


def _no_diagonal(packed):
    packed = np.array(packed)
    if packed.shape[0] == packed.shape[1] + 1:
        np.fill_diagonal(packed[1:], 0)
    return packed


def _scaled(pair, by_J, by_h):
    return by_J * pair[0], by_h * pair[1]


def _sum(one, other):
    return one[0] + other[0], one[1] + other[1]


def _data(data, J, h):
    return data.T @ data / len(data), data.mean(axis=0)


def _model(data, J, h):
    mean, correlation = exact.moments(J, h)
    return correlation, mean


def _minus_model(data, J, h):
    return _scaled(_model(data, J, h), -1, -1)


def _data_minus_model(data, J, h):
    return _sum(_data(data, J, h), _minus_model(data, J, h))


def _dh(data, J, h):
    return _data_minus_model(data, J, h)[1]


def _connected(correlation, mean):
    return correlation - np.outer(mean, mean)


def _rows_for_samples(data, J, h):
    return data @ data.T / len(data) + 0 * J, data.mean(axis=1) + 0 * h


def _over_spins(data, J, h):
    return data @ data.T / len(h) + 0 * J, data.mean(axis=1) + 0 * h


def _fields_over_spins(data, J, h):
    return _data(data, J, h)[0], data.mean(axis=1) + 0 * h


def _pairs_over_spins(data, J, h):
    return data @ data.T / len(h) + 0 * J, data.mean(axis=0)


def _divided_by_spins(data, J, h):
    return data.T @ data / len(h), data.sum(axis=0) / len(h)
