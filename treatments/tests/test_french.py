"""Every word of the catalogue has its French, and the compiled file is the written one."""

import tomllib

import pytest
from django.utils import translation

from clinic.words import said
from treatments import suitability
from treatments.services.loading import CATALOGUE

WORDS = {"name", "summary", "text", "question_text", "date_text", "reason"}
INNER = {"role"}  # what the solver calls who and what is needed; no patient reads it
ALIKE = {"Décolleté"}  # the same word in both languages


def words(row, inside=""):
    """Every text of the catalogue that somebody outside may read."""
    if isinstance(row, dict):
        for key, value in row.items():
            if key in WORDS and isinstance(value, str) and inside not in INNER:
                yield value
            yield from words(value, key if isinstance(value, dict | list) else inside)
    elif isinstance(row, list):
        for one in row:
            yield from words(one, inside)


def catalogue():
    return sorted(set(words(tomllib.loads(CATALOGUE.read_text()))))


@pytest.mark.parametrize("text", catalogue())
def test_each_word_of_the_catalogue_is_said_in_french(text):
    with translation.override("fr"):
        assert text in ALIKE or said(text) != text
    with translation.override("en"):
        assert said(text) == text


@pytest.mark.parametrize("text", catalogue())
def test_what_is_filled_in_stands_in_the_french_too(text):
    with translation.override("fr"):
        french = said(text)
    for gap in ("{date}", "{until}"):
        assert (gap in french) == (gap in text)


def test_the_verdicts_own_words_are_said_in_french():
    own = [
        getattr(suitability, name)
        for name in ("NOT_ANSWERED", "UNSURE", "NO_DATE", "NOT_YET", "WAIT_IS_OVER")
    ]
    with translation.override("fr"):
        assert all(said(text) != text for text in own)


def test_nothing_to_say_says_nothing():
    with translation.override("fr"):
        assert said("") == ""
