"""What is here against what is required: from one list, the metadata of the installed package."""

import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from course_lib.classroom import installation
from course_lib.classroom.installation import Version

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize(
    ("here", "needs", "verdict"),
    [
        ("2.4.6", ">=2.3", "ok"),
        ("2.10.0", ">=2.3", "ok"),
        ("2.3rc1", ">=2.3", "too old"),
        ("2.2.9", ">=2.3", "too old"),
        ("3.13.0", ">=3.10,<3.13", "too new"),
        ("3.9", ">=3.10,<3.13", "too old"),
        (None, ">=8.1", "missing"),
    ],
)
def test_verdicts(here, needs, verdict):
    assert Version("some", here, SpecifierSet(needs)).verdict == verdict


def test_the_table_is_what_pyproject_requires():
    required = {need.name: need.specifier for need in map(Requirement, PROJECT["dependencies"])}
    required["python"] = SpecifierSet(PROJECT["requires-python"])
    found = installation.versions()
    assert [version.name for version in found] == list(installation.SHOWN)
    assert {version.name: version.needs for version in found} == {name: required[name] for name in installation.SHOWN}
    assert {version.verdict for version in found} == {"ok"}


def test_all_is_there(capsys):
    installation.show_versions()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(installation.SHOWN) and lines[-1] == "All there."


def test_what_is_amiss_is_named(capsys, monkeypatch):
    versions = {"numpy": "1.26.4", "numba": "0.68.1", "matplotlib": "3.13.0", "jupyterlab": "4.6.6"}

    def version(name):
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(installation.metadata, "version", version)
    installation.show_versions()
    said = capsys.readouterr().out
    for name, verdict in (("numpy", "too old"), ("matplotlib", "too new"), ("ipywidgets", "missing")):
        assert any(line.startswith(name) and line.endswith(verdict) for line in said.splitlines())
    assert said.splitlines()[-1].startswith("To mend numpy, matplotlib, ipywidgets: python3 -m pip install -e ")


def test_an_old_python(capsys, monkeypatch):
    monkeypatch.setattr(installation.platform, "python_version", lambda: "3.10.2")
    installation.show_versions()
    assert "Another Python is needed" in capsys.readouterr().out


def test_a_course_that_is_only_on_the_path(capsys, monkeypatch):
    monkeypatch.setattr(installation, "DISTRIBUTION", "no-such-course")
    installation.show_versions()
    assert capsys.readouterr().out.startswith("course_lib is on the path but not installed")


def test_warming_up_reports_both_calls_through_a_progress_bar():
    seen = []

    def progress(jobs):
        for job in jobs:
            seen.append(job)
            yield job

    times = installation.warm_up(progress)
    assert len(seen) == len(times) == 4
    assert all(0 < seconds < 60 for pair in times.values() for seconds in pair)
