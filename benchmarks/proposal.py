"""Proposing a series at clinic size: the solver, the rows behind it, and the peers."""

from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks import databases, places, rows
from benchmarks.clinics import CLOSES, OPENS, ZONE, Size, clinic, monday_after
from benchmarks.options import Options
from benchmarks.peers import Peer
from benchmarks.results import Results, ms
from benchmarks.timing import Measured, Sample, in_turns, timed
from bookings.models import TreatmentPlan
from bookings.scheduling import (
    Answer,
    Optimal,
    Problem,
    Strategy,
    moment,
    problem_to_json,
    solve,
    solve_each,
)
from bookings.services import diary
from bookings.services.proposing import proposals

SIZE = Size()
PEER_WEEKS = 8
WEEK = 7


class Disagreement(Exception):
    """CP-SAT proved another optimum than ours."""


def run(options: Options) -> Results:
    """Measure both halves at clinic size."""
    results = Results("Proposing a series")
    first = monday_after(timezone.now().date())
    alone(options, results, first)
    from_rows(options, results, first)
    return results


# --- The solver alone -----------------------------------------------------------------


def alone(options: Options, results: Results, first: date) -> None:
    """The solver on problem objects, against CP-SAT on the same ones."""
    count = 3 if options.quick else 12
    problems = [clinic(Random(seed), SIZE, first) for seed in range(1, count + 1)]
    ours: dict[Strategy, Sample] = {strategy: Sample() for strategy in Strategy}
    theirs, solved, proven = Sample(), Sample(), 0
    with Peer("cpsat") as peer:
        for problem in problems:
            _measure(ours, problem, repeats=5)
            told = peer.ask(problem=problem_to_json(problem))
            theirs.times.append(told["build_ms"] + told["solve_ms"])
            solved.times.append(told["solve_ms"])
            proven += agrees(problem, told)
    _tell(results, ours, theirs, solved)
    results.note(
        f"{proven} of {count} instances: CP-SAT proved the same optimum, or that there is"
        " none; no disagreement. It has all cores and looks for one plan; ours has one"
        " core, builds its masks and finds three."
    )


def _measure(ours: dict[Strategy, Sample], problem: Problem, repeats: int) -> None:
    for _turn in range(repeats):
        for strategy, sample in ours.items():
            asked = replace(problem, strategy=strategy, proposals=3)
            sample.times.append(timed(lambda asked=asked: solve(asked))())


def agrees(problem: Problem, told: dict[str, Any]) -> bool:
    """Whether CP-SAT proved our optimum; raises Disagreement where it proved another."""
    mine = _objective(solve(replace(problem, strategy=Strategy.EARLIEST_FINISH)))
    if told["status"] not in ("optimal", "infeasible"):
        return False
    if told["objective"] != mine:
        raise Disagreement(f"CP-SAT: {told['objective']}, ours: {mine}.")
    return True


def _objective(answer: Answer) -> list[int] | None:
    return list(answer.plans[0].objective) if isinstance(answer, Optimal) else None


def _tell(
    results: Results, ours: dict[Strategy, Sample], theirs: Sample, solved: Sample
) -> None:
    for strategy, sample in ours.items():
        results.add(
            f"Solver alone, three proposals, `{strategy}`",
            str(sample),
            figure=f"p99 {sample.tail:.1f} × median",
            target="≤ 30 ms",
            is_met=sample.median <= 30,
        )
    _tell_peers(results, ours[Strategy.EARLIEST_FINISH], theirs, solved)


def _tell_peers(results: Results, best: Sample, theirs: Sample, solved: Sample) -> None:
    ratio, whole = solved.median / best.median, theirs.median / best.median
    results.add(
        "The same whole problem by CP-SAT, one plan",
        ms(best.median),
        f"{ms(solved.median)} solving, {ms(theirs.median)} with its model",
        f"{ratio:.0f} × faster (with its model {whole:.0f} ×)",
        "≥ 40 ×",
        ratio >= 40,
    )
    results.add(
        "Solver's tail",
        f"p99 {ms(best.percentile(99))}",
        figure=f"{best.tail:.1f} × median",
        target="≤ 3 ×",
        is_met=best.tail <= 3,
    )


# --- From rows ------------------------------------------------------------------------


