"""Mails say what a movie is called in their reader's language."""

import pytest

from marquee.catalog.models import MovieTranslation
from marquee.mail.states import MailKind
from tests.factories import book_seats, make_movie, make_show, make_user
from tests.mail.texts.mails import mail_of_booking


@pytest.mark.django_db
def test_a_mail_has_the_title_of_its_readers_language():
    movie = make_movie(title="The Third Man")
    MovieTranslation.objects.create(movie=movie, language="de", title="Der dritte Mann")
    show = make_show(movie=movie)
    german = book_seats(make_user("Gerd", language="de"), show, "A1")
    english = book_seats(make_user("Enid", language="en"), show, "A2")

    for booking, title in ((german, "Der dritte Mann"), (english, "The Third Man")):
        mail = mail_of_booking(booking, MailKind.BOOKED, "confirmed")
        assert mail is not None
        assert title in mail.subject
        assert title in mail.body
