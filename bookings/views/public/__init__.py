"""The clinic's public site: for everyone, signed in or not."""
