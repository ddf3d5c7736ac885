"""Two electrons in a quantum dot learn where to be."""

import ipywidgets as widgets
import numpy as np

from course_lib import plots, vmc
from course_lib.explorers import controls, live

EXACT = {  # hartree, by omega, in 2-D: from the radial equation; 1/6 and 1 are closed forms
    0.1: 0.440791888014,
    1 / 6: 2 / 3,
    0.28: 1.021644013601,
    0.5: 1.659772149994,
    1.0: 3.0,
}


class DotExplorer(live.LearningRun):
    """An RBM learns the ground state of two electrons: move omega, hidden units, the rate, the Jastrow factor.

    At first it shows a run that has ended. Every control begins a new one; the run before stays as a grey line.

    Attributes
    ----------
    omega : ipywidgets.SelectionSlider
    hidden : ipywidgets.SelectionSlider
    rate : ipywidgets.SelectionSlider
        Step size, in units of the trap.
    jastrow : ipywidgets.Checkbox
    energies : list of float
        Before each step.

    Examples
    --------
    >>> explorer = DotExplorer()
    >>> len(explorer.energies), explorer.running
    (201, False)
    >>> explorer.close()
    """

    RATES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)
    N_STEPS, N_WALKERS, SWEEPS = 200, 2000, 4
    FRAME, STEPS_A_FRAME = 1 / 12, 2

    def __init__(self):
        super().__init__()
        self.omega = widgets.SelectionSlider(description="omega", options=[(f"{w:.3g}", w) for w in EXACT], value=1.0)
        self.hidden = widgets.SelectionSlider(
            description="hidden units", options=(1, 2, 3, 4), value=1, style={"description_width": "initial"}
        )
        self.rate = widgets.SelectionSlider(description="rate", options=self.RATES, value=0.3)
        self.jastrow = widgets.Checkbox(description="Jastrow factor", value=False, indent=False)
        self._drawing, self.energies, self._percent = plots.DotPicture(self.N_STEPS, limit=4), [], []
        self._run_to_the_end()
        controls.when_moved(self.learn_again, self.omega, self.hidden, self.rate, self.jastrow)
        self.children = [
            controls.row(self.omega, self.hidden),
            controls.row(self.rate, self.jastrow, self._run_button, self._message),
            self._picture,
            self._words,
        ]

    @property
    def _goes_on(self):
        return len(self.energies) <= self.N_STEPS and not self._ran_away

    @property
    def _exact(self):
        return EXACT[self._dot.omega]

    def _restart(self):
        self._loop.touch()
        if len(self.energies) > self.N_STEPS // 10:  # not the stubs that a dragged slider leaves
            self._percent = 100 * (np.array(self.energies) / self._exact - 1)
        self.energies, self._ran_away, omega = [], False, self.omega.value
        self._dot, self._rng = vmc.QuantumDot(2, 2, omega), np.random.default_rng(9)
        state = vmc.RBMState.start(self._dot, self.hidden.value, rng=self._rng)
        # Lengths are measured in those of the trap: a and W move omega^-1 as far as b.
        length = np.r_[np.ones(4), np.zeros(self.hidden.value), np.ones(4 * self.hidden.value)]
        self._reach = omega**-length
        if self.jastrow.value:
            state, self._reach = state * vmc.PadeJastrow.start(self._dot), np.append(self._reach, [1, 1])
        self._state, self._x = state, vmc.start_walkers(self._dot, self.N_WALKERS, rng=self._rng)
        self._move(60)

    def _move(self, sweeps):
        step = 0.8 * self._dot.omega**-0.5
        self._x, _ = vmc.metropolis(self._state, self._x, sweeps, step=step, rng=self._rng)

    def _learn(self):
        """The three lines."""
        e = vmc.local_energy(self._state, self._dot, self._x)
        self.energies.append(float(e.mean()))
        target = self._state.moments(self._x, vmc.imaginary_time_weights(e, 1 / self._dot.omega))
        now = self._state.moments(self._x)
        try:
            self._state = self._state.step(self.rate.value * self._reach * (target - now))
            self._move(self.SWEEPS)
        except ValueError:  # parameters or positions that are not finite
            self._ran_away = True
        self._ran_away |= not 0 < e.mean() < 10 * self._exact

    def _draw(self):
        points = (self._x[:, 0] - self._x[:, 1]) * self._dot.omega**0.5
        self._drawing.update(self.energies, self._percent, self._exact, np.concatenate([points, -points]))
        last = np.mean(self.energies[-20:])
        words = (
            f"Step {len(self.energies) - 1}: {self.energies[-1]:.4f} hartree, mean of the last 20 steps {last:.4f}; "
            f"exact {self._exact:.4f}."
        )
        if self._ran_away:
            words = (
                f"The energy ran away after {len(self.energies)} steps: take a smaller rate. Exact {self._exact:.4f}."
            )
        self._show(self._drawing.png(controls.PICTURE_DPI), words)
