"""A patient's own pages."""
