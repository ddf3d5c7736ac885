"""Ground states that were learned and measured beforehand, in minutes that no lesson has: see data/dots.md."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from course_lib.vmc.base import State
from course_lib.vmc.dots import QuantumDot
from course_lib.vmc.estimate import Density
from course_lib.vmc.files import load

_DATA = Path(__file__).parents[2] / "data"


@dataclass(frozen=True, eq=False)
class Stored:
    """A state of a dot, and what was measured in it.

    Attributes
    ----------
    dot : QuantumDot
    form : {"jastrow", "network"}
        Gaussian, determinants and a Jastrow factor; with "network" a `PairNetwork` as well.
    state : State
    energy, error, variance : float
        In hartree; the variance is that of the local energy.
    kinetic, trap, repulsion : (float, float)
        The parts of the energy, each with its error.
    density : Density
    """

    dot: QuantumDot
    form: str
    state: State
    energy: float
    error: float
    variance: float
    kinetic: tuple
    trap: tuple
    repulsion: tuple
    density: Density


@lru_cache(maxsize=1)
def _rows():
    rows = json.loads((_DATA / "dots.json").read_text(encoding="utf-8"))
    return {(row["n_electrons"], row["omega"], row["form"]): (name, row) for name, row in rows.items()}


def stored_dots() -> list:
    """Which dots are stored: (number of electrons, omega), from few electrons to many, from stiff traps to soft ones.

    Examples
    --------
    >>> stored_dots()[0]
    (2, 1.0)
    """
    return sorted({(n, omega) for n, omega, _ in _rows()}, key=lambda dot: (dot[0], -dot[1]))


def stored(n_electrons, omega, form="network") -> Stored:
    """A ground state in two dimensions that was learned and measured beforehand.

    Parameters
    ----------
    n_electrons : int
    omega : float
        One of `stored_dots`.
    form : {"network", "jastrow"}

    Returns
    -------
    Stored

    Raises
    ------
    ValueError
        If this one is not stored.

    Examples
    --------
    >>> six = stored(6, 1.0)
    >>> abs(six.energy - 20.174) < 0.003, round(float(np.sum(six.density.density * six.density.volumes)), 3)
    (True, 6.0)
    """
    found = None
    if all(isinstance(one, int | float | np.number) for one in (n_electrons, omega)) and isinstance(form, str):
        found = _rows().get((n_electrons, omega, form))
    if found is None:
        kept = ", ".join(f"{n} at {w:g}" for n, w in stored_dots())
        raise ValueError(
            f"no state of {n_electrons!r:.40} electrons at omega = {omega!r:.40} and of form {form!r:.40} is stored: "
            f"there are {kept}, of the forms 'jastrow' and 'network'; learn another one with vmc.minimise"
        )
    name, row = found
    profile = {key: np.array(values) for key, values in row["density"].items()}
    return Stored(
        dot=QuantumDot(row["n_electrons"], 2, row["omega"]),
        form=form,
        state=load(_DATA / "dots" / f"{name}.npz"),
        density=Density(**profile, volumes=np.diff(np.pi * profile["edges"] ** 2)),
        **{part: tuple(row[part]) for part in ("kinetic", "trap", "repulsion")},
        **{key: row[key] for key in ("energy", "error", "variance")},
    )
