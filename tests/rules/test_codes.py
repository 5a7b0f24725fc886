"""Codes can be read out and typed in, and are hard to guess."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquee.core.codes import new_reference, new_ticket_code, normalise

CROCKFORD = "[0-9A-HJKMNP-TV-Z]"


def test_a_reference_has_8_characters_that_nobody_misreads():
    assert all(re.fullmatch(CROCKFORD + "{8}", new_reference()) for _ in range(200))


def test_a_ticket_code_has_16_characters_that_nobody_misreads():
    assert all(re.fullmatch(CROCKFORD + "{16}", new_ticket_code()) for _ in range(200))


def test_ticket_codes_use_the_whole_alphabet_at_every_place():
    """All 80 bits are random: 600 draws miss one of 32 letters once in some 360,000 runs."""
    places = zip(*(new_ticket_code() for _ in range(600)), strict=True)
    assert [len(set(letters)) for letters in places] == [32] * 16


def test_a_code_is_what_was_written_once_normalised():
    code = new_ticket_code()
    assert normalise(code) == normalise(code.lower()) == code


@pytest.mark.parametrize(
    ("typed", "meant"), [("ILO", "110"), ("ilo", "110"), ("k7q2mxw4", "K7Q2MXW4"), ("oO0", "000")]
)
def test_letters_that_look_like_digits_are_read_as_digits(typed, meant):
    assert normalise(typed) == meant


@pytest.mark.parametrize(
    "typed", ["k7q2 mxw4", "K7Q2-MXW4", " k7q2\u2013mxw4\t", "K7 Q2\u00a0MX-W4", "k7q2\u00admxw4\n"]
)
def test_spaces_and_dashes_between_groups_do_not_count(typed):
    assert normalise(typed) == "K7Q2MXW4"


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)
