"""paho waits with select(2), which knows no file above 1023; a process with hundreds of journals has more of them."""

import select
from collections.abc import Sequence
from typing import Any

READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


class Polling:
    """Stands in the place of the module `select` within paho, in a process of the fleet: what it asks for, by poll(2)."""

    @staticmethod
    def select(
        read: Sequence[Any], write: Sequence[Any], _urgent: Sequence[Any], timeout_s: float
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """Those that can be read, and written; as select.select."""
        poll, by_number = select.poll(), {_number(one): one for one in (*read, *write)}
        for number, one in by_number.items():
            wanted = select.POLLIN * (one in read) | select.POLLOUT * (one in write)
            poll.register(number, wanted)
        found = poll.poll(timeout_s * 1000)
        readable = [by_number[number] for number, what in found if what & READABLE]
        writable = [by_number[number] for number, what in found if what & select.POLLOUT]
        return [o for o in readable if o in read], [o for o in writable if o in write], []


def _number(one: Any) -> int:
    """Of a socket, or itself. Raises ValueError for one that is closed, as select does."""
    number = one if isinstance(one, int) else int(one.fileno())
    if number < 0:
        raise ValueError("a closed file")
    return number
