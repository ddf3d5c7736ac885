"""The drawings of lesson 02."""

import numpy as np

from course_lib import plots


def test_hidden_family_puts_each_law_on_the_arch():
    even, certain = np.full(4, 0.25), np.array([1.0, 0.0, 0.0, 0.0])
    drawing = plots.draw_hidden_family([0, 1], [np.log(4), 0.0], {0.0: even, 1.0: certain})
    bars, arch = drawing.figure.axes
    assert [line.get_ydata()[0] for line in arch.lines[1:]] == [np.log(4), 0.0]  # 0 log 0 is 0
    assert len(bars.patches) == 8
    assert drawing.png()


def test_sizes_stand_at_the_peaks_of_their_heat_capacities():
    T = np.array([1.0, 2.0, 3.0])
    lines = [(8, T, -T, np.array([0.1, 1.0, 0.2])), (16, T, -T, np.array([0.1, 0.2, 2.0]))]
    reference = ("guess", "other", T, -T, T)
    drawing = plots.draw_energy_and_heat_capacity([("some", T, -T, T)], lines, [reference])
    energy, heat = drawing.figure.axes
    assert [(note.get_text(), note.xy) for note in heat.texts] == [("8", (2.0, 1.0)), ("16", (3.0, 2.0))]
    assert len(energy.lines) == 3 and len(heat.lines) == 4
    assert heat.get_ylim()[1] >= 2.6  # room for a curve without an end
    assert drawing.png()
