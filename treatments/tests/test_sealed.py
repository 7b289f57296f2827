"""A published protocol is read once; a draft each time."""

import pytest

from treatments.models import Protocol
from treatments.services import sealed
from treatments.tests.factories import make_draft, make_part
from treatments.tests.test_published_protocol import make_published

pytestmark = pytest.mark.django_db


def read(protocol):
    """Everything that is kept of a protocol."""
    opened = sealed.open_up(Protocol.objects.get(pk=protocol.pk))
    phases, roles = list(opened.phases.all()), list(opened.roles.all())
    return phases, roles, sealed.rules(opened), sealed.care(opened)


def test_what_is_kept_is_what_the_protocol_says():
    protocol = make_published()

    assert read(protocol) == (
        list(protocol.phases.all()),
        list(protocol.roles.all()),
        protocol.suitability_rules(),
        protocol.care(),
    )


def test_a_published_protocol_costs_nothing_the_second_time(
    django_assert_num_queries,
):
    protocol = make_published()
    read(protocol)

    with django_assert_num_queries(1):  # for the protocol itself
        read(protocol)


def test_a_draft_is_read_as_it_stands():
    draft = make_draft()
    make_part(draft, "rules")
    before = read(draft)

    make_part(draft, "rules", code="pregnancy", question="pregnancy")

    assert len(read(draft)[2]) == len(before[2]) + 1


def test_rows_fetched_with_the_protocol_are_not_asked_for_again(
    django_assert_num_queries,
):
    protocol = Protocol.objects.with_contents().get(pk=make_published().pk)

    with django_assert_num_queries(0):
        assert sealed.rules(protocol) == protocol.suitability_rules()
        assert sealed.care(protocol) == protocol.care()
