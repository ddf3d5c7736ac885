"""Explorers: sliders and buttons over the drawings of `course_lib.plots`. Each returns one widget to show."""

import threading
import time
from collections import deque

import ipywidgets as widgets
import numpy as np

from course_lib import exact, ising, live, plots, sampling

PICTURE_DPI = 150  # a 7-inch picture is shown 600 pixels wide: sharp on a fine screen, and still fast

# Places in a 3 x 3 grid, clockwise from the top left: of the spins of a ring, and of the bonds between them.
RING_SPINS = {3: ["1 / 1", "1 / 3", "3 / 2"], 4: ["1 / 1", "1 / 3", "3 / 3", "3 / 1"]}
RING_BONDS = {3: ["1 / 2", "2 / 3", "2 / 1"], 4: ["1 / 2", "2 / 3", "3 / 2", "2 / 1"]}
TICK, CROSS = "\N{CHECK MARK}", "\N{MULTIPLICATION X}"


class EnergyExplorer(widgets.VBox):
    """Click spins of a small lattice, move J and h, and see the energy and what each flip would cost.

    Parameters
    ----------
    size : int
        Side of the lattice; even, so that a checkerboard fits.

    Attributes
    ----------
    J, h : ipywidgets.FloatSlider
    spins : array of +-1, shape (size, size)

    Examples
    --------
    >>> explorer = EnergyExplorer()
    >>> explorer.J.value = -1.0
    >>> explorer.flip(0, 0)
    >>> int(explorer.spins[0, 0])
    -1
    """

    LARGEST_J, LARGEST_H = 1.5, 3.0

    def __init__(self, size=6):
        self.spins = np.ones((size, size), dtype=int)
        self.spins[1:3, 1:5] = self.spins[3:5, 2:4] = -1
        self.J = _slider("coupling J", 1.0, self.LARGEST_J)
        self.h = _slider("field h", 0.0, self.LARGEST_H)
        self._drawing = plots.EnergyPicture(
            self.spins, self.J.value, self.h.value, largest_J=self.LARGEST_J, largest_h=self.LARGEST_H
        )
        self._picture = widgets.Image(format="png", layout={"width": "600px", "max_width": "100%"})
        self._energy = widgets.Label()
        self._buttons = [self._spin_button(r, c) for r, c in np.ndindex(self.spins.shape)]
        grid = widgets.GridBox(self._buttons, layout={"grid_template_columns": f"repeat({size}, 38px)"})

        checkerboard = 1 - 2 * (np.indices(self.spins.shape).sum(axis=0) % 2)
        presets = [
            _button("all up", lambda: self.set_spins(np.ones_like(self.spins))),
            _button("all down", lambda: self.set_spins(-np.ones_like(self.spins))),
            _button("checkerboard", lambda: self.set_spins(checkerboard.copy())),
            _button("random", lambda: self.set_spins(np.random.default_rng().choice([-1, 1], self.spins.shape))),
            _button("flip the cheapest", self.flip_cheapest),
        ]
        self.J.observe(self._draw, "value")
        self.h.observe(self._draw, "value")
        self.set_spins(self.spins)
        click = widgets.VBox([widgets.Label("Click a spin to flip it"), grid])
        super().__init__([_row(self.J, self.h), _row(*presets), _row(click, self._picture), self._energy])

    def flip(self, row, col):
        """Flip one spin."""
        self.spins[row, col] *= -1
        self._paint(row * len(self.spins) + col)
        self._draw()

    def flip_cheapest(self):
        """Flip the spin whose flip lowers the energy most, or costs least; one of them if there are several."""
        costs = self.spins * (self.J.value * ising.neighbour_sum(self.spins) + self.h.value)
        self.flip(*np.random.default_rng().choice(np.argwhere(np.isclose(costs, costs.min()))))

    def set_spins(self, spins):
        """Show another configuration, an array of +-1 of the same shape."""
        self.spins = spins.copy()
        for k in range(spins.size):
            self._paint(k)
        self._draw()

    def _spin_button(self, row, col):
        button = widgets.Button(layout={"width": "36px", "height": "36px", "margin": "1px", "padding": "0"})
        button.on_click(lambda _: self.flip(row, col))
        return button

    def _paint(self, k):
        up = self.spins.flat[k] > 0
        # The sign is written too: colour alone would leave some readers out.
        self._buttons[k].description = "+" if up else "\N{MINUS SIGN}"
        self._buttons[k].style.button_color = plots.COLOURS["up" if up else "down"]
        self._buttons[k].style.text_color = "black" if up else "white"
        row, col = divmod(k, len(self.spins))
        self._buttons[k].tooltip = f"row {row + 1}, column {col + 1}: {'up' if up else 'down'}"

    def _draw(self, _=None):
        self._drawing.update(self.spins, self.J.value, self.h.value)
        E = ising.LatticeIsing(self.J.value, self.h.value, self.spins.shape).energy(self.spins)
        # In words as well, for those who do not see the picture.
        self._energy.value = f"Energy of your spins: E = {E:.1f}, per spin {E / self.spins.size:.2f}"
        self._picture.value = self._drawing.png(PICTURE_DPI)

    @property
    def picture(self) -> bytes:
        """The picture shown now, as a PNG file."""
        return self._picture.value


