"""Session records: begun from the plan, kept while typed, signed, amended, co-signed."""
