"""Frames of a moving picture, made in a thread of their own.

A thread and not a task of the kernel's event loop: that one stands still while a cell runs, and where a front end lets
sliders speak to a loop of their own, a task that a button started would end with it. Widgets may be set from any
thread, because ipykernel queues what is to be sent. A slider moved while a cell runs is heard after the cell.
"""

import html
import threading
import time
import traceback
import weakref

import ipywidgets as widgets
from IPython import get_ipython

from course_lib.explorers import controls
from course_lib.explorers.base import Explorer

_LOOPS = weakref.WeakSet()


class Loop:
    """Makes frames until it is stopped, its cell is run again, a frame fails, or nobody has touched it for long.

    Parameters
    ----------
    frame : callable
        Makes a frame and returns for how many seconds it is to be shown. An Image has no back-pressure: a browser
        that is sent more than some 30 frames a second shows few of them.
    ended : callable
        Told at the end, in the loop's thread, why it came: as HTML, empty if someone stopped it.

    Examples
    --------
    >>> frames = []
    >>> loop = Loop(lambda: frames.append("frame") or 0.001, ended=print)
    >>> loop.start()
    >>> while len(frames) < 3:
    ...     time.sleep(0.001)
    >>> loop.stop()
    <BLANKLINE>
    >>> loop.running
    False
    """

    PATIENCE = 300.0  # seconds; a kernel is not told that the browser is gone

    def __init__(self, frame, ended):
        self._frame, self._ended = frame, ended
        self._thread, self._stopped, self._hurried = None, threading.Event(), threading.Event()
        self._cell, self._request = _this_cell()
        self.touch()
        for other in list(_LOOPS):
            # A cell that is run again makes a new loop; one that makes several keeps them all.
            if other._cell and other._cell == self._cell and other._request != self._request:
                other.stop()
        _LOOPS.add(self)

    @property
    def running(self) -> bool:
        """Whether frames are made."""
        return self._thread is not None and self._thread.is_alive()

    def touch(self):
        """Someone is there: count the loop's patience from now."""
        self._touched = time.monotonic()

    def start(self):
        """Make frames, from now on."""
        self.touch()
        if not self.running:
            # An event for each thread: one that is about to end does not mistake the next one's for its own.
            self._stopped = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(self._stopped,), name="live picture", daemon=True)
            self._thread.start()

    def hurry(self):
        """Make the next frame now. The one after it waits the longer: there are no more frames in all."""
        self._hurried.set()

    def stop(self):
        """Make no more frames: none is on its way when this returns."""
        self._stopped.set()
        self._hurried.set()
        if self.running and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self, stopped):
        reason, due = "", time.monotonic()
        try:
            while not stopped.is_set():
                if time.monotonic() > self._touched + self.PATIENCE:
                    reason = f"Paused: nothing was touched for {self.PATIENCE / 60:.0f} minutes."
                    break
                self._hurried.clear()
                duration = self._frame()
                due = max(due + duration, time.monotonic())
                stopped.wait(max(0.0, due - duration - time.monotonic()))
                self._hurried.wait(max(0.0, due - time.monotonic()))
        except Exception:
            reason = f"The picture has stopped:<pre>{html.escape(traceback.format_exc())}</pre>"
        self._ended(reason)


class LiveExplorer(Explorer):
    """An explorer that moves by itself: ``_frame`` makes a frame, and a button runs and pauses it.

    Parameters
    ----------
    rest : str
        What the button says while nothing moves.

    Attributes
    ----------
    running : bool
    """

    def __init__(self, rest="run"):
        super().__init__()
        self._rest, self._loop = rest, Loop(self._frame, self._ended)
        self._run_button = controls.button(rest, self._run_or_pause)
        self._message = widgets.HTML()

    @property
    def running(self) -> bool:
        """Whether it moves."""
        return self._loop.running

    def run(self):
        """Let it move."""
        self._run_button.description, self._message.value = "pause", ""
        self._loop.start()

    def pause(self):
        """Let it stand still; the controls answer all the same."""
        self._loop.stop()

    def close(self):
        """Stop, and leave the page."""
        self._loop.stop()
        super().close()

    def _run_or_pause(self):
        self.pause() if self.running else self.run()

    def _ended(self, reason):
        self._run_button.description, self._message.value = self._rest, reason


class LearningRun(LiveExplorer):
    """A live explorer of a run that ends: every control begins a new one.

    Each has ``_restart()``; ``_learn()``, one step; ``_draw()``; ``_goes_on``, whether steps are left; and ``FRAME``,
    seconds a frame.
    """

    STEPS_A_FRAME = 1

    def __init__(self):
        super().__init__(rest="learn")

    def run(self):
        """Go on learning; after the last step, begin again."""
        if not self._goes_on:
            self._restart()
        super().run()

    def learn_again(self):
        """Begin anew, with the settings of now."""
        self._loop.stop()
        self._restart()
        super().run()

    def _run_to_the_end(self):
        """What is shown at first."""
        self._restart()
        while self._goes_on:
            self._learn()
        self._draw()

    def _frame(self):
        for _ in range(self.STEPS_A_FRAME):
            if self._goes_on:
                self._learn()
        self._draw()
        if not self._goes_on:
            self._loop.stop()
        return self.FRAME


def _this_cell():
    """The cell that runs now, and which of its runs this is, in the front end's words; None where there is no cell."""
    message = getattr(get_ipython(), "parent_header", None) or {}
    return message.get("metadata", {}).get("cellId"), message.get("header", {}).get("msg_id")
