"""Static files under hashed names, without `collectstatic`."""

import re
from contextlib import closing

import pytest
from django.core.files.storage import FileSystemStorage
from django.templatetags.static import static

from marquee.server import static_files
from marquee.server.static_files import HashedStorage, collect

HASHED = re.compile(r"/static/web/css/pages\.[0-9a-f]{12}\.css")


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Return a directory whose files are the static files of ours."""
    directory = tmp_path / "source"
    storage = FileSystemStorage(directory)

    def own_files():
        files = [path for path in directory.rglob("*") if path.is_file()]
        names = [path.relative_to(directory).as_posix() for path in files]
        return {name: (storage, name) for name in names}

    monkeypatch.setattr(static_files, "own_files", own_files)
    write(directory, "web/page.css", "p { color: red }")
    write(directory, "web/seats.js", 'import { say } from "./say.js"; say("A1");')
    write(directory, "web/say.js", "export const say = console.log;")
    return directory


@pytest.fixture
def root(tmp_path):
    return tmp_path / "root"


def write(directory, name, text):
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def collected(root):
    """Return the storage as a server has it that starts now."""
    storage = HashedStorage(location=root)
    collect(storage)
    return storage


def test_a_changed_file_changes_its_url_and_no_other(source, root):
    before = collected(root)
    write(source, "web/page.css", "p { color: blue }")
    after = collected(root)

    assert before.url("web/page.css") != after.url("web/page.css")
    assert before.url("web/seats.js") == after.url("web/seats.js")


def test_a_module_is_imported_by_its_hashed_name(source, root):
    before = collected(root)
    write(source, "web/say.js", "export const say = alert;")
    after = collected(root)

    assert before.url("web/seats.js") != after.url("web/seats.js")
    seats = (root / after.stored_name("web/seats.js")).read_text()
    assert after.url("web/say.js").rpartition("/")[2] in seats


def test_files_that_did_not_change_are_not_written_again(source, root, monkeypatch):
    url = collected(root).url("web/page.css")
    monkeypatch.setattr(HashedStorage, "post_process", None)

    assert collected(root).url("web/page.css") == url


def test_a_start_that_was_cut_off_is_made_up_for(source, root, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(HashedStorage, "post_process", cut_off)
        with pytest.raises(KeyboardInterrupt):
            collected(root)

    assert "page." in collected(root).url("web/page.css")


def cut_off(*arguments):
    raise KeyboardInterrupt


def test_where_nothing_can_be_written_files_keep_their_names(source, root, caplog):
    (root / "lock").mkdir(parents=True)

    assert collected(root).url("web/page.css") == "/static/web/page.css"
    assert "keep their names" in caplog.text


def test_with_debug_files_keep_their_names(source, root, settings):
    settings.DEBUG = True

    assert collected(root).url("web/page.css") == "/static/web/page.css"
    assert not root.exists()


@pytest.mark.django_db
def test_browsers_keep_a_hashed_file_and_get_it_compressed(client):
    collect()
    url = static("web/css/pages.css")
    assert HASHED.fullmatch(url)

    with closing(client.get(url, headers={"Accept-Encoding": "gzip"})) as hashed:
        assert hashed["Cache-Control"] == "max-age=315360000, public, immutable"
        assert hashed["Content-Encoding"] == "gzip"
    with closing(client.get("/static/web/css/pages.css")) as plain:
        assert (plain.status_code, plain["Cache-Control"]) == (200, "max-age=60, public")


def test_files_of_others_keep_their_names():
    collect()
    assert static("admin/css/base.css") == "/static/admin/css/base.css"
