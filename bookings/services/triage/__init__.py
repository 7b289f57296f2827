"""What the desk sees of a request at a glance: its age, its verdict, its flags."""
