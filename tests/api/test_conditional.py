"""What can be changed has an ETag, and `If-Match` refuses to change what somebody else has changed."""

import pytest

from marquee.accounts.models import User
from marquee.api import conditional
from marquee.booking.operations import cancel
from marquee.catalog.models import Auditorium, Cinema, Format, Movie, PriceCard, Show
from tests.api.operations import operations, schema
from tests.api.problems import check_problem
from tests.factories import all_rows, book_seats, client_of, expire_hold, make_staff, make_user

pytestmark = pytest.mark.django_db
API = "/api/v1/"
CHANGES = {
    "movies": {"title": "Other"},
    "cinemas": {"name": "Other"},
    "auditoriums": {"name": "Other"},
    "price-cards": {"name": "Other"},
    "shows": {"subtitles": "fr"},
    "formats": {"name": "Other"},
}
EACH = pytest.mark.parametrize("resource", CHANGES)


@pytest.fixture
def staff(db):
    return client_of(make_staff())


def url_of(resource, show):
    rows = {
        "movies": show.movie,
        "cinemas": show.auditorium.cinema,
        "auditoriums": show.auditorium,
        "price-cards": show.price_card,
        "shows": show,
        "formats": Format.objects.get(code=show.format),
    }
    return f"{API}{resource}/{rows[resource].pk}/"


def catalog():
    return [
        list(kind.objects.order_by("pk").values())
        for kind in (Movie, Cinema, Auditorium, PriceCard, Show, Format)
    ]


def etag_of(client, url):
    response = client.get(url)
    assert response.status_code == 200
    assert response["ETag"].startswith('"')
    return response["ETag"]


def patch(client, url, body, etag):
    return client.patch(url, body, headers={"If-Match": etag})


@EACH
def test_a_change_with_the_etag_that_was_read_is_made_and_returns_the_next(staff, show, resource):
    url = url_of(resource, show)
    response = patch(staff, url, CHANGES[resource], etag_of(staff, url))
    assert response.status_code == 200
    assert response["ETag"] == etag_of(staff, url)


@EACH
def test_a_change_of_what_was_changed_meanwhile_is_refused(staff, show, resource):
    url = url_of(resource, show)
    before = etag_of(staff, url)
    assert staff.patch(url, CHANGES[resource]).status_code == 200
    now, rows = etag_of(staff, url), catalog()
    assert now != before
    method, path = "PATCH", f"{resource}/{{id}}/"
    problem = check_problem(
        patch(staff, url, {}, before), 412, "precondition_failed", f"{method} {path}"
    )
    assert problem["etag"] == now
    assert staff.delete(url, headers={"If-Match": before}).status_code == 412
    assert catalog() == rows
    assert patch(staff, url, {}, problem["etag"]).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    ["nonsense", '"nonsense"', "", "W/{etag}", "{bare}", '"', '"*"', "**", "\xff", '{etag}x"'],
)
@EACH
def test_nonsense_and_weak_etags_match_nothing(staff, show, resource, wrong):
    url = url_of(resource, show)
    etag = etag_of(staff, url)
    header = wrong.format(etag=etag, bare=etag.strip('"'))
    if header == f'{etag}x"':
        pytest.skip("RFC 9110 does not say where a list without a comma ends.")
    rows = catalog()
    check_problem(patch(staff, url, CHANGES[resource], header), 412, "precondition_failed")
    assert catalog() == rows


@EACH
def test_one_of_several_etags_or_a_star_is_enough(staff, show, resource):
    url = url_of(resource, show)
    several = f'"x", W/"y" , {etag_of(staff, url)}'
    assert patch(staff, url, CHANGES[resource], several).status_code == 200
    assert patch(staff, url, CHANGES[resource], "*").status_code == 200


