"""What students get wrong where their answers are random: the place in the model, or the averages, that they end at.

A mistake in a sampler and the same mistake in a fit are inverse to each other: with half the field in the sampler, the
fit needs twice the field. So both directions are known.
"""

import numpy as np

from course_lib.exact.sums import all_states
from course_lib.grading.families import LATTICE, TWISTED
from course_lib.grading.mistakes import SPINS, WRAP, Mistake

_EXPONENT = "a spin is up with probability 1 / (1 + exp(-2 (J n + h))), n the sum of its four neighbours"

# Name, advice, and (J, h, sites) -> where the answer lies.
PLACES = (
    ("missing field", f"the field hardly acts: {_EXPONENT}, with h itself, whatever the size.", lambda J, h, N: (J, 0)),
    ("missing coupling", f"the spins do not feel their neighbours: {_EXPONENT}.", lambda J, h, N: (0, h)),
    ("noise", "these are fair coins: do the sweeps reach the pictures that are returned?", lambda J, h, N: (0, 0)),
    ("half the field", f"the field counts half: {_EXPONENT}; the 2 holds for h, too.", lambda J, h, N: (J, h / 2)),
    ("twice the field", f"the field counts twice: {_EXPONENT}.", lambda J, h, N: (J, 2 * h)),
    ("wrong sign of the field", "E = -J B - h S: a positive field favours spins that are up.", lambda J, h, N: (J, -h)),
    ("wrong sign of the coupling", "E = -J B - h S: with a positive J neighbours agree.", lambda J, h, N: (-J, h)),
    ("wrong sign", "E = -J B - h S, and p is proportional to exp(-E): both signs are turned round.",
     lambda J, h, N: (-J, -h)),
    ("each pair counted twice", "a pair of neighbours is one bond: it counts once, J per bond.",
     lambda J, h, N: (J / 2, h)),
    ("each pair counted twice", "a pair of neighbours is one bond: it counts once, J per bond.",
     lambda J, h, N: (2 * J, h)),
    ("factor 2 in the exponent", f"J and h come out half as strong: {_EXPONENT}.", lambda J, h, N: (J / 2, h / 2)),
    ("factor 2 in the exponent", f"J and h come out twice as strong: {_EXPONENT}.", lambda J, h, N: (2 * J, 2 * h)),
    ("factor 4 of the coupling", "the coupling comes out four times as strong: J is per bond.",
     lambda J, h, N: (4 * J, h)),
    ("factor 4 of the coupling", "the coupling comes out four times as weak: J is per bond, there is no mean over the "
     "neighbours.", lambda J, h, N: (J / 4, h)),
    ("order of J and h", "first J, then h.", lambda J, h, N: (h, J)),
    ("scaled field", "h is the field of each site, not of the picture: do not multiply by the sites.",
     lambda J, h, N: (J, h * N)),
    ("0/1 pixels", SPINS, lambda J, h, N: (J / 4, h / 2 + J)),
    ("0/1 pixels", SPINS, lambda J, h, N: (4 * J, 2 * h - 8 * J)),
)  # fmt: skip

# Name, advice, and (averages, sites, pictures) -> what is returned in their place.
_AVERAGES = (
    ("averages a site", "the averages are those of the whole picture, B and S: do not divide by the sites.",
     lambda m, N, n: m / N),
    ("averages a bond and a site", "the averages are those of the whole picture, B and S: do not divide by bonds or "
     "sites.", lambda m, N, n: m / np.array([2 * N, N])),
    ("sum over pictures", "the averages are those of one picture: take the mean over pictures.", lambda m, N, n: m * n),
    ("order of B and S", "first B, then S.", lambda m, N, n: m[::-1]),
    ("energy in place of B", "the first average has the wrong sign: B itself, not the energy.",
     lambda m, N, n: m * np.array([-1, 1])),
    ("each pair counted twice", "a pair of neighbours is one bond: bonds to the right and down only.",
     lambda m, N, n: m * np.array([2, 1])),
    ("half the bonds", "there are two bonds a site, one to the right and one down.",
     lambda m, N, n: m * np.array([0.5, 1])),
    ("absolute magnetisation", "the spin sum keeps its sign: leave out the absolute value.",
     lambda m, N, n: np.array([m[0], abs(m[1])])),
    ("missing field", "the spin sum is missing.", lambda m, N, n: m * np.array([1, 0])),
)  # fmt: skip


