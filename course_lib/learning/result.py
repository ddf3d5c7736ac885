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
        Of the parameters, ``sqrt(diag(F^-1) / M)``, from the Fisher information F of one sample and the M samples of
        the data, if these are independent and drawn from the model (the Cramer-Rao bound); infinite where the data
        cannot tell. An l2 penalty is added to F: then it is about the width of the posterior. None if the source
        gave no whole covariance. The Monte Carlo error of a source is not counted: n independent samples make it
        1/M + 1/n in place of 1/M. The pseudo-likelihood brings errors of its own kind, see there.
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
        return None if self.standard_errors is None else self._unpacked.J

    @property
    def h_errors(self):
        """Standard errors of h, in its shape."""
        return None if self.standard_errors is None else self._unpacked.h

    @property
    def _unpacked(self):
        return self.model.step(self.standard_errors - self.model.parameters)


def fisher_errors(information, n_samples):
    """Standard errors of the parameters from the Fisher information of one sample: ``sqrt(diag(F^-1) / M)``.

    Parameters
    ----------
    information : array, shape (P, P)
    n_samples : int

    Returns
    -------
    array, shape (P,)
        Infinite where the data cannot tell: in directions in which the statistics do not vary.

    Examples
    --------
    >>> fisher_errors(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 4.0]]), n_samples=25)
    array([inf, inf, 0.1])
    """
    values, vectors = np.linalg.eigh(information)
    known = values > len(values) * np.finfo(float).eps * values[-1]
    variance = vectors[:, known] ** 2 @ (1 / values[known])
    # Round-off leaves a trace of an unknown direction in every parameter.
    variance[np.sum(vectors[:, ~known] ** 2, axis=1) > 1e-8] = np.inf
    return np.sqrt(variance / n_samples)
