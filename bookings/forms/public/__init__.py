"""What is asked of people outside."""
