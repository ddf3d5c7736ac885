"""Samples from p(s) = exp(-beta E(s)) / Z, by Markov chains that are moved side by side.

`moves` moves chains on, `records` keeps what they visit, `temperatures` runs them hot and cold; `progress` says how far
they are.
"""

from course_lib.sampling.moves import advance, flip_all, random_states, wolff
from course_lib.sampling.progress import progress_bar
from course_lib.sampling.records import Samples, average_moments, sample, sample_images, trace
from course_lib.sampling.temperatures import Annealed, BurnIn, NeverMet, Tempered, anneal, burn_in, tempering

__all__ = [
    "Annealed",
    "BurnIn",
    "NeverMet",
    "Samples",
    "Tempered",
    "advance",
    "anneal",
    "average_moments",
    "burn_in",
    "flip_all",
    "progress_bar",
    "random_states",
    "sample",
    "sample_images",
    "tempering",
    "trace",
    "wolff",
]
