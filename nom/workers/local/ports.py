"""Ports on 127.0.0.1, chosen free once and remembered, so that a bookmark or a psql history keeps working.

Never binds a port beyond the moment of asking; the server that gets it does.
"""

import random
import socket
import time
from collections.abc import Collection

from nom.workers.local.errors import NoFreePort

LOOPBACK = "127.0.0.1"

# Below the ranges that operating systems hand out for outgoing connections (32768 and 49152 upwards): a port
# from those could be borrowed by any program while our server is down.
FIRST_PORT, LAST_PORT = 20_000, 29_999

LOOKS, SECONDS_BETWEEN_LOOKS = 40, 0.05


def choose_port(avoid: Collection[int]) -> int:
    """A port that is free now and not in `avoid`. Raises NoFreePort when a thousand tries found none."""
    chance = random.SystemRandom()
    for _ in range(1_000):
        port = chance.randint(FIRST_PORT, LAST_PORT)
        if port not in avoid and is_free(port):
            return port
    raise NoFreePort(FIRST_PORT, LAST_PORT)


def comes_free(port: int) -> bool:
    """Whether the port is free now or within moments: a server that was just killed holds its port until it is gone."""
    for _ in range(LOOKS):
        if is_free(port):
            return True
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return False


def is_free(port: int) -> bool:
    """Whether nobody listens on the port; connections that are still fading out do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
