"""Words that come from a table and are read by patients, in the language now spoken.

The catalogue is written in English; its French stands in `treatments/locale`. A test
keeps the two together.
"""

from django.utils.translation import gettext


def said(text: str) -> str:
    """`text` in the language now spoken, or as it stands where it has no translation."""
    return gettext(text) if text else ""
