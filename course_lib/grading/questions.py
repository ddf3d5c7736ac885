"""Three questions to ask a student in two minutes, made from the student's own numbers: who did the work knows."""

import math

from course_lib.classroom.checks.twists import TWISTS
from course_lib.grading.contract import ITEMS

HOW_MANY = 3


def questions(record) -> list[tuple[str, str]]:
    """Questions and their answers: on the fit, on what was lost or on the picture, on the twist.

    A picture that could be coin tosses is asked about first.

    Parameters
    ----------
    record : records.Record

    Returns
    -------
    list of (str, str)
        As many as `HOW_MANY`.
    """
    turn = sum(record.student.encode("utf-8", "surrogatepass"))  # neighbours get different ones
    second = _on_noise(record) or _on_losses(record) or _on_the_picture(record)
    pools = [_on_the_fit(record), second, _on_the_twist(record)]
    pools = [pool or _on_code(record) for pool in pools]
    asked = []
    for pool in pools:
        fresh = [one for one in pool if one not in asked]
        if fresh:
            asked.append(fresh[turn % len(fresh)])
    return asked[:HOW_MANY]


def _on_the_fit(record):
    if not {"J", "h"} <= record.numbers.keys():
        return []
    J, h = record.numbers["J"], record.numbers["h"]
    field = 4 * J + h
    up = 1 / (1 + math.exp(-2 * field))
    return [
        (
            f"You fitted J = {J:.3f}, h = {h:.3f}. All black and white pixels of your pictures change places: "
            f"what is the "
            "fit now?",
            f"J = {J:.3f}, h = {-h:.3f}: B stays, S changes its sign.",
        ),
        (
            f"At your J = {J:.3f}, h = {h:.3f}: a pixel's four neighbours are all up. How likely does your "
            f"sampler draw it "
            "up?",
            f"1 / (1 + exp(-2 (4 J + h))) = {up:.3f}; the pull is {field:.3f}.",
        ),
        (
            f"Count pixels as 0 and 1 instead of -1 and +1: what do your J = {J:.3f} and h = {h:.3f} become?",
            f"J becomes 4 J = {4 * J:.3f}, and h becomes 2 h - 8 J = {2 * h - 8 * J:.3f}: s = 2 x - 1, four "
            f"neighbours each.",
        ),
        (
            f"By how much does the energy change when a pixel that is up, its four neighbours down, is turned? "
            f"You have "
            f"J = {J:.3f}, h = {h:.3f}.",
            f"E' - E = 2 s (J sum of neighbours + h) = 2 (-4 J + h) = {2 * (h - 4 * J):.3f}.",
        ),
    ]


def _on_the_picture(record):
    if "B" not in record.numbers:
        return []
    known = record.numbers
    sites, bonds = known["rows"] * known["cols"], 2 * known["rows"] * known["cols"]
    b, m = known["B"] / bonds, known["S"] / sites
    return [
        (
            f"Your pictures have {known['rows']} x {known['cols']} pixels. How many bonds is that, and which "
            f"share of "
            f"neighbours agrees, if B = {known['B']:.0f}?",
            f"{bonds} bonds, since the edges wrap round; (1 + B / {bonds}) / 2 = {(1 + b) / 2:.3f} of them agree.",
        ),
        (
            "You draw many pictures at your fit. What will their mean bond and their mean spin be, and why?",
            f"Those of your own pictures, {b:.3f} a bond and {m:.3f} a site: at the most likely J and h both "
            f"slopes are 0.",
        ),
        (
            f"The mean spin of your pictures is {m:.3f}. Which share of the pixels is bright?",
            f"(1 + {m:.3f}) / 2 = {(1 + m) / 2:.3f}.",
        ),
    ]


def _on_noise(record):
    """Nothing in such a picture shows that somebody took it."""
    if not record.numbers.get("like noise"):
        return []
    bond = record.numbers["B"] / (2 * record.numbers["rows"] * record.numbers["cols"])
    return [
        (
            f"Your picture has a mean bond of {bond:.3f}, and coin tosses could look like it. Where does it come from, "
            "and in which crop would its neighbours agree more than by chance?",
            "A photograph of gravel, say, with grains smaller than a pixel: a closer crop shows them. Who "
            "tossed coins has nothing to enlarge. The points are earned either way: the fit is right.",
        )
    ]


def _on_losses(record):
    """What the judge took for a misconception: whether the student can tell by now."""
    return [
        (
            f'In "{ITEMS[key].title}" the grader found: {result.misconception}. Show me the line, and say what it '
            "should be.",
            result.advice or "See the feedback page.",
        )
        for key, result in record.results.items()
        if result.misconception
    ]


def _on_the_twist(record):
    if not any(record.shares.get(key) for key in ("twist_statistics", "twist_fit")):
        return []
    return _TWISTED[record.twist]


_TWISTED = (
    [
        (
            "Your twist has J_right and J_down. You turn every picture by 90 degrees: what does the fit give?",
            "J_right and J_down change places, h stays.",
        ),
        (
            "Your twist has J_right and J_down. A set of pictures has vertical stripes, one pixel wide: which "
            "sign does "
            "each coupling get?",
            "J_down is positive, neighbours above each other agree; J_right is negative.",
        ),
        (
            "When does your twist give the same as the model with one J?",
            "When B_right and B_down have the same mean in the data, up to their noise: then J_right = J_down.",
        ),
    ],
    [
        (
            "Your twist has bonds along the diagonals. How many of them has a picture of 16 x 16, and why?",
            "512: from each of the 256 sites one down to the right and one down to the left, over the edges.",
        ),
        (
            "Why can the two colours of a checkerboard not be drawn at once in your twist?",
            "Diagonal neighbours have the same colour: they act on each other. Four groups are needed.",
        ),
        (
            "In your twist, every other pixel of a checkerboard is turned round. What becomes of J and K?",
            "J changes its sign, since side neighbours have different colours; K stays.",
        ),
    ],
    [
        (
            "Your twist has a staggered field g. You shift every picture by one pixel to the right: what does "
            "the fit give?",
            "J stays, g changes its sign: the colours of the checkerboard change places.",
        ),
        (
            "In your twist, the black sites of the checkerboard are turned round, and g is counted as a uniform "
            "field. "
            "What becomes of J?",
            "J changes its sign: it is the model of the lesson at (-J, g), up to the sign of g.",
        ),
        (
            "Why can your twist not tell a picture that is all up from one that is all down?",
            "Both have the same B, and S_staggered = 0: it has no uniform field.",
        ),
    ],
)


def _on_code(record):
    """For who has no numbers: what any who wrote the notebook can say."""
    sites = 16 + 2 * (sum(record.student.encode("utf-8", "surrogatepass")) % 8)
    variant = TWISTS[record.twist]
    return [
        (
            f"How large are B and S of a picture of {sites} x {sites} that is all down?",
            f"B = {2 * sites**2}, S = {-(sites**2)}.",
        ),
        (
            f"How large are B and S of a checkerboard of {sites} x {sites}?",
            f"B = {-2 * sites**2}, S = 0.",
        ),
        (
            f"The twist of your notebook is {variant.name}. Which statistics does it have?",
            f"{', '.join(variant.statistics)}.",
        ),
    ]
