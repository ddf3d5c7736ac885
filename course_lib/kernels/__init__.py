"""Compiled loops: arrays in, arrays out, nothing of the course. `course_lib.sampling` checks what goes in."""

import tempfile

import numba

_temporary_cache = None


def _make_sure_of_a_cache():
    """Let numba keep compiled code in a temporary folder for as long as Python runs, if it finds no other place.

    On some shared computers neither the installed package nor the home can be written to, and numba then refuses
    every ``cache=True``.
    """
    global _temporary_cache
    try:
        numba.njit(cache=True)(_make_sure_of_a_cache)  # looks for a place; compiles nothing
    except RuntimeError:
        _temporary_cache = tempfile.TemporaryDirectory(prefix="ising-course-", ignore_cleanup_errors=True)
        numba.config.CACHE_DIR = _temporary_cache.name


_make_sure_of_a_cache()
