"""Factors of pairs: the Pade-Jastrow factor, which has the cusp, and a small network."""

from typing import Self

import numpy as np

from course_lib.inputs import check_array, check_count, check_number
from course_lib.vmc.base import State, check_positions


def cusps(dim):
    """Slope of ln Psi where two electrons meet, for opposite and equal spins, that cancels ``1 / r``: 1, 1/3 in 2-D."""
    return 1 / (dim - 1), 1 / (dim + 1)


class PadeJastrow(State):
    """Electrons avoid each other: ``Psi = exp(sum_{i<j} c r_ij / (1 + beta r_ij))``.

    c is the cusp, 1 for opposite and 1/3 for equal spins in 2-D, 1/2 and 1/4 in 3-D: with it the local energy stays
    finite where two electrons meet. The first half of the electrons has spin up. Parameters are ``ln beta`` for
    opposite and for equal spins, so that no step can make beta negative.

    Parameters
    ----------
    dim : {2, 3}
    beta_opposite, beta_equal : float
        Above 0, in units of 1 / bohr.

    Examples
    --------
    >>> round(float(PadeJastrow(2, beta_opposite=0.4).log_value([[0, 0], [2.0, 0]])), 6)  # 2 / 1.8
    1.111111
    """

    rank = 3

    def __init__(self, dim, beta_opposite, beta_equal=0.4):
        dim = check_count("dim", dim, 1)
        if dim not in (2, 3):
            raise ValueError(
                f"a Jastrow factor is for dim 2 or 3, got {dim}: on a line electrons that repel cannot pass"
            )
        betas = [check_number("beta_opposite", beta_opposite), check_number("beta_equal", beta_equal)]
        if not min(betas) > 0:
            raise ValueError(f"beta must be above 0, got {betas}: else 1 + beta r has a zero, and Psi no limit")
        self._keep(np.log(betas), dim=dim)

    @classmethod
    def start(cls, dot) -> Self:
        """Where learning starts: betas from the trap's length.

        Examples
        --------
        >>> from course_lib.vmc import QuantumDot
        >>> PadeJastrow.start(QuantumDot(2, 2, omega=0.25))
        PadeJastrow(dim=2, beta_opposite=0.25, beta_equal=0.25)
        """
        return cls(dot.dim, 0.5 * dot.omega**0.5, 0.5 * dot.omega**0.5)

    def __repr__(self):
        return f"PadeJastrow(dim={self.dim}, beta_opposite={self.betas[0]:.6g}, beta_equal={self.betas[1]:.6g})"

    @property
    def betas(self):
        """For opposite spins and for equal ones."""
        return np.exp(self.parameters)

    def log_value(self, x):
        r, _, c, beta, _ = self._pairs(x)
        return np.sum(c * r / (1 + beta * r), axis=-1)

    def gradient(self, x):
        r, unit, c, beta, _ = self._pairs(x)
        return to_electrons((c / (1 + beta * r) ** 2)[..., None] * unit, np.shape(x))

    def laplacian(self, x):
        r, _, c, beta, _ = self._pairs(x)
        slope = c / (1 + beta * r) ** 2
        return 2 * np.sum(slope * ((self.dim - 1) / r - 2 * beta / (1 + beta * r)), axis=-1)

    def statistics(self, x):
        r, _, c, beta, equal = self._pairs(x)
        by_log_beta = -c * beta * (r / (1 + beta * r)) ** 2
        return np.stack([np.sum(by_log_beta * ~equal, axis=-1), np.sum(by_log_beta * equal, axis=-1)], axis=-1)

    def _pairs(self, x):
        r, unit, equal = pairs_of(x, self.dim)
        opposite, same = cusps(self.dim)
        return r, unit, np.where(equal, same, opposite), np.where(equal, self.betas[1], self.betas[0]), equal

    def _with(self, parameters):
        new = object.__new__(PadeJastrow)
        new._keep(parameters, dim=self.dim)
        return new


