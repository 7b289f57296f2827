"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("clinic", "treatments", "bookings")
DOORS = (
    "views",
    "views.py",
    "tasks.py",
    "admin.py",
    "management",
)  # where time comes in
CLOCKS = re.compile(
    r"timezone\.now\(|datetime\.now\(|date\.today\(|utcnow\(|localdate\(\)|localtime\(\)"
)
UNESCAPED = re.compile(r"mark_safe|SafeString|\|\s*safe\b|safeseq|autoescape\s+off")
INLINE = re.compile(
    r"""<style|\sstyle\s*=|<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*["']|javascript:""",
    re.IGNORECASE,
)
EXTERNAL = re.compile(r"""(?:src|srcset|action)\s*=\s*["'](?:https?:)?//""")


def sources():
    """Our Python, without migrations and tests."""
    skipped = {"migrations", "tests"}
    return [
        path
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if not skipped & set(path.relative_to(ROOT).parts)
    ]


def templates():
    return sorted((ROOT / "templates").rglob("*.html"))


def found(pattern, paths):
    """Each line of `paths` that has `pattern`, as file:line."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def functions(path):
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def test_time_comes_in_by_the_door():
    inner = [p for p in sources() if not set(DOORS) & set(p.relative_to(ROOT).parts)]

    assert found(CLOCKS, inner) == []


def test_nothing_is_marked_as_safe():
    assert found(UNESCAPED, [*sources(), *templates()]) == []


def test_pages_have_no_inline_script_or_style():
    letters = ROOT / "templates" / "messages"  # mail programs know no style sheets
    pages = [path for path in templates() if letters not in path.parents]

    assert found(INLINE, pages) == []


def test_pages_load_nothing_from_elsewhere():
    assert found(EXTERNAL, templates()) == []


def test_functions_stay_within_25_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
        for path in sources()
        for node in functions(path)
        if node.end_lineno - node.lineno + 1 > 25
    ]

    assert long == []


def test_half_of_all_functions_have_fewer_than_10_lines():
    lengths = sorted(
        node.end_lineno - node.lineno + 1
        for path in sources()
        for node in functions(path)
    )

    assert lengths[len(lengths) // 2] < 10


@pytest.mark.parametrize(("paths", "limit"), [(sources, 400), (templates, 120)])
def test_files_stay_short(paths, limit):
    long = [
        str(path.relative_to(ROOT))
        for path in paths()
        if len(path.read_text().splitlines()) > limit
    ]

    assert long == []


def test_every_module_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if (tree := ast.parse(path.read_text())).body
        and not ast.get_docstring(tree)
        and path.name != "apps.py"
    ]

    assert silent == []


def test_no_one_puts_a_promise_off_in_a_comment():
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.html", "*.css", "*.js", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found(marks, [ROOT / name for name in listed.stdout.split()]) == []
