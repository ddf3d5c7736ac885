"""Which submissions are alike: names, comments, and the order of cells make no difference.

Each function is written as a row of syntax tokens without names; its fingerprint is the multiset of all runs of so many
tokens. What the assignment gives everybody is taken away. Two submissions are as alike as the share of runs that they
have in common. It is a reason to ask, no proof.

Students' code is parsed in a process of its own, which may use little memory and time: this file run as a program.
"""

import ast
import contextlib
import json
import subprocess
import sys
import warnings
import zlib
from collections import Counter
from dataclasses import dataclass
from itertools import combinations

RUN = 10  # tokens
LEAST_RUNS = 60  # of a submission: less code says nothing
ALIKE = 0.7  # from here on a pair is pointed out
MOST_CODE = 100_000  # characters of a submission
MOST_SHOWN = 6  # functions of a pair


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike.

    Attributes
    ----------
    first, second : int
        Their places in the class.
    alike : float
        Share of runs of tokens that they have in common.
    functions : tuple of (str, str, float)
        Name in the first, its nearest in the second, how alike: the longest ones.
    """

    first: int
    second: int
    alike: float
    functions: tuple[tuple[str, str, float], ...]


# ---------------------------------------------------------------- one submission


def functions(cells) -> dict:
    r"""The functions of a notebook, parsed in a process of its own.

    Parameters
    ----------
    cells : sequence of str
        Sources of the code cells.

    Returns
    -------
    dict
        Name -> dict of ``source`` (without comments) and ``runs`` (a number for each run of tokens).

    Examples
    --------
    >>> functions(["def f(x):\n    return x  # as it is"])["f"]["source"]
    'def f(x):\n    return x'
    """
    command = [sys.executable, "-I", "-S", __file__]
    try:
        done = subprocess.run(command, input=json.dumps(cells).encode(), capture_output=True, timeout=60, env={})
        return json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        return {}


def _taken_apart(cells):
    found, left = {}, MOST_CODE
    for cell in cells:
        for node in _tree(cell[:MOST_CODE]).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                with contextlib.suppress(RecursionError):
                    source, runs = ast.unparse(node), _runs(list(_tokens(node)))
                    left -= len(source)
                    if left > 0:
                        found[node.name] = {"source": source, "runs": runs}
    return found


def _tree(source):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # such as a magic of IPython's
        return ast.Module([], [])


def _tokens(node):
    """Kinds of syntax in order, without names; attributes and numbers stay: they say what is done."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    yield type(node).__name__
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Constant):
        yield repr(node.value)[:20]
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr_context):
            yield from _tokens(child)


def _runs(tokens):
    return [zlib.crc32(" ".join(tokens[k : k + RUN]).encode()) for k in range(max(len(tokens) - RUN + 1, 0))]


def _program():
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    json.dump(_taken_apart(json.load(sys.stdin)), sys.stdout)


# ---------------------------------------------------------------- the class


def compare(codes, given=None) -> tuple[list[list[float]], list[Pair]]:
    """Compare every submission with every other.

    Parameters
    ----------
    codes : sequence of dict
        What `functions` gives, of each submission.
    given : dict, optional
        The same, of what the assignment gives everybody.

    Returns
    -------
    matrix : list of list of float
        How alike each two are, from 0 to 1.
    found : list of Pair
        Those that are alike, the most alike first.

    Examples
    --------
    >>> compare([{}, {}])
    ([[0.0, 0.0], [0.0, 0.0]], [])
    """
    common = {run for one in (given or {}).values() for run in one["runs"]}
    prints = [
        {name: Counter(run for run in one["runs"] if run not in common) for name, one in code.items()} for code in codes
    ]
    matrix, found = _shares([sum(one.values(), Counter()) for one in prints]), []
    for i, j in combinations(range(len(codes)), 2):
        if matrix[i][j] >= ALIKE:
            found.append(Pair(i, j, matrix[i][j], _closest(prints[i], prints[j])))
    return matrix, sorted(found, key=lambda pair: -pair.alike)


def _shares(wholes):
    """What each two have in common of all that they have; run by run, since few have the same."""
    import numpy as np  # not where students' code is parsed

    totals = np.array([one.total() for one in wholes])
    has = {}
    for place, one in enumerate(wholes):
        for run, count in one.items():
            has.setdefault(run, ([], []))[0].append(place)
            has[run][1].append(count)
    shared = np.zeros((len(wholes), len(wholes)))
    for places, counts in has.values():
        if len(places) > 1:
            shared[np.ix_(places, places)] += np.minimum.outer(counts, counts)
    np.fill_diagonal(shared, 0)
    enough = np.minimum.outer(totals, totals) >= LEAST_RUNS
    return np.where(enough, shared / np.maximum(np.add.outer(totals, totals) - shared, 1), 0.0).tolist()


def _closest(one, other):
    """The functions of the first, each with its nearest of the second, the longest first."""
    rows = []
    for name, runs in one.items():
        best = max(other, key=lambda there: (runs & other[there]).total(), default=None)
        if best is not None and (shared := (runs & other[best]).total()):
            rows.append((name, best, shared / (runs | other[best]).total(), shared))
    return tuple(row[:3] for row in sorted(rows, key=lambda row: -row[3])[:MOST_SHOWN])


if __name__ == "__main__":
    _program()
