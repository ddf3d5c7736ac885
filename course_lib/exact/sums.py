"""The sums over all states behind `enumeration`: arrays in, arrays out, as in `course_lib.kernels`.

Couplings and fields come checked, from a model or from the functions of `enumeration`, and multiplied by beta.
"""

import numpy as np

MAX_SPINS = 25

# A block of the table of states should stay in the processor's cache while it is made, exponentiated and summed.
BLOCK_SIZE = 2**15
MAX_LOW_SPINS = 10


class NotSummable(ValueError):
    """Raised where a sum over all states is too long, or its terms cancel: it has to be estimated."""


def spins_of(k, n):
    """The states of n spins with these numbers: spin i is +1 where bit i of k is set."""
    bits = np.unpackbits(k.astype("<u4").view(np.uint8).reshape(-1, 4), axis=1, count=n, bitorder="little")
    spins = bits.view(np.int8)
    spins *= 2
    spins -= 1
    return spins


def all_states(n):
    """Every state of n spins, in order."""
    check_size(n)
    return spins_of(np.arange(2**n), n)


def log_weights(J, h):
    """Minus the energy of every state, in order."""
    return np.concatenate([block.ravel() for _, block in _log_weights(J, h)])


def distribution(J, h):
    """Probability of every state, in order."""
    log_weight = log_weights(J, h)
    weights = np.exp(log_weight - log_weight.max())
    return weights / weights.sum()


def log_partition(J, h):
    """Log of the sum of all weights."""
    total = 0.0
    for _, weights, rescale, top in _weights(J, h):
        total = total * rescale + weights.sum()
        log_Z = top + np.log(total)
    return float(log_Z)


def moments(J, h):
    """Means (N,) and correlations (N, N) of the spins."""
    low, high = _halves(len(h))
    low_and_one, high_and_one = _append_one(low), _append_one(high)
    low_weight, joint = 0.0, 0.0
    for rows, weights, rescale, _ in _weights(J, h):
        # Sums over the low spins: first of s_low and of 1, then of s_high, which they leave alone.
        summed = weights @ low_and_one
        summed = np.hstack([summed, summed[:, -1:] * high[rows]])
        joint = joint * rescale + high_and_one[rows].T @ summed
        low_weight = low_weight * rescale + weights.sum(axis=0)
    n_low, Z = low.shape[1], joint[-1, low.shape[1]]
    mean = np.delete(joint[-1], n_low) / Z
    correlation = np.empty((len(mean), len(mean)))
    correlation[:n_low, :n_low] = (low.T * low_weight) @ low / Z
    correlation[n_low:] = np.delete(joint[:-1], n_low, axis=1) / Z
    correlation[:n_low, n_low:] = correlation[n_low:, :n_low].T
    np.fill_diagonal(correlation, 1.0)
    return mean, correlation


def statistics_moments(J, h):
    """Mean (P,) and covariance (P, P) of the statistics of an `Ising`, by a Walsh-Hadamard transform."""
    n, product = len(h), distribution(J, h)
    # After the pass of spin i, entries with bit i set are summed with the factor s_i, the others without. In the
    # end entry k is the mean of the product of the spins whose bits are set in k.
    for spin in range(n):
        down_and_up = product.reshape(-1, 2, 2**spin)
        down, up = down_and_up[:, 0], down_and_up[:, 1]
        down_and_up[:, 0], down_and_up[:, 1] = up + down, up - down
    spins = 2 ** np.arange(n)
    i, j = np.triu_indices(n, 1)
    factors = np.concatenate([spins[i] | spins[j], spins])
    mean = product[factors]
    # A spin that is in both factors drops out of their product: s_i**2 = 1, and so does the exclusive or.
    return mean, product[factors[:, None] ^ factors] - np.outer(mean, mean)


def check_size(n):
    """Refuse what enumeration cannot do."""
    if n > MAX_SPINS:
        raise NotSummable(
            f"enumeration is for at most {MAX_SPINS} spins, got {n}: it would visit all 2^{n} states, and their "
            f"energies alone would fill {2.0 ** (min(n, 1000) - 27):.2g} GB; use sampling.sample, or for log Z "
            "divergence.ais_log_partition, for a periodic lattice exact.lattice, for a ring exact.ring"
        )


def _log_weights(J, h):
    """Yield (rows, block): the table with one row a state of the high spins and one column a state of the low ones."""
    low, high = _halves(len(h))
    n_low = low.shape[1]
    # E(low, high) = E(low) + E(high) - high J low: the two energies ride along in the one matrix product.
    left = np.column_stack(
        [high @ J[n_low:, :n_low], _log_weight(high, J[n_low:, n_low:], h[n_low:]), np.ones(len(high))]
    )
    right = np.vstack([low.T, np.ones(len(low)), _log_weight(low, J[:n_low, :n_low], h[:n_low])])
    n_rows = BLOCK_SIZE // len(low)
    for start in range(0, len(high), n_rows):
        rows = slice(start, start + n_rows)
        yield rows, left[rows] @ right


def _log_weight(spins, J, h):
    # s.J.s visits each pair twice: hence the half.
    return 0.5 * np.sum((spins @ J) * spins, axis=1) + spins @ h


def _weights(J, h):
    """Yield (rows, exp(block - top), rescale, top): what was summed so far, times rescale, is relative to top."""
    top = -np.inf
    for rows, block in _log_weights(J, h):
        old_top, top = top, max(top, block.max())
        block -= top
        yield rows, np.exp(block, out=block), np.exp(old_top - top), top


def _halves(n):
    """All states of the low spins and of the high spins, as floats for the matrix products."""
    check_size(n)
    n_low = min((n + 1) // 2, MAX_LOW_SPINS)
    return all_states(n_low).astype(float), all_states(n - n_low).astype(float)


def _append_one(spins):
    return np.column_stack([spins, np.ones(len(spins))])
