"""Clinicians’ work on a plan: what it says, suggestions, templates, live effect."""
