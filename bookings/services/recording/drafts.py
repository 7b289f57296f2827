"""What is typed and not signed yet: kept as it comes, never overwritten unseen.

A page names itself, so that one person's typing on it is always kept; another page has
to have seen the newest draft before it may go on from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Appointment, RecordDraft, SessionRecord
from bookings.services.moves import standing
from bookings.services.refusals import BookingRefused
from clinic.models import User

Typed = Mapping[str, Sequence[str]]
LONGEST = 20_000  # characters in all: a record is a page, not a book


@dataclass(frozen=True, slots=True)
class Page:
    """The page that types: its own name, the draft it saw, the version it changes.

    `version` is 0 where nothing is signed yet.
    """

    name: str
    seen: str
    version: int = 0


def of(session: Appointment) -> RecordDraft | None:
    """The draft of a session's record, if somebody has begun one."""
    rows = RecordDraft.objects.filter(appointment=session)
    return rows.select_related("by").first()


def stamp(draft: RecordDraft | None) -> str:
    """What names this state of a draft to a page that shows it."""
    return draft.at.isoformat() if draft else ""


@transaction.atomic
def keep(
    session: Appointment, typed: Typed, page: Page, *, actor: User, now: datetime
) -> RecordDraft:
    """Keep what was `typed`, or refuse where it would overwrite another page's."""
    if sum(len(text) for texts in typed.values() for text in texts) > LONGEST:
        raise BookingRefused(_("That is too long to keep. Shorten the note."))
    hold(session)
    judge_base(session, page)
    judge_seen(session, page)
    facts = {**{name: list(texts) for name, texts in typed.items()}, "page": page.name}
    draft, _is_new = RecordDraft.objects.update_or_create(
        appointment=session, defaults={"typed": facts, "by": actor, "at": now}
    )
    return draft


def hold(session: Appointment) -> None:
    """Hold the session's patient and plan until the transaction ends."""
    if session.plan:
        standing.hold(session.plan)


def judge_base(session: Appointment, page: Page) -> SessionRecord | None:
    """The newest signed version; refused where it is not the one that `page` changes."""
    rows = SessionRecord.objects.select_related("signed_by")
    record = rows.filter(appointment=session).order_by("-version").first()
    if record is None or record.version == page.version:
        return record
    at = record.signed_at.astimezone(session.location.zone)
    raise BookingRefused(
        _(
            "%(who)s signed this record on %(day)s at %(time)s. What you typed is "
            "still here: say why, and sign it as an amendment."
        )
        % {
            "who": record.signed_by,
            "day": date_format(at, "D j M"),
            "time": date_format(at, "H:i"),
        }
    )


def judge_seen(session: Appointment, page: Page) -> None:
    """Refuse where somebody went on typing elsewhere since `page` was opened."""
    draft = of(session)
    if draft is None or draft.value("page") == page.name or stamp(draft) == page.seen:
        return
    raise BookingRefused(
        _(
            "%(who)s went on with this record on another screen at %(time)s. Open it "
            "again there, or sign once more to keep what stands here."
        )
        % {
            "who": draft.by,
            "time": date_format(draft.at.astimezone(session.location.zone), "H:i"),
        }
    )


def drop(session: Appointment) -> None:
    """Forget the draft: it is signed, or nobody wants it."""
    RecordDraft.objects.filter(appointment=session).delete()
