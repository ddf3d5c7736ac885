"""Machines in files: arrays and nothing else, so that opening one runs no code."""

from pathlib import Path

import numpy as np

from course_lib.files import load_arrays, save_arrays
from course_lib.rbm.models import RBM, GaussianRBM, check_machine

VERSION = 1
KINDS = {"RBM": (RBM, ("a", "b", "W")), "GaussianRBM": (GaussianRBM, ("a", "b", "W", "sigma"))}


def save(model, path):
    """Write a machine into a file; a file of that name is replaced in one go, or left as it is.

    Parameters
    ----------
    model : RBM or GaussianRBM
    path : str or Path
        Such as ``digits.npz``: a numpy archive of the arrays, with what kind of machine it is and the version of this
        format.

    Raises
    ------
    ValueError
        If the model is no such machine.
    OSError
        If the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(RBM([0, 1], [0], [[1], [2]]), folder + "/small.npz")
    ...     print(load(folder + "/small.npz").a)
    [0. 1.]
    """
    kind = type(check_machine(model)).__name__
    arrays = {name: getattr(model, name) for name in KINDS[kind][1]}
    save_arrays(path, VERSION, kind=np.array(kind), **arrays)


def load(path):
    """Read a machine that `save` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    RBM or GaussianRBM

    Raises
    ------
    ValueError
        If the file holds something else, or is of another version.
    OSError
        If there is no such file, or it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(folder + "/other.npz", x=[1, 2])
    ...     load(folder + "/other.npz")
    Traceback (most recent call last):
    ...
    ValueError: other.npz holds no RBM: pass a file that rbm.save wrote
    """
    found, name = load_arrays(path, VERSION), Path(path).name
    kind = str(found.get("kind"))
    if kind not in KINDS:
        raise ValueError(f"{name} holds no RBM: pass a file that rbm.save wrote")
    make, names = KINDS[kind]
    missing = [one for one in names if one not in found]
    if missing:
        raise ValueError(f"{name} lacks {', '.join(missing)} of its {kind}: it was changed since it was saved")
    return make(*(found[one] for one in names))
