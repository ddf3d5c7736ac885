"""Compiled loops: arrays in, arrays out, nothing of the course. `course_lib.sampling` checks what goes in."""

import contextlib
import functools
import warnings
from pathlib import Path

import numba
from numba.core.caching import FunctionCache


def njit(*, cache=False, **options):
    """numba's, but what is wrong with files of compiled code never stops a kernel: it is compiled again."""

    def decorate(function):
        kernel = numba.njit(**options)(function)
        if cache and not numba.config.DISABLE_JIT:
            # On some shared computers neither the installed package nor the home can be written to.
            with contextlib.suppress(RuntimeError):
                kernel._cache = _Cache(function)
        return kernel

    return decorate


class _Cache(FunctionCache):
    """Compiled code on disk: made anew where it is damaged, done without where it cannot be kept."""

    def load_overload(self, sig, target_context):
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # files cut short make pickle raise many things
            self._forget()
            _say_once(f"compiled code in {self.cache_path} was damaged: it is compiled anew, which takes some seconds")

    def save_overload(self, sig, data):
        try:
            super().save_overload(sig, data)
        except OSError as error:
            # The index may name a file that was not written, and an older one may have that name.
            self._forget()
            _say_once(
                f"compiled code cannot be kept in {self.cache_path} ({error.strerror}): all works, but every start of "
                "Python compiles anew; make room there, or set NUMBA_CACHE_DIR to another folder"
            )

    def _forget(self):
        """Delete the files of this function, the index and the code."""
        for path in Path(self.cache_path).glob(f"{self._impl.filename_base}.*"):
            with contextlib.suppress(OSError):
                path.unlink()


@functools.cache
def _say_once(text):
    warnings.warn(text, stacklevel=2)
