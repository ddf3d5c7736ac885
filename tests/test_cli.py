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
def elsewhere(tmp_path, monkeypatch):
    """A folder in place of the course's."""
    (tmp_path / "solutions").mkdir()
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    return tmp_path


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
    assert opened(launched[0]) == [str(ROOT / "notebooks" / "00_start_here.ipynb")]


@pytest.mark.parametrize(
    ("words", "lesson"),
    [
        (["3"], "03_mcmc"),
        (["03"], "03_mcmc"),
        (["3x"], "03x_slow_chains"),
        (["03x"], "03x_slow_chains"),
        (["0"], "00_start_here"),
        (["03_mcmc"], "03_mcmc"),
        (["--no-browser", "4"], "04_kl_nll"),
        (["-y", "5"], "05_boltzmann_learning"),
        (["--ServerApp.port_retries", "3"], "00_start_here"),
    ],
)
def test_lab_opens_a_lesson_by_number_or_name(launched, words, lesson):
    run("lab", *words)
    assert opened(launched[0]) == [str(ROOT / "notebooks" / f"{lesson}.ipynb")]


def test_lab_keeps_the_value_of_an_option(launched):
    run("lab", "3", "--ServerApp.port_retries", "3")
    assert launched[0][-3:] == [*opened(launched[0]), "--ServerApp.port_retries", "3"]


@pytest.mark.parametrize("word", ["README.md", "10", "mcmc_03", "notebooks/99_no_such_lesson.ipynb", "notebooks", ""])
def test_lab_says_which_lessons_there_are(launched, word):
    result = run("lab", word)
    assert result.exit_code == 1 and not launched
    assert result.output.startswith(
        f"Error: there is no lesson {word}: the lessons are 00_start_here, 01_ising_energy, "
    )
    assert result.output.count("\n") == 1


def test_lab_opens_one_lesson_at_a_time(launched):
    assert run("lab", "3", "4").output == "Error: one lesson at a time, got 3 and 4: open the others in JupyterLab.\n"
    assert not launched


def test_lab_without_lessons_says_how_to_write_them(launched, elsewhere):
    assert "write the lessons with `ising-course build`" in run("lab").output
    assert not launched


def test_lab_works_where_the_home_folder_cannot_be_written(launched, monkeypatch, tmp_path):
    (tmp_path / "home").touch()  # root may write into any folder, but not into a file
    moved = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
    for name in moved:
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    result = run("lab", "3")
    assert result.exit_code == 0 and launched
    assert f"{tmp_path / 'home' / moved[0]} cannot be written: JupyterLab keeps its settings in" in result.output
    rooms = {Path(os.environ[name]).parent for name in moved}
    assert len(rooms) == 1 and rooms.pop().parent == tmp_path


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
            assert json.loads(get(f"api/contents/notebooks/{cli.FIRST_LESSON}.ipynb"))["type"] == "notebook"
            page = get("lab")
            assert '"@jupyter/nbgrader"' in page.split("disabledExtensions")[1]
            assert "ising-course" in page.split("federated_extensions")[1]
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


# ---------------------------------------------------------------- pin


@pytest.fixture
def project(elsewhere, monkeypatch):
    """A project whose versions are to be found anew."""
    (elsewhere / "pyproject.toml").write_text('[tool.uv]\nconstraint-dependencies = [\n    "old==1",\n]\n\n[end]\n')
    monkeypatch.delenv("UV", raising=False)
    return elsewhere


def answers(monkeypatch, answer):
    monkeypatch.setattr(cli.subprocess, "run", answer)


def test_pin_writes_the_same_versions_twice(project, monkeypatch):
    lines = "a==1\nb==2 ; python_full_version < '3.12'\n"
    answers(monkeypatch, lambda command, **_: subprocess.CompletedProcess(command, 0, stdout=lines))
    assert run("pin").output == "2 versions written into pyproject.toml and constraints.txt\n"
    assert (project / "constraints.txt").read_text() == f"{cli.PINNED}\n{lines}"
    pinned = 'constraint-dependencies = [\n    "a==1",\n    "b==2 ; python_full_version < \'3.12\'",\n]'
    assert (project / "pyproject.toml").read_text() == f"[tool.uv]\n{pinned}\n\n[end]\n"


def test_pin_without_uv_gets_one_line(project, monkeypatch):
    monkeypatch.setenv("PATH", str(project))
    said = "Error: finding versions needs uv, which is not there: run `python3 -m uv run ising-course pin`.\n"
    assert run("pin").output == said
    assert not (project / "constraints.txt").exists()


def test_pin_where_uv_finds_nothing_writes_nothing(project, monkeypatch):
    def fails(command, **_):
        raise subprocess.CalledProcessError(1, command, stderr="error: no network\n")

    answers(monkeypatch, fails)
    assert run("pin").output == "Error: uv found no versions, and nothing was written:\nerror: no network\n"
    assert not (project / "constraints.txt").exists() and "old==1" in (project / "pyproject.toml").read_text()
