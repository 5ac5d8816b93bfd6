"""What the broker has not answered yet. Pure: whoever owns it sends, and brings the answers.

A broker says in its CONNACK how many messages it takes at once (Receive Maximum, MQTT 5 section 3.3.4);
paho does not read it and cannot be told once the line is open. So paho's own window is off and this is it.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

MOST_AT_ONCE = 100  # messages; more makes nothing faster
MOST_WAITING = 50_000  # messages; head office greets every branch of a fleet at once


class Receipt(NamedTuple):
    """Whoever has a message for good gives it, once: then the broker may forget the message."""

    take: Callable[[int], None]
    packet: int

    def give(self) -> None:
        self.take(self.packet)


class Message(NamedTuple):
    """`receipt`: of one that was received, where the broker waits for it."""

    topic: str
    payload: bytes
    retain: bool = False
    receipt: Receipt | None = None


class InFlight:
    """One connection's messages, in order. `send` gives the packet's number, None when the line is gone."""

    def __init__(self, send: Callable[[Message], int | None], receive_maximum: int) -> None:
        self._send = send
        self._most = min(receive_maximum, MOST_AT_ONCE)
        self._unanswered: dict[int, Message] = {}
        self._waiting: deque[Message] = deque()

    @property
    def full(self) -> bool:
        return len(self._unanswered) >= self._most

    def waits_for(self, packet: int) -> bool:
        """Its answer has not come."""
        return packet in self._unanswered

    def put(self, message: Message) -> bool:
        """Send it now or in its turn. False when it is not taken."""
        if self.full:
            if len(self._waiting) >= MOST_WAITING:
                return False
            self._waiting.append(message)
            return True
        return self._go(message)

    def answered(self, packet: int) -> Message | None:
        """The broker has answered this packet: the next ones may go."""
        message = self._unanswered.pop(packet, None)
        while self._waiting and not self.full and self._go(self._waiting[0]):
            self._waiting.popleft()
        return message

    def _go(self, message: Message) -> bool:
        packet = self._send(message)
        if packet is not None:
            self._unanswered[packet] = message
        return packet is not None
