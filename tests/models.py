"""Plain sums that the machines of `course_lib.rbm` are held against: over visible units, where the library sums hidden.

Of a `GaussianRBM` the sum is a quadrature around the centre of each hill: exact for polynomials of degree 39 on a hill.
"""

from itertools import product

import numpy as np

from course_lib.learning import ModelMoments
from course_lib.rbm import RBM


def bits(n):
    """All configurations of n bits, shape (2**n, n); x_i is bit i of the index."""
    return (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(float)


def law(model):
    """Visible configurations (K, n), and weights (K,) under which their means are those of the model."""
    if isinstance(model, RBM):
        x = bits(len(model.a))
        weights = np.exp(-model.energy(x))
        return x, weights / weights.sum()
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    offsets = np.array(list(product(nodes, repeat=len(model.a)))) * model.sigma
    weights = np.prod(list(product(weights / weights.sum(), repeat=len(model.a))), axis=1)
    h = bits(len(model.b))
    shift = h @ model.W.T
    hills = np.exp(h @ model.b + ((model.a * shift + shift**2 / 2) / model.sigma**2).sum(axis=-1))
    x = (model.a + shift)[:, None] + offsets
    return x.reshape(-1, len(model.a)), np.outer(hills / hills.sum(), weights).ravel()


def moments_with_covariance(model):
    """A source for `learning.fit`; the library's own, exact for larger machines, knows no covariance."""
    x, weights = law(model)
    statistics = model.statistics(x)
    mean = weights @ statistics
    centred = statistics - mean
    return ModelMoments(mean, np.zeros_like(mean), (centred.T * weights) @ centred)
