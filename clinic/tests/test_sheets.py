"""Lists as files: a spreadsheet opens them as they are, and runs nothing."""

import csv
from io import StringIO

import pytest
from django.test import RequestFactory

from clinic import sheets


def read(*rows, head=("Name", "Note")):
    """The file as a spreadsheet reads it: UTF-8 by its mark, then rows of cells."""
    response = sheets.csv_response("people", head, rows)
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline="")))


def test_it_is_a_download_with_a_name():
    response = sheets.csv_response("people", ["Name"], [])

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert response.content == "\ufeffName\r\n".encode()


def test_accents_survive():
    assert read(("Élodie Thériault", "né à Québec")) == [
        ["Name", "Note"],
        ["Élodie Thériault", "né à Québec"],
    ]


@pytest.mark.parametrize("text", ["one\ntwo", "one\r\ntwo", 'a "b", c', "a;b\tc"])
def test_line_breaks_quotes_and_commas_stay_in_their_cell(text):
    assert read((text, 1))[1] == [text, "1"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_can_act_as_a_formula(sign):
    text = f"{sign}HYPERLINK(1)"

    assert read((text, f"a{sign}b"))[1] == [f"'{text}", f"a{sign}b"]


def test_a_heading_cannot_act_as_a_formula_either():
    assert read(head=("=1", "b")) == [["'=1", "b"]]


def test_nothing_is_an_empty_cell_and_a_number_is_its_digits():
    assert read((None, 0), ("", 12.5))[1:] == [["", "0"], ["", "12.5"]]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("?format=csv", True),
        ("?format=CSV", False),
        ("?format=html", False),
        ("", False),
    ],
)
def test_the_address_says_whether_a_file_is_wanted(query, wanted):
    assert sheets.is_wanted(RequestFactory().get(f"/{query}")) is wanted
