import ast
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import matplotlib
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.workshop import build, lint, readme
from course_lib.workshop.lessons import PARTS, REGISTER

ROOT = Path(__file__).parents[1]
LESSONS = sorted(path.name for path in (ROOT / "solutions").glob("*.ipynb"))


def test_there_is_a_lesson():
    assert LESSONS


@pytest.mark.parametrize("name", LESSONS)
def test_lint(name):
    assert lint.lint(ROOT / "solutions" / name) == []


def test_notebooks_are_what_their_sources_give():
    assert build.check(ROOT) == []


def test_readme_lists_the_lessons_as_they_are():
    assert readme.check(ROOT) == []


def test_the_register_names_what_is_there():
    seen = []
    for key, row in REGISTER.items():
        assert set(row.needs) <= set(seen) and (row.needs or key == "00"), "a lesson needs one before it"
        assert row.part in {"", *PARTS} and set(row.errata) <= lint.ERRATA
        seen.append(key)
    assert seen == sorted(seen)


@pytest.mark.parametrize("name", LESSONS)
def test_every_check_accepts_its_solution(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    verdicts = verdicts_of(ROOT / "solutions" / name)
    assert verdicts
    assert [call for call, verdict in verdicts.items() if not verdict] == []


@pytest.mark.parametrize("name", LESSONS)
def test_every_check_says_your_turn(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    verdicts = verdicts_of(ROOT / "notebooks" / name)
    assert verdicts
    assert {call: verdict.status for call, verdict in verdicts.items() if verdict.status != "your turn"} == {}


def verdicts_of(path):
    """What each check says: the cells before the first section, then exercises and checks, in one namespace.

    Also functions that are given, and what a check hands on, since a later answer may call them.
    """
    matplotlib.use("Agg")
    namespace, verdicts, in_head = {}, {}, True
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            in_head = in_head and not cell.source.startswith("## ")
        elif in_head or cell.metadata.get("nbgrader", {}).get("solution"):
            exec(compile(cell.source, f"{path.name}:{cell.id}", "exec"), namespace)
        else:
            for call in check_calls(cell.source):
                verdicts[call] = eval(call, namespace)
            for statement in ast.parse(cell.source).body:
                if isinstance(statement, ast.FunctionDef) or ").use(" in ast.unparse(statement):
                    with suppress(NameError):  # it needs what other cells compute
                        exec(ast.unparse(statement), namespace)
    return verdicts


def check_calls(source):
    called = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    # `check.energy(my_energy)`, also where `.use(...)` follows
    return [ast.unparse(node) for node in called if re.fullmatch(r"check\.\w+", ast.unparse(node.func))]


# ---------------------------------------------------------------- the budget of conftest.py can fail

BURN = "import time\nwhile time.process_time() < 3: pass"
SWALLOW = "import time\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    pass"


def run_nbval(tmp_path, *sources, budget, timeout=20, workers=0):
    text = (ROOT / "conftest.py").read_text()
    (tmp_path / "conftest.py").write_text(f"{text}\ndef budget(notebook):\n    return {budget}\n")
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    nbformat.write(notebook, tmp_path / "03_burn.ipynb")
    options = ["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={timeout}", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, "-rA", f"-n{workers}", "03_burn.ipynb"]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout


def test_budget_is_held_once(tmp_path):
    out = run_nbval(tmp_path, "1", BURN, "2", budget=2)
    assert "Up to here the notebook took" in out
    assert "CPU seconds, over 2" in out
    assert "1 failed, 2 passed" in out


def test_budget_is_printed_through_xdist(tmp_path):
    out = run_nbval(tmp_path, "1", BURN, budget=30, workers=1)
    assert "2 passed" in out
    _, summary = out.split("CPU seconds")
    seconds, name = summary.splitlines()[1].split()
    assert 2.5 < float(seconds) < 30
    assert name == "03_burn.ipynb"


def test_cell_that_swallows_its_time_out_fails(tmp_path):
    out = run_nbval(tmp_path, SWALLOW, budget=30, timeout=2)
    assert "The cell used up its time-out" in out
    assert "1 failed" in out
