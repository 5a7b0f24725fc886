import pytest
from django.core.management import CommandError, call_command

from marquee.accounts.models import User
from marquee.booking.models import Booking
from marquee.catalog.models import Cinema
from marquee.mail.models import Message
from marquee.mail.states import MailKind
from tests.factories import make_cinema

pytestmark = pytest.mark.django_db


def test_every_mail_is_written_in_every_language_and_nothing_stays(tmp_path, capsys):
    call_command("preview_mails", directory=tmp_path)
    for language in ("en", "de"):
        for kind in MailKind:
            name = tmp_path / language / kind.name.lower()
            assert name.with_suffix(".html").read_text().startswith("<!doctype html>")
            assert name.with_suffix(".txt").read_text()
    index = (tmp_path / "index.html").read_text()
    assert 'href="de/moved.html"' in index
    assert "Neue Zeit: Das Boot" in index
    assert "38 mails" in capsys.readouterr().out
    for model in (User, Booking, Cinema, Message):
        assert not model.objects.exists()


def test_one_language_alone_beside_a_cinema_of_the_same_name(tmp_path):
    make_cinema(name="Lichtspiele am Ring", city="Berlin")
    call_command("preview_mails", language="de", directory=tmp_path)
    assert not (tmp_path / "en").exists()
    assert "Lichtspiele am Ring 2" in (tmp_path / "de" / "booked.txt").read_text()


def test_what_this_database_refuses_is_said_in_one_line(tmp_path, settings):
    settings.SEAT_LIMIT = 1
    with pytest.raises(CommandError, match="allow no example"):
        call_command("preview_mails", directory=tmp_path)
    assert not User.objects.exists()
