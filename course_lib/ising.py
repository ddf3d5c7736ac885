"""The Ising model: energies of +-1 spins, and the models that can be learned from data.

    E(s) = - sum_{i<j} J_ij s_i s_j - sum_i h_i s_i            p(s) = exp(-beta E(s)) / Z

One parameter per pair: J is symmetric with a zero diagonal, and each pair counts once.
"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

# Couplings that come out of a file or a sum may miss exact symmetry by round-off.
SYMMETRY_TOLERANCE = 1e-10


class Model(Protocol):
    """What learning needs to know about a model; see `learning.fit`.

    ``x`` is a batch of configurations: leading axes count samples, the trailing ones belong to one
    configuration. P is the number of parameters.
    """

    @property
    def parameters(self) -> np.ndarray:
        """All parameters, packed into shape (P,)."""

    def energy(self, x) -> np.ndarray:
        """Minus the log of the unnormalised p(x); for a model with hidden units, the free energy."""

    def statistics(self, x) -> np.ndarray:
        """What each parameter multiplies in -energy: shape (..., P), one row a sample."""

    def moments(self, x) -> np.ndarray:
        """Mean of the statistics over a batch, shape (P,), without holding P numbers a sample."""

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
    h : array, shape (N,)
        Fields, in units of the temperature.

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
    spins = check_spins(spins, len(h))
    # s.J.s visits each pair twice, as (i, j) and as (j, i): hence the half.
    return -0.5 * np.sum((spins @ J) * spins, axis=-1) - spins @ h


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
    field = local_field(spins, J, h)
    return 2 * np.asarray(spins) * field


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
    if n < 2:
        raise ValueError(f"a chain must have at least 2 spins, got {n}: one spin has no neighbour")
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
    rows, cols = check_side(rows), check_side(cols)
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

    Examples
    --------
    >>> J = random_couplings(400, np.random.default_rng(1))
    >>> bool(np.all(J == J.T)), round(float(J[np.triu_indices(400, 1)].std() * 20), 2)
    (True, 1.0)
    """
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
    images = check_images(images)
    right_and_down = np.roll(images, -1, axis=-1) + np.roll(images, -1, axis=-2)
    return np.sum(images * right_and_down, axis=(-2, -1), dtype=np.int64)


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
    return np.sum(check_images(images), axis=(-2, -1), dtype=np.int64)


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
    images = check_images(images)
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
    def parameters(self):
        return np.concatenate([self.J[self._pairs], self.h])

    def energy(self, x):
        return energy(x, self.J, self.h)

    def statistics(self, x):
        x = check_spins(x, len(self.h))
        i, j = self._pairs
        # As floats: a student who multiplies int8 arrays wraps round at 127 without a word.
        return np.concatenate([x[..., i] * x[..., j], x], axis=-1).astype(float)

    def moments(self, x):
        x = check_batch(check_spins(x, len(self.h)), 1)
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
            if np.ndim(value) or not np.isfinite(value):
                raise ValueError(f"{name} of a LatticeIsing must be one finite number, got {value!r}")
        rows, cols = self.shape
        object.__setattr__(self, "shape", (check_side(rows), check_side(cols)))

    @property
    def parameters(self):
        return np.array([self.J, self.h], dtype=float)

    def energy(self, x):
        return -self.statistics(x) @ self.parameters

    def statistics(self, x):
        x = check_images(x, self.shape)
        return np.stack([bond_sum(x), spin_sum(x)], axis=-1).astype(float)

    def moments(self, x):
        return check_batch(self.statistics(x), 1).mean(axis=0)

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


# ---------------------------------------------------------------- input, checked once, said in one sentence


def check_couplings(J, h):
    """J and h as float arrays, after checking that an energy can be made of them.

    Parameters
    ----------
    J : array, shape (N, N)
    h : array, shape (N,)

    Returns
    -------
    (array of float, shape (N, N), array of float, shape (N,))

    Raises
    ------
    ValueError
        Says what was given, what was expected, and what to do.

    Examples
    --------
    >>> check_couplings([[0, 1], [0.5, 0]], [0, 0])
    Traceback (most recent call last):
    ...
    ValueError: J must be symmetric (max |J - J.T| = 0.5): one number a pair; set both J[i, j] and J[j, i] \
to it. A one-way coupling has no energy.
    """
    J, h = np.asarray(J), np.asarray(h)
    for name, array in (("J", J), ("h", h)):
        # numpy would drop an imaginary part and read numbers out of text.
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{name} must be an array of real numbers, got one of type {array.dtype}")
    J, h = J.astype(float, copy=False), h.astype(float, copy=False)
    if J.ndim != 2 or J.shape[0] != J.shape[1]:
        raise ValueError(f"J must be a square matrix (N, N), got shape {J.shape}: row i holds the couplings of spin i")
    if h.shape != (len(J),):
        raise ValueError(
            f"h must have one field for each of the {len(J)} spins of J, shape ({len(J)},), got shape {h.shape}"
        )
    for name, array in (("J", J), ("h", h)):
        if not np.all(np.isfinite(array)):
            raise ValueError(
                f"{name} must be finite, got {np.count_nonzero(~np.isfinite(array))} entries that are NaN or "
                "infinite: look for a division by zero or a learning step that was too large"
            )
    if np.any(np.diagonal(J)):
        raise ValueError(
            f"J must have a zero diagonal, got J[i, i] up to {np.abs(np.diagonal(J)).max():.3g}: a spin is not its "
            "own neighbour; use np.fill_diagonal(J, 0)"
        )
    asymmetry = np.abs(J - J.T).max(initial=0.0)
    if asymmetry > SYMMETRY_TOLERANCE * max(1.0, np.abs(J).max(initial=0.0)):
        raise ValueError(
            f"J must be symmetric (max |J - J.T| = {asymmetry:.3g}): one number a pair; set both J[i, j] and J[j, i] "
            "to it. A one-way coupling has no energy."
        )
    return (J + J.T) / 2, h


