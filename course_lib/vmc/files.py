"""States in files: arrays and nothing else, so that opening one runs no code."""

from pathlib import Path

from course_lib.files import load_arrays, save_arrays
from course_lib.vmc.base import Product, State
from course_lib.vmc.one_body import Gaussian, RBMState
from course_lib.vmc.pairs import PadeJastrow, PairNetwork
from course_lib.vmc.slater import SlaterDeterminants

VERSION = 1
# What makes each kind anew, by name.
_KEPT = {
    "Gaussian": (Gaussian, lambda s: {"omega": s.omega, "alpha": s.alpha}),
    "RBMState": (RBMState, lambda s: {name: getattr(s.rbm, name) for name in ("a", "b", "W", "sigma")}),
    "SlaterDeterminants": (SlaterDeterminants, lambda s: {"n_electrons": s.n_electrons, "omega": s.omega}),
    "PadeJastrow": (
        PadeJastrow,
        lambda s: dict(zip(("dim", "beta_opposite", "beta_equal"), (s.dim, *s.betas), strict=True)),
    ),
    "PairNetwork": (PairNetwork, lambda s: {"omega": s.omega, "u": s.u, "v": s.v}),
}


def save(state, path):
    """Write a state into a file; a file of that name is replaced in one go, or left as it is.

    Parameters
    ----------
    state : State
    path : str or Path
        Such as ``six_electrons.npz``: a numpy archive of the arrays, with the version of this format.

    Raises
    ------
    ValueError
        If the state is no wave function of the course.
    OSError
        If the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from course_lib.vmc import Gaussian, PadeJastrow
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Gaussian(1.0) * PadeJastrow(2, 0.4), folder + "/two.npz")
    ...     load(folder + "/two.npz")
    Gaussian(omega=1, alpha=1) * PadeJastrow(dim=2, beta_opposite=0.4, beta_equal=0.4)
    """
    if not isinstance(state, State):
        raise ValueError(f"save writes a wave function, such as what minimise reached (its .state), got {state!r:.60}")
    arrays = {}
    for factor in state.factors:
        kind = type(factor).__name__
        arrays |= {f"{kind}.{name}": value for name, value in _KEPT[kind][1](factor).items()}
    save_arrays(path, VERSION, **arrays)


def load(path):
    """Read a state that `save` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    State

    Raises
    ------
    ValueError
        If the file holds something else, or is of another version.
    OSError
        If there is no such file, or it cannot be read.
    """
    file, kinds = Path(path).name, {}
    for name, value in load_arrays(path, VERSION).items():
        kind, _, what = name.partition(".")
        kinds.setdefault(kind, {})[what] = value.item() if value.ndim == 0 else value
    if not kinds or not kinds.keys() <= _KEPT.keys():
        raise ValueError(f"{file} holds no wave function: pass a file that vmc.save wrote")
    try:
        factors = [_KEPT[kind][0](**values) for kind, values in kinds.items()]
    except TypeError:
        raise ValueError(f"{file} lacks some of its arrays: it was changed since it was saved") from None
    return factors[0] if len(factors) == 1 else Product(*factors)
