"""Private photos: judged, kept, shown to those who may, compared, put away."""
