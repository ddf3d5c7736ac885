"""Checks of lesson 05, Boltzmann learning."""

import numpy as np

from course_lib import exact, ising
from course_lib.classroom.checks import AnswerError, Case, Misconception, Symptom, Verdict, agree, as_numbers, judge

SEED = 5  # the same systems each time, so that a student who runs a check again sees the same example


def learn(function) -> Verdict:
    """Check Exercise 1, ``my_learn(data, eta, steps)``: the three lines, in a loop, from J = 0 and h = 0.

    Parameters
    ----------
    function : callable
        The student's ``(data (M, N), eta, steps) -> (J (N, N), h (N,))``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> nothing = lambda data, eta, steps: (np.zeros((data.shape[1],) * 2), np.zeros(data.shape[1]))
    >>> verdict = learn(nothing)  # doctest: +ELLIPSIS
    Not yet: for one step of 0.1 on 8 samples of 2 spins you give J[0, 1] = 0, exact is 0.025. ... never move...
    """
    rng = np.random.default_rng(SEED)
    pairs = np.array([[1, 1]] * 4 + [[-1, -1]] + [[1, -1]] * 2 + [[-1, 1]])

    def samples(n, m):
        law = exact.distribution(ising.random_couplings(n, rng), rng.normal(0, 0.5, n))
        return rng.choice(exact.states(n), m, p=law)

    cases = [
        Case("one step of 0.1 on 8 samples of 2 spins", (pairs, 0.1, 1)),
        Case("one step of 0.3 on 50 samples of 3 spins", (samples(3, 50), 0.3, 1)),
        Case("two steps of 0.3 on 40 samples of 3 spins", (samples(3, 40), 0.3, 2)),
        Case("25 steps of 0.2 on 60 samples of 4 spins", (samples(4, 60), 0.2, 25)),
    ]

    def tried(data, eta, steps):
        """The library refuses a J that the first step left lopsided: then let the first step show why."""
        try:
            return function(data, eta, steps)
        except ValueError:
            first = np.asarray(function(data, eta, 1)[0])
            if steps == 1 or (agree(first, first.T) and not np.any(np.diag(first))):
                raise
            return np.full_like(first, np.nan), np.full(len(first), np.nan)

    def in_first_step(looks):
        """A symptom that one step shows, and that may have stopped the steps after it."""
        return lambda given, data, eta, steps: (
            bool(np.all(np.isnan(given))) if steps > 1 else looks(given, _learned(data, eta, steps))
        )

    def upper(J):
        return J[np.triu_indices(len(J), 1)]

    def one_triangle(given, right):
        J = given[1:]
        return agree(given[0], right[0]) and any(
            agree(upper(half), upper(right[1:])) and not np.any(np.tril(half)) for half in (J, J.T)
        )

    def diagonal(given, right):
        J = given[1:]
        off = J - np.diag(np.diag(J))
        return bool(np.any(np.diag(J))) and agree(given[0], right[0]) and agree(off, right[1:])

    def diagonal_at_the_end(given, data, eta, steps):
        return diagonal(given, _learned(data, eta, steps))

    def sums(given, data, eta, steps):
        """The diagonal may be M steps of eta, or stay 0."""
        if steps > 1:
            return bool(np.all(np.isnan(given)))
        return agree(upper(given[1:]), upper(_learned(data, eta, steps, total=True)[1:]))

    def covariances(given, data, eta, steps):
        """Of np.cov, whose diagonal moves; it divides by M - 1 unless told."""
        if steps > 1:
            return bool(np.all(np.isnan(given)))
        exactly, by_one_less = (_learned(data, eta, steps, centred_data=True, one_less=one) for one in (False, True))
        return any(agree(upper(given[1:]), upper(answer[1:])) for answer in (exactly, by_one_less))

    covariance_says = (
        "The data's pairs are covariances: the target is the mean of s_i s_j, with the means not taken off "
        "(data.T @ data / M, not np.cov). The model's are averages of s_i s_j, too."
    )
    sum_says = (
        "The data's moments are sums over the samples: divide by the number of samples, or the step grows with it."
    )

    def mistake(**switches):
        return lambda data, eta, steps: _learned(data, eta, steps, **switches)

    def describe(given, right, data, eta, steps):
        if not agree(given[1:], right[1:]):
            i, j = np.argwhere(~np.isclose(given[1:], right[1:], rtol=1e-9, atol=1e-9))[0]
            return f"you give J[{i}, {j}] = {given[1 + i, j]:.6g}, exact is {right[1 + i, j]:.6g}"
        return f"your J is right, and your h is {_text(given[0])}, exact is {_text(right[0])}"

    return judge(
        tried,
        cases,
        _learned,
        [
            Misconception(
                "nothing moves",
                mistake(sign=0),
                "The parameters never move: is the step added to J and h, inside the loop?",
            ),
            Misconception(
                "descends",
                mistake(sign=-1),
                "The steps have the wrong sign, and go downhill: add eta * (data - model). Data and model moments are "
                "swapped, or the step is subtracted. (The NLL goes down when the likelihood goes up.)",
            ),
            Misconception(
                "pairs counted twice",
                mistake(pairs=2.0),
                "Every coupling moves twice as far as it should: J_ij and J_ji are *one* parameter. Give both entries "
                "the step of the pair, once; do not add the two entries up.",
            ),
            Misconception(
                "half a step for pairs",
                mistake(pairs=0.5),
                "Every coupling moves half as far as it should: with E = -sum over i < j the step of a pair is eta "
                "times the gap of its moment, and no 1/2 belongs there.",
            ),
            Misconception("sum instead of mean", mistake(total=True), sum_says),
            Misconception(
                "means taken off",
                mistake(centred=True),
                "The products of the means were taken off: the moments of the pairs are <s_i s_j>, not covariances.",
            ),
            Misconception(
                "only the data's means taken off",
                mistake(centred_data=True),
                covariance_says,
            ),
            Misconception(
                "only the data's means taken off", mistake(centred_data=True, one_less=True), covariance_says
            ),
            Symptom("only the data's means taken off", covariances, covariance_says),
            Misconception("sum instead of mean", mistake(total_pairs=True), sum_says),
            Symptom("sum instead of mean", sums, sum_says),
            Misconception("step not applied to h", mistake(to_h=0.0), "J learns and h stays 0: step both."),
            Misconception("step not applied to J", mistake(to_J=0.0), "h learns and J stays 0: step both."),
            Misconception(
                "eta forgotten",
                mistake(with_eta=False),
                "eta is not used: the step is eta times the gap of the moments.",
            ),
            Symptom(
                "J not kept symmetric",
                in_first_step(one_triangle),
                "One triangle of J stays 0: J_ij and J_ji are one parameter, so write the step into both entries.",
            ),
            Symptom(
                "diagonal updated",
                in_first_step(diagonal),
                "The diagonal of J moves: s_i s_i is always 1, in the data and in the model, so a spin has no coupling "
                "to itself. np.fill_diagonal(J, 0) keeps it at 0.",
            ),
            Symptom(
                "diagonal updated",
                diagonal_at_the_end,
                "The diagonal of J is not 0: s_i s_i is always 1, in the data and in the model, so a spin has no "
                "coupling to itself.",
            ),
            Misconception(
                "model's moments of the start",
                mistake(frozen=True),
                "The model's moments are those of the start in every step: compute them inside the loop, for the "
                "present J and h.",
            ),
            Misconception(
                "one step only",
                lambda data, eta, steps: _learned(data, eta, 1),
                "That is one step: does the return stand inside the loop?",
            ),
            Misconception(
                "one step too many",
                lambda data, eta, steps: _learned(data, eta, steps + 1),
                "That is one step too many.",
            ),
            Misconception(
                "one step too few", lambda data, eta, steps: _learned(data, eta, steps - 1), "That is one step too few."
            ),
            Misconception(
                "h stepped first",
                mistake(one_by_one="h"),
                "h is stepped before the moments for J are computed: ask for the model's moments once a step, "
                "then step both.",
            ),
            Misconception(
                "J stepped first",
                mistake(one_by_one="J"),
                "J is stepped before the moments for h are computed: ask for the model's moments once a step, "
                "then step both.",
            ),
        ],
        tested_on="4 data sets of 2 to 4 spins and up to 25 steps, to 9 digits",
        expected="a pair (J, h) of shapes (N, N) and (N,)",
        prepare=_pair_of_J_and_h,
        describe=describe,
    )


