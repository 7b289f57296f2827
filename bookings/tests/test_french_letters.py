"""Every letter is French from end to end for whoever reads French."""

import pytest
from django.core.management import call_command
from django.utils import translation
from django.utils.translation import gettext

from bookings.models import Message
from bookings.services.messages import letters
from bookings.services.messages.reminders import RULES
from bookings.tests.factories import NOW, make_plan
from bookings.tests.french import unsaid
from bookings.tests.letterbox import make_message, make_talk, make_visit
from treatments.models import Protocol

pytestmark = pytest.mark.django_db

OF_A_VISIT = [rule for rule in RULES if RULES[rule].kinds]
TREATMENTS = [
    "microneedling",
    "microneedling-prp",
    "microneedling-rf",
    "microneedling-rf-prp",
    "scar-roller",
]


def test_a_word_without_french_would_be_heard():
    with unsaid() as heard, translation.override("fr"):
        gettext("A sentence nobody has translated.")
        gettext("Yes")

    assert heard == {"A sentence nobody has translated."}


@pytest.mark.parametrize("rule", OF_A_VISIT)
@pytest.mark.parametrize("treatment", TREATMENTS)
def test_no_word_about_a_session_is_left_in_english(rule, treatment):
    call_command("load_catalogue", verbosity=0)
    protocol = Protocol.objects.current().get(treatment__code=treatment)
    visit = make_visit(plan=make_plan(protocol=protocol))

    assert unsaid_in(make_message(visit, rule=rule, language="fr")) == set()


@pytest.mark.parametrize("rule", ["confirmation", "practical", "cancelled"])
@pytest.mark.parametrize("kind", ["consultation", "result-review"])
def test_no_word_about_a_talk_is_left_in_english(rule, kind):
    talk = make_talk(kind=kind)

    assert unsaid_in(make_message(talk, rule=rule, language="fr")) == set()


def unsaid_in(message):
    row = Message.objects.with_people().get(pk=message.pk)
    with unsaid() as heard:
        letters.write(row, now=NOW)
    return heard
