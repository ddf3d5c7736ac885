"""The table of `ising-course bench`: a line for each of our jobs and each peer in it."""

import math
import statistics

HEAD = ("job", "ours", "peer", "peer's", "ratio", "min - max", "target", "met?")
_PREFIXES = {-12: "p", -9: "n", -6: "µ", -3: "m", 0: ""}


def table(results):
    return aligned([HEAD, *(line for result in results for line in _lines(result))])


def aligned(lines):
    """Lines of cells as text, in columns."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def _lines(result):
    job, ours = result.job, statistics.median(result.ours)
    head = (job.name, quantity(ours, job.unit))
    if job.at_most is not None:
        spread = f"{quantity(min(result.ours), job.unit)} - {quantity(max(result.ours), job.unit)}"
        yield (*head, "", "", "", spread, f"<= {quantity(job.at_most, job.unit)}", yes_or_no(ours <= job.at_most))
        head = ("", "")
    for peer in job.peers:
        yield (*head, peer.name, *_against(result, peer))
        head = ("", "")  # said once a job


def _against(result, peer):
    """The peer's cost, the ratio and its spread, the target, and whether it is met."""
    target = "" if peer.at_least is None else f">= {peer.at_least:g}x"
    costs = result.peers[peer.name]
    if costs is None:
        return "not installed", "", "", target, ""
    ratios = result.ratios(peer)
    ratio = peer.judge(ratios)
    met = "" if peer.at_least is None else yes_or_no(ratio >= peer.at_least)
    cost = quantity(statistics.median(costs), result.job.unit)
    return cost, f"{_digits(ratio)}x", f"{_digits(min(ratios))} - {_digits(max(ratios))}", target, met


def yes_or_no(yes):
    return "yes" if yes else "NO"


def _digits(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def quantity(value, unit):
    """Three digits and a unit: seconds with a prefix, such as 0.00021 s as 210 µs."""
    if unit != "s" or value <= 0:
        return f"{value:.3g} {unit}"
    power = max(-12, min(0, 3 * math.floor(math.log10(value) / 3)))
    return f"{value / 10.0**power:.3g} {_PREFIXES[power]}s"
