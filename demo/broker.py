"""`python -m demo.broker PORT`: the embedded MQTT broker, for a demo on loopback. Keeps nothing."""

import asyncio
import logging
import signal
import sys
from typing import Any

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig
from amqtt.errors import BrokerError

from program import command_line


class OneOfAName(Broker):  # type: ignore[misc]  # the library tells no types
    """Whoever connects with an id that is taken throws the other off (MQTT 3.1.1, 3.1.4-2). The library does so for
    sessions that it keeps only; of the others it forgets the subscriptions, and answers on as if they were there."""

    async def _delete_session(self, client_id: str) -> None:
        _, other = self.sessions.get(client_id, (None, None))
        await super()._delete_session(client_id)
        if other is not None:
            await other.handle_connection_closed()
            await other.stop()


async def run(port: int) -> None:
    """Until SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_unless_it_hung_up)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    broker = OneOfAName(BrokerConfig.from_dict(config))
    await broker.start()
    logging.getLogger("broker").info("Listening on mqtt://127.0.0.1:%s", port)
    await stop.wait()
    await broker.shutdown()


def _unless_it_hung_up(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Our programs do as soon as it takes no MQTT 5, and the library tells of each as of a fault of its own."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)


if __name__ == "__main__":
    command_line.start_log("broker")
    for chatty in ("amqtt", "transitions"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    try:
        asyncio.run(run(int(sys.argv[1])))
    except (OSError, BrokerError) as error:
        sys.exit(f"the embedded broker cannot listen on port {sys.argv[1]}: {error}")
