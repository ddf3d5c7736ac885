"""The loop: three lines that climb the likelihood of any model."""

from collections.abc import Callable

import numpy as np

from course_lib.inputs import check_count
from course_lib.ising import Model
from course_lib.learning.result import Fit, fisher_errors
from course_lib.learning.sources import ModelMoments, states_of
from course_lib.learning.steps import Steps
from course_lib.learning.stopping import Monitor
from course_lib.sampling import progress_bar


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
    steps = Steps(model, data, step_size, plain=plain, l1=l1, l2=l2)
    max_steps = check_count("max_steps", max_steps, 0)
    monitor = Monitor(model, steps, max_steps=max_steps, tolerance=tolerance)
    try:
        for _ in progress_bar(range(max_steps + 1), progress):
            # Not hoisted out of the loop: with hidden units what the data say depends on the parameters.
            target = model.moments(data)
            now = source(model)
            gap = target - now.mean
            slope = steps.slope(model, gap)
            monitor.see(model, now, slope)
            if callback is not None:
                callback(model, gap)
            stopped = monitor.reason_to_stop()
            if stopped:
                break
            delta = steps.next(model, gap, slope, now)
            monitor.check_finite(model.parameters + delta, model)
            model = model.step(delta)
    except KeyboardInterrupt:
        stopped = "interrupted"
    reached, now, errors = monitor.model, monitor.now, None
    if now is not None and np.ndim(now.covariance) == 2:
        errors = fisher_errors(now.covariance + np.diag(steps.l2), len(states_of(reached, data)))
    return Fit(reached, errors, np.array(monitor.history), stopped)