def mistakes_of_models() -> list[Mistake]:
    """Pictures of another model: a mistake's answer is the mean of (B, S).

    Examples
    --------
    >>> mistakes_of_models()[0].name
    'missing field'
    """
    return [Mistake(name, advice, _averages_at(place)) for name, advice, place in PLACES] + [
        Mistake(
            "all spins at once",
            "neighbours moved together do not see each other's new values: sweep the two colours of the checkerboard "
            "one after the other.",
            _two_lattices,
        )
    ]


def mistakes_of_averages() -> list[Mistake]:
    """The same, and averages that are not those of one picture.

    Examples
    --------
    >>> mistakes_of_averages()[0].name
    'averages a site'
    """
    return [
        *(Mistake(name, advice, _averages_as(given)) for name, advice, given in _AVERAGES),
        *mistakes_of_models(),
        Mistake("no wrap-around", f"In the sampler: {WRAP}", lambda instance: _open(*_place(instance))[1]),
        Mistake("no wrap-around", f"In sampler and sum: {WRAP}", lambda instance: _open(*_place(instance))[0]),
    ]


def mistakes_of_fits() -> list[Mistake]:
    """Fits of J and h that end at another place.

    Examples
    --------
    >>> mistakes_of_fits()[0].name
    'missing field'
    """
    places = [Mistake(name, advice, _parameters_at(place)) for name, advice, place in PLACES]
    advice = "the first number is 1 / J: J itself is wanted."
    inverse = Mistake("temperature in place of J", advice, lambda i: i.truth["parameters"] ** np.array([-1, 1]))
    return [*places, inverse, Mistake("missing coupling", _ALONE, lambda i: _independent(i, LATTICE))]


def mistakes_that_fit() -> list[Mistake]:
    """Fits of something else, which take a second to be made.

    Examples
    --------
    >>> [mistake.name for mistake in mistakes_that_fit()]
    ['missing field', 'no wrap-around', 'one picture only']
    """
    return [
        Mistake(
            "missing field",
            "only J is fitted, and stands in for the field: h has a slope of its own, <S> of the data minus <S> of the "
            "model.",
            _without_field,
        ),
        Mistake("no wrap-around", f"In the sampler: {WRAP}", _with_open_edges),
        Mistake(
            "one picture only",
            "the fit is that of the first picture: the target is the mean over all pictures.",
            lambda instance: _fitted(LATTICE, instance.arguments["images"][:1]),
        ),
    ]


_ALONE = "that is the fit of independent spins, which do not feel their neighbours: a coupling has a slope of its own."
_TWISTS = (
    (
        ("right and down exchanged", "J_right goes with bonds along a row, axis -1, J_down with those down a column.",
         lambda p: p[[1, 0, 2]]),
        ("order of the parameters", "the order is J_right, J_down, h.", lambda p: p[[2, 0, 1]]),
        ("missing field", "the field does not come out: it has a slope of its own.", lambda p: p * [1, 1, 0]),
        ("wrong sign of the field", "E = -J_right B_right - J_down B_down - h S: a positive field favours spins that "
         "are up.", lambda p: p * [1, 1, -1]),
        ("half the field", f"the field counts half or twice: {_EXPONENT}.", lambda p: p * [1, 1, 0.5]),
        ("twice the field", f"the field counts half or twice: {_EXPONENT}.", lambda p: p * [1, 1, 2]),
        ("wrong sign of the coupling", "with a positive coupling neighbours agree.", lambda p: p * [-1, -1, 1]),
    ),
    (
        ("order of the parameters", "first J, of bonds right and down, then K, of diagonals.", lambda p: p[::-1]),
        ("missing diagonals", "K does not come out: the diagonals have a slope of their own.", lambda p: p * [1, 0]),
        ("wrong sign of the diagonals", "with a positive K diagonal neighbours agree.", lambda p: p * [1, -1]),
        ("diagonals counted twice", "each site has two diagonal bonds that lead down: K comes out half.",
         lambda p: p * [1, 0.5]),
        ("one diagonal only", "K comes out twice as strong: both diagonals count, down-right and down-left.",
         lambda p: p * [1, 2]),
        ("wrong sign of the coupling", "with a positive J neighbours agree.", lambda p: p * [-1, 1]),
    ),
    (
        ("sign of the checkerboard", "(-1)^(row + column) is +1 at row 0, column 0: g comes out with the wrong sign.",
         lambda p: p * [1, -1]),
        ("order of the parameters", "first J, then g.", lambda p: p[::-1]),
        ("missing field", "g does not come out: the staggered sum has a slope of its own.", lambda p: p * [1, 0]),
        ("half the field", f"the field counts half or twice: {_EXPONENT}, with g and its sign in place of h.",
         lambda p: p * [1, 0.5]),
        ("twice the field", f"the field counts half or twice: {_EXPONENT}, with g and its sign in place of h.",
         lambda p: p * [1, 2]),
        ("wrong sign of the coupling", "with a positive J neighbours agree.", lambda p: p * [-1, 1]),
    ),
)  # fmt: skip
_TWISTS_ALL = (
    ("wrong sign", "p is proportional to exp(-E): all signs are turned round.", lambda p: -p),
    ("factor 2 in the exponent", f"all parameters come out half as strong: {_EXPONENT}.", lambda p: p / 2),
    ("factor 2 in the exponent", f"all parameters come out twice as strong: {_EXPONENT}.", lambda p: p * 2),
)


