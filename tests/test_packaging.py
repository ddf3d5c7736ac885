"""What the README promises a fresh machine is what the files say."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from course_lib.workshop import cli

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = PROJECT["tool"]["uv"]["constraint-dependencies"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_holds_the_two_commands_on_its_first_screen():
    first_screen = README.splitlines()[:40]
    assert "python3 -m pip install uv && python3 -m uv run ising-course lab" in first_screen
    assert "python3 -m pip install uv && python3 -m uv run pytest" in first_screen


def test_ci_runs_the_readmes_test_command():
    pattern = re.search(r"grep -m 1 -E '(.+?)' README\.md", (ROOT / ".ci" / "run").read_text()).group(1)
    assert re.findall(pattern, README, re.MULTILINE) == ["python3 -m pip install uv && python3 -m uv run pytest"]


def test_environment_yml_names_no_package_of_its_own():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, by_pip = environment["dependencies"]
    assert pip == "pip" and by_pip == {"pip": ["-c constraints.txt", "-e .[test]"]}
    name, specifier = python.split()
    assert name == "python"
    assert SpecifierSet(specifier) == SpecifierSet(PROJECT["project"]["requires-python"])


def test_every_requirement_is_pinned_to_a_version_it_allows():
    pins = {}
    for line in PINS:
        pin = Requirement(line)
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        pins.setdefault(pin.name, []).append(specifier.version)
    project = PROJECT["project"]
    groups = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PROJECT["dependency-groups"].values(),
    ]
    named = {Requirement(line) for group in groups for line in group}
    for requirement in named - {Requirement("ising-course[test]"), Requirement("ising-course[grading]")}:
        assert pins.get(requirement.name), f"{requirement.name} is not pinned: run `ising-course pin`"
        assert all(requirement.specifier.contains(version) for version in pins[requirement.name])


def test_pip_is_given_the_same_versions():
    assert (ROOT / "constraints.txt").read_text().splitlines() == [cli.PINNED, *PINS]


def test_pip_picks_these_versions_from_environment_yml(tmp_path, needs):
    """What conda hands to pip, resolved for this Python by the pip that came with it."""
    pip = [sys._base_executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    if subprocess.run([*pip, "--version"], capture_output=True).returncode:
        needs(f"pip, which {sys._base_executable} does not have")
    lines = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"][-1]["pip"]
    dry_run = [
        "install",
        "--dry-run",
        "--ignore-installed",
        "--retries",
        "1",
        "--report",
        str(tmp_path / "report.json"),
    ]
    command = [*pip, *dry_run, *(word for line in lines for word in shlex.split(line))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if re.search("NewConnectionError|ConnectTimeout|ProxyError", done.stderr):
        needs("a network, for pip's package index")
    assert done.returncode == 0, done.stderr

    report = json.loads((tmp_path / "report.json").read_text())["install"]
    picked = {canonicalize_name(one["metadata"]["name"]): one["metadata"]["version"] for one in report}
    assert picked.pop("ising-course") == PROJECT["project"]["version"]
    hold = [pin for pin in map(Requirement, PINS) if pin.marker is None or pin.marker.evaluate()]
    pinned = {pin.name: next(iter(pin.specifier)).version for pin in hold}
    assert picked == {name: pinned.get(name) for name in picked}
    project = PROJECT["project"]
    assert {Requirement(line).name for line in project["dependencies"] + project["optional-dependencies"]["test"]} - {
        "ising-course"
    } <= set(picked)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a download without its history")
def test_no_lock_file_and_no_secret_is_tracked():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert "uv.lock" not in tracked
    assert not [name for name in tracked if name.endswith((".env", ".pem", "predictions.json"))]


def test_readme_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_the_map_of_lessons_says_what_is_there():
    linked = set(re.findall(r"\]\(notebooks/(\w+)\.ipynb\)", README))
    assert linked == {path.stem for path in (ROOT / "solutions").glob("*.ipynb")}
