"""Samples from p(s) = exp(-beta E(s)) / Z, by Markov chains that are moved side by side.

`moves` moves chains on, `records` keeps what they visit, `temperatures` runs them hot and cold.
"""

from course_lib.sampling.moves import advance, check_count, flip_all, inverse_temperature, random_states, wolff
from course_lib.sampling.records import Samples, average_moments, progress_bar, sample, sample_images, trace
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
    "check_count",
    "flip_all",
    "inverse_temperature",
    "progress_bar",
    "random_states",
    "sample",
    "sample_images",
    "tempering",
    "trace",
    "wolff",
]
