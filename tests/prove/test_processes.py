"""Who is gone has let go of everything: files, ports."""

import subprocess
import sys
import time

from tests import processes

# As while a process with several threads is killed: the first is dead, another still is.
HALF_DEAD = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
ctypes.CDLL(None).pthread_exit(None)
"""

# As granian, which replaces a worker that was killed.
BREEDS = """
import subprocess, time
while True:
    print(subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL).pid, flush=True)
    time.sleep(0.02)
"""


def test_no_child_is_started_while_its_parent_is_killed(monkeypatch):
    look = processes.children

    def look_slowly():
        found = look()
        time.sleep(0.3)
        return found

    monkeypatch.setattr(processes, "children", look_slowly)
    with subprocess.Popen([sys.executable, "-c", BREEDS], stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        processes.kill_with_children(program.pid)
        born = [int(pid) for pid in program.stdout.read().split()]
    assert [pid for pid in born if processes.is_alive(pid)] == []


def test_a_process_is_gone_when_all_its_threads_are():
    program = subprocess.Popen([sys.executable, "-c", HALF_DEAD])
    try:
        deadline = time.monotonic() + 20
        while processes._stat(program.pid)[0] != "Z":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert processes.is_alive(program.pid)
        processes.kill([program.pid])
        assert not processes.is_alive(program.pid)
    finally:
        program.kill()
        program.wait()
