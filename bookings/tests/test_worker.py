"""A real worker with a real Valkey: killed and robbed of its broker, it loses nothing."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from bookings.models import Message, MessageStatus
from bookings.tasks import send_due_messages
from bookings.tests.letterbox import make_messages, make_talk
from clinic import servers

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 30  # seconds
MANY = 300


@pytest.fixture
def valkey():
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@contextmanager
def worker(mailbox: Path):
    """A worker on the test's own database and broker; killed at the end, unasked."""
    command = [sys.executable, "-m", "celery", "-A", "clinic", "worker"]
    command += ["--concurrency=1", "--without-gossip", "--without-mingle"]
    process = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=_environment(mailbox),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _kill(process)


def _environment(mailbox: Path) -> dict[str, str]:
    url = os.environ.get("DATABASE_URL") or servers.default_database_url(
        settings.VAR_DIR
    )
    return os.environ | {
        "DATABASE_URL": f"{url.rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "EMAIL_URL": f"filemail:///{mailbox}",
        "MESSAGE_LEASE_SECONDS": "1",
    }


def _kill(process: subprocess.Popen) -> None:
    """SIGKILL to the worker and its children: nobody gets to tidy up."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def eventually(is_true, *, pause=0.01) -> None:
    """Wait until `is_true()`, or fail when patience is out."""
    until = time.monotonic() + PATIENCE
    while not is_true():
        assert time.monotonic() < until, "It did not happen in time."
        time.sleep(pause)


def ring_until_sent(how_many: int) -> None:
    """Ring as beat does, only faster, until so many messages are recorded as sent."""

    def ring() -> bool:
        send_due_messages.delay()
        return sent() == how_many

    eventually(ring, pause=0.5)


def sent() -> int:
    return Message.objects.filter(status=MessageStatus.SENT).count()


def letters_in(mailbox: Path) -> Counter:
    """How often each message arrived, by its Message-ID."""
    mails = [
        message_from_bytes(part, policy=policy.default)
        for file in mailbox.iterdir()
        for part in file.read_bytes().split(b"-" * 79 + b"\n")
        if part.strip()
    ]
    return Counter(mail["Message-ID"] for mail in mails)


def owe(how_many: int) -> None:
    """Messages that have been due for a moment."""
    next_week = timezone.now() + timedelta(days=7)
    rows = make_messages(make_talk(starts_at=next_week), how_many)
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        due_at=timezone.now()
    )


def test_a_worker_killed_while_sending_loses_nothing(valkey, tmp_path):
    owe(MANY)

    with worker(tmp_path):
        send_due_messages.delay()
        eventually(lambda: len(list(tmp_path.iterdir())) >= 20)
    sent_before_the_kill = sent()
    with worker(tmp_path):
        ring_until_sent(MANY)

    assert 0 < sent_before_the_kill < MANY
    arrived = letters_in(tmp_path)
    assert len(arrived) == MANY
    assert sum(arrived.values()) <= MANY + 1


def test_an_emptied_broker_loses_nothing(valkey, tmp_path):
    owe(3)
    send_due_messages.delay()

    valkey.flushdb()
    assert valkey.dbsize() == 0

    with worker(tmp_path):
        ring_until_sent(3)
    assert set(letters_in(tmp_path).values()) == {1}
