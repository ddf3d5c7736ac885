"""Hidden questions, drawn from an instructor's generator, and the answers to them, which stay outside the sandbox.

Sums are compared exactly. Where a student's function draws random numbers, an answer is measured in standard errors of
the pictures that were asked for, and 12 are forgiven. Such items have instances of two kinds. Some lie in narrow boxes,
where the misconceptions that the judge knows are 25 standard errors away on at least one of them, and so get their
names. The others lie *anywhere* in a wide region, with more pictures: so that numbers which are typed in, or made of
the signs of the arguments alone, are right there by luck only. Two misconceptions of a fit, open edges and one picture
only, are near in the narrow box, and are seen by these.
"""

import numpy as np

from course_lib.grading.contract import Instance, Item
from course_lib.grading.families import LATTICE, TWISTED

SIZE = 8  # of the pictures that are drawn: the exact averages take a hundredth of a second
DRAWN, AVERAGED, FITTED = 400, 500, 400  # pictures
# Anywhere a fit is given more of them. Not still more: its own noise, of some 200 chains, would count.
FITTED_ANYWHERE = 1600


def draw(item: Item, rng, variant=0) -> list[Instance]:
    """The hidden instances of one item.

    Parameters
    ----------
    item : Item
    rng : numpy.random.Generator
        From the instructor's key, the student and the submission.
    variant : int
        Of the student's twist; see `checks.twists.twist_of`.

    Returns
    -------
    list of Instance
        None for `own_fit`, whose pictures are the student's.

    Raises
    ------
    ValueError
        If the rubric has no such item.

    Examples
    --------
    >>> from course_lib.grading.contract import ITEMS
    >>> [instance.shape for instance in draw(ITEMS["fit_images"], np.random.default_rng(1))]
    [(4,), (4,), (4,), (4,)]
    """
    if item.key not in _DRAWN:
        raise ValueError(f"item must be one of {', '.join(_DRAWN)}, got {item.key!r}")
    return _DRAWN[item.key](rng, variant)


def _binarize(rng, _):
    # Skewed, so that the mean is not the median; an odd number of pixels, one of which then is the median; many pixels
    # as bright as the median. Neither square, nor between 0 and 1.
    even, odd = rng.gamma(1.0, 40.0, (10, 14)), rng.gamma(1.0, 0.2, (9, 13))
    ties = np.minimum(np.floor(rng.gamma(1.5, 60.0, (12, 11)) / 40) * 40.0, 240.0)
    return [
        Instance({"grey": grey}, None, grey.shape, {"answer": np.where(grey > np.median(grey), 1, -1)})
        for grey in (even, odd, ties)
    ]


def _sums(statistic):
    """Pictures behind axes that a statistic must leave alone, and mostly up: int8 would not hold the sums."""

    def instances(rng, _):
        shapes = (5, 16, 16), (14, 18), (2, 3, 15, 12)
        pictures = [rng.choice(np.array([-1, 1], np.int8), shape, p=[0.12, 0.88]) for shape in shapes]
        return [
            Instance(
                {"images": images}, None, images.shape[:-2], {"answer": LATTICE.statistics(images)[..., statistic]}
            )
            for images in pictures
        ]

    return instances


def _gradient(rng, _):
    instances = []
    for n_images, size in ((6, 10), (1, 16), (9, 8)):
        images = _pictures(rng, n_images, size)
        model = 2 * size**2 * rng.uniform(0.1, 0.3), size**2 * rng.uniform(-0.6, -0.2)
        slope = (LATTICE.statistics(images).mean(axis=0) - model) / size**2
        arguments = {"images": images, "model_bonds": float(model[0]), "model_spins": float(model[1])}
        instances.append(Instance(arguments, None, (2,), {"answer": slope}))
    return instances


def _correlation(rng, _):
    instances = []
    for n_images, size, max_distance in ((8, 12, 8), (1, 16, 5), (5, 9, 7)):
        images = _pictures(rng, n_images, size)
        products = [
            [np.mean(images * np.roll(images, -distance, axis).astype(float)) for axis in (1, 2)]
            for distance in range(1, max_distance + 1)
        ]
        arguments = {"images": images, "max_distance": max_distance}
        instances.append(Instance(arguments, None, (max_distance,), {"answer": np.mean(products, axis=1)}))
    return instances


_PLACES = {
    # A strong field on weak couplings; the reverse, where chains are slow to forget their start; neighbours that
    # differ.
    "draw_images": (((0.15, 0.18), (0.32, 0.37)), ((0.36, 0.39), (-0.10, -0.07)), ((-0.26, -0.22), (0.35, 0.40))),
    "model_averages": (((0.15, 0.18), (-0.37, -0.32)), ((0.38, 0.40), (0.07, 0.09))),
    "fit_images": (((0.16, 0.18), (0.34, 0.38)),),
}
_ANYWHERE = (0.16, 0.29), (0.05, 0.30)  # of a fit, of either sign


def _within(boxes, rng):
    return [tuple(rng.uniform(*ends) for ends in box) for box in boxes]


def _draw_images(rng, _):
    return _of_models(_within(_PLACES["draw_images"], rng), DRAWN, (DRAWN, SIZE, SIZE), rng)


