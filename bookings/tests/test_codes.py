"""Booking codes: short, sayable, and a slip is always noticed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.models.codes import ALPHABET, SHORTEST, code_of, number_of

NUMBERS = st.integers(min_value=0, max_value=10**12)
SAMPLE = [*range(1, 400, 7), 31**4 - 1, 31**4, 123_456_789, 10**12]


@given(NUMBERS)
def test_a_code_leads_back_to_its_number(number):
    assert number_of(code_of(number)) == number


@given(NUMBERS, NUMBERS)
def test_two_bookings_never_share_a_code(one, other):
    assert (code_of(one) == code_of(other)) == (one == other)


@pytest.mark.parametrize("number", SAMPLE)
def test_every_single_wrong_sign_is_noticed(number):
    code = code_of(number).replace("-", "")

    for at, right in enumerate(code):
        for wrong in set(ALPHABET) - {right}:
            slip = code[:at] + wrong + code[at + 1 :]
            assert number_of(slip) is None, slip


@pytest.mark.parametrize("number", SAMPLE)
def test_every_exchange_of_two_neighbours_is_noticed(number):
    code = code_of(number).replace("-", "")

    for at, (left, right) in enumerate(pairwise(code)):
        if left != right:
            slip = code[:at] + right + left + code[at + 2 :]
            assert number_of(slip) is None, slip


@given(NUMBERS, st.data())
def test_a_slip_in_any_code_is_noticed(number, data):
    code = code_of(number).replace("-", "")
    at = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from(sorted(set(ALPHABET) - {code[at]})))

    assert number_of(code[:at] + wrong + code[at + 1 :]) is None


@pytest.mark.parametrize(
    "said",
    [str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code} "],
)
def test_it_does_not_matter_how_a_code_is_typed(said):
    for number in SAMPLE:
        assert number_of(said(code_of(number))) == number


def test_signs_that_are_misread_are_read_as_meant():
    code = next(c for c in map(code_of, range(1, 9999)) if set("012") <= set(c))

    for one, zero, two in (("I", "O", "Z"), ("L", "o", "z"), ("l", "O", "Z")):
        misread = code.replace("1", one).replace("0", zero).replace("2", two)
        assert number_of(misread) == number_of(code)


def test_a_code_has_no_sign_that_is_misheard_and_is_short():
    codes = list(map(code_of, SAMPLE))

    assert not set("ILOUZ") & set("".join(codes))
    assert min(map(len, codes)) == SHORTEST + 2
    assert len(code_of(900_000)) == SHORTEST + 2


@pytest.mark.parametrize("text", ["", "-", "02QF", "0", "02QF-!", "ÉÉÉÉ-7", "1" * 40])
def test_what_is_no_code_is_none(text):
    assert number_of(text) is None
