"""Reactions after sessions, and what touched whom: from the first word to the last."""
