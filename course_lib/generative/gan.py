"""A generative adversarial network: one network draws, another one judges what it draws."""

from dataclasses import dataclass

import numpy as np

from course_lib.generative.network import Network, sigmoid
from course_lib.generative.training import Networks
from course_lib.inputs import check_count, check_number, check_units
from course_lib.rbm.sums import softplus


@dataclass(frozen=True, eq=False)
class GAN(Networks):
    """The judge learns to tell drawn from real; the generator to be taken for real. No likelihood is written anywhere.

    ``noise`` is the standard deviation, at the start of training, of what is added to all that the judge sees; it
    falls to 0 until the end.

    Examples
    --------
    >>> model = GAN.start([[0, 1], [1, 0]], rng=1)
    >>> model.sample(3, rng=2).shape
    (3, 2)
    """

    generator: Network
    judge: Network
    noise: float = 0.0
    PARTS = ("generator", "judge")

    @classmethod
    def start(cls, data, *, n_latent=16, n_hidden=64, noise=0.0, rng):
        """Random networks for such data."""
        n, rng = check_units(data).shape[-1], np.random.default_rng(rng)
        d, m = check_count("n_latent", n_latent, 1), check_count("n_hidden", n_hidden, 1)
        generator = Network.start((d, m, m, n), rng=rng)
        return cls(generator, Network.start((n, m, m, 1), rng=rng), check_number("noise", noise, 0))

    @property
    def n_units(self):
        """Of what is seen."""
        return self.judge.sizes[0]

    def slope(self, x, *, rng, left=1.0):
        """What the judge climbs, <log D(real)> + <log(1 - D(drawn))>, and the slopes of both players.

        The generator climbs <log D(drawn)>, whose slope does not vanish where the judge is sure (Goodfellow et al.,
        NeurIPS 2014). ``left`` is the share of training that is left, by which the noise has come down.
        """
        rng = np.random.default_rng(rng)
        drawing = self.generator.activations(rng.normal(size=(len(x), self.generator.sizes[0])))
        drawn, spread = np.tanh(drawing[-1]), self.noise * left
        real = 2 * x - 1 + spread * rng.normal(size=x.shape)
        fake = drawn + spread * rng.normal(size=x.shape)
        seen = self.judge.activations(np.concatenate([real, fake]))
        of_real, of_fake = np.split(seen[-1], 2)  # log-odds of being real
        value = -np.mean(softplus(-of_real) + softplus(of_fake))
        slopes = np.concatenate([sigmoid(-of_real), -sigmoid(of_fake)]) / len(x)
        of_judge, _ = self.judge.backward(seen, slopes)
        _, of_drawn = self.judge.backward([values[len(x) :] for values in seen], sigmoid(-of_fake) / len(x))
        of_generator, _ = self.generator.backward(drawing, of_drawn * (1 - drawn**2))
        return value, np.concatenate([of_generator, of_judge])

    def sample(self, n_samples, *, rng):
        """Draw, and round each unit: the generator's own values lie between -1 and 1.

        Returns
        -------
        array of 0 and 1, shape (n_samples, n_units), int8
        """
        z = np.random.default_rng(rng).normal(size=(check_count("n_samples", n_samples, 0), self.generator.sizes[0]))
        return (self.generator(z) > 0).astype(np.int8)
