"""Missing spins: filled in in every way, each as likely as the model says, given what is there of the sample.

Averaged over these, the slope of the pseudo-likelihood is 0 on average at the true parameters, if entries are missing
completely at random: what is filled in then has the law of what was there (Dempster, Laird and Rubin, J. R. Stat. Soc.
B 39, 1, 1977, do so for the likelihood). The own term of a missing spin drops out: its mean is that of a spin in its
field. In the terms of the others it counts with both its values. To leave it out of their fields, as if it were 0, is
simpler and biased, whatever the number of samples.
"""

import numpy as np

from course_lib.inputs import check_memory
from course_lib.ising import _energy
from course_lib.learning.conditionals import BLOCK, Spins

BYTES_A_SPIN = 80  # of a completed sample: some ten doubles while a fit is at work


class Completions:
    """All ways to fill in samples (n, N) of +-1 with 0 where a spin is missing; each counts as often as ``counts``."""

    def __init__(self, samples, counts):
        absent = np.all(samples == 0, axis=0)
        if absent.any():
            raise ValueError(
                f"spin {np.flatnonzero(absent)[0]} is missing in all samples, so that they say nothing about it: leave "
                "it out"
            )
        n_missing = np.sum(samples == 0, axis=1)
        check_memory(
            BYTES_A_SPIN * samples.shape[1] * np.sum(2.0**n_missing),
            what=f"all ways to fill in samples in which up to {n_missing.max()} spins are missing",
            instead="leave out the samples in which most are missing",
        )
        order = np.argsort(n_missing, kind="stable")
        filled = [_filled(samples[n_missing == m], m) for m in np.unique(n_missing)]
        self._states, self._counts = np.concatenate(filled), counts[order]
        self._ways = 2 ** n_missing[order]

    def weighted(self, model):
        """All completed samples, each counted as likely as this model says, given what was there."""
        first = np.cumsum(self._ways) - self._ways
        log_weights = -_energy(self._states, model.J, model.h)
        log_weights -= np.repeat(np.maximum.reduceat(log_weights, first), self._ways)
        weights = np.exp(log_weights)
        weights *= np.repeat(self._counts / np.add.reduceat(weights, first), self._ways)
        return _Completed(self._states, weights, first)


def _filled(samples, n_missing):
    """Samples (n, N), each in all 2^n_missing ways, one after the other."""
    ways = 2 * (np.arange(2**n_missing)[:, None] >> np.arange(n_missing) & 1) - 1
    where = np.nonzero(samples == 0)[1].reshape(len(samples), 1, n_missing)
    filled = np.repeat(samples[:, None], len(ways), axis=1)
    np.put_along_axis(filled, where, ways[None].astype(samples.dtype), axis=2)
    return filled.reshape(-1, samples.shape[1])


class _Completed(Spins):
    """Completed samples, of which those from ``first[k]`` to ``first[k + 1]`` are one sample."""

    def __init__(self, states, counts, first):
        super().__init__(states, counts)
        self._first = first

    def scores(self, wrong):
        """Slopes of single samples, averaged over the ways to fill them in, and how often each occurs."""
        for rows, first in self._blocks():
            totals = np.add.reduceat(self.counts[rows], first)
            weighted = self.counts[rows, None] * self.scores_of(rows, wrong)
            yield np.add.reduceat(weighted, first) / totals[:, None], totals

    def missing_part(self, wrong):
        """Covariance of the slopes and the statistics over the ways to fill in, averaged over the samples.

        So much the slope changes as other parameters fill in otherwise.
        """
        total = 0.0
        for rows, first in self._blocks():
            counts, s = self.counts[rows, None], self.outcomes[rows]
            totals = np.add.reduceat(counts, first)
            i, j = self.pairs
            scores, statistics = self.scores_of(rows, wrong), np.hstack([s[:, i] * s[:, j], s])
            mean = np.add.reduceat(counts * scores, first) / totals
            total = total + (counts * scores).T @ statistics
            total -= (totals * mean).T @ (np.add.reduceat(counts * statistics, first) / totals)
        return total / self.n_samples

    def _blocks(self):
        """Whole samples, some `BLOCK` rows at a time: the rows, and where in them each sample begins."""
        ends, start = np.append(self._first[1:], len(self.counts)), 0
        while start < len(self._first):
            stop = max(start + 1, int(np.searchsorted(ends, self._first[start] + BLOCK, side="right")))
            rows = slice(self._first[start], ends[stop - 1])
            yield rows, self._first[start:stop] - self._first[start]
            start = stop
