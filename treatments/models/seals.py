"""Triggers that keep a published protocol as it was published.

A draft changes freely. From publication on, a protocol and its rows take one thing
only: an approval, once. Everything else is a new version.
"""

import pgtrigger

# What an approval writes, and what therefore may still change.
_SAME_BUT_FOR_APPROVAL = """
    to_jsonb(OLD) - '{approved_by_id,approved_at}'::text[]
        = to_jsonb(NEW) - '{approved_by_id,approved_at}'::text[]
    AND (OLD.approved_at IS NULL OR (OLD.approved_by_id, OLD.approved_at)
        IS NOT DISTINCT FROM (NEW.approved_by_id, NEW.approved_at))
"""

_REFUSE = """
    RAISE EXCEPTION 'A published protocol never changes. Publish a new version.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'published_protocol_is_sealed';
"""

_OWN = f"""
    IF OLD.published_at IS NOT NULL THEN
        IF TG_OP = 'UPDATE' AND {_SAME_BUT_FOR_APPROVAL} THEN RETURN NEW; END IF;
        {_REFUSE}
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""

# The parent is held FOR SHARE, so that no row slips in while it is being published.
_PART = f"""
    IF TG_OP = 'UPDATE' AND {_SAME_BUT_FOR_APPROVAL} THEN RETURN NEW; END IF;
    PERFORM id FROM treatments_protocol
        WHERE id IN (OLD.protocol_id, NEW.protocol_id) ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT FROM treatments_protocol
        WHERE id IN (OLD.protocol_id, NEW.protocol_id) AND published_at IS NOT NULL
    ) THEN
        {_REFUSE}
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


def protocol_seal() -> pgtrigger.Trigger:
    """Refuses to change or delete a published protocol."""
    return pgtrigger.Trigger(
        name="seal",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_literal(_OWN),
    )


def part_seal() -> pgtrigger.Trigger:
    """Refuses to add, change or delete a row of a published protocol."""
    return pgtrigger.Trigger(
        name="seal",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_literal(_PART),
    )


def _literal(sql: str) -> str:
    return " ".join(sql.split())
