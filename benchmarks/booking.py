"""placeholder"""

from benchmarks.options import Options
from benchmarks.results import Results


def run(options: Options) -> Results:
    return Results("Booking")
