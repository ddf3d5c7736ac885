"""The loop: three lines that climb the likelihood of any model, when to stop, and how sure the result is."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from course_lib.exceptions import Picklable
from course_lib.ising import Model
from course_lib.learning.sources import ENOUGH_FOR_COVARIANCE, ModelMoments, states_of
from course_lib.sampling import check_count, progress_bar

SWINGS = 5  # in a row that come no nearer: a step size that is too large, and no accident

RARE = 10 / ENOUGH_FOR_COVARIANCE  # a variance that so many samples hardly know


@dataclass(frozen=True, eq=False)
class Fit:
    """What learning reached.

    Attributes
    ----------
    model : Model
    standard_errors : array, shape (P,), or None
        Of the parameters, ``sqrt(diag(F^-1) / M)``, from the Fisher information F of one sample and the M samples of
        the data, if these are independent and drawn from the model (the Cramer-Rao bound); infinite where the data
        cannot tell. An l2 penalty is added to F: then it is about the width of the posterior. None if the source
        gave no whole covariance. The Monte Carlo error of a source is not counted: n independent samples make it
        1/M + 1/n in place of 1/M. The pseudo-likelihood brings errors of its own kind, see there.
    history : array, shape (steps + 1,)
        Largest slope of the (penalised) log-likelihood, without penalty the largest gap between a moment of the data
        and of the model, before each step and at the end.
    stopped : {"converged", "noise", "steps", "interrupted"}
        The largest slope came down to the tolerance; the slopes cannot be told from the source's Monte Carlo noise;
        all steps were made; or Ctrl-C was pressed.
    """

    model: Model
    standard_errors: np.ndarray | None
    history: np.ndarray
    stopped: str

    @property
    def J(self):
        """Coupling or couplings of the model."""
        return self.model.J

    @property
    def h(self):
        """Field or fields of the model."""
        return self.model.h

    @property
    def J_errors(self):
        """Standard errors of J, in its shape; zero on the diagonal of a matrix, where there is no parameter."""
        return None if self.standard_errors is None else self._unpacked.J

    @property
    def h_errors(self):
        """Standard errors of h, in its shape."""
        return None if self.standard_errors is None else self._unpacked.h

    @property
    def _unpacked(self):
        return self.model.step(self.standard_errors - self.model.parameters)


class Diverged(Picklable, ValueError):
    """Raised where parameters run away: a step size too large, or no maximum of a pseudo-likelihood.

    ``model`` and ``history`` are what was reached.
    """

    def __init__(self, model, history, reason):
        self.model, self.history = model, np.array(history)
        super().__init__(reason)


def fit(
    model: Model,
    data,
    source: Callable[[Model], ModelMoments],
    *,
    step_size=None,
    plain=False,
    l1=0.0,
    l2=0.0,
    max_steps=1000,
    tolerance=1e-6,
    callback: Callable[[Model, np.ndarray], None] | None = None,
    progress=True,
):
    """Step the parameters until the model's moments are the data's: climb the log-likelihood.

    If the source gives a covariance, the step is scaled by it: a Newton step, held back far from the maximum (for a
    model with hidden units it is the natural gradient); if it gives variances, each parameter by its own. A plain step
    is ``step_size`` times the gap between the moments, and stable below `largest_stable_step`: about 1 for a few spins,
    1e-4 for a 32 x 32 `LatticeIsing`, whose statistics grow with the lattice. Flat directions then come last, and noise
    may hide that they are still off: several of the source's standard errors.

    Parameters
    ----------
    model : Model
        Where to start.
    data : array, shape (..., configuration)
        Whatever ``model.moments`` takes. The leading axes count the samples.
    source : callable, model -> ModelMoments
        `exact_moments`, or what `fresh_chains`, `persistent_chains` or `contrastive_divergence` returns.
    step_size : float, optional
        Above 0. By default 1, which is Newton's, for whole covariances, and else half of `largest_stable_step`.
    plain : bool
        Whether to take plain steps, whatever the source knows.
    l1, l2 : float or array (P,)
        Penalties, 0 or above: what climbs is the log-likelihood per sample minus ``sum l1 |theta| + l2 theta^2 / 2``.
        A normal prior of deviation sigma is ``l2 = 1 / (M sigma^2)``. l1 makes parameters exactly 0.
    max_steps : int
        0 or more.
    tolerance : float
        The largest slope that counts as none; 0 or above.
    callback : callable, (model, gap) -> None
        Called for each model on the way, with the gap between the moments, shape (P,).
    progress : bool
        Whether to show a bar if it takes long. Ctrl-C returns what was reached.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If step_size, max_steps, tolerance or a penalty are out of range.
    Diverged
        If steps that no whole covariance scales jump to and fro and do not come nearer: it says the largest stable one.
        Or if parameters or moments stop being finite.

    Examples
    --------
    Two spins agree in three samples of four: the mean of their product is 1/2 = tanh(J).

    >>> from course_lib.ising import Ising
    >>> from course_lib.learning import exact_moments
    >>> data = [[1, 1], [1, 1], [-1, -1], [-1, 1]]
    >>> fitted = fit(Ising(J=[[0, 0], [0, 0]], h=[0, 0]), data, exact_moments)
    >>> fitted.stopped, exact_moments(fitted.model).mean.round(4)
    ('converged', array([0.5, 0. , 0.5]))
    """
    if step_size is not None and not 0 < step_size < np.inf:
        raise ValueError(f"step_size must be a finite number above 0, got {step_size}: it says how far to climb")
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be 0 or above, got {tolerance}")
    l1, l2 = check_penalty("l1", l1, model), check_penalty("l2", l2, model)
    max_steps = check_count("max_steps", max_steps, 0)
    reached, now, history, slopes, stopped = model, None, [], [], "steps"
    trust, delta = 1.0, np.zeros(len(l2))
    try:
        for _ in progress_bar(range(max_steps + 1), progress):
            # Not hoisted out of the loop: with hidden units what the data say depends on the parameters.
            target = model.moments(data)
            moments = source(model)
            gap = target - moments.mean
            slope = _slope(gap, model.parameters, l1, l2)
            _check_finite(slope, model, history, step_size)
            reached, now = model, moments
            history.append(np.abs(slope).max())
            if callback is not None:
                callback(model, gap)
            reason = _reason_to_stop(slope, now, tolerance)
            if reason or len(history) > max_steps:
                stopped = reason or stopped
                break
            slopes = [*slopes[-SWINGS:], slope]
            scale = None if plain else now.covariance if now.response is None else now.response
            if step_size is not None and np.ndim(scale) != 2:
                _check_progress(slopes, now, step_size, model, data, l2, scale, history)
            if step_size is None:
                step_size = (
                    1.0
                    if np.ndim(scale) == 2
                    else largest_stable_step(model, data, l2=l2, now=now, variances=scale) / 2
                )
            if np.ndim(scale) == 2:
                trust = _trust(trust, delta, slopes)
            delta = trust * _step(gap, model.parameters, scale, step_size, l1, l2)
            _check_finite(model.parameters + delta, model, history, step_size)
            model = model.step(delta)
    except KeyboardInterrupt:
        stopped = "interrupted"
    errors = None
    if now is not None and np.ndim(now.covariance) == 2:
        errors = fisher_errors(now.covariance + np.diag(l2), len(states_of(reached, data)))
    return Fit(reached, errors, np.array(history), stopped)


# ---------------------------------------------------------------- slopes and steps


def _slope(gap, theta, l1, l2):
    """Slope of the penalised log-likelihood; at a parameter that l1 holds at 0, what is left of it there."""
    slope = gap - l2 * theta
    held = np.sign(slope) * np.maximum(np.abs(slope) - l1, 0)
    return np.where(theta == 0, held, slope - l1 * np.sign(theta))


def _step(gap, theta, scale, step_size, l1, l2):
    """By how much to change the parameters; ``scale`` is a covariance, variances, or None for a plain step."""
    slope = gap - l2 * theta
    if np.ndim(scale) == 2:
        if not np.any(l1):
            return step_size * _held_back_newton_step(slope, scale + np.diag(l2))
        curvature = scale + np.diag(l2) + np.linalg.norm(_slope(gap, theta, l1, l2)) * np.eye(len(theta))
        return step_size * _penalised_newton_step(slope, theta, curvature, l1)
    rate = step_size if scale is None else step_size / (scale + l2 + np.finfo(float).tiny)
    return _soft(theta + rate * slope, rate * l1) - theta


def _trust(trust, delta, slopes):
    """How much of a Newton step to take: less after one that went far over the top, else more again.

    Where the model changes from one phase to the other within a step, its covariance says nothing of the way.
    """
    if len(slopes) > 1 and slopes[-1] @ delta < -0.5 * (slopes[-2] @ delta):
        return trust / 4
    return min(1.0, 2 * trust)


def _soft(theta, threshold):
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
    n_parameters, statistics = len(model.parameters), _some_statistics(model, data)
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
    if len(states) > 2000:
        states = np.random.default_rng(0).choice(states, 2000, replace=False)
    return np.asarray(model.statistics(states), dtype=float)


# ---------------------------------------------------------------- when to stop


def _reason_to_stop(slope, now, tolerance):
    if np.abs(slope).max() <= tolerance:
        return "converged"
    # What shows no noise must agree exactly.
    noisy = now.standard_error > 0
    # This look at the moments adds 1, and the step that led here, made after such a look, 1 more.
    if np.all(slope[~noisy] == 0) and _mean_square_deviation(slope, now, noisy) <= 2:
        return "noise"
    return None


def _mean_square_deviation(slope, now, noisy):
    """Squared slope in standard errors, averaged over the independent directions if the covariance is known.

    At the right parameters noise alone makes it 1 on average, and any error of the parameters adds to that. The
    average over the statistics themselves is dominated by what they share, and blind to an error in a flat direction.
    """
    deviation = slope[noisy] / now.standard_error[noisy]
    if np.ndim(now.covariance) != 2:
        return np.mean(deviation**2)
    # Chains that start at the data vary about as they answer.
    covariance = (now.covariance if now.response is None else now.response)[np.ix_(noisy, noisy)]
    variances = np.diag(covariance)
    # What happens in a few samples only is not known well enough to tell directions apart.
    correlation = covariance / np.sqrt(np.outer(variances, variances))
    inverse = np.linalg.inv(correlation + np.diag(RARE / variances))
    return deviation @ inverse @ deviation / np.sum(inverse * correlation)


def _check_progress(slopes, now, step_size, model, data, l2, variances, history):
    """Give up if the last slopes are no smaller than the first, not mere noise, and the step size is to blame."""
    if len(slopes) <= SWINGS:
        return
    sizes = np.linalg.norm(slopes, axis=1)
    # In pairs, since a swing may be wider on one side. A step 1 % below the limit shrinks them more than that.
    if sum(sizes[-2:]) <= 0.95 * sum(sizes[:2]) or sizes[-1] <= 3 * np.linalg.norm(now.standard_error):
        return
    to_and_fro = all(a @ b < -0.5 * np.linalg.norm(a) * np.linalg.norm(b) for a, b in pairwise(slopes))
    stable = largest_stable_step(model, data, l2=l2, variances=variances)
    # Far above the limit it is thrown about in all directions.
    if to_and_fro or step_size > 2 * stable:
        raise Diverged(
            model,
            history,
            f"step_size = {step_size:g} is too large: after {len(history) - 1} steps the gap between the moments of "
            f"data and model jumps to and fro, {history[-1]:.3g} at most, and does not shrink; the largest stable step "
            f"is about {stable:.2g}: pass a smaller one, or none",
        )


def _check_finite(numbers, model, history, step_size):
    if not np.all(np.isfinite(numbers)):
        raise Diverged(
            model,
            history,
            f"after {len(history)} steps parameters or moments are no longer finite: step_size = {step_size or 1:g} is "
            "too large; pass a smaller one, or none",
        )


def check_penalty(name, penalty, model):
    """A penalty as one number for each parameter, after checking that it is 0 or above."""
    n_parameters = len(model.parameters)
    array = np.asarray(penalty, dtype=float)
    if array.shape not in ((), (n_parameters,)) or not np.all((array >= 0) & (array < np.inf)):
        raise ValueError(
            f"{name} must be a number, 0 or above, or one for each of the {n_parameters} parameters, got {penalty}"
        )
    return np.broadcast_to(array, n_parameters)


def fisher_errors(information, n_samples):
    """Standard errors of the parameters from the Fisher information of one sample: ``sqrt(diag(F^-1) / M)``.

    Parameters
    ----------
    information : array, shape (P, P)
    n_samples : int

    Returns
    -------
    array, shape (P,)
        Infinite where the data cannot tell: in directions in which the statistics do not vary.

    Examples
    --------
    >>> fisher_errors(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 4.0]]), n_samples=25)
    array([inf, inf, 0.1])
    """
    values, vectors = np.linalg.eigh(information)
    known = values > len(values) * np.finfo(float).eps * values[-1]
    variance = vectors[:, known] ** 2 @ (1 / values[known])
    # Round-off leaves a trace of an unknown direction in every parameter.
    variance[np.sum(vectors[:, ~known] ** 2, axis=1) > 1e-8] = np.inf
    return np.sqrt(variance / n_samples)
