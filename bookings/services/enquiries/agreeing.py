"""What is agreed to with a request, in the very words that the page shows.

To be called about this request is one thing, news and offers are another: the second
is never needed for the first.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from bookings.models import Consent, ConsentKind, Patient

VERSION = "request-1"
SOURCE = "request on the site"
WORDS: dict[ConsentKind, Promise] = {
    ConsentKind.CARE_MESSAGES: _(
        "The clinic may call me and write to me about this request."
    ),
    ConsentKind.MARKETING: _(
        "The clinic may send me news and offers. I can take this back at any time."
    ),
}


def words(kind: ConsentKind) -> str:
    """The words beside the box, in the language of the page."""
    return str(WORDS[kind])


def agreed(
    patient: Patient, kinds: Iterable[ConsentKind], language: str, *, now: datetime
) -> list[Consent]:
    """Unsaved rows: what `patient` agreed to on a page in `language`.

    A box left empty says nothing: what was agreed to elsewhere is not taken back.
    """
    with override(language if translation.check_for_language(language) else "en"):
        return [
            Consent(
                patient=patient,
                kind=kind,
                is_given=True,
                words=words(kind),
                text_version=VERSION,
                language=_known(language),
                source=SOURCE,
                at=now,
            )
            for kind in kinds
        ]


def _known(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else "en"
