"""The Pauli principle: determinants of oscillator orbitals, one for each spin."""

from typing import Self

import numpy as np

from course_lib.inputs import check_count, check_number, check_reals
from course_lib.vmc.base import State, check_positions
from course_lib.vmc.dots import CLOSED_SHELLS


def orbital_degrees(n_orbitals):
    """Degrees (n_x, n_y) of the lowest orbitals in 2-D, shell by shell: shape (n_orbitals, 2)."""
    degrees = [(shell - k, k) for shell in range(n_orbitals) for k in range(shell + 1)]
    return np.array(degrees[:n_orbitals])


class SlaterDeterminants(State):
    """Psi changes its sign if two of equal spin swap: ``Psi = det phi_k(r_i), up, times det phi_k(r_i), down``.

    ``phi_k(x, y) = h_nx(sqrt(omega) x) h_ny(sqrt(omega) y)``, Hermite polynomials of all degrees of the closed shells,
    without their Gaussian, which is a factor of its own. No parameters: another width in the polynomials would mix
    those of lower degree in, and leave the determinant what it is up to a factor.

    Parameters
    ----------
    n_electrons : {2, 6, 12, 20, 30}
    omega : float
        Above 0.

    Examples
    --------
    >>> state = SlaterDeterminants(6, omega=1.0)
    >>> x = np.random.default_rng(1).normal(size=(6, 2))
    >>> state.sign(x) == -state.sign(x[[1, 0, 2, 3, 4, 5]])
    np.True_
    """

    rank = 2

    def __init__(self, n_electrons, omega):
        n, omega = check_count("n_electrons", n_electrons, 1), check_number("omega", omega)
        if n not in CLOSED_SHELLS:
            raise ValueError(
                f"n_electrons must fill whole shells, which in 2-D are {', '.join(map(str, CLOSED_SHELLS))} electrons, "
                f"got {n}"
            )
        if not omega > 0:
            raise ValueError(f"omega must be above 0, got {omega:g}: it is the frequency of the trap")
        self._keep([], n_electrons=n, omega=omega, degrees=orbital_degrees(n // 2))

    @classmethod
    def start(cls, dot) -> Self:
        """The determinants of a dot in 2-D."""
        if dot.dim != 2:
            raise ValueError(f"determinants are for dots in 2-D, got dim {dot.dim}: two electrons need none")
        return cls(dot.n_electrons, dot.omega)

    def __repr__(self):
        return f"SlaterDeterminants(n_electrons={self.n_electrons}, omega={self.omega:g})"

    def sign(self, x):
        """Sign of Psi: shape (...,)."""
        return np.prod([np.linalg.slogdet(matrix).sign for matrix in self._matrices(x)[0]], axis=0)

    def log_value(self, x):
        return sum(np.linalg.slogdet(matrix).logabsdet for matrix in self._matrices(x)[0])

    def gradient(self, x):
        return self._over_value(x)[0]

    def laplacian(self, x):
        """``laplacian D / D - |gradient D / D|^2``, summed over the electrons."""
        gradient, curvature = self._over_value(x)
        return curvature.sum(axis=-1) - np.sum(gradient**2, axis=(-2, -1))

    def statistics(self, x):
        return np.zeros((*check_positions(x).shape[:-2], 0))

    def inverses(self, x):
        """For each electron the row of the transposed inverse matrix of its spin: (..., n, n / 2)."""
        inverses = [np.linalg.inv(matrix).swapaxes(-2, -1) for matrix in self._matrices(x)[0]]
        return np.ascontiguousarray(np.concatenate(inverses, axis=-2))

    def _with(self, parameters):
        return self

    def _over_value(self, x):
        """Gradient (..., n, 2) and Laplacian (..., n) of Psi by each electron, divided by Psi."""
        values, slopes, bends = self._matrices(x)
        inverses = [np.linalg.inv(matrix) for matrix in values]
        gradient = [np.einsum("...ikc,...ki->...ic", s, inv) for s, inv in zip(slopes, inverses, strict=True)]
        curvature = [np.einsum("...ik,...ki->...i", b, inv) for b, inv in zip(bends, inverses, strict=True)]
        return np.concatenate(gradient, axis=-2), np.concatenate(curvature, axis=-1)

    def _matrices(self, x):
        """Orbitals, gradients and Laplacians, (..., n / 2, n / 2 [, 2]), of the electrons up, and of those down."""
        x = check_positions(x)
        if x.shape[-2:] != (self.n_electrons, 2):
            raise ValueError(
                f"positions must have the shape (..., {self.n_electrons}, 2) for these determinants, got {x.shape}"
            )
        root, (nx, ny) = np.sqrt(self.omega), self.degrees.T
        h = hermite(root * x, self.degrees.max())
        (hx, hy), (dx, dy), (ddx, ddy) = (
            (rows[..., 0, :][..., nx], rows[..., 1, :][..., ny]) for rows in (h, *hermite_derivatives(h))
        )
        slopes = root * np.stack([dx * hy, hx * dy], axis=-1)
        bends = self.omega * (ddx * hy + hx * ddy)
        up, down = slice(None, self.n_electrons // 2), slice(self.n_electrons // 2, None)
        return (
            [(hx * hy)[..., s, :] for s in (up, down)],
            [slopes[..., s, :, :] for s in (up, down)],
            [bends[..., s, :] for s in (up, down)],
        )


def free_density(n_electrons, omega, r):
    """Density of electrons that do not repel each other, exact: round, since they fill whole shells.

    Parameters
    ----------
    n_electrons : {2, 6, 12, 20, 30}
    omega : float
        Above 0.
    r : array
        Distances from the middle.

    Returns
    -------
    array, as r

    Examples
    --------
    >>> free_density(2, 1.0, [0.0, 1.0]).round(4)  # twice exp(-r^2) / pi
    array([0.6366, 0.2342])
    """
    state, r = SlaterDeterminants(n_electrons, omega), np.sqrt(omega) * check_reals(r).astype(float)
    h = hermite(np.stack([r, np.zeros_like(r)]), state.degrees.max())
    nx, ny = state.degrees.T
    return 2 * omega / np.pi * np.exp(-(r**2)) * np.sum((h[0][..., nx] * h[1][..., ny]) ** 2, axis=-1)


def hermite(x, degree):
    """Hermite polynomials of norm 1 under ``exp(-x^2)`` up to a constant, degrees 0 to ``degree`` along a last axis."""
    rows = [np.ones_like(x), np.sqrt(2) * x]
    for n in range(1, degree):
        rows.append(np.sqrt(2 / (n + 1)) * x * rows[-1] - np.sqrt(n / (n + 1)) * rows[-2])
    return np.stack(rows[: degree + 1], axis=-1)


def hermite_derivatives(h):
    """First and second derivatives of these polynomials: ``h_n' = sqrt(2 n) h_{n-1}``."""
    lower = np.sqrt(2 * np.arange(h.shape[-1]))
    slope = np.zeros_like(h)
    slope[..., 1:] = lower[1:] * h[..., :-1]
    bend = np.zeros_like(h)
    bend[..., 1:] = lower[1:] * slope[..., :-1]
    return slope, bend
