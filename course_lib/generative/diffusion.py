"""Spin diffusion: coins replace the units, a few at a time, until nothing is left; a network learns the way back.

Noise is the heat bath at infinite temperature. Of the way out, ``keep`` says how far it has come: a unit still has its
first value with probability ``keep``, and else it is a coin. A denoiser sees all units, and says of each one how likely
it was 1 at first. With that, a step back to a larger ``keep`` is drawn unit by unit (a discrete diffusion: Austin et
al., NeurIPS 2021).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from course_lib import exact
from course_lib.generative.network import Network, sigmoid
from course_lib.generative.training import Networks
from course_lib.inputs import check_batch, check_count, check_units
from course_lib.rbm.sums import softplus

MAX_UNITS = 16  # of an exact law: all states are carried through each step
AT_A_TIME = 8192  # of these states
LEAST_NOISE = 1e-4  # less is taken for as much: without noise the fields are infinite


def noisy(x, keep, *, rng):
    """Each unit with probability ``keep`` as it was, and else a coin."""
    rng = np.random.default_rng(rng)
    return np.where(rng.random(x.shape) < keep, x, rng.random(x.shape) < 0.5)


def step_back(p_start, x, keep, earlier):
    """Probability of each unit to have been 1 when ``earlier`` were kept, from its value now, when ``keep`` are.

    ``p_start`` is how likely it was 1 at first. Bayes for one unit, as spins: a start s leads to y with probability
    (1 + earlier y s) / 2, and y to x with (1 + r x y) / 2, where r = keep / earlier; all over (1 + keep x s) / 2. The
    two starts are weighed with their probabilities.
    """
    spin, r = 2.0 * x - 1, keep / earlier
    from_up, from_down = ((1 + r * spin) * (1 + earlier * start) / (2 * (1 + keep * spin * start)) for start in (1, -1))
    return p_start * from_up + (1 - p_start) * from_down


class _WayBack:
    """What can be done with any ``denoise(x, keep)`` of ``n_units``."""

    def sample(self, n_samples, *, steps=100, rng):
        """Start from coins, and go back in so many steps: 0 and 1, shape (n_samples, n_units), int8."""
        rng, shape = np.random.default_rng(rng), (check_count("n_samples", n_samples, 0), self.n_units)
        x = (rng.random(shape) < 0.5).astype(np.int8)
        for keep, earlier in _keeps(steps):
            x = (rng.random(shape) < step_back(self.denoise(x, keep), x, keep, earlier)).astype(np.int8)
        return x

    def distribution(self, steps):
        """Probability of each state that `sample` draws with so many steps: exact, shape (2**n_units,).

        Unit i is 1 in state k where bit i of k is set. All states are carried through every step: for at most 16 units.
        """
        if self.n_units > MAX_UNITS:
            raise exact.NotSummable(f"at most {MAX_UNITS} units can be listed, got {self.n_units}: take samples")
        states = (exact.states(self.n_units) > 0).astype(np.int8)
        half, p = self.n_units // 2, np.full(len(states), 1 / len(states))
        for keep, earlier in _keeps(steps):
            new = np.zeros((2 ** (self.n_units - half), 2**half))
            for start in range(0, len(states), AT_A_TIME):
                x, weight = states[start : start + AT_A_TIME], p[start : start + AT_A_TIME, None].astype(np.float32)
                up = step_back(self.denoise(x, keep), x, keep, earlier).astype(np.float32)
                new += (_products(up[:, half:]) * weight).T @ _products(up[:, :half])
            p = new.ravel() / new.sum()
        return p

    def bound(self, x, steps, *, rng):
        """An upper bound of -log p(x) of some samples, with so many steps: shape (n,), each from one noisy path.

        At each step of the path the true step back, whose start is known, is compared with the model's: the KL
        divergences add up.
        """
        x, rng = check_batch(check_units(x, self.n_units), 1), np.random.default_rng(rng)
        total = np.zeros(len(x))
        for keep, earlier in _keeps(steps):
            now = noisy(x, keep, rng=rng)
            true, own = (step_back(start, now, keep, earlier) for start in (x, self.denoise(now, keep)))
            total += (_part(true, own) + _part(1 - true, 1 - own)).sum(axis=1)
        return total


@dataclass(frozen=True, eq=False)
class Diffusion(_WayBack, Networks):
    """A network that undoes noise. It is trained at all levels of noise, and asked in as many steps as one likes.

    By Bayes, p(first | now) ~ p(first) exp(sum_i h_i first_i) with fields h = arctanh(keep) now, all as spins: a noisy
    picture acts on the law of the data as a field on each unit. So fields go into the network, which need not be told
    ``keep``; what comes out is added to each unit's own log-odds, 2 h.

    Examples
    --------
    >>> model = Diffusion.start([[0, 1], [1, 0]], rng=1)
    >>> model.sample(3, steps=5, rng=2).shape
    (3, 2)
    """

    network: Network
    PARTS = ("network",)

    @classmethod
    def start(cls, data, *, n_hidden=128, rng):
        """Random network for such data."""
        n, m = check_units(data).shape[-1], check_count("n_hidden", n_hidden, 1)
        return cls(Network.start((n, m, m, n), rng=rng))

    @property
    def n_units(self):
        """Of what is seen."""
        return self.network.sizes[-1]

    def slope(self, x, *, rng, left=1.0):
        """Mean log-probability of the first values given noisy ones, in nats a sample, and its slope."""
        rng = np.random.default_rng(rng)
        keep = _kept(rng.random((len(x), 1)))
        fields = _fields(noisy(x, keep, rng=rng), keep)
        values = self.network.activations(fields)
        logits = values[-1] + 2 * fields
        slope, _ = self.network.backward(values, (x - sigmoid(logits)) / len(x))
        return np.sum(x * logits - softplus(logits)) / len(x), slope

    def denoise(self, x, keep):
        """Probability of each unit to have been 1 at first."""
        fields = _fields(x, keep)
        return sigmoid(self.network(fields) + 2 * fields)


class PerfectDiffusion(_WayBack):
    """The best denoiser for data that are these patterns, equally likely: Bayes over all of them.

    Examples
    --------
    >>> best = PerfectDiffusion([[0, 0], [1, 1]])
    >>> best.denoise(np.array([[1, 1], [0, 1]]), keep=0.5).round(2)
    array([[0.9, 0.9],
           [0.5, 0.5]])
    """

    def __init__(self, patterns):
        self._patterns = check_batch(check_units(patterns), 1)
        self.n_units = self._patterns.shape[1]

    def denoise(self, x, keep):
        """Probability of each unit to have been 1 at first."""
        same = (self.n_units + (2.0 * x - 1) @ (2.0 * self._patterns.T - 1)) / 2
        log_weight = same * (np.log1p(keep) - np.log1p(-keep))
        weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
        return weight @ self._patterns / weight.sum(axis=1, keepdims=True)


def _keeps(steps):
    """Pairs of ``keep`` for each step back."""
    return list(pairwise(_kept(np.linspace(0, 1, check_count("steps", steps, 1) + 1))))


def _kept(share):
    """``keep`` after a share of the way back: large steps at first, while little is decided, and small ones at last."""
    return np.sin(np.pi / 2 * share)


def _fields(x, keep):
    """What each noisy unit says of its first value: half of its log-odds, log((1 + keep x) / (1 - keep x)) / 2."""
    return np.arctanh(np.minimum(keep, 1 - LEAST_NOISE)) * (2.0 * x - 1)


def _part(p, q):
    """One term of a KL divergence, p log(p / q); 0 where p is."""
    with np.errstate(divide="ignore"):
        return np.where(p > 0, p * (np.log(np.maximum(p, 1e-300)) - np.log(q)), 0.0)


def _products(up):
    """Probability of each state of independent units, of each row: unit i is 1 where bit i of the column is set."""
    table = np.ones((len(up), 1), up.dtype)
    for k in range(up.shape[1]):
        table = np.concatenate([table * (1 - up[:, k : k + 1]), table * up[:, k : k + 1]], axis=1)
    return table
