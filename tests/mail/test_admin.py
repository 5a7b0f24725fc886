"""Staff see the mails that did not arrive, and send them again."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from marquee.accounts.models import User
from marquee.core.clock import database_now
from marquee.mail import sending
from marquee.mail.models import Message
from tests.factories import make_staff

pytestmark = pytest.mark.django_db
LIST = reverse("admin:mail_message_changelist")


@pytest.fixture
def dead(booked):
    Message.objects.update(state="dead", attempts=3, error="550 Nobody of that name")
    booked.refresh_from_db()
    return booked


@pytest.fixture
def clerk(client):
    client.force_login(make_staff(is_superuser=True))
    return client


def page(client, url=LIST):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def send_again(client, message, **more):
    data = {"action": "send_again", "_selected_action": [message.pk]} | more
    return client.post(LIST, data, follow=True)


def test_a_mail_that_was_given_up_is_listed_with_its_reason_and_address(clerk, dead):
    text = page(clerk)
    assert "550 Nobody of that name" in text
    assert "alice@example.com" in text
    assert f"Booking {dead.booking_event.booking.reference}" in text


def test_the_address_is_the_one_of_now(clerk, dead):
    User.objects.filter(name="Alice").update(email="corrected@example.com")
    assert "corrected@example.com" in page(clerk)


def test_a_late_mail_is_listed_and_others_are_not(clerk, booked):
    assert "0 undelivered mails" in page(clerk)
    Message.objects.update(created_at=database_now() - timedelta(minutes=20))
    assert "Waiting to be sent, late" in page(clerk)
    Message.objects.update(state="sent", sent_at=database_now())
    assert "0 undelivered mails" in page(clerk)


def test_send_again_asks_first(clerk, dead):
    response = send_again(clerk, dead)

    assert "to alice@example.com" in response.content.decode()
    dead.refresh_from_db()
    assert dead.state == "dead"


def test_a_mail_is_sent_again_and_its_history_stays(clerk, dead, smtp):
    send_again(clerk, dead, confirmed="yes")

    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.error) == ("due", 3, "550 Nobody of that name")
    assert LogEntry.objects.get().change_message == "Sent again."
    assert sending.send_due_mails() == 1
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("sent", 3)


def test_a_mail_is_sent_again_long_after_it_was_of_use(clerk, dead, smtp):
    event = dead.booking_event
    event.booking.show.__class__.objects.update(starts_at=database_now() - timedelta(days=3))
    event.__class__.objects.update(at=database_now() - timedelta(days=5))
    send_again(clerk, dead, confirmed="yes")

    assert sending.send_due_mails() == 1


def test_a_mail_that_is_sent_by_now_is_not_sent_again(clerk, dead, smtp):
    Message.objects.update(state="sent", sent_at=database_now())

    send_again(clerk, dead, confirmed="yes")

    dead.refresh_from_db()
    assert dead.state == "sent"


def test_a_mail_under_way_is_left_to_its_worker(clerk, dead):
    then = database_now() - timedelta(hours=1)
    Message.objects.update(state="sending", created_at=then)

    response = send_again(clerk, dead, confirmed="yes")

    assert "it was so before" in response.content.decode()
    dead.refresh_from_db()
    assert dead.state == "sending"


def test_a_page_shows_one_mail_and_nothing_can_be_changed(clerk, dead):
    url = reverse("admin:mail_message_change", args=[dead.pk])
    assert "550 Nobody of that name" in page(clerk, url)
    assert clerk.post(url, {"state": "sent"}).status_code == 403
    assert clerk.get(reverse("admin:mail_message_add")).status_code == 403
    assert clerk.get(reverse("admin:mail_message_delete", args=[dead.pk])).status_code == 403
