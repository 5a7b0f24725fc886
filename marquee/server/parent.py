"""End when the parent does, however it ends: by `kill -9`, too. On Linux only; elsewhere nothing happens.

    python -m marquee.server.parent PID command …

runs a command so, whose parent is the process PID.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def end_with_it(parent: int, number: int) -> None:
    """Let the kernel send this process a signal when its parent ends, or send it now if that has ended.

    A program that this process turns into gets it, too.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os.kill(os.getpid(), number)


if __name__ == "__main__":
    parent, *command = sys.argv[1:]
    end_with_it(int(parent), signal.SIGTERM)
    os.execv(command[0], command)  # noqa: S606 (our own command)
