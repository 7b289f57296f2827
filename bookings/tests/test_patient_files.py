"""Private files of a record: judged by content, handed out to staff only, logged."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from bookings.models import AccessLog, PatientFile
from bookings.services import merging, patients
from bookings.services.people import documents
from bookings.services.people.documents import KINDS, LARGEST
from bookings.services.refusals import BookingRefused
from bookings.tests.conftest import signed_in
from bookings.tests.factories import NOW, make_patient, make_user

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%%EOF"
PDF_KIND, JPEG_KIND, PNG_KIND = KINDS


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def stored(media):
    return [path for path in media.rglob("*") if path.is_file()]


def upload(content=PDF, name="letter.pdf", content_type="application/pdf"):
    return SimpleUploadedFile(name, content, content_type)


def keep(patient, actor, **file):
    return documents.keep(patient, upload(**file), actor=actor, now=NOW)


def add(client, patient, **file):
    address = reverse("desk:patient-file-add", args=[patient.pk])
    return client.post(address, {"file": upload(**file)})


# --- What is kept ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
    ],
)
def test_a_file_is_what_its_content_says_whatever_its_name(
    as_desk, media, content, kind
):
    ada = make_patient()

    response = add(
        as_desk, ada, content=content, name="x.exe", content_type="text/html"
    )

    assertRedirects(response, reverse("desk:patient", args=[ada.pk]))
    row = PatientFile.objects.get()
    assert (row.kind, row.size, row.patient) == (kind, len(content), ada)
    assert [path.read_bytes() for path in stored(media)] == [content]


@pytest.mark.parametrize(
    "content",
    [b"<html>", b"%PDX-1.7", b"\xff\xd8", b"\x89PNG\r\n", b" %PDF-1.7", b"GIF89a"],
)
def test_anything_else_is_refused_and_nothing_is_kept(as_desk, media, content):
    response = add(as_desk, make_patient(), content=content)

    assertContains(response, "Only PDF, JPEG and PNG files", status_code=422)
    assert not PatientFile.objects.exists()
    assert stored(media) == []


def test_an_empty_file_is_refused_in_words(as_desk):
    response = add(as_desk, make_patient(), content=b"")

    assertContains(response, "The file is empty.", status_code=422)


def test_no_file_at_all_is_refused(as_desk):
    address = reverse("desk:patient-file-add", args=[make_patient().pk])

    assert as_desk.post(address, {}).status_code == 422


def test_ten_megabytes_are_kept_and_one_byte_more_is_not(desk, media):
    ada = make_patient()
    keep(ada, desk, content=PDF.ljust(LARGEST, b" "))

    with pytest.raises(BookingRefused, match="larger than 10 MB"):
        keep(ada, desk, content=PDF.ljust(LARGEST + 1, b" "))
    assert len(stored(media)) == 1


@pytest.mark.parametrize(
    ("name", "kind", "clean"),
    [
        ("letter.pdf", PDF_KIND, "letter.pdf"),
        ("Lettre d’Hélène.PDF", PDF_KIND, "Lettre d’Hélène.pdf"),
        ("../../etc/passwd", PDF_KIND, "passwd.pdf"),
        ("C:\\My files\\scan.jpeg", JPEG_KIND, "scan.jpeg"),
        ("photo.pdf", JPEG_KIND, "photo.jpg"),
        ('a\r\nb"; x=\x00<c>.png', PNG_KIND, "ab; x=c.png"),
        ("\u202egnp.exe", PNG_KIND, "gnp.png"),
        ("...", PDF_KIND, "file.pdf"),
        ("", PDF_KIND, "file.pdf"),
        ("x" * 300 + ".pdf", PDF_KIND, "x" * 100 + ".pdf"),
    ],
)
def test_a_name_is_cleaned_and_ends_as_its_content_is(name, kind, clean):
    assert documents.clean_name(name, kind) == clean


def test_the_name_in_the_store_says_nothing_of_the_patient(desk, media):
    keep(make_patient(), desk, name="Ada Lovelace.pdf")

    (path,) = stored(media)
    assert path.parent.name == "patient-files"
    assert len(path.stem) == 32
    assert "Ada" not in str(path.relative_to(media))


# --- Nothing by halves ---------------------------------------------------------------------------


def test_a_file_whose_row_fails_is_taken_away_again(desk, media, monkeypatch):
    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr(patients, "log_access", fail)
    with pytest.raises(RuntimeError):
        keep(make_patient(), desk)

    assert not PatientFile.objects.exists()
    assert stored(media) == []


def test_a_file_for_a_merged_record_is_refused_and_taken_away(desk, media):
    kept, gone = make_patient(), make_patient()
    merging.merge(kept, gone, actor=desk, now=NOW)

    with pytest.raises(BookingRefused, match="just been merged"):
        keep(gone, desk)
    assert stored(media) == []


# --- Handing out ----------------------------------------------------------------------------------


def test_a_file_is_handed_out_to_be_saved_and_it_is_logged(
    as_clinician, clinician, desk
):
    row = keep(make_patient(), desk, name="Lettre d’été.pdf")

    response = as_clinician.get(reverse("desk:patient-file", args=[row.pk]))

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    seen = AccessLog.objects.get(user=clinician)
    assert (seen.patient, seen.what) == (row.patient, "file")


def test_a_file_that_the_store_has_lost_is_not_found(as_desk, desk, media):
    row = keep(make_patient(), desk)
    stored(media)[0].unlink()

    assert as_desk.get(reverse("desk:patient-file", args=[row.pk])).status_code == 404


def test_there_is_no_public_way_to_a_file(desk, stranger):
    row = keep(make_patient(), desk)
    address = reverse("desk:patient-file", args=[row.pk])

    assert Client().get(address).status_code == 302
    assert signed_in(stranger).get(address).status_code == 403
    assert signed_in(make_user()).post(address).status_code in (403, 405)
    assert not django_settings.MEDIA_URL.strip("/")
    for path in (row.file.name, f"media/{row.file.name}"):
        assert signed_in(desk).get(f"/{path}").status_code == 404
