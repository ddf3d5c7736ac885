"""What may come in: checked once, where it enters; what is wrong is said in one sentence.

Each check returns what it was given, in the form that the course computes with. A model checks the parameters that it
is made of, so a model that exists is valid. Code that works on a model, or on an array that comes from here, does not
look again.
"""

import os
from collections.abc import Hashable

import numpy as np

# Couplings that come out of a file or a sum may miss exact symmetry by round-off.
SYMMETRY_TOLERANCE = 1e-10
_CONVERT = "convert them with inputs.to_spins, which asks what it cannot know"


# ---------------------------------------------------------------- spins


def to_spins(values, *, up=None, missing=None):
    """Two-valued data of any kind as spins, +1 and -1, saying what became of each value.

    Known without being told: -1 and +1, 0 and 1 (1 is up), False and True (True is up). Numbers with more than two
    values are data to be cut first: ``to_spins(x > np.median(x))``.

    Parameters
    ----------
    values : array, nested list, masked array, pandas object, sparse matrix
        Numbers, truth values or texts.
    up : value or collection of values, optional
        What means +1. If it is one value, exactly one other may be left, which means -1; of a collection, all others
        do.
    missing : value or collection of values, optional
        What means that nothing is known; it becomes 0, which `learning.pseudo_likelihood` alone takes. If it is given,
        as ``missing=np.nan`` for example, then NaN, None and masked entries are missing, too.

    Returns
    -------
    array of int8, shape of ``values``

    Raises
    ------
    ValueError
        If it cannot be known what a value means: says which values there are, and what to pass.

    Examples
    --------
    >>> to_spins(np.array([[0, 1], [1, 0]], np.uint8))
    to_spins: 1 is up (2 of 4), 0 is down (2 of 4).
    array([[-1,  1],
           [ 1, -1]], dtype=int8)
    >>> to_spins(["yea", "nay", "absent"], up="yea", missing="absent")
    to_spins: yea is up (1 of 3), nay is down (1 of 3), absent is missing (1 of 3).
    array([ 1, -1,  0], dtype=int8)
    >>> to_spins([1, 6, 9], up=1)
    Traceback (most recent call last):
    ...
    ValueError: besides up=1 the values 6, 9 occur, and only one can be down: name those that say nothing with \
missing=..., or all that are up with up=[...]
    """
    array, absent = _plain_values(values)
    spins, said = _spins_and_words(array, absent, up, missing, ("up", "down"))
    if said:
        print(f"to_spins: {', '.join(said)}.")
    return spins


def _spins_and_words(array, absent, up, missing, words):
    """What `to_spins` returns, and what it says, with these words for the two values."""
    if missing is None and np.any(absent):
        raise ValueError(
            f"of {array.size} values {np.count_nonzero(absent)} are NaN, None or masked: drop these samples, or pass "
            "missing=np.nan to to_spins, which writes 0 for them (the pseudo-likelihood alone knows missing entries)"
        )
    times = _times(array[~absent])
    lost = _codes(missing) & times.keys()
    ups, downs = _up_and_down(times.keys() - lost, up, array.dtype.kind == "b")
    spins = np.where(_is_one_of(array, ups), 1, np.where(_is_one_of(array, downs), -1, 0)).astype(np.int8)
    spins[absent] = 0
    if {1} >= ups and {-1} >= downs and np.all(spins):
        return spins, []
    rows = [(words[0], ups), (words[1], downs), ("missing", lost)]
    said = [f"{code} is {word} ({times[code]} of {array.size})" for word, codes in rows for code in sorted(codes)]
    said += [f"NaN, None or masked is missing ({np.count_nonzero(absent)} of {array.size})"] if np.any(absent) else []
    return spins, said


def _plain_values(values):
    """The values as an array of numbers, truth values or texts, and where there is none."""
    for offered in ("toarray", "to_numpy"):  # of scipy.sparse, of pandas
        if hasattr(values, offered):
            values = getattr(values, offered)()
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError("to_spins takes an array, got rows of different lengths") from None
    absent = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else np.zeros(array.shape, bool)
    if array.dtype.kind == "O":
        absent |= np.reshape([_is_nothing(value) for value in array.ravel()], array.shape).astype(bool)
        some = next(iter(array[~absent]), 0)
        array = np.array(np.where(absent, some, array).tolist())
    elif array.dtype.kind == "f":
        absent |= np.isnan(array)
    if array.dtype.kind not in "biufUS" or array.ndim == 0:
        raise ValueError(f"to_spins takes an array of numbers, truth values or texts, got {_kind(values)}")
    return array, absent


