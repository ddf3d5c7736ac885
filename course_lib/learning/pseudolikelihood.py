"""Pseudo-likelihood: what each spin says given all the others. It never sums over the states of the model."""

import numpy as np

from course_lib.inputs import check_batch, check_images, check_spins
from course_lib.ising import Ising, LatticeIsing, _neighbour_sum
from course_lib.learning.result import Fit
from course_lib.learning.steps import check_penalty
from course_lib.learning.stopping import Diverged

MAX_STEPS = 100  # Newton needs some 5 to 15
TOLERANCE = 1e-10  # of the slope, for one spin of one sample
SETTLED, RUNNING = 1e-3, 0.1  # how far the last step moved the local field that moved most
LARGEST_SANDWICH = 1000  # parameters; their errors take P x P sums over all samples
LEAST_SAMPLES = 10  # a standard deviation from ten is good to 24 %
BLOCK = 2000  # rows of scores at a time
CODED_SPINS = 52  # as many bits as a double holds


def pseudo_likelihood(data, *, l2=0.0):
    """Couplings and fields that predict each spin best from all others, in one fit with symmetric couplings.

    What climbs is the pseudo-likelihood, the mean over the samples of ``sum_i log p(s_i | the others)``. Each of its
    terms is a logistic regression, ``p(s_i | the others) = 1 / (1 + exp(-2 s_i (sum_j J_ij s_j + h_i)))``, so Z never
    appears. It is concave, and Newton's method finds its one maximum; the time grows as M N^2. With infinite data of
    an Ising model the answer is exact. With M samples its error is at best that of maximum likelihood, and larger
    where couplings are strong.

    The standard errors are those of an estimate that is not the most likely one: the sandwich ``H^-1 V H^-1 / M``, H
    the curvature of the pseudo-likelihood and V the covariance of a sample's slopes. They hold even if the data are
    not from an Ising model, and were found right down to two samples a parameter. They leave out that l2 pulls the
    parameters towards 0.

    Parameters
    ----------
    data : array of +-1, shape (..., N)
        The leading axes count the M samples, which should be independent.
    l2 : float or array (P,)
        Penalty, 0 or above: what climbs is the pseudo-likelihood minus ``sum l2 theta^2 / 2``. A normal prior of
        deviation sigma is ``l2 = 1 / (M sigma^2)``. P = N (N - 1) / 2 + N, in the order of `Ising`.

    Returns
    -------
    Fit
        Of an `Ising`. ``standard_errors`` is None above 1000 parameters (44 spins), or with fewer than ten samples.
        ``history`` holds the largest slope of the penalised pseudo-likelihood.

    Raises
    ------
    Diverged
        If there is no finite maximum: without penalty, when some spin or combination of spins is certain given the
        others in all samples. It carries what was reached.
    ValueError
        If the data are not +-1 or empty, or l2 is out of range.

    Notes
    -----
    Besag, The Statistician 24, 179, 1975. With one regression a spin instead of one for all: Ravikumar, Wainwright
    and Lafferty, Ann. Stat. 38, 1287, 2010; Aurell and Ekeberg, Phys. Rev. Lett. 108, 090201, 2012. Sandwich: Godambe,
    Ann. Math. Stat. 31, 1208, 1960.

    Examples
    --------
    Two spins agree in three samples of four. Given the other, a spin agrees with it with probability 3/4, and
    ``log(3) / 2 = atanh(1/2)``.

    >>> fitted = pseudo_likelihood([[1, 1], [-1, -1], [1, 1], [-1, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]])
    >>> fitted.J.round(3), fitted.h.round(3) + 0.0
    (array([[0.   , 0.549],
           [0.549, 0.   ]]), array([0., 0.]))
    """
    return fit_spins(check_batch(check_spins(data), 1), l2)


def fit_spins(spins, l2):
    """`pseudo_likelihood` of spins (n_samples, N) that were checked."""
    n = spins.shape[1]
    model = Ising(np.zeros((n, n)), np.zeros(n))
    return _most_pseudo_likely(model, _Spins(spins), check_penalty("l2", l2, model))