class MatchExplorer(widgets.VBox):
    """Some pictures of spins were drawn with a hidden coupling: find it, until the model's neighbours agree as often.

    Parameters
    ----------
    hidden : float
        The first hidden coupling; the button hides another.
    size : int
        Side of the lattice.
    seed : int
        Of the pictures.

    Attributes
    ----------
    J : ipywidgets.FloatSlider
        The model's coupling.
    hidden : float
    data : array of int8, shape (n_pictures, size, size)

    Examples
    --------
    >>> explorer = MatchExplorer(hidden=0.3)
    >>> explorer.J.value = 0.3
    >>> explorer.reveal()
    >>> explorer.answer.value
    'The hidden J is 0.30, yours is 0.30.'
    """

    LARGEST_J = 0.4  # from 0.44 on large lattices order, and a random start would need far more sweeps
    N_DATA, N_MODEL, SWEEPS = 20, 8, 60

    def __init__(self, hidden=0.34, size=40, seed=1):
        self.J = _slider("your J", 0.0, self.LARGEST_J, step=0.02)
        self.answer = widgets.HTML()
        self._size, self._seed, self._drawing = size, seed, None
        self._picture = widgets.Image(format="png", layout={"width": "600px", "max_width": "100%"})
        buttons = [_button("show the hidden J", self.reveal), _button("hide another", self.hide_another)]
        self.hide(hidden)
        self.J.observe(self._draw, "value")
        super().__init__([_row(self.J, *buttons, self.answer), self._picture])

    def hide(self, hidden):
        """Draw new data with another hidden coupling."""
        self.hidden = hidden
        self._seed += 1
        self.data = self._pictures(hidden, self.N_DATA, self._seed)
        self._draw()

    def hide_another(self):
        """Draw new data with a hidden coupling that nobody knows."""
        steps = round(self.LARGEST_J / self.J.step)
        self.hide(self.J.step * int(np.random.default_rng().integers(-steps, steps + 1)))

    def reveal(self):
        """Say what was hidden."""
        self.answer.value = f"The hidden J is {self.hidden:.2f}, yours is {self.J.value:.2f}."

    def _pictures(self, coupling, n, seed):
        rng = np.random.default_rng(seed)
        model = ising.LatticeIsing(coupling, 0.0, (self._size, self._size))
        return sampling.advance(model, sampling.random_states(model, n, rng=rng), self.SWEEPS, rng=rng)

    def _draw(self, _=None):
        self.answer.value = ""
        # The same random numbers for every J: the picture changes with the slider only.
        pictures = self._pictures(self.J.value, self.N_MODEL, seed=0)
        shown = self.data[0], pictures[0], _agree(self.data), _agree(pictures)
        if self._drawing is None:
            self._drawing = plots.MatchPicture(*shown)
        self._drawing.update(*shown)
        self._picture.value = self._drawing.png(PICTURE_DPI)

    @property
    def picture(self) -> bytes:
        """The picture shown now, as a PNG file."""
        return self._picture.value


def _agree(images):
    """Share of the pairs of neighbours that agree, over all pictures."""
    return float((1 + ising.bond_sum(images).mean() / (2 * images[0].size)) / 2)


