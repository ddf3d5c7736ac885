"""Steps: from the gap between the moments to a change of the parameters. Newton's, penalised, plain."""

import numpy as np

from course_lib.inputs import check_array, check_model
from course_lib.learning.sources import states_of


class Steps:
    """Which step to take, how long it is, and how far to trust it.

    ``size`` is the step size, None until the first step if it was left open; ``l1`` and ``l2`` are the penalties, one
    number a parameter. A ``rule`` takes the steps instead.
    """

    def __init__(self, model, data, size, *, plain, rule, l1, l2):
        if rule is not None and (plain or size is not None or np.any(l1)):
            raise ValueError("a rule takes steps of its own: pass it the rate, and no step_size, plain or l1")
        if size is not None and not 0 < size < np.inf:
            raise ValueError(f"step_size must be a finite number above 0, got {size}: it says how far to climb")
        self.data, self.size, self.rule, self._plain = data, size, rule, plain or rule is not None
        self.l1, self.l2 = check_penalty("l1", l1, model), check_penalty("l2", l2, model)
        self._penalised = np.any(self.l1) or np.any(self.l2)
        self._trust, self._slope, self._delta = 1.0, None, None

    def slope(self, model, gap):
        """Slope of the penalised log-likelihood; at a parameter that l1 holds at 0, what is left of it there."""
        if not self._penalised:
            return gap
        theta = model.parameters
        slope = gap - self.l2 * theta
        held = np.sign(slope) * np.maximum(np.abs(slope) - self.l1, 0)
        return np.where(theta == 0, held, slope - self.l1 * np.sign(theta))

    def scale(self, now):
        """What a step is divided by: a covariance (P, P), variances (P,), or None for a plain step."""
        if self._plain:
            return None
        return now.curvature

    def next(self, model, gap, slope, now):
        """By how much to change the parameters."""
        if self.rule is not None:
            return self.rule(model, gap, slope, now)
        scale = self.scale(now)
        whole = np.ndim(scale) == 2
        if self.size is None and whole:
            self.size = 1.0
        elif self.size is None:
            self.size = largest_stable_step(model, self.data, l2=self.l2, now=now, variances=scale) / 2
        if whole:
            self._trust = self._trusted(slope)
        self._slope, self._delta = slope, self._trust * self._whole_step(model.parameters, gap, slope, scale)
        return self._delta

    def _trusted(self, slope):
        """How much of a Newton step to take: less after one that went far over the top, else more again.

        Where the model changes from one phase to the other within a step, its covariance says nothing of the way.
        """
        if self._delta is not None and slope @ self._delta < -0.5 * (self._slope @ self._delta):
            return self._trust / 4
        return min(1.0, 2 * self._trust)

    def _whole_step(self, theta, gap, slope, scale):
        """The step at full trust, of the kind that the scale allows."""
        # Without l1: a penalised step finds for itself what l1 holds at 0.
        smooth = gap - self.l2 * theta
        if np.ndim(scale) == 2:
            if not np.any(self.l1):
                return self.size * _held_back_newton_step(smooth, scale + np.diag(self.l2))
            curvature = scale + np.diag(self.l2) + np.linalg.norm(slope) * np.eye(len(theta))
            return self.size * _penalised_newton_step(smooth, theta, curvature, self.l1)
        rate = self.size if scale is None else self.size / (scale + self.l2 + np.finfo(float).tiny)
        return _soft(theta + rate * smooth, rate * self.l1) - theta


def check_penalty(name, penalty, model):
    """A penalty as one number for each parameter, after checking that it is 0 or above."""
    n_parameters = len(model.parameters)
    array = check_array(name, penalty).astype(float)
    if array.shape not in ((), (n_parameters,)) or not np.all((array >= 0) & (array < np.inf)):
        raise ValueError(
            f"{name} must be a number, 0 or above, or one for each of the {n_parameters} parameters, got {penalty}"
        )
    return np.broadcast_to(array, n_parameters)


def _soft(theta, threshold):
    """Towards 0 by the threshold and no further: what an l1 penalty does to parameters."""
    return np.sign(theta) * np.maximum(np.abs(theta) - threshold, 0)


