"""Learning: compare the model's moments with the data's, and step the parameters until they agree.

    target = model.moments(data)
    now    = source(model)
    model  = model.step(step_size * (target - now.mean))

The same three lines for every model: see `loop`. Where the moments of the model come from is the business of `sources`,
how far to step that of `steps`, and when to stop that of `stopping`.
"""

from course_lib.learning.coexistence import PhaseCoexistence, phase_coexistence
from course_lib.learning.contrastive import contrastive_divergence
from course_lib.learning.curve import GeneralisationGap, LearningCurve, reference_lines
from course_lib.learning.errors import fisher_errors, sampled_errors
from course_lib.learning.existence import NoMaximum, check_interior, check_maximum
from course_lib.learning.fits import fit_images, fit_ising
from course_lib.learning.loop import fit
from course_lib.learning.meanfield import mean_field, mean_field_images, tap
from course_lib.learning.pseudolikelihood import pseudo_likelihood, pseudo_likelihood_images
from course_lib.learning.result import Fit
from course_lib.learning.rules import Adam, MiniBatches, Momentum
from course_lib.learning.sources import (
    ModelMoments,
    exact_moments,
    fresh_chains,
    persistent_chains,
)
from course_lib.learning.steps import largest_stable_step
from course_lib.learning.stopping import Diverged

__all__ = [
    "Adam",
    "Diverged",
    "Fit",
    "GeneralisationGap",
    "LearningCurve",
    "MiniBatches",
    "ModelMoments",
    "Momentum",
    "NoMaximum",
    "PhaseCoexistence",
    "check_interior",
    "check_maximum",
    "contrastive_divergence",
    "exact_moments",
    "fisher_errors",
    "fit",
    "fit_images",
    "fit_ising",
    "fresh_chains",
    "largest_stable_step",
    "mean_field",
    "mean_field_images",
    "persistent_chains",
    "phase_coexistence",
    "pseudo_likelihood",
    "pseudo_likelihood_images",
    "reference_lines",
    "sampled_errors",
    "tap",
]
