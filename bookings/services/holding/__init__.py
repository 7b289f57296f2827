"""Series kept free for a while: held, pencilled, confirmed, let go."""
