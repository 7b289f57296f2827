"""What patients may see and do themselves."""
