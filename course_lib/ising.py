"""The Ising model: energies of +-1 spins, and the models that can be learned from data.

    E(s) = - sum_{i<j} J_ij s_i s_j - sum_i h_i s_i            p(s) = exp(-beta E(s)) / Z

One parameter per pair: J is symmetric with a zero diagonal, and each pair counts once.
"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from course_lib.inputs import (
    check_batch,
    check_count,
    check_couplings,
    check_images,
    check_memory,
    check_number,
    check_shape,
    check_side,
    check_spins,
)


class Model(Protocol):
    """What learning needs to know about a model; see `learning.fit`.

    ``x`` is a batch of configurations: leading axes count samples, the trailing ones belong to one
    configuration. P is the number of parameters. The values in x are the model's own affair.

    A model of your own: write these six, in a module above `learning`, and register there ``learning.exact_moments``
    where it can be summed, and ``sampling.advance`` and ``sampling.random_states`` where chains are to run. If they are
    asked for, also ``divergence.exact_log_partition`` and ``uncoupled``. ``course_lib/rbm/models.py`` is a whole
    example.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one configuration: (N,) for N spins in a row, (rows, cols) for an image."""

    @property
    def parameters(self) -> np.ndarray:
        """All parameters, packed into shape (P,)."""

    def energy(self, x) -> np.ndarray:
        """Minus the log of the unnormalised p(x), ``-statistics(x) @ parameters`` if nothing is hidden.

        For a model with hidden units, the free energy.
        """

    def statistics(self, x) -> np.ndarray:
        """What each parameter multiplies in -energy: shape (..., P), one row a sample."""

    def moments(self, x) -> np.ndarray:
        """Mean of the statistics over a batch, shape (P,), without holding P numbers a sample.

        `Ising` and `LatticeIsing` also take ``weights``: how often each sample counts, a number 0 or above.
        """

    def step(self, delta) -> Self:
        """A new model with ``delta``, shape (P,), added to the parameters."""


# ---------------------------------------------------------------- energies of N coupled spins


def energy(spins, J, h):
    """Energy of spin configurations, ``-sum_{i<j} J_ij s_i s_j - sum_i h_i s_i``.

    Parameters
    ----------
    spins : array of +-1, shape (..., N)
    J : array, shape (N, N)
        Couplings, symmetric, zero diagonal. One parameter per pair, in units of the temperature.
    h : array, shape (N,), or float
        Fields, in units of the temperature; a single number is that of every spin.

    Returns
    -------
    array, shape (...,)

    Raises
    ------
    ValueError
        If the spins are not +-1, J is not a symmetric matrix with zero diagonal, or shapes differ.

    Examples
    --------
    Two spins that like to agree: agreeing costs -0.5, disagreeing +0.5.

    >>> energy([[1, 1], [1, -1]], J=[[0, 0.5], [0.5, 0]], h=[0, 0])
    array([-0.5,  0.5])
    """
    J, h = check_couplings(J, h)
    return _energy(check_spins(spins, len(h)), J, h)


def local_field(spins, J, h):
    """Field that each spin feels from its neighbours and from outside, ``sum_j J_ij s_j + h_i``.

    Parameters
    ----------
    spins : array of +-1, shape (..., N)
    J : array, shape (N, N)
    h : array, shape (N,)

    Returns
    -------
    array, shape (..., N)

    Raises
    ------
    ValueError
        As `energy`.

    Examples
    --------
    >>> local_field([1, 1, -1], chain(3, periodic=False), [0, 0, 0.5])
    array([1. , 0. , 1.5])
    """
    J, h = check_couplings(J, h)
    return check_spins(spins, len(h)) @ J + h


def flip_cost(spins, J, h):
    """Change of the energy if one spin were flipped, for each spin: ``2 s_i (sum_j J_ij s_j + h_i)``.

    Parameters
    ----------
    spins : array of +-1, shape (..., N)
    J : array, shape (N, N)
    h : array, shape (N,)

    Returns
    -------
    array, shape (..., N)

    Raises
    ------
    ValueError
        As `energy`.

    Examples
    --------
    Flipping the last spin of +, +, - mends its bond and obeys its field: the energy falls by 3.

    >>> flip_cost([1, 1, -1], chain(3, periodic=False), [0, 0, 0.5])
    array([ 2.,  0., -3.])
    """
    J, h = check_couplings(J, h)
    spins = check_spins(spins, len(h))
    return 2 * spins * (spins @ J + h)


def _energy(spins, J, h):
    """`energy` of what was checked."""
    # s.J.s visits each pair twice, as (i, j) and as (j, i): hence the half.
    return -0.5 * np.sum((spins @ J) * spins, axis=-1) - spins @ h


# ---------------------------------------------------------------- units of 0 and 1


def from_binary(J, h):
    """J and h for spins of +-1 from those for variables x of 0 and 1, ``s = 2x - 1``.

    Both have energies of the same form, ``-sum_{i<j} J_ij x_i x_j - sum_i h_i x_i``, which differ by a constant: so
    ``J_ij / 4`` and ``h_i / 2 + sum_j J_ij / 4`` give the same probabilities.

    Parameters
    ----------
    J : array, shape (N, N)
        Symmetric, zero diagonal: since x^2 = x, a diagonal belongs into h.
    h : array, shape (N,), or float

    Returns
    -------
    (J, h) : (array, shape (N, N), array, shape (N,))
        For `energy` and all else here.

    Raises
    ------
    ValueError
        As `energy`.

    Examples
    --------
    Both on is twice as likely as one on, or none.

    >>> J, h = from_binary([[0, np.log(2)], [np.log(2), 0]], [0, 0])
    >>> np.exp(-energy([[1, 1], [1, -1], [-1, -1]], J, h) + energy([-1, -1], J, h)).round(6)
    array([2., 1., 1.])
    """
    J, h = check_couplings(J, h)
    return J / 4, h / 2 + J.sum(axis=1) / 4


def to_binary(J, h):
    """J and h for variables x of 0 and 1 from those for spins of +-1: undoes `from_binary`.

    Parameters
    ----------
    J : array, shape (N, N)
    h : array, shape (N,), or float

    Returns
    -------
    (J, h) : (array, shape (N, N), array, shape (N,))
        For ``-sum_{i<j} J_ij x_i x_j - sum_i h_i x_i`` with ``x = (s + 1) / 2``.

    Raises
    ------
    ValueError
        As `energy`.

    Examples
    --------
    >>> to_binary(chain(3), 0)[1]
    array([-4., -4., -4.])
    """
    J, h = check_couplings(J, h)
    return 4 * J, 2 * h - 2 * J.sum(axis=1)


# ---------------------------------------------------------------- who is coupled to whom


def chain(n, coupling=1.0, periodic=True):
    """Couplings of a chain of n spins, each with its two neighbours.

    Parameters
    ----------
    n : int
        Number of spins, at least 2.
    coupling : float
        J of every bond.
    periodic : bool
        Whether the last spin is also coupled to the first. At n = 2 that pair then has both bonds.

    Returns
    -------
    array, shape (n, n)

    Raises
    ------
    ValueError
        If n is below 2.

    Examples
    --------
    >>> chain(3, periodic=False)
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """
    n, coupling = check_count("the number of spins of a chain", n, 2), check_number("coupling", coupling)
    return _couple(n, np.arange(n - 1), np.arange(1, n), coupling) + (
        _couple(n, [n - 1], [0], coupling) if periodic else 0.0
    )


def square_lattice(rows, cols, coupling=1.0):
    """Couplings of a periodic square lattice; site (row, col) has the index ``row * cols + col``.

    Every site has a bond to its right and one down, and the edges are joined, so there are
    ``2 * rows * cols`` bonds. At side 2 right and left neighbour coincide, and the pair has both bonds.

    Parameters
    ----------
    rows, cols : int
        Sides, at least 2.
    coupling : float
        J of every bond.

    Returns
    -------
    array, shape (rows * cols, rows * cols)

    Raises
    ------
    ValueError
        If a side is below 2: the lattice would couple spins to themselves.

    Examples
    --------
    >>> square_lattice(3, 3)[0]
    array([0., 1., 1., 1., 0., 0., 1., 0., 0.])
    """
    rows, cols, coupling = check_side(rows), check_side(cols), check_number("coupling", coupling)
    site = np.arange(rows * cols).reshape(rows, cols)
    right, down = np.roll(site, -1, axis=1), np.roll(site, -1, axis=0)
    return _couple(site.size, site.ravel(), right.ravel(), coupling) + _couple(
        site.size, site.ravel(), down.ravel(), coupling
    )


def random_couplings(n, rng, scale=1.0):
    """Couplings between all pairs, drawn from a normal law with standard deviation ``scale / sqrt(n)``.

    With this scaling the energy grows like n, as it does in a solid (Sherrington and Kirkpatrick,
    Phys. Rev. Lett. 35, 1792, 1975).

    Parameters
    ----------
    n : int
        Number of spins.
    rng : numpy.random.Generator
    scale : float
        Standard deviation of the field that n random neighbours make.

    Returns
    -------
    array, shape (n, n)

    Raises
    ------
    ValueError
        If n is below 1, scale below 0, or rng no generator.

    Examples
    --------
    >>> J = random_couplings(400, np.random.default_rng(1))
    >>> bool(np.all(J == J.T)), round(float(J[np.triu_indices(400, 1)].std() * 20), 2)
    (True, 1.0)
    """
    n, scale = check_count("the number of spins", n, 1), check_number("scale", scale, 0)
    if not hasattr(rng, "normal"):
        raise ValueError(f"rng must be a generator, such as np.random.default_rng(1), got {rng!r}")
    upper = np.triu(rng.normal(0.0, scale / np.sqrt(n), (n, n)), 1)
    return upper + upper.T


def _couple(n, left, right, coupling):
    J = np.zeros((n, n))
    J[left, right] = coupling
    return J + J.T


# ---------------------------------------------------------------- lattices as images


def bond_sum(images):
    """Sum over the bonds of a periodic lattice of s_i s_j, bonds to the right and down.

    Parameters
    ----------
    images : array of +-1, shape (..., rows, cols)

    Returns
    -------
    array of int, shape (...,)

    Raises
    ------
    ValueError
        If a side is below 2 or a spin is not +-1.

    Examples
    --------
    All up: each of the 9 sites has a bond to the right and one down.

    >>> int(bond_sum(np.ones((3, 3))))
    18
    """
    return _bond_sum(check_images(images))


def spin_sum(images):
    """Sum of the spins of a lattice.

    Parameters
    ----------
    images : array of +-1, shape (..., rows, cols)

    Returns
    -------
    array of int, shape (...,)

    Raises
    ------
    ValueError
        If a side is below 2 or a spin is not +-1.

    Examples
    --------
    >>> spin_sum([[[1, 1], [1, -1]], [[-1, -1], [-1, -1]]])
    array([ 2, -4])
    """
    return _spin_sum(check_images(images))


def neighbour_sum(images):
    """Sum of the four neighbours of each spin of a periodic lattice; times J, plus h, it is the local field.

    Parameters
    ----------
    images : array of +-1, shape (..., rows, cols)

    Returns
    -------
    array of int, shape (..., rows, cols)

    Raises
    ------
    ValueError
        If a side is below 2 or a spin is not +-1.

    Examples
    --------
    >>> neighbour_sum([[1, 1, 1], [1, -1, 1], [1, 1, 1]])
    array([[4, 2, 4],
           [2, 4, 2],
           [4, 2, 4]], dtype=int8)
    """
    return _neighbour_sum(check_images(images))


def _bond_sum(images):
    """`bond_sum` of images that were checked."""
    right_and_down = np.roll(images, -1, axis=-1) + np.roll(images, -1, axis=-2)
    return np.sum(images * right_and_down, axis=(-2, -1), dtype=np.int64)


def _spin_sum(images):
    """`spin_sum` of images that were checked."""
    return np.sum(images, axis=(-2, -1), dtype=np.int64)


def _neighbour_sum(images):
    """`neighbour_sum` of images that were checked."""
    return sum(np.roll(images, shift, axis) for axis in (-2, -1) for shift in (-1, 1))


# ---------------------------------------------------------------- models


@dataclass(frozen=True, eq=False)
class Ising:
    """N spins, one coupling a pair and one field a spin: ``E(s) = -sum_{i<j} J_ij s_i s_j - sum_i h_i s_i``.

    Parameters are packed as the couplings J_ij with i < j, row by row, then the fields h_i:
    P = N (N - 1) / 2 + N.

    Parameters
    ----------
    J : array, shape (N, N)
        Symmetric, zero diagonal.
    h : array, shape (N,)

    Examples
    --------
    >>> model = Ising(J=chain(3), h=np.zeros(3))
    >>> model.energy([1, 1, 1]), model.statistics([1, 1, -1])
    (np.float64(-3.0), array([ 1., -1., -1.,  1.,  1., -1.]))
    """

    J: np.ndarray
    h: np.ndarray

    def __post_init__(self):
        J, h = check_couplings(self.J, self.h)
        object.__setattr__(self, "J", _read_only(J))
        object.__setattr__(self, "h", _read_only(h))

    @property
    def shape(self):
        return self.h.shape

    @property
    def parameters(self):
        return np.concatenate([self.J[self._pairs], self.h])

    def energy(self, x):
        return _energy(check_spins(x, len(self.h)), self.J, self.h)

    def statistics(self, x):
        x = check_spins(x, len(self.h))
        i, j = self._pairs
        check_memory(
            10 * x.size // x.shape[-1] * len(self.parameters),
            what="the statistics of so many samples, one by one,",
            instead="take their mean, with moments",
        )
        # As floats: a student who multiplies int8 arrays wraps round at 127 without a word.
        return np.concatenate([x[..., i] * x[..., j], x], axis=-1).astype(float)

    def moments(self, x, weights=None):
        x = check_batch(check_spins(x, len(self.h)), 1)
        if weights is not None:
            share = np.asarray(weights, dtype=float) / np.sum(weights)
            return np.concatenate([((x.T * share) @ x)[self._pairs], share @ x])
        # Whole numbers up to 2^24 are exact in single precision, and their products twice as fast.
        x = x.astype(np.float32 if len(x) < 2**24 else float)
        return np.concatenate([(x.T @ x)[self._pairs], x.sum(axis=0)]).astype(float) / len(x)

    def step(self, delta):
        delta, n_pairs = _check_delta(delta, self.parameters), len(self._pairs[0])
        upper = np.zeros_like(self.J)
        upper[self._pairs] = delta[:n_pairs]
        return Ising(self.J + upper + upper.T, self.h + delta[n_pairs:])

    @property
    def _pairs(self):
        return np.triu_indices(len(self.h), 1)


@dataclass(frozen=True, eq=False)
class LatticeIsing:
    """A periodic lattice with one coupling for all bonds and one field: ``E(s) = -J B(s) - h S(s)``.

    B is `bond_sum`, S is `spin_sum`; J is per bond and h per site. A configuration is an image,
    shape (rows, cols). The statistics are extensive: they grow with the number of sites.

    Parameters
    ----------
    J, h : float
    shape : (int, int)
        Rows and columns, each at least 2.

    Examples
    --------
    >>> model = LatticeIsing(J=0.4, h=0.1, shape=(4, 4))
    >>> model.statistics(np.ones((4, 4))), round(float(model.energy(np.ones((4, 4)))), 6)
    (array([32., 16.]), -14.4)
    """

    J: float
    h: float
    shape: tuple[int, int]

    def __post_init__(self):
        for name, value in (("J", self.J), ("h", self.h)):
            check_number(f"{name} of a LatticeIsing", value)
        object.__setattr__(self, "shape", check_shape(self.shape))

    @property
    def parameters(self):
        return np.array([self.J, self.h], dtype=float)

    def energy(self, x):
        return -self.statistics(x) @ self.parameters

    def statistics(self, x):
        x = check_images(x, self.shape)
        return np.stack([_bond_sum(x), _spin_sum(x)], axis=-1).astype(float)

    def moments(self, x, weights=None):
        return np.average(check_batch(self.statistics(x), 1), axis=0, weights=weights)

    def step(self, delta):
        J, h = self.parameters + _check_delta(delta, self.parameters)
        return LatticeIsing(float(J), float(h), self.shape)


def _read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def _check_delta(delta, parameters):
    delta = np.asarray(delta, dtype=float)
    if delta.shape != parameters.shape:
        raise ValueError(f"a step must have one number for each of the {len(parameters)} parameters, got {delta.shape}")
    return delta
