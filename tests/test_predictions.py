import json

import pytest

from course_lib.classroom import predictions


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ISING_COURSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_prediction_and_its_outcome(capsys):
    assert predictions.read() == {}
    predictions.write_down("01-walls", "24", 70)
    predictions.write_down("01-walls", "48", 80)  # a change of mind before the result
    predictions.outcome("01-walls", 48)
    assert capsys.readouterr().out == 'Outcome: 48. You predicted "48", 80 % sure: right.\n'
    assert predictions.read() == {"01-walls": {"choice": "48", "confidence": 80, "outcome": "48"}}


def test_the_first_prediction_stands_once_the_outcome_was_seen(capsys):
    predictions.write_down("01-walls", "24", 70)
    predictions.outcome("01-walls", 48)
    assert "stands" in predictions.write_down("01-walls", "48", 99)
    assert predictions.read()["01-walls"]["choice"] == "24"
    assert "not this time" in capsys.readouterr().out


def test_without_a_prediction_nothing_is_stored(home, capsys):
    predictions.predict("01-walls", [24, 48])
    predictions.outcome("01-walls", 48)
    assert "no prediction" in capsys.readouterr().out
    assert not home.exists()


def test_the_form_stores_on_the_button_only():
    form = predictions.predict("01-walls", [24, 48])
    choice, (confidence, _, button), answer = form.children[0], form.children[1].children, form.children[2]
    button.click()
    assert answer.value == "Pick one first." and predictions.read() == {}
    choice.value, confidence.value = "48", 90
    assert predictions.read() == {}
    button.click()
    assert predictions.read() == {"01-walls": {"choice": "48", "confidence": 90}}
    assert "48" in predictions.predict("01-walls", [24, 48]).children[2].value


def test_a_home_that_cannot_be_written(home):
    home.write_text("a file where the folder should be")
    assert "cannot be written" in predictions.write_down("01-walls", "48", 80)
    assert predictions.read() == {}


def test_a_damaged_log_is_named_and_kept(home):
    home.mkdir()
    (home / "predictions.json").write_text('{"01-walls": ')
    with pytest.raises(ValueError, match=r"predictions\.json is damaged .* mend or delete it"):
        predictions.write_down("01-walls", "48", 80)
    assert (home / "predictions.json").read_text() == '{"01-walls": '


def test_a_log_that_cannot_be_read_is_not_taken_for_an_empty_one(home, monkeypatch):
    predictions.write_down("01-walls", "48", 80)

    def refuse(*_, **__):
        raise PermissionError(13, "in use by another program")

    with monkeypatch.context() as locked:
        locked.setattr(type(home), "read_text", refuse)
        assert "Not stored" in predictions.write_down("01-flips", "4", 60)
    assert list(predictions.read()) == ["01-walls"]


def test_a_write_that_fails_leaves_the_old_log_and_nothing_else(home, monkeypatch):
    predictions.write_down("01-walls", "48", 80)

    def refuse(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("os.replace", refuse)
        assert "No space left" in predictions.write_down("01-flips", "4", 60)
    assert [path.name for path in home.iterdir()] == ["predictions.json"]
    assert list(predictions.read()) == ["01-walls"]


def test_choices_are_text_not_html():
    form = predictions.predict("01-html", ["<b>0</b>", "1"])
    form.children[0].value = "<b>0</b>"
    form.children[1].children[2].click()
    assert "<b>" not in form.children[2].value


@pytest.mark.parametrize("text", ["[]", "3"])
def test_a_log_of_another_kind_is_damaged(home, text):
    home.mkdir()
    (home / "predictions.json").write_text(text)
    with pytest.raises(ValueError, match="no table of predictions"):
        predictions.read()


def test_nothing_is_left_half_written(home):
    for k in range(20):
        predictions.write_down(f"01-{k}", "a", 50)
    assert [path.name for path in home.iterdir()] == ["predictions.json"]
    assert len(json.loads((home / "predictions.json").read_text())) == 20
