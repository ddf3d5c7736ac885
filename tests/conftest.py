"""Shared by all tests: how hypothesis searches, and what a notebook may cost when nbval runs it."""

import os

import psutil
import pytest
from hypothesis import settings
from nbval.plugin import IPyNbCell

# The same examples on every run of the CI, new ones on every run at home.
settings.register_profile("course", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("course")

CPU_SECONDS = 45
CPU_SECONDS_OF = {"09": 90, "09x": 90}  # lesson -> its own budget


def pytest_configure(config):
    # As a plugin, because the hooks of this file would see only what lies below tests/, not the notebooks.
    config.pluginmanager.register(NotebookBudget(), "notebook-budget")


class NotebookBudget:
    """Fails the cell on which a notebook's CPU time or a cell's own time-out ran out."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
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
        budget = CPU_SECONDS_OF.get(notebook.path.name.split("_")[0], CPU_SECONDS)
        if before <= budget < notebook.cpu_seconds:
            item.raise_cell_error(f"Up to here the notebook took {notebook.cpu_seconds:.0f} CPU seconds, over {budget}")

    def pytest_terminal_summary(self, terminalreporter):
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
