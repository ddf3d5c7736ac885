"""Judging the fit to a student's own pictures, which are read from the notebook's hexadecimal digits."""

import warnings
from dataclasses import replace

import numpy as np

from course_lib import images, learning
from course_lib.classroom.checks.own_pictures import like_noise
from course_lib.exceptions import Picklable
from course_lib.grading import misfits
from course_lib.grading.contract import ITEMS, Result
from course_lib.grading.families import LATTICE
from course_lib.ising import LatticeIsing

ITEM = ITEMS["own_fit"]
SMALLEST_SIDE, LARGEST_SIDE, MOST_SPINS = 8, 64, 2**20
SPINS_DRAWN = 2**20  # of the model, in 100 to 1000 pictures
SWEEPS = 1000  # from all up: enough for 32 x 32 at J = 0.44

# A fit is forgiven two standard errors of the pictures, and six of the noise of 200 drawn pictures a step.
FORGIVEN, NOISES, DRAWN = 2.0, 6.0, 200
# In phase coexistence what a fit gives depends on whether its chains cross from one phase to the other.
MARGIN_J, MARGIN_h = 0.05, 0.1
SHARE_OF_CLASS_PICTURES = 0.5
CLOSER, NEAR = 0.4, 3.0  # than to the right fit, and standard errors: so a mistake is recognised

NOISE = (
    "Coin tosses look like your pictures, too: near pixels tell no more about each other than chance would. The fit is "
    "right, and it found no structure. Can you say where the pictures come from, and in which crop they show more?"
)
TESTED = "your own pictures, read from my_pictures: whether a model with my_fit has their averages"


def judge_own_fit(my_pictures, my_fit, class_pictures=()) -> Result:
    """The verdict on a fit to pictures that the student chose.

    The model with the student's J and h must have the pictures' bond sum and spin sum, up to the error that so few
    pictures leave. Pictures in phase coexistence are judged kindly: there J may be anywhere between the likelihood's
    and the pseudo-likelihood's. Pictures that could be coin tosses earn the points, too, since gravel may look like
    that: the page says so, and `questions` asks where they come from.

    Parameters
    ----------
    my_pictures : list of str or None
        As `images.to_hex` writes them; None if the notebook has none.
    my_fit : sequence of float or None
        J and h.
    class_pictures : sequence of str
        Pictures that come with the course: they are not the student's own, and earn half the points.

    Returns
    -------
    Result

    Examples
    --------
    >>> judge_own_fit(["[8x8]" + "f" * 16], (0.5, 0.1)).misconception
    'no maximum'
    """
    try:
        pictures, fit = _read(my_pictures), _numbers(my_fit)
    except _Unfit as trouble:
        return _result(0.0, trouble.status, came_out=str(trouble), advice=trouble.advice)
    model = LatticeIsing(0.0, 0.0, pictures.shape[1:])
    try:
        learning.check_maximum(model, pictures)
    except learning.NoMaximum as error:
        advice = "Take a picture in which both colours have neighbours of their own colour, such as a texture."
        return _result(0.0, "wrong", str(error).split(";")[0] + ".", "no maximum", advice)
    off, forgiven = _off(pictures, fit), np.sqrt(FORGIVEN**2 + NOISES**2 * len(pictures) / DRAWN)
    came_out = f"J = {fit[0]:.3g}, h = {fit[1]:.3g}, {off:.1f} standard errors from the pictures' averages"
    came_out += f"; {forgiven:.1f} are forgiven"
    found = learning.phase_coexistence(pictures)
    if off <= forgiven:
        right = _result(1.0, "right", came_out, deviation=off)
    elif found and _between(pictures, found, fit):
        came_out += ". Your pictures are in phase coexistence, where J depends on whether chains cross from one phase "
        right = _result(1.0, "right", came_out + "to the other: any between likelihood and pseudo-likelihood counts")
    else:
        return _wrong(pictures, fit, off, came_out)
    if like_noise(pictures):
        right = replace(right, came_out=f"{right.came_out}. {NOISE}")
    known = {_key(images.from_hex(text)) for text in class_pictures}
    if not all(_key(picture) in known for picture in pictures):
        return right
    advice = "All of these pictures come with the course: one of your own, at least, earns the other half."
    return _result(SHARE_OF_CLASS_PICTURES, "wrong", right.came_out, "no picture of your own", advice, right.deviation)


class _Unfit(Picklable, Exception):
    """What cannot be judged: a status and two sentences. It never leaves this module."""

    def __init__(self, status, came_out, advice):
        super().__init__(came_out)
        self.status, self.advice = status, advice


