"""A lattice that runs."""

import threading
import time
from collections import deque

import ipywidgets as widgets
import numpy as np

from course_lib import exact, ising, plots, sampling
from course_lib.explorers import controls, live


class LiveLattice(live.LiveExplorer):
    """A lattice that runs: move T and h, choose how it is sampled, quench it, and watch m and E/N beside exact values.

    It starts paused, and pauses by itself when it was not touched for some minutes.

    Parameters
    ----------
    seed : int
        Of the random numbers.

    Attributes
    ----------
    T, h : ipywidgets.FloatSlider
    algorithm : ipywidgets.Dropdown
        One of "heat-bath", "metropolis" and "wolff", the last one at h = 0 only.
    speed : ipywidgets.SelectionSlider
        Sweeps from one frame to the next; clusters, for Wolff.
    zoom : ipywidgets.ToggleButton
        Whether the lattice is the large one.

    Examples
    --------
    >>> explorer = LiveLattice()
    >>> explorer.running, explorer.spins.shape
    (False, (128, 128))
    >>> explorer.quench()
    >>> explorer.running, explorer.T.value
    (True, 1.5)
    >>> explorer.close()
    """

    SMALL, LARGE = 128, 512
    SPEEDS = (1, 2, 5, 10, 20, 50, 100)
    LOWEST_T, HIGHEST_T, LARGEST_H, QUENCH_T = 1.0, 5.0, 0.5, 1.5
    ALGORITHMS = (("heat bath", "heat-bath"), ("Metropolis, random sites", "metropolis"), ("Wolff clusters", "wolff"))
    FRAME = 1 / 30  # seconds
    # Below T_c Wolff turns nearly all spins over, and a whole picture that flashes often can harm: safe are three
    # flashes a second, there and back (WCAG 2.3.1).
    WOLFF_FRAME = 1 / 5
    TRACES = 1 / 5  # seconds between pictures of the traces, which take longer
    FRAMES, BEFORE = 300, 150  # shown, and made before anyone looks

    def __init__(self, seed=1):
        super().__init__()
        self._rng, self._lock = np.random.default_rng(seed), threading.RLock()
        self._drawing = plots.TracePicture(self.FRAMES, largest_h=self.LARGEST_H)
        self._record, self._traced, self._hot = deque(maxlen=self.FRAMES), 0.0, True

        self.T = widgets.FloatSlider(description="T", value=2.3, min=self.LOWEST_T, max=self.HIGHEST_T, step=0.01)
        self.h = controls.slider("field h", 0.0, self.LARGEST_H, step=0.01)
        self.algorithm = widgets.Dropdown(description="algorithm", options=self.ALGORITHMS)
        self.speed = widgets.SelectionSlider(options=self.SPEEDS, style={"description_width": "initial"})
        self.speed.layout.margin = "2px 2px 2px 16px"
        self.zoom = widgets.ToggleButton(description=f"{self.LARGE} x {self.LARGE}", layout={"width": "auto"})
        buttons = [
            self._run_button,
            controls.button("quench", self.quench),
            controls.button("hot start", self.hot_start),
            controls.button("cold start", self.cold_start),
            self.zoom,
        ]
        self._picture.layout.margin = "2px 12px 2px 2px"
        self._picture.add_class("course-sharp")
        sharp = widgets.HTML("<style>.course-sharp {image-rendering: pixelated}</style>", layout={"display": "none"})
        self._traces = widgets.Image(format="png", layout={"width": "300px", "max_width": "100%"})
        pictures = controls.row(self._picture, self._traces)
        pictures.layout.align_items = "center"

        self._restart()
        for _ in range(self.BEFORE):
            self._images = self._moved(self._images, *self._settings, 1)
            self._record.append(self._measured())
        self._draw()
        controls.when_moved(self._settings_changed, self.T, self.h, self.algorithm, self.speed)
        controls.when_moved(self._restart, self.zoom)
        self.children = [
            controls.row(self.T, self.h),
            controls.row(self.algorithm, self.speed),
            controls.row(*buttons, self._message),
            pictures,
            self._words,
            sharp,
        ]

    @property
    def still(self) -> bytes:
        """The lattice, four pixels a spin, and the traces."""
        lattice = plots.spins_png(np.kron(self._images[0], np.ones((4, 4), dtype=int)))
        return controls.side_by_side(lattice, self.traces)

    @property
    def traces(self) -> bytes:
        """The traces shown now, as a PNG file."""
        return self._traces.value

    @property
    def spins(self):
        """The spins now, shape (rows, cols)."""
        return self._images[0].copy()

    def quench(self):
        """From a hot random start to T = 1.5, without field, at once."""
        self.h.value, self.T.value = 0.0, self.QUENCH_T
        self.hot_start()
        self.run()

    def hot_start(self):
        """Begin again with each spin up or down by a fair coin."""
        self._restart(hot=True)

    def cold_start(self):
        """Begin again with all spins up."""
        self._restart(hot=False)

    def _ended(self, reason):
        super()._ended(reason)
        with self._lock:
            self._draw()

    def _restart(self, hot=None):
        size = self.LARGE if self.zoom.value else self.SMALL
        self._loop.touch()
        with self._lock:
            self._hot = self._hot if hot is None else hot
            model = ising.LatticeIsing(1.0, 0.0, (size, size))
            images = sampling.random_states(model, 1, rng=self._rng)
            self._images = images if self._hot else np.ones_like(images)
            self._record.clear()
            self._record.append(None)  # the settings' business
            # 3 pixels a spin, and 1: with a fraction some spins would be wider than others.
            self._picture.layout.width = "512px" if self.zoom.value else "384px"
        self._settings_changed()

    def _settings_changed(self):
        self._loop.touch()
        self._message.value = ""
        T, h, algorithm = self.T.value, round(self.h.value, 2), self.algorithm.value
        if algorithm == "wolff" and h != 0:
            self.algorithm.value = "heat-bath"  # which comes back here
            self._message.value = "Wolff's clusters need h = 0: heat bath instead."
            return
        with self._lock:
            # All at once, for the thread that makes the frames.
            self._settings = T, h, algorithm
            self.speed.description = "clusters a frame" if algorithm == "wolff" else "sweeps a frame"
            self._record[-1] = self._measured()
            self._exact = None
            if h == 0:
                energy, _ = exact.kaufman(len(self._images[0]), T)
                self._exact = exact.onsager_magnetization(T), exact.onsager_energy(T), energy
            if self.running:
                self._show_words()
                self._traced = 0.0  # with the next frame, which is not to wait for them
                self._loop.hurry()
            else:
                self._draw()

    def _frame(self):
        with self._lock:
            before, settings, speed = self._images, self._settings, self.speed.value
        # Without the lock: a slider need not wait for a hundred sweeps.
        images = self._moved(before, *settings, speed)
        with self._lock:
            if self._images is before:  # else someone has begun again meanwhile
                self._images = images
                self._record.append(self._measured())
                self._draw(traces=time.monotonic() > self._traced + self.TRACES)
        return self.WOLFF_FRAME if settings[-1] == "wolff" else self.FRAME

    def _moved(self, images, T, h, algorithm, sweeps):
        model = ising.LatticeIsing(1.0, h, images.shape[1:])
        if algorithm == "wolff":
            return sampling.wolff(model, images, sweeps, beta=1 / T, rng=self._rng)[0]
        for _ in range(sweeps):  # one by one: a kernel may keep all other threads waiting until it is done
            images = sampling.advance(model, images, 1, beta=1 / T, method=algorithm, rng=self._rng)
        return images

    def _measured(self):
        """Mean spin and energy per spin now."""
        spins, h = self._images[0], self._settings[1]
        m = ising.spin_sum(spins) / spins.size
        return m, -ising.bond_sum(spins) / spins.size - h * m

    def _draw(self, traces=True):
        self._picture.value = plots.spins_png(self._images[0])
        if traces:
            self._show_words()
            self._drawing.update(self._record, self._exact)
            self._traces.value = self._drawing.png(controls.PICTURE_DPI)
            self._traced = time.monotonic()

    def _show_words(self):
        """What the pictures show, for those who do not see them."""
        T, h, _ = self._settings
        m, energy = self._record[-1]
        self._words.value = f"T = {T:.2f}, h = {h:.2f}: m = {m:+.3f}, E / N = {energy:+.3f}"
