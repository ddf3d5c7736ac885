"""Many logistic regressions at once, by Newton's method: what pseudo-likelihood climbs."""

import numpy as np

from course_lib.learning.stopping import Diverged

MAX_STEPS = 100  # Newton needs some 5 to 15
TOLERANCE = 1e-10  # of the slope, for one spin of one sample
SETTLED, RUNNING = 1e-3, 0.1  # how far the last step moved the local field that moved most


def climb(model, conditionals, l2, theta, *, rest=0.0):
    """Maximum of ``sum weights log p(outcomes | fields) - l2 theta^2 / 2`` by Newton's method, from theta.

    Or near it, where only ``rest`` times the first slope is left.

    Returns theta, `_wrong` there, and the history of slopes. Where theta runs away, the slope vanishes like
    exp(-2 field) and so does the curvature: Newton's step stays 1/2, which tells it from a maximum.
    """
    outcomes, weights = conditionals.outcomes, conditionals.weights
    fields, reach, history = conditionals.fields(theta), 0.0, []
    tolerance = TOLERANCE * np.sum(weights)
    for _ in range(MAX_STEPS):
        wrong = _wrong(outcomes * fields)
        slope = conditionals.gather(weights * outcomes * wrong) - l2 * theta
        history.append(np.abs(slope).max())
        if history[-1] <= rest * history[0]:
            return theta, wrong, history
        if history[-1] <= tolerance:
            if reach <= SETTLED:
                return theta, wrong, history
            if reach > RUNNING and not l2.any():
                break
        # Far away a rough step is as good as an exact one.
        accuracy = min(0.3, np.sqrt(history[-1] / np.sum(weights)))
        step = conditionals.newton_step(weights * wrong * (2 - wrong), slope, l2, accuracy)
        along = conditionals.fields(step)
        length = _length(conditionals, fields, along, (l2 * step) @ theta, (l2 * step) @ step)
        theta, fields = theta + length * step, fields + length * along
        reach = length * np.abs(along).max()
    raise Diverged(
        model.step(theta),
        history,
        f"the pseudo-likelihood has no finite maximum on these data: after {len(history) - 1} steps parameters up to "
        f"{np.abs(theta).max():.3g} still grow, as some spin is certain given the others; take more samples, or pass "
        "l2 above 0",
    )


def _wrong(agreement):
    """Twice the probability of the other outcome, from outcome times field F: 1 - tanh F, without its round-off.

    The slope of log p by the field is this times the outcome s, the curvature is minus this times (2 - this).
    """
    with np.errstate(over="ignore"):
        return 2 / (1 + np.exp(2 * agreement))


def _length(conditionals, fields, along, penalty_slope, penalty_curvature):
    """How much of a Newton step to take: as much as does not pass the maximum on its line.

    The third derivative of log p is at most twice the second. Hence log(1 + R) / R of the step, with R twice the
    largest change of a field, never passes it (Bach, Electron. J. Stat. 4, 384, 2010; Sun and Tran-Dinh, Math.
    Program. 178, 145, 2019). Most often more is possible.
    """
    outcomes = conditionals.outcomes
    pull, reach = conditionals.weights * outcomes * along, 2 * np.abs(along).max()
    safe, length = np.log1p(reach) / reach if reach > 0 else 1.0, 1.0
    while length > safe:
        slope = np.sum(pull * _wrong(outcomes * (fields + length * along)))
        if slope >= penalty_slope + length * penalty_curvature:
            return length
        length *= 0.7
    return safe


def conjugate_gradients(curve, precondition, slope, accuracy):
    """Solution of ``curve(step) = slope``, until the preconditioned norm of the rest has shrunk to the accuracy."""
    step, rest = np.zeros_like(slope), slope
    direction = better = precondition(rest)
    norm = first = rest @ better
    for _ in range(len(slope)):
        if norm <= accuracy**2 * first:
            break
        curved = curve(direction)
        share = norm / (direction @ curved)
        step, rest = step + share * direction, rest - share * curved
        better = precondition(rest)
        norm, before = rest @ better, norm
        direction = better + norm / before * direction
    return step
