"""What pseudo-likelihood regresses on what: each spin on all others, and each site of a lattice on its neighbours."""

import numpy as np

from course_lib.ising import _neighbour_sum
from course_lib.learning.logistic import conjugate_gradients

BLOCK = 2000  # rows of scores at a time
LARGEST_CODE = 2**53  # whole numbers up to here are exact in a double


class Spins:
    """Each of N spins given all others: outcomes s_i in the fields ``sum_j J_ij s_j + h_i``, one row a state.

    ``counts`` says how often each state occurs.
    """

    def __init__(self, states, counts):
        self.n_samples, self.counts = counts.sum(), counts
        self.outcomes = states.astype(float)
        self.weights = counts[:, None] / self.n_samples
        self.pairs = np.triu_indices(states.shape[1], 1)
        weighted = self.outcomes * self.weights
        self.mean = weighted.sum(axis=0)
        self.covariance = weighted.T @ self.outcomes - np.outer(self.mean, self.mean)

    def fields(self, theta):
        """Change of each field with the parameters: shape (rows, N)."""
        J, h = self._unpack(theta)
        return self.outcomes @ J + h

    def gather(self, values):
        """What values (rows, N) on the fields are on the parameters: the transpose of `fields`."""
        products = self.outcomes.T @ values
        return self._pack(products + products.T, values.sum(axis=0))

    def newton_step(self, curvatures, slope, l2, accuracy):
        def curve(step):
            return self.gather(curvatures * self.fields(step)) + l2 * step

        return conjugate_gradients(curve, self._preconditioner(curvatures, l2), slope, accuracy)

    def _preconditioner(self, curvatures, l2):
        """Inverse of the curvature if all samples had the same curvature w_i of spin i.

        With fields at the mean spins, ``h + J m``, in place of h, the two decouple: h gets w_i, and J gets
        ``C J w + w J C`` with the covariance C of the spins, which the eigenvectors of ``w^-1/2 C w^-1/2`` undo.
        """
        n_pairs, w = len(self.pairs[0]), curvatures.sum(axis=0)
        root, between = 1 / np.sqrt(w), 1 - np.eye(len(w))
        # Of l2 there is only the mean; 1e-6 stands in where C has no inverse.
        ridge = 1e-6 + l2.mean() / 2
        values, vectors = np.linalg.eigh(root[:, None] * self.covariance * root + np.diag(ridge / w))

        def precondition(slope):
            J, h = self._unpack(slope)
            J = between * (J - np.outer(self.mean, h) - np.outer(h, self.mean))
            J = vectors.T @ (root[:, None] * J * root) @ vectors / np.add.outer(values, values)
            J = between * root[:, None] * (vectors @ J @ vectors.T) * root
            return self._pack(J, h / (w + l2[n_pairs:]) - J @ self.mean)

        return precondition

    def curvature(self, curvatures):
        """Matrix (P, P) of the curvature, spin by spin."""
        n = self.outcomes.shape[1]
        index = np.zeros((n, n), dtype=int)
        index[self.pairs] = np.arange(len(self.pairs[0]))
        index += index.T + np.diag(len(self.pairs[0]) + np.arange(n))
        total = np.zeros((n * (n + 1) // 2,) * 2)
        for i in range(n):
            others = self.outcomes.copy()
            others[:, i] = 1
            total[np.ix_(index[i], index[i])] += (others.T * curvatures[:, i]) @ others
        return total

    def scores(self, wrong):
        """Slopes of single samples, shape (block, P), and how often each occurs."""
        for start in range(0, len(wrong), BLOCK):
            block = slice(start, start + BLOCK)
            yield self.scores_of(block, wrong), self.counts[block]

    def scores_of(self, rows, wrong):
        """Slopes of these rows, shape (n, P)."""
        (i, j), s, q = self.pairs, self.outcomes[rows], wrong[rows]
        return np.hstack([s[:, i] * s[:, j] * (q[:, i] + q[:, j]), s * q])

    def missing_part(self, wrong):
        """What filling in missing spins takes from the curvature: nothing, where none is missing."""
        return 0.0

    def _unpack(self, theta):
        n_pairs, n = len(self.pairs[0]), self.outcomes.shape[1]
        J = np.zeros((n, n))
        J[self.pairs] = theta[:n_pairs]
        return J + J.T, theta[n_pairs:]

    def _pack(self, J, h):
        return np.concatenate([J[self.pairs], h])


class Sites:
    """Each site of a lattice given its neighbours: the 10 cells of spin and neighbour sum, with their numbers."""

    def __init__(self, images):
        self.n_samples = len(images)
        sums = _neighbour_sum(images)
        cells = [(spin, total) for spin in (-1, 1) for total in (-4, -2, 0, 2, 4)]
        counts = [np.sum((images == spin) & (sums == total), axis=(1, 2)) for spin, total in cells]
        seen = np.any(counts, axis=1)
        self.counts = np.transpose(counts)[:, seen].astype(float)
        self.outcomes, totals = np.array(cells, dtype=float)[seen].T
        self.weights = self.counts.mean(axis=0)
        self.design = np.stack([totals, np.ones_like(totals)], axis=1)

    def fields(self, theta):
        """Change of the field of each cell with the parameters."""
        return self.design @ theta

    def gather(self, values):
        """The transpose of `fields`."""
        return values @ self.design

    def newton_step(self, curvatures, slope, l2, accuracy):
        return np.linalg.solve(self.curvature(curvatures) + np.diag(l2), slope)

    def curvature(self, curvatures):
        return (self.design.T * curvatures) @ self.design

    def scores(self, wrong):
        """Slopes of single images, and how often each occurs."""
        yield (self.counts * self.outcomes * wrong) @ self.design, np.ones(self.n_samples)

    def missing_part(self, wrong):
        """None is missing."""
        return 0.0


def distinct(spins, counts):
    """The states that occur, shape (rows, N), and how often; spins may be 0 where they are missing."""
    n = spins.shape[1]
    base, digits = (3, spins + 1) if np.any(spins == 0) else (2, spins > 0)
    if base**n > LARGEST_CODE:
        return spins, counts
    _, first, row = np.unique(digits @ float(base) ** np.arange(n), return_index=True, return_inverse=True)
    return spins[first], np.bincount(row, weights=counts)
