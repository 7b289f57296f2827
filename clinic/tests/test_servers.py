"""The embedded PostgreSQL and Valkey, in folders of their own."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from clinic import processes, programs, servers

SERVERS = (servers.Postgres, servers.Valkey)


@pytest.fixture
def var():
    """A folder whose servers are gone when the test is, however it went.

    Not pytest's own: that is closed to `nobody`, who runs PostgreSQL for root.
    """
    with tempfile.TemporaryDirectory(prefix="cadence-") as folder:
        yield (var := Path(folder, "var"))
        for server in both(var):
            server.stop()


def both(var):
    return servers.Postgres(var, servers.FORGETFUL), servers.Valkey(var, False)


def ask(var, question):
    psql = [programs.postgres_program("psql"), "-h", servers.socket_dir(var), "-tA"]
    answer = subprocess.run(
        [*psql, "-U", servers.DATABASE, "-c", question, servers.DATABASE],
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.strip()


def user_of(var):
    """Another process that has the servers running until its input ends."""
    words = "import sys; from pathlib import Path; from clinic import servers\n"
    words += f"with servers.running(Path({str(var)!r}), durable=False):\n"
    words += "    print('in', flush=True); sys.stdin.read()"
    child = subprocess.Popen(
        [sys.executable, "-c", words],
        cwd=servers.REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout.readline() == b"in\n"
    return child


def test_both_servers_answer_inside_and_are_gone_after(var):
    with servers.running(var, durable=False):
        assert ask(var, "SELECT 1") == "1"
        assert servers.Valkey(var, False).say("PING") == b"+PONG\r\n"

    assert [server.pid() for server in both(var)] == [0, 0]


def test_what_is_stored_is_there_at_the_next_start(var):
    with servers.running(var, durable=False):
        ask(var, "CREATE TABLE kept AS SELECT 42 AS number")

    with servers.running(var, durable=False):
        assert ask(var, "SELECT number FROM kept") == "42"


def test_letters_beyond_ascii_have_upper_and_lower_case(var):
    with servers.running(var, durable=False):
        assert ask(var, "SELECT upper('é')") == "É"


def test_postgres_listens_on_no_network_address(var):
    with servers.running(var, durable=False):
        assert ask(var, "SHOW listen_addresses") == ""


def test_the_last_user_to_leave_stops_the_servers(var):
    with servers.running(var, durable=False):
        other = user_of(var)
    seen_with_one_left = [bool(server.pid()) for server in both(var)]
    other.communicate()

    assert seen_with_one_left == [True, True]
    assert [server.pid() for server in both(var)] == [0, 0]


def test_a_killed_user_leaves_servers_that_the_next_one_uses_and_stops(var):
    killed = user_of(var)
    killed.kill()
    killed.communicate()
    left = [server.pid() for server in both(var)]

    with servers.running(var, durable=False):
        assert [server.pid() for server in both(var)] == left

    assert all(left)
    assert [server.pid() for server in both(var)] == [0, 0]


def test_servers_that_were_killed_start_again(var):
    with servers.running(var, durable=False):
        for server in both(var):
            processes.end(server.pid(), "", how=signal.SIGKILL, patience=5)

    with servers.running(var, durable=False):
        assert ask(var, "SELECT 1") == "1"


def test_a_number_that_went_to_another_program_does_not_hinder_the_start(var):
    with servers.running(var, durable=False):
        pass
    stranger = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE
    )
    pid_file = var / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n{var / 'postgres'}\n")

    with servers.running(var, durable=False):
        assert ask(var, "SELECT 1") == "1"

    assert stranger.poll() is None
    stranger.communicate()


def test_a_half_made_cluster_is_made_again(var):
    (var / "postgres.new").mkdir(parents=True)
    (var / "postgres.new" / "PG_VERSION").write_text("18\n")

    with servers.running(var, durable=False):
        assert ask(var, "SELECT 1") == "1"


def test_a_server_that_cannot_start_names_its_log(var):
    (var / "valkey").mkdir(parents=True)
    (var / "valkey" / "appendonlydir").write_text("in the way")

    with pytest.raises(programs.ServerFailed, match=r"log/valkey\.log"):
        servers.Valkey(var, durable=True).start()


def test_an_error_is_logged_without_the_row_that_caused_it(var):
    with servers.running(var, durable=False):
        ask(var, "CREATE TABLE patient (email text UNIQUE)")
        ask(var, "INSERT INTO patient VALUES ('ada@example.org')")
        with pytest.raises(subprocess.CalledProcessError):
            ask(var, "INSERT INTO patient VALUES ('ada@example.org')")

    log = (var / "log" / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "ada@example.org" not in log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may choose another user")
def test_as_root_postgres_runs_as_nobody(var):
    with servers.running(var, durable=False):
        pid = servers.Postgres(var, {}).pid()
        assert Path(f"/proc/{pid}").stat().st_uid == 65534


@pytest.mark.parametrize(
    ("length", "inside"), [(100 - len("/run/.s.PGSQL.5432"), True), (83, False)]
)
def test_a_long_path_moves_the_sockets_out_of_the_folder(length, inside):
    var = Path("/" + "v" * (length - 1))

    place = servers.socket_dir(var)

    assert (place == var / "run") is inside
    assert len(str(place / ".s.PGSQL.5432")) <= servers.SOCKET_LIMIT


def test_the_broker_is_told_the_same_socket_and_database():
    url = servers.broker_url(servers.default_redis_url(Path("/srv/var"), 7))

    assert url == "redis+socket:///srv/var/run/valkey.sock?virtual_host=7"


def test_the_address_of_a_named_redis_is_left_alone():
    assert servers.broker_url("redis://queue/0") == "redis://queue/0"


def test_a_path_with_spaces_and_signs_survives_the_address():
    url = servers.default_database_url(Path("/srv/my var+1"))

    assert url == "postgres://cadence@//srv/my%20var%2B1/run/cadence"
