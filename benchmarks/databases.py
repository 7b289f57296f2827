"""Databases to measure in: a cluster of the benchmarks' own, made afresh each time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote

from django.db import connections

from clinic import servers

HOME = servers.REPOSITORY / "var" / "bench"

_chosen: ContextVar[str] = ContextVar("chosen", default="default")


def point_the_settings() -> None:
    """Have the settings, which are read next, find the benchmarks' own servers."""
    for name in ("DATABASE_URL", "REDIS_URL", "DEBUG"):
        os.environ.pop(name, None)
    os.environ["CADENCE_VAR"] = str(HOME)
    os.environ["PLAIN_STATIC"] = "true"
    os.environ["LOG_LEVEL"] = "WARNING"
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"


class Chosen:
    """A router to the database that `using` names."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return _chosen.get()

    db_for_write = db_for_read


@contextmanager
def using(alias: str) -> Iterator[None]:
    """Ask the database `alias` inside."""
    token = _chosen.set(alias)
    try:
        yield
    finally:
        _chosen.reset(token)


def connection() -> Any:
    """The connection to the database chosen, where a statement is run by hand."""
    return connections[_chosen.get()]


def create(name: str, *, like: str = "template0") -> str:
    """A new database called `name`, a copy of `like`; its alias is its name."""
    connections.close_all()
    _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    connections.databases[name] = connections.databases["default"] | {"NAME": name}
    return name


def _administer(statement: str) -> None:
    """Run one statement in the cluster's own database."""
    own = connections.databases["default"] | {"NAME": "postgres"}
    connections.databases["postgres"] = own
    with connections["postgres"].cursor() as cursor:
        cursor.execute(statement)
    connections["postgres"].close()


def url(name: str) -> str:
    """The address of the database `name`, for a program of its own."""
    folder = quote(str(servers.socket_dir(HOME)), safe="")
    return f"postgres://{servers.DATABASE}@/{folder}/{name}"
