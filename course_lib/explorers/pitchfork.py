"""The nearest product law, measured one way round and the other."""

import ipywidgets as widgets
import numpy as np

from course_lib import divergence, exact, plots
from course_lib.explorers import controls
from course_lib.explorers.base import Explorer


class PitchforkExplorer(Explorer):
    """Two coupled spins p, and two free ones q with mean m each: where D(p || q) is least, and where D(q || p).

    Attributes
    ----------
    J, h : ipywidgets.FloatSlider
        Coupling of the two spins, and the field on both.

    Examples
    --------
    >>> explorer = PitchforkExplorer()
    >>> explorer.J.value = 2.0
    >>> explorer.forward(), [round(m, 3) for m in explorer.reverse()]
    (0.0, [0.958, -0.958])
    """

    LARGEST_J, LARGEST_H = 2.5, 0.3
    MEANS = np.linspace(-0.995, 0.995, 200)
    # Sizes of m for the branches; equally spaced in artanh m, so that the ends are as fine as the middle.
    SIZES = np.tanh(np.linspace(1e-4, 6, 2000))

    def __init__(self):
        super().__init__()
        self.J = widgets.FloatSlider(description="coupling J", value=1.5, min=0, max=self.LARGEST_J, step=0.05)
        self.h = controls.slider("field h", 0.0, self.LARGEST_H, step=0.02)
        self._drawing = plots.PitchforkPicture(self.MEANS, self.LARGEST_J)
        self.children = [controls.row(self.J, self.h), self._picture, self._words]
        controls.when_moved(self._draw, self.J, self.h)
        self._draw()

    def law(self, J):
        """Probabilities of the two spins, in the order of `course_lib.exact.states`."""
        return exact.distribution([[0, J], [J, 0]], [self._h, self._h])

    def forward(self, J=None) -> float:
        """The m with the least D(p || q): the mean spin of p."""
        p = self.law(self.J.value if J is None else J)
        return float(p[3] - p[0])

    def reverse(self) -> list[float]:
        """Each m at which D(q || p) has a valley, the deepest first."""
        J, (with_h, against_h, _) = self.J.value, self._branches()
        sides = [float(np.interp(J, *with_h))]
        if J > against_h[0][0]:
            sides.append(float(np.interp(J, *against_h)))
        return sides

    @property
    def _h(self):
        return round(self.h.value, 2)

    def _branches(self):
        """Where the slope of D(q || p), artanh m - J m - h, is zero: (J, m) of both valleys, and of the hill between.

        Each m belongs to one J, so the branches are computed from m to J.
        """
        sign, field, m = (-1 if self._h < 0 else 1), abs(self._h), self.SIZES
        with_h, against_h = ((np.arctanh(m) - side * field) / m for side in (1, -1))
        turn = np.argmin(against_h)
        # From m = 0, which the grid leaves out: without field it is a valley up to J = 1, and the hill from there on.
        valley = np.append(min(0, with_h[0]), with_h), sign * np.append(0, m)
        hill = np.append(max(self.LARGEST_J, against_h[0]), against_h[: turn + 1]), -sign * np.append(0, m[: turn + 1])
        return valley, (against_h[turn:], -sign * m[turn:]), hill

    def _draw(self):
        J, p = self.J.value, self.law(self.J.value)
        forward, reverse = self.forward(), self.reverse()
        family = [_product(m) for m in self.MEANS]
        curves = [[divergence.kl(p, q) for q in family], [divergence.kl(q, p) for q in family]]
        lowest = [(forward, divergence.kl(p, _product(forward)))], [(m, divergence.kl(_product(m), p)) for m in reverse]
        couplings = np.linspace(0, self.LARGEST_J, 51)
        branches = (couplings, [self.forward(one) for one in couplings]), *self._branches()
        laws = np.array([p, _product(forward), _product(reverse[0])])[:, ::-1]
        self._drawing.update(laws, curves, *lowest, branches, J)
        valleys = " or ".join(f"{m:+.3f}" for m in reverse)
        words = f"J = {J:.2f}, h = {self._h:.2f}: forward m = {forward:+.3f}, reverse m = {valleys}"
        self._show(self._drawing.png(controls.PICTURE_DPI), words)


def _product(m):
    """Law of two free spins with mean m each."""
    one = np.array([1 - m, 1 + m]) / 2
    return np.outer(one, one).ravel()