class FrustrationGame(widgets.VBox):
    """A ring of spins and bonds to click: flip spins, or turn "same" bonds into "differ", and satisfy every bond.

    Parameters
    ----------
    size : {3, 4}
        Spins in the ring.

    Attributes
    ----------
    spins, bonds : arrays of +-1, shape (size,)
        Bond i joins spin i and the next one.

    Examples
    --------
    >>> game = FrustrationGame()
    >>> game.bonds[:] = -1  # all three pairs want to differ
    >>> game.satisfied()
    array([False, False, False])
    """

    def __init__(self, size=3):
        self.spins, self.bonds = np.ones(size, dtype=int), np.ones(size, dtype=int)
        self._spin_buttons = [self._clickable(self.spins, i, cell) for i, cell in enumerate(RING_SPINS[size])]
        self._bond_buttons = [self._clickable(self.bonds, i, cell) for i, cell in enumerate(RING_BONDS[size])]
        self._score = widgets.HTML()
        grid = widgets.GridBox(
            [*self._spin_buttons, *self._bond_buttons],
            layout={"grid_template_columns": "90px 90px 90px", "grid_template_rows": "42px 42px 42px"},
        )
        super().__init__([widgets.Label("Click spins to flip them, bonds to change what they want"), grid, self._score])
        self._paint()

    def satisfied(self):
        """Which bonds have what they want, shape (size,)."""
        return self.bonds * self.spins * np.roll(self.spins, -1) > 0

    def _clickable(self, values, i, cell):
        button = widgets.Button(layout={"grid_area": f"{cell} / auto / auto", "width": "84px", "height": "36px"})

        def click(_):
            values[i] *= -1
            self._paint()

        button.on_click(click)
        return button

    def _paint(self):
        happy = self.satisfied()
        for button, spin in zip(self._spin_buttons, self.spins, strict=True):
            button.description = "up +" if spin > 0 else "down \N{MINUS SIGN}"
            button.style.button_color = plots.COLOURS["up" if spin > 0 else "down"]
            button.style.text_color = "black" if spin > 0 else "white"
        for button, bond, fine in zip(self._bond_buttons, self.bonds, happy, strict=True):
            button.description = ("same " if bond > 0 else "differ ") + (TICK if fine else CROSS)
            button.style.button_color = "#cfe8dc" if fine else plots.COLOURS["model"]
            button.style.text_color = "black"
        energy = len(happy) - 2 * happy.sum()
        self._score.value = f"<b>{happy.sum()} of {len(happy)} bonds satisfied</b>, energy {energy:+d}"


