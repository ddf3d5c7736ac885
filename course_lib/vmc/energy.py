"""The local energy, and the energy gradient as data minus model."""

import numpy as np

from course_lib.inputs import check_array, check_number
from course_lib.vmc.base import check_state
from course_lib.vmc.dots import check_dot


def local_energy(state, dot, x):
    """``E_L = (H Psi)(x) / Psi(x)``: the energy as one configuration sees it; its mean under Psi^2 is <H>.

    ``- (laplacian ln Psi + |gradient ln Psi|^2) / 2 + omega^2 r^2 / 2 + sum 1 / r_ij``. In an exact state it is the
    same everywhere.

    Parameters
    ----------
    state : State
    dot : QuantumDot
    x : array, shape (..., n_electrons, dim)

    Returns
    -------
    array, shape (...,)
        In hartree.

    Raises
    ------
    ValueError
        If two electrons are at the same place, or the positions are not finite or not of this dot.

    Examples
    --------
    >>> from course_lib.vmc import Gaussian, QuantumDot
    >>> local_energy(Gaussian(1.0), QuantumDot(1, 2, omega=1.0), [[[0.0, 0.0]], [[3.0, 1.0]]])
    array([1., 1.])
    """
    check_state(state)
    x = check_dot(dot).check(x)
    kinetic = -0.5 * (state.laplacian(x) + np.sum(state.gradient(x) ** 2, axis=(-2, -1)))
    return kinetic + dot.trap(x) + dot.repulsion(x)


def imaginary_time_weights(local_energies, tau):
    """How often each sample counts after a short imaginary time: ``1 - 2 tau (E_L - <E_L>)``.

    ``exp(-tau H) Psi`` is nearer to the ground state than Psi. For a short tau it is ``(1 - tau E_L) Psi``, and its
    square, of mean 1 under Psi^2, gives these weights. With them the samples are the data that the state learns from:

        target = state.moments(x, imaginary_time_weights(e, tau))
        now    = state.moments(x)
        state  = state.step(step_size * (target - now))

    ``target - now`` is ``-2 tau (<O E_L> - <O> <E_L>)``, exactly -tau times the gradient of the energy.

    Parameters
    ----------
    local_energies : array, shape (n,)
    tau : float
        In units of 1 / hartree. Weights of a long one are not all positive; the gradient does not mind.

    Returns
    -------
    array, shape (n,)

    Examples
    --------
    >>> imaginary_time_weights([3.0, 3.5, 2.5], tau=0.1)
    array([1. , 0.9, 1.1])
    """
    energies, tau = check_array("local energies", local_energies).astype(float), check_number("tau", tau)
    if energies.ndim != 1 or not energies.size or not np.all(np.isfinite(energies)):
        raise ValueError(
            f"local energies must be finite numbers, one a sample, got shape {energies.shape}: "
            "flatten them; electrons at the same place have none"
        )
    return 1 - 2 * tau * (energies - energies.mean())


def variance_is_finite(state, dot):
    """Whether ``E_L^2`` has a mean: in 2-D only if ln Psi has the cusp where opposite spins meet.

    Without it E_L is ``c / r`` there, and the mean of ``1 / r^2`` over a disc diverges, if slowly. In 3-D it does not.
    Asked of the state itself, at two small distances.

    Examples
    --------
    >>> from course_lib.vmc import Gaussian, PadeJastrow, QuantumDot
    >>> dot = QuantumDot(2, 2, omega=1.0)
    >>> variance_is_finite(Gaussian(1.0), dot), variance_is_finite(Gaussian(1.0) * PadeJastrow.start(dot), dot)
    (False, True)
    """
    check_state(state)
    if check_dot(dot).dim != 2 or dot.n_electrons < 2 or not dot.coulomb:
        return True
    # Any place without symmetry does; the last up and the first down electron meet.
    x = np.random.default_rng(0).normal(0, dot.omega**-0.5, dot.shape)
    distance = 1e-6 * dot.omega**-0.5
    x[dot.n_up] = x[dot.n_up - 1] + [distance, 0]
    return bool(abs(local_energy(state, dot, x)) * distance < 1e-3)
