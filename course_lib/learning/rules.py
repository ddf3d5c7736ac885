"""Rules for many small steps among noise: mini-batches of data, a rate that may fall, momentum, Adam.

A Newton step asks much of each look at the moments. Of a large model, with many samples, it is cheaper to look at few
samples and few chains, step a little, and let the steps average the noise.
"""

from typing import Self

import numpy as np

from course_lib.inputs import check_array, check_count, check_number


class MiniBatches:
    """The data in a random order, some samples at a time, over and over: what `fit` takes as data beside a ``rule``.

    Parameters
    ----------
    data : array, shape (n_samples, configuration)
    size : int
        At most so many samples a batch, all nearly the same; from 1 to n_samples.
    rng : numpy.random.Generator or seed
        For the order, which is a new one each time round.

    Attributes
    ----------
    n_batches : int
        Of one round through the data: an epoch.
    now : array
        The batch given last, read-only, from which chains may start.

    Raises
    ------
    ValueError
        If the batch is larger than the data.

    Examples
    --------
    >>> batches = MiniBatches([[0, 1], [1, 1], [1, 0]], size=2, rng=1)
    >>> batches.n_batches, len(next(batches)), len(next(batches))
    (2, 1, 2)
    """

    def __init__(self, data, size, *, rng):
        self.data, self._rng = check_array("the data", data), np.random.default_rng(rng)
        n_samples, size = len(np.atleast_1d(self.data)), check_count("the size of a batch", size, 1)
        if size > n_samples:
            raise ValueError(f"a batch must be no larger than the data, {n_samples} samples, got a size of {size}")
        self.n_batches, self._waiting, self.now = -(-n_samples // size), [], None

    def __iter__(self) -> Self:
        return self

    def __next__(self):
        if not self._waiting:
            order = np.arange(len(self.data)) if self.n_batches == 1 else self._rng.permutation(len(self.data))
            shuffled = self.data.take(order, axis=0)
            shuffled.flags.writeable = False  # what a model remembers of a batch stays true
            self._waiting = np.array_split(shuffled, self.n_batches)
        self.now = self._waiting.pop()
        return self.now


class Momentum:
    """A rule for `fit`: go on as before, a little less, and add ``rate * slope``; without momentum plain steps.

    Parameters
    ----------
    rate : float
        Above 0.
    momentum : float
        From 0 to below 1: what is left of a step at the next. Steps that agree add up to ``1 / (1 - momentum)`` of one.
    last : int, optional
        The step at which the rate has come down to 0, falling all the way in a straight line; by default it never
        falls. With a constant rate the noise of the slopes keeps the parameters moving for ever.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> rule = Momentum(0.1, momentum=0.5)
    >>> [rule(None, None, slope, None).tolist() for slope in np.array([[1.0], [1.0], [0.0]])]
    [[0.1], [0.15000000000000002], [0.07500000000000001]]
    """

    def __init__(self, rate, momentum=0.0, *, last=None):
        self._rate, self._momentum = _Rate(rate, last), check_number("momentum", momentum, 0)
        if not self._momentum < 1:
            raise ValueError(f"momentum must be below 1, got {momentum}: at 1 no step would ever end")
        self._step = 0.0

    def __call__(self, model, gap, slope, now):
        """Say by how much to change the parameters."""
        step = self._rate() * slope
        self._step = step + self._momentum * self._step if self._momentum else step
        return self._step


class Adam:
    """A rule for `fit`: each parameter at a rate of its own, about ``rate`` a step where its slopes keep their sign.

    Means of the slope and of its square are kept over some 10 and some 1000 steps; the step is rate times the first
    over the root of the second (Kingma and Ba, ICLR 2015).

    Parameters
    ----------
    rate : float
        Above 0.
    last : int, optional
        As for `Momentum`.

    Raises
    ------
    ValueError
        If the rate is not above 0.

    Examples
    --------
    The first step is the rate, however large the slope.

    >>> Adam(0.1)(None, None, np.array([0.01, 50.0]), None).round(5)
    array([0.1, 0.1])
    """

    def __init__(self, rate, *, last=None):
        self._rate, self._n, self._mean, self._square = _Rate(rate, last), 0, 0.0, 0.0

    def __call__(self, model, gap, slope, now):
        """Say by how much to change the parameters."""
        self._n += 1
        self._mean = 0.9 * self._mean + 0.1 * slope
        self._square = 0.999 * self._square + 0.001 * slope**2
        # Both start at 0, and would be too small at first.
        mean, square = self._mean / (1 - 0.9**self._n), self._square / (1 - 0.999**self._n)
        return self._rate() * mean / (np.sqrt(square) + 1e-8)


class _Rate:
    """A rate that stays, or falls in a straight line to 0 at the last step."""

    def __init__(self, rate, last):
        self._rate = check_number("rate", rate, 0)
        if not self._rate > 0:
            raise ValueError(f"rate must be above 0, got {rate}: it says how far to climb")
        self._last, self._n = None if last is None else check_count("last", last, 1), 0

    def __call__(self):
        """Give the rate of the next step."""
        share = 1.0 if self._last is None else max(0.0, 1 - self._n / self._last)
        self._n += 1
        return share * self._rate
