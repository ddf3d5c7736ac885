"""Files that are written whole or not at all, and archives of arrays."""

import io
import secrets
import zipfile
from pathlib import Path

import numpy as np


def write_whole(path, content) -> None:
    """Write a file beside its place, then move it there: a full disk or a stop half-way leaves the old one as it was.

    Parameters
    ----------
    path : str or path-like
        Its folder is made where it is missing.
    content : str or bytes
        Text is written as UTF-8, its line ends as they are.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left beside it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder, "a.txt"), "whole")
    ...     print([(file.name, file.read_text()) for file in Path(folder).iterdir()])
    [('a.txt', 'whole')]
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as file:  # on a full disk the last bytes fail when it closes
            file.write(content.encode() if isinstance(content, str) else content)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def save_arrays(path, version, **arrays) -> None:
    """Write arrays, and the version of their format, into a numpy archive; see `write_whole`.

    Parameters
    ----------
    path : str or path-like
    version : int
    **arrays : array

    Raises
    ------
    OSError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_arrays(folder + "/a.npz", 1, x=np.array([1, 2]))
    ...     load_arrays(folder + "/a.npz", 1)
    {'x': array([1, 2])}
    """
    content = io.BytesIO()
    np.savez(content, version=np.array(version), **arrays)
    write_whole(path, content.getvalue())


def load_arrays(path, version) -> dict:
    """Read what `save_arrays` wrote: arrays and nothing else, so that opening a file runs no code.

    Parameters
    ----------
    path : str or path-like
    version : int
        The one that is read.

    Returns
    -------
    dict of str to array
        Empty, if the file is something else.

    Raises
    ------
    ValueError
        If the arrays are of another version.
    OSError
        If there is no such file, or it cannot be read.

    Examples
    --------
    See `save_arrays`.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files}
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile):
        return {}  # no archive of arrays, or one that is cut short
    if "version" not in found:
        return {}
    if not np.array_equal(has := found.pop("version"), version):
        raise ValueError(
            f"{path.name} is of version {has}, and this course reads version {version}: save it anew with the course "
            "that wrote it, or update this one"
        )
    return found
