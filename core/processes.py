"""Which process of which machine holds something, and whether it still runs."""

import os
import socket


def this_process() -> str:
    """Return a name for this process that no other running one has."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_gone(name: str) -> bool:
    """Tell whether a process of this machine has ended; of other machines nothing is known."""
    machine, _colon, number = name.rpartition(":")
    if machine != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