def _model_averages(rng, _):
    return _of_models(_within(_PLACES["model_averages"], rng), AVERAGED, (2,), rng)


def _of_models(places, n_images, shape, rng):
    """At these places, and at two anywhere: where neighbours agree, and where they differ."""
    agree = _until(lambda: (rng.uniform(0.12, 0.36), _either(rng, 0.03, 0.3)), _not_magnetised)
    anywhere = agree, (-rng.uniform(0.1, 0.4), _either(rng, 0.1, 0.8))
    return [_of_model(place, n_images, shape, rng, place in anywhere) for place in (*places, *anywhere)]


def _of_model(place, n_images, shape, rng, anywhere):
    mean, covariance = LATTICE.moments(place, SIZE)
    arguments = {"J": float(place[0]), "h": float(place[1]), "size": SIZE, "n_images": n_images}
    return Instance(arguments, _seed(rng), shape, {"mean": mean, "covariance": covariance}, anywhere)


def _fit_images(rng, _):
    anywhere = [_until(lambda: [_either(rng, *ends) for ends in _ANYWHERE], _not_magnetised) for _ in range(3)]
    return _of_fits(LATTICE, _within(_PLACES["fit_images"], rng), anywhere, 4, rng)


_TWISTED_PLACES = (
    # The two couplings differ; so do the coupling and the field.
    (((0.23, 0.27), (0.08, 0.11), (0.30, 0.34)), ((-0.22, -0.18), (0.17, 0.21), (-0.36, -0.31))),
    (((0.20, 0.23), (0.07, 0.09)), ((-0.08, -0.06), (0.20, 0.23))),
    (((0.20, 0.24), (0.38, 0.44)), ((-0.18, -0.15), (-0.37, -0.33))),
)
# Of either sign; and which of them a climb from zero reaches soon: where no order is near, and the likelihood not flat.
_TWISTED_ANYWHERE = (
    (((0.16, 0.30), (0.16, 0.30), (0.05, 0.30)), lambda p: abs(p[2]) < 0.45 - (p[0] + p[1]) / 2 and p[0] + p[1] < 0.56),
    (((0.10, 0.25), (0.08, 0.20)), lambda p: abs(p[0]) + p[1] < 0.27),
    (((0.16, 0.29), (0.05, 0.30)), lambda p: _not_magnetised((-p[0], p[1]))),  # with every other spin turned round
)


def _twist_fit(rng, variant):
    sizes, allowed = _TWISTED_ANYWHERE[variant]
    anywhere = [_until(lambda: [_either(rng, *ends) for ends in sizes], allowed) for _ in range(2)]
    places = _within(_TWISTED_PLACES[variant], rng)
    return _of_fits(TWISTED[variant], places, anywhere, len(sizes), rng, variant=variant)


def _of_fits(family, places, anywhere, n_numbers, rng, **known):
    instances = []
    for place in (*places, *anywhere):
        wide = place in anywhere
        n_images = FITTED_ANYWHERE if wide else FITTED
        images = family.draw(place, SIZE, n_images, rng)
        most_likely, covariance = family.most_likely(images, place)
        truth = known | {"parameters": most_likely, "information": n_images * covariance}
        instances.append(Instance({"images": images}, _seed(rng), (n_numbers,), truth, wide))
    return instances


def _until(place, allowed):
    """Draw a place until it is one of the allowed ones."""
    while not allowed(found := place()):
        pass
    return found


def _either(rng, low, high):
    """Uniform between the two, of either sign."""
    return rng.choice((-1, 1)) * rng.uniform(low, high)


def _not_magnetised(place):
    """A mean spin below 0.7: beyond, the likelihood is flat, and climbs are slow."""
    J, h = place
    return abs(h) < 0.45 - J


def _twist_statistics(rng, variant):
    family, truth = TWISTED[variant], {"variant": variant}
    pictures = [rng.choice(np.array([-1, 1], np.int8), shape, p=[0.15, 0.85]) for shape in ((6, 16, 16), (4, 12, 12))]
    return [
        Instance(
            {"images": images}, None, (len(images), family.n_parameters), truth | {"answer": family.statistics(images)}
        )
        for images in pictures
    ]


def _pictures(rng, n_images, size):
    """Mostly up, with large patches: their correlation is neither that of noise nor only that of their mean."""
    waves = np.fft.fft2(rng.normal(size=(n_images, size, size)))
    far = np.fft.fftfreq(size) ** 2
    smooth = np.fft.ifft2(waves * np.exp(-20 * (far[:, None] + far))).real
    return np.where(smooth > np.quantile(smooth, 0.3), 1, -1).astype(np.int8)


def _seed(rng):
    return int(rng.integers(2**63))


_DRAWN = {
    "binarize": _binarize,
    "bond_sum": _sums(0),
    "spin_sum": _sums(1),
    "gradient": _gradient,
    "draw_images": _draw_images,
    "model_averages": _model_averages,
    "fit_images": _fit_images,
    "correlation": _correlation,
    "own_fit": lambda rng, _: [],
    "twist_statistics": _twist_statistics,
    "twist_fit": _twist_fit,
}
