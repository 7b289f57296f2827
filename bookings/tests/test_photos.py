"""Private photos: kept with a yes, shown to those who may, handed out for a while."""

import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from bookings.models import (
    AccessLog,
    Photo,
    PhotoAngle,
    PhotoMoment,
)
from bookings.services import merging, patients
from bookings.services.photos import keeping, links, putting_away, shots
from bookings.services.photos.keeping import Shot
from bookings.services.photos.links import Size
from bookings.services.photos.shots import Occasion
from bookings.services.portal import export_files
from bookings.services.refusals import BookingRefused
from bookings.tests.conftest import signed_in
from bookings.tests.factories import (
    NOW,
    TODAY,
    make_appointment,
    make_area,
    make_patient,
    make_plan,
    make_user,
)
from bookings.tests.photos import agree, image, make_photo, told, upload
from clinic.roles import CLINICIAN

pytestmark = pytest.mark.django_db

BEFORE = Occasion(PhotoMoment.BASELINE)


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def stored(media):
    return sorted(path for path in media.rglob("*") if path.is_file())


def keep(patient, actor, file=None, *, occasion=BEFORE, now=NOW, **facts):
    area = facts.pop("area", None) or make_area()
    shot = Shot(occasion, area, facts.pop("angle", PhotoAngle.FRONT), **facts)
    return keeping.keep(patient, file or upload(), shot, actor=actor, now=now)


def add(client, patient, *files, side="front", **fields):
    area = make_area()
    data = {"about": "baseline", "area": area.code, f"shot-{side}": files} | fields
    return client.post(reverse("review:photo-add", args=[patient.pk]), data)


def page(patient, name="photos"):
    return reverse(f"review:{name}", args=[patient.pk])


def file_of(photo, viewer, size=Size.FULL, now=None):
    return links.address(photo, size, viewer=viewer, now=now or timezone.now())


def content(response):
    """All of a file that was handed out, which closes it."""
    return b"".join(response.streaming_content)


def status_of(client, address):
    response = client.get(address)
    if response.streaming:
        content(response)
    return response.status_code


def bytes_of(file):
    with file.open("rb") as opened:
        return opened.read()


# --- Keeping ------------------------------------------------------------------------------


def test_a_photo_is_kept_with_all_that_is_known_of_it(clinician, media):
    ada, area = agree(), make_area()

    row = keep(ada, clinician, area=area, angle=PhotoAngle.LEFT)

    assert (row.patient, row.area, row.angle, row.moment) == (
        ada,
        area,
        "left",
        "baseline",
    )
    assert (row.taken_at, row.added_at, row.added_by) == (NOW, NOW, clinician)
    assert row.consent == ada.consents.get()
    assert (row.width, row.height, row.kind) == (40, 30, "image/png")
    assert row.size == len(bytes_of(row.file))
    assert len(stored(media)) == 2
    log = AccessLog.objects.get()
    assert (log.user, log.patient, log.what) == (clinician, ada, "photo added")


def test_names_in_the_store_say_nothing_of_the_patient(clinician, media):
    keep(agree(), clinician, upload(name="Ada Lovelace.jpg"))

    for path in stored(media):
        assert len(path.stem) == 32
        assert "Ada" not in str(path.relative_to(media))


def test_without_a_word_on_photos_none_is_kept(clinician, media):
    with pytest.raises(BookingRefused, match="Ask first"):
        keep(make_patient(), clinician)
    assert stored(media) == []


def test_after_a_no_none_is_kept_and_after_a_new_yes_again(clinician, media):
    ada = agree()
    agree(ada, is_given=False, at=NOW - timedelta(days=2))
    with pytest.raises(BookingRefused, match="does not agree"):
        keep(ada, clinician)
    agree(ada, at=NOW - timedelta(days=1))

    assert keep(ada, clinician)
    assert len(stored(media)) == 2


