"""What learning reached, and how sure it is."""

from dataclasses import dataclass

import numpy as np

from course_lib.ising import Model


@dataclass(frozen=True, eq=False)
class Fit:
    """What learning reached.

    Attributes
    ----------
    model : Model
    standard_errors : array, shape (P,), or None
        Of the parameters, each method's own, if the samples are independent (see ``effective_samples`` of `fit`) and
        drawn from such a model; infinite where the data cannot tell. Exact moments and chains:
        ``sqrt(diag(F^-1) / M)`` from the Fisher information F of one sample, the Cramer-Rao bound, and with chains
        their Monte Carlo noise on top: 1/M + 1/n in place of 1/M for n independent ones. Contrastive divergence and
        pseudo-likelihood: the sandwich, see there. With ``l2`` they hold on average over true parameters drawn from
        its prior, normal with variance 1 / (M l2), and include how far it pulls the estimate towards 0. They do not
        say how far a fit that was stopped early has still to go.
        None if the source gave no whole covariance (above 500 parameters: see `sampled_errors`); under ``l1``, whose
        estimates are not normal; for plain steps with chains, where noise hides what is still off; for contrastive
        divergence and pseudo-likelihood with fewer than ten samples; and for mean field and TAP, whose error is mostly
        bias.
    history : array, shape (steps + 1,)
        Largest slope of the (penalised) log-likelihood, without penalty the largest gap between a moment of the data
        and of the model, before each step and at the end.
    stopped : {"converged", "noise", "steps", "interrupted"}
        The largest slope came down to the tolerance; the slopes cannot be told from the source's Monte Carlo noise;
        all steps were made; or Ctrl-C was pressed.
    """

    model: Model
    standard_errors: np.ndarray | None
    history: np.ndarray
    stopped: str

    @property
    def J(self):
        """Coupling or couplings of the model."""
        return self.model.J

    @property
    def h(self):
        """Field or fields of the model."""
        return self.model.h

    @property
    def J_errors(self):
        """Standard errors of J, in its shape; zero on the diagonal of a matrix, where there is no parameter."""
        return None if self.standard_errors is None else self._unpacked("J")

    @property
    def h_errors(self):
        """Standard errors of h, in its shape."""
        return None if self.standard_errors is None else self._unpacked("h")

    def _unpacked(self, name):
        """Look each error up by its number: a model with the errors themselves as parameters may hold none infinite."""
        numbers = self.model.step(1 + np.arange(len(self.standard_errors)) - self.model.parameters)
        return np.append(0.0, self.standard_errors)[np.rint(getattr(numbers, name)).astype(int)]
