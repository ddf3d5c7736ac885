"""Phase coexistence: whether images are two phases at once, and what a fit to them then means."""

from dataclasses import dataclass

import numpy as np

from course_lib import exact
from course_lib.inputs import check_batch, check_images
from course_lib.ising import _bond_sum, _spin_sum

SMALLEST_MINORITY = 0.05  # of the area: thermal fluctuations of one phase reach a few percent
LEAST_WALL_COST = 5.0  # nats: the model makes such a wall less than once in 100 pictures


@dataclass(frozen=True)
class PhaseCoexistence:
    """What `phase_coexistence` found; as a string, what a fit to these images can and cannot mean.

    Attributes
    ----------
    bond_mean, spin_mean : float
        Of the images, per bond and per site.
    J : float
        At which the infinite lattice without field has this bond mean: about what a fit gives.
    h : float
        The field at which a large lattice of that J, up or down as a whole, has this spin mean.
    magnetization : float
        The spontaneous one at J.
    mixed : bool
        Whether the images hold domains of both signs; else some are mostly up and the others mostly down.
    """

    bond_mean: float
    spin_mean: float
    J: float
    h: float
    magnetization: float
    mixed: bool

    def __str__(self):
        if self.mixed:
            kind = "the images hold large domains of both signs"
            limits = (
                f"its pictures are mostly up or mostly down, with a mean spin near +-{self.magnetization:.2f}, and "
                "keep neither the shapes nor the places of the domains"
            )
        else:
            kind = "some images are mostly up, the others mostly down"
            limits = "its pictures are mostly up or mostly down too, and h says only how many of them are up"
        return (
            f"phase coexistence: the mean bond {self.bond_mean:.3f} is that of J = {self.J:.3f}, where a large lattice "
            f"has a mean spin of +-{self.magnetization:.2f}, but here it is {self.spin_mean:.2f}: {kind}. A fit "
            f"matches these two means, with J near {self.J:.3f} and h near {self.h:.1g}; {limits}. Local moves do not "
            "cross from one sign to the other: average over each state and its mirror image."
        )


def phase_coexistence(images):
    """Whether the images are two phases at once: a bond mean above the critical one, and too small a mean spin.

    Below the critical temperature a large lattice has at least the spontaneous magnetisation. Means with less are a
    mixture of both phases, in each image or among the images. A single small image near the critical point may have
    any mean spin, though. So two things are asked for: the minority covers a twentieth of the area or more, and the
    wall around it, or straight across the lattice if that is shorter, costs more than 5 nats at Onsager's interfacial
    tension ``2 J + log tanh J`` (Phys. Rev. 65, 117, 1944). The model then makes it in less than 1 % of its pictures.

    Parameters
    ----------
    images : array of +-1, shape (..., rows, cols)

    Returns
    -------
    PhaseCoexistence or None
        None also where all images are uniform: see `check_maximum`.

    Raises
    ------
    ValueError
        If a side is below 2, a spin is not +-1, or there is no image.

    Examples
    --------
    Half of the picture is black.

    >>> image = np.repeat([[1], [-1]], 16, axis=0) * np.ones(32)
    >>> found = phase_coexistence(image)
    >>> round(found.bond_mean, 4), round(found.J, 3), round(found.magnetization, 3), found.mixed
    (0.9375, 0.567, 0.962, True)

    Uncorrelated spins are one phase.

    >>> phase_coexistence(np.random.default_rng(1).choice([-1, 1], (32, 32))) is None
    True
    """
    return coexistence_in(check_batch(check_images(images), 2))


def coexistence_in(images):
    """`phase_coexistence` of images (n_images, rows, cols) that were checked."""
    rows, cols = images.shape[1:]
    n_sites, spin_means = rows * cols, _spin_sum(images) / (rows * cols)
    bond_mean, spin_mean = float(np.mean(_bond_sum(images)) / (2 * n_sites)), float(np.mean(spin_means))
    if not np.sqrt(0.5) < bond_mean < 1:
        return None
    temperature = _ordered_temperature(bond_mean)
    J, magnetization = float(1 / temperature), float(exact.onsager_magnetization(temperature))

    def two_phases(mean):
        minority = (1 - mean / magnetization) / 2
        if minority < SMALLEST_MINORITY:
            return False
        wall = min(2 * min(rows, cols), 2 * np.sqrt(np.pi * minority * n_sites))
        return (2 * J + np.log(np.tanh(J))) * wall > LEAST_WALL_COST

    mixed = bool(two_phases(np.mean(np.abs(spin_means))))
    if not (mixed or two_phases(abs(spin_mean))):
        return None
    # A large lattice is up or down as a whole, with weights exp(+-n h m_s): m = m_s tanh(n h m_s).
    h = float(np.arctanh(spin_mean / magnetization) / (n_sites * magnetization))
    return PhaseCoexistence(bond_mean, spin_mean, J, h, magnetization, mixed)


def _ordered_temperature(bond_mean):
    """The temperature below the critical one at which Onsager's energy is ``-2 bond_mean``, by bisection."""
    low, high = 0.05, exact.CRITICAL_TEMPERATURE
    while high - low > 1e-14:
        middle = (low + high) / 2
        if -exact.onsager_energy(middle) / 2 > bond_mean:
            low = middle
        else:
            high = middle
    return (low + high) / 2
