"""The files in which processes count: after their end, beside a full disk, and after a server that was killed."""

import errno
import os
import subprocess
import sys
import time
from itertools import permutations
from pathlib import Path

import pytest
from prometheus_client.multiprocess import MultiProcessCollector

from marquee.server import count_files, exporter
from marquee.server.metrics import _exact
from tests.server import free_port

COUNTS = """
from marquee.server import metrics
for seconds in (0.1, 0.2, 0.3):
    metrics.record("GET", "/\\u00fc/", 404, seconds, "not_found", 0.7)
"""


def count_in_another_process(directory):
    """Count three requests in a process that ends; return its files."""
    before = set(directory.iterdir())
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(directory)}
    subprocess.run([sys.executable, "-c", COUNTS], env=environment, check=True)
    return set(directory.iterdir()) - before


def read(directory):
    """Return each sample of the files."""
    files = [str(file) for file in directory.glob("*.db")]
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for metric in MultiProcessCollector.merge(files)
        for sample in metric.samples
    }


def test_however_many_workers_end_two_files_keep_what_they_counted(tmp_path):
    for number in range(1, 4):
        files = count_in_another_process(tmp_path)
        assert len(files) == 2
        before = read(tmp_path)
        count_files.add_up(tmp_path)
        assert read(tmp_path) == before
        assert {file.name for file in tmp_path.iterdir()} == {
            "counter_ended.db",
            "histogram_ended.db",
        }
        (requests,) = [value for key, value in before.items() if "marquee_requests_total" in key]
        assert requests == 3 * number


def test_the_file_of_a_process_that_runs_stays_and_an_empty_one_of_an_ended_one_goes(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    mine, empty = (tmp_path / f"counter_{pid}.db" for pid in (os.getpid(), ended.pid))
    mine.write_bytes(count_files.packed({}))
    empty.touch()
    count_files.add_up(tmp_path)
    assert mine.exists()
    assert not empty.exists()


def test_on_a_full_disk_the_files_of_ended_processes_stay(tmp_path, monkeypatch):
    files = count_in_another_process(tmp_path)
    before = read(tmp_path)
    monkeypatch.setattr(Path, "write_bytes", full)
    count_files.add_up(tmp_path)
    assert files <= set(tmp_path.iterdir())
    assert read(tmp_path) == before


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_files_have_their_space_from_the_start(tmp_path):
    """A mapped file without it would kill its process by a signal once the disk is full."""
    assert count_files.reserve(tmp_path)
    assert count_files.reserve(tmp_path)  # again, for the other application
    files = list(tmp_path.iterdir())
    assert len(files) == 2
    for file in files:
        assert file.stat().st_blocks * 512 >= count_files.SPACE
    assert read(tmp_path) == {}


def test_a_process_that_starts_on_a_full_disk_serves_and_counts_nothing(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(count_files, "_make", full)
    assert not count_files.reserve(tmp_path)
    assert "Requests are not counted: No space left on device" in caplog.text


def test_seconds_have_the_same_sum_in_every_order():
    """Else a sum falls by its last digit when files are added up in another order."""
    seconds = [0.1, 0.2, 0.3, 0.0007, 3.3]
    assert len({sum(order) for order in permutations(seconds)}) > 1
    assert len({sum(map(_exact, order)) for order in permutations(seconds)}) == 1
    assert all(abs(_exact(one) - one) < 1e-6 for one in seconds)


def test_what_a_killed_server_has_left_is_removed_at_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setattr(exporter, "gettempdir", lambda: str(tmp_path))
    left, held, new, link = (
        tmp_path / f"{exporter.PREFIX}{name}" for name in ("left", "held", "new", "link")
    )
    other = tmp_path / "other"
    for directory in (left, held, new, other):
        directory.mkdir()
        (directory / "counter_1.db").touch()
        if directory != new:
            an_hour_ago = time.time() - 3600
            os.utime(directory, (an_hour_ago, an_hour_ago))
    link.symlink_to(other)
    with exporter._held(held):
        exporter.remove_left_over()
    assert sorted(tmp_path.iterdir()) == sorted([held, new, other, link])
    assert (other / "counter_1.db").exists()


@pytest.mark.django_db
def test_a_server_holds_its_directory(monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # to be restored
    with exporter.serving("127.0.0.1", free_port()):
        directory = os.environ["PROMETHEUS_MULTIPROC_DIR"]
        with pytest.raises(OSError, match="temporarily unavailable"), exporter._held(directory):
            pass
    assert not Path(directory).exists()
