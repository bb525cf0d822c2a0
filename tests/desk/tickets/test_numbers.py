"""Ticket numbers: readable, and a slip of the tongue is found."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.tickets.numbers import make_number, parse_number

days = st.dates(date(2020, 1, 1), date(2099, 12, 31))
sequences = st.integers(1, 999_999)


@given(days, sequences)
def test_round_trip(day, sequence):
    number = make_number(day, sequence)
    assert parse_number(number) == number


@pytest.mark.parametrize(
    "written",
    [
        "T261122-0007-1",
        "t26112200071",
        "我的单号是T261122 0007 1，麻烦查下",
        "Ｔ２６１１２２－０００７－１",
        "261122—0007—1",
    ],
)
def test_written_as_people_type_it(written):
    assert parse_number(written) == "T261122-0007-1"


@pytest.mark.parametrize("text", ["", "13800138000", "MC2611050007", "T261122-0007-2", "单号忘了"])
def test_no_number(text):
    assert parse_number(text) is None


@given(days, st.integers(1, 9999), st.data())
def test_one_wrong_digit_is_found(day, sequence, data):
    number = make_number(day, sequence)
    places = [i for i, character in enumerate(number) if character.isdigit()]
    place = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda d: d != number[place]))
    assert parse_number(number[:place] + digit + number[place + 1 :]) is None
