"""What `manage.py check` says about browser assets and servers."""

import pytest
from django.core.management import CommandError, call_command

from clinic import assets, checks


@pytest.fixture
def empty(settings, tmp_path):
    """A project folder with a lock file, and nothing fetched or collected."""
    settings.NPM_ROOT_PATH = str(tmp_path)
    settings.STATIC_ROOT = tmp_path / "staticfiles"
    settings.NPM_FILE_PATTERNS = {"bootstrap": ["a.css", "b.js"]}
    for name in assets.WHAT_DECIDES:
        (tmp_path / name).write_text(name)
    return tmp_path


def put(folder, *files):
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()


def npm_that(answer, root):
    """An npm that fetches into `root`, if it answers 0."""

    def npm(arguments, *, cwd):
        assert (arguments[0], cwd) == ("ci", root)
        put(root / "node_modules", "bootstrap/a.css", "bootstrap/b.js")
        return answer

    return npm


def test_missing_assets_are_named_with_the_remedy(empty):
    put(empty, "node_modules/bootstrap/a.css")

    [warning] = checks.browser_assets_are_there(None)

    assert warning.msg == "Browser assets are missing: bootstrap/b.js, 1 in all."
    assert warning.hint == "Run: manage.py assets"


def test_fetched_assets_are_enough(empty):
    put(empty, "node_modules/bootstrap/a.css", "node_modules/bootstrap/b.js")

    assert checks.browser_assets_are_there(None) == []


def test_collected_assets_are_enough(empty, settings):
    settings.NPM_STATIC_FILES_PREFIX = "vendor"
    put(settings.STATIC_ROOT / "vendor", "bootstrap/a.css", "bootstrap/b.js")

    assert checks.browser_assets_are_there(None) == []


def test_assets_are_fetched_once_per_lock_file(empty, monkeypatch):
    monkeypatch.setattr(assets, "npm", npm_that(0, empty))
    fetched = [assets.fetch(), assets.fetch()]

    (empty / "package-lock.json").write_text("another version")

    assert [*fetched, assets.fetch()] == [True, False, True]


def test_a_failed_fetch_is_tried_again(empty, monkeypatch):
    monkeypatch.setattr(assets, "npm", npm_that(1, empty))
    with pytest.raises(CommandError, match="could not fetch"):
        call_command("assets")

    monkeypatch.setattr(assets, "npm", npm_that(0, empty))
    assert assets.fetch() is True


def test_a_deployment_must_name_its_servers(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://database.example.org/cadence")
    monkeypatch.delenv("REDIS_URL", raising=False)

    [error] = checks.servers_are_named(None)

    assert error.msg.startswith("REDIS_URL is not set")


def test_a_deployment_with_named_servers_is_fine(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://database.example.org/cadence")
    monkeypatch.setenv("REDIS_URL", "redis://queue.example.org/0")

    assert checks.servers_are_named(None) == []
