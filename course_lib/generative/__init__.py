"""Three more families of generative models, in plain numpy, beside the restricted Boltzmann machines of `rbm`.

A variational autoencoder, a pair of adversaries, and spin diffusion: each is made of one or two networks, starts at
``start(data)``, is trained by `train`, and draws with ``sample``.
"""

from course_lib.generative.diffusion import Diffusion, PerfectDiffusion
from course_lib.generative.gan import GAN
from course_lib.generative.measures import copying, nearest, pattern_counts
from course_lib.generative.network import Network
from course_lib.generative.training import train
from course_lib.generative.vae import VAE

__all__ = [
    "GAN",
    "VAE",
    "Diffusion",
    "Network",
    "PerfectDiffusion",
    "copying",
    "nearest",
    "pattern_counts",
    "train",
]
