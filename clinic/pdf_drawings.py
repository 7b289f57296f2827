"""Drawings for a PDF: WeasyPrint draws inline SVG without the page's style sheets.

Each drawing gets the rules that its classes ask for, with every custom property as the
plain value it has there, and a title, which a PDF read aloud must have.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders

SVG = "{http://www.w3.org/2000/svg}"
TOKENS, RULES = "css/tokens.css", "css/ribbon.css"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
PROPERTY = re.compile(r"(--[\w-]+)\s*:\s*([^;]+)")
USE = re.compile(r"var\((--[\w-]+)(?:,\s*([^()]*))?\)")
HALO = re.compile(
    r"stroke[\w-]*\s*:[^;]*;?"
)  # drawn over the letters, without an order
SCOPE = ":root"


def dress(tree: Any, title: str) -> None:
    """Give each drawing in the HTML `tree` its styles, and `title` as its title."""
    tokens = _properties(_text(TOKENS))
    rules = _text(RULES)
    for drawing in tree.iter(f"{SVG}svg"):
        classes = drawing.get("class", "").split()
        known = dict(tokens.get(SCOPE, {}))
        for name in classes:
            known |= tokens.get(f".{name}", {})
        _first(drawing, "style", _styles(rules, known))
        _first(drawing, "title", title)


def _first(drawing: Any, tag: str, text: str) -> None:
    made = drawing.makeelement(f"{SVG}{tag}", {})
    made.text = text
    drawing.insert(0, made)


def _styles(css: str, known: Mapping[str, str]) -> str:
    """The flat rules of `css` with their values written out."""
    found = []
    for selector, body in RULE.findall(css):
        if "paint-order" in body:
            body = HALO.sub("", body.replace("paint-order: stroke;", ""))
        found.append(f"{selector.strip()} {{{_plain(body, known)}}}")
    return "\n".join(found)


def _plain(body: str, known: Mapping[str, str]) -> str:
    """`body` with its custom properties replaced, and theirs, until none is left."""
    while USE.search(body):
        body = USE.sub(lambda use: known.get(use[1], use[2] or "none"), body)
    return body


def _properties(css: str) -> dict[str, dict[str, str]]:
    """The custom properties that each selector sets outside of any condition."""
    found: dict[str, dict[str, str]] = {}
    for selectors, body in RULE.findall(css):
        for selector in selectors.split(","):
            values = {name: said.strip() for name, said in PROPERTY.findall(body)}
            for name, said in values.items():
                found.setdefault(selector.strip(), {}).setdefault(name, said)
    return found


def _text(name: str) -> str:
    """A style sheet of ours, without comments."""
    return COMMENT.sub("", Path(str(finders.find(name))).read_text(encoding="utf-8"))
