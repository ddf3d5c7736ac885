"""Mean field, naive and TAP: couplings read off the inverse of the covariance, in one step and with a bias."""

import numpy as np

from course_lib.inputs import check_batch, check_images, check_spins, check_weights
from course_lib.ising import Ising, LatticeIsing
from course_lib.learning.result import Fit


def mean_field(data, *, weights=None):
    """Naive mean field: couplings from the inverse of the covariance C of the spins.

    Each spin is taken to feel only the means of the others, ``m_i = tanh(h_i + sum_j J_ij m_j)``. How m answers to a
    change of h is C, and so ``J_ij = -(C^-1)_ij`` and ``h_i = atanh(m_i) - sum_j J_ij m_j``. The answer takes one
    inversion and no steps. It is right to first order in the couplings; beyond that it is biased, and more data do not
    help. As a standard error would not tell of that, there is none.

    Parameters
    ----------
    data : array of +-1, shape (..., N)
        The leading axes count the samples: more than N, at best many times as many.
    weights : array, shape (...), optional
        How often each sample counts, 0 or above.

    Returns
    -------
    Fit
        Of an `Ising`. ``standard_errors`` is None.

    Raises
    ------
    ValueError
        If the data are not +-1 or empty, weights are out of range, or C has no inverse: a spin never changes, two are
        always equal or opposite, or there are too few samples.

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
    mean, inverse = _inverse_covariance(data, weights)
    J = _without_diagonal(-inverse)
    return _solved(Ising(J, np.arctanh(mean) - J @ mean))


def tap(data, *, weights=None):
    """Mean field of Thouless, Anderson and Palmer: like `mean_field`, right to second order in the couplings.

    A spin also feels its own echo in the others, ``m_i = tanh(h_i + sum_j J_ij m_j - m_i sum_j J_ij^2 (1 - m_j^2))``.
    Then ``(C^-1)_ij = -J_ij - 2 J_ij^2 m_i m_j``, a quadratic equation for each coupling. Of its solutions the one
    that becomes mean field's as m goes to 0 is taken. It is biased too, and has no standard error.

    Parameters
    ----------
    data : array of +-1, shape (..., N)
        As in `mean_field`.
    weights : array, shape (...), optional
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
    >>> from course_lib.learning import pseudo_likelihood
    >>> for method in (pseudo_likelihood, tap, mean_field):
    ...     print(method(data).J[0, 1].round(3))
    0.448
    0.484
    0.536
    """
    mean, inverse = _inverse_covariance(data, weights)
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


def _inverse_covariance(data, weights):
    """Means and inverse of the covariance of spins, after checking that there is one."""
    spins = check_batch(check_spins(data), 1).astype(float)
    counts = np.ones(len(spins)) if weights is None else check_weights(weights, np.shape(data)[:-1])
    n, total = spins.shape[1], counts.sum()
    n_samples = f"{total:g}"
    mean = counts @ spins / total
    frozen = np.flatnonzero(np.abs(mean) == 1)
    if len(frozen):
        raise ValueError(
            f"spin {frozen[0]} is {mean[frozen[0]]:+.0f} in all {n_samples} samples, so that its field would be "
            "infinite: leave it out, or use pseudo_likelihood with l2 above 0"
        )
    products = (spins.T * counts) @ spins / total
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
