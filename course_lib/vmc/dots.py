"""Electrons in a harmonic trap: the quantum dot, and what its energy is made of."""

from dataclasses import dataclass

import numpy as np

from course_lib.inputs import check_count, check_number, check_reals

CLOSED_SHELLS = (2, 6, 12, 20, 30)  # in two dimensions: 2, 4, 6, 8 and 10 electrons a shell


@dataclass(frozen=True)
class QuantumDot:
    """Electrons that a spring of frequency omega pulls to the middle, and that repel each other.

    ``H = sum_i (- laplacian_i / 2 + omega^2 r_i^2 / 2) + sum_{i<j} 1 / |r_i - r_j|`` in atomic units: energies in
    hartree, lengths in bohr. The first half of the electrons has spin up, the others have spin down.

    Parameters
    ----------
    n_electrons : int
        1 or 2, or in two dimensions a closed shell: 2, 6, 12, 20, 30.
    dim : {1, 2, 3}
    omega : float
        Above 0.
    coulomb : bool
        Whether the electrons repel each other.

    Raises
    ------
    ValueError
        If the shell is open, omega is not above 0, or two electrons on a line repel each other.

    Examples
    --------
    >>> QuantumDot(2, dim=2, omega=1.0)
    QuantumDot(n_electrons=2, dim=2, omega=1.0, coulomb=True)
    >>> QuantumDot(6, dim=2, omega=0.5).free_energy  # two electrons of energy omega, four of 2 omega
    5.0
    >>> QuantumDot(7, dim=2, omega=1.0)
    Traceback (most recent call last):
    ...
    ValueError: n_electrons must be 1, or fill whole shells, which in 2-D are 2, 6, 12, 20, 30 electrons, got 7: with \
an open shell the state is no single pair of determinants
    """

    n_electrons: int
    dim: int
    omega: float
    coulomb: bool = True

    def __post_init__(self):
        n, dim = check_count("n_electrons", self.n_electrons, 1), check_count("dim", self.dim, 1)
        omega = check_number("omega", self.omega)
        if dim > 3:
            raise ValueError(f"dim must be 1, 2 or 3, got {dim}: the dot is a line, a disc or a ball")
        if not omega > 0:
            raise ValueError(f"omega must be above 0, got {omega:g}: without a trap the electrons fly apart")
        if not isinstance(self.coulomb, bool | np.bool_):
            raise ValueError(f"coulomb must be True or False, got {self.coulomb!r:.60}")
        closed = CLOSED_SHELLS if dim == 2 else (2,)
        if n not in (1, *closed):
            shells = ", ".join(map(str, CLOSED_SHELLS))
            raise ValueError(
                f"n_electrons must be 1, or fill whole shells, which in 2-D are {shells} electrons, got {n}: with an "
                "open shell the state is no single pair of determinants"
                if dim == 2
                else f"n_electrons must be 1 or 2 in {dim}-D, got {n}: larger dots are in 2-D, with {shells} electrons"
            )
        if dim == 1 and n > 1 and self.coulomb:
            raise ValueError(
                "two electrons on a line that repel each other as 1 / |x1 - x2| have an infinite energy unless the "
                "wave function is zero where they meet, and no state here is: take dim=2 or 3, or coulomb=False"
            )
        self.__dict__.update(n_electrons=n, dim=dim, omega=omega, coulomb=bool(self.coulomb))

    @property
    def shape(self):
        """Shape of one configuration, (n_electrons, dim)."""
        return self.n_electrons, self.dim

    @property
    def n_up(self):
        """How many electrons have spin up: the first ones."""
        return (self.n_electrons + 1) // 2

    @property
    def free_energy(self):
        """Exact energy without the repulsion, in hartree."""
        if self.n_electrons <= 2:
            return self.n_electrons * self.dim * self.omega / 2
        shells = CLOSED_SHELLS.index(self.n_electrons) + 1
        return sum(2 * k * k * self.omega for k in range(1, shells + 1))

    def check(self, x):
        """Configurations as floats, after checking that they are finite and of this dot: (..., n_electrons, dim)."""
        x = check_reals(x).astype(float, copy=False)
        if x.ndim < 2 or x.shape[-2:] != self.shape:
            raise ValueError(
                f"electrons must be at positions of shape (..., {self.n_electrons}, {self.dim}), electrons by "
                f"coordinates, got shape {x.shape}"
            )
        return x

    def trap(self, x):
        """Energy in the trap, ``omega^2 r^2 / 2`` summed over the electrons: shape (...,)."""
        return 0.5 * self.omega**2 * np.sum(self.check(x) ** 2, axis=(-2, -1))

    def repulsion(self, x):
        """Energy of the repulsion, ``1 / r`` summed over the pairs: shape (...,)."""
        x = self.check(x)
        if not self.coulomb or self.n_electrons < 2:
            return np.zeros(x.shape[:-2])
        distances = pair_distances(x)
        if not np.all(distances > 0):
            raise ValueError(
                "two electrons are at the same place, where their repulsion is infinite: start walkers at random, "
                "with vmc.start_walkers"
            )
        return np.sum(1 / distances, axis=-1)


def check_dot(dot):
    """Give the dot, after checking that it is one."""
    if not isinstance(dot, QuantumDot):
        raise ValueError(f"dot must be a QuantumDot, such as QuantumDot(2, dim=2, omega=1.0), got {dot!r:.60}")
    return dot


def pair_distances(x):
    """Distances of all pairs i < j of configurations that were checked: (..., n_pairs)."""
    i, j = np.triu_indices(x.shape[-2], 1)
    return np.sqrt(np.sum((x[..., i, :] - x[..., j, :]) ** 2, axis=-1))