def _result(share, status, came_out="", misconception="", advice="", deviation=None):
    finite = None if deviation is None or not np.isfinite(deviation) else float(deviation)
    return Result(ITEM.key, round(share * ITEM.points, 2), status, TESTED, came_out, misconception, advice, finite)


def _read(texts):
    """Pictures (n_images, rows, cols) of one size."""
    advice = "my_pictures is a list of texts as to_hex gives them, one a picture, all of one size."
    if not texts:
        raise _Unfit("missing", "the notebook has no my_pictures", advice)
    try:
        pictures = [images.from_hex(text) for text in texts]
    except ValueError as error:
        raise _Unfit("wrong kind", str(error), advice) from None
    shapes = {picture.shape for picture in pictures}
    if len(shapes) > 1:
        raise _Unfit("wrong kind", f"the pictures have {len(shapes)} different sizes", advice)
    (shape,) = shapes
    if (
        not SMALLEST_SIDE <= min(shape) <= max(shape) <= LARGEST_SIDE
        or len(pictures) * shape[0] * shape[1] > MOST_SPINS
    ):
        raise _Unfit(
            "wrong kind",
            f"{len(pictures)} pictures of {shape[0]} x {shape[1]}",
            f"Pictures have sides from {SMALLEST_SIDE} to {LARGEST_SIDE}, and all together at most a million pixels.",
        )
    return np.array(pictures)


def _numbers(fit):
    advice = "my_fit holds two numbers, J and h, as fit_images gives them first."
    if fit is None:
        raise _Unfit("missing", "the notebook has no my_fit", advice)
    fit = np.asarray(fit, dtype=float)
    if fit.shape != (2,) or not np.all(np.isfinite(fit)):
        raise _Unfit("wrong kind", "my_fit does not hold two finite numbers", advice)
    return fit


def _key(picture):
    return picture.shape, picture.tobytes()


def _moments(shape, parameters):
    """Averages of the model and their covariance for one picture, by chains that start all up and may be mirrored."""
    n_chains = int(np.clip(SPINS_DRAWN // (shape[0] * shape[1]), 100, 1000))
    source = learning.persistent_chains(n_chains, 1, burn_in=SWEEPS, rng=1)
    now = source(LatticeIsing(*np.clip(parameters, -20, 20), shape))
    return now.mean, now.covariance


def _off(pictures, fit):
    """How far the averages of the model with this fit are from the pictures', in standard errors of these."""
    mean, covariance = _moments(pictures.shape[1:], fit)
    gap = LATTICE.statistics(pictures).mean(axis=0) - mean
    try:
        squared = len(pictures) * gap @ np.linalg.solve(covariance, gap)
    except np.linalg.LinAlgError:  # a model that is frozen
        return np.inf
    return float(np.sqrt(squared)) if squared >= 0 else np.inf


def _between(pictures, found, fit):
    """Whether J lies between the likelihood's and the pseudo-likelihood's, and the field is as weak as theirs."""
    guess = _pseudo_likelihood(pictures)
    ends = sorted([found.J, guess[0]])
    weak = max(abs(found.h), abs(guess[1])) + MARGIN_h
    return ends[0] - MARGIN_J <= fit[0] <= ends[1] + MARGIN_J and abs(fit[1]) <= weak


def _pseudo_likelihood(pictures):
    try:
        return learning.pseudo_likelihood_images(pictures).model.parameters
    except (learning.Diverged, ValueError):
        return np.array([np.inf, 0.0])


def _wrong(pictures, fit, off, came_out):
    """Fit once more, by likelihood, and see which mistake leads from there to the student's numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        best = learning.fit_images(pictures, rng=1, progress=False).model.parameters
    information = len(pictures) * _moments(pictures.shape[1:], best)[1]

    def far(place):
        shift = np.clip(fit - place, -1e9, 1e9)
        return float(np.sqrt(shift @ information @ shift))

    def ends(place):
        return far(np.array(place(*best, pictures[0].size), dtype=float))

    name, advice, place = min(misfits.PLACES, key=lambda entry: ends(entry[2]))
    guess = _pseudo_likelihood(pictures)
    if np.abs(fit - guess).max() < 0.02 < np.abs(best - guess).max():
        name = "pseudo-likelihood"
        advice = "That is what each spin says given its neighbours: the model's own averages are not the pictures'."
    elif ends(place) > min(NEAR, CLOSER * far(best)):
        name, advice = "", "Draw pictures at your J and h, and compare their bond sum and spin sum with your pictures'."
    return _result(0.0, "wrong", came_out, name, advice, off)
