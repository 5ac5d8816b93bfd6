"""A line that misbehaves on command: a TCP proxy on loopback, one for each client and server.

What a real line does: it is cut, it is slow, it freezes and goes on, it breaks in the middle of a packet, or it
is half open: it takes what is sent, and it never arrives.
"""

import asyncio
import random
from enum import Enum

CHUNK = 65536  # bytes


class Manner(Enum):
    HEALTHY = "healthy"
    CUT = "cut"  # refused, and what was open is gone
    SLOW = "slow"  # every piece comes late
    FROZEN = "frozen"  # nothing arrives until it heals; then all of it does
    DEAF = "half-open"  # what is sent is taken and lost; at the end it is cut
    MUTE = "half-open, one way"  # what is answered is lost
    TORN = "torn"  # the next piece arrives in part, then it is cut


MISBEHAVING = tuple(manner for manner in Manner if manner is not Manner.HEALTHY)
LOSSY = (Manner.DEAF, Manner.MUTE)  # a stream that has lost bytes cannot go on


class Proxy:
    """Listens on `port`, leads to `to`, both on loopback."""

    def __init__(self, port: int, to: int, chance: random.Random) -> None:
        self.port, self.to = port, to
        self._chance = chance
        self._manner = Manner.HEALTHY
        self._delay_s = 0.0
        self._healed = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def close(self) -> None:
        self.heal()
        if self._server is not None:
            self._server.close()
        self._cut()

    def begin(self, manner: Manner, delay_s: float = 0.0) -> None:
        self.heal()
        self._manner, self._delay_s = manner, delay_s
        self._healed.clear()
        if manner is Manner.CUT:
            self._cut()

    def heal(self) -> None:
        if self._manner in LOSSY:
            self._cut()
        self._manner = Manner.HEALTHY
        self._healed.set()

    def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self._open.add(back)
        onward: asyncio.StreamWriter | None = None
        try:
            if self._manner is Manner.CUT:
                return
            if self._manner in (Manner.DEAF, Manner.FROZEN):
                await self._healed.wait()  # accepted, and not a word
            server, onward = await asyncio.open_connection("127.0.0.1", self.to)
            self._open.add(onward)
            await self._both(client, onward, server, back)
        except OSError:
            pass  # the server is not there: the client sees its connection end
        except asyncio.CancelledError:
            pass  # the run ends; asyncio's streams scold about a task that says so (Python 3.11)
        finally:
            for writer in (back, onward):
                if writer is not None:
                    writer.transport.abort()
                    self._open.discard(writer)

    async def _both(
        self,
        client: asyncio.StreamReader,
        onward: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        """Until one side ends."""
        ways = {
            asyncio.create_task(self._pass_on(client, onward, answers=False)),
            asyncio.create_task(self._pass_on(server, back, answers=True)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        while piece := await reader.read(CHUNK):
            if self._manner is Manner.SLOW:
                await asyncio.sleep(self._delay_s)
            if self._manner is Manner.FROZEN:
                await self._healed.wait()
            if self._manner is Manner.DEAF or (self._manner is Manner.MUTE and answers):
                continue
            if self._manner is Manner.TORN:
                writer.write(piece[: self._chance.randrange(len(piece))])
                await writer.drain()
                return
            writer.write(piece)
            await writer.drain()
