"""The line does to a connection what it is told to."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from tests.conftest import free_port
from torture_fleet.proxy import Manner, Proxy

PATIENCE_S = 5.0
SILENCE_S = 0.15  # long enough for what would come on loopback


class Server:
    """Answers every line with the same line; keeps what it has heard."""

    def __init__(self) -> None:
        self.heard = b""
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError):
            while piece := await reader.read(100):
                self.heard += piece
                writer.write(piece)
        writer.close()


Story = Callable[[Proxy, Server, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def through(story: Story) -> None:
    """One connection through the proxy, over which `hello` has gone and come back."""

    async def run() -> None:
        server, to, port = Server(), free_port(), free_port()
        listening = await asyncio.start_server(server.serve, "127.0.0.1", to)
        proxy = Proxy(port, to, random.Random(1))
        await proxy.open()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello")
        assert await heard(reader) == b"hello"
        try:
            await story(proxy, server, reader, writer)
        finally:
            writer.transport.abort()
            await proxy.close()
            listening.close()

    asyncio.run(asyncio.wait_for(run(), 3 * PATIENCE_S))


async def heard(reader: asyncio.StreamReader) -> bytes:
    """The next piece; empty at the end."""
    with suppress(ConnectionError):
        return await asyncio.wait_for(reader.read(100), PATIENCE_S)
    return b""


async def silent(reader: asyncio.StreamReader) -> bool:
    try:
        return not await asyncio.wait_for(reader.read(100), SILENCE_S)
    except TimeoutError:
        return True


def test_a_cut_ends_the_connection_and_refuses_the_next() -> None:
    async def story(
        proxy: Proxy, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        proxy.begin(Manner.CUT)
        assert await heard(reader) == b""
        again, into = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await heard(again) == b""
        into.close()
        assert server.connections == 1
        proxy.heal()
        third, into = await asyncio.open_connection("127.0.0.1", proxy.port)
        into.write(b"x")
        assert await heard(third) == b"x"
        into.close()

    through(story)


def test_a_half_open_line_takes_what_is_sent_and_it_never_arrives() -> None:
    async def story(
        proxy: Proxy, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        proxy.begin(Manner.DEAF)
        writer.write(b"lost")
        assert await silent(reader)
        proxy.heal()
        assert await heard(reader) == b""  # a stream with a hole cannot go on
        assert server.heard == b"hello"

    through(story)


def test_a_mute_line_lets_words_through_and_no_answers() -> None:
    async def story(
        proxy: Proxy, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        proxy.begin(Manner.MUTE)
        writer.write(b"!")
        assert await silent(reader)
        assert server.heard == b"hello!"

    through(story)


def test_a_frozen_line_goes_on_with_everything() -> None:
    async def story(
        proxy: Proxy, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        proxy.begin(Manner.FROZEN)
        writer.write(b"late")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(100), SILENCE_S)
        proxy.heal()
        assert await heard(reader) == b"late"

    through(story)


def test_a_slow_line_is_late_by_the_delay() -> None:
    async def story(
        proxy: Proxy, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        proxy.begin(Manner.SLOW, 0.1)
        began = asyncio.get_running_loop().time()
        writer.write(b"slow")
        assert await heard(reader) == b"slow"
        assert asyncio.get_running_loop().time() - began >= 0.2  # there and back

    through(story)


def test_a_torn_piece_arrives_in_part_and_ends_the_connection() -> None:
    async def story(
        proxy: Proxy, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        proxy.begin(Manner.TORN)
        writer.write(b"0123456789")
        while await heard(reader):
            pass
        assert server.heard.startswith(b"hello")
        assert len(server.heard) < len(b"hello0123456789")

    through(story)
