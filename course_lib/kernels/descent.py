"""Going downhill: flip each spin of a network that lowers the energy, one at a time, until none does."""

from course_lib.kernels import njit


@njit(cache=True, nogil=True)
def sweep(spins, fields, J, order, tolerance):
    """Visit the sites of each row of spins (n_cues, N) in this order; the fields (n_cues, N) are kept up to date.

    A spin turns only where its field is against it by more than the tolerance. Returns how often one did in any row.
    """
    n_cues, n = spins.shape
    flips = 0
    for cue in range(n_cues):
        for i in order:
            if spins[cue, i] * fields[cue, i] < -tolerance:
                change = -2.0 * spins[cue, i]
                spins[cue, i] = -spins[cue, i]
                for j in range(n):
                    fields[cue, j] += change * J[i, j]
                flips += 1
    return flips
