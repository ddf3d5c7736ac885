"""Estimates that need no samples of the model: pseudo-likelihood, naive mean field, TAP.

Pseudo-likelihood asks of each spin what the others say about it. Mean field reads the couplings off the inverse of the
covariance. Neither ever sums over the states of the model.
"""

import numpy as np

from course_lib.ising import Ising, LatticeIsing, check_batch, check_images, check_spins, neighbour_sum
from course_lib.learning.loop import Diverged, Fit, check_penalty

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
    conditionals = _Spins(check_batch(check_spins(data), 1))
    n = conditionals.outcomes.shape[1]
    model = Ising(np.zeros((n, n)), np.zeros(n))
    return _most_pseudo_likely(model, conditionals, check_penalty("l2", l2, model))


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
    images = check_batch(check_images(images), 2)
    model, conditionals = LatticeIsing(0.0, 0.0, images.shape[1:]), _Sites(images)
    l2 = check_penalty("l2", l2, model)
    totals = conditionals.design[:, 0]
    if np.ptp(totals) == 0 and not (l2.any() if totals[0] else l2[0]):
        raise ValueError(
            f"every site of the images has the neighbour sum {totals[0]:g}, so that J and h cannot be told apart: take "
            "other images, or pass l2 above 0"
        )
    return _most_pseudo_likely(model, conditionals, l2)


def mean_field(data):
    """Naive mean field: couplings from the inverse of the covariance C of the spins.

    Each spin is taken to feel only the means of the others, ``m_i = tanh(h_i + sum_j J_ij m_j)``. How m answers to a
    change of h is C, and so ``J_ij = -(C^-1)_ij`` and ``h_i = atanh(m_i) - sum_j J_ij m_j``. The answer takes one
    inversion and no steps. It is right to first order in the couplings; beyond that it is biased, and more data do not
    help. As a standard error would not tell of that, there is none.

    Parameters
    ----------
    data : array of +-1, shape (..., N)
        The leading axes count the samples: more than N, at best many times as many.

    Returns
    -------
    Fit
        Of an `Ising`. ``standard_errors`` is None.

    Raises
    ------
    ValueError
        If the data are not +-1 or empty, or C has no inverse: a spin never changes, two are always equal or opposite,
        or there are too few samples.

    Notes
    -----
    Kappen and Rodriguez, Neural Computation 10, 1137, 1998; Tanaka, Phys. Rev. E 58, 2302, 1998.

    Examples
    --------
    Two spins with <s0 s1> = 1/2: the truth is atanh(1/2) = 0.549, mean field says 0.5 / (1 - 0.25).

    >>> data = [[1, 1], [-1, -1], [1, 1], [-1, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]]
    >>> mean_field(data).J.round(3)[0, 1]
    np.float64(0.667)
    """
    mean, inverse = _inverse_covariance(data)
    J = _without_diagonal(-inverse)
    return _solved(Ising(J, np.arctanh(mean) - J @ mean))


def tap(data):
    """Mean field of Thouless, Anderson and Palmer: like `mean_field`, right to second order in the couplings.

    A spin also feels its own echo in the others, ``m_i = tanh(h_i + sum_j J_ij m_j - m_i sum_j J_ij^2 (1 - m_j^2))``.
    Then ``(C^-1)_ij = -J_ij - 2 J_ij^2 m_i m_j``, a quadratic equation for each coupling. Of its solutions the one
    that becomes mean field's as m goes to 0 is taken. It is biased too, and has no standard error.

    Parameters
    ----------
    data : array of +-1, shape (..., N)
        As in `mean_field`.

    Returns
    -------
    Fit
        Of an `Ising`. ``standard_errors`` is None.

    Raises
    ------
    ValueError
        As `mean_field`, and if the equation of some pair has no solution: the pair is too strongly coupled.

    Notes
    -----
    Thouless, Anderson and Palmer, Phil. Mag. 35, 593, 1977; inverted by Kappen and Rodriguez, Neural Computation 10,
    1137, 1998, Tanaka, Phys. Rev. E 58, 2302, 1998, and Roudi, Tyrcha and Hertz, Phys. Rev. E 79, 051915, 2009.

    Examples
    --------
    Two spins, whose coupling is a quarter of the log of their odds ratio: log(8 * 3 / (2 * 2)) / 4 = 0.448.

    >>> data = [[1, 1]] * 8 + [[1, -1]] * 2 + [[-1, 1]] * 2 + [[-1, -1]] * 3
    >>> for method in (pseudo_likelihood, tap, mean_field):
    ...     print(method(data).J[0, 1].round(3))
    0.448
    0.484
    0.536
    """
    mean, inverse = _inverse_covariance(data)
    discriminant = 1 - 8 * np.outer(mean, mean) * _without_diagonal(inverse)
    if discriminant.min() < 0:
        i, j = sorted(np.unravel_index(discriminant.argmin(), discriminant.shape))
        raise ValueError(
            f"the TAP equation of the spins {i} and {j} has no solution (1 - 8 m_i m_j (C^-1)_ij = "
            f"{discriminant[i, j]:.3g} is below 0), as they are too strongly coupled: use mean_field or, better, "
            "pseudo_likelihood"
        )
    # -2 c / (1 + root) is (root - 1) / (4 m m) without its division by zero at m = 0.
    J = _without_diagonal(-2 * inverse / (1 + np.sqrt(discriminant)))
    return _solved(Ising(J, np.arctanh(mean) - J @ mean + mean * (J**2 @ (1 - mean**2))))


