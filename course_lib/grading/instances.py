"""Hidden questions, drawn from an instructor's generator, and the answers to them, which stay outside the sandbox.

Sums are compared exactly. Where a student's function draws random numbers, an answer is measured in standard errors of
the pictures that were asked for: couplings, fields and numbers of pictures are such that every misconception that the
judge knows moves it by 25 of them or more on at least one instance, and 12 are forgiven.
"""

import numpy as np

from course_lib.grading.contract import Instance, Item
from course_lib.grading.families import LATTICE, TWISTED

SIZE = 8  # of the pictures that are drawn: the exact averages take a hundredth of a second
DRAWN, AVERAGED, FITTED = 600, 400, 400  # pictures


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
    [(4,), (4,)]
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


def _draw_images(rng, _):
    # A strong field on weak couplings; the reverse, where chains are slow to forget their start; neighbours that
    # differ.
    places = (
        (rng.uniform(0.15, 0.18), rng.uniform(0.32, 0.37)),
        (rng.uniform(0.36, 0.39), -rng.uniform(0.07, 0.10)),
        (-rng.uniform(0.22, 0.26), rng.uniform(0.35, 0.40)),
    )
    return [_of_model(place, DRAWN, (DRAWN, SIZE, SIZE), rng) for place in places]


def _model_averages(rng, _):
    places = (
        (rng.uniform(0.15, 0.18), -rng.uniform(0.32, 0.37)),
        (-rng.uniform(0.22, 0.26), rng.uniform(0.35, 0.40)),
    )
    return [_of_model(place, AVERAGED, (2,), rng) for place in places]


def _of_model(place, n_images, shape, rng):
    mean, covariance = LATTICE.moments(place, SIZE)
    arguments = {"J": float(place[0]), "h": float(place[1]), "size": SIZE, "n_images": n_images}
    return Instance(arguments, _seed(rng), shape, {"mean": mean, "covariance": covariance})


def _fit_images(rng, _):
    places = (
        (rng.uniform(0.16, 0.18), rng.uniform(0.34, 0.38)),
        (rng.uniform(0.17, 0.20), -rng.uniform(0.33, 0.37)),
    )
    return [_of_fit(LATTICE, place, 4, rng) for place in places]


_TWISTED_PLACES = (
    # The two couplings differ; so do the coupling and the field.
    (((0.23, 0.27), (0.08, 0.11), (0.30, 0.34)), ((-0.22, -0.18), (0.17, 0.21), (-0.36, -0.31))),
    (((0.20, 0.23), (0.07, 0.09)), ((-0.08, -0.06), (0.20, 0.23))),
    (((0.20, 0.24), (0.38, 0.44)), ((-0.18, -0.15), (-0.37, -0.33))),
)


def _twist_fit(rng, variant):
    places = [[rng.uniform(*ends) for ends in place] for place in _TWISTED_PLACES[variant]]
    return [_of_fit(TWISTED[variant], place, len(place), rng, variant=variant) for place in places]


def _of_fit(family, place, n_numbers, rng, **known):
    images = family.draw(place, SIZE, FITTED, rng)
    most_likely, covariance = family.most_likely(images, place)
    truth = known | {"parameters": most_likely, "information": FITTED * covariance}
    return Instance({"images": images}, _seed(rng), (n_numbers,), truth)


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
