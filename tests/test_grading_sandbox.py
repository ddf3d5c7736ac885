"""The sandbox: what comes out of it, what does not, and that the probe sees when a wall is missing.

One room is prepared for all tests, and each hostile submission runs once, six at a time: most of them wait.
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import pytest

from course_lib.grading import hostile, inside, intake, keys, probe, sandbox, scratch, selftest, walls, watchdog

ROOT = Path(__file__).parents[1]
if sys.platform != "linux":
    pytest.skip("the sandbox needs Linux", allow_module_level=True)


@pytest.fixture(scope="module")
def room(needs):
    lacking = walls.missing()
    if lacking:
        needs(" ".join(lacking))
    with sandbox.prepared(data=ROOT / "data") as room:
        yield room


@pytest.fixture(scope="module")
def rows(room):
    return {row.name: row for row in selftest.self_test(room, jobs=6)}


# ---------------------------------------------------------------- hostile submissions


@pytest.mark.parametrize("name", [one.name for one in hostile.HOSTILE])
def test_hostile_submissions_get_their_verdict_and_no_further(rows, name):
    assert not rows[name].wrong


def test_nothing_of_a_sandbox_is_left(rows):
    left = [Path(f"/proc/{task.pid}/comm").read_text().strip() for task in watchdog.tree(os.getpid())]
    assert left and "bwrap" not in left


@pytest.fixture(scope="module")
def handed_in():
    return {row.name: row for row in selftest.intake_test()}


@pytest.mark.parametrize("name", [name for name, *_ in selftest.INTAKE])
def test_what_must_not_be_opened_is_not(handed_in, name):
    assert not handed_in[name].wrong


# ---------------------------------------------------------------- honest ones


def answers(room, cells, requests, **limits):
    transcript = sandbox.run(hostile.notebook(cells), requests, room, sandbox.Limits(**limits))
    return transcript, [answer for one in transcript.answers.values() for answer in one]


def test_an_honest_notebook_runs_as_in_jupyter(room):
    cells = (
        """
        %matplotlib inline
        import numpy as np, matplotlib.pyplot as plt
        from course_lib import images, plots, explorers
        from course_lib.classroom import predictions as log
        from course_lib.classroom.checks import lesson_06 as check

        student_id = "ada"
        twist = check.twist_of(student_id)
        log.predict("06-a", ["yes", "no"])
        plt.plot([1, 2])
        plt.show()
        """,
        "def double(x, rng):\n    return 2 * x + rng.random(2)",
        "double = check.double(double).use(double, otherwise=check.double.truth)",
        "spins = images.load_spins('../data/letters/A.png', 16)",
        "my_pictures = [images.to_hex(spins)]\nmy_fit = (0.4, 0.1)",
        "plots.draw_pictures([spins], ['A'])\nexplorers.Anything()",
        "value = await __import__('asyncio').sleep(0, 3)\n!true",
        "assert value == 3 and double(0, np.random.default_rng(1)).shape == (2,)",
    )
    asked = [sandbox.Request("d", "double", {"x": x}, seed, (2,)) for x, seed in ((1.0, 5), (3, 6))]
    transcript, given = answers(room, [textwrap.dedent(cell) for cell in cells], asked)
    assert transcript.status == "ran" and not transcript.problems, transcript
    for answer, (x, seed) in zip(given, ((1.0, 5), (3, 6)), strict=True):
        np.testing.assert_array_equal(answer.array, 2 * x + np.random.default_rng(seed).random(2))
    assert transcript.variables["student_id"] == "ada" and transcript.variables["my_fit"] == (0.4, 0.1)
    assert transcript.variables["my_pictures"][0].startswith("[16x16]")
    assert "staggered" in transcript.log or "not graded here" in transcript.log


def test_regrading_gives_the_same_even_with_unseeded_global_generators(room):
    cells = [
        "import numpy as np, random\nfirst = np.random.random(3)\ndef draw(n):\n"
        "    return np.concatenate([first, np.random.random(2), [random.random()]])"
    ]
    asked = [sandbox.Request("draw", "draw", {"n": 3}, None, (6,))]
    once, again = (answers(room, cells, asked)[1][0].array for _ in range(2))
    np.testing.assert_array_equal(once, again)


@pytest.mark.parametrize(
    ("returned", "status"),
    [
        ("np.array([1, -1, 0])", "answered"),
        ("[True, False, True]", "answered"),
        ("np.array([1.0, -1.0, 0.0])", "answered"),
        ("np.array([1.5, 0, 0])", "wrong kind"),
        ("np.array([300, 0, 0])", "wrong kind"),
        ("np.array([np.nan, 0, 0])", "wrong kind"),
        ("np.array([1j, 0, 0])", "wrong kind"),
        ("np.ones((3, 1))", "wrong kind"),
        ("[[1], [1, 2]]", "wrong kind"),
    ],
)
def test_spins_are_whole_numbers_that_int8_holds(returned, status):
    if status == "answered":
        assert len(inside._as_bytes(eval(returned), (3,), "int8")) == 3
    else:
        with pytest.raises(inside._WrongKind):
            inside._as_bytes(eval(returned), (3,), "int8")


def test_a_request_that_ends_the_process_costs_the_others_nothing(room):
    cells = [f"{hostile.GOOD}\ndef bad(images):\n    import os\n    os.kill(os.getpid(), 11)"]
    pictures = np.ones((1, 4, 4), np.int8)
    asked = [sandbox.Request(key, key, {"images": pictures}, None, (1,)) for key in ("bad", "bond_sum")]
    _, (bad, good) = answers(room, cells, asked)
    assert (bad.status, good.status, good.array.tolist()) == ("raised", "answered", [32.0])
    assert "signal 11" in bad.message


def test_hidden_numbers_that_a_function_prints_are_not_in_the_log(room):
    cells = ["print('mine')\ndef show(x):\n    print('hidden', x)\n    return x"]
    transcript, (answer,) = answers(room, cells, [sandbox.Request("show", "show", {"x": 3.0}, None, ())])
    assert transcript.log == "mine\n" and transcript.printed > len("mine\n") and answer.array == 3


def test_a_submission_has_a_time_for_all_of_it_and_keeps_what_was_answered(room):
    cells = [f"{hostile.GOOD}\ndef slow(images):\n    __import__('time').sleep(99)"]
    asked = [
        sandbox.Request(key, key, {"images": np.ones((1, 4, 4), np.int8)}, None, (1,), seconds=0.5)
        for key in ("bond_sum", *["slow"] * 50, "spin_sum")
    ]
    transcript, (first, *_, last) = answers(room, cells, asked, seconds=5.0)
    assert (first.status, transcript.status, last.status) == ("answered", "timeout", "not run")
    assert transcript.seconds < 5 + sandbox.SLACK and "together ran out of their 0.083 minutes" in last.message


def test_the_watchdog_does_what_a_control_group_would(room):
    unlimited = dataclasses.replace(room, group=None)
    hogs = [one for one in hostile.HOSTILE if one.name in ("3 GB in 20 processes", "an honest one")]
    assert [row.wrong for row in selftest.self_test(unlimited, hostile=hogs)] == ["", ""]


@pytest.mark.parametrize(
    "data",
    [b"", b"a", b"i\0\0\0\xffshort", b"p" + bytes(4), b"f\0\0\0\1x", b"\xff" * 50, b"f\0\0\0\x10" + b"\xff" * 16],
)
def test_variables_may_be_any_bytes(data):
    assert sandbox._variables(data).keys() == {"student_id", "my_pictures", "my_fit"}


# ---------------------------------------------------------------- the probe


def without(*words):
    """The arguments of bubblewrap less some, each with as many values as stand behind it."""
    arguments = walls.arguments

    def fewer(*given):
        found = arguments(*given)
        for name, value in words:
            k = next(k for k in range(len(found)) if found[k] == name and found[k + 1 :][: len(value)] == value)
            del found[k : k + 1 + len(value)]
        return found

    return fewer


@pytest.mark.parametrize(
    ("holes", "says"),
    [
        ([("--unshare-net", [])], "interfaces"),
        ([("--unshare-pid", [])], "others"),
        ([("--size", [str(probe.SMALL.disk)])], "too much be written"),
    ],
)
def test_the_probe_sees_a_missing_wall(room, monkeypatch, holes, says):
    monkeypatch.setattr(walls, "arguments", without(*holes))
    with pytest.raises(sandbox.SandboxError, match=says):
        probe.probe(room)


def test_the_probe_sees_missing_limits(room, monkeypatch):
    monkeypatch.setattr(walls, "inner", lambda limits, number: [])
    with pytest.raises(sandbox.SandboxError):
        probe.probe(room)
    monkeypatch.undo()
    monkeypatch.setattr(watchdog.Watchdog, "look", lambda self: None)
    with pytest.raises(sandbox.SandboxError, match="memory"):
        probe._hog(dataclasses.replace(room, group=None))


def test_the_probe_sees_a_missing_filter(room, monkeypatch, tmp_path):
    shutil.copytree(room.folder, tmp_path / "room")
    monkeypatch.setattr(walls, "DENIED", [])
    walls.write_filter(tmp_path / "room" / "filter")
    with pytest.raises(sandbox.SandboxError, match="socket"):
        probe.probe(dataclasses.replace(room, folder=tmp_path / "room"))


# Root takes an ordinary user's place, in a mount namespace where the interpreter can be reached by one.
AS_A_USER = """
set -e
cd "$1" && mkdir -p base environment checkout/course_lib home && chmod 777 home
mount --bind "$BASE" base
mount --bind "$ENVIRONMENT" environment
mount --bind "$LIBRARY" checkout/course_lib
if [ -n "$CLOSED" ]; then
    mount -t tmpfs -o mode=755 none "$CLOSED"
    mkdir -p "$BASE" && mount --bind base "$BASE"