def _held_back_newton_step(gap, covariance):
    """Newton's step where the gap is small; far away at most 10 long, and at most 1 deviation of the statistics.

    In a saturated model hardly anything varies, and Newton's step would be huge: |gap| / 10 on the diagonal (Levenberg
    and Marquardt) keeps it short, also where the covariance is singular. For extensive statistics even that is
    long: hence the damping by the Newton decrement (Boyd and Vandenberghe, Convex Optimization, 2004, section 9.6).
    Both vanish with the gap, so that convergence stays quadratic.
    """
    step = np.linalg.solve(covariance + 0.1 * np.linalg.norm(gap) * np.eye(len(gap)), gap)
    return step / (1 + np.sqrt(gap @ step))


def _penalised_newton_step(slope, theta, curvature, l1):
    """Maximum of the quadratic ``slope . d - d . curvature . d / 2 - l1 |theta + d|``, by FISTA.

    Beck and Teboulle, SIAM J. Imaging Sciences 2, 183, 2009; restarted where it turns back (O'Donoghue and Candes,
    Found. Comput. Math. 15, 715, 2015).
    """
    rate = 1 / np.linalg.eigvalsh(curvature)[-1]
    step = ahead = np.zeros_like(theta)
    momentum = 1.0
    for _ in range(1000):
        new = _soft(theta + ahead + rate * (slope - curvature @ ahead), rate * l1) - theta
        change = new - step
        if np.abs(change).max() <= 1e-12 * (1 + np.abs(new).max()):
            return new
        if (ahead - new) @ change > 0:
            momentum = 1.0
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead, step, momentum = new + (momentum - 1) / grown * change, new, grown
    return step


# ---------------------------------------------------------------- how far is too far


def largest_stable_step(model, data, *, l2=0.0, now=None, variances=None):
    """The step size above which plain gradient steps jump to and fro over the maximum: 2 / lambda_max.

    lambda_max is the largest eigenvalue of the covariance of the statistics. At the maximum the model has the data's
    moments, and if it is a good model also their covariance: so it is taken from the data.

    Parameters
    ----------
    model : Model
    data : array, shape (..., configuration)
        At most 2000 samples of them are looked at. With fewer than ten the model's own covariance is used, if given.
    l2 : float or array (P,)
        A penalty, whose curvature adds to that of the likelihood.
    now : ModelMoments, optional
    variances : array, shape (P,), optional
        For steps that are divided by these.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As ``model.statistics``.

    Examples
    --------
    Two spins that agree and disagree equally often, without fields: all three statistics have variance 1.

    >>> from course_lib.ising import Ising
    >>> model = Ising(J=[[0, 0], [0, 0]], h=[0, 0])
    >>> float(round(largest_stable_step(model, [[1, 1], [1, -1], [-1, 1], [-1, -1]] * 3), 6))
    2.0
    """
    n_parameters, statistics = len(check_model(model).parameters), _some_statistics(model, data)
    scale = np.ones(n_parameters) if variances is None else np.sqrt(variances + np.finfo(float).tiny)
    if len(statistics) < 10 and now is not None and now.covariance is not None:
        covariance = now.covariance if np.ndim(now.covariance) == 2 else np.diag(now.covariance)
        largest = np.linalg.eigvalsh(covariance / np.outer(scale, scale))[-1]
    else:
        largest = _largest_eigenvalue((statistics - statistics.mean(axis=0)) / scale)
    if variances is not None:
        return 2 / max(largest, 1.0)  # l2 is on both sides of the fraction, and makes it more nearly 1
    curvature = largest + np.max(l2)
    return 2 / curvature if curvature > 0 else np.inf


def _largest_eigenvalue(centred):
    """Of the covariance of these rows, by power iteration: it is right to a percent long before the end."""
    vector, size = np.random.default_rng(0).normal(size=centred.shape[1]), 0.0
    for _ in range(50):
        vector = centred.T @ (centred @ vector) / len(centred)
        size = np.linalg.norm(vector)
        if size == 0:
            break
        vector /= size
    return size


def _some_statistics(model, data):
    """Statistics of at most 2000 samples of the data."""
    states = states_of(model, data)
    if not len(states):
        raise ValueError("the data are empty: a step size needs at least one sample")
    if len(states) > 2000:
        states = np.random.default_rng(0).choice(states, 2000, replace=False)
    return np.asarray(model.statistics(states), dtype=float)