def from_rows(options: Options, results: Results, first: date) -> None:
    """The same diary as rows: read, solved, proposed and shown."""
    now = timezone.now()
    problem = clinic(Random(1), SIZE, first)
    location = places.load(problem)
    plan = places.make_plan(location, SIZE.sessions, now=now)
    weeks = _check_rows(plan, problem, first, now)
    with Peer("django_appointment", DATABASE_URL=_peer_database()) as peer:
        peer.ask(
            what="load",
            diaries=_diaries(problem),
            opens=_clock(OPENS),
            closes=_clock(CLOSES),
        )
        asked = {"first": first.isoformat(), "days": WEEK * PEER_WEEKS}
        calls = _calls(plan, first, now)
        calls["peer"] = lambda: float(peer.ask(what="search", **asked)["ms"])
        samples = in_turns(7 if options.quick else 25, calls)
        queries = peer.ask(what="count", **asked)["queries"]
    _tell_rows(results, samples)
    _tell_peer(results, samples, weeks, queries)


def _check_rows(
    plan: TreatmentPlan, problem: Problem, first: date, now: datetime
) -> float:
    """How many weeks are read; raises Disagreement unless rows and problem agree."""
    read = diary.read(plan, places.request(first), now=now)
    series = replace(read.problem.series, latest=problem.series.latest)
    again = solve(replace(read.problem, series=series))
    if _objective(solve(problem)) != _objective(again):
        raise Disagreement("The rows lead to another plan than the problem.")
    return (read.problem.series.latest - read.problem.series.earliest).days / WEEK


def _peer_database() -> str:
    return databases.url(databases.create("peer"))


def _clock(hour: int) -> str:
    return f"{hour:02}:00"


def _diaries(problem: Problem) -> list[list[list[str]]]:
    """Each practitioner's bookings as (date, start, end) in local time."""
    return [
        [_local(start, end) for start, end in one.busy]
        for one in problem.resources
        if one.kind == "practitioner"
    ]


def _local(start: int, end: int) -> list[str]:
    begins, ends = moment(start, ZONE), moment(end, ZONE)
    return [begins.date().isoformat(), f"{begins:%H:%M}", f"{ends:%H:%M}"]


def _calls(plan: TreatmentPlan, first: date, now: datetime) -> dict[str, Measured]:
    wishes = places.wishes(first)
    request = places.request(first)
    client = Client(headers={"host": "localhost"})
    client.force_login(places.somebody())
    page = reverse("desk:series-propose", args=[plan.pk])
    return {
        "SELECT 1": timed(lambda: rows.execute("SELECT 1")),
        "read": timed(lambda: diary.read(plan, request, now=now)),
        "rows": timed(lambda: solve_each(diary.read(plan, request, now=now).problem)),
        "propose": timed(lambda: proposals.propose(plan, wishes, now=now)),
        "page": timed(lambda: _opened(client, page)),
    }


def _opened(client: Client, page: str) -> None:
    status = client.get(page).status_code
    if status != 200:
        raise RuntimeError(f"{page} answered {status}.")


def _tell_rows(results: Results, samples: dict[str, Sample]) -> None:
    trip = samples["SELECT 1"].median
    told = {
        "read": "Rows to a problem object (`diary.read`)",
        "rows": "Rows to three proposals, one per strategy (read and solve)",
        "propose": "The same in words, with reasons and ribbons (`proposals.propose`)",
        "page": "The same on screen: the whole page, signed in",
    }
    for name, what in told.items():
        sample, on_screen = samples[name], name == "page"
        results.add(
            what,
            str(sample),
            f"{ms(trip)} for `SELECT 1`",
            f"{sample.median / trip:.0f} × the bare round trip, p99 {sample.tail:.1f} × median",
            "≤ 60 ms, p99 ≤ 3 × median" if on_screen else "",
            (sample.median <= 60 and sample.tail <= 3) if on_screen else None,
        )


def _tell_peer(
    results: Results, samples: dict[str, Sample], weeks: float, queries: int
) -> None:
    """Both per practitioner and week searched: theirs searches one, ours them all."""
    mine = samples["rows"].median / (SIZE.practitioners * weeks)
    theirs = samples["peer"].median / PEER_WEEKS
    results.add(
        "Per practitioner and week searched, against django-appointment",
        f"{1000 * mine:.0f} µs",
        f"{1000 * theirs:,.0f} µs ({samples['peer']} for {PEER_WEEKS} weeks of one"
        f" practitioner, {queries} queries)",
        f"{theirs / mine:,.0f} × faster",
        "≥ 50 ×",
        theirs / mine >= 50,
    )
