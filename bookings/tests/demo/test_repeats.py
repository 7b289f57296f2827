"""The demo is the same every time for the same day, and is loaded once."""

from io import StringIO

from django.core.management import call_command

from bookings.tests.demo.rows import digest


def test_two_loads_on_the_same_day_make_the_same_clinic(demo):
    evening = demo

    morning = digest()

    assert morning == evening
    assert morning["Claim"][0] > 5_000


def test_loading_again_changes_nothing_and_says_so(demo):
    before, out = digest(), StringIO()

    call_command("load_demo", stdout=out)

    assert out.getvalue() == "The demo clinic is here already; nothing changed.\n"
    assert digest() == before
