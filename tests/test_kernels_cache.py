"""Compiled code on disk: whatever is wrong with it, kernels work, and what is damaged is made anew."""

import importlib.util
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from course_lib import kernels, sampling

PACKAGE = Path(sampling.__file__).parents[1]
SOURCE = "from course_lib.kernels import njit\n\n\n@njit(cache=True)\ndef triple(x):\n    return 3 * x\n"


@pytest.fixture
def triple(tmp_path):
    """A small kernel as a new process would load it, each time it is called."""
    (tmp_path / "small.py").write_text(SOURCE)

    def load():
        spec = importlib.util.spec_from_file_location("small", tmp_path / "small.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        kernels._say_once.cache_clear()
        return module.triple

    return load


def run(kernel):
    """Its answers for two types, with how many it compiled, and what was said."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert kernel(2) == 6 and kernel(0.5) == 1.5
    return sum(kernel.stats.cache_misses.values()), [str(warning.message) for warning in said]


def files(kernel, ending=""):
    return sorted(Path(kernel.stats.cache_path).glob(f"small.triple-*{ending}"))


DAMAGE = {
    "empty": lambda data: b"",
    "one byte": lambda data: data[:1],
    "cut": lambda data: data[: len(data) // 2],
    "last byte lost": lambda data: data[:-1],
    "zeros": lambda data: bytes(len(data)),
    "text": lambda data: b"<html>not found</html>",
}


@pytest.mark.parametrize("ending", [".nbi", ".nbc"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_heals(damage, ending, triple):
    assert run(triple()) == (2, [])
    assert run(triple()) == (0, [])
    for file in files(triple(), ending):
        file.write_bytes(DAMAGE[damage](file.read_bytes()))
    compiled, said = run(triple())
    assert compiled == 2 and len(said) == 1 and "was damaged: it is compiled anew" in said[0]
    assert run(triple()) == (0, [])


def test_a_file_that_is_gone_is_made_anew(triple):
    run(triple())
    for file in files(triple(), ".nbc"):
        file.unlink()
    assert run(triple()) == (2, [])
    assert run(triple()) == (0, [])


@pytest.mark.parametrize("full", ["the index", "the code"])
def test_a_full_disk(full, triple, monkeypatch):
    """Old code must not stay under a name that a new index gives to new code."""
    run(triple())
    index, *_ = files(triple(), ".nbi")
    index.unlink()  # as after an upgrade, when nothing in it is valid
    replace, ending = os.replace, {"the index": ".nbi", "the code": ".nbc"}[full]

    def refuse(source, target):
        if str(target).endswith(ending):
            raise OSError(28, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as no_space:
        no_space.setattr("os.replace", refuse)
        compiled, said = run(triple())
    assert compiled == 2 and len(said) == 1 and "cannot be kept in" in said[0] and "No space left" in said[0]
    assert files(triple()) == []
    assert run(triple()) == (2, [])
    assert run(triple()) == (0, [])


# ---------------------------------------------------------------- the package itself, in a process of its own


CODE = (
    "import course_lib; from course_lib import sampling, ising; from course_lib.kernels import readable\n"
    "model = ising.Ising([[0]], [0])\n"
    "print(course_lib.__file__, sampling.advance(model, [[1]], 1, method='metropolis', rng=1).shape)\n"
    "print(sum(readable.metropolis.stats.cache_misses.values()), readable.metropolis.stats.cache_path)\n"
)


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "course_lib", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def start(folder, **environment):
    """Python in ``folder``, from where it then imports course_lib."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith(str(folder)) and first.endswith("(1, 1)")
    return second.split(maxsplit=1), done.stderr


def test_samplers_outlive_damaged_files(copy):
    (compiled, folder), said = start(copy, NUMBA_CACHE_DIR=str(copy / "cache"))
    assert compiled == "1" and said == ""
    for file in Path(folder).glob("*.nb?"):
        file.write_bytes(b"")
    (compiled, _), said = start(copy, NUMBA_CACHE_DIR=str(copy / "cache"))
    assert compiled == "1" and said.count("UserWarning") == 1
    (compiled, _), said = start(copy, NUMBA_CACHE_DIR=str(copy / "cache"))
    assert compiled == "0" and said == ""


def test_no_place_for_compiled_code(copy):
    """Nowhere to write: a file in the place of the package's __pycache__, and paths below /proc for the rest.

    (Permission bits would not do: they do not bind root.)
    """
    (copy / "course_lib" / "kernels" / "__pycache__").touch()
    nowhere = dict.fromkeys(["HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR", "IPYTHONDIR"], "/proc/nowhere")
    assert start(copy, **nowhere) == (["1", "None"], "")
