"""A file is written whole, or what was there stays."""

import pytest

from course_lib.files import write_whole


def test_what_is_written_is_read(tmp_path):
    write_whole(tmp_path / "new" / "a.txt", "ü\n")
    write_whole(tmp_path / "new" / "a.txt", b"b\r\n")
    assert [(file.name, file.read_bytes()) for file in (tmp_path / "new").iterdir()] == [("a.txt", b"b\r\n")]


@pytest.mark.parametrize("content", ["\ud800", 3])
def test_what_cannot_be_written_leaves_the_old_file_and_nothing_beside_it(content, tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises((TypeError, UnicodeEncodeError)):
        write_whole(tmp_path / "a.txt", content)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]
