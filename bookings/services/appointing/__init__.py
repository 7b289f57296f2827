"""Booking one visit: a consultation, one session of a plan, a look at the results.

`talks` books and moves consultations and result reviews, `single` books one session
of a plan, `soonest` says where either could be; `rules` is what every talk obeys.
"""
