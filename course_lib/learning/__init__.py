"""Learning: compare the model's moments with the data's, and step the parameters until they agree.

    target = model.moments(data)
    now    = source(model)
    model  = model.step(step_size * (target - now.mean))

The same three lines for every model: see `loop`. Where the moments of the model come from is the business of `sources`.
"""

from course_lib.learning.loop import Diverged, Fit, fisher_errors, fit, largest_stable_step
from course_lib.learning.sources import (
    ModelMoments,
    contrastive_divergence,
    exact_moments,
    fresh_chains,
    persistent_chains,
)

__all__ = [
    "Diverged",
    "Fit",
    "ModelMoments",
    "contrastive_divergence",
    "exact_moments",
    "fisher_errors",
    "fit",
    "fresh_chains",
    "largest_stable_step",
    "persistent_chains",
]
