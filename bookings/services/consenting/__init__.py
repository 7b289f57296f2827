"""Consent to treatment and to photos: the words, the signature, and how it stands."""

from bookings.services.consenting.standing import Due, due

__all__ = ["Due", "due"]
