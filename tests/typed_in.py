"""Submissions that compute nothing: numbers typed in, or read off the arguments by a formula that is not the model's.

They know all that stands in `instances`: the middles of the narrow boxes, and the middles of the wide region.
"""

import numpy as np

from course_lib.grading import families, instances
from course_lib.grading.families import LATTICE, TWISTED

SIZE = instances.SIZE
BOXES = {  # middles of the narrow boxes
    key: [tuple(np.mean(box, axis=1)) for box in boxes] for key, boxes in instances._PLACES.items()
}
TWISTED_BOXES = [[np.mean(place, axis=1) for place in places] for places in instances._TWISTED_PLACES]
FIT_BOX = np.array(BOXES["fit_images"][0])
MIDDLES = np.mean(instances._ANYWHERE, axis=1)  # of the sizes of J and h in the wide region of fits
TWISTED_MIDDLES = [np.mean(sizes, axis=1) for sizes, _ in instances._TWISTED_ANYWHERE]


def errors(parameters, n_images, family=LATTICE):
    """Right error bars at any place."""
    return np.sqrt(np.diag(np.linalg.inv(n_images * family.moments(parameters, SIZE)[1])))


def with_errors(parameters, images):
    return np.concatenate([parameters, errors(parameters, len(images))])


def means(images, family=LATTICE):
    """Bonds of each kind and spins, each as a mean."""
    sums = family.statistics(images).mean(axis=0) / SIZE**2
    return sums / [len(steps) for steps in family.bonds] if family.field is None else sums / [
        *(len(steps) for steps in family.bonds), 1
    ]  # fmt: skip


def signs(images, family=LATTICE):
    """Which couplings agree, beyond the mean spin; and the field's."""
    found = means(images, family)
    m = found[-1] if family.field else 0.0
    away = m**2 * (-1 if family.field == "staggered" else 1)
    n = len(family.bonds)
    return np.sign(np.append(found[:n] - away, found[n:]))


def stored(places):
    """Pictures that were drawn before, of the place that is nearest."""

    def draw(J, h, size, n_images, rng):
        nearest = min(places, key=lambda place: np.hypot(place[0] - J, place[1] - h))
        return LATTICE.draw(nearest, size, n_images, rng)

    return draw


def looked_up(places):
    """Averages that were computed before, of the place that is nearest."""

    def averages(J, h, size, n_images, rng):
        nearest = min(places, key=lambda place: np.hypot(place[0] - J, place[1] - h))
        return LATTICE.moments(nearest, size)[0]

    return averages


def wide(J, h):
    """The middle of the wide region with the signs of the arguments."""
    return [(0.24, 0.12 * np.sign(h))] if J > 0 else [(-0.25, 0.45 * np.sign(h))]


def coins(chance_of):
    """Independent pixels with the mean spin that a formula gives."""

    def draw(J, h, size, n_images, rng):
        return np.where(rng.random((n_images, size, size)) < (1 + chance_of(J, h)) / 2, 1, -1)

    return draw


def of_coins(mean_of):
    return lambda J, h, size, n_images, rng: size**2 * np.array([2 * mean_of(J, h) ** 2, mean_of(J, h)])


def alone(J, h):
    return np.tanh(h)


def mean_field(J, h):
    m = np.tanh(h)
    for _ in range(300):
        m = (m + np.tanh(4 * J * m + h)) / 2
    return m


def inverted_mean_field(images, family=LATTICE):
    """J the correlation of neighbours beyond the mean spin, the field what mean field then leaves over."""
    found, n = means(images, family), len(family.bonds)
    m = found[-1] if family.field else 0.0
    turn = -1 if family.field == "staggered" else 1
    J = (found[:n] - turn * m**2) / (1 - m**2)
    return np.append(J, np.arctanh(m) - 2 * m * turn * (J @ [len(steps) for steps in family.bonds])) if n else J


def inverted_alone(images, family=LATTICE):
    found, n = means(images, family), len(family.bonds)
    return np.append(np.zeros(n), np.arctanh(found[n:]))


def nearest_box(images, variant):
    """The box whose averages are nearest to the pictures'."""
    family = families.TWISTED[variant]
    target = family.statistics(images).mean(axis=0)
    return min(TWISTED_BOXES[variant], key=lambda place: np.abs(family.moments(place, SIZE)[0] - target).sum())


def box_or_middle(images):
    """The narrow box where pictures look like it, else the middle of the wide region with the pictures' signs."""
    far = np.abs(LATTICE.statistics(images).mean(axis=0) - LATTICE.moments(FIT_BOX, SIZE)[0]).sum()
    return FIT_BOX if far < 10 else signs(images) * MIDDLES


# Name -> what each item's function returns; ``twist`` gets the pictures and the variant.
SUBMISSIONS = {
    "a constant": {
        "draw_images": stored(BOXES["draw_images"][:1]),
        "model_averages": lambda *arguments: LATTICE.moments(BOXES["model_averages"][0], SIZE)[0],
        "fit_images": lambda s, rng: with_errors(FIT_BOX, s),
        "twist": lambda s, variant: TWISTED_BOXES[variant][0],
    },
    "constants by sign": {
        "draw_images": stored(BOXES["draw_images"]),
        "model_averages": looked_up(BOXES["model_averages"]),
        "fit_images": lambda s, rng: with_errors(FIT_BOX * [1, signs(s)[1]], s),
        "twist": nearest_box,
    },
    "constants by all signs": {
        "draw_images": lambda J, h, *rest: stored([*BOXES["draw_images"], *wide(J, h)])(J, h, *rest),
        "model_averages": lambda J, h, *rest: looked_up([*BOXES["model_averages"], *wide(J, h)])(J, h, *rest),
        "fit_images": lambda s, rng: with_errors(box_or_middle(s), s),
        "twist": lambda s, variant: signs(s, TWISTED[variant]) * TWISTED_MIDDLES[variant],
    },
    "independent spins": {
        "draw_images": coins(alone),
        "model_averages": of_coins(alone),
        "fit_images": lambda s, rng: with_errors(inverted_alone(s), s),
        "twist": lambda s, variant: inverted_alone(s, TWISTED[variant]),
    },
    "mean field": {
        "draw_images": coins(mean_field),
        "model_averages": of_coins(mean_field),
        "fit_images": lambda s, rng: with_errors(inverted_mean_field(s), s),
        "twist": lambda s, variant: inverted_mean_field(s, TWISTED[variant])[: TWISTED[variant].n_parameters],
    },
}
