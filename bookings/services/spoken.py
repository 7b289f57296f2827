"""Days, moments and things as the desk says them, in the language of the page."""

from collections.abc import Sequence
from datetime import date, datetime

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.scheduling import Kind, Role


def day_words(day: date) -> str:
    """A day without its year: Wed 5 May."""
    return date_format(day, "D j M")


def moment_words(at: datetime) -> str:
    """A local moment after a verb: on Wed 5 May at 16:15."""
    return _("on %(day)s at %(time)s") % {"day": day_words(at), "time": f"{at:%H:%M}"}


def span_words(first: date, last: date) -> str:
    """Days from `first` to `last`, both included: 13–21 Mar, 28 Feb – 3 Mar."""
    if first == last:
        return date_format(first, "j M")
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{date_format(last, 'j M')}"
    return f"{date_format(first, 'j M')} – {date_format(last, 'j M')}"


def listed(names: Sequence[str]) -> str:
    """Names in a row: Dr Okafor, S. Lachance and M. Roy."""
    return get_text_list(list(names), _("and"))


def thing_words(name: str, role: Role) -> str:
    """What fills the role `name`, as the desk calls one of it."""
    words = {
        "practitioner": _("practitioner"),
        "supervisor": _("supervising doctor"),
        "room": _("room"),
        "rf": _("RF device"),
        "needling": _("needling device"),
        "centrifuge": _("centrifuge"),
        "device": _("device"),
    }
    return words[_noun(name, role)]


def every_words(name: str, role: Role, count: int) -> str:
    """All that could fill a role, at the start of a sentence: Both RF devices."""
    if count == 2:
        return _both(_noun(name, role))
    return _only_or_all(_noun(name, role), count) % {"number": apnumber(count)}


def _noun(name: str, role: Role) -> str:
    if role.kind == Kind.PRACTITIONER:
        return name if name == "supervisor" else "practitioner"
    if role.kind == Kind.ROOM:
        return "room"
    known = (
        skill for skill in ("rf", "centrifuge", "needling") if skill in role.skills
    )
    return next(known, "device")


def _both(noun: str) -> str:
    return {
        "practitioner": _("Both practitioners"),
        "supervisor": _("Both supervising doctors"),
        "room": _("Both rooms"),
        "rf": _("Both RF devices"),
        "needling": _("Both needling devices"),
        "centrifuge": _("Both centrifuges"),
        "device": _("Both devices"),
    }[noun]


def _only_or_all(noun: str, n: int) -> str:
    return {
        "practitioner": ngettext(
            "The only practitioner", "All %(number)s practitioners", n
        ),
        "supervisor": ngettext(
            "The only supervising doctor", "All %(number)s supervising doctors", n
        ),
        "room": ngettext("The only room", "All %(number)s rooms", n),
        "rf": ngettext("The only RF device", "All %(number)s RF devices", n),
        "needling": ngettext(
            "The only needling device", "All %(number)s needling devices", n
        ),
        "centrifuge": ngettext("The only centrifuge", "All %(number)s centrifuges", n),
        "device": ngettext("The only device", "All %(number)s devices", n),
    }[noun]
