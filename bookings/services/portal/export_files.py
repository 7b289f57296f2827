"""The same as one archive: a page to read, the JSON document, and every file."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import FileField, Model
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bookings.models import Patient
from bookings.services.portal import exports

PIECE = 64 * 1024


class _Spool:
    """What the archive writes, until it is taken away; it cannot go back."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def take(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def as_zip(patient: Patient, *, now: datetime) -> Iterator[bytes]:
    """The archive in pieces, never whole in memory."""
    spool = _Spool()
    with zipfile.ZipFile(spool, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        pages = (piece.encode() for piece in as_page(patient, now=now))
        yield from _put(archive, spool, _("read-me.html"), pages)
        document = (piece.encode() for piece in exports.as_json(patient, now=now))
        yield from _put(archive, spool, "record.json", document)
        for name, file in _files(patient):
            yield from _put(archive, spool, name, file)
    yield spool.take()


def _put(
    archive: zipfile.ZipFile, spool: _Spool, name: str, pieces: Iterator[bytes]
) -> Iterator[bytes]:
    with archive.open(name, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece)
            yield spool.take()
    yield spool.take()


def _files(patient: Patient) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each file of the record with a name of its own; one that is gone is left out."""
    for table in exports.tables():
        if table.model.__name__.endswith("Event"):
            continue
        held = [f for f in exports.fields_of(table.model) if isinstance(f, FileField)]
        for row in exports.rows(table, patient) if held else ():
            for field in held:
                file = getattr(row, field.name)
                if file and file.storage.exists(file.name):
                    yield f"files/{table.name}-{row.pk}-{_bare(file.name)}", _read(file)


def _bare(name: str) -> str:
    return name.rpartition("/")[2]


def _read(file: Any) -> Iterator[bytes]:
    with file.open("rb") as opened:
        yield from opened.chunks(PIECE)


def as_page(patient: Patient, *, now: datetime) -> Iterator[str]:
    """A page to read, in pieces: one section for each kind of row there is."""
    words = {
        "patient": patient,
        "clinic_name": settings.CLINIC_NAME,
        "made_at": timezone.localtime(now),
        "language": get_language(),
    }
    yield render_to_string("portal/export/head.html", words)
    for table in exports.tables():
        title = capfirst(str(table.model._meta.verbose_name_plural))
        is_open = False
        for row in exports.rows(table, patient):
            if not is_open:
                yield render_to_string("portal/export/title.html", {"title": title})
                is_open = True
            yield render_to_string("portal/export/row.html", {"facts": facts(row)})
    yield render_to_string("portal/export/foot.html", words)


def facts(row: Model) -> list[tuple[str, str]]:
    """What a row says, in words: the name of each field, and its value where it has one."""
    return [
        (capfirst(str(field.verbose_name)), said)
        for field in exports.fields_of(type(row))
        if (said := _said(row, field))
    ]


def _said(row: Model, field: Any) -> str:
    if getattr(field, "choices", None):
        return str(getattr(row, f"get_{field.name}_display")())
    return _in_words(exports.plain(row, field))


def _in_words(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "j F Y, H:i")
    if isinstance(value, date):
        return formats.date_format(value, "j F Y")
    if isinstance(value, list):
        return ", ".join(filter(None, map(_in_words, value)))
    return str(value)
