"""Files that are written whole or not at all."""

import secrets
from pathlib import Path


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
