"""Jobs, their contenders, and the rounds in which all of them take turns."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Measure = Callable[[], float]  # runs once and returns what it cost, in the unit of the job


@dataclass(frozen=True)
class Peer:
    """A rival, and how many times as costly as ours it is to be."""

    name: str
    prepare: Callable[[], Measure]
    at_least: float | None = None
    judge: Callable[[list], float] = statistics.median  # of the ratios of the rounds


@dataclass(frozen=True)
class Job:
    """What is measured; `prepare` builds the inputs. ``at_most`` bounds our own cost."""

    name: str
    prepare: Callable[[], Measure]
    peers: tuple = ()
    at_most: float | None = None
    unit: str = "s"


@dataclass(frozen=True)
class Result:
    """Our costs, one a round, and those of each peer; None for a peer that is not installed."""

    job: Job
    ours: list
    peers: dict

    def ratios(self, peer):
        return [theirs / ours for ours, theirs in zip(self.ours, self.peers[peer.name], strict=True)]


def race(jobs, rounds):
    """Round by round, every contender of every job in turn: a machine that is busy for a while slows them all."""
    ready = [(_warmed_up(job.prepare), {peer.name: _if_installed(peer.prepare) for peer in job.peers}) for job in jobs]
    results = [
        Result(job, [], {name: measure and [] for name, measure in peers.items()})
        for job, (_, peers) in zip(jobs, ready, strict=True)
    ]
    for _ in range(rounds):
        for result, (ours, peers) in zip(results, ready, strict=True):
            result.ours.append(ours())
            for name, measure in peers.items():
                if measure:
                    result.peers[name].append(measure())
    return results


def _warmed_up(prepare):
    """What a contender prepared, after one run that nobody counts: it compiles and fills caches."""
    measure = prepare()
    measure()
    return measure


def _if_installed(prepare):
    try:
        return _warmed_up(prepare)
    except ModuleNotFoundError:
        return None


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start
