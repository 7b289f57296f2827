"""All that is kept about one person: likeness, agreements, files, history."""