def standard_errors(function) -> Verdict:
    """Check Exercise 2, ``my_standard_errors(covariance, n_sweeps, tau)``: ``sqrt(diag(F^-1) 2 tau / M)``.

    Parameters
    ----------
    function : callable
        The student's ``(covariance (P, P), n_sweeps, tau) -> (P,)``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> verdict = standard_errors(lambda F, M, tau: np.sqrt(2 * tau / np.diag(F) / M))  # doctest: +ELLIPSIS
    Not yet: for 2 spins, 100 sweeps and tau = 0.5 ... That takes the diagonal first: ...
    """
    cases = [
        Case(f"{n} spins, {m} sweeps and tau = {tau:g}", (exact.statistics_moments(J, h)[1], m, tau))
        for (m, tau), (n, J, h) in zip(((100, 0.5), (400, 0.8), (10_000, 12.5)), _systems((2, 3, 4)), strict=True)
    ]

    def inverse(F):
        return np.diag(np.linalg.inv(F))

    return judge(
        function,
        cases,
        lambda F, m, tau: np.sqrt(inverse(F) * 2 * tau / m),
        [
            Misconception(
                "variance instead of deviation",
                lambda F, m, tau: inverse(F) * 2 * tau / m,
                "These are the variances of the parameters: an error bar is the root.",
            ),
            Misconception(
                "M forgotten",
                lambda F, m, tau: np.sqrt(inverse(F)),
                "These are the errors from *one* sample: more samples know more, so divide the variance by the number "
                "of independent draws, n_sweeps / (2 tau).",
            ),
            Misconception(
                "M forgotten",
                lambda F, m, tau: np.sqrt(inverse(F) * 2 * tau),
                "n_sweeps is not used: more sweeps know more, so divide the variance by n_sweeps / (2 tau).",
            ),
            Misconception(
                "divided by M, not by its root",
                lambda F, m, tau: np.sqrt(inverse(F)) * 2 * tau / m,
                "The errors fall as 1 / M here: it is the variance that is divided by the number of independent draws, "
                "inside the root.",
            ),
            Misconception(
                "tau forgotten",
                lambda F, m, tau: np.sqrt(inverse(F) / m),
                "These are the errors of independent samples: n_sweeps sweeps are worth n_sweeps / (2 tau) of them.",
            ),
            Misconception(
                "1 + 2 tau",
                lambda F, m, tau: np.sqrt(inverse(F) * (1 + 2 * tau) / m),
                "n_sweeps / (1 + 2 tau) is for a tau that leaves the 1/2 out. Here it is inside, "
                "tau = 1/2 + sum of rho: a sweep is worth 1 / (2 tau) independent draws.",
            ),
            Misconception(
                "factor 2 of tau forgotten",
                lambda F, m, tau: np.sqrt(inverse(F) * tau / m),
                "A sweep is worth 1 / (2 tau) independent draws, not 1 / tau.",
            ),
            Misconception(
                "2 tau outside the root",
                lambda F, m, tau: np.sqrt(inverse(F) / m) * 2 * tau,
                "The factor 2 tau belongs to the variance, inside the root: errors grow by the root of 2 tau.",
            ),
            Misconception(
                "2 tau upside down",
                lambda F, m, tau: np.sqrt(inverse(F) / (m * 2 * tau)),
                "Correlated sweeps know *less* than independent ones: n_sweeps / (2 tau) draws, not n_sweeps * 2 tau.",
            ),
            Misconception(
                "multiplied by M",
                lambda F, m, tau: np.sqrt(inverse(F) * m / (2 * tau)),
                "The errors grow with the number of sweeps: divide the variance by the number of independent draws.",
            ),
            Misconception(
                "inverse of the diagonal",
                lambda F, m, tau: np.sqrt(2 * tau / np.diag(F) / m),
                "That takes the diagonal first: the error of one parameter if all others were known. Others are "
                "learned too, and can make up for it: invert the whole matrix (np.linalg.inv, not 1 / F) and then take "
                "the diagonal.",
            ),
            Misconception(
                "not inverted",
                lambda F, m, tau: np.sqrt(np.diag(F) * 2 * tau / m),
                "These are the errors of the *moments*. What varies much tells much about its parameter: invert F.",
            ),
            Misconception(
                "root of the eigenvalues",
                lambda F, m, tau: np.sqrt(np.linalg.eigvalsh(np.linalg.inv(F)) * 2 * tau / m),
                "These are the errors of the combinations that are independent of each other, not of the parameters: "
                "take the diagonal of the inverse.",
            ),
        ],
        tested_on=f"{len(cases)} systems of 2 to 4 spins, to 9 digits",
        expected="one error for each parameter",
    )