def check_spins(spins, n=None):
    """Spins as an int8 array, after checking that they are +-1 and n in a configuration.

    Parameters
    ----------
    spins : array of +-1, shape (..., N)
    n : int, optional
        The expected N.

    Returns
    -------
    array of int8, shape (..., N)

    Raises
    ------
    ValueError
        Says what was given, what was expected, and what to do.

    Examples
    --------
    >>> check_spins([0, 1, 1])
    Traceback (most recent call last):
    ...
    ValueError: spins must be +1 or -1, got values 0 and 1: convert with 2*x - 1
    """
    spins = np.asarray(spins)
    if spins.dtype.kind not in "biuf":
        raise ValueError(f"spins must be an array of the numbers +1 and -1, got one of type {spins.dtype}")
    if spins.ndim == 0:
        raise ValueError("spins must be an array with one entry a spin, got a single number")
    if spins.dtype == bool or not np.all(np.abs(spins) == 1):
        raise ValueError(_wrong_spins(spins))
    if n is not None and spins.shape[-1] != n:
        raise ValueError(f"each configuration must have {n} spins, as J and h have, got shape {spins.shape}")
    return spins.astype(np.int8, copy=False)


def check_images(images, shape=None):
    """Images of spins as an int8 array, after checking values and sides.

    Parameters
    ----------
    images : array of +-1, shape (..., rows, cols)
    shape : (int, int), optional
        The expected rows and columns.

    Returns
    -------
    array of int8, shape (..., rows, cols)

    Raises
    ------
    ValueError
        Says what was given, what was expected, and what to do.

    Examples
    --------
    >>> check_images([[1, -1, 1]])
    Traceback (most recent call last):
    ...
    ValueError: a lattice must have sides of at least 2, got side 1: at side 1 a spin would be its own neighbour
    """
    images = check_spins(images)
    if images.ndim < 2:
        raise ValueError(f"images must have the shape (..., rows, cols), got {images.shape}")
    for side in images.shape[-2:]:
        check_side(side)
    if shape is not None and images.shape[-2:] != shape:
        raise ValueError(f"the model's lattice is {shape[0]} x {shape[1]}, got images of shape {images.shape}")
    return images


def check_batch(x, item_dims):
    """A batch with at least one sample, its leading axes flattened into one.

    Parameters
    ----------
    x : array
        The last ``item_dims`` axes belong to one sample.
    item_dims : int

    Returns
    -------
    array with ``item_dims + 1`` axes

    Raises
    ------
    ValueError
        If there is no sample.

    Examples
    --------
    >>> check_batch(np.ones((2, 5, 3)), 1).shape
    (10, 3)
    """
    if x.ndim < item_dims or x.size == 0:
        raise ValueError(f"the data are empty (shape {x.shape}): a mean needs at least one sample")
    return x.reshape(-1, *x.shape[x.ndim - item_dims :])


def _wrong_spins(spins):
    if np.any(np.isnan(spins)):
        return "spins must be +1 or -1, got NaN: drop or fill the missing values first"
    values = np.unique(spins)[:5]
    if np.all(np.isin(values, [0, 1])):
        return f"spins must be +1 or -1, got values {' and '.join(str(int(v)) for v in values)}: convert with 2*x - 1"
    shown = ", ".join(f"{v:g}" for v in values)
    return f"spins must be +1 or -1, got values such as {shown}: binarize first, for example np.where(x > 0, 1, -1)"


def check_side(side):
    """A side of a lattice as an int, after checking that it is a whole number of at least 2.

    Parameters
    ----------
    side : int

    Returns
    -------
    int

    Raises
    ------
    ValueError
        Says what was given and why it cannot be.

    Examples
    --------
    >>> check_side(8)
    8
    """
    if not np.isfinite(side) or int(side) != side or side < 2:
        raise ValueError(
            f"a lattice must have sides of at least 2, got side {side}: at side 1 a spin would be its own neighbour"
        )
    return int(side)
