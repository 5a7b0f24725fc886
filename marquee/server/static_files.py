"""Static files under names with a hash of their content, which browsers may keep for years.

That is done for our own files when a server starts, if they changed since the last time; nobody has
to type `collectstatic`. The files of the admin and of Swagger keep their names.
"""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

logger = logging.getLogger(__name__)


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Knows the hashed name of each file of ours; also in the imports of our modules."""

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """Return the hashed name of a file, or its own name where no server has started yet."""
        hashed: str = self.hashed_files.get(self.hash_key(self.clean_name(name)), name)
        return hashed


def own_files() -> dict[str, tuple[Any, str]]:
    """Return the static files of our apps, as `post_process` wants them: by name, with their storage."""
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("marquee.")}
    files: dict[str, tuple[Any, str]] = {}
    for finder in finders.get_finders():
        for name, storage in finder.list(None):
            if name.split("/")[0] in ours:
                files.setdefault(name, (storage, name))
    return files


def collect(storage: Any = staticfiles_storage) -> None:
    """Write our files under hashed names to STATIC_ROOT, unless they lie there already.

    Several servers may do this at once. Where nothing can be written, files keep their own names.
    """
    if settings.DEBUG:
        return
    try:
        with _alone(Path(storage.location)) as directory:
            _collect(storage, directory / "fingerprint")
    except OSError as problem:
        logger.warning("Static files keep their names, without a hash: %s", problem)


@contextmanager
def _alone(directory: Path) -> Iterator[Path]:
    """Make the directory, and wait until no other process collects into it."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield directory


def _collect(storage: Any, stamp: Path) -> None:
    files = own_files()
    fingerprint = _fingerprint(files)
    if not stamp.exists() or stamp.read_text() != fingerprint:
        stamp.unlink(missing_ok=True)
        for source, name in files.values():
            with source.open(name) as file:
                storage.delete(name)
                storage.save(name, file)
        for _, _, outcome in storage.post_process(files):
            if isinstance(outcome, Exception):
                raise outcome
        stamp.write_text(fingerprint)
    storage.hashed_files, storage.manifest_hash = storage.load_manifest()


def _fingerprint(files: dict[str, tuple[Any, str]]) -> str:
    """Return a hash of all names and contents, and of what makes the hashed names."""
    digest = sha256(f"{version('django')} {version('whitenoise')}".encode())
    for name, (source, _) in sorted(files.items()):
        with source.open(name) as file:
            content = file.read()
        digest.update(f"\n{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
