"""The benchmarks' own tests, run before anything is measured: what lies fails loudly."""

from datetime import date
from random import Random
from xml.etree import ElementTree

from benchmarks.clinics import Size, clinic
from benchmarks.fit import exponent
from benchmarks.peers import Peer
from benchmarks.plots import chart
from benchmarks.proposal import agrees
from benchmarks.timing import Sample
from bookings.scheduling import problem_to_json

TINY = Size(practitioners=2, rooms=1, devices=1, weeks=16, sessions=2, full=0.6)
SMALL = Size(practitioners=3, rooms=2, devices=1, weeks=20, sessions=3, full=0.75)
NARROW = Size(practitioners=2, rooms=1, devices=1, weeks=12, sessions=2, full=0.995)


def run() -> None:
    """Raise AssertionError, or Disagreement, where a tool of ours tells the wrong."""
    _fits()
    _percentiles()
    _pictures()
    _models()


def _fits() -> None:
    sizes = [1, 10, 100, 1000]
    for slope in (0.0, 0.5, 1.0, 2.0):
        found = exponent(sizes, [3 * size**slope for size in sizes])
        assert abs(found - slope) < 1e-9, (slope, found)


def _percentiles() -> None:
    sample = Sample([float(number) for number in range(1, 102)])
    assert (sample.median, sample.percentile(95), sample.percentile(99)) == (
        51,
        96,
        100,
    )


def _pictures() -> None:
    """A chart is well-formed, escapes its words and draws every point in its frame."""
    lines = {"a < b": [(1.0, 2.0), (10.0, 20.0)], "flat": [(1.0, 5.0), (10.0, 5.0)]}
    root = ElementTree.fromstring(chart("Cost & size", "size", "ms", lines))
    dots = [each for each in root.iter() if each.tag.endswith("circle")]
    assert len(dots) == 4
    assert all(0 < float(dot.get("cx", 0)) < 640 for dot in dots)
    assert "a < b" in [each.text for each in root.iter()]


def _models() -> None:
    """CP-SAT's model and our solver agree on small clinics, one of them hopeless."""
    with Peer("cpsat") as peer:
        for seed, size in enumerate([TINY, SMALL, NARROW, TINY, SMALL]):
            problem = clinic(Random(seed), size, date(2027, 1, 4))
            told = peer.ask(problem=problem_to_json(problem))
            assert agrees(problem, told), told
