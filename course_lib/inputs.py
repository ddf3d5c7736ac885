"""What may come in: checked once, where it enters; what is wrong is said in one sentence.

Each check returns what it was given, in the form that the course computes with. A model checks the parameters that it
is made of, so a model that exists is valid. Code that works on a model, or on an array that comes from here, does not
look again.
"""

import os

import numpy as np

# Couplings that come out of a file or a sum may miss exact symmetry by round-off.
SYMMETRY_TOLERANCE = 1e-10


# ---------------------------------------------------------------- spins


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


def _wrong_spins(spins):
    if np.any(np.isnan(spins)):
        return "spins must be +1 or -1, got NaN: drop or fill the missing values first"
    values = np.unique(spins)[:5]
    if np.all(np.isin(values, [0, 1])):
        return f"spins must be +1 or -1, got values {' and '.join(str(int(v)) for v in values)}: convert with 2*x - 1"
    shown = ", ".join(f"{v:g}" for v in values)
    return f"spins must be +1 or -1, got values such as {shown}: binarize first, for example np.where(x > 0, 1, -1)"


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


def check_weights(weights, shape):
    """How often each sample counts, as floats in a row, after checking that there is one number, 0 or above, for each.

    Parameters
    ----------
    weights : array
        Of the given shape.
    shape : tuple of int
        Of the batch: the leading axes of the data.

    Returns
    -------
    array of float, shape (n_samples,)

    Raises
    ------
    ValueError
        Says what was given, what was expected, and what to do.

    Examples
    --------
    >>> check_weights([3, 0, 2], (2,))
    Traceback (most recent call last):
    ...
    ValueError: weights must have one number for each sample, shape (2,), got shape (3,)
    """
    weights = np.asarray(weights)
    if weights.dtype.kind not in "biuf":
        raise ValueError(f"weights must be an array of numbers, got one of type {weights.dtype}")
    if weights.shape != shape:
        raise ValueError(f"weights must have one number for each sample, shape {shape}, got shape {weights.shape}")
    weights = weights.astype(float).ravel()
    if not np.all((weights >= 0) & (weights < np.inf)):
        raise ValueError(
            "weights must be finite numbers, 0 or above, that say how often each sample counts, got some that are "
            f"{'NaN' if np.any(np.isnan(weights)) else 'negative or infinite'}"
        )
    if not np.any(weights):
        raise ValueError("weights are all 0, so that no sample counts: a mean needs at least one")
    return weights


# ---------------------------------------------------------------- couplings, lattices


def check_couplings(J, h):
    """J and h as float arrays, after checking that an energy can be made of them.

    Parameters
    ----------
    J : array, shape (N, N)
        Also a sparse matrix that has a method ``toarray``, as those of scipy.
    h : array, shape (N,), or float
        A single number is the field of every spin.

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
    J, h = np.asarray(J.toarray() if hasattr(J, "toarray") else J), np.asarray(h)
    for name, array in (("J", J), ("h", h)):
        # numpy would drop an imaginary part and read numbers out of text.
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{name} must be an array of real numbers, got one of type {array.dtype}")
    J, h = J.astype(float, copy=False), h.astype(float, copy=False)
    if J.ndim != 2 or J.shape[0] != J.shape[1]:
        raise ValueError(f"J must be a square matrix (N, N), got shape {J.shape}: row i holds the couplings of spin i")
    if h.ndim == 0:
        h = np.full(len(J), h)
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


# ---------------------------------------------------------------- single numbers


def check_count(name, value, least):
    """A whole number as an int, after checking that it is one and large enough; 1e4 is 10000.

    Parameters
    ----------
    name : str
        What to call it in the error.
    value, least : int

    Returns
    -------
    int

    Raises
    ------
    ValueError
        Says what was given and what was expected.

    Examples
    --------
    >>> check_count("sweeps", -1, 0)
    Traceback (most recent call last):
    ...
    ValueError: sweeps must be a whole number, 0 or more, got -1
    """
    if np.ndim(value) or not least <= value < np.inf or int(value) != value:
        raise ValueError(f"{name} must be a whole number, {least} or more, got {value}")
    return int(value)


def check_beta(beta):
    """An inverse temperature, after checking that it is one finite number, 0 or above.

    Parameters
    ----------
    beta : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Says what was given, and what to do for the opposite sign.

    Examples
    --------
    >>> check_beta(0.5)
    0.5
    """
    if np.ndim(beta) or not 0 <= beta < np.inf:
        raise ValueError(
            f"beta must be one finite number, 0 or above, got {beta!r}: for a system that likes to disagree change "
            "the signs of J and h instead"
        )
    return beta


def inverse_temperature(temperature):
    """``beta = 1 / T`` of a temperature above 0.

    Parameters
    ----------
    temperature : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If it is not above 0; says what T = 0 would mean.

    Examples
    --------
    >>> inverse_temperature(2.0)
    0.5
    """
    if not temperature > 0:
        raise ValueError(
            f"a temperature must be above 0, got {temperature}: as T -> 0 only the states of lowest energy are left, "
            "chains freeze in the first valley; to find such states use sampling.anneal and end near, not at, zero"
        )
    return 1 / float(temperature)


def check_memory(
    n_bytes,
    what="these draws",
    instead="draw fewer and raise thin, so that each is worth more, or keep averages: sampling.average_moments",
):
    """Refuse what needs more than half of this machine's memory.

    Parameters
    ----------
    n_bytes : int
    what : str
        What takes so much.
    instead : str
        What to do.

    Raises
    ------
    ValueError
        Says how much was asked for, and what takes less.

    Examples
    --------
    >>> check_memory(1000)
    """
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        memory = 16 * 2**30
    if n_bytes > memory / 2:
        raise ValueError(
            f"{what} take {n_bytes / 2**30:,.1f} GB, more than half of the {memory / 2**30:.1f} GB of this machine: "
            f"{instead}"
        )
