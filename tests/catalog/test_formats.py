"""Formats of projection are rows that staff can add; shows name them by their codes."""

import pytest

from marquee.catalog import operations
from marquee.catalog.errors import FormatInUse, NameTaken
from marquee.catalog.models import Format, Show
from marquee.core.errors import BadInput
from tests.api.catalog_checks import fields_of
from tests.factories import client_of, make_cinema, make_show, make_superuser

pytestmark = pytest.mark.django_db
FORMATS = "/api/v1/formats/"


def test_anybody_reads_the_formats():
    rows = client_of().get(FORMATS, {"page_size": 100}).json()["results"]
    assert [row["code"] for row in rows][:4] == ["2D", "3D", "IMAX", "IMAX 3D"]
    assert {"35mm", "70mm", "4DX"} < {row["code"] for row in rows}


def test_staff_add_a_format_and_schedule_shows_in_it():
    staff = client_of(make_superuser())
    added = staff.post(FORMATS, {"code": "Nitrate", "name": "Nitrate print"})
    assert added.status_code == 201
    assert make_show(format="nitrate").format == "Nitrate"
    last = {"code": "Last", "name": "Last", "position": 32_767}
    assert fields_of(staff.post(FORMATS, last | {"position": 32_768})) == ["position"]
    assert staff.post(FORMATS, last).status_code == 201
    assert client_of().post(FORMATS, {"code": "X", "name": "X"}).status_code == 401


def test_a_show_in_an_unknown_format_is_refused_and_the_known_ones_are_named():
    with pytest.raises(BadInput, match="there are 2D, 3D, IMAX"):
        make_show(format="5D")
    assert not Show.objects.exists()


def test_codes_differ_by_more_than_case_and_stay():
    with pytest.raises(NameTaken):
        operations.add_format(code="imax", name="Imax")
    row = Format.objects.get(code="IMAX")
    with pytest.raises(BadInput, match="Shows name this format IMAX"):
        operations.change_format(row=row, code="XAMI")
    assert operations.change_format(row=row, name="IMAX Laser").name == "IMAX Laser"


def test_a_format_that_shows_have_stays():
    make_show(format="35mm")
    with pytest.raises(FormatInUse, match="Shows have the format 35mm"):
        operations.delete_format(row=Format.objects.get(code="35mm"))
    operations.delete_format(row=Format.objects.get(code="16mm"))
    assert set(Format.objects.filter(code__endswith="mm").values_list("code", flat=True)) == {
        "35mm", "70mm"
    }  # fmt: skip


def test_a_new_cinema_has_a_currency_of_today_and_an_old_one_keeps_its_own():
    staff = client_of(make_superuser())
    body = {"name": "Rex", "city": "Willemstad", "timezone": "America/Curacao", "currency": "XCG"}
    assert staff.post("/api/v1/cinemas/", body).status_code == 201
    for currency in ("ITL", "DDM", "HRK", "XAU", "CLF"):
        response = staff.post("/api/v1/cinemas/", body | {"name": currency, "currency": currency})
        assert fields_of(response) == ["currency"]
    old = make_cinema()
    type(old).objects.filter(pk=old.pk).update(currency="HRK")
    address = f"/api/v1/cinemas/{old.pk}/"
    assert staff.patch(address, {"name": "New name"}).json()["currency"] == "HRK"
    assert fields_of(staff.patch(address, {"currency": "ITL"})) == ["currency"]
    assert staff.patch(address, {"currency": "EUR"}).json()["currency"] == "EUR"
