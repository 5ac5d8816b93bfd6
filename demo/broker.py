"""`python -m demo.broker PORT`: the embedded MQTT broker, for a demo on loopback. Keeps nothing."""

import asyncio
import logging
import signal
import sys

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig
from amqtt.errors import BrokerError

from program import command_line


async def run(port: int) -> None:
    """Until SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    broker = Broker(BrokerConfig.from_dict(config))
    await broker.start()
    logging.getLogger("broker").info("Listening on mqtt://127.0.0.1:%s", port)
    await stop.wait()
    await broker.shutdown()


if __name__ == "__main__":
    command_line.start_log("broker")
    for chatty in ("amqtt", "transitions"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    try:
        asyncio.run(run(int(sys.argv[1])))
    except (OSError, BrokerError) as error:
        sys.exit(f"the embedded broker cannot listen on port {sys.argv[1]}: {error}")