def pseudo_likelihood_images(images, *, l2=0.0):
    """The coupling and the field of a periodic lattice that predict each spin best from its four neighbours.

    What climbs is the mean over the images of ``sum_i log p(s_i | its neighbours)``. All that counts is how often
    each of the 5 sums of neighbours goes with each of the 2 spins, a table of 10 numbers. Near the critical point this
    throws much away: for 100 images of 32 x 32 at J = 0.44, h = 0.02 the error of J is 1.7 times that of maximum
    likelihood, the error of h 2.3 times.

    The standard errors are the sandwich of `pseudo_likelihood`, from the spread of the slopes of whole images. The
    spins inside an image depend on each other, so a single image, or a few, tell no such error.

    Parameters
    ----------
    images : array of +-1, shape (..., rows, cols)
        The leading axes count the images, which should be independent. At side 2 a neighbour counts twice.
    l2 : float or array (2,)
        Penalty as in `pseudo_likelihood`, on J and h. The pseudo-likelihood of an image grows with its sites.

    Returns
    -------
    Fit
        Of a `LatticeIsing`. ``standard_errors`` is None with fewer than ten images.

    Raises
    ------
    Diverged
        As `pseudo_likelihood`: for example if each image is all up or all down.
    ValueError
        If the images are not +-1 or empty, or l2 is out of range, or all sites have the same sum of neighbours, as
        when all images are all up: then J and h cannot be told apart.

    Examples
    --------
    >>> from course_lib.sampling import sample_images
    >>> fitted = pseudo_likelihood_images(sample_images(0.3, 0.1, (16, 16), 200, burn_in=100, rng=1))
    >>> bool(np.all(np.abs(fitted.model.parameters - [0.3, 0.1]) < 5 * fitted.standard_errors))
    True
    """
    return fit_sites(check_batch(check_images(images), 2), l2)


def fit_sites(images, l2):
    """`pseudo_likelihood_images` of images (n_images, rows, cols) that were checked."""
    model, conditionals = LatticeIsing(0.0, 0.0, images.shape[1:]), _Sites(images)
    l2 = check_penalty("l2", l2, model)
    totals = conditionals.design[:, 0]
    if np.ptp(totals) == 0 and not (l2.any() if totals[0] else l2[0]):
        raise ValueError(
            f"every site of the images has the neighbour sum {totals[0]:g}, so that J and h cannot be told apart: take "
            "other images, or pass l2 above 0"
        )
    return _most_pseudo_likely(model, conditionals, l2)


# ---------------------------------------------------------------- the most pseudo-likely parameters


def _most_pseudo_likely(model, conditionals, l2):
    theta, wrong, history = _climb(model, conditionals, l2)
    errors = None
    if conditionals.n_samples >= LEAST_SAMPLES and len(theta) <= LARGEST_SANDWICH:
        errors = _sandwich_errors(conditionals, wrong, l2)
    return Fit(model.step(theta), errors, np.array(history), "converged")


def _climb(model, conditionals, l2):
    """Maximum of ``sum weights log p(outcomes | fields) - l2 theta^2 / 2`` by Newton's method, from theta = 0.

    Returns theta, `_wrong` there, and the history of slopes. Where theta runs away, the slope vanishes like
    exp(-2 field) and so does the curvature: Newton's step stays 1/2, which tells it from a maximum.
    """
    outcomes, weights = conditionals.outcomes, conditionals.weights
    theta, fields, reach, history = np.zeros_like(l2), np.zeros(outcomes.shape), 0.0, []
    tolerance = TOLERANCE * np.sum(weights)
    for _ in range(MAX_STEPS):
        wrong = _wrong(outcomes * fields)
        slope = conditionals.gather(weights * outcomes * wrong) - l2 * theta
        history.append(np.abs(slope).max())
        if history[-1] <= tolerance:
            if reach <= SETTLED:
                return theta, wrong, history
            if reach > RUNNING and not l2.any():
                break
        # Far away a rough step is as good as an exact one.
        accuracy = min(0.3, np.sqrt(history[-1] / np.sum(weights)))
        step = conditionals.newton_step(weights * wrong * (2 - wrong), slope, l2, accuracy)
        along = conditionals.fields(step)
        length = _length(conditionals, fields, along, (l2 * step) @ theta, (l2 * step) @ step)
        theta, fields = theta + length * step, fields + length * along
        reach = length * np.abs(along).max()
    raise Diverged(
        model.step(theta),
        history,
        f"the pseudo-likelihood has no finite maximum on these data: after {len(history) - 1} steps parameters up to "
        f"{np.abs(theta).max():.3g} still grow, as some spin is certain given the others; take more samples, or pass "
        "l2 above 0",
    )