def test_a_yes_taken_back_while_the_photo_is_read_counts(clinician, media, monkeypatch):
    ada = agree()
    read = keeping.pictures.read

    def slowly(file):
        agree(ada, is_given=False, at=NOW)
        return read(file)

    monkeypatch.setattr(keeping.pictures, "read", slowly)
    with pytest.raises(BookingRefused, match="does not agree"):
        keep(ada, clinician)
    assert stored(media) == []


def test_a_photo_whose_row_fails_is_taken_away_again(clinician, media, monkeypatch):
    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr(patients, "log_access", fail)
    with pytest.raises(RuntimeError):
        keep(agree(), clinician)

    assert not Photo.objects.exists()
    assert stored(media) == []


def test_a_photo_for_a_merged_record_is_refused_and_taken_away(clinician, media):
    kept, gone = agree(), agree(make_patient())
    merging.merge(kept, gone, actor=clinician, now=NOW)
    agree(gone)

    with pytest.raises(BookingRefused, match="just been merged"):
        keep(gone, clinician)
    assert stored(media) == []


def test_the_same_photo_is_kept_once_and_again_after_it_was_put_away(clinician):
    ada, data = agree(), told(image(colour="red"))
    row = keep(ada, clinician, upload(data))

    with pytest.raises(BookingRefused, match="kept already"):
        keep(ada, clinician, upload(data))
    putting_away.put_away(
        row, why="Wrong side", is_of_another=False, actor=clinician, now=NOW
    )
    assert keep(ada, clinician, upload(data)).pk != row.pk
    assert keep(agree(make_patient()), clinician, upload(data))


@pytest.mark.parametrize("days", [-1, 0])
def test_a_photo_of_a_session_that_has_come_is_kept(clinician, days):
    plan = make_plan(patient=agree())
    session = make_appointment(plan=plan, starts_at=NOW + timedelta(days=days, hours=1))
    occasion = Occasion(PhotoMoment.SESSION, plan, session)

    row = keep(plan.patient, clinician, occasion=occasion)

    assert (row.appointment, row.plan) == (session, plan)
    assert row.taken_at == (session.starts_at if days else NOW)


@pytest.mark.parametrize(
    ("days", "status"), [(1, "booked"), (-1, "cancelled"), (-1, "no_show")]
)
def test_a_session_that_did_not_take_place_has_no_photos(clinician, days, status):
    plan = make_plan(patient=agree())
    starts_at = NOW + timedelta(days=days)
    session = make_appointment(plan=plan, starts_at=starts_at, status=status)
    occasion = Occasion(PhotoMoment.SESSION, plan, session)

    with pytest.raises(BookingRefused, match="has not taken place"):
        keep(plan.patient, clinician, occasion=occasion)


def test_another_patients_plan_is_refused(clinician):
    occasion = Occasion(PhotoMoment.BASELINE, make_plan(patient=make_patient()))

    with pytest.raises(BookingRefused, match="another patient"):
        keep(agree(), clinician, occasion=occasion)


def test_a_session_photo_names_its_session_and_a_side_is_a_known_one(clinician):
    ada = agree()

    with pytest.raises(BookingRefused, match="which session"):
        keep(ada, clinician, occasion=Occasion(PhotoMoment.SESSION, None))
    with pytest.raises(BookingRefused, match="which side"):
        keep(ada, clinician, angle="above")


def test_a_photo_of_yesterday_is_kept_and_one_of_tomorrow_refused(clinician):
    ada, day = agree(), timedelta(days=1)

    row = keep(ada, clinician, day=TODAY - day)

    assert timezone.localtime(row.taken_at).isoformat() == "2026-11-23T12:00:00-05:00"
    assert keep(ada, clinician, day=TODAY).taken_at == NOW
    with pytest.raises(BookingRefused, match="lies ahead"):
        keep(ada, clinician, day=TODAY + day)


