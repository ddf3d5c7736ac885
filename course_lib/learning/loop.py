"""The loop: three lines that climb the likelihood of any model."""

from collections.abc import Callable
from itertools import repeat

import numpy as np

from course_lib.ising import Model
from course_lib.learning.errors import count_samples, errors_of
from course_lib.learning.result import Fit
from course_lib.learning.rules import MiniBatches
from course_lib.learning.sources import ModelMoments
from course_lib.learning.steps import Steps
from course_lib.learning.stopping import Monitor
from course_lib.sampling import progress_bar


def fit(
    model: Model,
    data,
    source: Callable[[Model], ModelMoments],
    *,
    weights=None,
    effective_samples=None,
    step_size=None,
    plain=False,
    rule=None,
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

    Where the slope cannot be told from the source's noise, one last step uses what that look at the source still says.
    What is then left of a Newton step is the noise of this look, wherever the start was, and the errors count it.

    With a ``rule`` the steps are its business, and noise is no reason to stop: all ``max_steps`` are made. The data may
    then come in `MiniBatches`.

    Parameters
    ----------
    model : Model
        Where to start.
    data : array, shape (..., configuration), or MiniBatches
        Whatever ``model.moments`` takes. The leading axes count the samples.
    source : callable, model -> ModelMoments
        `exact_moments`, or what `fresh_chains`, `persistent_chains` or `contrastive_divergence` returns.
    weights : array, shape (...), optional
        How often each sample counts, 0 or more; the number of samples is their sum. For models whose ``moments`` take
        weights, as `Ising` and `LatticeIsing` do. Not with `contrastive_divergence`, whose chains start at each once.
    effective_samples : float, optional
        How many independent samples the data are worth, for the errors, where that is not their number M. Snapshots
        of a chain are worth M / (2 tau): see `diagnostics.effective_sample_size`.
    step_size : float, optional
        Above 0. By default 1, which is Newton's, for whole covariances, and else half of `largest_stable_step`.
    plain : bool
        Whether to take plain steps, whatever the source knows.
    rule : callable, (model, gap, slope, now) -> array (P,), optional
        By how much to change the parameters, instead of all that: `Momentum`, `Adam`.
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
        If step_size, max_steps, tolerance or a penalty are out of range, or do not go with a rule or mini-batches.
    Diverged
        If steps that no whole covariance scales jump to and fro and do not come nearer: it says the largest stable one.
        If a rule makes a step that promises more than a nat a unit. Or if parameters or moments stop being finite.

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
    batches, data = (data, data.data) if isinstance(data, MiniBatches) else (repeat(data), data)
    if isinstance(batches, MiniBatches) and (rule is None or weights is not None):
        raise ValueError("mini-batches need a rule, such as learning.Adam(0.001), and take no weights")
    steps = Steps(model, data, step_size, plain=plain, rule=rule, l1=l1, l2=l2)
    monitor = Monitor(model, steps, max_steps=max_steps, tolerance=tolerance)
    counted, n_samples = count_samples(np.shape(data)[: -len(model.shape)], weights, effective_samples)
    try:
        for _ in progress_bar(range(monitor.max_steps + 1), progress):
            # Not hoisted out of the loop: with hidden units what the data say depends on the parameters.
            target = model.moments(next(batches), **counted)
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
            monitor.check_step(model, slope, delta)
            model = model.step(delta)
        if stopped == "noise" and monitor.steps_left:
            monitor.model = model.step(steps.next(model, gap, slope, now))
    except KeyboardInterrupt:
        stopped = "interrupted"
    errors = None if monitor.now is None else errors_of(monitor.now, n_samples, steps)
    return Fit(monitor.model, errors, np.array(monitor.history), stopped)
