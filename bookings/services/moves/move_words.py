"""Why a session has to follow, why it cannot, and what is left of getting ready."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.scheduling import Blocked, DayOption, Session
from bookings.services.diary import PATIENT
from bookings.services.judging import PlannedSession
from bookings.services.messages import moments
from bookings.services.moves.standing import Scene, roles_of
from bookings.services.spoken import day_words, listed, moment_words, thing_words
from treatments.care import Instruction, precare_begins


def drags(option: DayOption, number: int) -> str:
    """Which other sessions a move to that day would take with it."""
    if option.follows is None:
        return _("The sessions after it cannot follow.")
    others = [one for one in option.follows.sessions if one.number != number]
    moved = [one for one in others if one.number in option.follows.moved]
    if not moved:
        return _("Nothing else moves.")
    if len(moved) == 1:
        return _("Session %(number)s moves too, to %(day)s.") % {
            "number": moved[0].number,
            "day": day_words(moved[0].start),
        }
    return _("Sessions %(numbers)s move too.") % {
        "numbers": listed([str(one.number) for one in moved])
    }


def nobody_free(scene: Scene, number: int, start: datetime) -> str:
    """Whom or what session `number` lacks from `start` on."""
    local = start.astimezone(scene.plan.location.zone)
    roles = scene.problem.roles
    gone = scene.twice_a_day.lost(0, start)
    lost = [name for name in roles if name in gone]
    when = moment_words(local)
    if not lost:
        return _(
            "Session %(number)s finds no people, room and device free together %(when)s."
        ) % {"number": number, "when": when}
    things = [thing_words(name, roles[name]) for name in lost]
    return _("For session %(number)s no %(things)s is free %(when)s.") % {
        "number": number,
        "things": get_text_list(things, _("or")),
        "when": when,
    }


def blocked(scene: Scene, answer: Blocked) -> str:
    """Which session finds no place, and what it lacks."""
    roles = scene.problem.roles
    names = [name for name in answer.roles if name in roles and name != PATIENT]
    return _blocked_words(len(names)) % {
        "number": answer.session,
        "opens": day_words(answer.window[0]),
        "closes": day_words(answer.window[1]),
        "things": listed([thing_words(name, roles[name]) for name in names]),
    }


def _blocked_words(things: int) -> str:
    if things > 1:
        return _(
            "Session %(number)s finds no place: %(things)s are never free together from "
            "%(opens)s to %(closes)s."
        )
    if things:
        return _(
            "Session %(number)s finds no place: no %(things)s is free from %(opens)s "
            "to %(closes)s."
        )
    return _(
        "Session %(number)s finds no place: there is no day for it from %(opens)s "
        "to %(closes)s."
    )


def why(
    scene: Scene,
    session: Session,
    dates: Mapping[int, date],
    names: Mapping[str, str],
) -> str:
    """Why `session` changes, given the dates by number that the others will have."""
    row = scene.sessions.get(session.number)
    if row is None:
        return _("It has no time yet.")
    if row.starts_at == session.start:
        return _exchanged(scene, session, names)
    day = row.local_date
    return (
        _too_far_from(scene, day, session.number, dates, -1)
        or _too_far_from(scene, day, session.number, dates, +1)
        or _not_before(scene, day)
        or _taken(scene, session.number, row.starts_at, names)
    )


def _too_far_from(
    scene: Scene, day: date, number: int, dates: Mapping[int, date], side: int
) -> str:
    """That its old day breaks the gap to its neighbour, and where it may lie instead."""
    other = dates.get(number + side)
    if other is None:
        return ""
    fewest, most = scene.plan.gap_days
    days = (day - other).days * -side
    if fewest <= days <= most:
        return ""
    near, far = timedelta(days=fewest) * -side, timedelta(days=most) * -side
    opens, closes = sorted([other + near, other + far])
    return _gap_words(side, is_wide=days > most) % {
        "day": date_format(day, "j M"),
        "days": days,
        "other": number + side,
        "fewest": fewest,
        "most": most,
        "opens": _opens(opens, closes),
        "closes": date_format(closes, "j M"),
    }


def _gap_words(side: int, *, is_wide: bool) -> str:
    """What is wrong with a gap to the session before (-1) or after, and the limit."""
    if side < 0:
        where = _("On %(day)s it would come %(days)s days after session %(other)s.")
    else:
        where = _("On %(day)s it would come %(days)s days before session %(other)s.")
    if is_wide:
        limit = _(
            "The limit is %(most)s, so it must be between %(opens)s and %(closes)s."
        )
    else:
        limit = _(
            "At least %(fewest)s are needed, so it must be between %(opens)s and "
            "%(closes)s."
        )
    return f"{where} {limit}"


def _opens(opens: date, closes: date) -> str:
    """The first of two days; the month is said once where it is the same."""
    same = (opens.year, opens.month) == (closes.year, closes.month)
    return date_format(opens, "j" if same else "j M")


def _not_before(scene: Scene, day: date) -> str:
    if scene.not_before is None or day >= scene.not_before:
        return ""
    return _("The health answers do not allow it before %(day)s.") % {
        "day": day_words(scene.not_before)
    }


def _taken(scene: Scene, number: int, start: datetime, names: Mapping[str, str]) -> str:
    """Who or what it can no longer have where it stands."""
    lost = scene.replanner.lost(number, start)
    roles = roles_of(scene.sessions[number])
    gone = [names[roles[name]] for name in lost if roles.get(name) in names]
    if not gone:
        return ""
    return ngettext(
        "%(who)s is no longer free then.", "%(who)s are no longer free then.", len(gone)
    ) % {"who": listed(gone)}


def _exchanged(scene: Scene, session: Session, names: Mapping[str, str]) -> str:
    """Who takes over from whom, at the same time."""
    before = roles_of(scene.sessions[session.number])
    pairs = [
        (names.get(who, who), names.get(session.roles[role], ""))
        for role, who in before.items()
        if session.roles.get(role, who) != who
    ]
    return " ".join(
        _("%(new)s takes over from %(old)s.") % {"new": new, "old": old}
        for old, new in dict.fromkeys(pairs)
    )


def care(scene: Scene, placed: Iterable[PlannedSession]) -> list[str]:
    """What the new days do to getting ready: missed in part, or begun for nothing."""
    return list(filter(None, (_care(scene, session) for session in placed)))


def _care(scene: Scene, session: PlannedSession) -> str:
    row = scene.sessions.get(session.number)
    zone = scene.plan.location.zone
    day = session.starts_at.astimezone(zone).date()
    if row and row.local_date == day:
        return ""
    instructions = _instructions(scene, session.number)
    begins = precare_begins(instructions, day)
    visit = moments.Visit(session.starts_at, session.ends_at, zone, instructions)
    due = visit.at(min(begins, day - timedelta(days=1)), moments.CARE_HOUR)
    if begins == day:
        return ""
    if due < scene.now:
        return _missed(scene, session.number, day, begins, due.astimezone(zone).date())
    if row and precare_begins(instructions, row.local_date) <= scene.today:
        return _(
            "Getting ready for session %(number)s on %(old)s has begun already. For "
            "%(day)s it begins again on %(begins)s."
        ) % {
            "number": session.number,
            "old": day_words(row.local_date),
            "day": day_words(day),
            "begins": day_words(begins),
        }
    return ""


def _instructions(scene: Scene, number: int) -> tuple[Instruction, ...]:
    protocol = scene.plan.protocol
    return tuple(
        one for one in protocol.care() if number == 1 or not one.first_session_only
    )


def _missed(scene: Scene, number: int, day: date, begins: date, due: date) -> str:
    lasts, left = (day - begins).days, max(0, (day - scene.today).days)
    was_due = (
        _("The pre-care e-mail for session %(number)s was due yesterday, %(due)s.")
        if scene.today - due == timedelta(days=1)
        else _("The pre-care e-mail for session %(number)s was due on %(due)s.")
    )
    rest = ngettext(
        "Pre-care lasts %(lasts)s days and %(left)s is left. Ask what was used since "
        "then.",
        "Pre-care lasts %(lasts)s days and %(left)s are left. Ask what was used since "
        "then.",
        left,
    )
    return f"{was_due} {rest}" % {
        "number": number,
        "due": date_format(due, "j M"),
        "lasts": lasts,
        "left": left,
    }