@EACH
def test_what_is_replaced_or_deleted_has_preconditions_too(staff, show, resource):
    url = url_of(resource, show)
    assert staff.put(url, {}, headers={"If-Match": '"x"'}).status_code in {400, 412}
    assert staff.delete(url, headers={"If-Match": '"x"'}).status_code == 412
    matching = staff.delete(url, headers={"If-Match": etag_of(staff, url)})
    assert matching.status_code == (204 if resource == "shows" else 409)


@EACH
def test_what_is_not_there_is_a_404_whatever_the_precondition(staff, show, resource):
    for tag in ("*", '"x"'):
        response = patch(staff, f"{API}{resource}/999999/", {}, tag)
        assert response.status_code == 404


@EACH
def test_an_unchanged_detail_is_a_304(staff, show, resource):
    url = url_of(resource, show)
    etag = etag_of(staff, url)
    response = staff.get(url, headers={"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")
    staff.patch(url, CHANGES[resource])
    assert staff.get(url, headers={"If-None-Match": etag}).status_code == 200


def test_what_is_created_has_the_etag_that_is_read(staff):
    response = staff.post(f"{API}movies/", {"title": "M", "runtime_minutes": 90})
    assert response["ETag"] == etag_of(staff, response["Location"])


def test_a_show_can_be_changed_while_its_seats_sell(staff, show, alice):
    url = url_of("shows", show)
    etag = etag_of(staff, url)
    book_seats(alice, show, "A1")
    assert etag_of(staff, url) != etag  # its representation is another one
    assert staff.get(url, headers={"If-None-Match": etag}).json()["seats_left"] == 23
    assert patch(staff, url, {"language": "fr", "confirm_bookings": 1}, etag).status_code == 200
    assert patch(staff, url, {"language": "de", "confirm_bookings": 1}, etag).status_code == 412


def test_what_a_detail_shows_of_others_counts(staff, show):
    url = url_of("cinemas", show)
    etag = etag_of(staff, url)
    staff.patch(url_of("auditoriums", show), {"name": "Other"})
    assert patch(staff, url, {}, etag).status_code == 412
    url = url_of("price-cards", show)
    etag = etag_of(staff, url)
    prices = [
        {"category": c, "type": "adult", "amount": "1.00"}
        for c in ("standard", "premium", "recliner")
    ]
    assert patch(staff, url, {"prices": prices}, etag).status_code == 200
    assert patch(staff, url, {"prices": prices}, etag).status_code == 412


def test_calling_off_has_preconditions(staff, show, alice):
    booking = book_seats(alice, show, "A1")
    url = url_of("shows", show)
    etag = etag_of(staff, url)
    assert staff.patch(url, {"language": "fr", "confirm_bookings": 1}).status_code == 200
    before = all_rows()
    response = staff.post(f"{url}call-off/", {}, headers={"If-Match": etag})
    check_problem(response, 412, "precondition_failed", "POST shows/{id}/call-off/")
    assert all_rows() == before
    response = staff.post(f"{url}call-off/", {}, headers={"If-Match": etag_of(staff, url)})
    assert (response.status_code, response.json()["status"]) == (200, "called_off")
    booking.refresh_from_db()
    assert booking.status == "cancelled"


@pytest.mark.parametrize("verb", ["confirm", "cancel"])
def test_a_booking_has_preconditions(show, alice, alice_client, verb):
    booking = book_seats(alice, show, "A1", hold=True)
    url = f"{API}bookings/{booking.reference}/"
    etag = etag_of(alice_client, url)
    expire_hold(booking)  # by the clock: it is another booking now
    before = all_rows()
    response = alice_client.post(f"{url}{verb}/", {}, headers={"If-Match": etag})
    check_problem(response, 412, "precondition_failed", f"POST bookings/{{reference}}/{verb}/")
    assert all_rows() == before
    expire_hold(booking, seconds=300)
    response = alice_client.post(
        f"{url}{verb}/", {}, headers={"If-Match": etag_of(alice_client, url)}
    )
    assert response.status_code == 200
    assert response["ETag"] == etag_of(alice_client, url)


def test_a_new_booking_has_the_etag_that_is_read(show, alice_client):
    response = alice_client.post(f"{API}shows/{show.pk}/bookings/", {"tickets": [{"seat": "A1"}]})
    assert response["ETag"] == etag_of(alice_client, response["Location"])
    assert response["Cache-Control"] == "private, no-store"


def test_private_details_are_stored_by_nobody(show, alice, alice_client, staff):
    reference = book_seats(alice, show, "A1").reference
    for path in (f"bookings/{reference}/", "me/"):
        assert alice_client.get(API + path)["Cache-Control"] == "private, no-store"
    assert staff.get(url_of("price-cards", show))["Cache-Control"] == "private, no-store"


def test_a_booking_cancelled_elsewhere_is_not_confirmed_by_its_old_etag(show, alice, alice_client):
    booking = book_seats(alice, show, "A1")
    url = f"{API}bookings/{booking.reference}/"
    etag = etag_of(alice_client, url)
    cancel(booking=booking)
    for verb in ("confirm", "cancel"):
        response = alice_client.post(f"{url}{verb}/", {}, headers={"If-Match": etag})
        assert response.status_code == 412


def test_a_profile_has_preconditions(alice, alice_client):
    url = f"{API}me/"
    etag = etag_of(alice_client, url)
    response = patch(alice_client, url, {"name": "Al"}, etag)
    assert (response.status_code, response["ETag"]) == (200, etag_of(alice_client, url))
    check_problem(
        patch(alice_client, url, {"name": "B"}, etag), 412, "precondition_failed", "PATCH me/"
    )
    for wrong in ("nonsense", "", f"W/{response['ETag']}"):
        assert patch(alice_client, url, {"name": "B"}, wrong).status_code == 412
    assert User.objects.get(pk=alice.pk).name == "Al"
    assert patch(alice_client, url, {"name": "B"}, "*").status_code == 200


def test_without_if_match_the_last_change_wins(staff, show):
    url = url_of("movies", show)
    for title in ("One", "Two"):
        assert staff.patch(url, {"title": title}).status_code == 200


def test_only_who_may_change_learns_whether_it_has_changed(show):
    url = url_of("movies", show)
    assert patch(client_of(), url, {}, '"x"').status_code == 401
    assert patch(client_of(make_user()), url, {}, '"x"').status_code == 403


@EACH
def test_if_none_match_keeps_a_put_from_replacing_what_is_there(staff, show, resource):
    url = url_of(resource, show)
    etag, rows = etag_of(staff, url), catalog()
    for tag in ("*", etag, f"W/{etag}"):
        response = staff.patch(url, CHANGES[resource], headers={"If-None-Match": tag})
        check_problem(response, 412, "precondition_failed")
    assert catalog() == rows
    response = staff.patch(url, CHANGES[resource], headers={"If-None-Match": '"x"'})
    assert response.status_code == 200


def without_etags():
    for operation in operations():
        documented = schema()["paths"][operation.path][operation.method].get("parameters", [])
        names = {parameter["name"] for parameter in documented}
        if operation.method != "get" and "If-Match" not in names:
            yield operation


@pytest.mark.parametrize("operation", list(without_etags()), ids=str)
def test_if_match_is_never_ignored(staff, show, alice, operation):
    held = book_seats(alice, show, "C5", hold=True)
    before = all_rows(), catalog()
    for tag in ('"x"', "*", "nonsense"):
        response = staff.generic(
            operation.method,
            operation.address(held),
            b"{}",
            "application/json",
            headers={"If-Match": tag},
        )
        problem = check_problem(response, 412, "precondition_failed")
        assert problem["etag"] is None
    assert (all_rows(), catalog()) == before


def test_control_without_the_check_an_old_etag_changes_the_row(staff, show, monkeypatch):
    monkeypatch.setattr(conditional, "check_etag", lambda request, current: None)
    assert patch(staff, url_of("movies", show), {"title": "Lost"}, '"x"').status_code == 200
