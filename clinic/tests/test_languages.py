"""The compiled words are the written ones, in every language file of the house."""

import gettext
import subprocess
import sys
from pathlib import Path

import holidays
import pytest
from django.utils import translation

from clinic.words import said

ROOT = Path(__file__).resolve().parents[2]
MSGFMT = Path(sys.executable).parent / "msgfmt"
FILES = sorted(
    path
    for folder in (ROOT / "locale", ROOT / "treatments" / "locale")
    for path in folder.rglob("*.po")
)


def words(path):
    with path.open("rb") as file:
        translations = gettext.GNUTranslations(file)
    return {key: text for key, text in translations._catalog.items() if key}


@pytest.mark.parametrize("written", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_compiled_is_what_is_written(written, tmp_path):
    compiled = tmp_path / "django.mo"
    command = [MSGFMT, "--check-format", "-o", compiled, written]
    subprocess.run(command, check=True)

    assert words(compiled) == words(written.with_suffix(".mo"))


@pytest.mark.parametrize("written", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_word_waits_for_its_translation(written):
    assert "fuzzy" not in written.read_text()
    empty = 'msgstr ""\n\n'
    assert empty not in written.read_text()


def test_each_public_holiday_has_its_french_name():
    days = holidays.country_holidays(
        "CA", subdiv="ON", years=range(2026, 2041), language="en_CA"
    )

    with translation.override("fr"):
        assert [name for name in set(days.values()) if said(name) == name] == []
