"""Whether a port is free to serve on. Plain Python: it is asked before anything else.

python clinic/port.py PORT says in one line what is wrong with PORT, and exits 1.
"""

import socket
import sys

HOST = "127.0.0.1"


class PortRefused(Exception):
    """The port cannot be served on; the text says why, and what to do."""


def read(text: str) -> int:
    """The port number `text` means; raises PortRefused if it means none."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise PortRefused(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def refuse_if_taken(port: int) -> None:
    """Raise PortRefused unless we could serve on `port`."""
    with socket.socket() as visitor:
        visitor.settimeout(1)
        taken = visitor.connect_ex((HOST, port)) == 0
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((HOST, port))
        except PermissionError:
            raise PortRefused(f"Port {port} is not allowed; choose another.") from None
        except OSError:
            taken = True
    if taken:
        other = port + 1 if port < 65535 else 8000
        raise PortRefused(f"Port {port} is taken. Choose another: PORT={other}")


def main() -> int:
    try:
        refuse_if_taken(read(sys.argv[1]))
    except PortRefused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
