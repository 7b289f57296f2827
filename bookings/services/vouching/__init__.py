"""The catalogue as the medical director reads and changes it."""