class PairNetwork(State):
    """A small network that looks at pairs: ``Psi = exp(sum_{i<j} sum_k v_k phi(z_k))``, ``phi(z) = z / sqrt(1 + z^2)``.

    ``z_k = u_k1 t(r_ij) + u_k2 (g_i + g_j) + u_k3 g_i g_j + u_k4`` with ``t = q^2 / (1 + q)``, ``q = sqrt(omega) r``,
    ``g_i = sqrt(1 + omega r_i^2)``. All inputs are symmetric in the two electrons, so that the factor is, and t starts
    flat: the cusp is left to the Jastrow factor. v_k differs between pairs of opposite and equal spins. Parameters are
    the rows of u, then those of v.

    Parameters
    ----------
    omega : float
        Of the trap, above 0.
    u : array, shape (4, n_hidden)
    v : array, shape (2, n_hidden)
        For opposite and for equal spins.

    Examples
    --------
    >>> from course_lib.vmc import QuantumDot
    >>> len(PairNetwork.start(QuantumDot(6, 2, omega=1.0), n_hidden=12, rng=1).parameters)
    72
    """

    rank = 4

    def __init__(self, omega, u, v):
        omega = check_number("omega", omega)
        u, v = (check_array(name, value).astype(float) for name, value in (("u", u), ("v", v)))
        if not omega > 0:
            raise ValueError(f"omega must be above 0, got {omega:g}: it is the frequency of the trap")
        if u.ndim != 2 or u.shape[0] != 4 or v.shape != (2, u.shape[1]):
            raise ValueError(
                f"u and v must have the shapes (4, n_hidden) and (2, n_hidden), got {u.shape} and {v.shape}"
            )
        if not (np.all(np.isfinite(u)) and np.all(np.isfinite(v))):
            raise ValueError(
                "u and v must be finite, got some that are not: look for a learning step that was too large"
            )
        self._keep(np.concatenate([u.ravel(), v.ravel()]), omega=omega)

    @classmethod
    def start(cls, dot, n_hidden=12, *, rng) -> Self:
        """Where learning starts: units that respond at random, and hardly count yet."""
        n_hidden, rng = check_count("n_hidden", n_hidden, 1), np.random.default_rng(rng)
        return cls(dot.omega, rng.normal(0, 0.5, (4, n_hidden)), rng.normal(0, 0.01, (2, n_hidden)))

    def __repr__(self):
        return f"PairNetwork(omega={self.omega:g}, n_hidden={self.u.shape[1]})"

    @property
    def u(self):
        return self.parameters[: 2 * len(self.parameters) // 3].reshape(4, -1)

    @property
    def v(self):
        return self.parameters[2 * len(self.parameters) // 3 :].reshape(2, -1)

    def log_value(self, x):
        pairs = self._pairs(x)
        return np.sum(pairs["v"] * pairs["phi"], axis=(-2, -1))

    def gradient(self, x):
        pairs = self._pairs(x)
        by_i, by_j = self._by_electrons(pairs)
        slope = pairs["v"] * pairs["slope"]
        by_i, by_j = (np.sum(slope[..., None] * by, axis=-2) for by in (by_i, by_j))
        return to_electrons(by_i, np.shape(x), by_j)

    def laplacian(self, x):
        """Of phi(z): ``phi'' |grad z|^2 + phi' laplacian z``, for both electrons of each pair."""
        pairs = self._pairs(x)
        u, dim = self.u, np.shape(x)[-1]
        bend = -3 * pairs["z"] * (1 + pairs["z"] ** 2) ** -2.5
        squares = sum(np.sum(by**2, axis=-1) for by in self._by_electrons(pairs))
        flat = [self.omega * (dim / g - (g**2 - 1) / g**3) for g in (pairs["g_i"], pairs["g_j"])]
        of_z = 2 * u[0] * (pairs["t_bend"] + (dim - 1) * pairs["t_slope"] / pairs["r"])[..., None]
        of_z = of_z + (u[1] + u[2] * pairs["g_j"][..., None]) * flat[0][..., None]
        of_z = of_z + (u[1] + u[2] * pairs["g_i"][..., None]) * flat[1][..., None]
        return np.sum(pairs["v"] * (bend * squares + pairs["slope"] * of_z), axis=(-2, -1))

    def statistics(self, x):
        pairs = self._pairs(x)
        slope, equal = pairs["v"] * pairs["slope"], pairs["equal"]
        g_i, g_j = pairs["g_i"][..., None], pairs["g_j"][..., None]
        by_u = [slope * pairs["t"][..., None], slope * (g_i + g_j), slope * g_i * g_j, slope]
        by_v = [pairs["phi"] * ~equal[:, None], pairs["phi"] * equal[:, None]]
        return np.concatenate([np.sum(by, axis=-2) for by in by_u + by_v], axis=-1)

    def _pairs(self, x):
        x = check_positions(x)
        r, unit, equal = pairs_of(x)
        q, root = np.sqrt(self.omega) * r, np.sqrt(self.omega)
        g = np.sqrt(1 + self.omega * np.sum(x**2, axis=-1))
        i, j = np.triu_indices(x.shape[-2], 1)
        t, g_i, g_j, u = q**2 / (1 + q), g[..., i], g[..., j], self.u
        z = u[0] * t[..., None] + u[1] * (g_i + g_j)[..., None] + u[2] * (g_i * g_j)[..., None] + u[3]
        return {
            "r": r, "unit": unit, "equal": equal, "z": z, "t": t, "g_i": g_i, "g_j": g_j,
            "t_slope": root * (2 * q + q**2) / (1 + q) ** 2, "t_bend": 2 * self.omega / (1 + q) ** 3,
            "phi": z / np.sqrt(1 + z**2), "slope": (1 + z**2) ** -1.5, "v": self.v[equal.astype(int)],
            "x_i": self.omega * x[..., i, :] / g_i[..., None], "x_j": self.omega * x[..., j, :] / g_j[..., None],
        }  # fmt: skip

    def _by_electrons(self, pairs):
        """Gradient of each z by the place of either electron: (..., n_pairs, n_hidden, dim)."""
        u = self.u
        apart = u[0][:, None] * (pairs["t_slope"][..., None] * pairs["unit"])[..., None, :]
        by_i = apart + (u[1] + u[2] * pairs["g_j"][..., None])[..., None] * pairs["x_i"][..., None, :]
        by_j = -apart + (u[1] + u[2] * pairs["g_i"][..., None])[..., None] * pairs["x_j"][..., None, :]
        return by_i, by_j

    def _with(self, parameters):
        new = object.__new__(PairNetwork)
        new._keep(parameters, omega=self.omega)
        return new


def pairs_of(x, dim=None):
    """Distances (..., n_pairs) of pairs i < j, unit vectors from j to i (..., n_pairs, dim), and which spins agree."""
    x = check_positions(x)
    if dim is not None and x.shape[-1] != dim:
        raise ValueError(f"the state is for {dim} dimensions, got positions of shape {x.shape}")
    n = x.shape[-2]
    i, j = np.triu_indices(n, 1)
    apart = x[..., i, :] - x[..., j, :]
    r = np.sqrt(np.sum(apart**2, axis=-1))
    if not np.all(r > 0):
        raise ValueError(
            "two electrons are at the same place, where the derivatives of ln Psi have no limit: start walkers at "
            "random, with vmc.start_walkers"
        )
    ups = (n + 1) // 2
    return r, apart / r[..., None], (i < ups) == (j < ups)


def to_electrons(by_pairs, shape, by_second=None):
    """Vectors of pairs (..., n_pairs, dim), summed over the pairs of each electron; the second gets minus the first."""
    i, j = np.triu_indices(shape[-2], 1)
    pairs = np.arange(len(i))
    total = np.zeros(shape)
    first, second = np.zeros((2, shape[-2], len(i)))
    first[i, pairs], second[j, pairs] = 1, 1
    total += np.einsum("ep,...pd->...ed", first, by_pairs)
    total += np.einsum("ep,...pd->...ed", second, -by_pairs if by_second is None else by_second)
    return total
