"""A request for a consultation as somebody makes it on the site: draft to answer."""
