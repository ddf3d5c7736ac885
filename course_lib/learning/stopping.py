"""When to stop: no slope is left, what is left is noise, or the steps lead nowhere."""

import math
from itertools import pairwise

import numpy as np

from course_lib.exceptions import Picklable
from course_lib.inputs import check_count
from course_lib.learning.sources import ENOUGH_FOR_COVARIANCE
from course_lib.learning.steps import largest_stable_step

# Squared slopes, in standard errors, that count as noise: this look at the moments makes 1 on average, and the step
# that led here, made after such a look, 1 more. Of many parameters the average is sharp, and standard errors that are
# themselves estimated make it a little more than 2. So more is allowed where a last Newton step takes it away.
NOISE, NOISE_BEFORE_NEWTON = 2.0, 3.0

SWINGS = 5  # in a row that come no nearer: a step size that is too large, and no accident

# A step promises, to first order, ``slope . step`` nats a sample. A binary unit has log 2 = 0.69 of them to give, from
# fair coins to certainty. Of RBMs on digits, with plain and centred slopes, momentum and Adam, all that promised more
# than 1 a unit at some step ended badly, most with units that never change any more; the others came out well.
NATS_A_UNIT = 1.0

RARE = 10 / ENOUGH_FOR_COVARIANCE  # a variance that so many samples hardly know


class Diverged(Picklable, ValueError):
    """Raised where parameters run away: a step size too large, or no maximum of a pseudo-likelihood.

    ``model`` and ``history`` are what was reached.
    """

    def __init__(self, model, history, reason):
        self.model, self.history = model, np.array(history)
        super().__init__(reason)


class Monitor:
    """What a fit has seen on its way: the last model and its moments, the last slopes, the history of the largest."""

    def __init__(self, model, steps, *, max_steps, tolerance):
        if not tolerance >= 0:
            raise ValueError(f"tolerance must be 0 or above, got {tolerance}")
        self.model, self.now, self.history = model, None, []
        self.max_steps = check_count("max_steps", max_steps, 0)
        self._steps, self._slopes, self._tolerance = steps, [], tolerance

    def see(self, model, now, slope):
        """Take note of a model, once its slope is known to be finite."""
        largest = np.abs(slope).max()  # of NaN and others it is NaN
        self.check_finite(largest, model)
        self.model, self.now = model, now
        self.history.append(largest)
        self._slopes = [*self._slopes[-SWINGS:], slope]

    def reason_to_stop(self):
        """Say why to stop at the last model, or None; give up where the steps lead nowhere."""
        if self.history[-1] <= self._tolerance:
            return "converged"
        if self._steps.rule is not None:
            return None if self.steps_left else "steps"
        newton = np.ndim(self._steps.scale(self.now)) == 2
        if _is_noise(self._slopes[-1], self.now, NOISE_BEFORE_NEWTON if newton else NOISE):
            return "noise"
        if not self.steps_left:
            return "steps"
        self._check_progress()
        return None

    @property
    def steps_left(self):
        """How many steps may still follow the last model seen."""
        return self.max_steps + 1 - len(self.history)

    def _check_progress(self):
        """Give up if the last slopes are no smaller than the first, not mere noise, and the step size is to blame."""
        slopes, step_size, variances = self._slopes, self._steps.size, self._steps.scale(self.now)
        if len(slopes) <= SWINGS or np.ndim(variances) == 2:
            return
        sizes = np.linalg.norm(slopes, axis=1)
        # In pairs, since a swing may be wider on one side. A step 1 % below the limit shrinks them more than that.
        if sum(sizes[-2:]) <= 0.95 * sum(sizes[:2]) or sizes[-1] <= 3 * np.linalg.norm(self.now.standard_error):
            return
        to_and_fro = all(a @ b < -0.5 * np.linalg.norm(a) * np.linalg.norm(b) for a, b in pairwise(slopes))
        stable = largest_stable_step(self.model, self._steps.data, l2=self._steps.l2, variances=variances)
        # Far above the limit it is thrown about in all directions.
        if to_and_fro or step_size > 2 * stable:
            raise Diverged(
                self.model,
                self.history,
                f"step_size = {step_size:g} is too large: after {len(self.history) - 1} steps the gap between the "
                f"moments of data and model jumps to and fro, {self.history[-1]:.3g} at most, and does not shrink; the "
                f"largest stable step is about {stable:.2g}: pass a smaller one, or none",
            )

    def check_step(self, model, slope, delta):
        """Give up before a step that leads out of the numbers, or that a rule has made far too long."""
        if self._steps.rule is None:
            self.check_finite(model.parameters + delta, model)
            return
        n_units, promised = math.prod(model.shape), slope @ delta
        self.check_finite(promised, model)
        if promised > NATS_A_UNIT * n_units:
            raise Diverged(
                model,
                self.history,
                f"the rate is too large: after {len(self.history) - 1} steps the next one promises {promised:,.0f} "
                f"nats a sample, far more than {n_units} units have to give; pass a smaller rate, and start near the "
                "data",
            )

    def check_finite(self, numbers, model):
        """Give up at a model whose slope, or whose parameters after the next step, are not finite."""
        if not np.isfinite(numbers).all():
            raise Diverged(
                model,
                self.history,
                f"after {len(self.history)} steps parameters or moments are no longer finite: step_size = "
                f"{self._steps.size or 1:g} is too large; pass a smaller one, or none",
            )


def _is_noise(slope, now, limit):
    """Whether the slope cannot be told from the Monte Carlo noise of the moments."""
    # What shows no noise must agree exactly.
    noisy = now.standard_error > 0
    return np.all(slope[~noisy] == 0) and _mean_square_deviation(slope, now, noisy) <= limit


def _mean_square_deviation(slope, now, noisy):
    """Squared slope in standard errors, averaged over the independent directions if the covariance is known.

    At the right parameters noise alone makes it 1 on average, and any error of the parameters adds to that. The
    average over the statistics themselves is dominated by what they share, and blind to an error in a flat direction.
    """
    deviation = slope[noisy] / now.standard_error[noisy]
    if np.ndim(now.covariance) != 2:
        return np.mean(deviation**2)
    # Chains that start at the data vary about as they answer.
    covariance = now.curvature[np.ix_(noisy, noisy)]
    variances = np.diag(covariance)
    # What happens in a few samples only is not known well enough to tell directions apart.
    correlation = covariance / np.sqrt(np.outer(variances, variances))
    inverse = np.linalg.inv(correlation + np.diag(RARE / variances))
    return deviation @ inverse @ deviation / np.sum(inverse * correlation)