def test_treated_skin_is_no_baseline_unless_the_photo_is_of_an_earlier_day(clinician):
    plan = make_plan(patient=agree())
    at = NOW - timedelta(days=5)
    make_appointment(plan=plan, starts_at=at, status="done", completed_at=at)
    occasion = Occasion(PhotoMoment.BASELINE, plan)

    with pytest.raises(BookingRefused, match=r"began on Thu 19 Nov\. Say"):
        keep(plan.patient, clinician, occasion=occasion)
    with pytest.raises(BookingRefused, match="began on"):
        keep(plan.patient, clinician, occasion=occasion, day=TODAY - timedelta(days=4))
    assert keep(
        plan.patient, clinician, occasion=occasion, day=TODAY - timedelta(days=5)
    )


# --- The form -----------------------------------------------------------------------------


def test_several_photos_are_kept_at_once_each_with_its_side(as_clinician):
    plan = make_plan(patient=agree())
    fields = {"about": f"baseline-{plan.pk}", "shot-left": [upload(), upload()]}

    response = add(as_clinician, plan.patient, upload(), **fields)

    assertRedirects(response, page(plan.patient), fetch_redirect_response=False)
    kept = Photo.objects.order_by("pk").values_list("angle", "plan", "moment")
    assert list(kept) == [
        ("front", plan.pk, "baseline"),
        ("left", plan.pk, "baseline"),
        ("left", plan.pk, "baseline"),
    ]
    assertContains(as_clinician.get(page(plan.patient)), "3 photos are kept.")


def test_a_bad_file_costs_no_other_and_is_named(as_clinician):
    ada = agree()
    heic = upload(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 9, name="IMG_2.HEIC")

    response = add(as_clinician, ada, upload(), heic, day="2026-11-20")

    assertContains(response, "1 photo is kept. One was not:", status_code=422)
    assertContains(response, "<b>IMG_2.HEIC</b> This is a HEIC photo", status_code=422)
    assertContains(response, 'value="2026-11-20"', status_code=422)
    assert Photo.objects.count() == 1


def test_where_nothing_was_kept_it_says_so(as_clinician):
    response = add(as_clinician, agree(), upload(b"none"))

    assertContains(response, "This photo is not kept:", status_code=422)


def test_a_form_without_a_photo_is_refused_and_keeps_what_was_said(as_clinician):
    area = make_area(name="Neck")

    response = add(as_clinician, agree(), area=area.code, about="reaction")

    assertContains(response, "Take or choose at least one photo.", status_code=422)
    assertContains(response, '<option value="reaction" selected>', status_code=422)
    assertContains(response, f'value="{area.code}" checked', status_code=422)


@pytest.mark.parametrize(("count", "status"), [(20, 302), (21, 422)])
def test_twenty_photos_are_kept_at_a_time_and_no_more(as_clinician, count, status):
    files = [upload() for _number in range(count)]

    assert add(as_clinician, agree(), *files).status_code == status


def test_rubbish_in_the_form_is_refused(as_clinician):
    fields = {"about": "session-999999", "area": "x" * 99, "day": "soon"}

    response = add(as_clinician, agree(), upload(), **fields)

    assert response.status_code == 422
    assert not Photo.objects.exists()


def test_the_form_asks_first_where_nobody_has_asked(as_clinician):
    ada = make_patient()

    assertContains(as_clinician.get(page(ada, "photo-add")), "has not been asked")
    response = add(as_clinician, ada, upload())
    assertContains(response, "Ask first", status_code=422)


def test_the_form_starts_from_todays_session_or_from_what_the_address_asks(
    as_clinician,
):
    plan = make_plan(patient=agree())
    session = make_appointment(plan=plan, starts_at=timezone.now())
    address = page(plan.patient, "photo-add")

    today = as_clinician.get(address)
    assertContains(today, f'<option value="session-{session.pk}" selected>')
    asked = as_clinician.get(address, {"about": f"result-{plan.pk}", "angle": "left"})
    assertContains(asked, f'<option value="result-{plan.pk}" selected>')
    assertContains(asked, "cd-photo-slot is-first")


