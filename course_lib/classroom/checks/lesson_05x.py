"""Checks of lesson 05x, estimators."""

import numpy as np

from course_lib import divergence, ising
from course_lib.classroom.checks import AnswerError, Case, Misconception, Symptom, Verdict, agree, as_numbers, judge

SEED = 5  # the same systems each time, so that a student who runs a check again sees the same example


# ---------------------------------------------------------------- one image, one chain


def step(function) -> Verdict:
    """Check Exercise 1, ``my_step(J, h, image, fantasy, alpha)``: one step of update (4) of the notes.

    Parameters
    ----------
    function : callable
        The student's ``(J (N, N), h (N,), image (N,), fantasy (N,), alpha) -> (J, h)``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> def forgot_alpha(J, h, image, fantasy, alpha):
    ...     return J + np.outer(image, image) - np.outer(fantasy, fantasy), h + image - fantasy
    >>> step(forgot_alpha).diagnosis  # doctest: +ELLIPSIS
    Not yet: for two spins with alpha = 0.1 your J[0, 1] is 2, right is 0.2. alpha is not used: ...
    'alpha forgotten'
    """
    rng = np.random.default_rng(SEED)
    cases = [
        Case(
            "two spins with alpha = 0.1",
            (np.zeros((2, 2)), np.zeros(2), np.array([1, 1]), np.array([1, -1]), 0.1),
        ),
        *(
            Case(
                f"{n} random spins with alpha = {alpha}",
                (ising.random_couplings(n, rng), rng.normal(size=n), *rng.choice([-1, 1], size=(2, n)), alpha),
            )
            for n, alpha in ((3, 0.5), (5, 0.01), (6, 1.0))
        ),
    ]

    def stepped(in_J, in_h):
        return lambda J, h, s, x, a: _packed(J + a * in_J(s, x), h + a * in_h(s, x))

    def pairs(s, x):
        return np.outer(s, s) - np.outer(x, x)

    def spins(s, x):
        return (s - x).astype(float)

    def still(s, x):
        return 0.0

    def unscaled(J, h, s, x, a):
        return _packed(J + pairs(s, x), h + spins(s, x))

    def over_alpha(J, h, s, x, a):
        return _packed(J + pairs(s, x) / a, h + spins(s, x) / a)

    def scaled_first(J, h, s, x, a):
        return _packed(a * (J + pairs(s, x)), a * (h + spins(s, x)))

    half_pairs = "A pair has *one* number J_ij = J_ji, and its slope is s_i s_j - x_i x_j: no factor 2 or 1/2 belongs "
    return judge(
        function,
        cases,
        stepped(pairs, spins),
        [
            Misconception(
                "sign",
                stepped(lambda s, x: -pairs(s, x), lambda s, x: -spins(s, x)),
                "The sign is turned round, and the step goes downhill: the data pull up, plus, and the model's state "
                "pulls down, minus.",
            ),
            Misconception(
                "sign of the fields",
                stepped(pairs, lambda s, x: -spins(s, x)),
                "J is right; the sign of the step in h is turned round.",
            ),
            Misconception(
                "sign of the couplings",
                stepped(lambda s, x: -pairs(s, x), spins),
                "h is right; the sign of the step in J is turned round.",
            ),
            Misconception("alpha forgotten", unscaled, "alpha is not used: it multiplies what is added to J and to h."),
            Misconception("divided by alpha", over_alpha, "The step is divided by alpha: multiply."),
            Misconception(
                "old parameters scaled",
                scaled_first,
                "alpha multiplies the old parameters as well: only what is added to them is scaled.",
            ),
            Misconception(
                "change instead of new parameters",
                lambda J, h, s, x, a: _packed(a * pairs(s, x), a * spins(s, x)),
                "That is the change: add it to the old J and h.",
            ),
            Misconception("fields not moved", stepped(pairs, still), "J is right, but h did not move."),
            Misconception("couplings not moved", stepped(still, spins), "h is right, but J did not move."),
            Misconception(
                "product of the difference",
                stepped(lambda s, x: np.outer(s - x, s - x), spins),
                "The products were taken of s - x: take them of each state first, then their difference, "
                "s_i s_j - x_i x_j.",
            ),
            Misconception(
                "image and fantasy multiplied",
                stepped(lambda s, x: np.outer(s, s) - np.outer(s, x), spins),
                "Image and fantasy are multiplied with each other: each has its own products, s_i s_j and x_i x_j.",
            ),
            Misconception(
                "fantasy left out",
                stepped(lambda s, x: np.outer(s, s) - np.eye(len(s)), lambda s, x: s),
                "The fantasy does not enter: without it the parameters grow for ever.",
            ),
            Misconception(
                "fantasy left out, diagonal filled",
                stepped(lambda s, x: np.outer(s, s), lambda s, x: s),
                "The fantasy does not enter: without it the parameters grow for ever, and J gets a diagonal.",
            ),
            Misconception(
                "fantasy left out of the couplings",
                stepped(lambda s, x: np.outer(s, s), spins),
                "In J the fantasy does not enter: subtract its products x_i x_j.",
            ),
            Misconception(
                "image left out",
                stepped(lambda s, x: -np.outer(x, x), lambda s, x: -x),
                "The image does not enter: the data's products are what the step adds.",
            ),
            Misconception(
                "couplings doubled", stepped(lambda s, x: 2 * pairs(s, x), spins), f"{half_pairs}to the step in J."
            ),
            Misconception(
                "couplings halved", stepped(lambda s, x: pairs(s, x) / 2, spins), f"{half_pairs}to the step in J."
            ),
            *(
                Misconception(
                    "one triangle only",
                    stepped(lambda s, x, triangle=triangle: triangle(pairs(s, x)), spins),
                    "Only one half of J moved, so that it is no longer symmetric: J_ij and J_ji are one number.",
                )
                for triangle in (np.triu, np.tril)
            ),
            Symptom(
                "self-coupling",
                lambda given, J, *rest: np.any(np.abs(np.diag(given[: J.size].reshape(J.shape))) > 1e-9),
                "The diagonal of J is not zero: a spin is not its own neighbour. In s_i s_i - x_i x_i it cancels by "
                "itself.",
            ),
        ],
        tested_on="4 models of 2 to 6 spins, to 9 digits",
        expected="J (N, N) and h (N,), with a comma between them",
        prepare=_two_arrays,
        describe=_first_difference,
    )