class BoltzmannExplorer(widgets.VBox):
    """The exact 4 x 4 lattice with J = 1: move T and h, and see the law of E and m, <E> and the heat capacity.

    Attributes
    ----------
    T, h : ipywidgets.FloatSlider

    Examples
    --------
    >>> explorer = BoltzmannExplorer()
    >>> explorer.T.value, explorer.h.value = 1.0, 0.5
    >>> bool(explorer.law_of_m()[-1] > 0.99)
    True
    """

    SIDE = 4
    LARGEST_H = 1.0
    TEMPERATURES = np.linspace(0.5, 6, 111)

    def __init__(self):
        images = exact.states(self.SIDE**2).reshape(-1, self.SIDE, self.SIDE)
        sums = np.stack([ising.bond_sum(images), ising.spin_sum(images)])
        # The 65 536 states have only a hundred different pairs (B, S): all that J = 1, h and T can ask for.
        (self._B, self._S), self._count = np.unique(sums, axis=1, return_counts=True)
        self.T = widgets.FloatSlider(description="T", value=2.5, min=0.5, max=6, step=0.05)
        self.h = widgets.FloatSlider(
            description="field h", value=0.0, min=-self.LARGEST_H, max=self.LARGEST_H, step=0.05
        )
        self._drawing = plots.BoltzmannPicture(
            self.TEMPERATURES, self.SIDE**2, bin_width=0.25, largest_h=self.LARGEST_H
        )
        self._picture = widgets.Image(format="png", layout={"width": "700px", "max_width": "100%"})
        self.T.observe(self._draw, "value")
        self.h.observe(self._draw, "value")
        self._draw()
        super().__init__([_row(self.T, self.h), self._picture])

    @property
    def picture(self) -> bytes:
        """The picture shown now, as a PNG file."""
        return self._picture.value

    def law(self, temperatures):
        """Probability of each pair (B, S), shape (..., n_pairs), at temperatures of shape (...)."""
        log_weights = np.log(self._count) - self._energy / np.asarray(temperatures)[..., None]
        weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
        return weights / weights.sum(axis=-1, keepdims=True)

    def law_of_m(self):
        """Probability of each value of the mean spin, from -1 to 1, at the sliders' T and h."""
        n = self.SIDE**2
        return np.bincount((self._S + n) // 2, self.law(self.T.value), minlength=n + 1)

    @property
    def _energy(self):
        return -self._B - self.h.value * self._S

    def _draw(self, _=None):
        n, p = self.SIDE**2, self.law(self.TEMPERATURES)
        mean = p @ self._energy
        heat_capacity = (p @ self._energy**2 - mean**2) / self.TEMPERATURES**2
        law_E, _ = np.histogram(self._energy / n, self._drawing.bins, weights=self.law(self.T.value))
        self._drawing.update(law_E, self.law_of_m(), mean / n, heat_capacity / n, self.T.value)
        self._picture.value = self._drawing.png(PICTURE_DPI)


class LiveLattice(widgets.VBox):
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
        self._rng, self._lock = np.random.default_rng(seed), threading.RLock()
        self._loop = live.Loop(self._frame, self._ended)
        self._drawing = plots.TracePicture(self.FRAMES, largest_h=self.LARGEST_H)
        self._record, self._traced, self._hot = deque(maxlen=self.FRAMES), 0.0, True

        self.T = widgets.FloatSlider(description="T", value=2.3, min=self.LOWEST_T, max=self.HIGHEST_T, step=0.01)
        self.h = _slider("field h", 0.0, self.LARGEST_H, step=0.01)
        self.algorithm = widgets.Dropdown(description="algorithm", options=self.ALGORITHMS)
        self.speed = widgets.SelectionSlider(options=self.SPEEDS, style={"description_width": "initial"})
        self.speed.layout.margin = "2px 2px 2px 16px"
        self.zoom = widgets.ToggleButton(description=f"{self.LARGE} x {self.LARGE}", layout={"width": "auto"})
        self._run_button = _button("run", self._run_or_pause)
        buttons = [
            self._run_button,
            _button("quench", self.quench),
            _button("hot start", self.hot_start),
            _button("cold start", self.cold_start),
            self.zoom,
        ]
        self._message = widgets.HTML()
        self._lattice = widgets.Image(format="png", layout={"max_width": "100%", "margin": "2px 12px 2px 2px"})
        self._lattice.add_class("course-sharp")
        sharp = widgets.HTML("<style>.course-sharp {image-rendering: pixelated}</style>", layout={"display": "none"})
        self._traces = widgets.Image(format="png", layout={"width": "300px", "max_width": "100%"})
        self._words = widgets.Label()

        self._restart()
        for _ in range(self.BEFORE):
            self._images = self._moved(self._images, *self._settings, 1)
            self._record.append(self._measured())
        self._show()
        for control in (self.T, self.h, self.algorithm, self.speed):
            control.observe(self._settings_changed, "value")
        self.zoom.observe(lambda _: self._restart(), "value")
        super().__init__(
            [
                _row(self.T, self.h),
                _row(self.algorithm, self.speed),
                _row(*buttons, self._message),
                widgets.HBox([self._lattice, self._traces], layout={"flex_flow": "row wrap", "align_items": "center"}),
                self._words,
                sharp,
            ]
        )

    @property
    def picture(self) -> bytes:
        """The lattice shown now, as a PNG file."""
        return self._lattice.value

    @property
    def traces(self) -> bytes:
        """The traces shown now, as a PNG file."""
        return self._traces.value

    @property
    def spins(self):
        """The spins now, shape (rows, cols)."""
        return self._images[0].copy()

    @property
    def running(self) -> bool:
        """Whether the lattice moves."""
        return self._loop.running

    def run(self):
        """Let the lattice move."""
        self._run_button.description, self._message.value = "pause", ""
        self._loop.start()

    def pause(self):
        """Let the lattice stand still; sliders answer all the same."""
        self._loop.stop()

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

    def close(self):
        """Stop, and leave the page."""
        self._loop.stop()
        super().close()

    def _run_or_pause(self):
        self.pause() if self.running else self.run()

    def _ended(self, reason):
        self._run_button.description, self._message.value = "run", reason
        with self._lock:
            self._show()

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
            self._lattice.layout.width = "512px" if self.zoom.value else "384px"
        self._settings_changed()

    def _settings_changed(self, _=None):
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
                self._show()

    def _frame(self):
        with self._lock:
            before, settings, speed = self._images, self._settings, self.speed.value
        # Without the lock: a slider need not wait for a hundred sweeps.
        images = self._moved(before, *settings, speed)
        with self._lock:
            if self._images is before:  # else someone has begun again meanwhile
                self._images = images
                self._record.append(self._measured())
                self._show(traces=time.monotonic() > self._traced + self.TRACES)
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

    def _show(self, traces=True):
        self._lattice.value = plots.spins_png(self._images[0])
        if traces:
            self._show_words()
            self._drawing.update(self._record, self._exact)
            self._traces.value = self._drawing.png(PICTURE_DPI)
            self._traced = time.monotonic()

    def _show_words(self):
        """What the pictures show, for those who do not see them."""
        T, h, _ = self._settings
        m, energy = self._record[-1]
        self._words.value = f"T = {T:.2f}, h = {h:.2f}: m = {m:+.3f}, E / N = {energy:+.3f}"


class WolffExplorer(widgets.VBox):
    """Clusters of Wolff's move, one at a time, on a lattice in equilibrium: move T and the side L.

    Attributes
    ----------
    T : ipywidgets.FloatSlider
    side : ipywidgets.SelectionSlider
    spins, cluster : arrays (side, side)
        The spins (+-1) before the cluster (a mask) is flipped.

    Examples
    --------
    >>> explorer = WolffExplorer()
    >>> before = explorer.spins
    >>> flipped = explorer.cluster
    >>> explorer.grow()
    >>> bool(np.all((explorer.spins != before) == flipped))
    True
    """

    SIDES = (16, 32, 64)
    N_CLUSTERS = 600

    def __init__(self):
        self.T = widgets.FloatSlider(description="T", value=2.25, min=1.5, max=4, step=0.05)
        self.side = widgets.SelectionSlider(description="side L", options=self.SIDES, value=64)
        self._drawing = plots.ClusterPicture(np.linspace(0, 1, 21))
        self._picture = widgets.Image(format="png", layout={"width": "700px", "max_width": "100%"})
        self._words = widgets.Label()
        self.T.observe(self._settle, "value")
        self.side.observe(self._settle, "value")
        self._settle()
        button = _button("flip it, grow the next cluster", self.grow)
        super().__init__([_row(self.T, self.side, button), self._picture, self._words])

    @property
    def picture(self) -> bytes:
        """The picture shown now, as a PNG file."""
        return self._picture.value

    def grow(self):
        """Flip the cluster that is shown, and show the next one."""
        self.spins = np.where(self.cluster, -self.spins, self.spins)
        self._next()

    def _settle(self, _=None):
        """Equilibrium at another T or L, and the sizes of many clusters there; the same ones each time."""
        L, self._rng = self.side.value, np.random.default_rng(4)
        self._model = ising.LatticeIsing(1.0, 0.0, (L, L))
        images, beta = np.ones((1, L, L), dtype=np.int8), 1 / self.T.value
        images = sampling.advance(self._model, images, 100, beta=beta, rng=self._rng)
        images, _ = sampling.wolff(self._model, images, 50, beta=beta, rng=self._rng)
        images, sizes = sampling.wolff(self._model, images, self.N_CLUSTERS, beta=beta, rng=self._rng)
        self.spins, self._shares = images[0], sizes[0] / L**2
        self._next()

    def _next(self):
        flipped, _ = sampling.wolff(self._model, self.spins[None], 1, beta=1 / self.T.value, rng=self._rng)
        self.cluster = flipped[0] != self.spins
        self._drawing.update(self.spins, self.cluster, self._shares)
        self._picture.value = self._drawing.png(PICTURE_DPI)
        # In words as well, for those who do not see the picture.
        self._words.value = (
            f"This cluster: {self.cluster.sum()} of {self.cluster.size} spins, {self.cluster.mean():.1%}. "
            f"Mean of {self.N_CLUSTERS} clusters: {self._shares.mean():.1%}. Mean spin m = {self.spins.mean():+.2f}"
        )


def _slider(name, value, largest, step=0.1):
    return widgets.FloatSlider(description=name, value=value, min=-largest, max=largest, step=step)


def _row(*parts):
    return widgets.HBox(parts, layout={"flex_flow": "row wrap"})


def _button(name, act):
    button = widgets.Button(description=name, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button
