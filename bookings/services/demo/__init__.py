"""The demo clinic: invented people in a filled diary, the same every time.

Everything is relative to one day in the clinic's zone and drawn from one seeded
generator, so that two loads on the same day give the same clinic.
"""
