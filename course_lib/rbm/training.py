"""Training: the three lines of `learning.fit`, a mini-batch at a time."""

import numpy as np

from course_lib.inputs import check_batch, check_count, check_number
from course_lib.learning import Adam, Fit, MiniBatches, ModelMoments, Momentum, exact_moments, fit
from course_lib.rbm.models import check_machine
from course_lib.sampling.moves import check_method

BATCH = 100
MEMORY = 0.01  # of the offsets of `Centred`: they are means over some 100 steps


def train(
    model,
    data,
    *,
    method="pcd",
    epochs=100,
    batch_size=None,
    sweeps=1,
    n_chains=100,
    rate=0.1,
    falling=True,
    momentum=0.0,
    adam=False,
    centred=True,
    l2=0.0,
    callback=None,
    rng,
    progress=True,
) -> Fit:
    """Learn from data, by `learning.fit` and a rule.

    The likelihood of a machine with hidden units has many maxima; which one is reached depends on the start and on
    ``rng``. How likely the data are is not known on the way, save for small machines: pass a `learning.LearningCurve`
    or a `learning.GeneralisationGap` as callback.

    Parameters
    ----------
    model : RBM or GaussianRBM
        Where to start: ``RBM.start(data, n_hidden, rng=rng)``.
    data : array, shape (..., n_visible)
    method : {"pcd", "cd", "exact"}
        Where the moments of the model come from. "pcd": chains that go on from step to step (persistent contrastive
        divergence; Younes 1999, Tieleman 2008). "cd": chains that start at the batch each time, CD-k with k ``sweeps``
        (Hinton 2002): quick at first, and far from the likelihood's maximum in the end. "exact": sums over all states
        of the smaller layer.
    epochs : int
        How many times all data are seen.
    batch_size : int, optional
        By default 100, or all data if they are fewer; with exact moments all data.
    sweeps : int
        Of the chains for each step.
    n_chains : int
        How many persistent chains; they start at samples of the data.
    rate : float
        Step size.
    falling : bool
        Whether the rate falls to 0, in a straight line, until the end. At a constant rate persistent chains lag behind
        for ever, and the likelihood turns back after a while.
    momentum : float
        From 0 to below 1.
    adam : bool
        Adam instead of plain steps, with a rate some 10 to 100 times smaller.
    centred : bool
        Whether to take the slopes of the weights for units measured from their means: hidden and visible biases then
        pull less on the weights.
    l2 : float
        Weight decay: what climbs is the log-likelihood per sample minus ``l2 sum W^2 / 2``.
    callback : callable, (model, gap) -> None
        As for `learning.fit`: called for each model on the way.
    rng : numpy.random.Generator or seed
    progress : bool
        Whether to show a bar if it takes long. Ctrl-C returns what was reached.

    Returns
    -------
    Fit
        Without standard errors: the hidden units can change places.

    Raises
    ------
    ValueError
        If the data do not fit the model, the batch is larger than the data, a number is out of range, or a sum over
        all states would be too large.
    Diverged
        If the rate is too large; it carries the model that was reached.

    Examples
    --------
    Two units that always agree; without hidden units no bias could say so.

    >>> from course_lib.rbm import RBM
    >>> data = [[0, 0], [1, 1]]
    >>> fitted = train(RBM.start(data, 2, rng=1), data, method="exact", epochs=500, adam=True, rng=2)
    >>> p = np.exp(-fitted.model.energy([[0, 0], [0, 1], [1, 1]]) - fitted.model.log_partition())
    >>> p.round(1) + 0.0
    array([0.5, 0. , 0.5])
    """
    data, rng = check_batch(check_machine(model).checked(data), 1), np.random.default_rng(rng)
    check_method(method, ("pcd", "cd", "exact"))
    if adam and momentum:
        raise ValueError(f"adam has a momentum of its own: leave out momentum, got {momentum!r:.60}")
    if method != "exact":
        data = data.astype(np.float32)  # as the chains are: products are then twice as fast
    if batch_size is None:
        batch_size = len(data) if method == "exact" else min(BATCH, len(data))
    batches = MiniBatches(data, batch_size, rng=rng)
    source = _source(method, batches, check_count("n_chains", n_chains, 1), check_count("sweeps", sweeps, 1), rng)
    n_steps = check_count("epochs", epochs, 1) * batches.n_batches
    last = n_steps if falling else None
    rule = Adam(rate, last=last) if adam else Momentum(rate, momentum, last=last)
    decay = check_number("l2", l2, 0) * np.r_[np.zeros(len(model.a) + len(model.b)), np.ones(model.W.size)]
    return fit(
        model,
        batches,
        source,
        rule=Centred(rule) if centred else rule,
        l2=decay,
        max_steps=n_steps,
        tolerance=0,
        callback=callback,
        progress=progress,
    )


def _source(method, batches, n_chains, sweeps, rng):
    """Where the moments of the model come from. Those of `learning` ask for errors, too, which take longer than these.

    What the chains are at stands in ``states``: contrastive divergence puts them back to the batch each time.
    """
    states = batches.data[rng.integers(len(batches.data), size=n_chains)]

    def source(model):
        nonlocal states
        states = model.swept(batches.now if method == "cd" else states, sweeps, rng)
        mean = model.moments_of(states)
        return ModelMoments(mean, np.full_like(mean, np.nan))

    return exact_moments if method == "exact" else source


class Centred:
    """A rule for machines of two layers: another rule, on slopes for units that are measured from their means.

    A unit that is mostly on acts like one more bias. Measured from offsets mu and lambda, as ``(x - mu) W (h -
    lambda)``, it does not: the slope of W becomes ``dW - mu db' - da lambda'``, and a step of W by ``V`` is also one of
    the old a by ``- V lambda`` and of the old b by ``- V' mu`` (Montavon and Mueller 2012; Melchior, Fischer and
    Wiskott, JMLR 17, 99, 2016). Directions change, maxima do not. The offsets are means over some 100 steps, of data
    and model both.
    """

    def __init__(self, rule):
        self._rule, self._offsets = rule, None

    def __call__(self, model, gap, slope, now):
        """Say by how much to change the parameters."""
        between = now.mean + gap / 2  # of the moments of data and model
        new = model.layer_means(between)
        if self._offsets is None:
            self._offsets = new
        self._offsets = tuple(old + MEMORY * (mean - old) for old, mean in zip(self._offsets, new, strict=True))
        mu, lam = self._offsets
        da, db, dW = model.unpack(slope)
        dW = dW - np.outer(mu, db) - np.outer(da, lam)
        step = self._rule(model, gap, np.concatenate([da, db, dW.ravel()]), now)
        a, b, W = model.unpack(step)
        return np.concatenate([a - W @ lam, b - mu @ W, W.ravel()])
