"""Rules that write patterns into couplings."""

import numpy as np

from course_lib import learning
from course_lib.hopfield.patterns import check_patterns
from course_lib.inputs import check_memory, check_number
from course_lib.ising import Ising

TERMS_AT_A_TIME = 100_000_000  # of couplings: some 0.1 s, and Python answers Ctrl-C in between


def hebb(patterns):
    """Hebb's rule: spins that agree in a pattern are coupled, ``J_ij = (1/N) sum_mu xi_i^mu xi_j^mu``.

    No fields, and a zero diagonal. Every pattern is stored with its mirror image. Random patterns are recalled up to
    about 0.138 N of them; patterns that resemble each other disturb each other much sooner.

    Parameters
    ----------
    patterns : array of +-1, shape (P, N)

    Returns
    -------
    Ising

    Raises
    ------
    ValueError
        If the patterns are not +-1, or no rows of spins.

    Examples
    --------
    >>> hebb([[1, 1, -1]]).J.round(2)
    array([[ 0.  ,  0.33, -0.33],
           [ 0.33,  0.  , -0.33],
           [-0.33, -0.33,  0.  ]])
    """
    patterns = check_patterns(patterns)
    n = patterns.shape[1]
    return _network(patterns, patterns / n)


def pseudo_inverse(patterns):
    """The projection rule: ``J = (1/N) sum_{mu, nu} xi^mu (C^-1)_mu,nu xi^nu``, C the overlaps of the patterns.

    With its diagonal this matrix projects onto the patterns, so that each is reproduced exactly, however much they
    resemble each other, as long as there are fewer independent ones than spins (Personnaz, Guyon and Dreyfus, J.
    Physique Lett. 46, L359, 1985). The diagonal is then left out, as always.

    Parameters
    ----------
    patterns : array of +-1, shape (P, N)

    Returns
    -------
    Ising

    Raises
    ------
    ValueError
        If the patterns are not +-1, no rows of spins, or span the whole space: then nothing would be coupled.

    Examples
    --------
    Two patterns that agree in five spins of six are both stable.

    >>> from course_lib.hopfield import is_stable
    >>> two = [[1, 1, 1, 1, -1, -1], [1, 1, 1, 1, -1, 1]]
    >>> is_stable(pseudo_inverse(two), two)
    array([ True,  True])
    """
    patterns = check_patterns(patterns)
    n = patterns.shape[1]
    inverse = np.linalg.pinv(patterns.astype(float), rtol=1e-10)
    rank = round(float(np.sum(inverse * patterns.T)))
    if rank >= n:
        raise ValueError(
            f"the patterns hold {rank} independent ones of {n} spins: then every state is reproduced and nothing is "
            "coupled; store fewer patterns than spins"
        )
    return _network(patterns, inverse.T)


def row_by_row(patterns, *, l2=1e-3):
    """Couplings that predict each spin of the patterns from all others: the pseudo-likelihood's, without fields.

    Row i of J is a logistic regression of spin i on the rest, with ``J_ij = J_ji`` shared by two rows:
    `learning.pseudo_likelihood` of the patterns and their mirror images, which makes all fields 0. A few patterns are
    predicted with certainty, so that without penalty J would grow for ever. As the penalty falls the smallest field
    along a pattern, compared with the size of J, grows towards the largest that symmetric couplings allow.

    Parameters
    ----------
    patterns : array of +-1, shape (P, N)
    l2 : float
        Penalty on the couplings, above 0.

    Returns
    -------
    Ising

    Raises
    ------
    ValueError
        If the patterns are not +-1, no rows of spins, or l2 is not above 0.

    Examples
    --------
    As many random patterns as spins: Hebb's rule keeps none of them, this one all.

    >>> from course_lib.hopfield import is_stable
    >>> patterns = np.random.default_rng(1).choice([-1, 1], size=(40, 40))
    >>> is_stable(hebb(patterns), patterns).mean(), is_stable(row_by_row(patterns), patterns).mean()
    (np.float64(0.0), np.float64(1.0))
    """
    patterns, l2 = check_patterns(patterns), check_number("l2", l2, 0)
    if l2 == 0:
        raise ValueError("l2 must be above 0: a few patterns are predicted with certainty, and couplings grow for ever")
    fitted = learning.pseudo_likelihood(np.concatenate([patterns, -patterns]), l2=l2)
    return Ising(fitted.J, np.zeros(len(fitted.h)))


def _network(left, right):
    """Couplings ``left.T @ right`` without their diagonal, some rows at a time."""
    n_patterns, n = left.shape
    check_memory(4 * 8 * n * n, what="the couplings of so many spins", instead="take fewer spins")
    J, rows = np.empty((n, n)), max(1, TERMS_AT_A_TIME // (n_patterns * n))
    for start in range(0, n, rows):
        J[start : start + rows] = left[:, start : start + rows].T.astype(float) @ right
    np.fill_diagonal(J, 0)
    return Ising((J + J.T) / 2, np.zeros(n))
