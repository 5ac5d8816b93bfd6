"""Whether a broker answers, and takes a certificate, without a word of MQTT: a second connection with our client id
would throw out the first."""

import asyncio
from contextlib import suppress
from ssl import SSLContext

from program.broker import BrokerAddress

PATIENCE_S = 2.0
LISTEN_S = 1.0  # TLS 1.3 throws a client out after the client believes that all is well (RFC 8446, section 4.4.2.4)


async def answers(address: BrokerAddress) -> bool:
    """Its port is open."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            _, writer = await asyncio.open_connection(address.host, address.port)
        writer.close()
        return True
    return False


async def accepts(address: BrokerAddress, tls: SSLContext) -> bool:
    """It lets us in with this certificate, and we believe its own."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(address.host, address.port, ssl=tls)
    except (OSError, TimeoutError):
        return False
    try:
        async with asyncio.timeout(LISTEN_S):
            await reader.read(1)
    except TimeoutError:
        return True  # it waits for our first word
    except OSError:
        return False
    finally:
        writer.close()
    return False
