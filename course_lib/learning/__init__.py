"""Learning: compare the model's moments with the data's, and step the parameters until they agree.

    target = model.moments(data)
    now    = source(model)
    model  = model.step(step_size * (target - now.mean))

The same three lines for every model: see `loop`. Where the moments of the model come from is the business of `sources`.
"""

from course_lib.learning.loop import Fit, fit
from course_lib.learning.sources import ModelMoments, exact_moments, fresh_chains

__all__ = ["Fit", "ModelMoments", "exact_moments", "fit", "fresh_chains"]
