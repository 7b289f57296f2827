"""Private files of a patient: judged by their content, kept under names that say nothing."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from unicodedata import category, normalize
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from bookings.models import Patient, PatientFile
from bookings.services import patients
from bookings.services.refusals import BookingRefused
from clinic.models import User

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
LONGEST_STEM = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: how its content begins, and what its name may end with."""

    content_type: str
    begins: bytes
    endings: tuple[str, ...]


KINDS = (
    Kind("application/pdf", b"%PDF-", (".pdf",)),
    Kind("image/jpeg", b"\xff\xd8\xff", (".jpg", ".jpeg")),
    Kind("image/png", b"\x89PNG\r\n\x1a\n", (".png",)),
)


def keep(
    patient: Patient, upload: "UploadedFile[Any]", *, actor: User, now: datetime
) -> PatientFile:
    """Keep a file with the record, or refuse and say why; nothing is kept by halves.

    Where the row cannot be written, the file is taken away again. That holds for this
    transaction: do not wrap it in another.
    """
    kind = judge(upload)
    storage = PatientFile._meta.get_field("file").storage
    stored = storage.save(f"patient-files/{uuid4().hex}{kind.endings[0]}", upload)
    try:
        return _write(patient, upload, kind, stored, actor, now)
    except BaseException:
        storage.delete(stored)
        raise


def judge(upload: "UploadedFile[Any]") -> Kind:
    """What `upload` is, by its content, whatever its name and sender say; or refuse."""
    if not upload.size:
        raise BookingRefused(_("The file is empty. Choose it again."))
    if upload.size > LARGEST:
        raise BookingRefused(_("The file is larger than 10 MB. Make it smaller first."))
    upload.seek(0)
    start = upload.read(16)
    upload.seek(0)
    for kind in KINDS:
        if start.startswith(kind.begins):
            return kind
    raise BookingRefused(_("Only PDF, JPEG and PNG files are kept. This is neither."))


@transaction.atomic
def _write(
    patient: Patient,
    upload: "UploadedFile[Any]",
    kind: Kind,
    stored: str,
    actor: User,
    now: datetime,
) -> PatientFile:
    patients.hold(patient.pk)
    row = PatientFile.objects.create(
        patient=patient,
        name=clean_name(upload.name or "", kind),
        kind=kind.content_type,
        size=upload.size or 0,
        file=stored,
        added_by=actor,
        added_at=now,
    )
    patients.log_access(actor, patient, "file added")
    return row


def clean_name(name: str, kind: Kind) -> str:
    """A name fit to show and to save under: no folders, no hidden signs, true ending."""
    last = re.split(r"[/\\]", normalize("NFC", name))[-1]
    kept = "".join(s for s in last if category(s)[0] != "C" and s not in '<>:"|?*')
    path = PurePosixPath(" ".join(kept.split()).strip(". ") or "file")
    is_true = path.suffix.lower() in kind.endings
    stem = path.stem if is_true or path.suffix else path.name
    ending = path.suffix.lower() if is_true else kind.endings[0]
    return f"{stem[:LONGEST_STEM].strip()}{ending}"


@transaction.atomic
def hand_out(row: PatientFile, *, actor: User) -> FieldFile:
    """The file, open for reading; who asked for it is written down first.

    Raises FileNotFoundError where the store has lost it.
    """
    patients.log_access(actor, row.patient, "file")
    opened: FieldFile = row.file.open("rb")
    return opened
