"""Hopfield networks: an Ising model whose couplings are made so that given patterns lie at the bottom of valleys.

A network is an `Ising` model, so its energy is ``model.energy``, `sampling` warms and anneals it, and `learning` learns
it: `learning.fit` climbs the likelihood of the patterns as it does that of any data. Here is what is special: the
rules that write patterns into couplings, and recall, which goes downhill from a cue.

J. J. Hopfield, Proc. Natl. Acad. Sci. USA 79, 2554 (1982); D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev.
Lett. 55, 1530 (1985).
"""

from course_lib.hopfield.dense import dense_recall
from course_lib.hopfield.downhill import Recalled, film, is_stable, recall, synchronous_recall
from course_lib.hopfield.load import CAPACITY, Capacity, capacity
from course_lib.hopfield.patterns import Identified, corrupt, identify, overlap
from course_lib.hopfield.rules import hebb, pseudo_inverse, row_by_row

__all__ = [
    "CAPACITY",
    "Capacity",
    "Identified",
    "Recalled",
    "capacity",
    "corrupt",
    "dense_recall",
    "film",
    "hebb",
    "identify",
    "is_stable",
    "overlap",
    "pseudo_inverse",
    "recall",
    "row_by_row",
    "synchronous_recall",
]
