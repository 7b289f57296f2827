"""What changes in a series that stands: moved, done, cancelled, late; and what follows."""
