"""Items asked once more, with right functions in the place of wrong ones that they call: a slip costs its own item.

A student's function runs in a fork in which these stand under all names that the lesson has for them; the better of
both verdicts counts. When a right function enters the sandbox, the student's own of that name has been judged: items
without helpers are not asked again, and `gradient`, which is a helper itself, comes before those that call it.
"""

from dataclasses import replace

import numpy as np

from course_lib import images
from course_lib.classroom.checks.hand_in import STANDING_IN
from course_lib.grading import judge, own_fit, reference
from course_lib.grading.contract import ITEMS, Instance, Result
from course_lib.grading.sandbox import Request

# What functions may call, in the order in which they are asked again. The own fit is made by `fit_images`.
HELPERS = {
    "gradient": ("bond_sum", "spin_sum"),
    "model_averages": ("bond_sum", "spin_sum", "draw_images"),
    "fit_images": ("bond_sum", "spin_sum", "gradient", "draw_images"),
    "own_fit": ("bond_sum", "spin_sum", "gradient", "draw_images"),
    "twist_fit": ("twist_statistics",),
}
SEED = 1  # of the own fit


def requests(asked, transcript, variant):
    """What is to be asked again, as long as answers come: a function that does not answer is asked no further.

    Parameters
    ----------
    asked : dict
        Key -> instances.
    transcript : sandbox.Transcript
        With the first answers. The answers to what is yielded are looked for there, too.
    variant : int
        Of the student's twist.

    Yields
    ------
    sandbox.Request
    """
    wrong = [name for name in reference.FUNCTIONS if not _right(name, asked, transcript.answers[name])]
    for key, helpers in HELPERS.items():
        instead = [name for name in helpers if name in wrong]
        item = ITEMS["fit_images" if key == "own_fit" else key]
        first = transcript.answers[item.key]
        if not instead or first[0].status == "missing" or _right(item.key, asked, first):
            continue
        given = [((name, STANDING_IN[name]), reference.source_of(name, variant)) for name in instead]
        for one in _own(transcript.variables["my_pictures"]) if key == "own_fit" else asked[key]:
            yield Request(
                again(key), item.function, one.arguments, one.seed, one.shape, item.dtype, item.seconds, tuple(given)
            )
            if transcript.answers[again(key)][-1].status != "answered":
                break
        else:
            # Right by now, it may stay for those that call it.
            if key in wrong and _right(key, asked, transcript.answers[again(key)]):
                wrong.remove(key)


def again(key) -> str:
    """The key of the answers to what was asked again.

    Parameters
    ----------
    key : str

    Returns
    -------
    str

    Examples
    --------
    >>> again("gradient")
    'gradient again'
    """
    return f"{key} again"


def better(first, asked, record, class_pictures) -> Result:
    """The better one of two verdicts on an item, if it was asked again.

    Parameters
    ----------
    first : Result
    asked : list of Instance
    record : records.Record
        With the results of the items before it.
    class_pictures : sequence of str
        For `own_fit`.

    Returns
    -------
    Result
    """
    key, answers = first.key, record.answers.get(again(first.key), ())
    if not answers or any(answer.status != "answered" for answer in answers):
        return first
    if key == "own_fit":
        second = own_fit.judge_own_fit(record.my_pictures, answers[0].array[:2], class_pictures)
    else:
        second = judge.judge(ITEMS[key], asked, answers)
    if second.points <= first.points:
        return first
    helpers = [ITEMS[name].function for name in HELPERS[key] if record.results[name].status != "right"]
    if key == "own_fit":
        said = f"with your fit_images, and our {_listed(helpers)} in place of yours"
    else:
        said = f"with our {_listed(helpers)} in place of yours"
    return replace(second, came_out=f"judged {said}: {second.came_out}")


def _right(key, asked, answers):
    return judge.judge(ITEMS[key], asked[key], answers).status == "right"


def _listed(names):
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _own(texts):
    """The student's pictures as an instance; none where they cannot be read."""
    try:
        pictures = np.array([images.from_hex(text) for text in texts], dtype=np.int8)
    except ValueError:  # also of different sizes
        return []
    return [Instance({"images": pictures}, SEED, (4,))] if len(pictures) else []
