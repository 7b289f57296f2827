"""An ear for words that are asked for in French and have none."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import translation
from django.utils.translation import trans_real

MARK = trans_real.CONTEXT_SEPARATOR


@contextmanager
def unsaid() -> Iterator[set[str]]:
    """Collect the words that are looked up in French meanwhile and are not there."""
    heard: set[str] = set()
    spoken = translation._trans  # the functions that everything, lazy or not, calls
    kept = {name: getattr(spoken, name) for name in LISTENERS}
    for name, listener in LISTENERS.items():
        setattr(spoken, name, _listening(kept[name], listener, heard))
    try:
        yield heard
    finally:
        for name, function in kept.items():
            setattr(spoken, name, function)


LISTENERS = {
    "gettext": lambda message: [message],
    "pgettext": lambda context, message: [f"{context}{MARK}{message}"],
    "ngettext": lambda one, many, number: [one, (one, 0)],
    "npgettext": lambda context, one, many, number: [
        f"{context}{MARK}{one}",
        (f"{context}{MARK}{one}", 0),
    ],
}


def _listening(function, keys_of, heard):
    def listener(*said):
        if translation.get_language() == "fr":
            _note(keys_of(*map(_plain, said)), heard)
        return function(*said)

    return listener


def _note(keys, heard):
    catalogue = trans_real.translation("fr")._catalog
    if keys[0] and not any(key in catalogue for key in keys):
        heard.add(str(keys[0]))


def _plain(said):
    return said.replace("\r\n", "\n") if isinstance(said, str) else said
