"""The command ``ising-course``: open the lessons, write them, look them over, measure the library."""

import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

import click

from course_lib.files import write_whole

ROOT = Path(__file__).resolve().parents[2]
FIRST_LESSON = "00_start_here"
FIRST_PORT, LAST_PORT = 8888, 8987
PINNED = "# Every version, for pip; written by `ising-course pin`, the same as in pyproject.toml."
ADDRESS_CHANGERS = ("token", "password", "base_url", "root_dir", "certfile", "--help", "--version", "--generate-config")


@click.group()
def main():
    """Learning from the Ising model: lessons and the tools that make them."""


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments):
    """Open JupyterLab on a lesson, the first one if none is named; further ARGUMENTS go to `jupyter lab`.

    A lesson is named by its number (`lab 3`), its name (`lab 03_mcmc`), or the path of a notebook.
    """
    named, options = _split(arguments)
    if len(named) > 1:
        raise click.ClickException(f"one lesson at a time, got {' and '.join(named)}: open the others in JupyterLab.")
    notebook = _notebook(named[0] if named else FIRST_LESSON)
    root = ROOT if notebook.is_relative_to(ROOT) else notebook.parent
    asked = _asked_port(arguments)
    port = asked or _first_free_port()
    # lab_config keeps nbgrader's server extensions off (2 s and a warning) and the log to warnings.
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        [str(Path(__file__).with_name("lab_config")), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    )
    # For the kernels: on shared cores BLAS threads made small matrix products twenty times slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _find_room()
    command = [
        *([] if asked else [f"--port={port}"]),
        *([] if any("root_dir" in a for a in arguments) else [f"--ServerApp.root_dir={root}"]),
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        *(["--no-browser"] if not _has_display() else []),
        str(notebook),
        *options,
    ]
    if any(word in a for a in arguments for word in ADDRESS_CHANGERS):
        command.append("--ServerApp.log_level=INFO")  # the address is the caller's then, and Jupyter prints it
    else:
        token = os.environ.setdefault("JUPYTER_TOKEN", secrets.token_hex(24))
        place = urllib.parse.quote(notebook.relative_to(root).as_posix())
        click.echo(f"JupyterLab: http://localhost:{port}/lab/tree/{place}?token={token}   (Ctrl-C stops it)")
    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(command)