fi
cd checkout
exec setpriv --reuid=12345 --regid=12345 --clear-groups --inh-caps=-all --bounding-set=-all \\
    env HOME="$1/home" TMPDIR="$1/home" PYTHONPATH="$1/checkout" "$1/environment/bin/python" -c "$PROGRAM"
"""
USERS_PROGRAM = """
from course_lib.grading import hostile, sandbox, selftest, walls, probe
names = {
    "an honest one", "reads /proc of the judge", "reads the secret", "writes outside", "kills all that it can",
    "abstract Unix sockets", "fork bomb", "other doors of the kernel",
    "memory and signals of the first process, open files",
}
with sandbox.prepared() as room:
    rows = selftest.self_test(room, hostile=[one for one in hostile.HOSTILE if one.name in names])
    arguments = walls.arguments
    walls.arguments = lambda *given: arguments(*given)[:-4]
    try:
        probe.probe(room)
        seen = "nothing"
    except sandbox.SandboxError as error:
        seen = str(error)
print(room.recipe, len(rows), *[row for row in rows if row.wrong], "probe:", seen)
"""


def test_an_ordinary_users_recipe_holds_too(needs):
    if os.geteuid():
        return  # then all other tests have used it
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        needs("mount namespaces, to take an ordinary user's place")
    closed = [one for one in reversed(Path(sys.base_prefix).parents) if not one.stat().st_mode & 1]
    environment = {
        "PATH": os.environ["PATH"],
        "BASE": sys.base_prefix,
        "ENVIRONMENT": sys.prefix,
        "LIBRARY": str(ROOT / "course_lib"),
        "CLOSED": str(closed[0]) if closed else "",
        "PROGRAM": USERS_PROGRAM,
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        command = ["unshare", "--mount", "bash", "-c", AS_A_USER, "bash", folder]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.stdout.startswith("user 9 probe: the sandbox lets too much be written"), done.stdout + done.stderr


# ---------------------------------------------------------------- what the notebook may import


@pytest.mark.parametrize(
    "line",
    [
        "from course_lib.learning import fit_images",
        "from course_lib import learning; learning.fit_images",
        "from course_lib import ising; ising.bond_sum",
        "from course_lib.ising import LatticeIsing",
        "from course_lib.sampling import sample_images",
        "from course_lib.plots.spins import ising; ising.bond_sum",
        "from course_lib.classroom.checks import lesson_06; lesson_06.twist_of('ada').statistics_of",
        "from course_lib.classroom.checks import lesson_06; lesson_06.bond_sum.truth()",
        "from course_lib import images; images.load_spins('/etc/passwd', 16, 'median')",
    ],
)
def test_answers_are_the_students_own(room, line):
    done = subprocess.run([sys.executable, "-c", line], cwd=room.course, capture_output=True, text=True)
    assert "ImportError: write your own" in done.stderr


@pytest.mark.parametrize("name", ["course_lib.grading", "course_lib.workshop", "solutions"])
def test_the_grader_itself_is_absent(room, name):
    transcript, _ = answers(room, [f"import {name}"], [])
    assert "ModuleNotFoundError" in transcript.problems[0]


# ---------------------------------------------------------------- walls and watchdog


def test_a_key_that_submissions_can_read_is_refused():
    with pytest.raises(sandbox.SandboxError, match="keep it elsewhere"):
        walls.check_hidden(Path(sys.prefix) / "key")


def test_an_installed_course_is_masked(monkeypatch, tmp_path):
    installed = tmp_path / "environment" / "site-packages" / "course_lib"
    installed.mkdir(parents=True)
    monkeypatch.setattr(walls, "visible", lambda: [tmp_path / "environment"])
    monkeypatch.setattr(walls, "__file__", str(installed / "grading" / "walls.py"))
    arguments = walls.arguments(tmp_path, walls.Limits(), 60600)
    k = arguments.index(str(installed))
    assert arguments[k - 1] == "--tmpfs" and k > arguments.index(str(tmp_path / "environment"))


def test_an_interpreter_behind_links_is_found(monkeypatch, tmp_path):
    """As in an environment whose Python was installed by uv: cpython-3.12 is a link to cpython-3.12.7."""
    (tmp_path / "3.12.7").mkdir()
    (tmp_path / "3.12.7" / "python").touch()
    (tmp_path / "3.12").symlink_to("3.12.7")
    (tmp_path / "environment").mkdir()
    (tmp_path / "environment" / "python").symlink_to(tmp_path / "3.12" / "python")
    monkeypatch.setattr(walls, "visible", lambda: [tmp_path / "environment", tmp_path / "3.12.7"])
    links = walls._links(tmp_path / "environment" / "python")
    assert links == {tmp_path / "3.12": str(tmp_path / "3.12.7")}


def test_two_sandboxes_have_two_users():
    if os.geteuid() == 0:
        assert walls.user(0) != walls.user(1)
    with walls.slot() as one, walls.slot() as other:
        assert one != other and (walls.user(one) is None) == bool(os.geteuid())


def test_folders_of_graders_that_were_killed_are_cleared_and_no_others(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names = "precious", "ising-course-run-room-0left000", "ising-course-run-room-0link000", "ising-course-run-x"
    precious, left, link, other = (tmp_path / name for name in names)
    for folder in (precious, left, other):
        folder.mkdir()
        (folder / "file").touch()
    link.symlink_to(precious)
    (left / "link").symlink_to(precious)
    if os.geteuid() == 0:
        somebodys = tmp_path / "ising-course-run-room-0else000"
        somebodys.mkdir()
        os.chown(somebodys, 12345, 12345)
    with scratch.folder("room") as one, scratch.folder("room") as two:
        assert one.is_dir() and two.is_dir()
    assert not left.exists() and not one.exists() and not two.exists()
    assert (precious / "file").exists() and (other / "file").exists() and link.is_symlink()
    assert os.geteuid() or somebodys.exists()


def test_the_tree_counts_threads_and_children():
    start = "os.fork(); threading.Thread(target=time.sleep, args=(9,)).start()"
    program = f"import os, threading, time; {start}; print('up', flush=True); time.sleep(9)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        for _ in range(2):
            process.stdout.readline()
        found = watchdog.tree(process.pid)
        for task in found:
            os.kill(task.pid, 9)
    assert [task.threads for task in found] == [2, 2] and all(task.resident > 2**20 for task in found)


# ---------------------------------------------------------------- keys and intake


def test_a_key_must_be_its_owners_alone(tmp_path):
    path = tmp_path / "key"
    keys.create(path)
    assert keys.load(path, tmp_path / "out") == keys.load(path)
    with pytest.raises(ValueError, match="is there already"):
        keys.create(path)
    with pytest.raises(ValueError, match="output folder"):
        keys.load(path, tmp_path)
    path.chmod(0o640)
    with pytest.raises(ValueError, match="chmod 600"):
        keys.load(path)
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(ValueError, match="holds 5 characters"):
        keys.load(path)
    with pytest.raises(ValueError, match="must be a file"):
        keys.load(tmp_path)


def test_hidden_numbers_hang_on_key_student_and_submission():
    one = keys.seed_sequence(b"k" * 32, "ada", keys.hash_of(b"x"))
    others = [
        keys.seed_sequence(b"l" * 32, "ada", keys.hash_of(b"x")),
        keys.seed_sequence(b"k" * 32, "bob", keys.hash_of(b"x")),
        keys.seed_sequence(b"k" * 32, "ada", keys.hash_of(b"y")),
    ]
    assert one.entropy == keys.seed_sequence(b"k" * 32, "ada", keys.hash_of(b"x")).entropy
    assert len({one.entropy, *(other.entropy for other in others)}) == 4


def files(folder, *names):
    for day, name in enumerate(names, 1):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        os.utime(path, (10**9 + day * 86400, 10**9 + day * 86400))


def zipped(folder):
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


EXPORTS = {
    "plain": (("ada.ipynb", "bob (1).ipynb", "README.txt", ".ipynb_checkpoints/ada.ipynb"), {"ada": 0, "bob (1)": 1}),
    "plain, in a folder": (("class/ada.ipynb", "class/bob.ipynb"), {"ada": 0, "bob": 1}),
    "Moodle, in a folder": (
        ("all/Ada_1_assignsubmission_file_/nb.ipynb", "all/Bob_2_assignsubmission_file_/nb.ipynb"),
        {"Ada_1": 0, "Bob_2": 1},
    ),
    "nbgrader, one student": (("ada/06/nb.ipynb", "ada/06/later.ipynb"), {"ada": 1}),
    "nbgrader": (
        ("submitted/ada/06/nb.ipynb", "submitted/bob/06/nb.ipynb", "submitted/bob/06/timestamp.txt"),
        {"ada": 0, "bob": 1},
    ),
    "nbgrader, from inside": (("ada/06/nb.ipynb", "bob/06/nb.ipynb", "ada/06/later.ipynb"), {"ada": 2, "bob": 1}),
    "Moodle": (
        (
            "Ada Byron_1234567_assignsubmission_file_/nb.ipynb",
            "Bob_Bit_1234568_assignsubmission_file_nb.ipynb",
            "Bob_Bit_1234568_assignsubmission_file_a_9_assignsubmission_file_nb.ipynb",
            "Eve_1234569_assignsubmission_onlinetext_/onlinetext.html",
        ),
        {"Ada Byron_1234567": 0, "Bob_Bit_1234568": 2, "Eve_1234569": None},
    ),
    "Canvas": (
        (
            "byronada_101_5002_nb-1.ipynb",
            "byronada_101_5001_nb.ipynb",
            "bitbob_LATE_102_5003_my_nb.ipynb",
            "eve_103_5004_essay.docx",
        ),
        {"byronada_101": 0, "bitbob_102": 2, "eve_103": None},
    ),
    # File names, and a name in Moodle's profile, that would take the row of Ada, who has the number 101.
    "Canvas, forged": (
        ("byronada_101_5001_nb.ipynb", "eve_103_5004_ada_101_assignsubmission_file_nb.ipynb"),
        {"byronada_101": 0, "eve_103": 1},
    ),
    "Moodle, forged": (
        (
            "Ada_101_assignsubmission_file_/a_1_2_nb.ipynb",
            "Ada_101_assignsubmission_file_E_103_assignsubmission_file/nb.ipynb",
        ),
        {"Ada_101": 0, "Ada_101_assignsubmission_file_E_103": 1},
    ),
}


LATEST_OF_TWO = {
    "nbgrader, one student": {"ada"},
    "nbgrader, from inside": {"ada"},
    "Moodle": {"Bob_Bit_1234568"},
    "Canvas": {"byronada_101"},
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("platform", EXPORTS)
def test_each_export_gives_one_submission_a_student(tmp_path, platform, packed):
    names, expected = EXPORTS[platform]
    files(tmp_path / "export", *names)
    found = intake.collect(zipped(tmp_path / "export") if packed else tmp_path / "export")
    assert {one.student for one in found} == set(expected)
    for one in found:
        if expected[one.student] is None:
            assert one.problem.startswith("no notebook was handed in")
        else:
            assert intake.read(one).decode() == names[expected[one.student]], one
    several = {one.student for one in found if one.notes}
    assert several == LATEST_OF_TWO.get(platform, set())
    assert all(note.startswith("the latest of 2 tries counts") for one in found for note in one.notes)


@pytest.mark.parametrize("student", ["../x", "a/b", ".", ".hidden", "é", "x" * 300, "con\n", "a b"])
def test_file_names_are_harmless_and_different(student):
    name = intake.file_name(student)
    assert name and name == Path(name).name and not name.startswith(".") and name.isascii() and len(name) < 100
    assert name != intake.file_name(student + " ")
    assert name != intake.file_name(name), "who is called so would get the other's page and record"


def test_one_students_folder_does_not_hide_the_class(tmp_path, monkeypatch):
    files(tmp_path / "export", "ada/06/nb.ipynb", "eve/06/nb.ipynb", *(f"eve/06/{k}.txt" for k in range(30)))
    look = os.scandir

    def scandir(path):
        if Path(path) == tmp_path / "export" / "eve" / "06":
            raise PermissionError(13, "Permission denied")
        return look(path)

    with monkeypatch.context() as patched:  # root may open any folder
        patched.setattr(os, "scandir", scandir)
        ada, eve = intake.collect(tmp_path / "export")
    assert not ada.problem and eve.problem == "no notebook was handed in, but a folder that cannot be opened"
    monkeypatch.setattr(intake, "MOST_ENTRIES", 20)
    with pytest.raises(ValueError, match=r"in eve/06: .* move that one away"):
        intake.collect(tmp_path / "export")


def test_a_folder_swapped_for_a_link_is_not_followed(tmp_path):
    files(tmp_path / "export", "ada/nb.ipynb")
    (one,) = intake.collect(tmp_path / "export")
    (tmp_path / "export" / "ada").rename(tmp_path / "elsewhere")
    (tmp_path / "export" / "ada").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="cannot be read"):
        intake.read(one)


def test_cells_are_parsed_elsewhere_and_typed():
    raw = [{"cell_type": "code", "source": ["a = 1\n", 3], "metadata": {"tags": "own-picture", "nbgrader": []}}, 5, {}]
    data = json.dumps({"nbformat": 4, "cells": raw}).encode()
    assert intake.cells(data) == (
        "",
        [
            {"type": "code", "id": "", "tags": [], "source": "a = 1\n"},
            {"type": "", "id": "", "tags": [], "source": ""},
        ],
    )
    assert intake.cells(b"[" * 10**6)[0].startswith("is not a notebook")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_is_its_own_students_trouble(method, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w", method) as archive:
        archive.writestr("eve.ipynb", b"{" + bytes(range(256)) * 40)
    whole = bytearray((tmp_path / "all.zip").read_bytes())
    whole[60:200] = b"\xff" * 140
    (tmp_path / "all.zip").write_bytes(whole)
    with pytest.raises(ValueError, match="cannot be read"):
        intake.read(intake.collect(tmp_path / "all.zip")[0])