def mean_field_images(images):
    """Naive mean field of a periodic lattice: its coupling from the inverse of the covariance of neighbours.

    As `mean_field`, with a covariance C that is averaged over all shifts of the images: ``J = -(C^-1)_nn`` for
    neighbours (nn), averaged over the two directions, and ``h = atanh(m) - 4 J m``. The inverse of such a C is one
    division of Fourier components, those of the structure factor. On a lattice mean field is far off long before the
    critical point, however many images there are: at J = 0.3, h = 0.02 by 0.04 in J and -0.07 in h, at J = 0.44 by 0.4
    and -1.7. As a standard error would not tell of that, there is none.

    Parameters
    ----------
    images : array of +-1, shape (..., rows, cols)
        The leading axes count the images: two at least, with different sums.

    Returns
    -------
    Fit
        Of a `LatticeIsing`. ``standard_errors`` is None.

    Raises
    ------
    ValueError
        If the images are not +-1 or empty, or C has no inverse.

    Notes
    -----
    As `mean_field`.

    Examples
    --------
    >>> from course_lib.sampling import sample_images
    >>> fitted = mean_field_images(sample_images(0.1, 0.0, (16, 16), 1000, burn_in=50, rng=1))
    >>> round(fitted.J, 2)
    0.1
    """
    images = check_batch(check_images(images), 2)
    shape, mean = images.shape[1:], images.mean()
    # S(k), the eigenvalues of C: (1/N) <|sum_x (s_x - m) exp(ikx)|^2>.
    structure = np.mean(np.abs(np.fft.fft2(images - mean)) ** 2, axis=0) / np.prod(shape)
    if structure.min() <= 1e-12 * structure.max():
        k = tuple(int(i) for i in np.unravel_index(structure.argmin(), shape))
        raise ValueError(
            f"the covariance of the sites has no inverse (the structure factor vanishes at wave number {k}; at (0, 0) "
            f"if all images have the same sum), got {len(images)} images: take more, or use pseudo_likelihood_images"
        )
    inverse = np.fft.ifft2(1 / structure).real
    # At side 2 the pair has both bonds.
    bonds = np.where(np.array(shape) == 2, 2, 1)
    J = -np.mean([inverse[1, 0], inverse[0, 1]] / bonds)
    return _solved(LatticeIsing(float(J), float(np.arctanh(mean) - 4 * J * mean), shape))


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
        root = 1 / np.sqrt(w)
        # Of l2 there is only the mean; 1e-6 stands in where C has no inverse.
        ridge = 1e-6 + l2.mean() / 2
        values, vectors = np.linalg.eigh(root[:, None] * self.covariance * root + np.diag(ridge / w))

        def precondition(slope):
            J, h = self._unpack(slope)
            J = _without_diagonal(J - np.outer(self.mean, h) - np.outer(h, self.mean))
            J = vectors.T @ (root[:, None] * J * root) @ vectors / np.add.outer(values, values)
            J = _without_diagonal(root[:, None] * (vectors @ J @ vectors.T) * root)
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
        sums = neighbour_sum(images)
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


# ---------------------------------------------------------------- mean field


def _inverse_covariance(data):
    """Means and inverse of the covariance of spins, after checking that there is one."""
    spins = check_batch(check_spins(data), 1).astype(float)
    n_samples, n = spins.shape
    mean = spins.mean(axis=0)
    frozen = np.flatnonzero(np.abs(mean) == 1)
    if len(frozen):
        raise ValueError(
            f"spin {frozen[0]} is {mean[frozen[0]]:+.0f} in all {n_samples} samples, so that its field would be "
            "infinite: leave it out, or use pseudo_likelihood with l2 above 0"
        )
    products = spins.T @ spins / n_samples
    twins = np.argwhere(np.triu(np.abs(products) == 1, 1))
    if len(twins):
        i, j = twins[0]
        relation = "equal" if products[i, j] > 0 else "opposite"
        raise ValueError(
            f"the spins {i} and {j} are {relation} in all {n_samples} samples, so that their coupling would be "
            "infinite: leave one out, or use pseudo_likelihood with l2 above 0"
        )
    covariance = products - np.outer(mean, mean)
    spread = np.sqrt(np.diag(covariance))
    if np.linalg.matrix_rank(covariance / np.outer(spread, spread), hermitian=True) < n:
        raise ValueError(
            f"the covariance of {n} spins has no inverse on these {n_samples} samples: take more of them, many times "
            f"{n}, or use pseudo_likelihood with l2 above 0"
        )
    return mean, np.linalg.inv(covariance)


def _without_diagonal(matrix):
    return matrix - np.diag(np.diag(matrix))


def _solved(model):
    return Fit(model, None, np.zeros(0), "converged")
