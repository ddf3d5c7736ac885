"""Pseudo-likelihood: what each spin says given all the others. It never sums over the states of the model."""

import numpy as np

from course_lib.inputs import check_batch, check_images, check_memory, check_spins, check_weights
from course_lib.ising import Ising, LatticeIsing
from course_lib.learning.conditionals import Sites, Spins, distinct
from course_lib.learning.errors import LEAST_SAMPLES, sandwich_errors
from course_lib.learning.logistic import climb
from course_lib.learning.missing import Completions
from course_lib.learning.result import Fit
from course_lib.learning.steps import check_penalty
from course_lib.learning.stopping import Diverged

BYTES_A_SPIN = 60  # of the distinct samples: some doubles while a fit is at work
LARGEST_SANDWICH = 1000  # parameters; their errors take P x P sums over all samples
FILLED_IN, MAX_ROUNDS = 1e-9, 1000  # the slope that is left when missing spins are filled in anew


def pseudo_likelihood(data, *, weights=None, l2=0.0):
    """Couplings and fields that predict each spin best from all others, in one fit with symmetric couplings.

    What climbs is the pseudo-likelihood, the mean over the samples of ``sum_i log p(s_i | the others)``. Each of its
    terms is a logistic regression, ``p(s_i | the others) = 1 / (1 + exp(-2 s_i (sum_j J_ij s_j + h_i)))``, so Z never
    appears. It is concave, and Newton's method finds its one maximum; the time grows as M N^2. With infinite data of
    an Ising model the answer is exact. With M samples its error is at best that of maximum likelihood, and larger
    where couplings are strong.

    The standard errors are those of an estimate that is not the most likely one: the sandwich ``H^-1 V H^-1 / M``, H
    the curvature of the pseudo-likelihood and V the covariance of a sample's slopes. They hold even if the data are
    not from an Ising model, and were found right down to two samples a parameter. With l2 they include how far it pulls
    the parameters towards 0, if the true ones are drawn from its prior.

    Parameters
    ----------
    data : array of +-1, shape (..., N)
        The leading axes count the M samples, which should be independent. int8 data may hold 0 where an entry is
        missing, as `inputs.to_spins` writes it: an absent vote drops its own term, and counts in the terms of the
        others with both its values, each as likely as the model says given the votes that are there. The answer stays
        right if entries are missing completely at random. (To leave an absent vote out of the others' fields, too, is
        simpler and wrong: with a tenth missing it puts couplings of five spins off by up to 0.04 and fields by up to
        0.08, however many samples there are.) Time and memory grow as 2^(missing in a sample).
    weights : array, shape (...), optional
        How often each sample counts, 0 or more; M is their sum.
    l2 : float or array (P,)
        Penalty, 0 or above: what climbs is the pseudo-likelihood minus ``sum l2 theta^2 / 2``. A normal prior of
        deviation sigma is ``l2 = 1 / (M sigma^2)``. P = N (N - 1) / 2 + N, in the order of `Ising`.

    Returns
    -------
    Fit
        Of an `Ising`. ``standard_errors`` is None above 1000 parameters (44 spins), or with fewer than ten samples.
        ``history`` holds the largest slope of the penalised pseudo-likelihood; with missing entries, each time after
        these were filled in anew.

    Raises
    ------
    Diverged
        If there is no finite maximum: without penalty, when some spin or combination of spins is certain given the
        others in all samples. It carries what was reached.
    ValueError
        If the data are not +-1 or empty, a spin is missing everywhere, so many are missing in a sample that the ways to
        fill them in would not fit into memory, or weights or l2 are out of range.

    Notes
    -----
    Besag, The Statistician 24, 179, 1975. With one regression a spin instead of one for all: Ravikumar, Wainwright
    and Lafferty, Ann. Stat. 38, 1287, 2010; Aurell and Ekeberg, Phys. Rev. Lett. 108, 090201, 2012. Sandwich: Godambe,
    Ann. Math. Stat. 31, 1208, 1960.

    Examples
    --------
    Two spins agree in three samples of four. Given the other, a spin agrees with it with probability 3/4, and
    ``log(3) / 2 = atanh(1/2)``.

    >>> fitted = pseudo_likelihood([[1, 1], [-1, -1], [1, -1], [-1, 1]], weights=[3, 3, 1, 1])
    >>> fitted.J.round(3), fitted.h.round(3) + 0.0
    (array([[0.   , 0.549],
           [0.549, 0.   ]]), array([0., 0.]))
    """
    spins = check_votes(data)
    return fit_spins(spins, l2, None if weights is None else check_weights(weights, np.shape(data)[:-1]))