def mistakes_of_twists(variant) -> list[Mistake]:
    """Fits of a twist that end at another place.

    Parameters
    ----------
    variant : int

    Returns
    -------
    list of Mistake

    Examples
    --------
    >>> mistakes_of_twists(2)[0].name
    'sign of the checkerboard'
    """
    listed = [Mistake(name, advice, _twisted(place)) for name, advice, place in (*_TWISTS[variant], *_TWISTS_ALL)]
    couplings = len(TWISTED[variant].bonds)
    for factor in (0.5, 2.0):
        factors = np.append(np.full(couplings if variant == 0 else 1, factor), 1.0)
        advice = "a pair of neighbours is one bond: it counts once."
        listed.append(Mistake("each pair counted twice", advice, _twisted(lambda p, factors=factors: p * factors)))
    plain = {
        0: ("one coupling for both", "J_right and J_down come out equal: each has its own sum and its own slope.",
            lambda J, h: [J, J, h]),
        1: ("the plain model", "this is the fit without diagonals: K has a slope of its own.", lambda J, h: [J, 0.0]),
        2: ("uniform field", "this is the fit with a uniform field: g goes with the staggered sum.",
            lambda J, h: [J, h]),
    }  # fmt: skip
    name, advice, of_plain = plain[variant]
    return [
        *listed,
        Mistake("missing coupling", _ALONE, lambda instance: _independent(instance, TWISTED[variant])),
        Mistake(name, advice, lambda instance: np.array(of_plain(*_fitted(LATTICE, instance.arguments["images"])))),
    ]


# What error bars should not be: name, advice, and (true errors, information, pictures, sites) -> errors.
ERRORS = (
    ("forgot 1 / sqrt(M)", "these are the errors of one picture: with M independent pictures they are sqrt(M) times "
     "smaller.", lambda e, F, M, N: e * np.sqrt(M)),
    ("1 / M in place of 1 / sqrt(M)", "errors fall as 1 / sqrt(M) with the number of pictures: take the square root of "
     "the whole.", lambda e, F, M, N: e / np.sqrt(M)),
    ("variance in place of error", "an error is the square root of a variance.", lambda e, F, M, N: e**2),
    ("variance in place of error", "an error is the square root of a variance, here of F^-1 / M.",
     lambda e, F, M, N: M * e**2),
    ("covariance a site", "the Fisher information of a picture is the covariance of its sums, B and S, not of means "
     "per site.", lambda e, F, M, N: e * N),
    ("covariance a site", "the Fisher information of a picture is the covariance of its sums, B and S: it is not "
     "divided by the sites.", lambda e, F, M, N: e * np.sqrt(N)),
    ("covariance a bond and a site", "the Fisher information of a picture is the covariance of its sums, B and S, not "
     "of means.", lambda e, F, M, N: e * N * np.array([2, 1])),
    ("correlation of J and h forgotten", "these are the errors if the other parameter were known: both are estimated "
     "together, so invert the whole matrix, then take its diagonal.", lambda e, F, M, N: np.diag(F) ** -0.5),
    ("information not inverted", "these grow with the information: errors are the square roots of the diagonal of the "
     "inverse.", lambda e, F, M, N: np.diag(F) ** 0.5),
    ("information not inverted", "these grow with the information: errors are the square roots of the diagonal of the "
     "inverse.", lambda e, F, M, N: np.diag(F) ** 0.5 / M),
    ("information not inverted", "these grow with the information: errors are the square roots of the diagonal of the "
     "inverse.", lambda e, F, M, N: (np.diag(F) / M) ** 0.5),
    ("order of the errors", "first the error of J, then that of h.", lambda e, F, M, N: e[::-1]),
    ("scaled with the sites twice", "divide by sqrt(M) alone: the sites are in the covariance of the sums already.",
     lambda e, F, M, N: e / np.sqrt(N)),
)  # fmt: skip


