"""What the public site tells, from the catalogue and the set-up, in plain words."""
