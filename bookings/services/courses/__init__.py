"""Where every series of treatment stands: what is missing, and how urgent it is."""
