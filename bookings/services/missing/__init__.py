"""People, rooms and devices that drop out, and the sessions they leave."""