def test_rubbish_in_the_addresses_costs_nothing(as_clinician):
    ada = agree()
    for query in ("?area=%00&about=%00&angle=%ff", "?before=x&after=-1&plan=%00"):
        for name in ("photo-add", "photo-compare", "photos"):
            assert as_clinician.get(page(ada, name) + query).status_code == 200


def test_photos_of_two_records_that_are_one_person_stand_together(
    as_clinician, clinician
):
    kept, gone = make_photo(), make_photo(agree(make_patient()))
    merging.merge(kept.patient, gone.patient, actor=clinician, now=NOW)

    response = as_clinician.get(page(kept.patient))

    assert {p.pk for s in response.context["sheets"] for p in photos_on(s)} == {
        kept.pk,
        gone.pk,
    }


def photos_on(sheet):
    return [photo for row in sheet.rows for cell in row.cells for photo in cell.photos]


def test_each_side_shows_the_pose_of_the_first_time(as_clinician, clinician):
    plan = make_plan(patient=agree())
    first = make_photo(plan.patient, plan=plan, area=plan.areas.get().area)
    make_photo(
        plan.patient,
        moment=PhotoMoment.RESULT,
        area=first.area,
        taken_at=NOW - timedelta(days=90),
    )

    response = as_clinician.get(page(plan.patient, "photo-add"))

    assert [s.pose for s in response.context["slots"] if s.pose] == [first]
    assertContains(response, f"/review/photos/{first.pk}/file/")


def test_a_photo_can_be_of_what_has_come_and_of_nothing_else():
    plan = make_plan(patient=agree())
    for number, days in ((1, -50), (2, 0), (3, 49)):
        make_appointment(plan=plan, number=number, starts_at=NOW + timedelta(days=days))
    make_plan(patient=plan.patient, status="declined")

    found = shots.occasions(plan.patient, now=NOW)

    assert [one.label for one in found] == [
        "Before the series",
        "Session 1, Mon 5 Oct",
        "Session 2, Tue 24 Nov",
        "Result",
        "Reaction",
        "Before the series",
        "Reaction",
    ]


@pytest.mark.parametrize(
    ("days", "usual"),
    [
        ([], "baseline"),
        ([7, 56], "baseline"),
        ([-60, 0], "session"),
        ([-60, 7], "session"),
        ([-90, -45], "result"),
    ],
)
def test_the_form_starts_from_what_is_most_likely(days, usual):
    plan = make_plan(patient=agree(), session_count=2)
    for number, day in enumerate(days, start=1):
        make_appointment(plan=plan, number=number, starts_at=NOW + timedelta(days=day))

    found = shots.usual(shots.occasions(plan.patient, now=NOW), now=NOW)

    assert (found.moment, found.plan) == (usual, plan)
    if usual == "session":
        assert found.appointment.number == (2 if days[1] == 0 else 1)


# --- Handing out --------------------------------------------------------------------------


def test_a_picture_is_handed_out_to_be_seen_and_nothing_else(as_clinician, clinician):
    photo = make_photo()

    response = as_clinician.get(file_of(photo, clinician))

    assert content(response) == bytes_of(photo.file)
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"] == (
        f'inline; filename="photo-{photo.pk}.png"'
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_full_picture_is_logged_and_a_small_one_with_its_page(
    as_clinician, clinician
):
    photo = make_photo()

    small = as_clinician.get(file_of(photo, clinician, Size.SMALL))
    assert content(small) == bytes_of(photo.thumbnail)
    assert small["Content-Type"] == "image/jpeg"
    assert not AccessLog.objects.exists()
    content(as_clinician.get(file_of(photo, clinician)))

    log = AccessLog.objects.get()
    assert (log.user, log.patient, log.what) == (clinician, photo.patient, "photo")


