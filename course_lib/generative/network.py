"""A multilayer perceptron, and its slopes by backpropagation."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from course_lib.inputs import check_count


@dataclass(frozen=True, eq=False)
class Network:
    """Layers of ``tanh(x W + b)``, the last one without tanh.

    It computes in the precision of its parameters: single where they come from `start`, as twice as fast.

    Attributes
    ----------
    sizes : tuple of int
        How many numbers go in, how many units each hidden layer has, how many numbers come out.
    parameters : array, shape (P,)
        W and b of each layer in turn.

    Examples
    --------
    >>> network = Network.start((3, 8, 2), rng=1)
    >>> network([[0.0, 1.0, -1.0]]).shape, network.parameters.shape
    ((1, 2), (50,))
    """

    sizes: tuple
    parameters: np.ndarray

    @classmethod
    def start(cls, sizes, *, rng):
        """Random weights that keep the spread of what goes through them; biases 0."""
        rng, sizes = np.random.default_rng(rng), tuple(check_count("a size", size, 1) for size in sizes)
        layers = [np.r_[rng.normal(0, n**-0.5, (n, m)).ravel(), np.zeros(m)] for n, m in pairwise(sizes)]
        return cls(sizes, np.concatenate(layers).astype(np.float32))

    def layers(self):
        """W and b of each layer, as views of the parameters."""
        at = 0
        for n, m in pairwise(self.sizes):
            yield self.parameters[at : at + n * m].reshape(n, m), self.parameters[at + n * m : at + n * m + m]
            at += n * m + m

    def __call__(self, x):
        """Give the output for each row of x."""
        return self.activations(x)[-1]

    def activations(self, x):
        """x, what each hidden layer makes of it, and the output."""
        values = [np.asarray(x, self.parameters.dtype)]
        for W, b in self.layers():
            values.append(values[-1] @ W + b if len(values) == len(self.sizes) - 1 else np.tanh(values[-1] @ W + b))
        return values

    def backward(self, values, slope):
        """From the slope by the output to those by the parameters and by the input: the chain rule, layer by layer.

        Parameters
        ----------
        values : list of array
            What `activations` gave.
        slope : array, shape of the output

        Returns
        -------
        (array (P,), array of the input's shape)
        """
        found, slope = [], np.asarray(slope, self.parameters.dtype)
        for k, (W, _) in reversed(list(enumerate(self.layers()))):
            found += [slope.sum(axis=0), (values[k].T @ slope).ravel()]
            slope = slope @ W.T
            if k:  # the input went through no tanh
                slope = slope * (1 - values[k] ** 2)
        return np.concatenate(found[::-1]), slope

    def step(self, delta):
        """Give the network with other parameters, by so much."""
        return replace(self, parameters=self.parameters + np.asarray(delta, self.parameters.dtype))


def sigmoid(field):
    """Probability of a unit to be 1, from its log-odds."""
    return 0.5 + 0.5 * np.tanh(field / 2)
