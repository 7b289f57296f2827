"""A draft changes freely, what is published stays, and two editors see each other."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from treatments.models import Protocol, ProtocolEffect, Treatment
from treatments.services import editing, trail
from treatments.services.catalogue import contents
from treatments.services.editing import CatalogueRefused
from treatments.services.trail import Did
from treatments.tests.factories import make_draft, make_part, make_treatment
from treatments.tests.test_published_protocol import make_published

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def make_offer(**fields) -> Protocol:
    """A published protocol without a doctor, which holds together."""
    return make_published(target_layer="epidermis", needs_supervision=False, **fields)


def begun(head, protocol=None) -> Protocol:
    protocol = protocol or make_offer()
    return editing.begin(protocol.treatment, actor=head, now=NOW)


def keep(row, head, **changes) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    editing.keep(row, actor=head, now=NOW)


# --- Beginning ----------------------------------------------------------------------


def test_a_draft_is_a_copy_that_nobody_vouches_for_and_no_plan_follows(head):
    published = make_published()
    draft = begun(head, published)

    assert (draft.version, draft.published_at) == (2, None)
    assert contents(draft) == contents(published)
    assert published.treatment.current_protocol() == published
    assert not draft.is_approved


def test_beginning_twice_goes_on_with_the_same_draft(head):
    draft = begun(head)

    assert editing.begin(draft.treatment, actor=head, now=NOW) == draft
    assert Protocol.objects.filter(treatment=draft.treatment).count() == 2


def test_nothing_is_begun_where_nothing_is_published(head):
    with pytest.raises(CatalogueRefused, match="no published version"):
        editing.begin(make_treatment(), actor=head, now=NOW)


def test_only_who_may_change_protocols_begins_and_changes(director):
    with pytest.raises(CatalogueRefused, match="Only the medical director"):
        editing.begin(make_published().treatment, actor=director, now=NOW)

    draft = make_draft()
    with pytest.raises(CatalogueRefused, match="Only the medical director"):
        editing.keep(draft, actor=director, now=NOW)


# --- Changing -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"max_depth_mm": Decimal("2.1")}, "no deeper than 2.0 mm"),
        ({"needs_supervision": False, "target_layer": "dermis"}, "needs a doctor"),
        ({"gap_min_days": 0}, "at least one day apart"),
        ({"gap_min_days": 57}, "longer than the longest"),
        ({"ideal_gap_days": 41}, "outside the gap allowed"),
        ({"passes_min": 21}, "fewest passes are more"),
        ({"maintenance_min": 4}, "fewest maintenance sessions are more"),
        ({"depth_source": "hearsay"}, "is not a valid choice"),
    ],
)
def test_what_no_protocol_may_say_is_refused_in_words(head, changes, said):
    draft = begun(head)

    with pytest.raises(CatalogueRefused, match=said):
        keep(draft, head, **changes)

    draft.refresh_from_db()
    assert draft.max_depth_mm == Decimal("2.0")


def test_the_limits_themselves_are_kept(head):
    draft = begun(head)

    keep(draft, head, gap_min_days=1, max_depth_mm=Decimal("2.0"), passes_min=20)

    draft.refresh_from_db()
    assert (draft.gap_min_days, draft.passes_min) == (1, 20)


def test_a_reason_holds_only_what_can_be_filled_in(head):
    rule = begun(head).rules.get()

    with pytest.raises(CatalogueRefused, match="hold only"):
        keep(rule, head, reason="Not before {then}.")


def test_a_changed_line_loses_its_approval_and_leaves_a_note(head):
    effect = begun(head).effects.get()
    ProtocolEffect.objects.filter(pk=effect.pk).update(
        approved_by=head, approved_at=NOW
    )
    effect.refresh_from_db()

    keep(effect, head, text="Pink for a day.")

    effect.refresh_from_db()
    notes = trail.of([effect.protocol])[effect.protocol_id]
    assert effect.approved_by is None
    assert [(one.did, one.by, one.words) for one in notes] == [
        (Did.CHANGED, head, "effect: redness"),
        (Did.BEGUN, head, ""),
    ]


def test_a_line_can_be_left_out(head):
    draft = begun(head)

    editing.remove(draft.facts.get(), actor=head, now=NOW)

    assert not draft.facts.exists()


def test_a_phase_goes_to_its_place(head):
    draft = begun(head)
    for position, name in enumerate(("Cleaning", "Turnover"), start=5):
        make_part(draft, "phases", name=name, position=position)

    editing.place(draft.phases.get(name="Turnover"), "Needling")
    assert [one.name for one in draft.phases.all()] == [
        "Needling",
        "Turnover",
        "Cleaning",
    ]

    editing.place(draft.phases.get(name="Cleaning"), "")
    assert [one.name for one in draft.phases.all()] == [
        "Cleaning",
        "Needling",
        "Turnover",
    ]


def test_a_line_of_a_published_version_changes_no_more(head):
    published = make_published()

    with pytest.raises(CatalogueRefused, match="published or thrown away meanwhile"):
        keep(published.facts.get(), head, text="Else.")


# --- The same change elsewhere ------------------------------------------------------


def test_a_change_is_made_where_the_same_is_said_and_left_where_something_else_is(head):
    draft = begun(head)
    same, other = make_published(), make_draft(version=1)
    make_part(other, "effects", text="Red skin.")
    for name in ("session_counts", "phases", "roles"):
        make_part(other, name)
    Protocol.objects.filter(pk=other.pk).update(published_at=NOW - timedelta(days=1))
    effect = draft.effects.get()
    keep(effect, head, text="Pink for a day.")

    left = editing.spread(
        effect,
        {"text": "Pink skin."},
        [same.treatment, other.treatment],
        actor=head,
        now=NOW,
    )

    assert left == [other.treatment]
    assert editing.draft_of(same.treatment).effects.get().text == "Pink for a day."
    assert editing.draft_of(other.treatment).effects.get().text == "Red skin."


def test_a_new_line_goes_where_there_is_none_of_its_name(head):
    draft, same = begun(head), make_published()
    line = make_part(draft, "effects", code="itching", text="It itches.")

    assert editing.spread(line, {}, [same.treatment], actor=head, now=NOW) == []
    assert editing.spread(line, {}, [same.treatment], actor=head, now=NOW) == [
        same.treatment
    ]

    codes = [one.code for one in editing.draft_of(same.treatment).effects.all()]
    assert codes == ["redness", "itching"]


# --- Throwing away ------------------------------------------------------------------


def test_a_draft_is_thrown_away_only_as_it_was_seen(head):
    draft = begun(head)
    seen = editing.digest(draft)
    keep(draft.facts.get(), head, text="An hour.")

    with pytest.raises(CatalogueRefused, match="Okafor has changed this draft"):
        editing.discard(draft, seen=seen, actor=head, now=NOW)
    editing.discard(draft, seen=editing.digest(draft), actor=head, now=NOW)

    assert editing.draft_of(draft.treatment) is None
    assert Treatment.objects.get(pk=draft.treatment_id).current_protocol().version == 1
