"""The closing table of lesson 08x gives nothing away before it was predicted."""

import pytest

from course_lib.classroom import closing_table


def shown(mine, capsys):
    closing_table.show(mine)
    return capsys.readouterr().out


def test_a_cell_is_shown_once_it_was_predicted(capsys):
    for name, right in closing_table._TABLE.items():
        for column, answer in enumerate(right):
            wrong = next(word for word in tuple(closing_table.COLUMNS.values())[column] if word != answer)
            for guess, said, made in ((answer, answer, 1), (wrong, f"{answer}, not {wrong}", 0)):
                guesses = ["?", "?", "?"]
                guesses[column] = guess
                *rows, last = shown({name: ", ".join(guesses)}, capsys).splitlines()
                row = next(row for row in rows if row.startswith(name))
                assert row.split()[1:] == ["?"] * column + said.split() + ["?"] * (2 - column)
                assert last == f"{made} of 1 as you said; 11 cells are still closed."


@pytest.mark.parametrize("mine", [{}, None, 3, {"energy-based": "?, ?, ?"}, {"diffusion": 3}, {"diffusion": "yes"}])
def test_nothing_is_given_away_without_a_guess(mine, capsys):
    text = shown(mine, capsys)
    assert "0 of 0 as you said; 12 cells are still closed." in text
    assert not {"AIS", "bound", "none", "one", "many"} & set(text.split("\n", 1)[1].split())


def test_words_are_read_in_any_case_and_unknown_ones_named(capsys):
    text = shown({"energy-based": "ais,MANY,  A", "diffusion": "yes, many"}, capsys)
    assert "4 of 4 as you said; 8 cells" in text and "no word: yes" in text