def _averages_at(place):
    def averages(instance):
        J, h, size = (instance.arguments[name] for name in ("J", "h", "size"))
        return LATTICE.moments(place(J, h, size * size), size)[0]

    return averages


def _place(instance):
    return [instance.arguments[name] for name in ("J", "h", "size")]


def _averages_as(given):
    def averages(instance):
        size, n_images = instance.arguments["size"], instance.arguments["n_images"]
        return given(instance.truth["mean"], size * size, n_images)

    return averages


def _two_lattices(instance):
    """All spins at once: the colours, one sweep apart, are two lattices that do not know of each other."""
    sites = instance.arguments["size"] ** 2
    spin = instance.truth["mean"][1] / sites
    return np.array([2 * sites * spin**2, sites * spin])


def _parameters_at(place):
    def parameters(instance):
        sites = np.prod(instance.arguments["images"].shape[1:])
        return np.array(place(*instance.truth["parameters"], sites), dtype=float)

    return parameters


def _twisted(place):
    return lambda instance: place(instance.truth["parameters"])


def _fitted(family, images):
    try:
        return family.most_likely(images, np.zeros(family.n_parameters))[0]
    except (np.linalg.LinAlgError, ValueError):  # no maximum, as a single small picture may have none
        return np.full(family.n_parameters, np.nan)


def _open(J, h, size):
    """Exact means of (B, S) where the pictures have edges, without and with the bonds over these in B."""
    row = all_states(size).astype(float)
    inside, over = np.sum(row[:, 1:] * row[:, :-1], axis=1), row[:, 0] * row[:, -1]
    products = row @ row.T
    weight = np.exp((J * inside + h * row.sum(axis=1)) / 2)  # half of what a row adds by itself, on either side of it
    step = weight[:, None] * np.exp(J * products) * weight
    ways = [weight]  # from the first row, or the last, to each state of the rows after it
    for _ in range(size - 1):
        ways.append(step @ ways[-1])
    Z = weight @ ways[-1]
    of_rows = sum(one * other for one, other in zip(ways, reversed(ways), strict=True)) / Z
    of_pairs = step * sum(np.outer(one, other) for one, other in zip(ways[:-1], ways[-2::-1], strict=True)) / Z
    of_ends = np.linalg.matrix_power(step, size - 1) * np.outer(weight, weight) / Z
    without = of_rows @ inside + np.sum(of_pairs * products)
    spins = of_rows @ row.sum(axis=1)
    return np.array([[without, spins], [without + of_rows @ over + np.sum(of_ends * products), spins]])


def _with_open_edges(instance):
    """Where a model whose sampler has edges has the pictures' averages."""
    images, place = instance.arguments["images"], instance.truth["parameters"].copy()
    target = LATTICE.statistics(images).mean(axis=0)
    slope = instance.truth["information"] / len(images)
    for _ in range(10):
        place += np.linalg.solve(slope, target - _open(*place, images.shape[-1])[1])
    return place


def _independent(instance, family):
    """Where all couplings are 0 and the field alone has the pictures' mean spin."""
    images = instance.arguments["images"]
    mean = family.statistics(images).mean(axis=0)[len(family.bonds) :] / images[0].size
    with np.errstate(divide="ignore"):
        return np.concatenate([np.zeros(len(family.bonds)), np.arctanh(mean)])


def _without_field(instance):
    """The J that gives the pictures' bonds without field, by Newton's method."""
    images, J = instance.arguments["images"], 0.0
    bonds = LATTICE.statistics(images).mean(axis=0)[0]
    for _ in range(12):
        mean, covariance = LATTICE.moments((J, 0.0), images.shape[-1])
        J += np.clip((bonds - mean[0]) / covariance[0, 0], -0.05, 0.05)  # a whole step from afar is too long
    return np.array([J, 0.0])
