"""What the README promises a fresh machine is what the files say."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
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
    assert pip == "pip" and by_pip == {"pip": ["-e ."]}
    name, specifier = python.split()
    assert name == "python"
    assert SpecifierSet(specifier) == SpecifierSet(PROJECT["project"]["requires-python"])


def test_every_requirement_is_pinned_to_a_version_it_allows():
    pins = {}
    for line in PROJECT["tool"]["uv"]["constraint-dependencies"]:
        pin = Requirement(line)
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        pins.setdefault(pin.name, []).append(specifier.version)
    groups = PROJECT["dependency-groups"]
    named = PROJECT["project"]["dependencies"] + [r for group in groups.values() for r in group if isinstance(r, str)]
    for requirement in map(Requirement, named):
        assert pins.get(requirement.name), f"{requirement.name} is not pinned: run `ising-course pin`"
        assert all(requirement.specifier.contains(version) for version in pins[requirement.name])


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
