"""What a benchmark found, as rows of one table and pictures to go with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: ours, theirs, and the figure that a target asks about."""

    what: str
    ours: str
    theirs: str = ""
    figure: str = ""
    target: str = ""
    is_met: bool | None = None

    @property
    def verdict(self) -> str:
        """Yes or no; nothing where there is no target."""
        return {True: "yes", False: "**no**", None: ""}[self.is_met]


@dataclass(slots=True)
class Results:
    """What one suite found: rows, what to know about them, SVG pictures by file name."""

    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        what: str,
        ours: str,
        theirs: str = "",
        figure: str = "",
        target: str = "",
        is_met: bool | None = None,
    ) -> None:
        """Add a row, and say it aloud."""
        row = Row(what, ours, theirs, figure, target, is_met)
        self.rows.append(row)
        told = [what, ours, theirs, figure, target and f"target {target}", row.verdict]
        print("  " + " | ".join(filter(None, told)), flush=True)

    def note(self, text: str) -> None:
        """Add a sentence that belongs under the table, and say it aloud."""
        self.notes.append(text)
        print(f"  {text}", flush=True)

    def markdown(self) -> str:
        """The suite's part of the page."""
        lines = [f"## {self.title}", ""]
        lines += ["| what | ours | theirs | figure | target | met |"]
        lines += ["| --- | --- | --- | --- | --- | --- |"]
        lines += [
            f"| {r.what} | {r.ours} | {r.theirs} | {r.figure} | {r.target} | {r.verdict} |"
            for r in self.rows
        ]
        lines += ["", *(f"- {note}" for note in self.notes)]
        for name in self.pictures:
            lines += ["", f"![{name.removesuffix('.svg')}]({name})"]
        return "\n".join(lines).rstrip() + "\n"


def page(suites: list[Results], facts: Mapping[str, str]) -> str:
    """The whole page."""
    told = "\n".join(f"| {name} | {fact} |" for name, fact in facts.items())
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench`. Machines differ and drift: compare ratios, which are"
            " taken in one run, from rounds in which the things compared take turns."
            " Times are medians, with the 95th and 99th percentile in brackets.",
            "",
            "| the machine | |",
            "| --- | --- |",
            told,
            "",
            *(suite.markdown() for suite in suites),
        ]
    )


def ms(milliseconds: float) -> str:
    """A time as a table shows it."""
    digits = 2 if milliseconds < 1 else 1 if milliseconds < 100 else 0
    return f"{milliseconds:,.{digits}f} ms"
