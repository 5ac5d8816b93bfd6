"""`python -m bench.hearing PORT MESSAGES lean|paho`: hears so many messages at QoS 1 and does nothing with them; prints
what one of them costs, in us of CPU."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from random import Random

from edge_agent import topics
from program.broker import Broker
from program.in_flight import Message
from program.lean_connection import LeanConnection
from program.line_state import LineState
from program.mqtt_connection import Connection
from program.mqtt_link import MqttLink

CONNECTIONS: dict[str, type[LeanConnection] | type[Connection]] = {
    "lean": LeanConnection,
    "paho": Connection,
}


async def hear(port: int, messages: int, kind: str) -> float:
    """From the first message to the last."""
    heard, began, all_heard = 0, 0.0, asyncio.Event()

    def count(message: Message) -> None:
        nonlocal heard, began
        heard += 1
        began = began or time.process_time()
        if message.receipt:
            message.receipt.give()
        if heard == messages:
            all_heard.set()

    link = MqttLink(
        Broker(url=f"mqtt://127.0.0.1:{port}"),
        client_id=f"hears-{kind}",
        subscriptions=[topics.from_all_branches("events")],
        on_connected=lambda: None,
        on_message=count,
        will=None,
        state=LineState(),
        one_reader=False,
        clock=lambda: datetime.now(UTC),
        random=Random(1),
        connection=CONNECTIONS[kind],
    )
    running = asyncio.ensure_future(link.run())
    while not link.listening:
        await asyncio.sleep(0.01)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await all_heard.wait()
    spent = time.process_time() - began
    link.leave()
    await running
    return spent / messages * 1e6


if __name__ == "__main__":
    spent = asyncio.run(hear(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
    sys.stdout.write(f"{spent}\n")
