"""Real threads that go at one moment, for races."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from bookings.services.refusals import BookingRefused


def at_once(*acts):
    """Let all of `acts` go at once; what each returned or refused, in their order.

    Any other error is raised.
    """
    together = Barrier(len(acts))

    def go(act):
        together.wait()
        try:
            return act()
        except BookingRefused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as threads:
        return list(threads.map(go, acts))
