"""The folder in which this user's machine code is kept, libraries of rows and compiled programs, and what is safe to load from it.

The folder is AUTOGRAD_CACHE, an absolute path; without it $XDG_CACHE_HOME/scalar-autograd, or what the system has in its place;
AUTOGRAD_CACHE=off keeps nothing. Machine code is loaded only if nobody else can have put it there: the user owns the folder and
the file, and others can write neither to them nor to a folder above. On Windows that cannot be seen, and nothing is kept.

A file of `write` has a digest of its name and its bytes, so that half a file, or another, is none; it is replaced whole, so that
several processes may write at once. The files that were read longest ago go first when there are too many.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import time
from pathlib import Path

from autograd import files

__all__ = ["digest", "folder", "is_own", "read", "write"]

VARIABLE = "AUTOGRAD_CACHE"
MOST = 64_000_000  # bytes of all programs
SUFFIX = ".program"
ABANDONED = 3600.0  # seconds after which a file that was never complete is removed


def digest(content: bytes) -> str:
    """A text that is another one for other bytes."""
    return hashlib.sha256(content).hexdigest()[:32]


def folder() -> Path | None:
    """The folder, made if need be; None if there is none, or others could put a file there."""
    asked = os.environ.get(VARIABLE, "")
    if asked == "off" or sys.platform == "win32":
        return None
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.expanduser("~/Library/Caches" if sys.platform == "darwin" else "~/.cache")
    path = Path(asked or Path(base, "scalar-autograd"))
    if not path.is_absolute():  # no home is known
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path = Path(os.path.realpath(path.parent), path.name)
        path.mkdir(mode=0o700, exist_ok=True)
        is_safe = is_own(path) and all(map(_is_kept, path.parents)) and os.access(path, os.W_OK)
    except OSError:
        return None
    return path if is_safe else None


def is_own(path: Path) -> bool:
    """Whether the user owns it, nobody else can write to it, and it is no link."""
    return _is_mine(path.lstat()) and not path.is_symlink()


def _is_mine(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _is_kept(folder: Path) -> bool:
    """Whether nobody but the user and root can rename what is in it."""
    status = folder.stat()
    is_shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not status.st_mode & stat.S_ISVTX
    return status.st_uid in (0, os.geteuid()) and not is_shared


def read(name: str) -> bytes | None:
    """The content that was written under this name; None if there is none that is whole and safe."""
    where = folder()
    if where is None:
        return None
    path = where / (name + SUFFIX)
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            status = os.fstat(file.fileno())
            if not (stat.S_ISREG(status.st_mode) and _is_mine(status)):
                return None
            found = file.read()
    except OSError:
        return None
    size = hashlib.sha256().digest_size
    if found[:size] != _sum(name, found[size:]):
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # the limit spares what was used
    return found[size:]


def write(name: str, content: bytes) -> None:
    """Keep this content, if there is a folder and room on the disk; make room in the folder."""
    where = folder()
    if where is None:
        return
    with contextlib.suppress(OSError):
        path = where / (name + SUFFIX)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()  # a link or a file of others is not written through
        files.write(path, _sum(name, content) + content).chmod(0o600)  # whatever the umask: what others can write is not read
        _make_room(where)


def _sum(name: str, content: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\0" + content).digest()


def _make_room(where: Path) -> None:
    """Remove the programs that were used longest ago, if all of them are too large together, and files that were never whole."""
    found = []
    for path in where.iterdir():
        with contextlib.suppress(OSError):
            status = path.lstat()
            if path.suffix == SUFFIX and not path.name.startswith("."):
                found.append((status.st_mtime_ns, status.st_size, path))
            elif ".part" in path.suffixes and time.time() - status.st_mtime > ABANDONED:
                path.unlink()
    total = sum([size for _, size, _ in found])
    for _, size, path in sorted(found):
        if total <= MOST:
            break
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size
