"""What a notebook of the image assignment must define, and how many points each part earns.

The sandbox calls a function with the arguments of an instance, in the order of `Item.parameters`; ``rng`` is a
generator that it makes there from the instance's seed. What comes back is sent on as `Item.dtype`: int8 for spins,
float64 for numbers.
"""

from dataclasses import dataclass, field

import numpy as np

STATUSES = ("right", "wrong", "missing", "raised", "timeout", "wrong kind", "not run")


@dataclass(frozen=True)
class Item:
    """One part of the rubric that is graded automatically.

    Attributes
    ----------
    key : str
        Of the row in the grade table; also the id of the nbgrader cell.
    part : int
        Of the lesson, 1 to 4.
    points : int
    title : str
    function : str or None
        Name at the top level of the notebook; None for `own_fit`, which reads two variables.
    parameters : tuple of str
        Arguments, in their order.
    seconds : float
        How long one call may take.
    dtype : str
        "int8" for spins, "float64" for numbers: what the answer is sent as. A value that int8 cannot hold is of the
        wrong kind.
    returns : str
        In words, for messages.
    """

    key: str
    part: int
    points: int
    title: str
    function: str | None
    parameters: tuple[str, ...] = ()
    seconds: float = 10.0
    dtype: str = "float64"
    returns: str = ""

    @property
    def takes_rng(self):
        """Whether the sandbox makes a generator for it."""
        return "rng" in self.parameters


@dataclass(frozen=True)
class Written:
    """A short written answer, marked by a person."""

    key: str
    part: int
    points: int
    title: str


@dataclass(frozen=True, eq=False)
class Instance:
    """One hidden question.

    Attributes
    ----------
    arguments : dict
        Name -> array, int or float, in the order of `Item.parameters`, without ``rng``.
    seed : int or None
        Of the generator that the sandbox makes; None where the function takes none.
    shape : tuple of int
        Of the answer; with `Item.dtype` its number of bytes.
    truth : dict
        What the judge compares with. It stays outside the sandbox.
    anywhere : bool
        Whether its place in the model was drawn from a wide region, so that only an answer that follows the question
        is right. Who is wrong there loses the item.
    """

    arguments: dict
    seed: int | None
    shape: tuple[int, ...]
    truth: dict = field(default_factory=dict, repr=False)
    anywhere: bool = False


@dataclass(frozen=True, eq=False)
class Answer:
    """What came back from one call.

    Attributes
    ----------
    status : str
        "right" is never said here: "answered", or one of `STATUSES` from "missing" on.
    array : array or None
        Of the item's dtype and the instance's shape, where status is "answered".
    seconds : float
    message : str
        What was raised, or of which kind the answer was, in a line; the student's own words may stand in it.
    """

    status: str
    array: np.ndarray | None = None
    seconds: float = 0.0
    message: str = ""


@dataclass(frozen=True)
class Result:
    """The verdict on one item. Nothing in it gives a hidden number away.

    Attributes
    ----------
    key : str
    points : float
        Earned.
    status : str
        Of `STATUSES`; "right" with all points only.
    tested : str
        What was asked, in words.
    came_out : str
        What happened, in words.
    misconception : str
        Name of the likely one, or "".
    advice : str
        What to look at, in a sentence or two; "" where all is right.
    deviation : float or None
        The largest, in standard errors, where the answer is statistical.
    """

    key: str
    points: float
    status: str
    tested: str = ""
    came_out: str = ""
    misconception: str = ""
    advice: str = ""
    deviation: float | None = None


ITEMS = {
    item.key: item
    for item in (
        Item(
            "binarize", 1, 4, "A grey picture as spins", "binarize", ("grey",), 5.0, "int8", "spins of grey's own shape"
        ),
        Item("bond_sum", 1, 6, "The bond sum", "bond_sum", ("images",), 5.0, returns="one number an image"),
        Item("spin_sum", 1, 3, "The spin sum", "spin_sum", ("images",), 5.0, returns="one number an image"),
        Item(
            "gradient",
            1,
            7,
            "The slope of the log-likelihood",
            "gradient",
            ("images", "model_bonds", "model_spins"),
            5.0,
            returns="two numbers, the slopes with respect to J and to h",
        ),
        Item(
            "draw_images",
            2,
            15,
            "Pictures drawn from the model with a field",
            "draw_images",
            ("J", "h", "size", "n_images", "rng"),
            20.0,
            "int8",
            "n_images pictures of size x size spins",
        ),
        Item(
            "model_averages",
            2,
            5,
            "Averages of the model",
            "model_averages",
            ("J", "h", "size", "n_images", "rng"),
            20.0,
            returns="two numbers, the means of B and of S",
        ),
        Item(
            "fit_images",
            2,
            15,
            "A fit with error bars",
            "fit_images",
            ("images", "rng"),
            60.0,
            returns="four numbers: J, h, the error of J, the error of h",
        ),
        Item(
            "correlation",
            3,
            5,
            "The correlation at a distance",
            "correlation",
            ("images", "max_distance"),
            5.0,
            returns="one number for each distance from 1 to max_distance",
        ),
        Item("own_fit", 3, 9, "A fit to pictures of your own", None, returns="my_fit = (J, h)"),
        Item(
            "twist_statistics",
            4,
            5,
            "The statistics of your twist",
            "twist_statistics",
            ("images",),
            5.0,
            returns="one row an image, one column a statistic",
        ),
        Item(
            "twist_fit",
            4,
            10,
            "A fit of your twist",
            "fit_twist",
            ("images", "rng"),
            60.0,
            returns="one number for each parameter of the twist",
        ),
    )
}
OWN_VARIABLES = ("my_pictures", "my_fit")

WRITTEN = {
    written.key: written
    for written in (
        Written("match", 3, 4, "What must match, and what cannot"),
        Written("signs", 5, 3, "What the clash of signs in the notes does"),
        Written("scaling", 5, 3, "Why h / N^2 slows learning"),
        Written("existence", 5, 3, "When no maximum exists"),
        Written("parameters", 5, 3, "Why a photograph cannot be told from its parameters"),
    )
}

TOTAL = sum(item.points for item in (*ITEMS.values(), *WRITTEN.values()))
