"""A movie without a picture gets a poster: always the same, and without markup from the title."""

import gzip
import re
from xml.etree import ElementTree as ET

import pytest

from marquee.catalog.poster_art import ART, PALETTES
from marquee.catalog.posters import render_svg

SVG = "{http://www.w3.org/2000/svg}"


def words(svg):
    return " ".join(text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text"))


def test_a_poster_shows_title_and_year():
    assert words(render_svg("The Third Man", 1949)) == "The Third Man 1949"


def test_a_movie_always_has_the_same_poster_and_another_movie_another():
    assert render_svg("Metropolis", 1927) == render_svg("Metropolis", 1927)
    assert render_svg("Metropolis", 1927) != render_svg("Metropolis", 2001)
    assert render_svg("Metropolis", None) != render_svg("Nosferatu", None)


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script>",
        '"><svg onload=alert(1)>',
        "Tom & Jerry]]>",
        "{hue} {0} %s",
        "a\0b\x01c\ufffed",
        "\u202eright to left",
        "x" * 200,
        "word " * 40,
        "映画" * 50,
        "?",
    ],
)
def test_no_title_breaks_the_drawing_or_changes_its_markup(title):
    drawing = ET.fromstring(render_svg(title, None))
    assert {element.tag.removeprefix(SVG) for element in drawing.iter()} <= {
        "svg", "rect", "g", "circle", "ellipse", "path", "text",
    }  # fmt: skip
    assert not any(name.startswith("on") for element in drawing.iter() for name in element.attrib)


GENRES = [(), ("Documentary",), *[(name.title(),) for name in ART]]


@pytest.mark.parametrize("genres", GENRES, ids=str)
def test_each_genre_has_a_picture_within_the_budget(genres):
    pictures = [render_svg(f"Movie {number}", 1999, genres) for number in range(20)]
    for svg in pictures:
        ET.fromstring(svg)
        assert len(gzip.compress(svg.encode())) <= 3 * 1024
        assert svg.count('aria-label="Movie') == 1
        assert not re.search("https?://(?!www.w3.org/2000/svg)|nan|inf|url\\(", svg)
    assert len(set(pictures)) == 20


def test_the_most_telling_genre_decides_in_whatever_order_they_are_named():
    one = render_svg("Gravity", 2013, ["Thriller", "Science fiction"])
    assert one == render_svg("Gravity", 2013, ["SCIENCE FICTION", "Thriller"])
    assert one != render_svg("Gravity", 2013, ["Thriller"])


def test_the_ink_of_each_palette_is_read_on_its_ground():
    for palette in PALETTES:
        dark, bright = sorted(map(_luminance, (palette.ground, palette.ink)))
        assert (bright + 0.05) / (dark + 0.05) >= 7


def _luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [
        ((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92 for c in channels
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "title",
    [
        "Rindfleischetikettierungsüberwachungsaufgabe",
        "Wie ich lernte, die Bombe zu lieben, und was danach geschah",
        "MMMMMMMMMMMMMMMM WWWWWWWWWWWWWWW",
        "Die fabelhafte Welt der Amélie",
        "x" * 200,
        "word " * 40,
        "\u6620\u753b" * 50,
    ],
)
def test_no_line_is_wider_than_the_poster_in_any_font(title):
    *lines, _year = ET.fromstring(render_svg(title, None)).iter(f"{SVG}text")
    assert 1 <= len(lines) <= 4
    for line in lines:
        size = int(ET.fromstring(render_svg(title, None)).findall(f"{SVG}g")[-1].get("font-size"))
        estimate = len(line.text) * size
        assert int(line.get("textLength", 0)) <= 344
        assert line.get("textLength") or estimate * 0.42 <= 344
        assert 432 < float(line.get("y")) <= 560


def test_a_long_title_is_cut_in_the_end():
    *lines, _year = ET.fromstring(render_svg("word " * 40, None)).iter(f"{SVG}text")
    assert len(lines) == 4
    assert lines[3].text.endswith("\u2026")
