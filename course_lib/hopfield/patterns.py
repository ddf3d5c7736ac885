"""Patterns and states: how much they are alike, cues made of them, and what recall came to."""

from dataclasses import dataclass

import numpy as np

from course_lib.inputs import check_number, check_spins

RECALLED = 0.9  # an overlap above this counts as the pattern


def check_patterns(patterns):
    """Patterns as an int8 array, after checking that they are rows of +-1.

    Parameters
    ----------
    patterns : array of +-1, shape (P, N)

    Returns
    -------
    array of int8, shape (P, N)

    Raises
    ------
    ValueError
        Says what was given, what was expected, and what to do.

    Examples
    --------
    >>> check_patterns(np.ones((3, 5, 5)))
    Traceback (most recent call last):
    ...
    ValueError: patterns must have two axes, one row of spins for each, got shape (3, 5, 5): pass \
pictures.reshape(len(pictures), -1)
    """
    patterns = check_spins(patterns)
    if patterns.ndim != 2 or patterns.size == 0:
        help_ = (
            "pass pictures.reshape(len(pictures), -1)" if patterns.ndim > 2 else "pass at least one, as [[+1, -1, ...]]"
        )
        raise ValueError(f"patterns must have two axes, one row of spins for each, got shape {patterns.shape}: {help_}")
    return patterns


def overlap(states, patterns):
    """How much each state is like each pattern: ``m = xi . s / N``, 1 if equal, 0 if unrelated, -1 if reversed.

    Parameters
    ----------
    states : array of +-1, shape (..., N)
    patterns : array of +-1, shape (P, N)

    Returns
    -------
    array, shape (..., P)

    Raises
    ------
    ValueError
        If spins are not +-1, or states and patterns of different width.

    Examples
    --------
    >>> overlap([1, 1, 1, -1], [[1, 1, 1, 1], [1, 1, -1, -1]])
    array([0.5, 0.5])
    """
    patterns = check_patterns(patterns)
    return _overlap(check_states_of(patterns, states), patterns)


def _overlap(states, patterns):
    # Floats: int8 products would wrap round at 127 without a word.
    return states.astype(float) @ patterns.T / patterns.shape[1]


def check_states_of(patterns, states):
    """States as an int8 array, after checking that they are as wide as the patterns.

    Parameters
    ----------
    patterns : array of int8, shape (P, N)
        Checked.
    states : array of +-1, shape (..., N)

    Returns
    -------
    array of int8, shape (..., N)

    Raises
    ------
    ValueError
        Says both widths.

    Examples
    --------
    >>> check_states_of(np.ones((2, 4), np.int8), [[1, 1, 1]])
    Traceback (most recent call last):
    ...
    ValueError: each state must have 4 spins, as the patterns have, got shape (1, 3)
    """
    states = check_spins(states)
    if states.shape[-1] != patterns.shape[1]:
        raise ValueError(
            f"each state must have {patterns.shape[1]} spins, as the patterns have, got shape {states.shape}"
        )
    return states


def corrupt(patterns, flipped, *, rng):
    """Cues: the patterns with a share of their spins turned, ``round(flipped N)`` of each, at random places.

    Parameters
    ----------
    patterns : array of +-1, shape (..., N)
        Left as they are.
    flipped : float
        From 0 to 1. At 0.5 a cue tells nothing, above it is nearer to the mirror image.
    rng : numpy.random.Generator or seed

    Returns
    -------
    array of int8, shape of ``patterns``

    Raises
    ------
    ValueError
        If the patterns are not +-1 or flipped is not between 0 and 1.

    Examples
    --------
    >>> corrupt(np.ones((3, 10), int), 0.2, rng=1).sum(axis=1)
    array([6, 6, 6])
    """
    patterns, flipped = check_spins(patterns), check_number("flipped", flipped, 0)
    if flipped > 1:
        raise ValueError(f"flipped must be a share of the spins, from 0 to 1, got {flipped:g}")
    n_flips = round(flipped * patterns.shape[-1])
    places = np.random.default_rng(rng).permuted(
        np.broadcast_to(np.arange(patterns.shape[-1]), patterns.shape), axis=-1
    )
    return np.where(places < n_flips, -patterns, patterns)


@dataclass(frozen=True, eq=False)
class Identified:
    """What `identify` says of states.

    Attributes
    ----------
    kinds : array of str, shape (...,)
        "memory", "mirror" (of a memory, all spins reversed), "mixture" (of an odd number of memories or mirrors: the
        majority of them, spin by spin) or "other".
    nearest : array of int, shape (...,)
        The pattern of largest |overlap|.
    overlaps : array, shape (...,)
        With that pattern.
    """

    kinds: np.ndarray
    nearest: np.ndarray
    overlaps: np.ndarray


def identify(states, patterns, *, threshold=RECALLED):
    """What recall came to: a memory, the mirror image of one, a mixture of 3, 5 or 7 memories, or something else.

    The last two are spurious: valleys that nobody stored. A mixture is ``sign(+-xi^1 +- xi^2 +- xi^3)``, and of random
    patterns overlaps 1/2 with each (Amit, Gutfreund and Sompolinsky, Phys. Rev. A 32, 1007, 1985). Looked for is the
    one of the patterns with the largest |overlap|.

    Parameters
    ----------
    states : array of +-1, shape (..., N)
    patterns : array of +-1, shape (P, N)
    threshold : float
        An overlap above this, with a pattern or a mixture, counts.

    Returns
    -------
    Identified

    Raises
    ------
    ValueError
        As `overlap`.

    Examples
    --------
    >>> patterns = np.random.default_rng(1).choice([-1, 1], size=(3, 200))
    >>> identify([patterns[1], -patterns[2], np.sign(patterns.sum(axis=0))], patterns).kinds
    array(['memory', 'mirror', 'mixture'], dtype='<U7')
    """
    patterns, threshold = check_patterns(patterns), check_number("threshold", threshold, 0)
    states = check_states_of(patterns, states)
    overlaps = _overlap(states, patterns)
    ranks = np.argsort(-np.abs(overlaps), axis=-1, kind="stable")
    nearest = ranks[..., :1]
    largest = np.take_along_axis(overlaps, nearest, axis=-1)[..., 0]
    mixed = np.zeros(largest.shape, bool)
    for k in range(3, min(7, len(patterns)) + 1, 2):
        some, votes = ranks[..., :k], np.zeros_like(overlaps)
        signs = np.where(np.take_along_axis(overlaps, some, axis=-1) < 0, -1, 1)
        np.put_along_axis(votes, some, signs, axis=-1)
        mixed |= np.mean(np.sign(votes @ patterns) * states, axis=-1) > threshold
    kinds = np.select(
        [largest > threshold, largest < -threshold, mixed], ["memory", "mirror", "mixture"], default="other"
    )
    return Identified(kinds, nearest[..., 0], largest)
