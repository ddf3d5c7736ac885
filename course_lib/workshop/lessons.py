"""The register of lessons: ``lessons.toml`` says what each field means, and every tool reads it here."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

FILE = Path(__file__).with_name("lessons.toml")


@dataclass(frozen=True, kw_only=True)
class Row:
    """What the tools know of one lesson, beside its notebook; the fields are those of ``lessons.toml``.

    Examples
    --------
    >>> row = REGISTER["03x"]
    >>> row.title, row.needs, row.limit, row.exercises
    ('Beating slow chains', ['03'], 75, [2, 3])
    >>> row.figures
    {'03x-opening.png': 'opening', '03x-explorer.png': 'explorer'}
    """

    key: str
    title: str
    about: str
    needs: list[str]
    place: list[float]
    part: str = ""
    verb: str = ""
    errata: list[str] = field(default_factory=list)
    stills: list[str] = field(default_factory=list)
    explorer: str = ""
    exercises: list[int]
    limit: int
    cpu: int

    @property
    def companion(self) -> bool:
        """Whether the lesson can be left out: its number ends in x."""
        return self.key.endswith("x")

    @property
    def figures(self) -> dict[str, str]:
        """Its committed pictures: name of the file in ``notebooks/figures/`` -> still."""
        stills = [*self.stills, *(["explorer"] if self.explorer else [])]
        return {f"{self.key}-{still}.png": still for still in stills}


def row(key, fields) -> Row:
    """One row of the register, with what most lessons have in common filled in.

    Parameters
    ----------
    key : str
        The lesson's number, such as ``"03x"``.
    fields : dict
        As in ``lessons.toml``.

    Returns
    -------
    Row

    Raises
    ------
    ValueError
        If a field is missing, or is none.

    Examples
    --------
    >>> row("10", {"title": "More", "about": "more", "needs": ["09"], "place": [8.6, 2.3]}).limit
    90
    """
    usual = {"exercises": [2, 3], "limit": 75} if key.endswith("x") else {"exercises": [3, 4], "limit": 90}
    try:
        return Row(key=key, **{"cpu": 45, **usual, **fields})
    except TypeError as error:
        reason = str(error).removeprefix("Row.__init__() ")
        raise ValueError(
            f"{FILE.name}: the row of lesson {key} {reason}; the fields are explained at the top of the file"
        ) from None


def _read():
    file = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return file["parts"], {key: row(key, fields) for key, fields in file["lesson"].items()}


PARTS, REGISTER = _read()
