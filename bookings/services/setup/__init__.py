"""Setting the clinic up: what changes, and which bookings that would touch."""