def _wrong(agreement):
    """Twice the probability of the other outcome, from outcome times field F: 1 - tanh F, without its round-off.

    The slope of log p by the field is this times the outcome s, the curvature is minus this times (2 - this).
    """
    with np.errstate(over="ignore"):
        return 2 / (1 + np.exp(2 * agreement))


def _length(conditionals, fields, along, penalty_slope, penalty_curvature):
    """How much of a Newton step to take: as much as does not pass the maximum on its line.

    The third derivative of log p is at most twice the second. Hence log(1 + R) / R of the step, with R twice the
    largest change of a field, never passes it (Bach, Electron. J. Stat. 4, 384, 2010; Sun and Tran-Dinh, Math.
    Program. 178, 145, 2019). Most often more is possible.
    """
    outcomes = conditionals.outcomes
    pull, reach = conditionals.weights * outcomes * along, 2 * np.abs(along).max()
    safe, length = np.log1p(reach) / reach if reach > 0 else 1.0, 1.0
    while length > safe:
        slope = np.sum(pull * _wrong(outcomes * (fields + length * along)))
        if slope >= penalty_slope + length * penalty_curvature:
            return length
        length *= 0.7
    return safe


def _sandwich_errors(conditionals, wrong, l2):
    """Errors of a maximum from its curvature H and the covariance V of a sample's slopes: ``H^-1 V H^-1 / M``."""
    curvature = conditionals.curvature(conditionals.weights * wrong * (2 - wrong)) + np.diag(l2)
    mean, square = np.zeros_like(l2), np.zeros_like(curvature)
    for scores, counts in conditionals.scores(wrong):
        mean += counts @ scores
        square += (scores.T * counts) @ scores
    n = conditionals.n_samples
    mean /= n
    covariance = (square - n * np.outer(mean, mean)) / (n - 1)
    inverse = np.linalg.inv(curvature)
    return np.sqrt(np.diag(inverse @ covariance @ inverse) / n)


class _Spins:
    """Each of N spins given all others: outcomes s_i in the fields ``sum_j J_ij s_j + h_i``, one row a state.

    States that occur more than once are one row with a larger weight.
    """

    def __init__(self, spins):
        self.n_samples, n = spins.shape
        states, self.counts = _distinct(spins)
        self.outcomes = states.astype(float)
        self.weights = self.counts[:, None] / self.n_samples
        self.pairs = np.triu_indices(n, 1)
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

        return _conjugate_gradients(curve, self._preconditioner(curvatures, l2), slope, accuracy)

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
        i, j = self.pairs
        for start in range(0, len(wrong), BLOCK):
            block = slice(start, start + BLOCK)
            s, q = self.outcomes[block], wrong[block]
            yield np.hstack([s[:, i] * s[:, j] * (q[:, i] + q[:, j]), s * q]), self.counts[block]

    def _unpack(self, theta):
        n_pairs, n = len(self.pairs[0]), self.outcomes.shape[1]
        J = np.zeros((n, n))
        J[self.pairs] = theta[:n_pairs]
        return J + J.T, theta[n_pairs:]

    def _pack(self, J, h):
        return np.concatenate([J[self.pairs], h])


class _Sites:
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


def _distinct(spins):
    """The states that occur, shape (rows, N), and how often."""
    n = spins.shape[1]
    if n > CODED_SPINS:
        return spins, np.ones(len(spins))
    _, first, counts = np.unique((spins > 0) @ 2.0 ** np.arange(n), return_index=True, return_counts=True)
    return spins[first], counts.astype(float)


def _conjugate_gradients(curve, precondition, slope, accuracy):
    """Solution of ``curve(step) = slope``, until the preconditioned norm of the rest has shrunk to the accuracy."""
    step, rest = np.zeros_like(slope), slope
    direction = better = precondition(rest)
    norm = first = rest @ better
    for _ in range(len(slope)):
        if norm <= accuracy**2 * first:
            break
        curved = curve(direction)
        share = norm / (direction @ curved)
        step, rest = step + share * direction, rest - share * curved
        better = precondition(rest)
        norm, before = rest @ better, norm
        direction = better + norm / before * direction
    return step
