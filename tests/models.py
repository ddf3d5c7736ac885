"""Two small RBMs that stand in for any model with hidden units; see `course_lib.ising.Model`.

E(x, h) = -a.x - b.h - x.W.h                            x, h in {0, 1}
E(x, h) = sum (x-a)^2 / (2 sigma^2) - b.h - (x / sigma^2).W.h     x real, h in {0, 1}

Everything exact is a plain sum over all states of the hidden units, and of the visible ones or nodes for them.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from course_lib import divergence, exact, learning, sampling


def bits(n):
    """All configurations of n bits, shape (2**n, n); x_i is bit i of the index."""
    return (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(float)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class _Packed:
    """What both have in common: parameters a (n,), b (m,) and W (n, m)."""

    @property
    def shape(self):
        return self.a.shape

    @property
    def parameters(self):
        return np.concatenate([self.a, self.b, self.W.ravel()])


@dataclass(frozen=True, eq=False)
class BinaryRBM(_Packed):
    a: np.ndarray
    b: np.ndarray
    W: np.ndarray

    def hidden_mean(self, x):
        return sigmoid(self.b + x @ self.W)

    def energy(self, x):
        x = np.asarray(x)
        return -x @ self.a - np.logaddexp(0, self.b + x @ self.W).sum(axis=-1)

    def statistics(self, x):
        x = np.asarray(x)
        q = self.hidden_mean(x)
        return np.concatenate([x, q, (x[..., :, None] * q[..., None, :]).reshape(*x.shape[:-1], -1)], axis=-1)

    def moments(self, x):
        x = np.asarray(x).reshape(-1, len(self.a))
        q = self.hidden_mean(x)
        return np.concatenate([x.mean(axis=0), q.mean(axis=0), (x.T @ q / len(x)).ravel()])

    def step(self, delta):
        a, b, W = unpack(self, delta)
        return BinaryRBM(self.a + a, self.b + b, self.W + W)

    def log_partition(self):
        return np.logaddexp.reduce(-self.energy(bits(len(self.a))))


@dataclass(frozen=True, eq=False)
class GaussianRBM(_Packed):
    a: np.ndarray
    b: np.ndarray
    W: np.ndarray
    sigma: np.ndarray

    def hidden_mean(self, x):
        return sigmoid(self.b + x / self.sigma**2 @ self.W)

    def energy(self, x):
        x = np.asarray(x)
        quadratic = ((x - self.a) ** 2 / (2 * self.sigma**2)).sum(axis=-1)
        return quadratic - np.logaddexp(0, self.b + x / self.sigma**2 @ self.W).sum(axis=-1)

    def statistics(self, x):
        x = np.asarray(x)
        q, scaled = self.hidden_mean(x), x / self.sigma**2
        products = (scaled[..., :, None] * q[..., None, :]).reshape(*x.shape[:-1], -1)
        return np.concatenate([(x - self.a) / self.sigma**2, q, products], axis=-1)

    def moments(self, x):
        return self.statistics(x).reshape(-1, len(self.parameters)).mean(axis=0)

    def step(self, delta):
        a, b, W = unpack(self, delta)
        return GaussianRBM(self.a + a, self.b + b, self.W + W, self.sigma)

    def mixture(self):
        """Log-weight and centre, for each state of the hidden units, of the Gaussians that make up p(x)."""
        h = bits(len(self.b))
        u = h @ self.W.T
        log_weights = h @ self.b + ((self.a * u + u**2 / 2) / self.sigma**2).sum(axis=-1)
        return h, log_weights + np.log(np.sqrt(2 * np.pi) * self.sigma).sum(), self.a + u

    def log_partition(self):
        return np.logaddexp.reduce(self.mixture()[1])


def unpack(rbm, packed):
    n_visible, n_hidden = rbm.W.shape
    a, b, W = np.split(packed, [n_visible, n_visible + n_hidden])
    return a, b, W.reshape(n_visible, n_hidden)


def moments_under(statistics, weights):
    mean = weights @ statistics
    centred = statistics - mean
    return learning.ModelMoments(mean, np.zeros_like(mean), (centred.T * weights) @ centred)


@learning.exact_moments.register
def _(model: BinaryRBM):
    x = bits(len(model.a))
    return moments_under(model.statistics(x), np.exp(-model.energy(x) - model.log_partition()))


@learning.exact_moments.register
def _(model: GaussianRBM):
    """By Gauss-Hermite quadrature around the centre of each Gaussian."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    offsets = np.array(list(product(nodes, repeat=len(model.a)))) * model.sigma
    weights = np.prod(list(product(weights / weights.sum(), repeat=len(model.a))), axis=1)
    _, log_weights, centres = model.mixture()
    x = (centres[:, None] + offsets).reshape(-1, len(model.a))
    return moments_under(model.statistics(x), np.outer(np.exp(log_weights - model.log_partition()), weights).ravel())


def gibbs(model, x, sweeps, draw_visible, rng):
    for _ in range(sweeps):
        h = rng.random((len(x), len(model.b))) < model.hidden_mean(x)
        x = draw_visible(h)
    return x


@sampling.advance.register
def _(model: BinaryRBM, states, sweeps, *, rng):
    def draw_visible(h):
        return (rng.random((len(h), len(model.a))) < sigmoid(model.a + h @ model.W.T)).astype(float)

    return gibbs(model, states, sweeps, draw_visible, rng)


@sampling.advance.register
def _(model: GaussianRBM, states, sweeps, *, rng):
    return gibbs(model, states, sweeps, lambda h: rng.normal(model.a + h @ model.W.T, model.sigma), rng)


@sampling.random_states.register
def _(model: BinaryRBM, n_chains, *, rng):
    return rng.integers(2, size=(n_chains, len(model.a))).astype(float)


@sampling.random_states.register
def _(model: GaussianRBM, n_chains, *, rng):
    return rng.normal(model.a, model.sigma, size=(n_chains, len(model.a)))


@divergence.uncoupled.register
def _(model: BinaryRBM):
    log_Z = np.logaddexp(0, model.a).sum() + np.logaddexp(0, model.b).sum()
    return BinaryRBM(model.a, model.b, np.zeros_like(model.W)), log_Z


@divergence.uncoupled.register
def _(model: GaussianRBM):
    log_Z = np.log(np.sqrt(2 * np.pi) * model.sigma).sum() + np.logaddexp(0, model.b).sum()
    return GaussianRBM(model.a, model.b, np.zeros_like(model.W), model.sigma), log_Z


@divergence.exact_log_partition.register
def _(model: BinaryRBM):
    if len(model.a) > 20:
        raise exact.NotSummable(f"20 visible units at most, got {len(model.a)}")
    return model.log_partition()


@divergence.exact_log_partition.register
def _(model: GaussianRBM):
    if len(model.b) > 20:
        raise exact.NotSummable(f"20 hidden units at most, got {len(model.b)}")
    return model.log_partition()
