"""The waiting list: who waits, what is offered to whom, and what they say.

Free time needs no event to be offered. `match` reads the diary as it is, so that time
freed by a cancellation, a move, a hold that ran out, an outage that was lifted or a new
shift is all the same; beat rings it each minute. `slot_freed` only brings that forward
to the moment the freeing is committed, for the few entries that could use the time.

The order is fair: who waits longest is asked first, and gets the soonest time that
fits; the next in line gets what is left. (Entries added at once: the smaller key.)
"""

from bookings.services.waitlist.answers import accept, decline, lapse_overdue
from bookings.services.waitlist.entries import Wish, add, close, close_settled
from bookings.services.waitlist.matching import match, slot_freed
from bookings.services.waitlist.shown import (
    Waitable,
    can_wait,
    lines,
    of_patient,
    of_plan,
)

__all__ = [
    "Waitable",
    "Wish",
    "accept",
    "add",
    "can_wait",
    "close",
    "close_settled",
    "decline",
    "lapse_overdue",
    "lines",
    "match",
    "of_patient",
    "of_plan",
    "slot_freed",
]