@pytest.mark.parametrize(("age", "status"), [(900, 200), (902, 404), (-5, 200)])
def test_an_address_opens_for_a_quarter_of_an_hour(
    as_clinician, clinician, monkeypatch, age, status
):
    made = timezone.now()
    address = file_of(make_photo(), clinician, now=made)
    later = made.replace(microsecond=0) + timedelta(seconds=age)
    monkeypatch.setattr("bookings.views.review.photos.timezone.now", lambda: later)

    assert status_of(as_clinician, address) == status


def test_an_address_opens_for_the_one_it_was_made_for_and_nobody_else(
    as_clinician, clinician, as_desk, as_manager, as_stranger
):
    address = file_of(make_photo(), clinician)

    assert status_of(Client(), address) == 302
    assert status_of(as_desk, address) == 403
    assert status_of(as_stranger, address) == 403
    assert status_of(as_manager, address) == 404
    colleague = make_user(CLINICIAN)
    assert status_of(signed_in(colleague), address) == 404
    assert status_of(as_clinician, address) == 200


def test_even_an_own_address_opens_nothing_without_the_permission(desk, as_desk):
    assert status_of(as_desk, file_of(make_photo(), desk)) == 403


def test_an_address_opens_one_picture_in_one_size(as_clinician, clinician):
    photo, other = make_photo(), make_photo()
    address = file_of(photo, clinician, Size.SMALL)

    for wrong in (
        address.replace("size=small", "size=full"),
        address.replace("size=small", "size=huge"),
        address.partition("?")[0],
        address.replace(f"/{photo.pk}/", f"/{other.pk}/"),
        address[:-15] + "x" + address[-14:],
        reverse("review:photo-file", args=[photo.pk, "é.."]) + "?size=small",
    ):
        assert status_of(as_clinician, wrong) == 404


def test_a_new_password_ends_every_address_of_before(clinician):
    address = file_of(make_photo(), clinician)
    clinician.set_password("quite another password")
    clinician.save(update_fields=["password"])

    assert status_of(signed_in(clinician), address) == 404


@pytest.mark.parametrize("how", ["put away", "taken back", "lost", "erased"])
def test_what_is_not_to_be_seen_is_not_there(as_clinician, clinician, how):
    photo = make_photo()
    address = file_of(photo, clinician)
    if how == "put away":
        putting_away.put_away(
            photo, why="Blurred", is_of_another=False, actor=clinician, now=NOW
        )
    elif how == "taken back":
        agree(photo.patient, is_given=False, at=NOW)
    elif how == "lost":
        photo.file.storage.delete(photo.file.name)
    else:
        Photo.objects.filter(pk=photo.pk).update(file="", thumbnail="")

    assert status_of(as_clinician, address) == 404
    one = as_clinician.get(reverse("review:photo", args=[photo.pk]))
    assert one.status_code == (200 if how == "lost" else 404)


def test_there_is_no_other_way_to_a_photo(as_manager):
    photo = make_photo()

    for path in (photo.file.name, f"media/{photo.file.name}"):
        assert as_manager.get(f"/{path}").status_code == 404


# --- The pages ----------------------------------------------------------------------------


def fill(patient, hours=0):
    """A plan of three sessions, with photos before it and at the first."""
    plan = make_plan(patient=patient)
    area = plan.areas.get().area
    for number in (1, 2, 3):
        at = timezone.now() + timedelta(days=49 * number - 60, hours=hours)
        session = make_appointment(plan=plan, number=number, starts_at=at)
        if number == 1:
            for angle in ("front", "left"):
                facts = {"plan": plan, "area": area, "angle": angle, "stored": False}
                make_photo(patient, **facts, taken_at=at - timedelta(days=9))
                make_photo(
                    patient,
                    **facts,
                    appointment=session,
                    moment=PhotoMoment.SESSION,
                    taken_at=at,
                )
    return plan


