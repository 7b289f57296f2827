"""What Cadence's own parts cost. Run them all with `make bench`.

Machines differ and drift: compare ratios taken in one run, not single figures.
"""
