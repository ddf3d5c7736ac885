"""One slip costs its own item only: what builds on it is asked again, with a right function in its place."""

import json
from pathlib import Path

import numpy as np
import pytest

from course_lib import images, learning
from course_lib.classroom.checks.hand_in import STANDING_IN
from course_lib.grading import contract, grade, hostile, instances, intake, reference, sandbox, second_pass
from course_lib.sampling import sample_images

ROOT = Path(__file__).parents[1]
CELLS = {
    cell["id"]: "".join(cell["source"])
    for cell in json.loads((ROOT / "solutions" / "06_image_assignment.ipynb").read_text(encoding="utf-8"))["cells"]
}
PARTS = (
    *("binarize", "check-binarize", "bond-sum", "check-bond-sum", "spin-sum", "check-spin-sum"),
    *("gradient", "check-gradient", "given-parts", "draw-images", "check-draw-images"),
    *("model-averages", "check-model-averages", "fit-images", "check-fit-images", "correlation"),
    *("twist-statistics", "check-twist-statistics", "draw-twist", "check-draw-twist", "twist-fit"),
)
PICTURES = sample_images(0.3, 0.05, (16, 16), 2, burn_in=300, rng=1)
TWICE = """def bond_sum(images):
    neighbours = np.roll(images, -1, -1) + np.roll(images, -1, -2)
    return 2 * np.sum(images * neighbours, axis=(-2, -1))"""


@pytest.fixture(scope="module")
def room():
    with sandbox.prepared(walled=False) as room:
        yield room


@pytest.fixture(scope="module")
def my_fit():
    return learning.fit_images(PICTURES, rng=2, progress=False).model.parameters


def graded(room, folder, my_fit, **changed):
    """The record of the solution with other cells in the place of some."""
    changed = {name.replace("_", "-"): source for name, source in changed.items()}
    texts = [images.to_hex(picture) for picture in PICTURES]
    cells = [
        CELLS["imports"],
        f'student_id = "ada"\ntwist = {grade._variant("ada")}',
        *(changed.get(name, CELLS[name]) for name in PARTS),
        f"my_pictures = {texts}\nmy_fit = {list(map(float, my_fit))}",
    ]
    (folder / "ada.ipynb").write_bytes(hostile.notebook(cells))
    (submission,) = intake.collect(folder)
    return grade.run_one(grade.Task(submission, b"k" * 64, room, sandbox.Limits()))


def lost(record):
    return {key for key, result in record.results.items() if result.status != "right"}


def test_a_right_submission_is_asked_once(room, tmp_path, my_fit):
    record = graded(room, tmp_path, my_fit)
    assert not lost(record) and set(record.answers) == set(contract.ITEMS) - {"own_fit"}


def test_bonds_counted_twice_cost_the_bond_sum(room, tmp_path, my_fit):
    record = graded(room, tmp_path, my_fit, bond_sum=TWICE)
    assert lost(record) == {"bond_sum"} and record.automatic == 84 - 6, record.results
    for key in ("gradient", "model_averages"):
        assert record.results[key].came_out.startswith("judged with our bond_sum in place of yours: right on")
    assert "judged" not in record.results["draw_images"].came_out


def test_a_wrong_sign_of_the_slope_costs_the_slope(room, tmp_path):
    """The fit runs away with it, and so did that of the student's pictures."""
    wrong = "def gradient(images, b, s):\n    d = np.array([bonds(images).mean(), spins(images).mean()])\n"
    record = graded(room, tmp_path, (-3.0, 9.0), gradient=f"{wrong}    return ([b, s] - d) / images[0].size")
    assert lost(record) == {"gradient"}
    assert record.results["own_fit"].came_out.startswith("judged with your fit_images, and our gradient in place of")


def test_functions_left_unwritten_are_lost_alone(room, tmp_path, my_fit):
    left = "def {0}(*arguments, **options):\n    raise NotImplementedError('your turn')"
    changed = {name: left.format(name) for name in ("bond_sum", "draw_images", "twist_statistics")}
    record = graded(room, tmp_path, my_fit, **changed)
    assert lost(record) == {"bond_sum", "draw_images", "twist_statistics"}


def test_two_slips_are_two(room, tmp_path, my_fit):
    averages = "def model_averages(J, h, size, n, rng):\n    s = draw(J, h, size, n, rng)\n"
    averages += "    return np.array([bonds(s).mean(), abs(spins(s).mean())])"
    record = graded(room, tmp_path, my_fit, bond_sum=TWICE, model_averages=averages)
    assert lost(record) == {"bond_sum", "model_averages"}


def test_no_item_is_asked_again_after_its_right_function_came_in():
    """Or a submission could keep that one, and answer with it."""
    order = list(second_pass.HELPERS)
    for place, key in enumerate(order):
        assert not any(key in second_pass.HELPERS[before] for before in order[: place + 1])


def test_a_function_that_does_not_answer_is_asked_once_more_only(room, tmp_path, my_fit):
    record = graded(room, tmp_path, my_fit, bond_sum=TWICE, model_averages="def model_averages(*a):\n    1 / 0")
    assert len(record.answers[second_pass.again("model_averages")]) == 1


@pytest.mark.parametrize("variant", range(3))
def test_right_functions_are_right(variant):
    names = {}
    for name in reference.FUNCTIONS:
        exec(reference.source_of(name, variant), names)
        assert STANDING_IN[name]
        item = contract.ITEMS[name]
        asked = instances.draw(item, np.random.default_rng(variant), variant)
        answers = []
        for one in asked:
            rng = () if one.seed is None else (np.random.default_rng(one.seed),)
            answers.append(contract.Answer("answered", np.asarray(names[name](*one.arguments.values(), *rng))))
        assert second_pass._right(name, {name: asked}, answers)
