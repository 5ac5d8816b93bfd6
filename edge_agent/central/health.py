"""Whether this branch really works: somebody who calls is answered, and the journal takes an entry."""

import asyncio

from edge_agent.branch import Branch
from edge_agent.desk import NotRecorded
from program.address import Address

ANSWER_S = 5.0
ASKED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
WELL = "central-well"  # the note that is written to see whether one can be


async def why_not_well(branch: Branch, listen: Address) -> str:
    """Empty when it is."""
    try:
        async with asyncio.timeout(ANSWER_S):
            status = await _status(listen)
            if status != "200":
                return f"/healthz answered {status}"
            now = branch.clock().isoformat()
            await branch.desk.record(lambda journal: journal.keep_note(WELL, now))
    except TimeoutError:
        return f"no answer within {ANSWER_S:.0f} s"
    except OSError as error:
        return f"/healthz cannot be reached: {error}"
    except NotRecorded as error:
        return f"the journal cannot be written: {error}"
    return ""


async def _status(listen: Address) -> str:
    """Of our own /healthz, over the network as a kiosk would ask."""
    reader, writer = await asyncio.open_connection(listen.host, listen.port)
    try:
        writer.write(ASKED)
        await writer.drain()
        _, _, rest = (await reader.readline()).decode("latin-1").partition(" ")
        return rest[:3]
    finally:
        writer.close()