@pytest.mark.parametrize("name", ["photos", "photo-compare"])
def test_a_page_costs_the_same_for_one_plan_and_three(
    as_clinician, count_queries, name
):
    ada = agree()
    fill(ada)
    as_clinician.get(page(ada, name))
    one = count_queries(as_clinician, page(ada, name))
    fill(ada, hours=2), fill(ada, hours=4)

    assert count_queries(as_clinician, page(ada, name)) == one


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("photos", "photos"),
        ("photo-add", "photo form"),
        ("photo-compare", "photos compared"),
    ],
)
def test_every_page_with_photos_is_logged_and_kept_by_no_browser(
    as_clinician, clinician, name, what
):
    ada = agree()

    response = as_clinician.get(page(ada, name))

    log = AccessLog.objects.get()
    assert (log.user, log.patient, log.what) == (clinician, ada, what)
    assert response["Cache-Control"] == "private, no-store"


def test_after_a_no_nothing_is_shown_and_what_is_kept_is_counted(as_clinician):
    photo = make_photo()
    agree(photo.patient, is_given=False, at=NOW)

    response = as_clinician.get(page(photo.patient))

    assertContains(response, "1 photo stays in the record, out of sight.")
    assertNotContains(response, "/file/")
    assertNotContains(response, "Add photos")
    other = as_clinician.get(page(photo.patient, "photo-compare"))
    assertContains(other, "said no to photos")
    assertNotContains(other, "/file/")


def test_one_photo_is_shown_with_its_neighbours_and_its_facts(as_clinician):
    plan = fill(agree())
    first, _second, later, _last = Photo.objects.order_by("taken_at", "pk")

    response = as_clinician.get(reverse("review:photo", args=[first.pk]))

    assert response.context["around"].earlier is None
    assert response.context["around"].same_side == [later]
    assertContains(response, f"?before={first.pk}&amp;after={later.pk}")
    assertContains(response, reverse("desk:plan", args=[plan.pk]))


def test_the_record_leads_to_the_photos_for_those_who_may(as_desk, as_clinician):
    ada = make_patient()
    address = reverse("desk:patient", args=[ada.pk])

    assertContains(as_clinician.get(address), page(ada))
    assertNotContains(as_desk.get(address), page(ada))


# --- Putting away -------------------------------------------------------------------------


def hide(client, photo, **fields):
    data = {"why": "Blurred"} | fields
    return client.post(reverse("review:photo-hide", args=[photo.pk]), data)


def test_a_photo_is_put_away_with_who_and_why_and_its_files_stay(
    as_clinician, clinician, media
):
    photo = make_photo()

    assertRedirects(hide(as_clinician, photo), page(photo.patient))

    photo.refresh_from_db()
    assert (photo.hidden_by, photo.why_hidden) == (clinician, "Blurred")
    assert len(stored(media)) == 2
    assertContains(as_clinician.get(page(photo.patient)), "Blurred")
    assert AccessLog.objects.filter(what="photo put away").count() == 1


def test_a_photo_of_somebody_else_is_erased_at_once(as_clinician, media):
    photo = make_photo()

    hide(as_clinician, photo, why="It shows another patient", is_of_another="on")

    photo.refresh_from_db()
    assert (photo.file.name, photo.thumbnail.name, photo.fingerprint) == ("", "", "")
    assert photo.why_hidden == "It shows another patient"
    assert stored(media) == []


def test_a_photo_put_away_before_is_erased_where_it_shows_somebody_else(
    as_clinician, media
):
    photo = make_photo()
    hide(as_clinician, photo, why="x" * 190)
    assertContains(
        as_clinician.get(page(photo.patient)), "It shows somebody else: erase its files"
    )

    hide(as_clinician, photo, why="It shows somebody else", is_of_another="on")

    photo.refresh_from_db()
    assert photo.why_hidden == "x" * 176 + "; It shows somebody else"
    assert stored(media) == []
    again = hide(as_clinician, photo, why="Again", is_of_another="on")
    assertContains(again, "Somebody has just put this photo away", status_code=422)


