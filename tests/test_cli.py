import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from course_lib.workshop import cli

ROOT = Path(__file__).parents[1]


def run(*arguments):
    return CliRunner().invoke(cli.main, arguments)


@pytest.fixture
def launched(monkeypatch):
    """What `lab` hands to JupyterLab, without starting it."""
    from jupyterlab.labapp import LabApp

    calls = []
    monkeypatch.setattr(LabApp, "launch_instance", lambda argv: calls.append(argv))
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    monkeypatch.chdir(ROOT)
    return calls


def opened(argv):
    return [a for a in argv if a.endswith(".ipynb")]


@pytest.fixture
def busy_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield str(server.getsockname()[1])


def test_lab_opens_the_first_lesson_and_prints_its_address(launched):
    result = run("lab")
    assert result.exit_code == 0
    assert re.match(r"JupyterLab: http://localhost:\d+/lab/tree/notebooks/\w+\.ipynb\?token=\w{48} ", result.output)
    assert opened(launched[0]) == [str(ROOT / cli.FIRST_LESSON)]


def test_lab_takes_a_notebook_from_where_the_caller_stands(launched, monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    result = run("lab", "01_ising_energy.ipynb", "--ServerApp.default_url=/lab/tree/other.ipynb")
    assert "/lab/tree/notebooks/01_ising_energy.ipynb?" in result.output
    assert opened(launched[0]) == [
        str(ROOT / "notebooks" / "01_ising_energy.ipynb"),
        "--ServerApp.default_url=/lab/tree/other.ipynb",
    ]


def test_lab_opens_a_notebook_outside_the_course(launched, tmp_path):
    (tmp_path / "mein Heft ä.ipynb").write_text("{}")
    result = run("lab", str(tmp_path / "mein Heft ä.ipynb"))
    assert "/lab/tree/mein%20Heft%20%C3%A4.ipynb?token=" in result.output
    assert f"--ServerApp.root_dir={tmp_path}" in launched[0]


@pytest.mark.parametrize("option", ["--IdentityProvider.token=abc", "--ServerApp.base_url=/x", "--help"])
def test_lab_prints_no_address_that_it_does_not_decide(launched, option):
    assert run("lab", option).output == ""
    assert option in launched[0] and "JUPYTER_TOKEN" not in os.environ


def test_lab_hands_further_arguments_on(launched):
    run("lab", "--no-browser", "--ServerApp.answer_yes=True")
    assert launched[0][-2:] == ["--no-browser", "--ServerApp.answer_yes=True"]


@pytest.mark.parametrize(("root", "display"), [(True, False), (False, True)])
def test_lab_as_root_and_without_a_display(launched, monkeypatch, root, display):
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":0" if display else "")
    run("lab")
    assert ("--allow-root" in launched[0]) == root
    assert ("--no-browser" in launched[0]) == (not display)


@pytest.mark.parametrize("form", [["--port", "{}"], ["--port={}"], ["--ServerApp.port={}"]])
def test_a_port_in_use_gets_one_line(launched, busy_port, form):
    result = run("lab", *(part.format(busy_port) for part in form))
    assert result.exit_code == 1 and not launched
    assert result.output == f"Error: port {busy_port} is in use: name another, or stop what runs there.\n"


def test_without_a_port_the_next_free_one_is_taken(launched, busy_port, monkeypatch):
    monkeypatch.setattr(cli, "FIRST_PORT", int(busy_port))
    monkeypatch.setattr(cli, "LAST_PORT", int(busy_port) + 20)
    run("lab")
    (port,) = [a for a in launched[0] if a.startswith("--port=")]
    assert int(busy_port) < int(port.removeprefix("--port=")) <= int(busy_port) + 20


def test_a_port_that_is_none(launched):
    assert 'a port is a number from 1 to 65535, got "http"' in run("lab", "--port", "http").output
    assert not launched


def test_a_missing_notebook_gets_one_line(launched):
    result = run("lab", "notebooks/99_no_such_lesson.ipynb")
    assert result.exit_code == 1 and not launched
    assert result.output.count("\n") == 1
    assert f"there is no notebook {ROOT / 'notebooks' / '99_no_such_lesson.ipynb'}" in result.output


def test_the_real_server_starts_shows_the_lesson_and_keeps_nbgrader_off(tmp_path):
    """The one test that starts JupyterLab: as this user, without a display, from another folder."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "JUPYTER_TOKEN")}
    command = [Path(sys.executable).with_name("ising-course"), "lab"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment | {"PYTHONUNBUFFERED": "1", "JUPYTER_RUNTIME_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            address = re.search(r"http\S+", server.stdout.readline()).group()
            base, token = address.split("/lab/tree/")[0], address.split("token=")[1]

            def get(path):
                return urllib.request.urlopen(f"{base}/{path}?token={token}", timeout=10).read().decode()

            for _ in range(100):
                try:
                    get("api/status")
                    break
                except OSError:
                    time.sleep(0.2)
            assert json.loads(get(f"api/contents/{cli.FIRST_LESSON}"))["type"] == "notebook"
            page = get("lab")
            assert '"@jupyter/nbgrader"' in page.split("disabledExtensions")[1]
            with pytest.raises(OSError, match="404"):
                get("formgrader/api/status")
        finally:
            server.terminate()
        said = server.stdout.read()
    assert "nbgrader" not in said.lower()
    assert "Traceback" not in said


def test_build_check_and_check_pass_on_this_course():
    assert run("build", "--check").exit_code == 0
    assert "| B5 | 01 |" in run("lint").output
    assert "is called `ising-course lint` now" in run("check").output


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder in place of the course's."""
    (tmp_path / "solutions").mkdir()
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    return tmp_path


def test_nothing_to_lint_is_a_failure(elsewhere):
    result = run("lint")
    assert result.exit_code == 1
    assert result.output == f"Error: there is no lesson in {elsewhere / 'solutions'}: restore them, or write one.\n"


@pytest.mark.parametrize("option", [(), ("--minutes",)])
def test_a_damaged_lesson_gets_one_line(elsewhere, option):
    (elsewhere / "solutions" / "._03_mcmc.ipynb").write_bytes(b"\x00\x05")
    result = run("lint", *option)
    assert result.exit_code == 1
    assert "._03_mcmc.ipynb: cannot be read as a notebook" in result.output and "Traceback" not in result.output


def test_lint_shows_minutes_by_lesson_and_section():
    shown = run("lint", "--minutes").output
    for path in (ROOT / "solutions").glob("*.ipynb"):
        assert path.name in shown
    assert shown.count("\nin all ") == len(list((ROOT / "solutions").glob("*.ipynb")))


def test_build_check_writes_nothing():
    assert "give one of them" in run("build", "--check", "--figures").output


def test_help_names_every_command():
    listed = run("--help").output
    assert {"lab", "build", "lint", "bench", "pin"} <= set(re.findall(r"^  (\w+)", listed, re.MULTILINE))


@pytest.mark.parametrize(("arguments", "module"), [((), "benchmarks"), (("--floors",), "benchmarks.floors")])
def test_bench_measures_on_one_thread(monkeypatch, arguments, module):
    calls = []
    monkeypatch.setattr(cli.subprocess, "call", lambda command, **options: calls.append((command, options)) or 3)
    assert run("bench", *arguments).exit_code == 3
    ((command, options),) = calls
    assert command == [sys.executable, "-m", module] and options["cwd"] == ROOT
    assert options["env"]["OPENBLAS_NUM_THREADS"] == options["env"]["NUMBA_NUM_THREADS"] == "1"