def _packed(J, h):
    return np.concatenate([np.ravel(J), h]).astype(float)


def _two_arrays(answer, J, h, *rest):
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise AnswerError("your function did not return two arrays")
    given = [as_numbers(part) for part in answer]
    for name, part, shape in (("J", given[0], J.shape), ("h", given[1], h.shape)):
        if part.shape != shape:
            raise AnswerError(f"your function returned {name} of shape {part.shape}, not {shape}")
    return _packed(*given)


def _first_difference(given, right, J, h, *rest):
    n, wrong = len(h), np.flatnonzero(np.abs(given - right) > 1e-9)
    off_diagonal = [k for k in wrong if k >= n * n or k // n != k % n]
    k = (off_diagonal or list(wrong))[0]
    name = f"h[{k - n * n}]" if k >= n * n else f"J[{k // n}, {k % n}]"
    return f"your {name} is {given[k]:.6g}, right is {right[k]:.6g}"


# ---------------------------------------------------------------- pseudo-likelihood


def log_pseudo_likelihood(function) -> Verdict:
    """Check Exercise 2, ``my_log_pseudo_likelihood(data, J, h)``: each spin given all others, per sample.

    Parameters
    ----------
    function : callable
        The student's ``(data (M, N), J (N, N), h (N,)) -> float``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> def without_two(data, J, h):
    ...     return -np.log1p(np.exp(-data * (data @ J + h))).sum(axis=1).mean()
    >>> log_pseudo_likelihood(without_two).diagnosis  # doctest: +ELLIPSIS
    Not yet: for one spin in a field of 0.5, once up you give -0.474077, exact is -0.313262. The factor 2 ...
    'factor 2 lost'
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
        Case(
            "two spins that disagree against a coupling of 500",
            (np.array([[1, -1]]), np.array([[0.0, 500.0], [500.0, 0.0]]), np.zeros(2)),
        ),
    ]

    def fields(data, J, h):
        return data @ J + h

    def log_p(agreement):
        return -np.logaddexp(0, -2 * agreement)

    def truth(data, J, h):
        return log_p(data * fields(data, J, h)).sum(axis=1).mean()

    def log_of_mean(data, J, h):
        return np.log(np.mean(np.exp(log_p(data * fields(data, J, h)).sum(axis=1))))

    def of_mean_spins(data, J, h):
        return log_p(data * (data.mean(axis=0) @ J + h)).sum(axis=1).mean()

    def self_counted(data, J, h):
        return log_p(data * (fields(data, J, h) + data)).sum(axis=1).mean()

    def of_probabilities(data, J, h):
        return np.exp(log_p(data * fields(data, J, h))).sum(axis=1).mean()

    def whole_energy(data, J, h):
        return log_p(-ising.energy(data, J, h)[:, None] * np.ones(data.shape)).sum(axis=1).mean()

    return judge(
        function,
        cases,
        truth,
        [
            Misconception(
                "factor 2 lost",
                lambda data, J, h: log_p(data * fields(data, J, h) / 2).sum(axis=1).mean(),
                "The factor 2 in the exponent is lost: the two states of a spin in a field f differ in energy by 2 f.",
            ),
            Misconception(
                "factor 4",
                lambda data, J, h: log_p(2 * data * fields(data, J, h)).sum(axis=1).mean(),
                "The exponent is twice too large: it is 2 s f, and f itself holds each coupling once.",
            ),
            Misconception(
                "sign",
                lambda *a: -truth(*a),
                "That is the *negative* log-pseudo-likelihood: a logarithm of probabilities is below 0.",
            ),
            Misconception(
                "probability of the other sign",
                lambda data, J, h: log_p(-data * fields(data, J, h)).sum(axis=1).mean(),
                "The sign in the exponent is turned round: a spin along its field is the likely one.",
            ),
            Misconception(
                "probability of up",
                lambda data, J, h: log_p(fields(data, J, h)).sum(axis=1).mean(),
                "That is the probability that the spin is *up*: of a spin that was seen down take the probability of "
                "down, so s_i belongs into the exponent.",
            ),
            Misconception(
                "sum over the samples",
                lambda data, J, h: len(data) * truth(data, J, h),
                "That is the sum over the samples: take the mean, so that it does not grow with M.",
            ),
            Misconception(
                "mean over the spins",
                lambda data, J, h: truth(data, J, h) / len(h),
                "The spins were averaged: the logarithms of one sample's spins are summed, only samples are averaged.",
            ),
            Misconception(
                "sum over the samples, mean over the spins",
                lambda data, J, h: len(data) / len(h) * truth(data, J, h),
                "The axes are exchanged: sum over the spins, axis 1, and take the mean over the samples, axis 0.",
            ),
            Misconception(
                "field forgotten",
                lambda data, J, h: truth(data, J, 0 * h),
                "The fields h are missing from the local field.",
            ),
            Misconception(
                "couplings forgotten",
                lambda data, J, h: truth(data, 0 * J, h),
                "The couplings are missing from the local field: the other spins decide, too.",
            ),
            Misconception(
                "couplings doubled",
                lambda data, J, h: truth(data, 2 * J, h),
                "Each coupling is counted twice in the local field: f_i = sum_j J_ij s_j + h_i.",
            ),
            Misconception(
                "couplings halved",
                lambda data, J, h: truth(data, J / 2, h),
                "Each coupling is halved in the local field: the half belongs to the energy, where a pair is met "
                "twice; spin i meets its neighbour j once.",
            ),
            *(
                Misconception(
                    "one triangle only",
                    lambda data, J, h, triangle=triangle: truth(data, triangle(J), h),
                    "Each spin hears only the spins on one side of it: J_ij acts on spin i and on spin j, so all of J "
                    "belongs in the local field.",
                )
                for triangle in (np.triu, np.tril)
            ),
            Misconception(
                "log 1 taken for 1",
                lambda data, J, h: -np.logaddexp(1, -2 * data * fields(data, J, h)).sum(axis=1).mean(),
                "np.logaddexp takes the logarithms of what it adds: for the 1 in 1 + exp(x) pass log 1, which is 0.",
            ),
            Misconception(
                "self-coupling counted",
                self_counted,
                "The spin itself is among its neighbours: the field of spin i comes from the *others* and from h_i.",
            ),
            Misconception(
                "normalisation dropped",
                lambda data, J, h: (data * fields(data, J, h)).sum(axis=1).mean(),
                "That is the sum of s f: each conditional probability has a normalisation, two terms, which must stay.",
            ),
            Misconception(
                "log-likelihood",
                lambda *a: -divergence.nll(*a),
                "That is the log-likelihood itself, with Z: here each spin is given the others, and Z does not appear.",
            ),
            Misconception(
                "energy of the whole state",
                whole_energy,
                "The energy of the whole state stands in the exponent: of spin i only 2 s_i f_i counts.",
            ),
            Misconception(
                "means instead of spins",
                of_mean_spins,
                "The neighbours enter by their means over the data: in each sample use that sample's own spins.",
            ),
            Misconception(
                "log of the mean",
                log_of_mean,
                "That is the log of the mean over the samples: the mean goes outside, over the logs.",
            ),
            Misconception(
                "log forgotten",
                of_probabilities,
                "That is the sum of the probabilities: take the logarithm of each first.",
            ),
            Misconception(
                "base 2",
                lambda *a: truth(*a) / np.log(2),
                "The logarithm is to base 2, and the answer in bits: the course counts in nats.",
            ),
            Symptom(
                "overflow",
                lambda given, *a: agree(given, truth(*a)) or (np.isinf(given) and truth(*a) < -700),
                "All other cases are right: exp(1000) overflows. log(1 + exp(x)) is np.logaddexp(0, x), for any x.",
            ),
        ],
        tested_on="6 models of 1 to 5 spins with 1 to 10 samples, one with a very strong coupling, to 9 digits",
        expected="one number",
    )


# ---------------------------------------------------------------- log Z from weights


class _Estimate(Misconception):
    """A mistake in the first of the two numbers, whatever the second is."""

    def explains(self, given, tolerance, *arguments):
        return agree(given[0], self.answer(*arguments), tolerance)


class _Error(Misconception):
    """A mistake in the second of the two numbers."""

    def explains(self, given, tolerance, *arguments):
        return agree(given[1], self.answer(*arguments), tolerance)


def log_partition(function) -> Verdict:
    """Check Exercise 3, ``my_log_partition(log_weights, log_Z_base)``: log Z of annealed weights, and its error.

    Parameters
    ----------
    function : callable
        The student's ``(log_weights (n,), log_Z_base) -> (estimate, standard error)``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> def mean_of_logs(log_weights, log_Z_base):
    ...     return log_Z_base + log_weights.mean(), log_weights.std(ddof=1) / np.sqrt(len(log_weights))
    >>> log_partition(mean_of_logs).diagnosis  # doctest: +ELLIPSIS
    Not yet: for weights 1, 3 and 5, and a base with Z = 1 your log Z is 0.902683, right is 1.09861. ...
    'mean of the logs'
    """
    rng = np.random.default_rng(SEED)
    cases = [
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

    def weights(log_w, base):
        return np.exp(log_w - log_w.max())

    def log_mean(log_w, base):
        return log_w.max() + np.log(weights(log_w, base).mean())

    def estimate(log_w, base):
        return base + log_mean(log_w, base)

    def error(log_w, base):
        w = weights(log_w, base)
        return w.std(ddof=1) / w.mean() / np.sqrt(len(w))

    def prepare(answer, log_w, base):
        if not isinstance(answer, tuple | list | np.ndarray) or np.shape(answer) != (2,):
            raise AnswerError("your function did not return two numbers")
        given = as_numbers(answer).astype(float)
        n = len(log_w)
        # np.std divides by n, unless told otherwise: a matter of taste, and no mistake.
        if agree(given[1] * np.sqrt(n / (n - 1)), error(log_w, base)):
            given[1] *= np.sqrt(n / (n - 1))
        return given

    def described(given, right, *_):
        k = 0 if not agree(given[0], right[0]) else 1
        return f"your {('log Z', 'standard error')[k]} is {given[k]:.6g}, right is {right[k]:.6g}"

    def overflows(given, log_w, base):
        extreme = np.abs(log_w).max() > 700
        return not np.all(np.isfinite(given)) if extreme else agree(given, [estimate(log_w, base), error(log_w, base)])

    def either_spread(name, measure, says):
        return [_Error(name, lambda log_w, base, d=d: measure(log_w, base, d), says) for d in (1, 0)]

    return judge(
        function,
        cases,
        lambda *a: np.array([estimate(*a), error(*a)]),
        [
            Symptom(
                "overflow",
                overflows,
                "Weights of exp(2000) or exp(-2000) are no numbers: take the largest log weight out before you "
                "exponentiate, and add it to the log afterwards. In the error it cancels.",
            ),
            _Estimate(
                "mean of the logs",
                lambda log_w, base: base + log_w.mean(),
                "That is the mean of the log weights: the *weights* have the mean Z / Z_base, so average first and "
                "take the log then. The mean of the logs is always below.",
            ),
            _Estimate(
                "mean of the logs, base forgotten",
                lambda log_w, base: log_w.mean(),
                "That is the mean of the log weights, without the base: average the weights first, take the log then, "
                "and add log Z of the base.",
            ),
            _Estimate(
                "sum instead of mean",
                lambda log_w, base: estimate(log_w, base) + np.log(len(log_w)),
                "The weights were summed: divide by their number, or subtract log n.",
            ),
            _Estimate(
                "base forgotten",
                log_mean,
                "That is log(Z / Z_base): add log Z of the base, which is known.",
            ),
            _Estimate(
                "base subtracted",
                lambda log_w, base: log_mean(log_w, base) - base,
                "log Z of the base is subtracted: the mean weight is Z / Z_base, so it must be added.",
            ),
            _Estimate(
                "weights turned round",
                lambda log_w, base: base + log_mean(-log_w, base),
                "The sign of the log weights is turned round, as if the energy differences were reversed: the weight "
                "is exp(log weight).",
            ),
            _Estimate(
                "largest not put back",
                lambda log_w, base: estimate(log_w, base) - log_w.max(),
                "What was taken out of the exponent must come back: add the largest log weight to the log.",
            ),
            _Estimate(
                "largest subtracted twice",
                lambda log_w, base: estimate(log_w, base) - 2 * log_w.max(),
                "What was taken out of the exponent must be added after the log, and you subtract it again.",
            ),
            _Estimate(
                "Z instead of log Z",
                lambda log_w, base: np.exp(estimate(log_w, base)) if estimate(log_w, base) < 700 else np.inf,
                "That is Z itself: its log was asked for.",
            ),
            _Estimate(
                "base multiplied",
                lambda log_w, base: base * log_mean(log_w, base),
                "log Z of the base is multiplied in: logs of factors are added.",
            ),
            *either_spread(
                "error not relative",
                lambda log_w, base, d: weights(log_w, base).std(ddof=d) / np.sqrt(len(log_w)),
                "That is the standard error of the mean of the rescaled weights: the error of a log is the *relative* "
                "error, so divide by that mean.",
            ),
            *either_spread(
                "spread instead of standard error",
                lambda log_w, base, d: weights(log_w, base).std(ddof=d) / weights(log_w, base).mean(),
                "That is the relative spread of the weights: the mean of n of them is sqrt(n) times as sure.",
            ),
            *either_spread(
                "divided by n",
                lambda log_w, base, d: weights(log_w, base).std(ddof=d) / weights(log_w, base).mean() / len(log_w),
                "The spread is divided by n: a mean of n is sqrt(n) times as sure.",
            ),
            *either_spread(
                "error of the mean log",
                lambda log_w, base, d: log_w.std(ddof=d) / np.sqrt(len(log_w)),
                "That is the standard error of the mean *log* weight: you need the relative error of the mean weight.",
            ),
            *either_spread(
                "variance",
                lambda log_w, base, d: weights(log_w, base).var(ddof=d) / weights(log_w, base).mean() ** 2 / len(log_w),
                "That is the square of the standard error: take the root.",
            ),
            *either_spread(
                "log of the error",
                lambda log_w, base, d: np.log(
                    weights(log_w, base).std(ddof=d) / weights(log_w, base).mean() / np.sqrt(len(log_w))
                ),
                "That is the log of the error. A log near its mean moves by the relative change of its argument, so "
                "the relative error is the answer already.",
            ),
        ],
        tested_on="6 sets of 3 to 50 weights, two of them far beyond the range of exp, to 9 digits",
        expected="two numbers (log Z, its standard error)",
        prepare=prepare,
        describe=described,
    )
