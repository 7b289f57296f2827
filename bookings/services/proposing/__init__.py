"""Ways to book a series, each with its reasons, its alternatives and its remedies."""
