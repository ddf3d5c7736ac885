"""Training: draw some data, take the slope, step; the same loop for every family that is made of networks."""

from dataclasses import replace

import numpy as np

from course_lib.inputs import check_batch, check_count, check_units
from course_lib.learning import Adam, Fit
from course_lib.sampling import progress_bar


class Networks:
    """What models made of networks share: ``PARTS`` names the networks, ``slope`` says what is climbed."""

    PARTS = ()

    @property
    def parameters(self):
        """Those of all networks, one after the other."""
        return np.concatenate([getattr(self, name).parameters for name in self.PARTS])

    def step(self, delta):
        """Give the model with other parameters, by so much."""
        ends = np.cumsum([getattr(self, name).parameters.size for name in self.PARTS])[:-1]
        pieces = zip(self.PARTS, np.split(delta, ends), strict=True)
        return replace(self, **{name: getattr(self, name).step(piece) for name, piece in pieces})


def train(model, data, *, steps=3000, batch_size=120, rate=0.003, falling=True, rng, progress=True) -> Fit:
    """Learn from data: many small steps of Adam.

    Parameters
    ----------
    model : VAE, GAN or Diffusion
        Where to start, such as ``VAE.start(data, rng=rng)``.
    data : array of 0 and 1, shape (..., n_units)
    steps : int
    batch_size : int
        How many samples are drawn for each step, with replacement.
    rate : float
        Of Adam.
    falling : bool
        Whether the rate falls to 0, in a straight line, until the end.
    rng : numpy.random.Generator or seed
    progress : bool
        Whether to show a bar if it takes long. Ctrl-C returns what was reached.

    Returns
    -------
    Fit
        Without standard errors. Its history holds what each step climbed, for its own batch: see the model's ``slope``.

    Raises
    ------
    ValueError
        If the data do not fit the model, or a number is out of range.

    Examples
    --------
    >>> from course_lib.generative import VAE
    >>> data = [[0, 0, 0], [1, 1, 1]]
    >>> fitted = train(VAE.start(data, n_latent=1, rng=1), data, steps=300, rng=2)
    >>> bool(fitted.history[-100:].mean() > fitted.history[:100].mean()), fitted.stopped
    (True, 'steps')
    """
    if not isinstance(model, Networks):
        raise ValueError(f"model must be a VAE, GAN or Diffusion, got {type(model).__name__}: take VAE.start(data)")
    data, rng = check_batch(check_units(data, model.n_units), 1).astype(float), np.random.default_rng(rng)
    steps, batch_size = check_count("steps", steps, 1), check_count("batch_size", batch_size, 1)
    rule, history, stopped = Adam(rate, last=steps if falling else None), [], "steps"
    try:
        for k in progress_bar(range(steps), progress):
            batch = data[rng.integers(len(data), size=batch_size)]
            value, slope = model.slope(batch, left=1 - k / steps, rng=rng)
            model = model.step(rule(model, slope, slope, None))
            history.append(value)
    except KeyboardInterrupt:
        stopped = "interrupted"
    return Fit(model, None, np.array(history), stopped)
