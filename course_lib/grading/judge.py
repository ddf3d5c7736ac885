"""Judging what came back from the sandbox: numbers in, a verdict out. It opens no file and starts no process.

Where an answer is exact it is compared up to round-off. Where it is random it is measured in standard errors of the
pictures that were asked for, as one distance that takes the correlation of the two numbers into account; 12 are
forgiven. A right answer is 1 or 2 away: its own Monte Carlo noise is that of as many pictures again. Who is right in
the narrow boxes of `instances`, and wrong anywhere else, has not followed the question, and earns nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib.grading import misfits
from course_lib.grading.contract import Answer, Instance, Item, Result
from course_lib.grading.families import DOWN, LATTICE, RIGHT
from course_lib.grading.mistakes import SPINS, WRAP, Mistake, mistakes_of

FORGIVEN = 12.0  # standard errors
ROUND_OFF = 1e-6  # of the largest number of an answer: single precision passes
FAR_BEYOND = 2.5  # times the largest of the true parameters
TIE = 1e-6
NEARER_STILL, HALF_WAY = 0.1, 0.5
CLOSER = 0.3  # a mistake is recognised if the answer is so much closer to what it gives than to the truth
# An error bar may also count the noise of as many drawn pictures as there are given ones, a factor sqrt(2).
SMALLEST_ERROR, LARGEST_ERROR = 0.7, 1.65
SHARE_OF_ESTIMATES = 2 / 3  # of the points of a fit; the rest goes to its error bars


def judge(item: Item, instances: list[Instance], answers: list[Answer]) -> Result:
    """The verdict on one item.

    Each instance counts its share of the points. A misconception that is recognised costs all of them; so do a wrong
    answer where the place is drawn from anywhere, and no answer to any of these.

    Parameters
    ----------
    item : Item
        Any but `own_fit`, for which there is `own_fit.judge_own_fit`.
    instances : list of Instance
        As they were drawn.
    answers : list of Answer
        One an instance, in the same order.

    Returns
    -------
    Result

    Raises
    ------
    ValueError
        If the numbers of instances and answers differ.

    Examples
    --------
    >>> from course_lib.grading import contract, instances
    >>> item = contract.ITEMS["spin_sum"]
    >>> asked = instances.draw(item, np.random.default_rng(1))
    >>> result = judge(item, asked, [Answer("answered", -a.truth["answer"]) for a in asked])
    >>> result.points, result.status, result.misconception
    (0.0, 'wrong', 'wrong sign')
    """
    if len(instances) != len(answers):
        raise ValueError(f"{len(instances)} instances need as many answers, got {len(answers)}")
    answered = [(i, _numbers(a)) for i, a in zip(instances, answers, strict=True) if a.status == "answered"]
    trouble = next((answer for answer in answers if answer.status != "answered"), None)
    if item.key == "fit_images":
        verdict = _fit_with_errors(answered, instances)
    else:
        verdict = _judged(_KINDS[item.key], answered, instances)
    return _result(item, verdict, trouble, answers)


@dataclass(frozen=True)
class _Kind:
    """How answers of one kind are measured, and how a mistake is recognised in those that are wrong."""

    deviation: Callable  # (instance, numbers) -> standard errors, or 0 and infinity
    recognise: Callable  # the wrong (instance, numbers), the right ones -> Mistake or None
    otherwise: str  # what to look at where none is recognised
    statistical: bool = True
    untied: str = "numbers that do not follow the pictures"  # what answers are that are not right anywhere


@dataclass(frozen=True)
class _Verdict:
    share: float  # of the points
    n_right: int
    n_asked: int
    deviation: float | None = None
    mistake: Mistake | None = None
    advice: str = ""


def _judged(kind, answered, asked):
    deviations = [kind.deviation(instance, numbers) for instance, numbers in answered]
    wrong = [pair for pair, deviation in zip(answered, deviations, strict=True) if not deviation <= FORGIVEN]
    fine = [pair for pair, deviation in zip(answered, deviations, strict=True) if deviation <= FORGIVEN]
    n_right, share = len(fine), _share(kind, fine, wrong, asked)
    deviation = float(max(deviations)) if kind.statistical and deviations else None
    if not wrong:
        return _Verdict(share, n_right, len(asked), deviation)
    mistake = _always_the_same(kind, answered) or kind.recognise(wrong, fine) or _not_numbers(wrong)
    if not (mistake or share):
        mistake = _untied(kind, wrong, fine)
    advice = mistake.advice if mistake else kind.otherwise
    return _Verdict(0.0 if mistake else share, n_right, len(asked), deviation, mistake, advice)


def _share(kind, fine, wrong, asked):
    """Of the points: none without a right answer anywhere, and none with a wrong one there that cannot be chance."""
    wide = [[instance for instance, _ in pairs if instance.anywhere] for pairs in (fine, wrong)]
    if any(instance.anywhere for instance in asked) and (not wide[0] or (wide[1] and kind.statistical)):
        return 0.0
    return len(fine) / len(asked)


def _always_the_same(kind, answered):
    """Numbers that do not depend on what they are asked for, as if typed in."""
    first = answered[0][1]
    if not any(instance.anywhere for instance, _ in answered) or first.ndim != 1 or not np.all(np.isfinite(first)):
        return None
    if any(np.any(numbers != first) for _, numbers in answered):
        return None
    advice = "the same numbers come back whatever is asked: they must be worked out anew each time."
    return Mistake(kind.untied, advice, None)


def _untied(kind, wrong, fine):
    """Right in the narrow boxes, where all known misconceptions are wrong, but not anywhere."""
    if not fine or not all(instance.anywhere for instance, _ in wrong):
        return None
    advice = (
        "they are right for some of what was asked, and not for all: what is typed in is right by luck at most. If "
        "yours are computed, let the computation go on until nothing changes, for couplings and fields of either sign."
    )
    return Mistake(kind.untied, advice, None)


def _fit_with_errors(answered, asked):
    """Estimates first; error bars are looked at where these are right."""
    estimates = _judged(_FIT, [(instance, numbers[:2]) for instance, numbers in answered], asked)
    if estimates.mistake:
        return estimates
    right = [(i, numbers[2:]) for i, numbers in answered if _FIT.deviation(i, numbers[:2]) <= FORGIVEN]
    errors = _judged(_ERRORS, right, asked)
    share = SHARE_OF_ESTIMATES * estimates.share + (1 - SHARE_OF_ESTIMATES) * errors.share
    first = estimates if estimates.advice else errors
    return _Verdict(share, errors.n_right, len(asked), estimates.deviation, first.mistake, first.advice)


def _numbers(answer):
    return np.asarray(answer.array).astype(float)


def _not_numbers(wrong):
    if all(np.all(np.isfinite(numbers)) for _, numbers in wrong):
        return None
    advice = "NaN or infinity came back: a step that is too large, a division by 0, or the logarithm of 0?"
    return Mistake("not a number", advice, None)


# ---------------------------------------------------------------- in words


def _result(item, verdict, trouble, answers):
    points = round(item.points * verdict.share, 2)
    right = verdict.share > 1 - 1e-9
    if right:
        status = "right"
    elif verdict.advice or trouble is None:
        status = "wrong"
    else:
        status = trouble.status
    came_out = _came_out(item, verdict)
    if trouble is not None:
        n_trouble = sum(answer.status != "answered" for answer in answers)
        came_out = "; ".join(filter(None, [came_out, f"{n_trouble} of {len(answers)}: {_said(item, trouble)}"]))
    return Result(
        item.key,
        points,
        status,
        _TESTED[item.key],
        came_out,
        verdict.mistake.name if verdict.mistake else "",
        verdict.advice or ("" if right else _help(item, trouble)),
        verdict.deviation if verdict.deviation is None or np.isfinite(verdict.deviation) else None,
    )


def _came_out(item, verdict):
    if not verdict.n_right and verdict.deviation is None and not verdict.advice:
        return ""
    text = f"right on {verdict.n_right} of {verdict.n_asked}"
    if verdict.deviation is not None and np.isfinite(verdict.deviation):
        text += f"; the largest deviation is {verdict.deviation:.1f} standard errors, {FORGIVEN:g} are forgiven"
    return text


def _said(item, trouble):
    if _is_stub(trouble):
        return f"{item.function}, or a function that it calls, is still to be written"
    said = {
        "missing": f"the notebook has no function {item.function}",
        "timeout": f"no answer after {item.seconds:g} s",
        "not run": "it was not called",
        "raised": "the call raised an error",
        "wrong kind": f"expected {item.returns}",
    }[trouble.status]
    return f"{said}: {trouble.message}" if trouble.message else said


def _is_stub(trouble):
    """Whether the function is as the notebook came, or calls one that is."""
    return trouble.status == "raised" and trouble.message.startswith("NotImplementedError")


def _help(item, trouble):
    if trouble is None:
        return ""
    if _is_stub(trouble):
        return 'Put your own lines in the place of "raise NotImplementedError".'
    arguments = ", ".join(item.parameters)
    return {
        "missing": f"Define {item.function}({arguments}) at the top level of the notebook, and run all cells.",
        "timeout": "Move all pictures at once with numpy: a Python loop over sites is a hundred times slower.",
        "not run": "The grader did not get so far, for the reason above: restart the kernel, run all cells from the "
        "top, and mend what stops or takes long.",
        "raised": f"Call {item.function}({arguments}), also on sizes other than those of your pictures, and read the "
        "last line of the error.",
        "wrong kind": f"{item.function} must return {item.returns}: look at what comes back, and at its shape.",
    }[trouble.status]


_TESTED = {
    "binarize": "three grey pictures that are not square: one with an odd number of pixels, one with many equal ones",
    "bond_sum": "three sets of pictures: square, not square, and with two axes in front",
    "spin_sum": "three sets of pictures: square, not square, and with two axes in front",
    "gradient": "three sets of pictures, with averages that a model might have",
    "draw_images": "five places (J, h), of both signs, two of them anywhere: the averages of your pictures against "
    "exact ones, whether all sites are alike, and whether one picture tells about another",
    "model_averages": "four places (J, h), of both signs, two of them anywhere, against exact averages",
    "fit_images": "four sets of pictures drawn from the model, three of them anywhere: J and h against the most likely "
    "ones, your error bars against the Fisher information",
    "correlation": "three sets of pictures and distances",
    "own_fit": "your own pictures, read from your notebook, fitted once more",
    "twist_statistics": "two sets of pictures",
    "twist_fit": "four sets of pictures drawn from the model of your twist, two of them anywhere: against the most "
    "likely parameters",
}


# ---------------------------------------------------------------- exact answers


def _difference(instance, numbers):
    return 0.0 if _same(numbers, instance.truth["answer"]) else np.inf


def _same(numbers, answer):
    answer = np.asarray(answer, dtype=float)
    if np.shape(numbers) != answer.shape or not np.all(np.isfinite(numbers)):
        return False
    return bool(np.abs(numbers - answer).max() <= ROUND_OFF * np.abs(answer).max())


def _recognise_exactly(key):
    """The mistake that gives the most of the wrong answers, and all the right ones; the simplest one first."""

    def recognise(wrong, fine):
        mistakes = [
            mistake
            for mistake in mistakes_of(key, wrong[0][0].truth.get("variant"))
            if all(_same(numbers, mistake.answer(i)) for i, numbers in fine)
        ]
        hits = [sum(_same(numbers, mistake.answer(i)) for i, numbers in wrong) for mistake in mistakes]
        return mistakes[int(np.argmax(hits))] if any(hits) else None

    return recognise


# ---------------------------------------------------------------- random answers


def _distance(difference, information):
    squared = difference @ information @ difference
    return float(np.sqrt(max(squared, 0.0))) if np.isfinite(squared) else np.inf


def _nearest(wrong, fine, mistakes, information):
    """The mistake whose answers are nearest, if they are much nearer than the truth, and right where the student is.

    Of three or four wrong answers one may be off, of five two: where couplings come out strong, chains get stuck on top
    of the mistake. The others must then be nearer still.
    """
    best, closest = None, CLOSER
    for mistake in mistakes:
        if any(_distance(numbers - mistake.answer(i), information(i)) > FORGIVEN for i, numbers in fine):
            continue
        near = np.array([_distance(numbers - mistake.answer(i), information(i)) for i, numbers in wrong])
        far = np.array([_distance(numbers - _truth(i), information(i)) for i, numbers in wrong])
        off = _how_near(near, far)
        if off < closest - TIE:  # where two give the same, the first is meant
            best, closest = mistake, off
    return best


def _how_near(near, far):
    """All distances to a mistake together against those to the truth; infinite if a single one is nearly as large.

    A mistake that leaves some of them out stands behind one that does not.
    """
    if not (np.all(np.isfinite(near)) and np.all(np.isfinite(far))):
        return np.inf
    ratios = np.sort(near / far)
    together = float(np.linalg.norm(near) / np.linalg.norm(far)) if ratios[-1] < HALF_WAY else np.inf
    most = len(ratios) - 1 - (len(ratios) - 1) // 2
    if len(ratios) >= 3 and ratios[most] < NEARER_STILL:
        return min(together, NEARER_STILL + ratios[most])
    return together


def _truth(instance):
    return instance.truth["parameters"] if "parameters" in instance.truth else instance.truth["mean"]


def _of_averages(instance):
    return instance.arguments["n_images"] * np.linalg.inv(instance.truth["covariance"])


def _of_parameters(instance):
    return instance.truth["information"]


def _averages_off(instance, numbers):
    return _distance(numbers - instance.truth["mean"], _of_averages(instance))


def _parameters_off(instance, numbers):
    return _distance(numbers - instance.truth["parameters"], _of_parameters(instance))


def _recognise_fit(wrong, fine):
    for mistakes in (misfits.mistakes_of_fits(), misfits.mistakes_that_fit()):
        found = _nearest(wrong, fine, mistakes, _of_parameters)
        if found:
            return found
    return _run_away(wrong)


def _recognise_twist(wrong, fine):
    mistakes = misfits.mistakes_of_twists(wrong[0][0].truth["variant"])
    return _nearest(wrong, fine, mistakes, _of_parameters) or _run_away(wrong)


def _run_away(wrong):
    """A parameter far beyond its true value, or not a number any more: a climb that never arrives."""
    far = [np.abs(numbers) > FAR_BEYOND * np.abs(i.truth["parameters"]).max() for i, numbers in wrong]
    gone = [np.any(one | ~np.isfinite(numbers)) for one, (_, numbers) in zip(far, wrong, strict=True)]
    if 2 * sum(gone) < len(wrong):  # with a weak field it may take longer
        return None
    advice = (
        "a parameter grows without end. Does your sampler feel each parameter, with the right sign? Is the slope the "
        "data's mean minus the model's, both of one picture? Is the step small enough?"
    )
    return Mistake("a parameter that runs away", advice, None)


# ---------------------------------------------------------------- error bars


def _true_errors(instance):
    return np.sqrt(np.diag(np.linalg.inv(instance.truth["information"])))


def _errors_off(instance, errors):
    with np.errstate(all="ignore"):
        ratio = errors / _true_errors(instance)
    return 0.0 if np.all((ratio > SMALLEST_ERROR) & (ratio < LARGEST_ERROR)) else np.inf


def _recognise_errors(wrong, _):
    best, closest = None, 0.35
    for name, advice, given in misfits.ERRORS:
        off = []
        for instance, errors in wrong:
            n_images, sites = len(instance.arguments["images"]), np.prod(instance.arguments["images"].shape[1:])
            expected = given(_true_errors(instance), instance.truth["information"], n_images, sites)
            with np.errstate(all="ignore"):
                off.append(np.abs(np.log(errors / expected)).max())
        if max(off) < closest:
            best, closest = Mistake(name, advice, None), max(off)
    return best


# ---------------------------------------------------------------- pictures


def _pictures_off(instance, images):
    if not np.all(np.abs(images) == 1):
        return np.inf
    far = _averages_off(instance, LATTICE.statistics(images).mean(axis=0))
    return max(far, abs(_colours_differ(images)), _memory(images))


def _standard_score(values):
    """The mean of independent numbers in its standard errors."""
    spread = values.std(ddof=1)
    return float(values.mean() / spread * np.sqrt(len(values))) if spread else 0.0 if not values.any() else np.inf


def _colours_differ(images):
    """Spins of the one colour of the checkerboard are as often up as those of the other."""
    even, odd = _colours(images)
    return _standard_score(images[:, even].mean(axis=1) - images[:, odd].mean(axis=1))


def _colours(images):
    """The two colours of a checkerboard, as masks."""
    row, col = np.indices(images.shape[1:])
    return (row + col) % 2 == 0, (row + col) % 2 == 1


def _memory(images):
    """Whether pictures so many places apart are alike: neighbours of a chain, chains side by side, the same start."""
    # Each colour about its own mean: after a sweep or two these differ, and no picture knows of another for that.
    spins = np.hstack([images[:, colour] - images[:, colour].mean() for colour in _colours(images)])
    overlap = spins @ spins.T / spins.shape[1]
    scores = [_standard_score(np.diagonal(overlap, apart)) for apart in range(1, len(images) // 2)]
    return max(scores)


def _edge_differs(images):
    """Products of neighbours across the edge against those inside, either way, in standard errors."""
    right, down = (images * np.roll(images, (-step[0], -step[1]), (1, 2)) for step in (RIGHT, DOWN))
    across_right, across_down = right[:, :, -1].mean(axis=1), down[:, -1].mean(axis=1)
    return max(
        _standard_score(right[:, :, :-1].mean(axis=(1, 2)) - across_right),
        _standard_score(down[:, :-1].mean(axis=(1, 2)) - across_down),
    )


def _recognise_pictures(wrong, fine):
    """Looks at the pictures themselves before their averages are compared with those of other models."""
    pictures = [images for _, images in wrong]
    if any(np.any(np.abs(images) != 1) for images in pictures):
        binary = all(np.all((images == 0) | (images == 1)) for images in pictures)
        return Mistake("0/1 pixels", SPINS, None) if binary else Mistake("not spins", "spins are -1 or +1.", None)
    if any(_edge_differs(images) > FORGIVEN for images in pictures):
        return Mistake("no wrap-around", WRAP, None)
    off = [(i, LATTICE.statistics(images).mean(axis=0)) for i, images in wrong]
    off = [(i, mean) for i, mean in off if _averages_off(i, mean) > FORGIVEN]
    rest = [(i, LATTICE.statistics(images).mean(axis=0)) for i, images in fine]
    mistake = _nearest(off, rest, misfits.mistakes_of_models(), _of_averages) if off else None
    if mistake:
        return mistake
    differ = any(abs(_colours_differ(images)) > FORGIVEN for images in pictures)
    if differ and all(_one_colour_rests(images) for images in pictures):
        advice = "one colour of the checkerboard was not moved: a sweep visits both, one after the other."
        return Mistake("one colour only", advice, None)
    if any(_memory(images) > FORGIVEN for images in pictures):
        advice = (
            "one picture tells about another: let each have a chain of its own, from a random start, or put many "
            "sweeps between two pictures of one chain."
        )
        return Mistake("pictures depend on each other", advice, None)
    if all(instance.anywhere for instance, _ in wrong):
        return None  # right where chains are slowest: it is not that
    if _all_alike(wrong + fine):
        return Mistake(_DRAWS.untied, "they are the same kind of pictures whatever J and h are.", None)
    return _recognise_short(off)


def _all_alike(answered):
    """Whether the averages are everywhere those of the first pictures, up to their noise."""
    sums = [LATTICE.statistics(images) for _, images in answered]
    gaps = [[_standard_score(one[:, k] - sums[0][:, k]) for one in sums[1:]] for k in (0, 1)]
    return len(sums) > 1 and np.abs(gaps).max() < FORGIVEN / 2


def _one_colour_rests(images):
    """Whether one colour is still as it may have started: fair coins, or all equal."""
    means = [images[:, colour].mean(axis=1) for colour in _colours(images)]
    return any(np.abs(mean).min() == 1 or abs(_standard_score(mean)) < FORGIVEN / 2 for mean in means)


def _recognise_short(off):
    """Averages on the way from one kind of start, all random or all up or all down, to those of the model."""
    # From all up, neighbours that should differ overshoot at first: those do not count.
    off = [(i, mean) for i, mean in off if i.arguments["J"] > 0]
    starts = (0, 0), (2, 1), (2, -1)
    if not any(off and all(_on_the_way(i, mean, start) for i, mean in off) for start in starts):
        return None
    advice = (
        "the averages lie between those of the start and those of the model: the chains were stopped too early; double "
        "the sweeps until nothing changes."
    )
    return Mistake("too little burn-in", advice, None)


def _on_the_way(instance, mean, start):
    start = np.array(start) * instance.arguments["size"] ** 2
    whole, done = instance.truth["mean"] - start, mean - start
    way = done @ whole / (whole @ whole)
    return bool(0 <= way < 1 and np.linalg.norm(done - way * whole) < 0.5 * np.linalg.norm(whole))


_DRAWS = _Kind(
    _pictures_off,
    _recognise_pictures,
    "The averages of your pictures are not those of the model: compare them with all 65536 states of a 4 x 4 lattice.",
    untied="pictures that do not follow J and h",
)
_AVERAGES = _Kind(
    _averages_off,
    lambda wrong, fine: _nearest(wrong, fine, misfits.mistakes_of_averages(), _of_averages),
    "The averages are not those of the model: do draw_images and bond_sum pass? Then the mean over pictures is left.",
    untied="averages that do not follow J and h",
)
_FIT = _Kind(
    _parameters_off,
    _recognise_fit,
    "The averages at your J and h are not those of the pictures: go on until they agree within their noise.",
)
_ERRORS = _Kind(
    _errors_off,
    _recognise_errors,
    "J and h are right, their errors not: the square roots of the diagonal of F^-1 / M, F the covariance of (B, S).",
    statistical=False,
    untied="error bars that do not follow the pictures",
)
_TWIST = _Kind(
    _parameters_off,
    _recognise_twist,
    "The averages at your parameters are not those of the pictures: does your sampler hold every term of the energy?",
)


def _exactly(key, otherwise):
    return _Kind(_difference, _recognise_exactly(key), otherwise, statistical=False)


_BY_HAND = "Work out a picture of 3 x 3 by hand, and compare."
_KINDS = {
    "binarize": _exactly("binarize", "+1 where a pixel is brighter than the median of its picture, else -1."),
    "bond_sum": _exactly("bond_sum", _BY_HAND),
    "spin_sum": _exactly("spin_sum", _BY_HAND),
    "gradient": _exactly("gradient", "The data's mean minus the model's, of B and of S, divided by the sites."),
    "correlation": _exactly("correlation", "The mean of s s' over pictures, sites, and both directions, wrapped."),
    "twist_statistics": _exactly("twist_statistics", _BY_HAND),
    "draw_images": _DRAWS,
    "model_averages": _AVERAGES,
    "twist_fit": _TWIST,
}
