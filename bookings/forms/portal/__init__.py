"""What is asked of patients on their own pages."""
