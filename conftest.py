"""For tests/, doctests and notebooks alike: how hypothesis searches, and what a notebook may cost."""

import os
import tempfile

# Before numpy starts: two workers on two cores, and each kernel they start, do not need BLAS threads of their own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import psutil
import pytest
from hypothesis import settings
from nbval.plugin import IPyNbCell

from course_lib.workshop import lessons
from course_lib.workshop.notebook import key_of

# The same examples on every run of the CI, new ones on every run at home.
settings.register_profile("course", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("course")

collect_ignore = ["course_lib/workshop/lab_config"]  # Jupyter's configuration, which only Jupyter can run


def budget(notebook):
    """CPU seconds that a notebook may take."""
    return lessons.REGISTER[key_of(notebook)].cpu


@pytest.fixture(scope="session")
def needs():
    """Call it with what a test cannot do without: the test is skipped for want of it, but never in the CI."""

    def needs(what):
        (pytest.fail if "CI" in os.environ else pytest.skip)(f"needs {what}")

    return needs


def pytest_configure():
    # Notebooks that run as tests must not write into the prediction log of whoever runs them.
    os.environ["ISING_COURSE_HOME"] = tempfile.mkdtemp(prefix="ising-course-test-")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Fail the cell on which a notebook's CPU time or a cell's own time-out ran out."""
    if not isinstance(item, IPyNbCell):
        return (yield)
    notebook = item.parent
    before, stopped_before = getattr(notebook, "cpu_seconds", 0.0), notebook.timed_out
    notebook.cpu_seconds = before
    try:
        yield
    finally:
        if notebook.kernel.is_alive():
            notebook.cpu_seconds = _cpu_seconds(notebook.kernel.km.provisioner.pid)
            item.user_properties.append(("cpu_seconds", notebook.cpu_seconds))
    if notebook.timed_out and not stopped_before:
        # A cell that catches the interrupt, or may raise, passes in nbval.
        item.raise_cell_error("The cell used up its time-out")
    most = budget(notebook.path)
    if before <= most < notebook.cpu_seconds:
        item.raise_cell_error(f"Up to here the notebook took {notebook.cpu_seconds:.0f} CPU seconds, over {most}")


def pytest_terminal_summary(terminalreporter):
    """Print what each notebook cost."""
    spent = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for key, seconds in getattr(report, "user_properties", ()):
                if key == "cpu_seconds":
                    notebook = report.nodeid.split("::")[0]
                    spent[notebook] = max(seconds, spent.get(notebook, 0.0))
    if spent:
        terminalreporter.section("CPU seconds")
        for notebook, seconds in sorted(spent.items()):
            terminalreporter.write_line(f"{seconds:6.1f}  {notebook}")


def _cpu_seconds(pid):
    """User and system time of a process, its finished children, and those still running."""
    kernel = psutil.Process(pid)
    total = 0.0
    for process in [kernel, *kernel.children(recursive=True)]:
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:  # it ended meanwhile
            pass
    return total