@main.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail on any difference or leaked answer.")
@click.option("--figures", "with_figures", is_flag=True, help="Draw the pictures in notebooks/figures again, too.")
def build(only_check, with_figures):
    """Write notebooks/, README's table and docs/lessons.md from solutions/; what was edited is not overwritten."""
    from course_lib.workshop import build as builder
    from course_lib.workshop import instructors, readme

    if only_check and with_figures:
        raise click.UsageError("--check writes nothing, --figures writes pictures: give one of them.")
    if with_figures:
        from course_lib.workshop import stills

        for path in stills.draw(ROOT / "notebooks" / "figures"):
            click.echo(f"drawn {path.relative_to(ROOT)}")
    try:
        if only_check:
            problems = builder.check(ROOT) + readme.check(ROOT) + instructors.check(ROOT)
            praise = "notebooks/, README's table and docs/lessons.md are what solutions/ builds; no answer leaks."
            _fail_on(problems, praise)
            return
        for path in builder.build(ROOT) + readme.write(ROOT) + instructors.write(ROOT):
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
@click.argument("submissions", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--secret", type=click.Path(path_type=Path), help="The key file that the hidden numbers are drawn from.")
@click.option("--out", "output", type=click.Path(file_okay=False, path_type=Path), help="Folder of the results.")
@click.option("--jobs", type=click.IntRange(1, 64), default=os.cpu_count(), show_default="one a core")
@click.option("--shard", metavar="I/N", default="1/1", help="Grade only the I-th of N parts of the class.")
@click.option("--gradebook", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Of Moodle or Canvas.")
@click.option("--new-secret", type=click.Path(path_type=Path), help="Draw a key into this file, and stop.")
@click.option("--preflight", is_flag=True, help="Say what grading needs that is not there, and stop.")
@click.option("--self-test", is_flag=True, help="Run the hostile submissions, print a table, and stop.")
@click.option("--demo", is_flag=True, help="Make a class of 30 submissions of every kind in --out, and grade it.")
@click.option("--unsafe-no-sandbox", "unsafe", is_flag=True, help="Run students' code unprotected; marks every result.")
def grade(submissions, secret, output, jobs, shard, gradebook, new_secret, preflight, self_test, demo, unsafe):
    """Grade the image assignment: SUBMISSIONS is a folder of notebooks, or the zip of Moodle or Canvas."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # and of the processes that it starts
    from course_lib.grading import command, keys, walls

    try:
        if new_secret:
            keys.create(new_secret)
            click.echo(f"written {new_secret}: keep it out of the course's folder, and draw another one next year")
        elif preflight or self_test:
            fine = command.preflight(click.echo) if preflight else command.self_test(jobs, click.echo)
            sys.exit(0 if fine else 1)
        elif demo:
            _tell(command.demo(_wanted(output, "--out FOLDER"), jobs, click.echo), output / "results")
        else:
            job = command.Job(
                submissions=_wanted(submissions, "the folder or zip of SUBMISSIONS"),
                secret=_wanted(secret, "--secret FILE (make one with --new-secret FILE)"),
                output=_wanted(output, "--out FOLDER"),
                gradebook=gradebook,
                jobs=jobs,
                shard=_shard(shard),
                walled=not unsafe,
                say=click.echo,
            )
            _tell(command.grade_class(job), output)
    except (ValueError, OSError, walls.SandboxError) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        raise click.ClickException("stopped: what is graded is kept; the same command goes on from there.") from None


def _wanted(value, name):
    if value is None:
        raise click.UsageError(f"grading needs {name}.")
    return value


def _shard(text):
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    number, count = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= count:
        raise click.UsageError(f"--shard must be I/N with 1 <= I <= N, such as 1/4, got {text}.")
    return number, count


def _tell(rows, output):
    """What came of it, in three lines."""
    left = sum(row.record.status == "not graded" for row in rows)
    waiting = sum(row.waiting for row in rows)
    click.echo(f"{len(rows) - left} of {len(rows)} graded: {output / 'grades.csv'}, {output / 'class.html'}")
    if odd := sum(row.record.status not in ("graded", "not graded") for row in rows):
        click.echo(f"Could not be opened, or not run to the end: {odd}; grades.csv says why")
    if waiting:
        click.echo(f"{waiting} written answers to mark: read written.html, fill in manual.csv, run the command again")
    if left:
        raise click.ClickException(f"{left} are not graded; grades.csv says why")


@main.command()
def pin():
    """Resolve all packages anew; write their versions into pyproject.toml, and for pip into constraints.txt."""
    lines = _resolved()
    project = ROOT / "pyproject.toml"
    pins = "".join(f'    "{line}",\n' for line in lines)
    text, found = re.subn(
        r"(?ms)^constraint-dependencies = \[\n.*?^\]",
        f"constraint-dependencies = [\n{pins}]",
        project.read_text(encoding="utf-8"),
    )
    if not found:
        raise click.ClickException(f"there is no list constraint-dependencies in {project}: put one under [tool.uv].")
    write_whole(project, text)
    write_whole(ROOT / "constraints.txt", "\n".join([PINNED, *lines, ""]))
    click.echo(f"{len(lines)} versions written into pyproject.toml and constraints.txt")


def _resolved():
    """The newest versions that go together, as uv finds them: one line a package."""
    # --no-config: the constraints that stand there now must not bind the new ones.
    command = "pip compile --universal --no-config --quiet --no-header --no-annotate"
    groups = "--extra test --group browser --group bench"
    uv = [os.environ.get("UV", "uv"), *command.split(), *groups.split(), "pyproject.toml"]
    try:
        return subprocess.run(uv, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    except OSError:
        raise click.ClickException(
            "finding versions needs uv, which is not there: run `python3 -m uv run ising-course pin`."
        ) from None
    except subprocess.CalledProcessError as error:
        raise click.ClickException(f"uv found no versions, and nothing was written:\n{error.stderr.strip()}") from None


def _split(arguments):
    """Words that name lessons, and options with their values: in `--port 9000` there is no lesson."""
    words, options = [], []
    for before, argument in zip(("", *arguments), arguments, strict=False):
        named = not argument.startswith("-") and not _takes_a_value(before)
        (words if named else options).append(argument)
    return words, options


def _takes_a_value(argument):
    if not argument.startswith("-") or "=" in argument:
        return False
    from jupyterlab.labapp import LabApp

    return argument.lstrip("-") not in LabApp.flags


def _notebook(word):
    """The notebook that is meant: a file of the caller's, or a lesson by its number or name."""
    path = Path(word).resolve()
    if path.suffix == ".ipynb" and path.is_file():
        return path
    lessons = {lesson.stem: lesson for lesson in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))}
    for name, lesson in lessons.items():
        number = name.split("_")[0]
        if word in (name, number, number.removeprefix("0")):
            return lesson
    there = f"the lessons are {', '.join(lessons)}" if lessons else "write the lessons with `ising-course build`"
    raise click.ClickException(f"there is no lesson {word}: {there}.")


def _find_room():
    """Where the home folder cannot be written, Jupyter's files go into a temporary one."""
    from jupyter_core import paths

    try:
        for folder in (paths.jupyter_config_dir(), paths.jupyter_data_dir(), paths.jupyter_runtime_dir()):
            Path(folder).mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        room = Path(tempfile.mkdtemp(prefix="ising-course-"))
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
            os.environ[name] = str(room / name.lower())
        click.echo(f"{error.filename} cannot be written: JupyterLab keeps its settings in {room} this time.", err=True)


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
