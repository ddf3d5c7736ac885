"""A variational autoencoder: a map of the data on a small plane, and a way back from each of its points."""

from dataclasses import dataclass

import numpy as np

from course_lib.generative.network import Network, sigmoid
from course_lib.generative.training import Networks
from course_lib.inputs import check_count, check_units
from course_lib.rbm.sums import softplus

REACH, POINTS = 6.0, 161  # of the grid along each latent axis, in standard deviations of the prior


@dataclass(frozen=True, eq=False)
class VAE(Networks):
    """p(x) = integral of N(z; 0, 1) p(x | z): the decoder gives the units' odds at z, the encoder where x is from.

    What training climbs is a bound: log p(x) >= <log p(x | z)>_q - KL(q(z | x) || N(0, 1)), with a normal q.

    Examples
    --------
    >>> model = VAE.start([[0, 1], [1, 0]], n_latent=1, rng=1)
    >>> model.sample(3, rng=2).shape
    (3, 2)
    """

    encoder: Network
    decoder: Network
    PARTS = ("encoder", "decoder")

    @classmethod
    def start(cls, data, *, n_latent=2, n_hidden=64, rng):
        """Random networks for such data."""
        n, rng = check_units(data).shape[-1], np.random.default_rng(rng)
        d, m = check_count("n_latent", n_latent, 1), check_count("n_hidden", n_hidden, 1)
        return cls(Network.start((n, m, m, 2 * d), rng=rng), Network.start((d, m, m, n), rng=rng))

    @property
    def n_units(self):
        """Of what is seen."""
        return self.encoder.sizes[0]

    @property
    def n_latent(self):
        """Numbers that one sample is made from."""
        return self.decoder.sizes[0]

    def encode(self, x):
        """Mean and log-variance of z, given x."""
        return np.split(self.encoder(2.0 * check_units(x, self.n_units) - 1), 2, axis=-1)

    def slope(self, x, *, rng, left=1.0):
        """The mean bound of some samples, in nats, and its slope by all parameters.

        z is written as ``mean + exp(log_variance / 2) * noise``: the noise does not depend on parameters, so slopes go
        through z to the encoder (Kingma and Welling, ICLR 2014).
        """
        coded = self.encoder.activations(2 * x - 1)
        mean, log_variance = np.split(coded[-1], 2, axis=-1)
        noise = np.random.default_rng(rng).normal(size=mean.shape)
        deviation = np.exp(log_variance / 2)
        decoded = self.decoder.activations(mean + deviation * noise)
        divergence = 0.5 * np.sum(mean**2 + deviation**2 - 1 - log_variance) / len(x)
        value = np.sum(x * decoded[-1] - softplus(decoded[-1])) / len(x) - divergence
        of_decoder, of_z = self.decoder.backward(decoded, (x - sigmoid(decoded[-1])) / len(x))
        of_mean = of_z - mean / len(x)
        of_log_variance = of_z * noise * deviation / 2 - (deviation**2 - 1) / (2 * len(x))
        of_encoder, _ = self.encoder.backward(coded, np.concatenate([of_mean, of_log_variance], axis=-1))
        return value, np.concatenate([of_encoder, of_decoder])

    def sample(self, n_samples, *, rounded=False, rng):
        """Draw z, then each unit by its odds; or rounded to the likelier value, which is another model.

        Returns
        -------
        array of 0 and 1, shape (n_samples, n_units), int8
        """
        rng = np.random.default_rng(rng)
        p = sigmoid(self.decoder(rng.normal(size=(check_count("n_samples", n_samples, 0), self.n_latent))))
        return (p > (0.5 if rounded else rng.random(p.shape))).astype(np.int8)

    def log_probability(self, x):
        """Log p(x) of each sample, by summing over a grid of the latent plane: for one or two latent numbers.

        Returns
        -------
        array, shape (...)
        """
        if self.n_latent > 2:
            raise ValueError(f"a grid is for one or two latent numbers, this model has {self.n_latent}: use its bound")
        x = check_units(x, self.n_units)
        axis = np.linspace(-REACH, REACH, POINTS)
        z = np.stack(np.meshgrid(*[axis] * self.n_latent), axis=-1).reshape(-1, self.n_latent)
        logits, log_prior = self.decoder(z), -0.5 * np.sum(z**2, axis=-1)
        log_prior -= np.logaddexp.reduce(log_prior)
        rows = x.reshape(-1, self.n_units).astype(float)
        constant = log_prior - softplus(logits).sum(axis=-1)
        return np.array([np.logaddexp.reduce(constant + logits @ row) for row in rows]).reshape(x.shape[:-1])
