"""Writing files: the old file or the whole new one, even if a step fails; links, permissions and `~`."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, __main__, draw, files, quiz, quiz_page, record, to_html
from autograd.errors import OperandError, OptionError
from nn.train import fit

posix = pytest.mark.skipif(os.name != "posix", reason="links, permissions and file size limits are those of POSIX")

FULL = "File too large|the command failed"

MODEL = nn.MLP(1, [2, 1], seed=1)


def product() -> Value:
    return Value(2.0, "a") * 3.0


def fitted(path: Path) -> None:
    fit(nn.MLP(1, [1], seed=1), [[1.0]], [1.0], epochs=1, checkpoint=path, progress=False)


def filmed(path: Path) -> None:
    nn.page(nn.MLP(2, [2, 1], seed=1), ([[0.0, 1.0], [1.0, 0.0]], [0, 1]), path=path, epochs=1, frames=2)


def animated(path: Path) -> None:
    pytest.importorskip("matplotlib")
    from nn.plot import boundary_gif

    model = nn.MLP(2, [1], seed=1)
    boundary_gif(model, {"0": model.state_dict()}, [[0.0, 1.0], [1.0, 0.0]], [0, 1], path)


def swept(path: Path) -> None:
    pytest.importorskip("matplotlib")
    record(product()).save(path)


def by_command(option: str) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        with contextlib.redirect_stderr(io.StringIO()):
            if __main__.main(["a*b", "a=2", "b=3", f"--{option}={path}"]):
                raise OSError("the command failed")

    return run


# Everything that writes a file for the user, by the suffix of the file.
WRITERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "files.write": (".txt", lambda path: files.write(path, "x" * 1000)),
    "Module.save": (".json", MODEL.save),
    "fit checkpoint": (".json", fitted),
    "Drawing.save svg": (".svg", lambda path: draw(product()).save(path)),
    "Drawing.save png": (".png", lambda path: draw(product()).save(path)),
    "Drawing.save dot": (".dot", lambda path: draw(product()).save(path)),
    "to_html": (".html", lambda path: to_html(product(), path)),
    "Page.save": (".html", lambda path: to_html(product()).save(path)),
    "Tape.save": (".gif", swept),
    "Quiz.save": (".md", lambda path: quiz(product()).save(path)),
    "quiz_page": (".html", lambda path: quiz_page(quiz(product()), path)),
    "film": (".html", filmed),
    "boundary_gif": (".gif", animated),
    **{f"--{option}": (f".{option}", by_command(option)) for option in ("svg", "html", "latex", "python")},
    "--quiz": (".xml", by_command("quiz")),
}
writers = pytest.mark.parametrize(("suffix", "write"), WRITERS.values(), ids=WRITERS)


@contextlib.contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """No file of more than so many bytes can be written in the block: what a full disk does to a writer."""
    resource = pytest.importorskip("resource")
    before, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def rendered(path: Path, write: Callable[[Path], object]) -> bytes:
    write(path)
    return path.read_bytes()


# ------------------------------------------------------------------------------------------------------------- every writer


@posix
@writers
def test_a_full_disk_keeps_the_old_file_and_leaves_nothing_else(tmp_path, suffix, write):
    path = tmp_path / f"old{suffix}"
    write(path)
    path.write_text("what was there")
    with full_disk(20), pytest.raises(OSError, match=FULL):
        write(path)
    assert path.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [path]


@posix
@writers
def test_a_link_stays_a_link_and_its_file_is_replaced_with_its_permissions(tmp_path, suffix, write):
    folder, elsewhere = tmp_path / "here", tmp_path / "there"
    folder.mkdir()
    elsewhere.mkdir()
    real, link = elsewhere / f"real{suffix}", folder / f"link{suffix}"
    real.write_text("what was there")
    real.chmod(0o640)
    link.symlink_to(os.path.join("..", "there", real.name))
    write(link)
    assert link.is_symlink()
    assert real.stat().st_size > 0
    assert real.read_bytes() != b"what was there"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [file.name for file in (*folder.iterdir(), *elsewhere.iterdir())] == [link.name, real.name]


@writers
def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch, suffix, write):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write(f"~/new/x{suffix}")
    assert (tmp_path / "home" / "new" / f"x{suffix}").stat().st_size > 0
    assert [file.name for file in tmp_path.iterdir()] == ["home"]


@posix
@writers
def test_nobody_elses_file_is_followed_at_the_name_of_the_temporary_one(tmp_path, suffix, write):
    secret, path = tmp_path / "secret", tmp_path / f"c{suffix}"
    secret.write_text("keep")
    (tmp_path / f"c{suffix}.part").symlink_to(secret)
    write(path)
    assert secret.read_text() == "keep"
    assert not path.is_symlink()


def test_what_is_saved_can_be_loaded_from_a_path_with_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    MODEL.save("~/m.json")
    assert nn.MLP(1, [2, 1], seed=2).load("~/m.json").state_dict() == MODEL.state_dict()
    model = nn.MLP(1, [1], seed=1)
    fit(model, [[1.0]], [1.0], epochs=1, checkpoint="~/c.json")
    assert fit(model, [[1.0]], [1.0], epochs=2, resume="~/c.json").epochs == 2
    draw(product()).render("~/deep/g.gv", format="dot")
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["g.gv", "g.gv.dot"]


@pytest.mark.parametrize("text", ["\ud800", "a\udfff b", "\udcff<"])
def test_half_of_a_surrogate_pair_in_a_label_destroys_no_page(tmp_path, text):
    path = tmp_path / "page.html"
    path.write_text("what was there")
    for make in (lambda: Value(2.0, text) * 3, lambda: _labelled(product(), text)):
        for options in ({}, {"title": text}, {"names": {text: make()}}):
            page = to_html(make(), path, **options)
            assert path.read_bytes() == page.html.encode()
    path.write_text("what was there")
    with pytest.raises(UnicodeEncodeError):
        files.write(path, text)
    assert path.read_text() == "what was there"


def _labelled(node: Value, label: str) -> Value:
    node.label = label
    return node


# ----------------------------------------------------------------------------------------------------------------- the writer


@given(content=st.binary(max_size=200) | st.text(st.characters(codec="utf-8"), max_size=50))
def test_what_is_written_is_there_to_the_byte(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("files") / "new" / "x"
    assert files.write(path, content) == path
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)


def _fail_half_way(path, error):
    with files.replacing(path) as temporary:
        temporary.write_text("half of the new")
        raise error


def test_an_error_in_the_block_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old")
    for error in (ValueError, KeyboardInterrupt, OSError):
        with pytest.raises(error):
            _fail_half_way(path, error)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with files.replacing(path) as temporary:
        assert temporary.suffix == ".txt"
        assert temporary.parent == tmp_path
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_the_file_is_on_the_disk_before_it_takes_the_old_ones_place(tmp_path, monkeypatch):
    path, done = tmp_path / "x.txt", []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda file: (done.append(os.fstat(file).st_ino), fsync(file)))
    monkeypatch.setattr(os, "replace", lambda old, new: (done.append("replaced"), replace(old, new)))
    files.write(path, "new")
    assert done[:2] == [path.stat().st_ino, "replaced"]
    if os.name == "posix":
        assert done[2:] == [tmp_path.stat().st_ino]  # the name is on the disk too


def test_a_reader_never_sees_half_a_file(tmp_path):
    path, texts = tmp_path / "x", {"a" * 100_000, "b" * 50_000}
    files.write(path, "a" * 100_000)
    over = threading.Event()

    def rewrite():
        for _ in range(30):
            for text in texts:
                files.write(path, text)
        over.set()

    writer = threading.Thread(target=rewrite)
    writer.start()
    while not over.is_set():
        assert path.read_text() in texts
    writer.join()


@posix
def test_a_new_file_has_the_permissions_of_any_new_file_and_an_old_one_keeps_its_own(tmp_path):
    path = tmp_path / "x"
    before = os.umask(0o027)
    try:
        files.write(path, "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    for mode in (0o600, 0o664, 0o755):
        path.chmod(mode)
        with files.replacing(path) as temporary:
            assert stat.S_IMODE(temporary.stat().st_mode) & 0o077 == 0  # nobody else reads it while it is written
        assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda file, mode: mode != os.W_OK)  # root may write everything
    with pytest.raises(PermissionError, match="x"):
        files.write(path, "new")
    assert path.read_text() == "old"


@posix
def test_a_link_to_nothing_yet_is_filled_and_links_in_a_circle_are_refused(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "to" / "come")
    files.write(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "to" / "come").read_text() == "new"
    a, b = tmp_path / "a", tmp_path / "b"
    a.symlink_to(b)
    b.symlink_to(a)
    with pytest.raises(OSError, match=r"a'$") as refusal:
        files.write(a, "new")
    assert refusal.value.errno == errno.ELOOP
    assert a.is_symlink()


@posix
def test_devices_and_pipes_are_written_and_not_replaced(tmp_path):
    files.write("/dev/null", "nothing")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    files.write(pipe, "through")
    reader.join(10)
    assert got == ["through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_is_no_place_for_a_file(tmp_path):
    with pytest.raises(IsADirectoryError if os.name == "posix" else PermissionError):
        files.write(tmp_path, "text")
    (tmp_path / "file").write_text("old")
    with pytest.raises((NotADirectoryError, FileExistsError)):
        files.write(tmp_path / "file" / "below", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_error_names_the_users_file(tmp_path, monkeypatch):
    path = tmp_path / "x.txt"

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(os, name, fail)
            with pytest.raises(OSError, match=r"No space left on device: .*x\.txt'$") as refusal:
                files.write(path, "text")
        assert refusal.value.filename == str(path)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "error"),
    [(None, OperandError), (3, OperandError), (b"", None), ("a\0b", OptionError), ("~no such user/x", OptionError)],
)
def test_a_path_that_is_none_is_refused(path, error):
    if error is None:
        assert files.expanded(path) == Path()
    else:
        with pytest.raises(error):
            files.write(path, "text")


def test_a_name_that_begins_with_a_tilde_is_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("~x.svg", "~$draft", "./~/x", "a~", "a/~/b"):
        files.write(name, "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "a~", "~", "~$draft", "~x.svg"]
    assert sys.modules  # the folder ~ was asked for by ./~
