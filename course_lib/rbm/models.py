"""Restricted Boltzmann machines: two layers of units, and couplings between the layers only.

E(x, h) = - a.x - b.h - x.W.h                                                   `RBM`
E(x, h) = sum_i (x_i - a_i)^2 / (2 sigma_i^2) - b.h - sum_ij (x_i / sigma_i^2) W_ij h_j         `GaussianRBM`

Hidden units are 0 or 1, visible ones too, or real. Given one layer the units of the other are independent; summed over
the hidden ones, ``energy`` is the free energy of what is seen.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from course_lib import divergence, learning, sampling
from course_lib.inputs import (
    check_array,
    check_batch,
    check_count,
    check_layers,
    check_memory,
    check_reals,
    check_units,
    check_weights,
)
from course_lib.rbm import sums
from course_lib.rbm.sums import mean_under, softplus

# Starting weights: small, so that no hidden unit is decided, and different, so that no two learn the same.
SCALE = 0.01


class _TwoLayers:
    """What both machines share.

    Each says what its visible units may be (``checked``), their own log-weight (``_own``), what they put into a
    product with W (``_scaled``), and where the derivative by a has its zero (``_origin``). Means and draws are taken in
    the precision of what they are given: float32, in which chains come, is twice as fast.
    """

    @property
    def shape(self):
        return self.a.shape

    @property
    def parameters(self):
        return self._packed

    def energy(self, x):
        x = self.checked(x).astype(float, copy=False)
        return -self._own(x) - softplus(2 * self._half_hidden_field(x)).sum(axis=-1)

    def joint_energy(self, x, h):
        """Energy of visible and hidden units together, shape (...,)."""
        x, h = self.checked(x).astype(float, copy=False), check_units(h, len(self.b))
        try:
            np.broadcast_shapes(x.shape[:-1], h.shape[:-1])
        except ValueError:
            raise ValueError(
                f"x and h must be as many configurations, or go with each other, got shapes {x.shape} and {h.shape}"
            ) from None
        return -self._own(x) - 2 * np.sum(h * self._half_hidden_field(x), axis=-1)

    def hidden_mean(self, x):
        """Probability that each hidden unit is 1, given the visible ones: shape (..., n_hidden)."""
        return mean_under(self.hidden_pull(self.checked(x)))

    def visible_mean(self, h):
        """Mean of each visible unit, given the hidden ones: shape (..., n_visible).

        ``h`` may also hold their probabilities, for a step of mean field.
        """
        return self._visible_mean(check_reals(h, len(self.b)))

    def draw_hidden(self, x, *, rng):
        """Hidden units drawn given the visible ones: float32, shape (..., n_hidden)."""
        return drawn_under(self.hidden_pull(self.checked(x).astype(np.float32)), np.random.default_rng(rng))

    def draw_visible(self, h, *, rng):
        """Visible units drawn given the hidden ones: float32, shape (..., n_visible)."""
        return self._draw_visible(check_units(h, len(self.b)).astype(np.float32), np.random.default_rng(rng))

    def statistics(self, x):
        x = self.checked(x)
        check_memory(
            16 * (x.size // x.shape[-1]) * self.W.size,
            what="the statistics of so many samples, one by one,",
            instead="take their mean, with moments",
        )
        scaled, q = self._scaled(x), mean_under(self.hidden_pull(x))
        products = (scaled[..., :, None] * q[..., None, :]).reshape(*x.shape[:-1], self.W.size)
        return np.concatenate([scaled - self._origin, q, products], axis=-1).astype(float)

    def moments(self, x, weights=None):
        x = self.checked(x)
        weights = None if weights is None else check_weights(weights, x.shape[:-1])
        return self.moments_of(x if x.ndim == 2 and len(x) else check_batch(x, 1), weights)

    def moments_of(self, x, weights=None):
        """`moments` of samples (n, n_visible) that were checked."""
        scaled, q = self._scaled(x), mean_under(self.hidden_pull(x))
        times = np.ones(len(x), x.dtype) if weights is None else weights
        products = (scaled.T if weights is None else scaled.T * weights) @ q
        mean = np.concatenate([times @ scaled, times @ q, products.ravel()])
        mean /= len(x) if weights is None else weights.sum()
        mean[: len(self.a)] -= self._origin
        return mean

    def swept(self, states, sweeps, rng):
        """Chains (n, n_visible), float32, moved on by block Gibbs: all hidden units, then all visible ones."""
        for _ in range(sweeps):
            states = self._draw_visible(drawn_under(self.hidden_pull(states), rng), rng)
        return states

    def unpack(self, packed):
        """Numbers packed as the parameters are, shape (P,), as three arrays shaped like a, b and W."""
        n, m = self.W.shape
        return packed[:n], packed[n : n + m], packed[n + m :].reshape(n, m)

    def layer_means(self, mean):
        """From mean statistics: the mean of what visible units put into products with W, and of the hidden units."""
        a, b, _ = self.unpack(mean)
        return a + self._origin, b

    def step(self, delta):
        delta = check_array("a step", delta)
        if delta.shape != self._packed.shape:
            raise ValueError(
                f"a step must have one number for each of the {self._packed.size} parameters, got shape {delta.shape}"
            )
        packed = self._packed + delta
        if not np.isfinite(packed).all():
            raise ValueError("a step must lead to finite parameters, got one that does not: it is too large")
        new = object.__new__(type(self))
        new.__dict__.update(self._kept_by_steps())
        new._keep(packed, self.W.shape)
        return new

    def log_partition(self) -> float:
        """Log of the partition function, exact: a sum over all states of the smaller layer, or of the binary one.

        Raises
        ------
        NotSummable
            If that layer has more than 20 units; `divergence.ais_log_partition` then estimates it.
        """
        return sums.log_partition(self._listed())

    def log_weight(self, h):
        """Log of what a state of the hidden units weighs, summed over the visible ones: shape (...,)."""
        h = check_units(h, len(self.b)).astype(float, copy=False)
        return h @ self.b + self._sum_over_visible(h)

    def hidden_pull(self, x):
        """``tanh(field / 2)`` of each hidden unit, from visible units that were checked, or from their means.

        That of a batch which nobody can change is remembered: first its moments are asked for, then chains start there.
        """
        batch, pull = self.__dict__.get("_remembered", (None, None))
        if batch is not x:
            pull = np.tanh(self._half_hidden_field(x))
            if not x.flags.writeable:
                self.__dict__["_remembered"] = x, pull
        return pull

    def _half_hidden_field(self, x):
        _, b, W = self._halves(x.dtype)
        field = self._scaled(x) @ W
        field += b
        return field

    def _halves(self, dtype):
        """Half of a, b and W: a mean is ``(1 + tanh(field / 2)) / 2``."""
        return self._single_halves if dtype == np.float32 else self._double_halves

    @cached_property
    def _single_halves(self):
        return self.unpack((self._packed / 2).astype(np.float32))

    @cached_property
    def _double_halves(self):
        return self.unpack(self._packed / 2)

    def _keep(self, packed, shape):
        """Keep the parameters where nobody can change them."""
        packed.flags.writeable = False
        n, m = shape
        self.__dict__.update(_packed=packed, a=packed[:n], b=packed[n : n + m], W=packed[n + m :].reshape(shape))


@dataclass(frozen=True, eq=False)
class RBM(_TwoLayers):
    """Visible and hidden units of 0 and 1: ``E(x, h) = - a.x - b.h - x.W.h``.

    Summed over the hidden units, ``energy(x) = - a.x - sum_j log(1 + exp(b_j + (x.W)_j))``.
    Parameters are packed as a, b, then W row by row: P = n_visible + n_hidden + n_visible n_hidden.

    Parameters
    ----------
    a : array, shape (n_visible,)
    b : array, shape (n_hidden,)
    W : array, shape (n_visible, n_hidden)

    Examples
    --------
    One hidden unit that likes both visible ones on: with b = -4 it is seldom on without them.

    >>> model = RBM(a=[0, 0], b=[-4], W=[[4], [4]])
    >>> model.hidden_mean([[0, 0], [1, 1]]).round(3).tolist()
    [[0.018], [0.982]]
    >>> p = np.exp(-model.energy([[0, 0], [0, 1], [1, 0], [1, 1]]) - model.log_partition())
    >>> p.round(3), round(p.sum(), 6)
    (array([0.017, 0.033, 0.033, 0.917]), np.float64(1.0))
    """

    a: np.ndarray
    b: np.ndarray
    W: np.ndarray

    _origin = 0.0

    def __post_init__(self):
        a, b, W = check_layers(self.a, self.b, self.W)
        self._keep(np.concatenate([a, b, W.ravel()]), W.shape)

    @classmethod
    def start(cls, data, n_hidden, *, rng) -> Self:
        """Where learning starts: the visible units as often on as in the data, hidden ones undecided.

        Parameters
        ----------
        data : array of 0 and 1, shape (..., n_visible)
        n_hidden : int
        rng : numpy.random.Generator or seed
            For the weights: normal, of deviation 0.01.

        Examples
        --------
        >>> model = RBM.start([[0, 1], [1, 1], [0, 1]], n_hidden=2, rng=1)
        >>> model.visible_mean([0, 0]).round(2)  # not 1: the samples are few
        array([0.38, 0.88])
        """
        data = check_batch(check_units(data), 1)
        # Half a sample more of either kind: what was on in all samples need not be certain.
        mean = (data.sum(axis=0, dtype=float) + 0.5) / (len(data) + 1)
        return cls(np.log(mean / (1 - mean)), *_small(data.shape[1], n_hidden, rng))

    def _visible_mean(self, h):
        return mean_under(np.tanh(self._half_visible_field(h)))

    def _draw_visible(self, h, rng):
        return drawn_under(np.tanh(self._half_visible_field(h)), rng)

    def _half_visible_field(self, h):
        a, _, W = self._halves(h.dtype)
        field = h @ W.T
        field += a
        return field

    def _sum_over_visible(self, h):
        return softplus(2 * self._half_visible_field(h)).sum(axis=-1)

    def _listed(self):
        """Turn it over if the visible layer is the smaller one: its states are then the ones listed."""
        sums.check_size("smaller layer", min(self.W.shape))
        return self if len(self.b) <= len(self.a) else RBM(self.b, self.a, self.W.T)

    def checked(self, x):
        return check_units(x, len(self.a))

    def _own(self, x):
        return x @ self.a

    def _scaled(self, x):
        return x

    def _kept_by_steps(self):
        return {}


@dataclass(frozen=True, eq=False)
class GaussianRBM(_TwoLayers):
    """Real visible units, hidden ones of 0 and 1.

    ``E(x, h) = sum_i (x_i - a_i)^2 / (2 sigma_i^2) - b.h - sum_ij (x_i / sigma_i^2) W_ij h_j``, so that x given h is
    normal with mean ``a + W h`` and deviation sigma: p(x) is a mixture of 2^n_hidden such hills. Other texts divide the
    last term by sigma, not its square. Parameters are packed as for `RBM`; sigma is none of them.

    Parameters
    ----------
    a : array, shape (n_visible,)
    b : array, shape (n_hidden,)
    W : array, shape (n_visible, n_hidden)
    sigma : array, shape (n_visible,), or float
        Above 0.

    Examples
    --------
    Two hills, 3 apart, equally high: ``b = -3^2 / 2`` makes up for what the coupling adds at the second.

    >>> model = GaussianRBM(a=[0], b=[-4.5], W=[[3]], sigma=1)
    >>> model.energy([[0], [1.5], [3]]).round(3)
    array([-0.011,  0.432, -0.011])
    """

    a: np.ndarray
    b: np.ndarray
    W: np.ndarray
    sigma: np.ndarray

    def __post_init__(self):
        a, b, W = check_layers(self.a, self.b, self.W)
        sigma = _check_sigma(self.sigma, len(a))
        sigma.flags.writeable = False
        self.__dict__["sigma"] = sigma
        self._keep(np.concatenate([a, b, W.ravel()]), W.shape)

    @classmethod
    def start(cls, data, n_hidden, *, sigma=None, rng) -> Self:
        """Where learning starts: one hill over the data, with hidden units undecided.

        Parameters
        ----------
        data : array, shape (..., n_visible)
        n_hidden : int
        sigma : array, shape (n_visible,), or float, optional
            By default the data's own deviations. Where the data have several hills they are narrower than that.
        rng : numpy.random.Generator or seed
            For the weights: normal, of deviation 0.01 sigma.

        Examples
        --------
        >>> model = GaussianRBM.start([[0.0], [1.0], [5.0]], n_hidden=2, rng=1)
        >>> model.a, model.sigma.round(3)
        (array([2.]), array([2.16]))
        """
        data = check_batch(check_reals(data), 1)
        sigma = _check_sigma(data.std(axis=0) if sigma is None else sigma, data.shape[1])
        b, W = _small(data.shape[1], n_hidden, rng)
        return cls(data.mean(axis=0), b, sigma[:, None] * W, sigma)

    def _visible_mean(self, h):
        return h @ self.W.T.astype(h.dtype) + self.a.astype(h.dtype)

    def _draw_visible(self, h, rng):
        mean = self._visible_mean(h)
        return mean + self.sigma.astype(h.dtype) * rng.standard_normal(mean.shape, dtype=h.dtype)

    def _sum_over_visible(self, h):
        shift = h @ self.W.T
        hills = np.sum((self.a * shift + shift**2 / 2) / self.sigma**2, axis=-1)
        return hills + np.log(np.sqrt(2 * np.pi) * self.sigma).sum()

    def _listed(self):
        sums.check_size("hidden units", len(self.b))
        return self

    @property
    def _origin(self):
        return self.a / self.sigma**2

    def checked(self, x):
        return check_reals(x, len(self.a))

    def _own(self, x):
        return -0.5 * np.sum(((x - self.a) / self.sigma) ** 2, axis=-1)

    def _scaled(self, x):
        return x / (self.sigma**2).astype(x.dtype)

    def _kept_by_steps(self):
        return {"sigma": self.sigma}


def check_machine(model):
    """The model, after checking that it is a machine of two layers."""
    if not isinstance(model, RBM | GaussianRBM):
        raise ValueError(
            f"model must be an RBM or a GaussianRBM, got {' '.join(repr(model).split()):.60}: make one with RBM.start, "
            "or of arrays"
        )
    return model


def _check_sigma(sigma, n):
    sigma = check_array("sigma", sigma).astype(float)
    if sigma.shape not in ((), (n,)) or not np.all((sigma > 0) & (sigma < np.inf)):
        raise ValueError(
            f"sigma must be one finite number above 0, or one for each of the {n} visible units, got "
            f"{np.array2string(sigma, threshold=5)}: it is a standard deviation; pass one number, or leave out what "
            "does not vary"
        )
    return np.full(n, sigma) if sigma.ndim == 0 else sigma


def _small(n_visible, n_hidden, rng):
    n_hidden = check_count("n_hidden", n_hidden, 1)
    return np.zeros(n_hidden), np.random.default_rng(rng).normal(0, SCALE, (n_visible, n_hidden))


def drawn_under(pull, rng):
    """Units drawn by heat bath, as float32, given ``tanh(field / 2)``: 1 with probability (1 + pull) / 2."""
    edge = pull * np.float32(2**31)
    # Random bits as a whole number: uniform from -2^31 to 2^31, and below the edge as often as a unit is 1.
    bits = rng.bit_generator.random_raw((edge.size + 1) // 2)
    uniform = bits.view(np.int32)[: edge.size].reshape(edge.shape).astype(np.float32)
    return np.less(uniform, edge, out=uniform)


# ---------------------------------------------------------------- what sampling, AIS and learning ask for


@sampling.random_states.register
def _(model: RBM, n_chains, *, rng):
    shape = check_count("n_chains", n_chains, 1), *model.shape
    return np.random.default_rng(rng).integers(2, size=shape).astype(np.float32)


@sampling.random_states.register
def _(model: GaussianRBM, n_chains, *, rng):
    shape = check_count("n_chains", n_chains, 1), *model.shape
    return np.random.default_rng(rng).normal(model.a, model.sigma, shape).astype(np.float32)


@sampling.advance.register
def _(model: RBM | GaussianRBM, states, sweeps, *, rng):
    states, sweeps = model.checked(states).astype(np.float32), check_count("sweeps", sweeps, 0)
    return model.swept(states, sweeps, np.random.default_rng(rng))


@divergence.uncoupled.register
def _(model: RBM | GaussianRBM):
    free = model.step(np.r_[np.zeros(len(model.a) + len(model.b)), -model.W.ravel()])
    return free, float(softplus(model.b).sum() + free.log_weight(np.zeros(len(model.b))))


@divergence.exact_log_partition.register
def _(model: RBM | GaussianRBM):
    return model.log_partition()


@learning.exact_moments.register
def _(model: RBM | GaussianRBM):
    """The means alone: for their covariance the visible units would have to be listed, too."""
    listed = model._listed()
    x, h, products = sums.means(listed)
    if listed is not model:
        x, h, products = h, x, products.T
    scale = model._scaled(np.ones(len(x)))
    mean = np.concatenate([scale * x - model._origin, h, (scale[:, None] * products).ravel()])
    return learning.ModelMoments(mean, np.zeros_like(mean))
