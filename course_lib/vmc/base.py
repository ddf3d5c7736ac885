"""What every wave function can do: the protocol, what the factors share, and their product."""

from typing import Self

import numpy as np

from course_lib.inputs import check_array, check_reals

# ---------------------------------------------------------------- one factor


class State:
    """A positive or negative wave function Psi(x) of electrons at x, shape (..., n_electrons, dim), or a factor of one.

    Factors multiply: ``gaussian * jastrow``. Each gives, analytically,

    - ``log_value(x)`` (...,): ln |Psi|;
    - ``gradient(x)`` (..., n_electrons, dim): of ln |Psi| by the coordinates, half the quantum force;
    - ``laplacian(x)`` (...,): of ln |Psi|, summed over all coordinates;
    - ``statistics(x)`` (..., P): O, the derivatives of ln |Psi| by the parameters.
    """

    rank = 0  # the order of the factors in a product, which is that of the compiled loops

    @property
    def parameters(self):
        """The parameters in a row, shape (P,)."""
        return self._parameters

    @property
    def factors(self):
        """The factors, a tuple of states."""
        return (self,)

    def __mul__(self, other):
        if not isinstance(other, State):
            return NotImplemented
        return Product(*self.factors, *other.factors)

    def moments(self, x, weights=None):
        """Mean of the statistics over configurations (n, n_electrons, dim), each of which counts as its weight says.

        Weights need not be positive: an imaginary-time step may have some that are not.
        """
        statistics = self.statistics(x)
        if weights is None:
            return statistics.mean(axis=0)
        return weights @ statistics / np.sum(weights)

    def step(self, delta) -> Self:
        """Give a new state with ``parameters + delta``."""
        delta = check_array("a step", delta).astype(float)
        if delta.shape != self.parameters.shape:
            raise ValueError(
                f"a step must have one number for each of the {self.parameters.size} parameters, got shape "
                f"{delta.shape}"
            )
        parameters = self.parameters + delta
        if not np.all(np.isfinite(parameters)):
            raise ValueError("a step must lead to finite parameters, got one that does not: it is too large")
        return self._with(parameters)

    def _keep(self, parameters, **kept):
        """Keep parameters and what else is given, where nobody can change them."""
        parameters = np.array(parameters, float)
        parameters.flags.writeable = False
        self.__dict__.update(_parameters=parameters, **kept)


def check_state(state):
    """Give the state, after checking that it is one."""
    if not isinstance(state, State):
        raise ValueError(f"state must be a wave function, such as vmc.RBMState.start(dot, 2, rng=1), got {state!r:.60}")
    return state


def check_positions(x):
    """Positions as floats, after checking that they are finite, (..., n_electrons, dim)."""
    x = check_reals(x).astype(float, copy=False)
    if x.ndim < 2:
        raise ValueError(
            f"electrons must be at positions of shape (..., n_electrons, dim), got shape {x.shape}: one electron in "
            "2-D is [[x, y]]"
        )
    return x


# ---------------------------------------------------------------- several


class Product(State):
    """A product of factors, in the order Gaussian, RBM, determinants, Jastrow, network; parameters follow each other.

    Made by ``first * second``. Logarithms, gradients and Laplacians of logarithms add up.

    Raises
    ------
    ValueError
        If two factors are of the same kind: one does what two do.
    """

    def __init__(self, *factors):
        kinds = [type(factor).__name__ for factor in factors]
        twice = {kind for kind in kinds if kinds.count(kind) > 1}
        if twice:
            raise ValueError(f"a product may have one factor of a kind, got two of kind {', '.join(sorted(twice))}")
        self._factors = tuple(sorted(factors, key=lambda factor: factor.rank))

    def __repr__(self):
        return " * ".join(map(repr, self.factors))

    @property
    def factors(self):
        return self._factors

    @property
    def parameters(self):
        return np.concatenate([factor.parameters for factor in self.factors])

    def log_value(self, x):
        return sum(factor.log_value(x) for factor in self.factors)

    def gradient(self, x):
        return sum(factor.gradient(x) for factor in self.factors)

    def laplacian(self, x):
        return sum(factor.laplacian(x) for factor in self.factors)

    def statistics(self, x):
        return np.concatenate([factor.statistics(x) for factor in self.factors], axis=-1)

    def _with(self, parameters):
        ends = np.cumsum([len(factor.parameters) for factor in self.factors])[:-1]
        parts = np.split(parameters, ends)
        return Product(*(factor._with(part) for factor, part in zip(self.factors, parts, strict=True)))
