"""The auditor reads on when the agent has closed a connection that lay idle."""

import asyncio
from random import Random

from tests.conftest import free_port
from torture.auditor import Auditor
from torture.verdict import Figures

EMPTY = b'{"events":[]}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(EMPTY), EMPTY)


async def one_answer_a_connection(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER)
    writer.close()


def test_a_connection_closed_in_between_is_no_broken_run() -> None:
    async def story() -> int:
        port = free_port()
        server = await asyncio.start_server(one_answer_a_connection, "127.0.0.1", port)
        auditor = Auditor(port, [], Figures())
        async with server:
            journals = [await auditor.look_at_everything(chance, 1) for chance in [Random(1)] * 2]
        return len(journals)

    assert asyncio.run(story()) == 2