def lattice_gradient(function) -> Verdict:
    """Check Exercise 3, ``my_lattice_gradient(data, samples)``: gaps of the bond sum and of the spin sum.

    Parameters
    ----------
    function : callable
        The student's ``(data (M, rows, cols), samples (n, rows, cols)) -> (dJ, dh)``.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> def swapped(data, samples):
    ...     return [f(samples).mean() - f(data).mean() for f in (ising.bond_sum, ising.spin_sum)]
    >>> verdict = lattice_gradient(swapped)  # doctest: +ELLIPSIS
    Not yet: for 3 images and 2 samples of 3 x 4 you give ... Data and samples are swapped, ...
    """
    rng = np.random.default_rng(SEED)

    def images(n, rows, cols, up):
        return np.where(rng.random((n, rows, cols)) < up, 1, -1)

    cases = [
        Case(f"{m} images and {n} samples of {rows} x {cols}", (images(m, rows, cols, 0.8), images(n, rows, cols, 0.6)))
        for m, n, rows, cols in ((3, 2, 3, 4), (5, 9, 4, 4), (10, 40, 6, 5))
    ]

    def gap(bonds, spins=ising.spin_sum):
        """With these two sums of an image in the places of B and S."""
        return lambda data, samples: np.array([f(data).mean() - f(samples).mean() for f in (bonds, spins)])

    def scaled(by_bonds, by_spins):
        """B and S of an image times numbers that may depend on its sites."""
        return gap(lambda x: ising.bond_sum(x) * by_bonds(x[0].size), lambda x: ising.spin_sum(x) * by_spins(x[0].size))

    def right_bonds(x):
        return (x * np.roll(x, -1, axis=2)).sum(axis=(1, 2))

    def down_bonds(x):
        return (x * np.roll(x, -1, axis=1)).sum(axis=(1, 2))

    def inner_bonds(x):
        across, down = x[:, :, :-1] * x[:, :, 1:], x[:, :-1] * x[:, 1:]
        return across.sum(axis=(1, 2)) + down.sum(axis=(1, 2))

    def rolled(*axes):
        return lambda x: sum((x * np.roll(x, 1, axis=axis)).sum() for axis in axes) / len(x) + np.zeros(len(x))

    def prepare(answer, data, samples):
        if np.size(answer) != 2:
            raise AnswerError(f"your function returned {np.size(answer)} numbers")
        return as_numbers(answer).reshape(2)

    right = gap(ising.bond_sum)
    both = (
        "These are gaps per bond and per site: the log-likelihood of an *image* has B and S as they are, sums over the "
        "image. (Dividing is a choice of step size; then divide both by the same number, or J and h learn at "
        "different speeds.)"
    )
    one_site = (
        "Both sums are divided by the number of sites: the gradient is the gap of the sums themselves. (Divide the "
        "step size by it, if you like.)"
    )
    mistakes = [
        (
            "data and model swapped",
            "Data and samples are swapped, so the steps would go downhill: data minus model.",
            lambda data, samples: -right(data, samples),
        ),
        (
            "J and h swapped",
            "The two numbers come in the wrong order: first the gap of B, which moves J, then that of S.",
            lambda data, samples: right(data, samples)[::-1],
        ),
        (
            "sum over images instead of mean",
            "These are sums over the images; data and samples differ in number, so take the mean over each.",
            lambda data, samples: np.array(
                [f(data).sum() - f(samples).sum() for f in (ising.bond_sum, ising.spin_sum)]
            ),
        ),
        ("per bond and per site", both, scaled(lambda sites: 1 / (2 * sites), lambda sites: 1 / sites)),
        ("divided by the sites", one_site, scaled(lambda sites: 1 / sites, lambda sites: 1 / sites)),
        (
            "h divided by the sites",
            "The gap of S is that of the mean spin, the gap of B is a sum: one h acts on all sites, so its moment is "
            "the sum of all spins.",
            scaled(lambda sites: 1, lambda sites: 1 / sites),
        ),
        (
            "J per bond",
            "The gap of B is divided by the number of bonds, the gap of S is a sum: one J acts on all bonds, so its "
            "moment is the sum over all bonds.",
            scaled(lambda sites: 1 / (2 * sites), lambda sites: 1),
        ),
        (
            "bonds counted twice",
            "B is twice what it should be: each bond is counted from both of its ends. Right and down neighbours only.",
            scaled(lambda sites: 2, lambda sites: 1),
        ),
        (
            "bonds halved",
            "B is half of what it should be: with right and down neighbours only, no bond is counted twice.",
            scaled(lambda sites: 1 / 2, lambda sites: 1),
        ),
        (
            "bonds divided by 4",
            "B is a quarter of what it should be: with right and down neighbours only, each bond counts once already.",
            scaled(lambda sites: 1 / 4, lambda sites: 1),
        ),
        (
            "wrap-around lost",
            "The bonds over the edge are missing: the last column is a neighbour of the first, and the last row of the "
            "first row. np.roll does that.",
            gap(inner_bonds),
        ),
        ("right neighbours only", "The bonds to the neighbours below are missing.", gap(right_bonds)),
        ("down neighbours only", "The bonds to the neighbours on the right are missing.", gap(down_bonds)),
        (
            "rolled over the images",
            "np.roll shifts axis 0, which counts the images: rows and columns are axes 1 and 2, or -2 and -1.",
            gap(rolled(0, 1)),
            gap(rolled(0, 2)),
        ),
        (
            "axis of np.roll forgotten",
            "Without axis np.roll flattens the array: rows run into each other, and images too. Say axis=1 and axis=2.",
            gap(rolled(None)),
            gap(rolled(None, None)),
        ),
        (
            "field forgotten",
            "The second number is 0: it is the gap of S, the sum of all spins.",
            scaled(lambda sites: 1, lambda sites: 0),
        ),
    ]
    return judge(
        function,
        cases,
        right,
        [Misconception(name, answer, says) for name, says, *answers in mistakes for answer in answers],
        tested_on=f"{len(cases)} pairs of image sets, to 9 digits",
        expected="two numbers, dJ and dh",
        prepare=prepare,
        describe=lambda given, exact, data, samples: f"you give {_text(given)}, exact is {_text(exact)}",
    )


