"""The loop: three lines that climb the likelihood of any model, when to stop, and how sure the result is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib.ising import Model
from course_lib.learning.sources import ModelMoments
from course_lib.sampling import check_count


@dataclass(frozen=True, eq=False)
class Fit:
    """What `fit` reached.

    Attributes
    ----------
    model : Model
    standard_errors : array, shape (P,), or None
        Of the parameters, ``sqrt(diag(F^-1) / M)``, from the Fisher information F of one sample and the M samples of
        the data, if these are independent and drawn from the model (the Cramer-Rao bound); infinite where the data
        cannot tell. None if the source gave no covariance. A source with n independent samples adds an error of its
        own: then F^-1 (1/M + 1/n).
    history : array, shape (steps + 1,)
        Largest gap between a moment of the data and of the model, before each step and at the end.
    stopped : {"converged", "noise", "steps", "interrupted"}
        The largest gap came down to the tolerance; the gap cannot be told from the source's Monte Carlo noise; all
        steps were made; or Ctrl-C was pressed.
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


def fit(
    model: Model,
    data,
    source: Callable[[Model], ModelMoments],
    *,
    step_size=1.0,
    max_steps=1000,
    tolerance=1e-6,
    callback: Callable[[Model, np.ndarray], None] | None = None,
):
    """Step the parameters until the model's moments are the data's: climb the log-likelihood.

    If the source gives a covariance, the step is scaled by it: a Newton step, held back far from the maximum. For a
    model with hidden units it is the natural gradient. Without a covariance the step is ``step_size`` times the gap
    between the moments, and safe only below ``2 / (largest eigenvalue of the covariance)``: about 1 for a few spins,
    1e-4 for a 32 x 32 `LatticeIsing`, whose statistics grow with the lattice. Above that it jumps to and fro. Flat
    directions then come last, and noise may hide that they are still off: several of the source's standard errors.

    Parameters
    ----------
    model : Model
        Where to start.
    data : array, shape (..., configuration)
        Whatever ``model.moments`` takes. The leading axes count the samples.
    source : callable, model -> ModelMoments
        Such as `exact_moments` or what `fresh_chains` returns.
    step_size : float
        Above 0. With a covariance 1 is Newton's.
    max_steps : int
        0 or more.
    tolerance : float
        The largest gap between the moments that counts as none; 0 or above.
    callback : callable, (model, gap) -> None
        Called for each model on the way, with the gap between the moments, shape (P,).

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If step_size, max_steps or tolerance are out of range, or parameters or moments stop being finite.

    Examples
    --------
    Two spins agree in three samples of four: the mean of their product is 1/2 = tanh(J).

    >>> data = [[1, 1], [1, 1], [-1, -1], [-1, 1]]
    >>> fitted = fit(Ising(J=[[0, 0], [0, 0]], h=[0, 0]), data, exact_moments)
    >>> fitted.stopped, exact_moments(fitted.model).mean.round(4)
    ('converged', array([0.5, 0. , 0.5]))
    """
    if not 0 < step_size < np.inf:
        raise ValueError(f"step_size must be a finite number above 0, got {step_size}: it says how far to climb")
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be 0 or above, got {tolerance}")
    max_steps = check_count("max_steps", max_steps, 0)
    reached, now, history = model, None, []
    try:
        while True:
            # Not hoisted out of the loop: with hidden units what the data say depends on the parameters.
            target = model.moments(data)
            moments = source(model)
            gap = target - moments.mean
            _check_finite(gap, len(history), step_size)
            reached, now = model, moments
            history.append(np.abs(gap).max())
            if callback is not None:
                callback(model, gap)
            stopped = _reason_to_stop(gap, now, tolerance) or ("steps" if len(history) > max_steps else None)
            if stopped:
                break
            step = gap if now.covariance is None else _held_back_newton_step(gap, now.covariance)
            _check_finite(model.parameters + step_size * step, len(history), step_size)
            model = model.step(step_size * step)
    except KeyboardInterrupt:
        stopped = "interrupted"
    errors = None
    if now is not None and now.covariance is not None:
        errors = _fisher_errors(now.covariance, n_samples=np.size(reached.energy(data)))
    return Fit(reached, errors, np.array(history), stopped)


def _reason_to_stop(gap, now, tolerance):
    if np.abs(gap).max() <= tolerance:
        return "converged"
    # What shows no noise must agree exactly.
    noisy = now.standard_error > 0
    if np.all(gap[~noisy] == 0) and _mean_square_deviation(gap, now, noisy) <= 1:
        return "noise"
    return None


def _mean_square_deviation(gap, now, noisy):
    """Squared gap in standard errors, averaged over the independent directions if the covariance is known.

    At the right parameters noise alone makes it 1 on average, and any error of the parameters adds to that. The
    average over the statistics themselves is dominated by what they share, and blind to an error in a flat direction.
    """
    deviation = gap[noisy] / now.standard_error[noisy]
    if now.covariance is None:
        return np.mean(deviation**2)
    spread = np.sqrt(np.diag(now.covariance)[noisy])
    correlation = now.covariance[np.ix_(noisy, noisy)] / np.outer(spread, spread)
    solution, _, rank, _ = np.linalg.lstsq(correlation, deviation)
    return deviation @ solution / rank


def _held_back_newton_step(gap, covariance):
    """Newton's step where the gap is small; far away at most 1 long, and at most 1 deviation of the statistics.

    In a saturated model hardly anything varies, and Newton's step would be huge: |gap| on the diagonal (Levenberg
    and Marquardt) keeps it at length 1, also where the covariance is singular. For extensive statistics even that is
    long: hence the damping by the Newton decrement (Boyd and Vandenberghe, Convex Optimization, 2004, section 9.6).
    Both vanish with the gap, so that convergence stays quadratic.
    """
    step = np.linalg.solve(covariance + np.linalg.norm(gap) * np.eye(len(gap)), gap)
    return step / (1 + np.sqrt(gap @ step))


def _fisher_errors(covariance, n_samples):
    values, vectors = np.linalg.eigh(covariance)
    known = values > len(values) * np.finfo(float).eps * values[-1]
    variance = vectors[:, known] ** 2 @ (1 / values[known])
    # Round-off leaves a trace of an unknown direction in every parameter.
    variance[np.sum(vectors[:, ~known] ** 2, axis=1) > 1e-8] = np.inf
    return np.sqrt(variance / n_samples)


def _check_finite(numbers, n_steps, step_size):
    if not np.all(np.isfinite(numbers)):
        raise ValueError(
            f"after {n_steps} steps parameters or moments are no longer finite: step_size = {step_size:g} is too "
            f"large; try {step_size / 10:g}, or a source with a covariance, which scales the steps"
        )
