"""Work in the dermis under a doctor's supervision: who needs it, who gives it, when."""
