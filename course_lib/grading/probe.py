"""Before the first submission: do the walls hold on this machine? A few hostile programs find out.

What holds depends on the kernel, on who runs the grader, and on what is around it (a container, AppArmor), so it is
tried and not deduced.
"""

import json
import os
import sys
import tempfile
import time

from course_lib.grading.room import opened
from course_lib.grading.walls import SPARE, Limits, SandboxError

SMALL = Limits(memory=192 * 2**20, processes=24, disk=8 * 2**20, shared=4 * 2**20, file=4 * 2**20)
MOST_SECONDS = 20.0

HONEST = """
import json, os, socket
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
seen = {name: status[name].strip() for name in ("NoNewPrivs", "Seccomp", "CapEff", "CapBnd", "CapPrm")}
seen["root"] = 0 in (os.getuid(), os.geteuid(), os.getgid())
seen["groups"] = [group for group in os.getgroups() if group != os.getgid()]
seen["secret"] = os.path.exists(SECRET)
try:
    socket.socket()
    seen["socket"] = True
except OSError:
    seen["socket"] = False
seen["interfaces"] = [line.split(":")[0].strip() for line in open("/proc/net/dev").read().splitlines()[2:]]
seen["others"] = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) > 99]
import numpy
print(json.dumps(seen))
"""
BOMB = """
import os, time
made = 0
while made < 400:
    try:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
    except OSError:
        time.sleep(0.01)
    print(made, flush=True)
"""
HOG = """
import os, time
for k in range(4):  # each below what a single process may hold
    if os.fork() == 0:
        held = b"x" * (MEMORY // 2)
        print("held", flush=True)
        time.sleep(5)
        os._exit(0)
for k in range(4):
    os.wait()
    print("gone", flush=True)
"""
FILLER = """
import json, os
written = {}
for place in ("/tmp", "/dev/shm", "/", "/dev", "/var/tmp", "/run", "/usr", "/proc", "/course", PREFIX, BASE):
    n = 0
    for k in range(20):
        try:
            with open(f"{place}/filler{k}", "wb", 0) as file:
                while n < 40 * 2**20:
                    n += file.write(bytes(2**18))
        except OSError:
            pass
    written[place] = n
print(json.dumps(written))
"""


def _output(room, code, wanted=None):
    """What a program prints in a sandbox, until it ends, or breaks a limit, or prints what is wanted so often."""
    code = f"MEMORY, PREFIX, BASE = {SMALL.memory}, {sys.prefix!r}, {sys.base_prefix!r}\n{code}"
    said, end = b"", time.monotonic() + MOST_SECONDS
    with opened(room, SMALL, [sys.executable, "-c", code]) as (process, watchdog):
        os.set_blocking(process.stdout.fileno(), False)
        while time.monotonic() < end and not watchdog.over and (not wanted or said.count(wanted[0]) < wanted[1]):
            watchdog.look()
            piece = process.stdout.read(2**16)
            said += piece or b""
            if piece == b"":
                break
            time.sleep(0.01)
        return said.decode(errors="replace"), watchdog.over, watchdog.out_of_memory


def probe(room):
    """Try the walls.

    Parameters
    ----------
    room : Room

    Returns
    -------
    list of str
        What was tried and held, a line each.

    Raises
    ------
    SandboxError
        Says what does not hold, or why no sandbox starts.
    """
    return [_honest(room), _bomb(room), _hog(room), _filler(room)]


def _honest(room):
    with tempfile.NamedTemporaryFile() as secret:
        said, _, _ = _output(room, f"SECRET = {secret.name!r}\n{HONEST}")
    try:
        seen = json.loads(said)
    except ValueError:
        raise SandboxError(f"no sandbox starts here ({room.recipe} recipe): {_remedy(said)}") from None
    wanted = {
        "NoNewPrivs": "1",
        "Seccomp": "2",
        "root": False,
        "groups": [],
        "secret": False,
        "socket": False,
        "interfaces": ["lo"],
        "others": [],
    } | {name: "0" * 16 for name in ("CapEff", "CapPrm")}
    if room.recipe == "root":
        wanted["CapBnd"] = "0" * 16
    wrong = {name: seen.get(name) for name, value in wanted.items() if seen.get(name) != value}
    if wrong:
        raise SandboxError(f"the sandbox has a hole, so nothing is graded: {wrong}")
    return "numpy runs; no privileges, no network, no file of this machine, no other process"


def _remedy(said):
    words = " ".join(said.split())[-300:]
    if "namespace" in words or "uid map" in words or "Permission denied" in words:
        return f"{words}: user namespaces seem to be blocked; run the grader as root, or allow them (instructor guide)"
    return words or "it said nothing within the time"


def _bomb(room):
    said, _, _ = _output(room, BOMB)
    made = int(said.split()[-1]) if said.split() else 0
    if made > SMALL.processes + SPARE:
        raise SandboxError(f"the sandbox does not limit processes: {made} were made")
    return f"a fork bomb was stopped after {made} processes"


def _hog(room):
    said, _, killed = _output(room, HOG, (b"gone", 2))
    if not killed:
        raise SandboxError(f"the sandbox does not limit memory: {said.count('held')} times half of it were held")
    return f"a memory hog was stopped ({'control group' if room.group else 'watchdog'})"


def _filler(room):
    said, _, _ = _output(room, FILLER)
    try:
        written = json.loads(said)
    except ValueError:
        raise SandboxError(f"the sandbox could not be tried for what may be written: {said[-300:]}") from None
    allowed = {"/tmp": SMALL.disk, "/dev/shm": SMALL.shared}
    wrong = {place: n for place, n in written.items() if n > allowed.get(place, 0)}
    if wrong:
        raise SandboxError(f"the sandbox lets too much be written, in bytes: {wrong}")
    return "a disk filler was stopped: " + ", ".join(f"{n >> 20} MB in {place}" for place, n in written.items() if n)
