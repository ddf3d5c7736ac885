"""The command ``ising-course``: open the lessons, write them, look them over, measure the library."""

import os
import re
import secrets
import socket
import subprocess
import sys
import urllib.parse
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
FIRST_LESSON = "notebooks/00_start_here.ipynb"
FIRST_PORT, LAST_PORT = 8888, 8987
ADDRESS_CHANGERS = ("token", "password", "base_url", "root_dir", "certfile", "--help", "--version", "--generate-config")


@click.group()
def main():
    """Learning from the Ising model: lessons and the tools that make them."""


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments):
    """Open JupyterLab on the first lesson; further ARGUMENTS go to `jupyter lab`."""
    given = [a for a in arguments if a.endswith(".ipynb") and not a.startswith("-")]
    # A path is the caller's; the server's root is the course's folder.
    notebook = Path(given[0]).resolve() if given else ROOT / FIRST_LESSON
    if not notebook.is_file():
        raise click.ClickException(
            f"there is no notebook {notebook}: name one that is there, or write them: `ising-course build`."
        )
    root = ROOT if notebook.is_relative_to(ROOT) else notebook.parent
    asked = _asked_port(arguments)
    port = asked or _first_free_port()
    # lab_config keeps nbgrader's server extensions off (2 s and a warning) and the log to warnings.
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        [str(Path(__file__).with_name("lab_config")), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    )
    # For the kernels: on shared cores BLAS threads made small matrix products twenty times slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options = [
        *([] if asked else [f"--port={port}"]),
        *([] if any("root_dir" in a for a in arguments) else [f"--ServerApp.root_dir={root}"]),
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        *(["--no-browser"] if not _has_display() else []),
        str(notebook),
        *(a for a in arguments if a not in given),
    ]
    if any(word in a for a in arguments for word in ADDRESS_CHANGERS):
        options.append("--ServerApp.log_level=INFO")  # the address is the caller's then, and Jupyter prints it
    else:
        token = os.environ.setdefault("JUPYTER_TOKEN", secrets.token_hex(24))
        place = urllib.parse.quote(notebook.relative_to(root).as_posix())
        click.echo(f"JupyterLab: http://localhost:{port}/lab/tree/{place}?token={token}   (Ctrl-C stops it)")
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(options)


@main.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail on any difference or leaked answer.")
@click.option("--figures", "with_figures", is_flag=True, help="Draw the pictures in notebooks/figures again, too.")
def build(only_check, with_figures):
    """Write notebooks/ and README's table from solutions/; a notebook that was edited is never overwritten."""
    from course_lib.workshop import build as builder
    from course_lib.workshop import readme

    if only_check and with_figures:
        raise click.UsageError("--check writes nothing, --figures writes pictures: give one of them.")
    if with_figures:
        from course_lib.workshop import stills

        for path in stills.draw(ROOT / "notebooks" / "figures"):
            click.echo(f"drawn {path.relative_to(ROOT)}")
    try:
        if only_check:
            problems = builder.check(ROOT) + readme.check(ROOT)
            _fail_on(problems, "notebooks/ and README's table are what solutions/ builds, and no answer leaks.")
            return
        for path in builder.build(ROOT) + readme.write(ROOT):
            click.echo(f"written {path.relative_to(ROOT)}")
    except builder.BuildError as error:
        raise click.ClickException(str(error)) from None


@main.command("lint")
@click.option("--minutes", "only_minutes", is_flag=True, help="Print the minutes that each section states and takes.")
def lint_lessons(only_minutes=False):
    """Look over every lesson of solutions/ for what a lesson must have, and print which errata are met where."""
    from course_lib.workshop import lint, minutes, notebook

    paths = sorted((ROOT / "solutions").glob("*.ipynb"))
    if not paths:
        raise click.ClickException(f"there is no lesson in {ROOT / 'solutions'}: restore them, or write one.")
    if only_minutes:
        try:
            click.echo("\n\n".join(minutes.table(notebook.read(path)) for path in paths))
        except notebook.Unreadable as error:
            raise click.ClickException(str(error)) from None
        return
    problems = [problem for path in paths for problem in lint.lint(path)]
    click.echo(lint.coverage_table(lint.coverage(ROOT)))
    _fail_on(problems, "Every lesson has what a lesson must have.")


@main.command(hidden=True)
@click.pass_context
def check(context):
    """Do what `lint` does: its old name."""
    click.echo("`ising-course check` is called `ising-course lint` now.", err=True)
    context.invoke(lint_lessons)


@main.command()
@click.option("--floors", is_flag=True, help="Measure how exact and how fast learning is, instead of all that is fast.")
def bench(floors):
    """Measure the library; needs the checkout's benchmarks/ folder."""
    # One thread, and set before numpy starts: BLAS threads on shared cores measure the neighbours.
    threads = {
        name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    }
    module = "benchmarks.floors" if floors else "benchmarks"
    sys.exit(subprocess.call([sys.executable, "-m", module], cwd=ROOT, env=os.environ | threads))


@main.command()
def pin():
    """Resolve all packages anew and write their versions into pyproject.toml as constraints."""
    project = ROOT / "pyproject.toml"
    # --no-config: the constraints that stand there now must not bind the new ones.
    command = "pip compile --universal --no-config --quiet --no-header --no-annotate"
    groups = "--group dev --group browser --group bench"
    uv = [os.environ.get("UV", "uv"), *command.split(), *groups.split(), str(project)]
    lines = subprocess.run(uv, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    pins = "".join(f'    "{line}",\n' for line in lines)
    text, found = re.subn(
        r"(?ms)^constraint-dependencies = \[\n.*?^\]",
        f"constraint-dependencies = [\n{pins}]",
        project.read_text(encoding="utf-8"),
    )
    if not found:
        raise click.ClickException(f"there is no list constraint-dependencies in {project}: put one under [tool.uv].")
    project.write_text(text, encoding="utf-8")
    click.echo(f"{len(lines)} versions written into pyproject.toml")


def _fail_on(problems, praise):
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} to mend.")
    click.echo(praise)


def _has_display():
    """Whether a browser could open here: always on Windows and macOS, with a screen elsewhere."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _asked_port(arguments):
    """The port named on the command line, if one is; it must be free."""
    for k, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name in ("--port", "--ServerApp.port"):
            value = value or next(iter(arguments[k + 1 :]), "")
            if not value.isdecimal() or not 0 < int(value) < 65536:
                raise click.ClickException(f'a port is a number from 1 to 65535, got "{value}".')
            if not _is_free(int(value)):
                raise click.ClickException(f"port {value} is in use: name another, or stop what runs there.")
            return int(value)
    return None


def _first_free_port():
    for port in range(FIRST_PORT, LAST_PORT + 1):
        if _is_free(port):
            return port
    raise click.ClickException(f"the ports {FIRST_PORT} to {LAST_PORT} are all in use: name another with --port.")


def _is_free(port):
    with socket.socket() as probe:
        if sys.platform != "win32":  # a port that a stopped server leaves behind is free again at once
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
