"""Addresses, one module for each face."""
