"""The parts of the waiting list; `bookings.services.waiting` is its door."""
