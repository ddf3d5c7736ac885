"""Exact sums over the hidden units of a machine of two layers, in blocks; and the two functions that they are made of.

Given the hidden units the visible ones are independent: a sum over their states is a product, and only the hidden
states are listed. `machine` says for a block of them the log of that product (``log_weight``) and ``visible_mean``.
"""

import numpy as np

from course_lib.exact import NotSummable
from course_lib.exact.sums import spins_of

MAX_UNITS = 20  # their 2^20 states take half a second with 64 units in the other layer

NUMBERS_AT_A_TIME = 2**15  # a block should stay in the processor's cache


def softplus(x):
    """``log(1 + exp(x))``, for any x."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def mean_under(pull):
    """Mean of a unit, ``1 / (1 + exp(-field))``, given ``tanh(field / 2)``."""
    mean = 0.5 * pull
    mean += 0.5
    return mean


def log_partition(machine):
    """Log of the sum over all states."""
    total = 0.0
    for _, weights, rescale, top in _weights(machine):
        total = total * rescale + weights.sum()
        log_Z = top + np.log(total)
    return float(log_Z)


def means(machine):
    """Mean of the visible units (n,), of the hidden ones (m,), and of their products (n, m)."""
    total, hidden, joint = 0.0, 0.0, 0.0
    for h, weights, rescale, _ in _weights(machine):
        weighted = weights[:, None] * machine.visible_mean(h)
        total, hidden = total * rescale + weights.sum(), hidden * rescale + weights @ h
        joint = joint * rescale + weighted.T @ np.column_stack([h, np.ones(len(h))])
    joint /= total
    return joint[:, -1], hidden / total, joint[:, :-1]


def check_size(n_states_of, n_units):
    """Refuse sums over the states of too many units."""
    if n_units > MAX_UNITS:
        raise NotSummable(
            f"exact sums run over all states of the {n_states_of}, at most {MAX_UNITS} units, got {n_units}: estimate "
            "log Z by divergence.ais_log_partition, and moments by chains: sampling.advance"
        )


def _weights(machine):
    """Yield (h, exp(log-weight - top), rescale, top): what was summed so far, times rescale, is relative to top."""
    top = -np.inf
    n_hidden, n_visible = len(machine.b), len(machine.a)
    at_a_time = max(1, NUMBERS_AT_A_TIME // (n_hidden + n_visible))
    for start in range(0, 2**n_hidden, at_a_time):
        h = (spins_of(np.arange(start, min(start + at_a_time, 2**n_hidden)), n_hidden) > 0).astype(float)
        log_weight = machine.log_weight(h)
        old_top, top = top, max(top, log_weight.max())
        yield h, np.exp(log_weight - top), np.exp(old_top - top), top