def _is_nothing(value):
    # A missing value of pandas is equal to nothing, and refuses to say so.
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def _times(array):
    codes, times = np.unique(array, return_counts=True)
    return dict(zip(codes.tolist(), times.tolist(), strict=True))


def _codes(given):
    """One value, or a collection of them, as a set; NaN is looked for elsewhere."""
    if given is None:
        return set()
    collection = given if isinstance(given, set | frozenset | list | tuple | range) else np.ravel(given).tolist()
    codes = [code for code in collection if isinstance(code, Hashable)]
    if len(codes) < len(collection):
        raise ValueError(f"up and missing are values, or collections of them, got {_shown(given)}")
    return {code for code in codes if code == code}


def _is_one_of(array, codes):
    return np.isin(array, np.array(sorted(codes))) if codes else np.zeros(array.shape, bool)


def _up_and_down(codes, up, truth_values):
    """Which codes are up and which are down, if that can be known."""
    shown = ", ".join(map(str, sorted(codes)[:6])) + (", ..." if len(codes) > 6 else "")
    if up is None:
        for down in (-1, 0):
            if codes <= {down, 1} and (down == -1 or len(codes) == 2 or truth_values):
                return codes & {1}, codes & {down}
        cut = " or, if they are measured numbers, cut them: to_spins(x > np.median(x))" if len(codes) > 2 else ""
        raise ValueError(f"it cannot be known which of the values {shown} is up: pass up=... to to_spins{cut}")
    ups = _codes(up)
    if not ups <= codes:
        unseen = ", ".join(map(str, sorted(ups - codes)))
        raise ValueError(f"up={unseen} does not occur, the values are {shown}: pass one of these")
    downs = codes - ups
    if np.ndim(up) == 0 and len(downs) > 1 and not isinstance(up, set | frozenset):
        others = ", ".join(map(str, sorted(downs)[:6]))
        raise ValueError(
            f"besides up={up} the values {others} occur, and only one can be down: name those that say nothing with "
            "missing=..., or all that are up with up=[...]"
        )
    return ups, downs


def _kind(values):
    array = np.asarray(values)
    return "a single value" if array.ndim == 0 and array.dtype.kind != "O" else f"one of type {type(values).__name__}"


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
    ValueError: spins must be +1 or -1, got the values 0, 1: convert them with inputs.to_spins, which asks what it \
cannot know
    """
    if hasattr(spins, "spins"):
        raise ValueError("spins must be an array, got the record of a run: pass its .spins")
    if isinstance(spins, np.ma.MaskedArray) and np.any(np.ma.getmaskarray(spins)):
        raise ValueError(f"spins must be an array of the numbers +1 and -1, got one with masked entries: {_CONVERT}")
    try:
        spins = check_array("spins", spins)
    except ValueError as error:
        raise ValueError(f"{error}: {_CONVERT}") from None
    if spins.ndim == 0:
        raise ValueError(f"spins must be an array of the numbers +1 and -1, got a single number: {_CONVERT}")
    if spins.dtype == bool or not np.all(np.abs(spins) == 1):
        shown = "NaN" if np.any(np.isnan(spins)) else ", ".join(f"{value:g}" for value in np.unique(spins)[:5])
        raise ValueError(f"spins must be +1 or -1, got the values {shown}: {_CONVERT}")
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


# ---------------------------------------------------------------- units of 0 and 1, and of real values


def to_units(values, *, up=None):
    """Two-valued data of any kind as units, 1 and 0: `to_spins` for an RBM. It says what became of values it was told.

    Known without being told: -1 and +1, 0 and 1, False and True. Grey values are data to be cut first:
    ``to_units(x > 0.5)``.

    Parameters
    ----------
    values : array, nested list, masked array, pandas object, sparse matrix
        Numbers, truth values or texts, none of them missing.
    up : value or collection of values, optional
        What means 1; see `to_spins`.

    Returns
    -------
    array of int8, shape of ``values``

    Raises
    ------
    ValueError
        If it cannot be known what a value means.

    Examples
    --------
    >>> to_units([[-1, 1], [1, 1]])
    array([[0, 1],
           [1, 1]], dtype=int8)
    >>> to_units(["yea", "nay", "yea"], up="yea")
    to_units: yea is 1 (2 of 3), nay is 0 (1 of 3).
    array([1, 0, 1], dtype=int8)
    """
    array, absent = _plain_values(values)
    spins, said = _spins_and_words(array, absent, up, None, ("1", "0"))
    if said and up is not None:
        print(f"to_units: {', '.join(said)}.")
    return (spins + 1) // 2


def check_units(x, n=None):
    """Units as an array of numbers, after checking that they are 0 or 1 and n in a configuration.

    Parameters
    ----------
    x : array of 0 and 1, shape (..., n)
        Truth values count as 1 and 0.
    n : int, optional
        The expected n.

    Returns
    -------
    array, shape (..., n)
        Of float32 if it was, and else of float64: what matrix products are taken in.

    Raises
    ------
    ValueError
        Says what was given, what was expected, and what to do.

    Examples
    --------
    >>> check_units([-1, 1])
    Traceback (most recent call last):
    ...
    ValueError: units must be 0 or 1, got the values -1, 1: convert them with inputs.to_units, grey values after a \
