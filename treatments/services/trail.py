"""Who did what to the catalogue, when and why: notes in the admin's own log."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from clinic.models import User
from treatments.models import Protocol


class Did(StrEnum):
    """What was done to one version of a protocol."""

    BEGUN = "begun"
    CHANGED = "changed"
    DISCARDED = "discarded"
    PUBLISHED = "published"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Note:
    """One deed, at a time in UTC; `words` are a reason, or what it was done to."""

    did: Did
    by: User
    at: datetime
    words: str


def wait_for_turn() -> None:
    """Let one change of the catalogue at a time through, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE treatments_treatment IN SHARE ROW EXCLUSIVE MODE")


def note(
    protocol: Protocol, did: Did, words: str = "", *, actor: User, now: datetime
) -> None:
    """Keep what `actor` did to `protocol`."""
    LogEntry.objects.create(
        user=actor,
        action_time=now,
        content_type=ContentType.objects.get_for_model(Protocol),
        object_id=str(protocol.pk),
        object_repr=f"{protocol.treatment.code}, version {protocol.version}",
        action_flag=CHANGE,
        change_message=json.dumps({"did": did.value, "words": words}),
    )


def of(protocols: Iterable[Protocol]) -> dict[int, list[Note]]:
    """The notes on each of `protocols` by its key, the latest first; one query."""
    rows = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Protocol),
        object_id__in=[str(one.pk) for one in protocols],
    ).select_related("user")
    found: dict[int, list[Note]] = defaultdict(list)
    for row in rows.order_by("-action_time", "-pk"):
        if read := _read(row):
            found[int(row.object_id or 0)].append(read)
    return found


def published(protocol: Protocol) -> Note | None:
    """Who published `protocol` here and why; None where a file brought it."""
    notes = of([protocol]).get(protocol.pk, [])
    return next((one for one in notes if one.did is Did.PUBLISHED), None)


def _read(row: LogEntry) -> Note | None:
    """A note of ours; None for what the admin itself wrote."""
    try:
        said = json.loads(row.change_message)
        return Note(Did(said["did"]), row.user, row.action_time, said["words"])
    except (ValueError, KeyError, TypeError):
        return None
