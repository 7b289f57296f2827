"""Tags for the clinicians' review of one plan."""

from decimal import Decimal

from django import template

from bookings.models import PlanArea, PlanDecision
from bookings.services import verdicts
from bookings.services.reviewing import versions
from bookings.services.reviewing.since import Since

register = template.Library()


@register.simple_tag
def depth_before(since: Since, area: PlanArea) -> str:
    """The depth in mm at the last word on an earlier version; "" where it is the same."""
    was = versions.depth_before(since.contents, area.area_id)
    return was if was and Decimal(was) != area.depth_mm else ""


@register.filter
def about(decision: PlanDecision) -> str:
    """What a decision is about, in a word or two."""
    return verdicts.subject(decision.rule_code)
