"""The posters of pages: kept for ever by browsers, and with the title that the page says."""

import re
from html import unescape

import pytest

from marquee.catalog.records import Translation
from tests.factories import make_movie, make_show
from tests.web.html import GERMAN

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("headers", "title"), [({}, "The Third Man"), (GERMAN, "Der dritte Mann")])
def test_a_page_names_the_version_of_its_poster_in_its_language(client, headers, title):
    translations = [Translation("de", "Der dritte Mann", "")]
    movie = make_movie(title="The Third Man", genres=["Mystery"], translations=translations)
    make_show(movie=movie)

    page = client.get(f"/movies/{movie.pk}/", headers=headers).content.decode()
    (url,) = re.findall(r'src="(/api/v1/movies/[^"]*)"', page)
    poster = client.get(unescape(url))

    assert poster["Cache-Control"] == "public, max-age=31536000, immutable"
    assert f'aria-label="{title}"' in poster.content.decode()
