"""What a clinician may set on a plan, and what an edit does to it and its bookings."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bookings.models import PlanStatus, PlanTemplate
from bookings.services import plans
from bookings.services.amendments import amending
from bookings.services.editing import (
    details,
    effects,
    history,
    limits,
    saving,
    suggesting,
    templates,
)
from bookings.services.editing.details import AreaDetail
from bookings.services.editing.suggesting import Case, Severity
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    draft_protocol,
    make_answers,
    make_area,
    make_concern,
    make_place_with_people,
    make_plan,
    make_protocol,
    make_user,
)
from bookings.tests.test_amending import diary_of, make_booked
from bookings.tests.test_pencils import pencil
from treatments.models import ProtocolRole

pytestmark = pytest.mark.django_db


def make_waiting(**fields):
    plan = make_plan(
        location=make_place_with_people(),
        status=PlanStatus.SUBMITTED,
        submitted_at=NOW,
        **fields,
    )
    make_answers(plan)
    return plan


def changed(plan, *, count=None, gap=None, reason="", **told):
    """The plan as it is, but for these."""
    change = saving.as_is(plan)
    return replace(
        change,
        session_count=count or change.session_count,
        gap_days=gap or change.gap_days,
        reason=reason,
        details=replace(change.details, **told),
    )


def areas(plan, **settings):
    area = plan.areas.get()
    return (replace(AreaDetail(area.area_id, area.depth_mm, area.passes), **settings),)


def refusal(plan, **settings):
    """What judging the plan with these says; "" where it is fine."""
    try:
        limits.judge(plan, changed(plan, **settings).details)
    except BookingRefused as refused:
        return str(refused)
    return ""


def save(plan, change, *, version=None, actor=None):
    return saving.save(
        plan,
        change,
        version=plan.version if version is None else version,
        actor=actor or make_user("Clinician"),
        now=NOW,
    )


# --- Limits ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "depth", "refused"),
    [
        ("", "2.0", False),
        ("", "2.1", True),
        ("epidermis", "0.3", False),
        ("epidermis", "0.4", True),
    ],
)
def test_needles_go_no_deeper_than_two_mm_and_their_layer(layer, depth, refused):
    plan = make_plan(
        protocol=make_protocol(target_layer="dermis", needs_supervision=True)
    )

    said = refusal(plan, target_layer=layer, areas=areas(plan, depth_mm=Decimal(depth)))

    assert bool(said) == refused


@pytest.mark.parametrize(
    ("passes", "refused"), [(14, True), (15, False), (20, False), (21, True)]
)
def test_a_roller_passes_fifteen_to_twenty_times(passes, refused):
    plan = make_plan(protocol=make_protocol(passes_min=15, passes_max=20))

    assert bool(refusal(plan, areas=areas(plan, passes=passes))) == refused


@pytest.mark.parametrize(
    ("minutes", "refused"), [(0, True), (5, False), (12, True), (60, False), (65, True)]
)
def test_needling_takes_from_a_few_minutes_to_an_hour(minutes, refused):
    said = refusal(make_plan(), phase_minutes={"needling": minutes})

    assert bool(said) == refused


@pytest.mark.parametrize(("minutes", "refused"), [(120, False), (125, True)])
def test_other_parts_of_a_session_may_take_longer(minutes, refused):
    assert bool(refusal(make_plan(), phase_minutes={"numbing": minutes})) == refused


@pytest.mark.parametrize(
    ("a_year", "refused"), [(None, False), (1, False), (3, False), (4, True)]
)
def test_maintenance_is_one_to_three_a_year(a_year, refused):
    assert bool(refusal(make_plan(), maintenance_per_year=a_year)) == refused


@pytest.mark.parametrize(
    ("gap", "refused"),
    [((42, 56), False), ((42, 49), False), ((41, 56), True), ((42, 57), True)],
)
def test_gaps_stay_within_the_protocols_days(gap, refused):
    plan = make_plan()

    try:
        limits.judge_gap(plan, gap)
        said = ""
    except BookingRefused as refusal_:
        said = str(refusal_)

    assert bool(said) == refused


def test_a_longer_gap_that_the_plan_has_already_may_stay():
    limits.judge_gap(make_plan(gap_min_days=50, gap_max_days=70), (50, 70))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"concerns": ()}, "concern"),
        ({"areas": ()}, "area of skin"),
        ({"phase_minutes": {"dancing": 10}}, "no part called dancing"),
        ({"target_layer": "dermis"}, "stays in the epidermis"),
    ],
)
def test_what_no_plan_can_say_is_refused(told, words):
    assert words in refusal(make_plan(), **told)


def test_energy_is_for_treatments_with_radiofrequency_only():
    plain, heated = make_plan(), make_plan(protocol=make_rf_protocol())

    assert "no radiofrequency" in refusal(plain, areas=areas(plain, rf_energy="2"))
    assert not refusal(heated, areas=areas(heated, rf_energy="Level 2"))


def make_rf_protocol():
    protocol = draft_protocol()
    ProtocolRole.objects.filter(protocol=protocol, name="device").update(skills=["rf"])
    protocol.published_at = NOW
    protocol.save(update_fields=["published_at"])
    return protocol


# --- Saving before a signature -----------------------------------------------------------


def test_an_edit_is_the_next_version_of_the_waiting_plan(clinician):
    plan = make_waiting()

    saved = save(plan, changed(plan, count=4), actor=clinician)

    assert (saved.version, saved.status, saved.session_count) == (2, "submitted", 4)
    first, second = saved.versions.order_by("number")
    assert (first.by, second.by) == (plan.drafted_by, clinician)


def test_a_page_made_before_somebody_elses_edit_changes_nothing():
    plan = make_waiting()
    save(plan, changed(plan, count=4))

    with pytest.raises(BookingRefused, match="Somebody has changed this plan"):
        save(plan, changed(plan, count=5))

    plan.refresh_from_db()
    assert plan.session_count == 4


@pytest.mark.parametrize("status", ["declined", "withdrawn", "completed"])
def test_a_plan_that_ended_is_not_edited(status):
    plan = make_plan(status=status)

    with pytest.raises(BookingRefused, match="is not edited here"):
        save(plan, changed(plan, count=4))


def test_an_edit_that_changes_nothing_makes_no_version():
    plan = make_waiting()

    with pytest.raises(BookingRefused, match="Nothing would change"):
        save(plan, changed(plan))


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ({"phase_minutes": {"needling": 45}}, True),
        ({"maintenance_per_year": 2}, False),
    ],
)
def test_booked_sessions_are_not_reshaped_while_their_plan_waits(told, refused):
    plan = make_booked()
    plan.status, plan.submitted_at = PlanStatus.SUBMITTED, NOW
    plan.save(update_fields=["status", "submitted_at"])

    try:
        save(plan, changed(plan, **told))
        said = ""
    except BookingRefused as refusal_:
        said = str(refusal_)

    assert ("are booked" in said) == refused


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"maintenance_per_year": 2}, "confirmed"),
        ({"phase_minutes": {"numbing": 35, "needling": 25}}, "released"),
    ],
)
def test_pencilled_dates_are_booked_only_as_they_still_fit(clinician, told, outcome):
    """As long in all, but the practitioner is needed at other minutes than are kept."""
    plan = make_waiting()
    plan.areas.update(depth_mm="1.0", passes=4)
    hold = pencil(plan)
    save(plan, changed(plan, **told))

    plans.approve(plan, version=2, actor=clinician, now=NOW)

    hold.refresh_from_db()
    assert hold.outcome == outcome


def test_the_versions_tell_what_each_changed():
    plan = make_waiting()
    save(plan, changed(plan, count=4))
    plan.refresh_from_db()

    newest, oldest = history.of(plan)

    assert [str(line) for line in newest.lines] == ["Sessions 3 → 4"]
    assert oldest.is_first
    first, last, lines = history.between([newest, oldest], "2", "1")
    assert (first.number, last.number, len(lines)) == (1, 2, 1)


# --- A signed plan is amended ------------------------------------------------------------


def test_longer_sessions_are_placed_anew_and_wait_for_the_signature(clinician):
    plan = make_booked()
    change = changed(plan, reason="More skin", phase_minutes={"needling": 45})

    diff = amending.preview(plan, change, now=NOW)
    amending.save(plan, diff.sealed(), version=plan.version, actor=clinician, now=NOW)

    assert [line.fate for line in diff.lines] == ["exchanged"] * 3
    plan.refresh_from_db()
    assert (plan.status, plan.phase_minutes) == ("submitted", {"needling": 45})
    held = list(plan.appointments.live().order_by("number"))
    assert {row.ends_at - row.starts_at for row in held} == {timedelta(minutes=85)}
    plans.approve(plan, version=plan.version, actor=clinician, now=NOW)
    statuses = plan.appointments.live().values_list("status", flat=True)
    assert set(statuses) == {"booked"}


def test_another_depth_moves_nothing_and_is_signed_again(clinician):
    plan = make_booked()
    before = diary_of(plan)
    told = areas(plan, depth_mm=Decimal("0.8"))

    diff = amending.preview(plan, changed(plan, reason="Thin", areas=told), now=NOW)
    amending.save(plan, diff.sealed(), version=plan.version, actor=clinician, now=NOW)

    assert [fact.after for fact in diff.facts] == ["0.8 mm"]
    plan.refresh_from_db()
    assert plan.status == "submitted"
    assert diary_of(plan) == before
    assert plan.areas.get().depth_mm == Decimal("0.8")
    assert amending.latest(plan).facts == diff.facts


def test_details_survive_the_way_through_the_browser():
    plan = make_booked()
    told = details.of(plan)

    assert details.read(told.sealed()) == told


# --- Suggestions ---------------------------------------------------------------------------


def case(protocol, severity=Severity.MODERATE, **about):
    about.setdefault("concerns", [make_concern()])
    about.setdefault("areas", [make_area()])
    return Case(protocol=protocol, severity=severity, **about)


def by_key(found):
    return {one.key: one for one in found}


def test_acne_scars_take_five_sessions_or_more():
    scars = make_concern(code="acne-scars")
    protocol = make_protocol(counts=((None, 3), (scars, 5)))

    found = by_key(suggesting.suggestions(case(protocol, concerns=[scars])))

    assert found["sessions"].fill == {"session_count": "5"}
    assert found["sessions"].source == "S2"


@pytest.mark.parametrize(
    ("number", "odd"), [(1, False), (2, False), (3, False), (4, True)]
)
def test_a_number_of_sessions_unlike_the_sources_is_told(number, odd):
    """Usually two or three (source: S2); a single one a year suits some (source: S1)."""
    protocol = draft_protocol()
    count = {"minimum": 2, "usual": 3, "maximum": 3, "source": "S2", "position": 1}
    protocol.session_counts.create(**count)

    assert suggesting.outside(protocol, [], number) == odd


def test_a_severe_case_is_told_of_ablative_treatments():
    protocol = make_protocol()

    assert "ablative" in suggesting.note(case(protocol, Severity.SEVERE))
    assert suggesting.note(case(protocol, Severity.MODERATE)) == ""


def test_suggested_depth_grows_with_severity_and_never_beyond_the_layer():
    protocol = make_protocol(target_layer="dermis", needs_supervision=True)
    area = make_area(code="legs")

    def depth(severity, layer=""):
        asked = case(protocol, severity, areas=[area], layer=layer)
        return by_key(suggesting.suggestions(asked))[f"depth-{area.pk}"]

    assert depth(Severity.MILD).fill == {f"depth-{area.pk}": "1.0"}
    assert depth(Severity.SEVERE).value == "2.0 mm"
    assert depth(Severity.SEVERE, "epidermis").value == "0.3 mm"
    assert depth(Severity.MILD).is_clinic_default


def test_whatever_is_suggested_may_be_set():
    """No suggestion is refused when a clinician takes it."""
    plan = make_plan(protocol=make_protocol(passes_min=15, passes_max=20))
    places = [row.area for row in plan.areas.all()]
    for severity in Severity:
        found = suggesting.filled(
            suggesting.suggestions(case(plan.protocol, severity, areas=places))
        )
        key = places[0].pk
        told = areas(
            plan,
            depth_mm=Decimal(found[f"depth-{key}"]),
            passes=int(found[f"passes-{key}"]),
        )
        minutes = {"needling": int(found["phase-1"])}
        a_year = int(found["maintenance"])
        assert not refusal(
            plan, areas=told, phase_minutes=minutes, maintenance_per_year=a_year
        )


# --- Live effect ---------------------------------------------------------------------------


def test_the_effect_tells_time_people_and_messages():
    plan = make_waiting()

    seen = effects.effect(
        plan, changed(plan, count=5, phase_minutes={"needling": 45}), now=NOW
    )

    assert seen.length == "85 minutes, 15 more"
    assert len(seen.ribbon.sessions) == 5
    assert not any(one.is_lacking for one in seen.crew)
    asked = {one.name: (one.before, one.count) for one in seen.messages}
    assert (1, 1) in asked.values()
    assert (3, 5) in asked.values()


def test_the_effect_of_amending_a_signed_plan_shows_its_bookings():
    plan = make_booked()

    seen = effects.effect(plan, changed(plan, phase_minutes={"needling": 45}), now=NOW)

    assert [line.fate for line in seen.diff.lines] == ["exchanged"] * 3
    assert not seen.refusal
    assert plan.status == PlanStatus.APPROVED


def test_the_effect_of_nothing_says_nothing():
    plan = make_booked()

    seen = effects.effect(plan, saving.as_is(plan), now=NOW)

    assert (seen.lines, seen.refusal, seen.diff) == ([], "", None)


# --- Templates -----------------------------------------------------------------------------


def test_a_template_fills_in_what_it_was_kept_from(clinician):
    plan = make_waiting()
    told = areas(plan, depth_mm=Decimal("0.3"), passes=4)
    change = changed(plan, count=5, areas=told, phase_minutes={"needling": 45})

    kept = templates.keep(clinician, " Scars,  cheeks ", plan, change, now=NOW)

    key = plan.areas.get().area_id
    fields = templates.fields(kept, [plan.areas.get().area])
    assert kept.name == "Scars, cheeks"
    assert fields["session_count"] == "5"
    assert fields["phase-1"] == "45"
    assert (fields[f"depth-{key}"], fields[f"passes-{key}"]) == ("0.3", "4")


def test_a_clinician_has_each_name_once_and_another_may_have_it_too(clinician):
    plan = make_waiting()
    templates.keep(clinician, "Scars", plan, saving.as_is(plan), now=NOW)

    with pytest.raises(BookingRefused, match="of that name already"):
        templates.keep(clinician, "Scars", plan, saving.as_is(plan), now=NOW)
    templates.keep(make_user("Manager"), "Scars", plan, saving.as_is(plan), now=NOW)

    assert PlanTemplate.objects.count() == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_template_needs_a_short_name(clinician, name):
    plan = make_waiting()

    with pytest.raises(BookingRefused, match="name"):
        templates.keep(clinician, name, plan, saving.as_is(plan), now=NOW)
