"""A movie without a picture gets a poster: always the same, and without markup from the title."""

from xml.etree import ElementTree as ET

import pytest

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
        "svg", "defs", "linearGradient", "stop", "rect", "g", "circle", "text",
    }  # fmt: skip
    assert not any(name.startswith("on") for element in drawing.iter() for name in element.attrib)


def test_a_long_title_is_set_smaller_in_lines_that_fit_and_cut_in_the_end():
    lines = [text.text for text in ET.fromstring(render_svg("word " * 40, None)).iter(f"{SVG}text")]
    assert len(lines) == 7  # six, and the year
    assert lines[5].endswith("…")
    assert max(map(len, lines[:6])) <= 20
