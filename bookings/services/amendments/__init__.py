"""Changes of a signed plan: what they would do, and doing exactly that."""
