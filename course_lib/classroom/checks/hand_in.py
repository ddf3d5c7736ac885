"""Before handing in: what the grader will find of the contract, names, shapes and times. No answer is judged here."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from course_lib import images
from course_lib.classroom.checks.time_limit import TimeLimitReached, within
from course_lib.classroom.checks.twists import twist_of

NO_ID = "your.id"
SIDE, N_IMAGES = 8, 20
LIMIT = 30.0  # seconds for one call here
ALLOWED = ("images", "plots", "inputs", "exceptions", "diagnostics", "classroom", "explorers")


@dataclass(frozen=True)
class Contract:
    """One function of the contract: its key and points in the rubric, its name, how to call it, what comes back.

    Attributes
    ----------
    arguments : callable
        Given the number P of the twist's statistics; ``"rng"`` stands for a generator.
    shape : callable
        Given P.
    spins : bool
        Whether the answer is +1 and -1.
    """

    key: str
    part: int
    points: int
    function: str
    arguments: Callable
    shape: Callable
    spins: bool = False


def _some(*shape):
    return np.random.default_rng(0).choice(np.array([-1, 1], np.int8), shape)


_STACK = N_IMAGES, SIDE, SIDE
CONTRACT = (
    Contract("binarize", 1, 4, "binarize", lambda P: (np.arange(30.0).reshape(5, 6),), lambda P: (5, 6), True),
    Contract("bond_sum", 1, 6, "bond_sum", lambda P: (_some(*_STACK),), lambda P: (N_IMAGES,)),
    Contract("spin_sum", 1, 3, "spin_sum", lambda P: (_some(*_STACK),), lambda P: (N_IMAGES,)),
    Contract("gradient", 1, 7, "gradient", lambda P: (_some(*_STACK), 9.0, 3.0), lambda P: (2,)),
    Contract("draw_images", 2, 15, "draw_images", lambda P: (0.2, 0.1, SIDE, N_IMAGES, "rng"), lambda P: _STACK, True),
    Contract("model_averages", 2, 5, "model_averages", lambda P: (0.2, 0.1, SIDE, N_IMAGES, "rng"), lambda P: (2,)),
    Contract("fit_images", 2, 15, "fit_images", lambda P: (_some(*_STACK), "rng"), lambda P: (4,)),
    Contract("correlation", 3, 5, "correlation", lambda P: (_some(*_STACK), 3), lambda P: (3,)),
    Contract("twist_statistics", 4, 5, "twist_statistics", lambda P: (_some(*_STACK),), lambda P: (N_IMAGES, P)),
    Contract("twist_fit", 4, 10, "fit_twist", lambda P: (_some(*_STACK), "rng"), lambda P: (P,)),
)
OWN = "own_fit", 3, 9
WRITTEN = (("match", 3, 4), ("signs", 5, 3), ("scaling", 5, 3), ("existence", 5, 3), ("parameters", 5, 3))


def look(namespace) -> None:
    """Print, item by item, what the grader will find in a notebook.

    Parameters
    ----------
    namespace : dict
        ``globals()`` of the notebook.

    Examples
    --------
    >>> look({"student_id": "ada"})  # doctest: +ELLIPSIS
    Your id is 'ada': keep it as your instructor knows it. Your twist is two couplings.
    part 1  binarize            4 points  is not there: define binarize(...)
    ...
    """
    twist = _twist(namespace.get("student_id"))
    lines, found = [(*OWN, *_own(namespace))], 0
    for one in CONTRACT:
        answer = _look_at(one, namespace.get(one.function), len(twist.statistics))
        lines.append((one.key, one.part, one.points, *answer))
    for key, part, points, says, is_fine in sorted(lines, key=lambda line: line[1]):
        print(f"part {part}  {key:17} {points:3} points  {says}")
        found += points * is_fine
    written = sum(points for *_, points in WRITTEN)
    print(
        f"\nOf the right kind: items worth {found} of {100 - written} points. Whether they are right, the grader says. "
        f"The other {written} are for what you write, which a person reads: Questions 1 to 5."
    )
    for name in _library(namespace):
        print(
            f"{name} is not there when your notebook is graded: a cell that needs it will fail, and so will your "
            "functions that call it."
        )


def _twist(student_id):
    if not isinstance(student_id, str) or not student_id.strip() or student_id == NO_ID:
        print(f'Your id is missing: write it into student_id = "{NO_ID}", at the top, and run all cells again.')
        return twist_of(NO_ID)
    twist = twist_of(student_id)
    print(f"Your id is {student_id!r}: keep it as your instructor knows it. Your twist is {twist.name}.")
    return twist


def _look_at(contract, function, P):
    """What can be said of a function without judging it, and whether it is of the right kind."""
    if function is None:
        return f"is not there: define {contract.function}(...)", False
    if not callable(function):
        return f"{contract.function} is no function any more: is the name used again, for something else?", False
    arguments = [np.random.default_rng(1) if isinstance(one, str) else one for one in contract.arguments(P)]
    start = time.perf_counter()
    try:
        answer = within(LIMIT, lambda: function(*arguments))
    except NotImplementedError:
        return "your turn", False
    except TimeLimitReached:
        return f"takes more than {LIMIT:g} s for {N_IMAGES} pictures of {SIDE} x {SIDE}: too slow to be graded", False
    except Exception as error:
        return f"raised {type(error).__name__}: {str(error)[:80]}", False
    seconds = time.perf_counter() - start
    problem = _kind(answer, contract.shape(P), contract.spins)
    return (problem, False) if problem else (f"right kind, {seconds:.2f} s", True)


def _kind(answer, shape, spins):
    """What is wrong with the kind of an answer, or None."""
    numbers = np.asarray(answer)
    if answer is None or numbers.dtype.kind not in "biuf":
        return f"returns {'None' if answer is None else type(answer).__name__}, expected numbers of shape {shape}"
    if numbers.shape != shape:
        return f"returns shape {numbers.shape}, expected {shape}"
    if not np.all(np.isfinite(numbers)):
        return "returns NaN or infinity"
    if spins and not np.all(np.isin(numbers, (-1, 1))):
        return f"returns other values than +1 and -1: {np.setdiff1d(numbers, (-1, 1))[0]:g}"
    return None


def _own(namespace):
    """What is there of the student's own pictures and their fit."""
    pictures, fit = namespace.get("my_pictures"), namespace.get("my_fit")
    if not isinstance(pictures, list | tuple) or not pictures:
        return 'my_pictures is missing: my_pictures = ["[32x32]..."]', False
    try:
        sizes = {images.from_hex(text).shape for text in pictures}
    except ValueError as error:
        return f"my_pictures: {error}", False
    if len(sizes) > 1:
        return "my_pictures holds pictures of several sizes", False
    problem = "is missing" if fit is None else _kind(fit, (2,), spins=False)
    if problem:
        return f"my_fit {problem}: two numbers, J and h", False
    rows, cols = sizes.pop()
    return f"{len(pictures)} of {rows} x {cols}, J = {fit[0]:.3f}, h = {fit[1]:.4f}", True


def _library(namespace):
    """Modules and functions of the library in the notebook that the grader does not have."""
    for name, value in namespace.items():
        home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        parts = str(home).split(".")
        if parts[0] == "course_lib" and len(parts) > 1 and parts[1] not in ALLOWED and not name.startswith("_"):
            yield f"{name} ({home})"
