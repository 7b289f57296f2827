"""Publishing a draft as the next version, and vouching for what is published."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import User
from treatments.models import Protocol
from treatments.services import trail
from treatments.services.catalogue import PARTS, contents
from treatments.services.editing import CatalogueRefused, hold, judge_seen
from treatments.services.loading import keep_approvals
from treatments.services.trail import Did

PERMISSION = "treatments.approve_protocol"
FIGURES = "figures"
SUPERVISOR = "supervisor"
NOT_YOURS = gettext_lazy("Only the medical director signs for the catalogue.")


@transaction.atomic
def publish(
    draft: Protocol, *, seen: str, reason: str, actor: User, now: datetime
) -> Protocol:
    """Make the draft the version that new plans follow, signed by `actor`.

    Plans that run keep theirs. The signature stands under every value that changed;
    what did not change keeps the approval that it had. `seen` is the digest of what the
    page showed. Raises CatalogueRefused, with nothing written.
    """
    _judge_actor(actor)
    draft = hold(draft.treatment)
    judge_seen(draft, seen)
    _judge(draft, reason)
    current = draft.treatment.current_protocol()
    _sign(draft, current, actor, now)
    draft.version = _next_version(draft)
    draft.published_at = now
    draft.save(update_fields=["version", "published_at"])
    trail.note(draft, Did.PUBLISHED, reason.strip(), actor=actor, now=now)
    return draft


def problems(draft: Protocol) -> list[str]:
    """What still keeps a draft from being published, in words."""
    roles = {role.name for role in draft.roles.all()}
    used = {name for phase in draft.phases.all() for name in phase.roles}
    found = [
        _("A phase uses “%(name)s”, which is not among the roles.") % {"name": name}
        for name in sorted(used - roles)
    ]
    found += [
        _("No phase uses the role “%(name)s”.") % {"name": name}
        for name in sorted(roles - used)
    ]
    return found + list(_gaps(draft, roles))


def _gaps(draft: Protocol, roles: Collection[str]) -> Iterator[str]:
    if not draft.phases.exists():
        yield _("A session needs at least one phase.")
    if not draft.session_counts.filter(concern=None).exists():
        yield _("Say how many sessions any other concern takes.")
    if draft.needs_supervision and SUPERVISOR not in roles:  # source: S1
        yield _("A supervised session needs the role “supervisor”.")


@transaction.atomic
def confirm(
    protocol: Protocol, keys: Collection[str], *, actor: User, now: datetime
) -> int:
    """Put `actor`'s name under the values named by `keys`; say under how many.

    A key is "figures", or a part and a row such as "care:12". Raises CatalogueRefused
    where none is chosen, where a newer version stands, or where all have a name already.
    """
    _judge_actor(actor)
    trail.wait_for_turn()
    if protocol.treatment.current_protocol() != protocol:
        raise CatalogueRefused(
            _("A newer version has been published meanwhile. Confirm that one.")
        )
    if not keys:
        raise CatalogueRefused(_("Choose what you confirm."))
    count = _approve(protocol, keys, actor, now)
    if not count:
        raise CatalogueRefused(_("Somebody has confirmed these values meanwhile."))
    trail.note(protocol, Did.CONFIRMED, str(count), actor=actor, now=now)
    return count


def _approve(
    protocol: Protocol, keys: Collection[str], actor: User, now: datetime
) -> int:
    approval = {"approved_by": actor, "approved_at": now}
    count = 0
    if FIGURES in keys:
        own = Protocol.objects.filter(pk=protocol.pk, approved_at=None)
        count += own.update(**approval)
    for name, part in PARTS.items():
        chosen = [
            pk for at, _colon, pk in (k.partition(":") for k in keys) if at == name
        ]
        rows = part._default_manager.filter(
            protocol=protocol,
            approved_at=None,
            pk__in=[int(pk) for pk in chosen if pk.isdecimal()],
        )
        count += rows.update(**approval)
    return count


def _sign(
    draft: Protocol, current: Protocol | None, actor: User, now: datetime
) -> None:
    """Carry the approvals of `current` over, and approve what differs from it."""
    approval = {"approved_by": actor, "approved_at": now}
    if current:
        keep_approvals(current, draft)
    before = contents(current) if current else None
    if before is None or before.figures != contents(draft).figures:
        Protocol.objects.filter(pk=draft.pk).update(**approval)
    for name, part in PARTS.items():
        known = getattr(before, name, ())
        rows: Any = part._default_manager.filter(protocol=draft, approved_at=None)
        new = [row.pk for row in rows if row.as_value() not in known]
        part._default_manager.filter(pk__in=new).update(**approval)


def _next_version(draft: Protocol) -> int:
    """One more than the newest published: a file may have published meanwhile."""
    newest = draft.treatment.current_protocol()
    return max(draft.version, newest.version + 1 if newest else 1)


def _judge(draft: Protocol, reason: str) -> None:
    if not reason.strip():
        raise CatalogueRefused(_("Say why: the reason is kept with the version."))
    if found := problems(draft):
        raise CatalogueRefused(" ".join(found))
    current = draft.treatment.current_protocol()
    if current and contents(current) == contents(draft):
        raise CatalogueRefused(
            _("Nothing differs from version %(number)s: there is nothing to publish.")
            % {"number": current.version}
        )


def _judge_actor(actor: User) -> None:
    if not actor.has_perm(PERMISSION):
        raise CatalogueRefused(str(NOT_YOURS))
