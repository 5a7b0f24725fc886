"""The small C libraries that lie to a program: about its disk, about the time of day.

They are compiled when they are needed, with the compiler that is there: `LD_PRELOAD` puts them
before the C library. Linux only, and programs that are linked dynamically only.
"""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).parent / "shims"
NO_COMPILER = "There is no C compiler: on Debian and Ubuntu, type `apt install gcc libc6-dev`."


@cache
def initial_shows(name: str) -> Path:
    """Return the library made of shims/<name>.c, readable by everybody.

    Raises RuntimeError, with what to type, when there is no compiler.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise RuntimeError(NO_COMPILER)
    library = _directory() / f"{name}.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-Wall", "-Werror", "-o", str(library)]
    command += [str(SOURCES / f"{name}.c"), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{name}.c does not compile. {NO_COMPILER}\n{done.stderr}")
    return library


@cache
def _directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="marquee-shims-"))
    directory.chmod(0o755)  # PostgreSQL runs as somebody else when we are root
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory
