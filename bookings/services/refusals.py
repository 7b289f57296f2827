"""The one way the clinic says no."""


class BookingRefused(Exception):
    """A refusal whose text a person can act on; nothing has been written."""
