"""The instructor's key: from it, a student and a submission come the hidden numbers, the same at every regrading."""

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

import numpy as np

from course_lib.grading.walls import check_hidden

LEAST_BYTES = 32  # of hexadecimal digits, or of anything else
PURPOSE = b"ising-course image assignment 1"


def create(path):
    """Write a new key into a file that only its owner can read; a folder that is not there is made.

    Parameters
    ----------
    path : str or pathlib.Path
        Must not be there yet.

    Raises
    ------
    ValueError
        If it is: an old key is never written over.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     create(Path(folder) / "key")
    ...     print(len(load(Path(folder) / "key")))
    64
    """
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ValueError(f"{path} is there already: give another name for the new key") from None
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")


def load(path, output=None) -> bytes:
    """Read a key, after checking that nobody else can.

    Parameters
    ----------
    path : str or pathlib.Path
    output : pathlib.Path, optional
        The folder of the results, which may be handed on: the key must not lie in it.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        Says what is wrong with the file, and what to do.
    SandboxError
        If it lies where submissions can read it.

    Examples
    --------
    >>> load("/nowhere")
    Traceback (most recent call last):
    ...
    ValueError: there is no key file /nowhere: make one with `ising-course grade --new-secret /nowhere`
    """
    path = Path(path)
    check_hidden(path)
    if output is not None and path.resolve().is_relative_to(Path(output).resolve()):
        raise ValueError(f"the key {path} lies in the output folder, {output}, which may be handed on: move it")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        raise ValueError(
            f"there is no key file {path}: make one with `ising-course grade --new-secret {path}`"
        ) from None
    except OSError as error:
        raise ValueError(f"the key file {path} cannot be read ({error.strerror}): check its owner") from None
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise ValueError(f"the key {path} must be a file")
        if about.st_mode & 0o077:
            raise ValueError(f"others can read the key file {path}: run `chmod 600 {path}`, or draw a new key")
        key = os.read(descriptor, 4096).strip()
    finally:
        os.close(descriptor)
    if len(key) < LEAST_BYTES:
        raise ValueError(
            f"the key file {path} holds {len(key)} characters, at least {LEAST_BYTES} are needed: "
            "draw one with `ising-course grade --new-secret FILE`"
        )
    return key


def seed_sequence(key, student, digest) -> np.random.SeedSequence:
    """The source of all hidden numbers of one submission.

    Parameters
    ----------
    key : bytes
        From `load`.
    student : str
        The key of the student's row.
    digest : str
        SHA-256 of the submission, in hexadecimal digits, from `hash_of`.

    Returns
    -------
    numpy.random.SeedSequence
        Spawn one for each item.

    Examples
    --------
    >>> one, other = (seed_sequence(b"k" * 32, name, hash_of(b"{}")) for name in ("ada", "bob"))
    >>> one.entropy == other.entropy
    False
    """
    message = b"\0".join((PURPOSE, hashlib.sha256(student.encode("utf-8", "surrogatepass")).digest(), digest.encode()))
    return np.random.SeedSequence(int.from_bytes(hmac.digest(key, message, "sha256"), "big"))


def hash_of(submission) -> str:
    """SHA-256 of a file, in hexadecimal digits.

    Parameters
    ----------
    submission : bytes

    Returns
    -------
    str

    Examples
    --------
    >>> hash_of(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(submission).hexdigest()
