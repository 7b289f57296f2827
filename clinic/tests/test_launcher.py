"""The demo, started and ended as a person would: from outside."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from clinic import children, launcher, port, processes, servers

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"


@pytest.fixture
def var():
    """A folder for one demo, in which nothing runs when the test is over."""
    with tempfile.TemporaryDirectory(prefix="cadence-") as folder:
        yield (var := Path(folder, "var"))
        processes.end(
            processes.read_pid(var / "launcher.lock"), "clinic.launcher", patience=10
        )
        children.end_recorded(var)
        servers.Postgres(var, {}).stop()
        servers.Valkey(var, durable=True).stop()


@pytest.fixture
def free():
    """A port that nobody serves on."""
    with socket.socket() as server:
        server.bind((port.HOST, 0))
        return server.getsockname()[1]


def start(var, number):
    ours = ("CADENCE_", "DJANGO_", "DATABASE_URL", "REDIS_URL", "PYTEST_", "MAKE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return subprocess.Popen(
        [sys.executable, "-m", "clinic.launcher"],
        cwd=servers.REPOSITORY,
        env={**kept, "CADENCE_VAR": str(var), "PORT": str(number)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(demo, words):
    """What the demo says up to and with the line that has `words`."""
    said = ""
    while words not in said:
        line = demo.stdout.readline()
        assert line, said
        said += line
    return said


def health(number):
    line = http.client.HTTPConnection(port.HOST, number, timeout=10)
    line.request("GET", "/healthz")
    status = line.getresponse().status
    line.close()
    return status


def sessions(var):
    """The sessions that the demo of `var` has started, each named for its leader."""
    recorded = [processes.read_pid(path) for path in (var / "pids").glob("*.pid")]
    embedded = servers.Postgres(var, {}).pid(), servers.Valkey(var, True).pid()
    return {*recorded, *embedded}


def alive_in(leaders):
    """Every process, grandchildren too, that lives in one of these sessions."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [p for p in pids if processes.command_line(p) and session_of(p) in leaders]


def session_of(pid):
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0


def test_a_demo_recovers_from_a_kill_and_leaves_nothing_when_asked_to_stop(var, free):
    killed = start(var, free)
    first_words = read_until(killed, "manager@example.org")
    left_behind = sessions(var)
    killed.kill()
    killed.communicate()
    assert len(alive_in(left_behind)) >= len(left_behind) == 5

    demo = start(var, free)
    read_until(demo, "manager@example.org")
    started = sessions(var)
    status = health(free)
    demo.send_signal(signal.SIGTERM)
    last_words, _ = demo.communicate(timeout=20)

    assert f"http://localhost:{free}/" in first_words
    assert status == http.HTTPStatus.OK
    assert len(left_behind & started) == 2  # PostgreSQL and Valkey are used again
    assert (demo.returncode, last_words) == (0, "Cadence has stopped.\n")
    assert alive_in(left_behind | started) == []


def test_a_taken_port_is_one_line_and_starts_nothing(var):
    with socket.create_server((port.HOST, 0)) as other:
        number = other.getsockname()[1]
        demo = start(var, number)
        said, _ = demo.communicate(timeout=20)

    assert demo.returncode == 1
    assert said == f"Port {number} is taken. Choose another: PORT={number + 1}\n"
    assert not (var / "postgres").exists()


def test_a_second_demo_in_the_same_folder_is_refused(var, free):
    with (
        launcher.alone(var, free),
        pytest.raises(launcher.DemoFailed, match=r"Stop the other one first"),
        launcher.alone(var, free),
    ):
        pass


def test_a_demo_that_is_stopping_is_waited_for(var, free, monkeypatch):
    monkeypatch.setattr(launcher, "HANDOVER_SECONDS", 0.1)
    with launcher.alone(var, free):
        pass

    with launcher.alone(var, free):
        assert processes.read_pid(var / "launcher.lock") == os.getpid()


@pytest.mark.parametrize("number", ["1", "65535"])
def test_ports_from_1_to_65535_can_be_named(number):
    assert port.read(number) == int(number)


@pytest.mark.parametrize("number", ["0", "65536", "", "http", "-1", "٣"])
def test_other_ports_are_refused_by_name(number):
    with pytest.raises(port.PortRefused, match="from 1 to 65535"):
        port.read(number)


def test_a_child_that_ends_by_itself_is_named_with_its_log(var):
    demo = children.Children(var, {})
    demo.start("worker", [sys.executable, "-c", "print('why I ended')"])

    assert processes.wait_until(lambda: demo.dead() == "worker", 10)
    assert demo.log_of("worker").read_text() == "why I ended\n"


def test_children_of_a_killed_launcher_are_ended_by_the_next(var):
    demo = children.Children(var, {})
    demo.start("web", SLEEPER)
    pid = processes.read_pid(var / "pids" / "web.pid")

    children.end_recorded(var)

    assert processes.command_line(pid) == ""
    assert list((var / "pids").iterdir()) == []


def test_a_process_that_only_has_the_number_of_a_child_is_left_alone(var):
    stranger = subprocess.Popen(SLEEPER)
    (var / "pids").mkdir(parents=True)
    (var / "pids" / "web.pid").write_text(f"{stranger.pid}\nsomething else entirely\n")

    children.end_recorded(var)

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_child_that_ignores_a_polite_request_is_killed(var, monkeypatch):
    monkeypatch.setattr(children, "PATIENCE_SECONDS", 0.3)
    demo = children.Children(var, {})
    demo.start("worker", [sys.executable, "-c", STUBBORN])
    pid = processes.read_pid(var / "pids" / "worker.pid")
    time.sleep(0.5)

    demo.stop()

    assert processes.command_line(pid) == ""


def test_the_launcher_needs_no_settings_to_start():
    named = {
        "DATABASE_URL": "postgres://database/cadence",
        "REDIS_URL": "redis://queue",
    }
    command = [sys.executable, "-c", "import clinic.launcher, sys, django.conf as c; "]
    command[-1] += "sys.exit(c.settings.configured)"

    assert subprocess.call(command, cwd=servers.REPOSITORY, env=named) == 0


def test_the_demo_keeps_one_key_for_its_sessions(var):
    var.mkdir()

    key = launcher.secret_key(var)

    assert len(key) >= 50
    assert launcher.secret_key(var) == key
    assert (var / "secret-key").stat().st_mode & 0o077 == 0
