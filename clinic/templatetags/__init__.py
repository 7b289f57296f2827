"""What every template may ask of the clinic."""
