"""Writing a file for the user: the whole new file takes the place of the old one, or the old one stays as it is.

The text is encoded first, then written to a temporary file beside the real one, flushed to the disk, and renamed. An error on
the way, a full disk or a power cut leaves the old file; a reader never sees half a file. Every module here that writes a file
for the user calls `write`, or `replacing` if a library writes the file.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write(Path(folder, "new", "x.txt"), "y = 2x")
    ...     path.read_text(), [file.name for file in path.parent.iterdir()]
    ('y = 2x', ['x.txt'])
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from autograd.errors import OperandError, OptionError

__all__ = ["AnyPath", "expanded", "replacing", "write"]

AnyPath = str | os.PathLike[str]
"""The types of a path that a function takes to write or read a file."""


def expanded(path: AnyPath) -> Path:
    """The path, with a `~` at its beginning replaced by the home folder.

    >>> expanded("~/x.svg") == Path.home() / "x.svg"
    True
    """
    try:
        name = os.fsdecode(path)
    except TypeError:
        raise OperandError(f"a path is text or a Path, not {path!r:.60}; give one such as 'model.json'") from None
    if "\0" in name:
        raise OptionError(f"path={name!r:.60}: a path has no null character; leave it out")
    first, separator, _ = name.replace(os.altsep or os.sep, os.sep).partition(os.sep)
    if not first.startswith("~") or (first != "~" and not separator):
        return Path(name)  # the file ~x lies in the folder one is in
    if os.path.expanduser(first) == first:
        raise OptionError(f"path={name!r:.60}: no home folder of {first!r} is known; a folder of that name here is ./{first}")
    return Path(os.path.expanduser(name))


def write(path: AnyPath, content: str | bytes) -> Path:
    """Write the text (as UTF-8) or the bytes whole, making the folders above; return the path with its `~` expanded.

    A text that UTF-8 cannot hold, such as half of a surrogate pair, raises a UnicodeEncodeError before anything is written;
    every OSError leaves the old file as it was.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(data)
    return expanded(path)


@contextlib.contextmanager
def replacing(path: AnyPath) -> Iterator[Path]:
    """A context that gives an empty file of the same suffix to write to, and at its end puts that file at the path.

    If the path is a link, the file it points to is replaced, and the link stays. The new file has the permissions of the old
    one. If the block raises, the path is left alone. What is no regular file, a pipe or a device such as /dev/stdout, cannot
    be replaced and is given itself.
    """
    place = expanded(path)
    before = _status(place)
    if (before is not None and not stat.S_ISREG(before.st_mode)) or place.absolute().as_posix().startswith(_STREAMS):
        yield place
        return
    real = Path(os.path.realpath(place))
    if before is not None and not os.access(real, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
    real.parent.mkdir(parents=True, exist_ok=True)
    temporary = real.with_name(f".{os.urandom(8).hex()}.part{real.suffix if len(real.suffix) < 20 else ''}")
    try:
        # Never through a link; nobody else may read what replaces a file that only its owner could read.
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if before is None else 0o600))
        yield temporary
        _flush(temporary)
        if before is not None:
            _hand_over(temporary, before)
        os.replace(temporary, real)
    except OSError as error:
        if error.errno is not None and error.filename in (None, str(temporary)):
            raise type(error)(error.errno, error.strerror, str(place)) from None  # the message names the user's file
        raise
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
    with contextlib.suppress(OSError):  # not every system can flush a folder, and the new file is whole already
        _flush(real.parent)


_STREAMS = ("/dev/std", "/dev/fd/", "/proc/")  # names of what is open already, even if that is a regular file


def _status(place: Path) -> os.stat_result | None:
    try:
        return place.stat()
    except FileNotFoundError:
        return None


def _hand_over(temporary: Path, before: os.stat_result) -> None:
    """Give the new file the owner, as far as the system allows it, and the permissions of the old one."""
    now = temporary.stat()
    if (before.st_uid, before.st_gid) != (now.st_uid, now.st_gid):
        with contextlib.suppress(PermissionError):  # only root gives files away
            os.chown(temporary, before.st_uid, before.st_gid)
    os.chmod(temporary, stat.S_IMODE(before.st_mode))


def _flush(path: Path) -> None:
    """Have the operating system write this file, or this folder's list of names, to the disk."""
    file = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)