cut, such as to_units(x > 0.5)
    """
    x = _check_configurations("units", x, n)
    if not np.array_equal(x * x, x):
        raise ValueError(
            f"units must be 0 or 1, got the values {_few(x)}: convert them with inputs.to_units, grey values after a "
            "cut, such as to_units(x > 0.5)"
        )
    return x


def check_reals(x, n=None):
    """Measured values as an array of floats, after checking that they are finite and n in a configuration.

    Parameters
    ----------
    x : array, shape (..., n)
    n : int, optional
        The expected n.

    Returns
    -------
    array, shape (..., n)
        Of float32 if it was, and else of float64.

    Raises
    ------
    ValueError
        Says what was given, what was expected, and what to do.

    Examples
    --------
    >>> check_reals([0.3, np.nan])
    Traceback (most recent call last):
    ...
    ValueError: values must be finite, got 1 that are NaN or infinite: drop these samples, or fill them in
    """
    x = _check_configurations("values", x, n)
    if not np.all(np.isfinite(x)):
        raise ValueError(
            f"values must be finite, got {np.count_nonzero(~np.isfinite(x))} that are NaN or infinite: drop these "
            "samples, or fill them in"
        )
    return x


def _check_configurations(name, x, n):
    if isinstance(x, np.ma.MaskedArray) and np.any(np.ma.getmaskarray(x)):
        raise ValueError(f"{name} must not be masked, got some that are: drop these samples, or fill them in")
    x = check_array(name, x)
    if x.ndim == 0 or (n is not None and x.shape[-1] != n):
        wanted = "" if n is None else f"of {n} units, as many as the model has in this layer, "
        raise ValueError(f"{name} must be configurations {wanted}shape (..., {n or 'n'}), got shape {x.shape}")
    return x if x.dtype == np.float32 else x.astype(float, copy=False)


def _few(x):
    return "NaN" if np.any(np.isnan(x)) else ", ".join(f"{value:g}" for value in np.unique(x)[:5])


def check_layers(a, b, W):
    """Biases and weights of two layers as float arrays, after checking that they fit each other.

    Parameters
    ----------
    a : array, shape (n_visible,)
    b : array, shape (n_hidden,)
    W : array, shape (n_visible, n_hidden)

    Returns
    -------
    (a, b, W) : arrays of float

    Raises
    ------
    ValueError
        Says what was given, what was expected, and what to do.

    Examples
    --------
    >>> check_layers([0, 0, 0], [0, 0], np.zeros((2, 3)))
    Traceback (most recent call last):
    ...
    ValueError: W must have a row for each of the 3 visible units of a and a column for each of the 2 hidden units of \
