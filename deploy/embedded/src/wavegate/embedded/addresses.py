"""Free ports on the loopback address; nothing of the embedded platform listens anywhere else."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below what Linux gives to outgoing connections, which could otherwise take a port between its choice and its use.
_RANGE = range(20_000, 32_000)


class NoFreePort(Exception):
    """No port of the range could be bound."""


def free_ports(count: int) -> list[int]:
    """Return distinct ports that nobody listens on now, held all at once so that none is named twice.

    Raises:
        NoFreePort: Fewer than `count` ports of the range are free.
    """
    held: list[socket.socket] = []
    try:
        for port in random.sample(_RANGE, len(_RANGE)):
            taken = _bind(port)
            if taken:
                held.append(taken)
            if len(held) == count:
                return [int(each.getsockname()[1]) for each in held]
    finally:
        for each in held:
            each.close()
    raise NoFreePort(f"fewer than {count} free ports from {_RANGE.start} to {_RANGE.stop - 1}")


def _bind(port: int) -> socket.socket | None:
    candidate = socket.socket()
    try:
        candidate.bind((LOOPBACK, port))
    except OSError:
        candidate.close()
        return None
    return candidate
