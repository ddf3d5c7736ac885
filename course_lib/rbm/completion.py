"""Completion: some visible units are known, the machine says what the others may be."""

import numpy as np

from course_lib.inputs import check_array, check_count
from course_lib.rbm.models import check_machine
from course_lib.rbm.sums import mean_under
from course_lib.sampling import random_states

ROUNDS = 1000
TOLERANCE = 1e-6


def complete(model, x, known, *, sweeps=100, rng):
    """Draw the unknown visible units, given the known ones: Gibbs sampling in which these are held.

    Each call gives one possible completion. Repeat x to see several, and average them for the probability of each unit.

    Parameters
    ----------
    model : RBM or GaussianRBM
    x : array, shape (..., n_visible)
        What stands at unknown units is not looked at, save that it must be a value of such a unit.
    known : array of bool, shape (n_visible,) or (..., n_visible)
    sweeps : int
        1 or more, from a random start.
    rng : numpy.random.Generator or seed

    Returns
    -------
    array of float32, shape (..., n_visible)

    Raises
    ------
    ValueError
        If x does not fit the model, ``known`` is not True or False for each unit, or sweeps is below 1.

    Examples
    --------
    Two units that agree: who knows the first, knows the second.

    >>> from course_lib.rbm import RBM
    >>> model = RBM(a=[-10, -10], b=[-20], W=[[20], [20]])
    >>> complete(model, [[0, 0], [1, 0]], known=[True, False], rng=1).tolist()
    [[0.0, 0.0], [1.0, 1.0]]
    """
    x, known = _checked(model, x, known)
    x, rng = x.astype(np.float32), np.random.default_rng(rng)
    states = np.where(known, x, random_states(model, x.size // x.shape[-1], rng=rng).reshape(x.shape))
    for _ in range(check_count("sweeps", sweeps, 1)):
        states = np.where(known, x, model.draw_visible(model.draw_hidden(states, rng=rng), rng=rng))
    return states


def mean_field_completion(model, x, known):
    """Means of the unknown visible units, given the known ones, in mean field: quick, smooth, and too sure of itself.

    Hidden and unknown units are treated as independent, each in the mean field of the other layer: one layer is set to
    its mean given the other's, in turn, until nothing changes. Where several completions are likely it settles on one.

    Parameters
    ----------
    model : RBM or GaussianRBM
    x, known
        As for `complete`.

    Returns
    -------
    array, shape (..., n_visible)
        Known units as they are.

    Raises
    ------
    ValueError
        As `complete`.

    Examples
    --------
    >>> from course_lib.rbm import RBM
    >>> model = RBM(a=[-4, -4], b=[-8], W=[[8], [8]])
    >>> mean_field_completion(model, [[0, 0], [1, 0]], known=[True, False]).round(2).tolist()
    [[0.0, 0.02], [1.0, 0.98]]
    """
    x, known = _checked(model, x, known)
    x = x.astype(float, copy=False)
    mean = np.where(known, x, model.visible_mean(np.full(len(model.b), 0.5)))
    for _ in range(ROUNDS):
        new = np.where(known, x, model.visible_mean(mean_under(model.hidden_pull(mean))))
        change, mean = np.abs(new - mean).max(initial=0), new
        if change <= TOLERANCE:
            break
    return mean


def _checked(model, x, known):
    """Some configurations, and which of their units are known, after checking that it is said of each."""
    x, known = check_machine(model).checked(x), check_array("known", known)
    if not x.size:
        raise ValueError(f"x must hold at least one configuration, got shape {x.shape}")
    if known.dtype != bool or known.shape not in (x.shape, x.shape[-1:]):
        raise ValueError(
            f"known must be True or False for each of the {x.shape[-1]} visible units, or for each of those of every "
            f"configuration, got {known.dtype} of shape {known.shape}"
        )
    return x, known
