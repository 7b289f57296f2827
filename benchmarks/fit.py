"""How a cost grows: the exponent of the power law that fits it best."""

from collections.abc import Sequence
from math import log


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of log cost over log size, by least squares: 0 is flat, 1 is linear."""
    if len(sizes) != len(costs) or len(set(sizes)) < 2:
        raise ValueError("A fit needs at least two sizes, each with its cost.")
    xs, ys = [log(size) for size in sizes], [log(cost) for cost in costs]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - x_mean) ** 2 for x in xs)
    together = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    return together / spread