# ---------------------------------------------------------------- the three lines, and what can go wrong in them


def _learned(
    data,
    eta,
    steps,
    *,
    sign=1,
    pairs=1.0,
    to_J=1.0,
    to_h=1.0,
    total=False,
    total_pairs=False,
    centred=False,
    centred_data=False,
    one_less=False,
    with_eta=True,
    frozen=False,
    one_by_one="",
):
    """Row 0 is h, and J is below it, (N + 1, N), after plain steps from 0; each switch is a mistake."""
    m, n = data.shape
    J, h = np.zeros((n, n)), np.zeros(n)
    mean, C = data.mean(axis=0), data.T @ data / m
    if centred or centred_data:
        C = C - np.outer(mean, mean)
    if one_less:
        C = C * m / (m - 1)
    if total:
        mean = m * mean
    if total or total_pairs:
        C = m * C
    rate = sign * (eta if with_eta else 1.0)

    def gaps(at_J, at_h):
        now, now_C = exact.moments(at_J, at_h)
        step = rate * pairs * to_J * (C - now_C + (np.outer(now, now) if centred else 0))
        np.fill_diagonal(step, 0)
        return step, rate * to_h * (mean - now)

    for _ in range(steps):
        dJ, dh = gaps(np.zeros((n, n)), np.zeros(n)) if frozen else gaps(J, h)
        if one_by_one == "h":
            dJ = gaps(J, h + dh)[0]
        elif one_by_one == "J":
            dh = gaps(J + dJ, h)[1]
        J, h = J + dJ, h + dh
    return np.vstack([h, J])


def _pair_of_J_and_h(answer, data, *settings):
    n = data.shape[1]
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise AnswerError("your function did not return a pair")
    J, h = as_numbers(answer[0]), as_numbers(answer[1])
    if (J.shape, h.shape) == ((n,), (n, n)):
        raise AnswerError("your function returned (h, J)")
    if (J.shape, h.shape) != ((n, n), (n,)):
        raise AnswerError(f"your function returned arrays of shapes {J.shape} and {h.shape}")
    return np.vstack([h, J])


def _systems(sizes):
    """Number of spins, J and h of a random system of each size."""
    rng = np.random.default_rng(SEED)
    return [(n, ising.random_couplings(n, rng), rng.normal(0, 0.5, n)) for n in sizes]


def _text(array):
    return " ".join(np.array2string(np.asarray(array), precision=4, threshold=12).split())
