"""Tests of `autograd.rowcode.cache`: what is read is whole, this user's, and what was written; else it is nothing."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograd.rowcode import cache

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no machine code")
FEW = b"\0\1machine code"


@pytest.fixture
def place(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    place = tmp_path / "kept"
    monkeypatch.setenv("AUTOGRAD_CACHE", str(place))
    return place


def path_of(name):
    return cache.folder() / f"{name}.program"


def test_what_is_written_is_read(place):
    assert cache.read("a") is None
    cache.write("a", FEW)
    cache.write("b", b"")
    assert (cache.read("a"), cache.read("b")) == (FEW, b"")
    cache.write("a", b"other")
    assert cache.read("a") == b"other"
    assert sorted(path.name for path in place.iterdir()) == ["a.program", "b.program"]
    assert place.stat().st_mode & 0o777 == 0o700
    assert path_of("a").stat().st_mode & 0o777 == 0o600


def test_where_owners_cannot_be_seen_nothing_is_kept(place, monkeypatch):
    cache.write("a", FEW)
    monkeypatch.setattr(cache.sys, "platform", "win32")
    assert (cache.folder(), cache.read("a")) == (None, None)
    cache.write("b", FEW)
    assert [path.name for path in place.iterdir()] == ["a.program"]


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:10], lambda b: b"", lambda b: b[:40] + b"x" + b[41:], lambda b: b + b"x"]
)
def test_a_damaged_file_is_ignored_and_replaced(place, damage):
    cache.write("a", FEW)
    path_of("a").write_bytes(damage(path_of("a").read_bytes()))
    assert cache.read("a") is None
    cache.write("a", FEW)
    assert cache.read("a") == FEW


def test_a_file_of_another_name_is_ignored(place):
    cache.write("a", FEW)
    path_of("a").rename(path_of("b"))
    assert cache.read("b") is None


def test_a_file_that_others_may_write_or_a_link_is_ignored_and_replaced(place, tmp_path):
    for mode in (0o620, 0o602):
        cache.write("a", FEW)
        path_of("a").chmod(mode)
        assert cache.read("a") is None
    cache.write("a", FEW)
    path_of("a").rename(tmp_path / "elsewhere")
    path_of("a").symlink_to(tmp_path / "elsewhere")
    assert cache.read("a") is None
    kept = (tmp_path / "elsewhere").read_bytes()
    cache.write("a", b"new")
    assert cache.read("a") == b"new"
    assert (tmp_path / "elsewhere").read_bytes() == kept  # not written through the link
    path_of("b").mkdir()
    cache.write("b", FEW)
    assert cache.read("b") is None


def test_a_file_of_another_user_is_ignored(place, monkeypatch):
    cache.write("a", FEW)
    monkeypatch.setattr(cache, "folder", lambda: place)
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    assert cache.read("a") is None


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_that_others_may_write_is_no_cache(place, mode):
    cache.write("a", FEW)
    place.chmod(mode)
    assert cache.folder() is cache.read("a") is None
    place.chmod(0o700)
    place.parent.chmod(mode)
    assert cache.folder() is cache.read("a") is None
    place.parent.chmod(0o700)
    assert cache.read("a") == FEW


def test_a_folder_of_another_user_or_a_link_is_no_cache(place, tmp_path, monkeypatch):
    (tmp_path / "real").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "real")
    assert cache.folder() is None
    place.unlink()
    assert cache.folder() == place
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    assert cache.folder() is None


def test_a_link_above_the_folder_leads_to_where_it_points(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setenv("AUTOGRAD_CACHE", str(tmp_path / "link" / "kept"))
    assert cache.folder() == tmp_path / "real" / "kept"
    (tmp_path / "real").chmod(0o777)
    assert cache.folder() is None


@pytest.mark.parametrize("asked", ["off", "0", "a/relative/path"])
def test_a_cache_that_is_off_keeps_nothing(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOGRAD_CACHE", asked)
    cache.write("a", FEW)
    assert cache.folder() is cache.read("a") is None
    assert not list(tmp_path.iterdir())


def test_without_a_name_the_folder_is_that_of_the_system(tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOGRAD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "scalar-autograd"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.folder().parent.parent in (tmp_path, tmp_path / "Library")


def test_the_programs_used_longest_ago_go_first(place, monkeypatch):
    for age, name in enumerate("abcde"):
        cache.write(name, bytes(1000))
        os.utime(path_of(name), ns=(0, 10**9 * (100 + age)))
    cache.read("a")  # used now
    monkeypatch.setattr(cache, "MOST", 3500)
    cache.write("f", bytes(1000))
    assert sorted(path.stem for path in place.iterdir()) == ["a", "e", "f"]


def test_what_was_never_complete_goes_after_an_hour(place):
    cache.write("a", FEW)
    for name, age in ((".old.part.program", 4000.0), (".new.part.program", 60.0)):
        (place / name).write_bytes(FEW)
        os.utime(place / name, (time.time() - age,) * 2)
    cache.write("b", FEW)
    assert sorted(path.name for path in place.iterdir()) == [".new.part.program", "a.program", "b.program"]


def test_a_disk_that_is_full_is_no_error(place, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.files, "write", full)
    cache.write("a", FEW)
    assert cache.read("a") is None


def test_processes_may_write_and_read_at_once(place):
    program = """
import sys
from autograd.rowcode import cache
contents = {bytes([k]) * 50_000 for k in range(4)}
for k in range(25):
    cache.write("a", bytes([k % 4]) * 50_000)
    found = cache.read("a")
    assert found is None or found in contents
print("done")
"""
    environment = {**os.environ, "AUTOGRAD_CACHE": str(place), "PYTHONPATH": str(Path(__file__).parents[2])}
    running = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=-1, stderr=-1, text=True) for _ in range(2)
    ]
    assert [process.communicate() for process in running] == [("done\n", "")] * 2
    assert cache.read("a") is not None
