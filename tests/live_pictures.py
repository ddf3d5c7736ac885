"""Explorers that run in a thread: closed after each test that imports both names, and nothing may run on."""

import threading

import pytest

made = []


@pytest.fixture(autouse=True)
def nothing_runs_on():
    yield
    while made:
        made.pop().close()
    assert not [thread for thread in threading.enumerate() if thread.name == "live picture"]
