"""Forms turn text into values and stop."""