def test_the_second_of_two_people_is_told(as_clinician, as_manager):
    photo = make_photo()
    hide(as_clinician, photo)

    response = hide(as_manager, photo, why="Too dark")

    assertContains(response, "Somebody has just put this photo away", status_code=422)
    photo.refresh_from_db()
    assert photo.why_hidden == "Blurred"


@pytest.mark.parametrize("why", ["", "   ", "x" * 201])
def test_no_photo_is_put_away_without_a_reason_that_fits(as_clinician, why):
    photo = make_photo()

    response = hide(as_clinician, photo, why=why)

    assert response.status_code == 422
    assert Photo.objects.shown().get() == photo


@pytest.mark.parametrize("why", ["", " \n ", "x" * 201])
def test_the_service_wants_a_reason_too(clinician, why):
    with pytest.raises(BookingRefused, match="Say why"):
        putting_away.put_away(
            make_photo(), why=why, is_of_another=False, actor=clinician, now=NOW
        )


# --- Erasing ------------------------------------------------------------------------------


def erase(client, patient, **fields):
    data = {"why": "Asked on 3 May; Dr Okafor agrees", "is_sure": "on"} | fields
    return client.post(page(patient, "photos-erase"), data)


def test_files_are_erased_after_a_no_and_the_rows_say_why(
    as_clinician, clinician, media
):
    photo = make_photo()
    away = make_photo(photo.patient)
    putting_away.put_away(
        away, why="Blurred", is_of_another=False, actor=clinician, now=NOW
    )
    make_photo(agree(make_patient()))
    agree(photo.patient, is_given=False, at=NOW)

    response = erase(as_clinician, photo.patient)

    assertRedirects(response, page(photo.patient))
    assert len(stored(media)) == 2  # those of the other patient
    photo.refresh_from_db(), away.refresh_from_db()
    assert (photo.file.name, photo.hidden_by) == ("", clinician)
    assert photo.why_hidden == "Asked on 3 May; Dr Okafor agrees"
    assert (away.file.name, away.why_hidden) == ("", "Blurred")


def test_while_the_patient_agrees_nothing_is_erased(as_clinician, media):
    photo = make_photo()

    response = erase(as_clinician, photo.patient)

    assertContains(response, "only where the patient took", status_code=422)
    assert len(stored(media)) == 2


@pytest.mark.parametrize("missing", ["why", "is_sure"])
def test_erasing_wants_a_reason_and_a_tick(as_clinician, media, missing):
    photo = make_photo()
    agree(photo.patient, is_given=False, at=NOW)

    response = erase(as_clinician, photo.patient, **{missing: ""})

    assert response.status_code == 422
    assert len(stored(media)) == 2


def test_a_store_that_fails_leaves_everything_to_be_tried_again(
    clinician, media, monkeypatch
):
    photo = make_photo()
    agree(photo.patient, is_given=False, at=NOW)

    def fail(stored):
        raise OSError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(keeping, "remove", fail)
        with pytest.raises(OSError, match="full"):
            putting_away.erase_all(photo.patient, why="Asked", actor=clinician, now=NOW)
    photo.file.storage.delete(photo.file.name)  # as far as the first try came

    count = putting_away.erase_all(photo.patient, why="Asked", actor=clinician, now=NOW)

    assert count == 1
    assert stored(media) == []
    with pytest.raises(BookingRefused, match="no file"):
        putting_away.erase_all(photo.patient, why="Asked", actor=clinician, now=NOW)


# --- The patient's own copy ---------------------------------------------------------------


def test_patients_get_their_own_photos_and_nothing_of_the_store(clinician):
    photo = make_photo()

    pieces = export_files.as_zip(photo.patient, now=NOW)
    archive = zipfile.ZipFile(BytesIO(b"".join(pieces)))

    names = [name for name in archive.namelist() if name.startswith("files/")]
    assert [archive.read(name) for name in names] == [bytes_of(photo.file)]
    assert b"photos/small/" not in archive.read("record.json")
    assert b"fingerprint" not in archive.read("record.json")
