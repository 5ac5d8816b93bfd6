"""All the proxies between one program and the servers that it speaks to: one line that can fail."""

import asyncio
import random
from collections.abc import Sequence

from torture_fleet.process import Ports
from torture_fleet.proxy import Manner, Proxy


class Line:
    """To the servers at these ports, in the order in which the program shall prefer them."""

    def __init__(self, to: Sequence[int], ports: Ports, chance: random.Random) -> None:
        self._proxies = [Proxy(ports.next(), port, chance) for port in to]

    @property
    def ports(self) -> list[int]:
        """What the program is told to connect to."""
        return [proxy.port for proxy in self._proxies]

    @property
    def urls(self) -> str:
        """The same, for section [broker] of a program's file."""
        listed = ", ".join(f'"mqtt://127.0.0.1:{port}"' for port in self.ports)
        return f"urls = [{listed}]"

    async def open(self) -> None:
        await asyncio.gather(*(proxy.open() for proxy in self._proxies))

    async def close(self) -> None:
        await asyncio.gather(*(proxy.close() for proxy in self._proxies))

    def begin(self, manner: Manner, delay_s: float) -> None:
        for proxy in self._proxies:
            proxy.begin(manner, delay_s)

    def heal(self) -> None:
        for proxy in self._proxies:
            proxy.heal()