b, shape (3, 2), got shape (2, 3): this one is transposed
    """
    a, b, W = (check_array(name, x).astype(float, copy=False) for name, x in (("a", a), ("b", b), ("W", W)))
    for name, bias in (("a", a), ("b", b)):
        if bias.ndim != 1 or not bias.size:
            raise ValueError(
                f"{name} must hold one bias for each unit of its layer, shape (n,), got shape {bias.shape}"
            )
    if W.shape != (len(a), len(b)):
        turned = ": this one is transposed" if W.shape == (len(b), len(a)) else ""
        raise ValueError(
            f"W must have a row for each of the {len(a)} visible units of a and a column for each of the {len(b)} "
            f"hidden units of b, shape ({len(a)}, {len(b)}), got shape {W.shape}{turned}"
        )
    for name, array in (("a", a), ("b", b), ("W", W)):
        if not np.all(np.isfinite(array)):
            raise ValueError(
                f"{name} must be finite, got {np.count_nonzero(~np.isfinite(array))} entries that are NaN or "
                "infinite: look for a learning step that was too large"
            )
    return a, b, W


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
    J = check_array("J", J.toarray() if hasattr(J, "toarray") else J).astype(float, copy=False)
    h = check_array("h", h).astype(float, copy=False)
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
    number = _as_number(side)
    if not 2 <= number < np.inf or int(number) != number:
        raise ValueError(
            f"a lattice must have sides of at least 2, got side {_shown(side)}: at side 1 a spin would be its own "
            "neighbour"
        )
    return int(side)


# ---------------------------------------------------------------- arrays and numbers of any meaning


def check_array(name, values):
    """An array of real numbers, as it is, after checking that it is one.

    Parameters
    ----------
    name : str
        What to call it in the error.
    values : array

    Returns
    -------
    array

    Raises
    ------
    ValueError
        If it is ragged, complex, text or an object of another kind: numpy would drop an imaginary part, and read
        numbers out of text.

    Examples
    --------
    >>> check_array("x", [[1, 2], [3]])
    Traceback (most recent call last):
    ...
    ValueError: x must be an array of real numbers, got rows of different lengths
    """
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} must be an array of real numbers, got rows of different lengths") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be an array of real numbers, got one of type {array.dtype}")
    return array


def check_number(name, value, least=-np.inf):
    """One finite real number as a float, after checking that it is one and large enough.

    Parameters
    ----------
    name : str
        What to call it in the error.
    value, least : float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        Says what was given and what was expected.

    Examples
    --------
    >>> check_number("J", None)
    Traceback (most recent call last):
    ...
    ValueError: J must be one finite number, got None
    """
    number = _as_number(value)
    if not least <= number < np.inf or number == -np.inf:
        bound = f", {least:g} or above" if np.isfinite(least) else ""
        raise ValueError(f"{name} must be one finite number{bound}, got {_shown(value)}")
    return number


def check_shape(shape):
    """Rows and columns of a lattice as a pair of ints, after checking that they are two sides.

    Parameters
    ----------
    shape : (int, int)

    Returns
    -------
    (int, int)

    Raises
    ------
    ValueError
        Says what was given and what was expected.

    Examples
    --------
    >>> check_shape(4)
    Traceback (most recent call last):
    ...
    ValueError: the shape of a lattice must be two sides, such as (4, 4), got 4
    """
    if not isinstance(shape, tuple | list | np.ndarray) or len(shape) != 2:
        raise ValueError(f"the shape of a lattice must be two sides, such as (4, 4), got {_shown(shape)}")
    return check_side(shape[0]), check_side(shape[1])


def check_model(model):
    """The model, after checking that it is one.

    Parameters
    ----------
    model : Model

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        Says what was given and what was expected.

    Examples
    --------
    >>> check_model([0.3, 0.1])
    Traceback (most recent call last):
    ...
    ValueError: model must be a model, such as ising.Ising(J, h) or ising.LatticeIsing(J, h, shape), got [0.3, 0.1]
    """
    if isinstance(model, type) or not hasattr(model, "parameters"):
        raise ValueError(
            f"model must be a model, such as ising.Ising(J, h) or ising.LatticeIsing(J, h, shape), got {_shown(model)}"
        )
    return model


def _as_number(value):
    """As a float, NaN if it is no single real number."""
    try:
        return float(value) if np.ndim(value) == 0 and not isinstance(value, str | bytes | np.datetime64) else np.nan
    except (TypeError, ValueError):  # complex, an object, rows of different lengths
        return np.nan


def _shown(value):
    return " ".join(repr(value).split())[:60]


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
    number = _as_number(value)
    if not least <= number < np.inf or int(number) != number:
        raise ValueError(f"{name} must be a whole number, {least} or more, got {_shown(value)}")
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
    if not 0 <= _as_number(beta) < np.inf:
        raise ValueError(
            f"beta must be one finite number, 0 or above, got {_shown(beta)}: for a system that likes to disagree "
            "change the signs of J and h instead"
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
    if not _as_number(temperature) > 0:
        raise ValueError(
            f"a temperature must be above 0, got {_shown(temperature)}: as T -> 0 only states of lowest energy are "
            "left, chains freeze in the first valley; to find such states use sampling.anneal and end near zero"
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
