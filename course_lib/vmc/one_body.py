"""Factors without pairs: the Gaussian, and the restricted Boltzmann machine as a wave function."""

from typing import Self

import numpy as np

from course_lib.inputs import check_count, check_number
from course_lib.rbm import GaussianRBM
from course_lib.vmc.base import State, check_positions


class Gaussian(State):
    """The lowest state of an electron in the trap: ``Psi = exp(-alpha omega sum_i r_i^2 / 2)``.

    Parameters
    ----------
    omega : float
        Of the trap, above 0.
    alpha : float
        The parameter. 1 is exact for free electrons; above 1 the cloud is narrower. Beside an `RBMState`, which has a
        Gaussian of its own, it starts at 0: a correction of the width.

    Examples
    --------
    >>> Gaussian(omega=2.0).log_value([[1.0, 0.0]])
    np.float64(-1.0)
    """

    rank = 0

    def __init__(self, omega, alpha=1.0):
        omega = check_number("omega", omega)
        if not omega > 0:
            raise ValueError(f"omega must be above 0, got {omega:g}: it is the frequency of the trap")
        self._keep([check_number("alpha", alpha)], omega=omega)

    def __repr__(self):
        return f"Gaussian(omega={self.omega:g}, alpha={self.alpha:.6g})"

    @property
    def alpha(self):
        return float(self.parameters[0])

    def log_value(self, x):
        return self.alpha * self.statistics(x)[..., 0]

    def gradient(self, x):
        return -self.alpha * self.omega * check_positions(x)

    def laplacian(self, x):
        x = check_positions(x)
        return np.full(x.shape[:-2], -self.alpha * self.omega * x.shape[-1] * x.shape[-2])

    def statistics(self, x):
        return -0.5 * self.omega * np.sum(check_positions(x) ** 2, axis=(-2, -1))[..., None]

    def _with(self, parameters):
        return Gaussian(self.omega, parameters[0])


class RBMState(State):
    """A Gaussian-binary RBM as a wave function: ``Psi(x) = sum_h exp(-E(x, h))``, and the density is its square.

    ``Psi = exp(-sum_i (x_i - a_i)^2 / (2 sigma_i^2)) prod_j (1 + exp(b_j + sum_i x_i W_ij / sigma_i^2))``, where x are
    the coordinates in a row: x1, y1, x2, y2 for two electrons in a plane. Some texts take the root of this for Psi:
    their derivatives of ln Psi are half of these, and their sigma^2 half of this one. Parameters are a, b, then W row
    by row; sigma stays.

    Parameters
    ----------
    a : array, shape (n_electrons * dim,)
    b : array, shape (n_hidden,)
    W : array, shape (n_electrons * dim, n_hidden)
    sigma : array, shape (n_electrons * dim,), or float
        ``omega^(-1/2)`` is exact for free electrons, with a = b = W = 0.

    Attributes
    ----------
    rbm : GaussianRBM
        The machine: ``ln Psi`` is minus its free energy.

    Examples
    --------
    >>> state = RBMState(a=[0, 0], b=[0], W=[[0], [0]], sigma=1.0)
    >>> state.gradient([[0.3, -0.2]])
    array([[-0.3,  0.2]])
    """

    rank = 1

    def __init__(self, a, b, W, sigma):
        self._hold(GaussianRBM(a, b, W, sigma))

    @classmethod
    def start(cls, dot, n_hidden, *, scale=0.1, rng) -> Self:
        """Where learning starts: near the state of free electrons, at random.

        At a = b = W = 0 exactly, all derivatives of the energy are 0, and nothing would ever change.

        Parameters
        ----------
        dot : QuantumDot
        n_hidden : int
        scale : float
            Deviation of all parameters, in units of the trap's length for a and W.
        rng : numpy.random.Generator or seed

        Examples
        --------
        >>> from course_lib.vmc import QuantumDot
        >>> RBMState.start(QuantumDot(2, 2, omega=0.25), n_hidden=2, rng=1).rbm.sigma
        array([2., 2., 2., 2.])
        """
        n_visible, n_hidden = dot.n_electrons * dot.dim, check_count("n_hidden", n_hidden, 1)
        scale, sigma, rng = check_number("scale", scale, 0), dot.omega**-0.5, np.random.default_rng(rng)
        a, b, W = (scale * rng.normal(size=size) for size in (n_visible, n_hidden, (n_visible, n_hidden)))
        return cls(sigma * a, b, sigma * W, sigma)

    def __repr__(self):
        return f"RBMState(n_visible={len(self.rbm.a)}, n_hidden={len(self.rbm.b)})"

    def log_value(self, x):
        return -self.rbm.energy(self._flat(x))

    def gradient(self, x):
        flat = self._flat(x)
        u = self.rbm.hidden_mean(flat) @ self.rbm.W.T
        return ((self.rbm.a + u - flat) / self.rbm.sigma**2).reshape(np.shape(x))

    def laplacian(self, x):
        q = self.rbm.hidden_mean(self._flat(x))
        return (q * (1 - q)) @ np.sum((self.rbm.W / self.rbm.sigma[:, None] ** 2) ** 2, axis=0) - np.sum(
            self.rbm.sigma**-2
        )

    def statistics(self, x):
        return self.rbm.statistics(self._flat(x))

    def _flat(self, x):
        x = check_positions(x)
        if x.shape[-1] * x.shape[-2] != len(self.rbm.a):
            raise ValueError(
                f"the RBM has {len(self.rbm.a)} visible units, and positions of shape {x.shape} have "
                f"{x.shape[-1] * x.shape[-2]} coordinates: take a state made for this dot"
            )
        return x.reshape(*x.shape[:-2], -1)

    def _hold(self, rbm):
        self.__dict__.update(rbm=rbm, _parameters=rbm.parameters)

    def _with(self, parameters):
        new = object.__new__(RBMState)
        new._hold(self.rbm.step(parameters - self.parameters))
        return new
