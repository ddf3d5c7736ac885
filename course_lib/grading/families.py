"""The models that the assignment asks about: exact averages, pictures, the most likely parameters."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from course_lib.exact.sums import all_states
from course_lib.exact.transfer_matrices import torus
from course_lib.ising import Ising
from course_lib.sampling import advance, random_states

BURN_IN = 100  # sweeps; the largest autocorrelation time of an instance is below 10
NEWTON_STEPS, LONGEST_STEP = 15, 0.2

RIGHT, DOWN, DOWN_RIGHT, DOWN_LEFT = (0, 1), (1, 0), (1, 1), (1, -1)


@dataclass(frozen=True)
class Family:
    """Periodic lattices of even size with a few couplings, each shared by all bonds of some directions, and a field.

    Attributes
    ----------
    bonds : tuple of tuple of (int, int)
        For each coupling the steps, down and to the right, from a site to the other end of its bonds.
    field : str or None
        "uniform", "staggered" with the sign (-1)^(row + column), or None.
    """

    bonds: tuple[tuple[tuple[int, int], ...], ...]
    field: str | None

    @property
    def n_parameters(self):
        """P."""
        return len(self.bonds) + (self.field is not None)

    def statistics(self, images):
        """The sums that go with the parameters, shape (..., P)."""
        images = np.asarray(images, dtype=np.int64)
        sums = [
            sum(np.sum(images * np.roll(images, (-down, -right), (-2, -1)), axis=(-2, -1)) for down, right in steps)
            for steps in self.bonds
        ]
        if self.field:
            sums.append(np.sum(images * self._signs(images.shape[-2:]), axis=(-2, -1)))
        return np.stack(sums, axis=-1).astype(float)

    def moments(self, parameters, size):
        """Exact mean (P,) and covariance (P, P) of the statistics of one picture."""
        return _moments(self, tuple(float(parameter) for parameter in parameters), size)

    def draw(self, parameters, size, n_images, rng):
        """Independent pictures, (n_images, size, size)."""
        sites = np.arange(size * size).reshape(size, size)
        J = np.zeros((size * size, size * size))
        for coupling, steps in zip(parameters, self.bonds, strict=False):
            for step in steps:
                np.add.at(J, (sites, np.roll(sites, (-step[0], -step[1]), (0, 1))), coupling)
        field = parameters[-1] * self._signs((size, size)).ravel() if self.field else np.zeros(size * size)
        model = Ising(J + J.T, field)
        return advance(model, random_states(model, n_images, rng=rng), BURN_IN, rng=rng).reshape(-1, size, size)

    def most_likely(self, images, start):
        """The parameters whose averages are the pictures', by Newton's method, and the covariance there."""
        target, parameters = self.statistics(images).mean(axis=0), np.array(start, dtype=float)
        for _ in range(NEWTON_STEPS):
            mean, covariance = self.moments(parameters, images.shape[-1])
            # Far from the maximum a whole step can be too long.
            step = np.clip(np.linalg.solve(covariance, target - mean), -LONGEST_STEP, LONGEST_STEP)
            parameters = parameters + step
            if np.abs(step).max() < 1e-4:  # the next one would be its square
                break
        return parameters, covariance

    def _signs(self, shape):
        row, column = np.indices(shape)
        return 1 - 2 * ((row + column) % 2) if self.field == "staggered" else np.ones(shape, dtype=np.int64)


@lru_cache(maxsize=10_000)  # the same few places for each mistake, some hundredths of a second each
def _moments(family, parameters, size):
    row = all_states(size).astype(float)
    sums = []
    for steps in family.bonds:
        inside = sum(np.sum(row * np.roll(row, -right, axis=1), axis=1) for down, right in steps if not down)
        between = sum(row @ np.roll(row, -right, axis=1).T for down, right in steps if down)
        # With every other spin turned round a staggered field is a uniform one, and all bonds change their sign.
        sums.append((_mean_of_pair(inside * np.ones(len(row))) + between) * (-1 if family.field == "staggered" else 1))
    if family.field:
        sums.append(_mean_of_pair(row.sum(axis=1)))
    return torus(size, np.stack(sums), parameters)[1:]


def _mean_of_pair(values):
    return (values[:, None] + values) / 2


LATTICE = Family(((RIGHT, DOWN),), "uniform")
TWISTED = (  # in the order of `checks.twists.TWISTS`
    Family(((RIGHT,), (DOWN,)), "uniform"),
    Family(((RIGHT, DOWN), (DOWN_RIGHT, DOWN_LEFT)), None),
    Family(((RIGHT, DOWN),), "staggered"),
)
