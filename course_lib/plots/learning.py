"""A model beside the data it is to match."""

import numpy as np
from matplotlib.figure import Figure

from course_lib.plots.style import COLOURS, Drawing, in_style, show_spins


@in_style
def draw_learning(data, images, names, agree, data_agree) -> Drawing:
    """What a model draws while it learns, and how many of its neighbours agree, against the data.

    Parameters
    ----------
    data : array of +-1, shape (rows, cols)
        One picture of the data.
    images : array of +-1, shape (n_images, rows, cols)
        What the model draws after some of its steps.
    names : sequence of str
    agree : array, shape (n_steps,)
        Share of the model's neighbours that agree, before each step.
    data_agree : float

    Returns
    -------
    Drawing

    Examples
    --------
    >>> spins = np.ones((4, 4), dtype=int)
    >>> type(draw_learning(spins, [spins], ["step 0"], [0.5, 0.7], 0.7)).__name__
    'Drawing'
    """
    n = len(images) + 1
    figure = Figure(figsize=(7, 3.9), layout="constrained")
    grid = figure.add_gridspec(2, n, height_ratios=(1.25, 1))
    shown = [*zip(images, names, ["model"] * len(images), strict=True), (data, "the data", "data")]
    for k, (image, name, who) in enumerate(shown):
        axes = figure.add_subplot(grid[0, k], frame_on=True)
        show_spins(axes, image)
        axes.set_title(name, color=COLOURS[who])
        for spine in axes.spines.values():
            spine.set(color=COLOURS[who], linewidth=2)
    axes = figure.add_subplot(grid[1, :])
    axes.axhline(100 * data_agree, color=COLOURS["data"], linestyle="--", label="data")
    axes.plot(100 * np.asarray(agree), "o-", color=COLOURS["model"], ms=4, label="model")
    axes.set(xlabel="step", ylabel="neighbours\nthat agree (%)")
    axes.legend(loc="lower right")
    return Drawing(figure)


class MatchPicture(Drawing):
    """A picture of the data beside one of the model, and how many neighbours agree in either.

    Parameters
    ----------
    data, model : array of +-1, shape (rows, cols)
        One picture of each.
    data_agree, model_agree : float
        Shares of neighbours that agree.

    Examples
    --------
    >>> up = np.ones((4, 4), dtype=int)
    >>> picture = MatchPicture(up, -up, 0.7, 0.5)
    >>> picture.update(up, up, 0.7, 0.6)
    """

    @in_style
    def __init__(self, data, model, data_agree, model_agree):
        figure = Figure(figsize=(7, 2.9))
        self._images = []
        for left, name, who in ((0.01, "the data", "data"), (0.36, "your model", "model")):
            axes = figure.add_axes((left, 0.06, 0.33, 0.8))
            show_spins(axes, data)
            self._images.append(axes.images[0])
            axes.set_title(name, color=COLOURS[who])
        axes = figure.add_axes((0.8, 0.12, 0.18, 0.74))
        self._bars = axes.bar(["data", "model"], [0, 0], color=[COLOURS["data"], COLOURS["model"]], width=0.7)
        self._values = [axes.text(k, 0, "", ha="center", va="bottom") for k in range(2)]
        self._level = axes.axhline(0, color=COLOURS["data"], linestyle="--", linewidth=0.8)
        axes.set(ylim=(0, 100), title="neighbours\nthat agree (%)")
        axes.tick_params(axis="x", which="both", length=0)
        super().__init__(figure, [*self._images, *self._bars, *self._values, self._level])
        self.update(data, model, data_agree, model_agree)

    def update(self, data, model, data_agree, model_agree):
        """Show other pictures and other shares."""
        for image, spins in zip(self._images, (data, model), strict=True):
            image.set_data(spins)
        for bar, value, share in zip(self._bars, self._values, (data_agree, model_agree), strict=True):
            bar.set_height(100 * share)
            value.set(text=f"{100 * share:.1f}", y=100 * share + 1)
        self._level.set_ydata([100 * data_agree] * 2)
