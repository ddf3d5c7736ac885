"""Is everything there? Versions beside what the course requires, and kernels compiled before they are needed."""

import platform
import time
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from course_lib import sampling
from course_lib.ising import Ising, LatticeIsing

DISTRIBUTION = "ising-course"
SHOWN = ("python", "numpy", "numba", "matplotlib", "ipywidgets", "jupyterlab")
METHODS = ("heat-bath", "metropolis")
INSTALL = "python3 -m pip install -e <folder of course_lib>"


@dataclass(frozen=True)
class Version:
    """One line of the table: what is here, and what the course requires.

    Parameters
    ----------
    name : str
    here : str or None
        None where it is not installed.
    needs : packaging.specifiers.SpecifierSet
    """

    name: str
    here: str | None
    needs: SpecifierSet

    @property
    def verdict(self) -> str:
        """``ok``, ``missing``, ``too old`` or ``too new``."""
        if self.here is None:
            return "missing"
        if self.needs.contains(self.here, prereleases=True):
            return "ok"
        lower = [bound for bound in self.needs if bound.operator.startswith(">")]
        return "too new" if all(bound.contains(self.here, prereleases=True) for bound in lower) else "too old"


def versions(names=SHOWN) -> list[Version]:
    """What is installed, beside what the metadata of this course's own package require.

    Parameters
    ----------
    names : sequence of str
        ``python``, or packages that the course requires.

    Returns
    -------
    list of Version

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        If the course itself is not installed, only found on the path.

    Examples
    --------
    >>> [version.verdict for version in versions(["python", "numpy"])]
    ['ok', 'ok']
    """
    course = metadata.metadata(DISTRIBUTION)
    needs = {need.name: need.specifier for need in map(Requirement, course.get_all("Requires-Dist"))}
    needs["python"] = SpecifierSet(course["Requires-Python"])
    return [Version(name, _installed(name), needs[name]) for name in names]


def show_versions():
    """Print the table of versions, and in one line what to do if something is missing or does not fit.

    Examples
    --------
    >>> show_versions()  # doctest: +ELLIPSIS
                 here        needs...
    """
    try:
        found = versions()
    except metadata.PackageNotFoundError:
        print(f"course_lib is on the path but not installed, so its requirements are unknown. To install: {INSTALL}")
        return
    print(f"{'':12} {'here':11} needs")
    for version in found:
        needs = ", ".join(sorted(map(str, version.needs), reverse=True))
        print(f"{version.name:12} {version.here or '-':11} {needs:15} {version.verdict}")
    amiss = [version.name for version in found if version.verdict != "ok"]
    if "python" in amiss:
        print("Another Python is needed. The README says how to get one with the right packages.")
    elif amiss:
        print(f"To mend {', '.join(amiss)}: {INSTALL}, then restart the kernel.")
    else:
        print("All there.")


def warm_up(progress=lambda jobs: jobs) -> dict:
    """Call each sampler twice on a small system: the first call compiles it, or loads what an earlier one compiled.

    Parameters
    ----------
    progress : callable
        Wraps the list of jobs, such as ``tqdm``.

    Returns
    -------
    dict
        Name of the sampler -> (seconds of the first call, seconds of the second).

    Examples
    --------
    >>> times = warm_up()
    >>> list(times)
    ['spins, heat-bath', 'spins, metropolis', 'lattice, heat-bath', 'lattice, metropolis']
    """
    spins, lattice = Ising(J=[[0, 0.3], [0.3, 0]], h=[0, 0]), LatticeIsing(J=0.3, h=0.0, shape=(4, 4))
    jobs = [(name, model, method) for name, model in (("spins", spins), ("lattice", lattice)) for method in METHODS]
    return {
        f"{name}, {method}": (_seconds(model, method), _seconds(model, method))
        for name, model, method in progress(jobs)
    }


def _seconds(model, method):
    states = sampling.random_states(model, 1, rng=1)
    started = time.perf_counter()
    sampling.advance(model, states, 1, method=method, rng=1)
    return time.perf_counter() - started


def _installed(name):
    if name == "python":
        return platform.python_version()
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
