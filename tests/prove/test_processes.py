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
