"""manage.py solve_series, from the outside: text in, text out, an exit status."""

import json
import os
import subprocess
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bookings.tests.exchange import answer, problem

ROOT = Path(__file__).resolve().parents[2]
IMPOSSIBLE = problem(resources=[])


@pytest.fixture
def typed(monkeypatch):
    """Put bytes on standard input."""

    def put(text):
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(text)))

    return put


def run(*arguments):
    """What the command wrote, and its exit status."""
    out, err = StringIO(), StringIO()
    try:
        call_command("solve_series", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        return out.getvalue(), err.getvalue(), ended.code
    return out.getvalue(), err.getvalue(), 0


def test_a_file_is_answered_on_standard_output(tmp_path):
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(problem(), indent=2))

    out, err, status = run(str(file))
    assert (json.loads(out), err, status) == (answer(), "", 0)


def test_a_dash_reads_standard_input(typed):
    typed(json.dumps(problem()).encode())

    out, _err, _status = run("-")
    assert json.loads(out) == answer()


def test_an_infeasible_problem_is_an_answer_too(typed):
    typed(json.dumps(IMPOSSIBLE).encode())

    out, err, status = run("-")
    assert (json.loads(out)["status"], err, status) == ("infeasible", "", 0)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (b"", "problem: "),
        (b"{", "problem: "),
        (b"[]", "problem: "),
        (b"\xff", "problem: "),
        (b"[" * 100_000, "problem: "),
        (b"9" * 5000, "problem: "),
        (b"{}", "timezone: "),
        (json.dumps(problem(count=0)).encode(), "series.count: "),
        (json.dumps({"two\nlines": 1}).encode(), "two\\nlines: "),
    ],
)
def test_a_malformed_problem_is_one_line_of_error_and_status_two(typed, text, path):
    typed(text)

    out, err, status = run("-")
    assert (out, status) == ("", 2)
    assert err.startswith(path)
    assert err.count("\n") == 1


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path):
    for name in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(
            CommandError, match=f"^{name}: .* cannot be read"
        ) as refusal:
            call_command("solve_series", str(name))

        assert refusal.value.returncode == 1


def test_each_line_has_its_answer_in_order_malformed_or_not(tmp_path):
    file = tmp_path / "problems.jsonl"
    lines = [json.dumps(problem()), "", "{}", json.dumps(IMPOSSIBLE), "null"]
    file.write_text("\n".join(lines))

    out, err, status = run(str(file), "--lines")
    answers = [json.loads(line) for line in out.splitlines()]
    assert (err, status) == ("", 0)
    assert [each["status"] for each in answers] == [
        "optimal",
        "malformed",
        "malformed",
        "infeasible",
        "malformed",
    ]
    assert answers[2]["error"].startswith("timezone: ")


def test_no_lines_are_no_answers(typed):
    typed(b"")

    assert run("-", "--lines") == ("", "", 0)


def test_each_answer_is_out_before_the_next_line_is_read():
    nowhere = {
        "DATABASE_URL": "postgres://nobody:x@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "only for this test, as nothing is signed",
    }
    command = [sys.executable, "manage.py", "solve_series", "-", "--lines"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **nowhere},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as talking:
        for _turn in range(3):
            talking.stdin.write(json.dumps(problem()) + "\n")
            talking.stdin.flush()
            assert json.loads(talking.stdout.readline()) == answer()
        talking.stdin.close()
        assert talking.wait(timeout=30) == 0
