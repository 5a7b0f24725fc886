"""The disk that forgets: what a power cut leaves, and that it leaves no more."""

import subprocess
import sys
from pathlib import Path

import pytest

from prove.faults import shim
from prove.faults.disk import Disk

BEFORE = b"before" * 2000


@pytest.fixture
def disk(tmp_path):
    files = tmp_path / "files"
    (files / "deep").mkdir(parents=True)
    (files / "old").write_bytes(BEFORE)
    return Disk(files)


def do(disk: Disk, program: str) -> None:
    """Run a program whose working directory is on the disk; it is killed at the end."""
    program = f"import os, signal\n{program}\nos.kill(os.getpid(), signal.SIGKILL)"
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, env=disk.environment, cwd=disk.files, capture_output=True)
    assert ended.returncode == -9, ended.stderr


def after_a_cut(disk: Disk, name: str) -> bytes:
    disk.cut()
    return (disk.files / name).read_bytes()


OPEN = "file = os.open({0!r}, os.O_RDWR | os.O_CREAT)"


def test_what_was_written_and_not_synced_is_lost(disk):
    do(disk, f"{OPEN.format('new')}\nos.write(file, b'lost' * 5000)")
    assert (disk.files / "new").read_bytes() == b"lost" * 5000
    assert after_a_cut(disk, "new") == b""


@pytest.mark.parametrize("sync", ["fsync", "fdatasync"])
def test_what_was_synced_is_kept_and_what_came_after_is_not(disk, sync):
    write = "os.pwrite(file, b'kept' * 5000, 4096)"
    do(disk, f"{OPEN.format('new')}\n{write}\nos.{sync}(file)\nos.pwrite(file, b'lost', 4096)")
    assert after_a_cut(disk, "new") == b"\0" * 4096 + b"kept" * 5000


def test_an_old_file_is_as_of_its_last_sync(disk):
    do(disk, f"{OPEN.format('old')}\nos.write(file, b'lost')")
    assert after_a_cut(disk, "old") == BEFORE


def test_only_the_file_that_was_synced_is_kept(disk):
    one, other = OPEN.format("one"), OPEN.format("other").replace("file", "second")
    do(disk, f"{one}\n{other}\nos.write(file, b'1')\nos.write(second, b'2')\nos.fsync(second)")
    disk.cut()
    assert (disk.files / "one").read_bytes() == b""
    assert (disk.files / "other").read_bytes() == b"2"


def test_one_process_syncs_what_another_has_written(disk):
    do(disk, f"{OPEN.format('deep/shared')}\nos.writev(file, [b'by ', b'another'])")
    do(disk, f"{OPEN.format('deep/shared')}\nos.fsync(file)")
    assert after_a_cut(disk, "deep/shared") == b"by another"


def test_a_shorter_length_is_kept_by_a_sync_only(disk):
    do(disk, f"{OPEN.format('old')}\nos.ftruncate(file, 10)")
    assert after_a_cut(disk, "old") == BEFORE
    do(disk, f"{OPEN.format('old')}\nos.ftruncate(file, 10)\nos.fsync(file)")
    assert after_a_cut(disk, "old") == BEFORE[:10]


def test_what_was_cut_off_does_not_come_back_when_the_file_grows_again(disk):
    grow = "os.ftruncate(file, 10)\nos.ftruncate(file, 9000)\nos.fsync(file)"
    do(disk, f"{OPEN.format('old')}\n{grow}")
    assert after_a_cut(disk, "old") == BEFORE[:10] + b"\0" * 8990


def test_a_file_opened_anew_and_emptied_keeps_its_content_until_a_sync(disk):
    do(disk, "file = os.open('old', os.O_WRONLY | os.O_TRUNC)\nos.write(file, b'lost')")
    assert after_a_cut(disk, "old") == BEFORE


def test_a_file_keeps_what_it_is_under_its_new_name(disk):
    write = (
        f"{OPEN.format('new')}\nos.write(file, b'kept')\nos.fsync(file)\nos.write(file, b'lost')"
    )
    do(disk, f"{write}\nos.rename('new', 'deep/old')")
    assert after_a_cut(disk, "deep/old") == b"kept"
    assert not (disk.files / "new").exists()


def test_writes_before_a_renaming_are_kept_by_a_sync_after_it(disk):
    write = f"{OPEN.format('new')}\nos.write(file, b'kept')\nos.rename('new', 'old')"
    do(disk, f"{write}\nos.fsync(file)")
    assert after_a_cut(disk, "old") == b"kept"


def test_a_removed_file_is_gone(disk):
    do(disk, "os.mkdir('more')\nos.unlink('old')\nos.rmdir('deep')")
    disk.cut()
    assert [path.name for path in disk.files.iterdir()] == ["more"]


def test_two_cuts_in_a_row_leave_the_same(disk):
    do(disk, f"{OPEN.format('new')}\nos.write(file, b'kept')\nos.fsync(file)")
    assert after_a_cut(disk, "new") == after_a_cut(disk, "new") == b"kept"


SQLITE = """
import sqlite3
file = sqlite3.connect('bookings.sqlite3', isolation_level=None)
file.execute('PRAGMA journal_mode=WAL')
file.execute('PRAGMA synchronous={0}')
file.execute('CREATE TABLE IF NOT EXISTS booking (n)')
{1}
for n in range(50):
    file.execute('INSERT INTO booking VALUES (?)', (n,))
"""


@pytest.mark.parametrize(("synchronous", "kept"), [("FULL", 50), ("NORMAL", 0), ("OFF", 0)])
def test_sqlite_keeps_what_it_promises_and_no_more(disk, synchronous, kept):
    import sqlite3

    do(disk, SQLITE.format(synchronous, "file.execute('PRAGMA wal_checkpoint(TRUNCATE)')"))
    disk.cut()
    with sqlite3.connect(disk.files / "bookings.sqlite3") as file:
        there = file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        found = file.execute("SELECT count(*) FROM booking").fetchone()[0] if there else 0
    assert found == kept


def test_it_says_what_to_type_when_there_is_no_compiler(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(RuntimeError, match="apt install gcc libc6-dev"):
        shim.initial_shows.__wrapped__("disk")


def test_the_sources_are_where_they_are_looked_for():
    assert {path.name for path in Path(shim.SOURCES).iterdir()} == {"clock.c", "disk.c"}
