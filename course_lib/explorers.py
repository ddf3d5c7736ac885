"""Explorers: sliders and buttons over the drawings of `course_lib.plots`. Each returns one widget to show."""

import ipywidgets as widgets
import numpy as np

from course_lib import exact, ising, plots, sampling

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


def _slider(name, value, largest, step=0.1):
    return widgets.FloatSlider(description=name, value=value, min=-largest, max=largest, step=step)


def _row(*parts):
    return widgets.HBox(parts, layout={"flex_flow": "row wrap"})


def _button(name, act):
    button = widgets.Button(description=name, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return button
