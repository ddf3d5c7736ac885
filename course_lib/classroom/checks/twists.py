"""The twists of the image assignment: models that the library does not cover, and which of them an id draws."""

import hashlib
from dataclasses import dataclass

import numpy as np

RIGHT, DOWN, DOWN_RIGHT, DOWN_LEFT = (0, 1), (1, 0), (1, 1), (1, -1)


@dataclass(frozen=True)
class Twist:
    """A lattice model with other statistics than (B, S).

    Attributes
    ----------
    variant : int
    name : str
    statistics, parameters : tuple of str
        In the order in which ``twist_statistics`` and ``fit_twist`` return them.
    bonds : tuple of tuple of (int, int)
        For each coupling the steps, down and to the right, from a site to the other end of its bonds.
    field : str
        "uniform", "staggered" with the sign (-1)^(row + column), or "" for none.
    """

    variant: int
    name: str
    statistics: tuple[str, ...]
    parameters: tuple[str, ...]
    bonds: tuple[tuple[tuple[int, int], ...], ...]
    field: str

    def __str__(self):
        return (
            f"Your twist: {self.name}. twist_statistics gives {', '.join(self.statistics)}, in this order; "
            f"fit_twist gives {', '.join(self.parameters)}."
        )

    def statistics_of(self, images) -> np.ndarray:
        """The statistics of each image, shape (..., P).

        Parameters
        ----------
        images : array of +-1, shape (..., rows, cols)

        Returns
        -------
        array

        Examples
        --------
        >>> TWISTS[0].statistics_of(np.ones((1, 4, 4)))
        array([[16., 16., 16.]])
        """
        images = np.asarray(images, dtype=float)
        sums = [
            sum(np.sum(images * np.roll(images, (-down, -right), (-2, -1)), axis=(-2, -1)) for down, right in steps)
            for steps in self.bonds
        ]
        if self.field:
            sums.append(np.sum(images * self.signs(images.shape[-2:]), axis=(-2, -1)))
        return np.stack(sums, axis=-1)

    def pull(self, images, parameters) -> np.ndarray:
        """What acts on each spin: its energy is minus the spin times this.

        Parameters
        ----------
        images : array of +-1, shape (n_images, rows, cols)
        parameters : array, shape (P,)

        Returns
        -------
        array, shape (n_images, rows, cols)

        Examples
        --------
        >>> float(TWISTS[1].pull(np.ones((1, 4, 4)), [0.5, 0.25])[0, 0, 0])
        3.0
        """
        images = np.asarray(images, dtype=float)
        pull = np.zeros(images.shape)
        for coupling, steps in zip(parameters, self.bonds, strict=False):
            for down, right in steps:
                ends = (np.roll(images, (sign * down, sign * right), (-2, -1)) for sign in (1, -1))
                pull += coupling * sum(ends)
        return pull + parameters[-1] * self.signs(images.shape[-2:]) if self.field else pull

    def signs(self, shape) -> np.ndarray:
        """The sign of the field on each site, shape (rows, cols)."""
        rows, cols = np.indices(shape)
        return 1 - 2 * ((rows + cols) % 2) if self.field == "staggered" else np.ones(shape, dtype=int)


TWISTS = (
    Twist(0, "two couplings", ("B_right", "B_down", "S"), ("J_right", "J_down", "h"), ((RIGHT,), (DOWN,)), "uniform"),
    Twist(1, "diagonal bonds", ("B", "D"), ("J", "K"), ((RIGHT, DOWN), (DOWN_RIGHT, DOWN_LEFT)), ""),
    Twist(2, "staggered field", ("B", "S_staggered"), ("J", "g"), ((RIGHT, DOWN),), "staggered"),
)


def twist_of(student_id) -> Twist:
    """The twist that a student's id draws; blanks around it, and capitals, do not matter.

    Parameters
    ----------
    student_id : str

    Returns
    -------
    Twist

    Raises
    ------
    ValueError
        If the id is no text, or blank.

    Examples
    --------
    >>> twist_of("Ada Lovelace").name == twist_of(" ada lovelace ").name
    True
    """
    if not isinstance(student_id, str) or not student_id.strip():
        raise ValueError(f'student_id must be a text in quotes, such as "ada.lovelace", got {student_id!r}')
    digest = hashlib.sha256(student_id.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()
    return TWISTS[int(digest, 16) % len(TWISTS)]
