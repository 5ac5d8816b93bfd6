"""Simulated branches on one bare MQTT connection, as cheap as can be: what is measured is the other end."""

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from edge_agent import messages, topics
from program import mqtt_packets as mqtt
from program.in_flight import Message

AT_ONCE = 200  # messages without an answer
DAY = "2026-11-23"


class Wire:
    """A connection at QoS 1 that waits when the broker is slow."""

    def __init__(self, port: int, name: str, hear: Callable[[Message], None] | None = None) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.sendall(mqtt.connect(mqtt.MQTT_311, name, 0))
        self._hear = hear
        self._free = threading.Semaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._packet = 0
        self._granted = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def subscribe(self, topic: str) -> None:
        self._granted.clear()
        self._socket.sendall(mqtt.subscribe(mqtt.MQTT_311, topic, 1))
        self._granted.wait(10)

    def say(self, topic: str, payload: bytes) -> None:
        self._free.acquire()
        with self._lock:
            self._packet = self._packet % 65_535 + 1
            message = Message(topic, payload)
            self._socket.sendall(mqtt.publish(mqtt.MQTT_311, message, self._packet))

    def say_all(self, said: Iterable[tuple[str, bytes]]) -> None:
        for topic, payload in said:
            self.say(topic, payload)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        splitter = mqtt.Splitter()
        with suppress(OSError):  # the broker ends
            self._follow(splitter)

    def _follow(self, splitter: mqtt.Splitter) -> None:
        while data := self._socket.recv(1 << 18):
            for first, body in splitter.feed(data):
                if first >> 4 == mqtt.PUBACK:
                    self._free.release()
                elif first >> 4 == mqtt.SUBACK:
                    self._granted.set()
                elif first >> 4 == mqtt.PUBLISH:
                    self._heard(first, body)

    def _acknowledge(self, packet: int) -> None:
        with self._lock:
            self._socket.sendall(mqtt.puback(packet))

    def _heard(self, first: int, body: bytes) -> None:
        message = mqtt.message_in(mqtt.MQTT_311, first, body, self._acknowledge)
        if message.receipt:
            message.receipt.give()
        if self._hear is not None:
            self._hear(message)


class Branch:
    """What one branch would send."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent = self.acked = 0
        self._head = messages.GENESIS

    def topic(self, leaf: str) -> str:
        return topics.topic(self.name, leaf)

    def batch(self, entries: int) -> bytes:
        """The next entries of its journal."""
        first, before = self.sent + 1, self._head
        bodies = [_body(seq) for seq in range(first, first + entries)]
        self._head = messages.chain(before, bodies)[-1]
        self.sent += entries
        batch = messages.Batch(
            epoch="bench",
            first_seq=first,
            events=[msgspec.Raw(body) for body in bodies],
            before=before.hex(),
            hash=self._head.hex(),
        )
        return msgspec.json.encode(batch)

    def snapshot(self) -> bytes:
        """Twelve queues and eight counters, about 4 kB."""
        wait = messages.EstimatedWait(low_s=120, likely_s=300, high_s=600)
        now = datetime.now(UTC)
        queues = [
            messages.QueueNow(
                service=f"s{n}",
                names={"zh-Hans": "现金业务", "en": "Cash"},
                waiting=n,
                longest_wait_s=60 * n,
                estimated_wait=wait,
            )
            for n in range(12)
        ]
        counters = [
            messages.CounterNow(counter=str(n), state="serving", label=f"A{n:03d}", since=now)
            for n in range(8)
        ]
        shape = messages.Queues(
            branch=self.name,
            name={"en": self.name},
            at=now,
            epoch="bench",
            business_day=now.date(),
            journal_seq=self.sent,
            queues=queues,
            counters=counters,
            calls=[],
            issued=100,
            served=90,
            missed=1,
        )
        return msgspec.json.encode(shape)


def _body(seq: int) -> bytes:
    """About 280 bytes, as a ticket's entry is."""
    return (
        b'{"seq":%d,"at":"2026-11-23T10:00:00.123456+00:00","type":"TicketIssued","business_day":"%s",'
        b'"ticket":"abcdefghijklmnopqrstuv","label":"A%03d","service":"cash","segment":"ordinary",'
        b'"channel":"kiosk","language":"zh-Hans","promised":{"low_s":120,"likely_s":300,"high_s":600}}'
        % (seq, DAY.encode(), seq % 1000)
    )
