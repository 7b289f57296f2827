"""Signing a draft: what it needs, what it approves, and what a file may still change."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from treatments.models import Protocol, Treatment
from treatments.services import catalogue, editing, loading, publishing, trail
from treatments.services.catalogue_file import parse
from treatments.services.editing import CatalogueRefused
from treatments.tests.factories import make_part
from treatments.tests.test_editing import NOW, begun, keep, make_offer

pytestmark = pytest.mark.django_db

TEXT = loading.CATALOGUE.read_text(encoding="utf-8")
WHY = "The new guideline says so."


def publish(draft, head, *, seen="", reason=WHY, now=NOW):
    return publishing.publish(
        draft, seen=seen or editing.digest(draft), reason=reason, actor=head, now=now
    )


def changed(head, text="An hour.", protocol=None):
    """A draft that could be signed: one fact differs."""
    draft = begun(head, protocol)
    keep(draft.facts.get(code="duration"), head, text=text)
    return draft


# --- Signing ------------------------------------------------------------------------


def test_new_plans_follow_the_signed_version_at_once_and_the_old_one_stays(head):
    old = make_offer()

    new = publish(changed(head, protocol=old), head)

    assert old.treatment.current_protocol() == new
    assert (new.version, new.published_at) == (2, NOW)
    assert Protocol.objects.get(pk=old.pk).facts.get().text == "Half an hour."
    assert trail.published(new).words == WHY
    assert trail.published(old) is None


def test_the_signature_stands_under_what_changed_and_only_there(head):
    old = make_offer()
    publishing.confirm(old, {"figures"}, actor=head, now=NOW - timedelta(days=9))

    new = publish(changed(head, protocol=old), head)

    assert new.facts.get().approved_by == head
    assert new.effects.get().approved_by is None
    new.refresh_from_db()
    assert new.approved_at == NOW - timedelta(days=9)


def test_changed_figures_are_signed_too(head):
    draft = begun(head)
    keep(draft, head, passes_max=12)

    new = publish(draft, head)

    new.refresh_from_db()
    assert (new.approved_by, new.approved_at) == (head, NOW)
    assert new.facts.get().approved_by is None


def test_a_signature_needs_a_reason(head):
    with pytest.raises(CatalogueRefused, match="Say why"):
        publish(changed(head), head, reason="  ")


def test_only_who_may_vouch_signs(head, director):
    with pytest.raises(CatalogueRefused, match="Only the medical director signs"):
        publish(changed(head), director)


def test_who_has_not_seen_the_last_change_does_not_sign_it(head):
    draft = changed(head)
    seen = editing.digest(draft)
    keep(draft.effects.get(), head, text="Pink for a day.")

    with pytest.raises(CatalogueRefused, match="has changed this draft meanwhile"):
        publish(draft, head, seen=seen)

    assert draft.treatment.current_protocol().version == 1


def test_a_draft_that_says_the_same_is_not_published(head):
    with pytest.raises(CatalogueRefused, match="Nothing differs from version 1"):
        publish(begun(head), head)


def test_a_second_signature_finds_the_draft_gone(head):
    draft = changed(head)
    publish(draft, head)

    with pytest.raises(CatalogueRefused, match="published or thrown away meanwhile"):
        publish(draft, head, seen="whatever")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d.phases.all().delete(), "at least one phase"),
        (lambda d: d.session_counts.all().delete(), "any other concern"),
        (lambda d: d.phases.update(roles=["room", "nurse"]), "A phase uses “nurse”"),
        (
            lambda d: make_part(d, "roles", name="spare"),
            "No phase uses the role “spare”",
        ),
        (
            lambda d: Protocol.objects.filter(pk=d.pk).update(needs_supervision=True),
            "needs the role “supervisor”",
        ),
    ],
)
def test_what_does_not_hold_together_is_named_and_not_signed(head, spoil, said):
    draft = changed(head)
    spoil(draft)
    draft.refresh_from_db()

    assert any(said in problem for problem in publishing.problems(draft))
    with pytest.raises(CatalogueRefused, match=said):
        publish(draft, head)


# --- Confirming ---------------------------------------------------------------------


def test_values_are_confirmed_one_by_one(head):
    protocol = make_offer()
    rule, effect = protocol.rules.get(), protocol.effects.get()

    count = publishing.confirm(protocol, {f"rules:{rule.pk}"}, actor=head, now=NOW)

    rule.refresh_from_db()
    effect.refresh_from_db()
    assert (count, rule.approved_by, effect.approved_by) == (1, head, None)


def test_what_has_a_name_already_keeps_it(head):
    protocol = make_offer()
    catalogue.approve(protocol, actor=head, now=NOW)

    with pytest.raises(CatalogueRefused, match="confirmed these values meanwhile"):
        publishing.confirm(protocol, {"figures"}, actor=head, now=NOW)


@pytest.mark.parametrize("keys", [set(), {"rules:x", "else:1", "rules:"}])
def test_nothing_is_confirmed_where_nothing_is_named(head, keys):
    with pytest.raises(CatalogueRefused):
        publishing.confirm(make_offer(), keys, actor=head, now=NOW)


def test_a_version_that_is_no_longer_current_is_not_confirmed(head):
    old = make_offer()
    publish(changed(head, protocol=old), head)

    with pytest.raises(CatalogueRefused, match="newer version has been published"):
        publishing.confirm(old, {"figures"}, actor=head, now=NOW)


# --- The file -----------------------------------------------------------------------


@pytest.fixture
def loaded(db) -> Treatment:
    loading.load(parse(TEXT), now=NOW)
    return Treatment.objects.get(code="scar-roller")


def test_the_file_does_not_overwrite_what_was_published_here(head, loaded):
    publish(changed(head, protocol=loaded.current_protocol()), head)

    out = StringIO()
    call_command("load_catalogue", stdout=out)

    assert loaded.current_protocol().facts.get(code="duration").text == "An hour."
    assert out.getvalue().splitlines() == [
        "Kept as published here. scar-roller, version 2: "
        "facts: duration has changed, says the file.",
        "The catalogue is up to date.",
    ]


def test_a_draft_alone_does_not_keep_the_file_out(head, loaded):
    draft = changed(head, protocol=loaded.current_protocol())

    loading.load(parse(TEXT.replace("passes_min = 15", "passes_min = 14")), now=NOW)
    assert loaded.current_protocol().passes_min == 14

    new = publish(draft, head)
    assert (new.version, loaded.current_protocol()) == (4, new)
