"""Doors for people: fetch, parse, ask a service, render."""
