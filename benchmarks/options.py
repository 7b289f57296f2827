"""How much to measure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """`quick` takes under two minutes and tells less: fewer instances, rounds, rows."""

    quick: bool = False
