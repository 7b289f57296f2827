"""What Cadence costs, beside its peers and the floor. Run it all with `make bench`.

    python -m benchmarks [--quick] [proposal] [growth] [booking] [memory]

Machines differ and drift: every figure that counts is a ratio taken in one run, from
rounds in which the things compared take turns.
"""