def check_votes(data):
    """Spins (n_samples, N) as int8, with 0 where they are missing, after checking that they are +-1 elsewhere.

    Zeros are missing entries in int8 data, which `inputs.to_spins` makes, if these hold -1 too; data of 0 and 1 are
    spins that were not converted.
    """
    kind = getattr(data, "dtype", None)
    if kind != np.int8 or isinstance(data, np.ma.MaskedArray) or not (np.any(data == 0) and np.any(data == -1)):
        return check_batch(check_spins(data), 1)
    present = data != 0
    spins = check_spins(np.where(present, data, np.int8(1)))
    return check_batch(np.where(present, spins, np.int8(0)), 1)


def fit_spins(spins, l2, weights=None, *, errors=True):
    """`pseudo_likelihood` of spins (n_samples, N) and weights that were checked; without errors it is quicker."""
    n = spins.shape[1]
    model = Ising(np.zeros((n, n)), np.zeros(n))
    l2 = check_penalty("l2", l2, model)
    states, counts = distinct(spins, np.ones(len(spins)) if weights is None else weights)
    told = (counts > 0) & np.any(states, axis=1)  # a sample of which nothing is there says nothing
    states, counts = states[told], counts[told]
    check_memory(
        BYTES_A_SPIN * states.size,
        what="the fields of all these spins",
        instead="take fewer of the samples, or fewer spins",
    )
    if np.any(states == 0):
        return _completed(model, states, counts, l2, errors=errors)
    return _most_pseudo_likely(model, Spins(states, counts), l2, errors=errors)


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


def fit_sites(images, l2, *, errors=True):
    """`pseudo_likelihood_images` of images (n_images, rows, cols) that were checked."""
    model, conditionals = LatticeIsing(0.0, 0.0, images.shape[1:]), Sites(images)
    l2 = check_penalty("l2", l2, model)
    totals = conditionals.design[:, 0]
    if np.ptp(totals) == 0 and not (l2.any() if totals[0] else l2[0]):
        raise ValueError(
            f"every site of the images has the neighbour sum {totals[0]:g}, so that J and h cannot be told apart: take "
            "other images, or pass l2 above 0"
        )
    return _most_pseudo_likely(model, conditionals, l2, errors=errors)


# ---------------------------------------------------------------- the most pseudo-likely parameters


def _most_pseudo_likely(model, conditionals, l2, *, errors=True):
    theta, wrong, history = climb(model, conditionals, l2, np.zeros_like(l2))
    return _finished(model.step(theta), history, conditionals, wrong, l2, errors)


def _completed(model, samples, counts, l2, *, errors):
    """The same with missing spins, which are filled in anew as the parameters change, until both agree."""
    completions, theta, history = Completions(samples, counts), np.zeros_like(l2), []
    for _ in range(MAX_ROUNDS):
        conditionals = completions.weighted(model.step(theta))
        done = bool(history) and history[-1] <= FILLED_IN
        theta, wrong, slopes = climb(model, conditionals, l2, theta, rest=0.0 if done else 0.1)
        history.append(slopes[0])
        if done:
            return _finished(model.step(theta), history, conditionals, wrong, l2, errors)
    raise Diverged(
        model.step(theta),
        history,
        f"after filling in the missing spins {MAX_ROUNDS} times the parameters still change (slope {history[-1]:.2g}): "
        "too many are missing; leave out the samples in which most are, or pass l2 above 0",
    )


def _finished(model, history, conditionals, wrong, l2, errors):
    n, found = conditionals.n_samples, None
    if errors and n >= LEAST_SAMPLES and len(l2) <= LARGEST_SANDWICH:
        response = conditionals.curvature(conditionals.weights * wrong * (2 - wrong)) - conditionals.missing_part(wrong)
        scatter = (_covariance(conditionals, wrong) + np.diag(l2)) / n
        found = sandwich_errors(response + np.diag(l2), scatter)
    return Fit(model, found, np.array(history), "converged")


def _covariance(conditionals, wrong):
    """Of the slopes of single samples."""
    n, mean, square = conditionals.n_samples, 0.0, 0.0
    for scores, counts in conditionals.scores(wrong):
        mean = mean + counts @ scores / n
        square = square + (scores.T * counts) @ scores
    return (square - n * np.outer(mean, mean)) / (n - 1)
