"""The catalogue's pages: everybody reads it, the medical director changes and signs it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import TreatmentPlan
from bookings.services import plans
from bookings.tests.conftest import signed_in
from bookings.tests.factories import NOW, make_plan, make_protocol, make_user
from clinic.roles import MEDICAL_DIRECTOR
from treatments.models import Protocol, ProtocolFact, Source
from treatments.services import editing, publishing

pytestmark = pytest.mark.django_db

CARE = {
    "code": "make-up",
    "phase": "post",
    "kind": "avoid",
    "text": "Wear no make-up.",
    "starts": "hours",
    "starts_offset": 0,
    "ends": "hours",
    "ends_offset": 24,
    "milder_hours": 12,
    "milder_source": "S2",
}


@pytest.fixture
def head(db):
    return make_user(MEDICAL_DIRECTOR, first_name="Adaeze", last_name="Okafor")


@pytest.fixture
def as_head(head) -> Client:
    return signed_in(head)


@pytest.fixture
def protocol() -> Protocol:
    return make_protocol(care=[CARE], depth_source="S2", gap_source="S1 S2")


@pytest.fixture
def draft(head, protocol) -> Protocol:
    return editing.begin(protocol.treatment, actor=head, now=NOW)


def at(name, protocol, *more):
    return reverse(f"review:catalogue{name}", args=[protocol.treatment.code, *more])


def typed(client, address, **changes):
    """What the form at `address` shows, as a browser would send it, with `changes`."""
    form = client.get(address).context["form"]
    data = {
        name: form[name].value()
        for name in form.fields
        if (value := form[name].value()) is not False and value not in (None, "")
    }
    data |= {name: "on" for name, value in data.items() if value is True}
    return {k: v for k, v in (data | changes).items() if v is not None}


# --- Reading ------------------------------------------------------------------------


def test_everybody_reads_the_values_with_their_sources(as_desk, protocol):
    page = as_desk.get(at("-treatment", protocol))

    text = page.content.decode()
    assert "Needle depth, at most" in text
    assert "Document 2" in text
    assert "From the end of the session until 24 hours after it" in text
    assert "A plan may allow the milder rule: 12 hours (Document 2)" in text
    assert "Begin a new version" not in text


def test_the_list_says_the_version_the_plans_and_what_waits(as_desk, protocol):
    make_plan(protocol=protocol)
    make_plan(protocol=protocol, status="withdrawn")

    text = as_desk.get(reverse("review:catalogue")).content.decode()

    assert "Version 1, published" in text
    assert "1 running plan" in text
    assert "to confirm" in text


def test_the_list_costs_the_same_for_one_treatment_and_for_three(
    as_head, head, protocol, count_queries
):
    address = reverse("review:catalogue")
    editing.begin(protocol.treatment, actor=head, now=NOW)
    count_queries(as_head, address)
    one = count_queries(as_head, address)

    for _ in range(2):
        other = make_protocol(care=[CARE])
        make_plan(protocol=other)
        editing.begin(other.treatment, actor=head, now=NOW)

    assert count_queries(as_head, address) == one


def test_a_version_that_never_was_is_not_found(as_desk, protocol):
    assert as_desk.get(at("-treatment", protocol) + "?version=9").status_code == 404
    assert as_desk.get(at("-treatment", protocol) + "?version=x").status_code == 404


# --- Beginning ----------------------------------------------------------------------


def test_the_director_begins_a_draft_and_goes_on_with_it(as_head, protocol):
    page = as_head.get(at("-treatment", protocol)).content.decode()
    assert "Begin a new version" in page

    as_head.post(at("-edit", protocol))
    as_head.post(at("-edit", protocol))

    assert protocol.treatment.protocols.count() == 2
    page = as_head.get(at("-treatment", protocol)).content.decode()
    assert "Go on with the draft" in page
    assert "Adaeze Okafor last changed it" in page


def test_looking_begins_nothing(as_head, protocol):
    answer = as_head.get(at("-edit", protocol))

    assert answer.url == at("-treatment", protocol)
    assert protocol.treatment.protocols.count() == 1


# --- Changing -----------------------------------------------------------------------


def test_a_changed_figure_shows_in_the_draft_as_it_was_and_as_it_is(as_head, draft):
    address = at("-figures", draft)
    data = typed(as_head, address, max_depth_mm="1.5", depth_source=Source.CLINIC)

    answer = as_head.post(address, data)

    assert answer.status_code == 302
    shown = as_head.get(answer.url)
    (change,) = shown.context["changes"]
    assert [(one.label, one.before, one.after) for one in change.facts] == [
        ("Value", "2.0 mm", "1.5 mm"),
        ("Source", "Document 2", "Clinic’s default"),
    ]
    assert make_plan(protocol=draft.treatment.current_protocol()).pk


@pytest.mark.parametrize(("depth", "status"), [("2.0", 302), ("2.1", 422)])
def test_needles_go_two_millimetres_deep_and_no_deeper(as_head, draft, depth, status):
    address = at("-figures", draft)

    answer = as_head.post(address, typed(as_head, address, max_depth_mm=depth))

    assert answer.status_code == status
    if status == 422:
        assert "Needles go no deeper than 2.0 mm." in answer.content.decode()
        assert 'value="2.1"' in answer.content.decode()


def test_work_in_the_dermis_without_a_doctor_is_refused_in_words(as_head, draft):
    address = at("-figures", draft)

    answer = as_head.post(address, typed(as_head, address, target_layer="dermis"))

    assert answer.status_code == 422
    assert "Work in the dermis needs a doctor." in answer.content.decode()


def test_a_changed_value_does_not_go_on_calling_on_its_document(as_head, draft):
    address = at("-figures", draft)
    data = typed(as_head, address, max_depth_mm="1.5")

    answer = as_head.post(address, data)
    assert answer.status_code == 422
    assert "You changed the value" in answer.content.decode()

    answer = as_head.post(address, data | {"stated-depth_source": "on"})
    draft.refresh_from_db()
    assert answer.status_code == 302
    assert (str(draft.max_depth_mm), draft.depth_source) == ("1.5", "S2")


def test_putting_it_better_keeps_the_document(as_head, draft):
    row = draft.care_instructions.get()
    address = at("-line", draft, "care", row.pk)

    answer = as_head.post(address, typed(as_head, address, text="No make-up yet."))

    row.refresh_from_db()
    assert (answer.status_code, row.text, row.source) == (302, "No make-up yet.", "S0")


def test_english_that_has_no_french_is_pointed_out(as_head, draft):
    row = draft.care_instructions.get()
    address = at("-line", draft, "care", row.pk)

    as_head.post(address, typed(as_head, address, text="Wear no make-up at all."))

    page = as_head.get(at("-edit", draft)).content.decode()
    assert "No French yet" in page


def test_the_milder_rule_stays_milder(as_head, draft):
    row = draft.care_instructions.get()
    address = at("-line", draft, "care", row.pk)
    ticks = {"stated-source": "on", "stated-milder_source": "on"}

    answer = as_head.post(address, typed(as_head, address, milder_hours="24", **ticks))
    assert "the milder ends earlier" in answer.content.decode()

    answer = as_head.post(address, typed(as_head, address, milder_hours="23", **ticks))
    assert answer.status_code == 302


def test_two_editors_are_both_told_what_the_other_saved(as_head, draft):
    row = draft.care_instructions.get()
    address = at("-line", draft, "care", row.pk)
    first = typed(as_head, address, text="No powder.")
    second = typed(as_head, address, text="No paint.")
    as_head.post(address, first)

    answer = as_head.post(address, second)

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Somebody else saved this meanwhile" in text
    assert "No powder." in text
    assert "No paint." in text
    row.refresh_from_db()
    assert row.text == "No powder."


def test_a_form_open_while_the_draft_is_signed_keeps_what_was_typed(
    as_head, head, draft
):
    row = draft.care_instructions.get()
    address = at("-line", draft, "care", row.pk)
    data = typed(as_head, address, text="No paint.")
    as_head.post(at("-add", draft, "facts"), {"text": "Else.", "source": "S1"})
    publish(draft, head)

    answer = as_head.post(address, data)

    assert answer.status_code == 422
    assert "published or thrown away meanwhile" in answer.content.decode()
    assert "No paint." in answer.content.decode()


@pytest.mark.parametrize(
    ("part", "data", "said"),
    [
        ("facts", {"text": "It hums."}, "It hums."),
        ("effects", {"kind": "rare", "text": "Hiccups."}, "Hiccups."),
        (
            "rules",
            {
                "question_text": "Do you faint?",
                "answer_kind": "yes-no",
                "kind": "decide",
                "reason": "Faints.",
                "ask_again": "never",
            },
            "Do you faint?",
        ),
        (
            "care",
            {
                "phase": "pre",
                "kind": "keep",
                "text": "Eat something.",
                "starts": "days",
                "starts_offset": "0",
                "ends": "session",
            },
            "Eat something.",
        ),
        (
            "phases",
            {"name": "Rest", "minutes": "5", "roles": ["room"], "after": "needling"},
            "Rest",
        ),
        (
            "roles",
            {"name": "nurse", "kind": "practitioner", "skills": ["needling"]},
            "Nurse",
        ),
        ("session_counts", {"minimum": "1", "usual": "2", "maximum": ""}, "1 or more"),
    ],
)
def test_a_line_of_each_kind_can_be_added(as_head, draft, part, data, said):
    if part == "session_counts":
        draft.session_counts.all().delete()

    answer = as_head.post(at("-add", draft, part), data | {"source": Source.CLINIC})

    assert answer.status_code == 302
    assert said in as_head.get(answer.url).content.decode()


def test_a_new_phase_takes_its_place(as_head, draft):
    data = {"name": "Rest", "minutes": "5", "roles": ["room"], "source": "S1"}

    as_head.post(at("-add", draft, "phases"), data | {"after": "needling"})

    names = [one.name for one in draft.phases.all()]
    assert names == ["numbing", "needling", "Rest", "turnover"]


def test_a_reason_with_a_gap_nobody_fills_is_refused(as_head, draft):
    address = at("-line", draft, "rules", draft.rules.first().pk)

    answer = as_head.post(address, typed(as_head, address, reason="Until {then}."))

    assert answer.status_code == 422
    assert "Only {date} and {until} can be filled in." in answer.content.decode()


def test_the_same_change_is_made_in_the_treatments_chosen(as_head, draft):
    same = make_protocol(care=[CARE])
    other = make_protocol(care=[CARE | {"text": "Anything goes."}])
    row = draft.care_instructions.get()
    address = at("-line", draft, "care", row.pk)
    also = [same.treatment_id, other.treatment_id]

    answer = as_head.post(
        address, typed(as_head, address, text="No paint.", also=also), follow=True
    )

    assert editing.draft_of(same.treatment).care_instructions.get().text == "No paint."
    left = editing.draft_of(other.treatment).care_instructions.get()
    assert left.text == "Anything goes."
    assert "Left as it is" in answer.content.decode()


def test_a_line_is_left_out_and_shown_as_such(as_head, draft):
    row = draft.care_instructions.get()

    as_head.post(at("-remove", draft, "care", row.pk))

    assert not draft.care_instructions.exists()
    (change,) = as_head.get(at("-edit", draft)).context["changes"]
    assert (change.name, change.is_gone) == ("Wear no make-up.", True)


def test_a_line_that_is_gone_leads_back_to_the_draft(as_head, draft):
    row = draft.care_instructions.get()
    address = at("-line", draft, "care", row.pk)
    row.delete()

    assert as_head.get(address).url == at("-edit", draft)


def test_there_is_no_such_section(as_head, draft):
    assert as_head.get(at("-add", draft, "nonsense")).status_code == 404


# --- Throwing away and signing ------------------------------------------------------


def publish(draft, head):
    seen = editing.digest(draft)
    return publishing.publish(draft, seen=seen, reason="Why.", actor=head, now=NOW)


def changed(draft) -> Protocol:
    ProtocolFact.objects.create(protocol=draft, code="hum", text="It hums.")
    return draft


def test_a_draft_is_thrown_away_as_it_was_seen(as_head, draft):
    seen = as_head.get(at("-edit", draft)).context["seen"]
    changed(draft)

    answer = as_head.post(at("-discard", draft), {"seen": seen})
    assert answer.status_code == 422
    assert "has changed this draft meanwhile" in answer.content.decode()

    as_head.post(at("-discard", draft), {"seen": editing.digest(draft)})
    assert editing.draft_of(draft.treatment) is None


def test_signing_asks_for_a_reason_and_a_tick(as_head, draft):
    changed(draft)
    seen = as_head.get(at("-publish", draft)).context["seen"]

    answer = as_head.post(at("-publish", draft), {"seen": seen, "reason": "Heard it."})

    assert answer.status_code == 422
    assert "Tick this to sign." in answer.content.decode()
    assert "Heard it." in answer.content.decode()


def test_a_signature_on_an_old_page_is_refused_and_the_new_state_shown(as_head, draft):
    seen = editing.digest(draft)
    changed(draft)
    data = {"seen": seen, "reason": "Heard it.", "signed": "on"}

    answer = as_head.post(at("-publish", draft), data)

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "has changed this draft meanwhile" in text
    assert "It hums." in text
    assert "Heard it." in text


def test_new_plans_follow_the_signed_version_and_running_ones_keep_theirs(
    as_head, draft
):
    old = draft.treatment.current_protocol()
    running = make_plan(protocol=old, drafted_at=NOW - timedelta(days=30))
    changed(draft)
    data = {"seen": editing.digest(draft), "reason": "Heard it.", "signed": "on"}

    answer = as_head.post(at("-publish", draft), data, follow=True)

    running.refresh_from_db()
    assert running.protocol == old
    assert plans.current_protocol(draft.treatment).version == 2
    text = answer.content.decode()
    assert "Heard it." in text
    assert "What this version changed" in text
    assert TreatmentPlan.objects.get().protocol.version == 1


# --- Confirming ---------------------------------------------------------------------


def test_ticked_values_get_the_directors_name(as_head, head, protocol):
    row = protocol.care_instructions.get()
    data = {"version": "1", "confirm": ["figures", f"care:{row.pk}"]}

    as_head.post(at("-confirm", protocol), data)

    row.refresh_from_db()
    protocol.refresh_from_db()
    assert (row.approved_by, protocol.approved_by) == (head, head)
    assert protocol.rules.first().approved_by is None


def test_confirming_nothing_says_so(as_head, protocol):
    answer = as_head.post(at("-confirm", protocol), {"version": "1"})

    assert answer.status_code == 422
    assert "Choose what you confirm." in answer.content.decode()


def test_the_list_of_what_waits_leads_there(as_head, as_desk, protocol):
    address = reverse("review:unconfirmed")

    assert at("-confirm", protocol) in as_head.get(address).content.decode()
    assert at("-confirm", protocol) not in as_desk.get(address).content.decode()
