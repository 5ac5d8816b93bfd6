"""An MQTT connection that comes back by itself, at one of several brokers, seen from asyncio.

MQTT 5, falling back to 3.1.1 when a broker knows no better. Nothing is queued while disconnected: what must
not be lost is kept by the two ends and sent again.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from random import Random
from ssl import SSLContext
from typing import Protocol

from program.back_off import pauses
from program.broker import Broker, BrokerAddress
from program.in_flight import Message
from program.knock import accepts, answers
from program.line_state import LineState
from program.mqtt_connection import Connection, Ears
from program.mqtt_packets import MQTT_5, MQTT_311
from program.refusals import Refusals
from program.renewal import Renewal

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
AGAIN_S = 15.0  # what was refused is tried again: the broker's rules may have been put right
STEADY_S = 2 * LONGEST_PAUSE_S  # what ends sooner resets no pause: two with one id shall not fight
LOOK_S = 2.0  # at the files of our certificate
BACK_TO_FIRST_S = 300.0  # to twice that: how often the first broker is looked for


class OneConnection(Protocol):
    """What `mqtt_connection` and `lean_connection` have in common; there it is said what it means."""

    accepted: bool
    other_version: bool
    taken_over: bool
    ended_here: bool

    @property
    def open(self) -> bool: ...
    def publish(self, message: Message) -> bool: ...
    def subscribe(self, topic: str) -> None: ...
    def unsubscribe(self, topic: str) -> None: ...
    def end(self, last_word: Message | None = None) -> None: ...
    async def live(self) -> str: ...


class MqttLink:
    """Call `run()` as a task. `will()` is asked for before every connection. `one_reader`: all that is sent is for
    one reader, so that a message without a subscriber tells that it is away."""

    def __init__(
        self,
        broker: Broker,
        *,
        client_id: str,
        subscriptions: Sequence[str],
        on_connected: Callable[[], None],
        on_message: Callable[[Message], None],
        will: Callable[[], Message] | None,
        state: LineState,
        one_reader: bool,
        clock: Callable[[], datetime],
        random: Random,
        back_to_first_s: float = BACK_TO_FIRST_S,
        connection: Callable[..., OneConnection] = Connection,
    ) -> None:
        self._addresses = broker.addresses()
        self._at = 0  # which of them is tried, or connected
        self._older = [False] * len(self._addresses)  # those that seem to know only MQTT 3.1.1
        self._heard_at = 0  # whose refusals are kept
        self._client_id = client_id
        self._subscriptions = list(subscriptions)
        self._on_connected = on_connected
        self._on_message = on_message
        self._will = will
        tls = any(address.tls for address in self._addresses)
        self._renewal = Renewal(broker, state, clock) if tls else None
        self._random = random
        self._back_to_first_s = back_to_first_s
        self._state = state
        self._refusals = Refusals(state, one_reader=one_reader)
        self._unanswered: set[str] = set()  # subscriptions of this connection
        self._ears = Ears(self._accepted, on_message, self._refusals.published, self._subscribed)
        self._make = connection
        self._connection: OneConnection | None = None
        self._said_lost = False
        self._leaving = False

    @property
    def connected(self) -> bool:
        return self._connection is not None and self._connection.open

    @property
    def listening(self) -> bool:
        """Connected, and the broker has answered every subscription: what is said from now on is heard."""
        return self.connected and not self._unanswered

    @property
    def address(self) -> BrokerAddress:
        """Of the broker that is tried, or connected."""
        return self._addresses[self._at]

    def publish(self, message: Message) -> bool:
        """Hand a message to the broker at QoS 1. False when there is no connection: it is gone."""
        return self._connection is not None and self._connection.publish(message)

    def listen_to(self, subscriptions: Sequence[str]) -> None:
        """To these topics from now on, and to no others."""
        before, self._subscriptions = set(self._subscriptions), list(subscriptions)
        gone = before.difference(subscriptions)
        self._refusals.unsubscribed(gone)
        self._unanswered -= gone
        if self._connection is None or not self._connection.open:
            return
        for topic in gone:
            self._connection.unsubscribe(topic)
        for topic in subscriptions:
            if topic not in before:
                self._unanswered.add(topic)
                self._connection.subscribe(topic)

    def try_to_hear(self, topic: str) -> None:
        """On this connection, if the broker lets us: to be refused is no trouble."""
        self._refusals.heard_here.add(topic)
        if self._connection is not None:
            self._connection.subscribe(topic)

    def leave(self, last_word: Message | None = None) -> None:
        """Say goodbye for good."""
        self._leaving = True
        if self._connection is not None:
            self._connection.end(last_word)

    async def run(self) -> None:
        """Connect, stay, and connect again, until cancelled or told to leave."""
        loop = asyncio.get_running_loop()
        beside = [
            loop.create_task(self._try_again()),
            loop.create_task(self._look_for_first()),
            loop.create_task(self._follow_certificate()),
        ]
        try:
            await self._stay()
        finally:
            for task in beside:
                task.cancel()

    async def _stay(self) -> None:
        waits = self._new_waits()
        while not self._leaving:
            if self.address.tls and self._context is None:  # said already; files may be put right
                await asyncio.sleep(LOOK_S)
                continue
            began = asyncio.get_running_loop().time()
            connection, why = await self._one_connection()
            if connection.taken_over:
                self._state.begins("id-taken")
            if asyncio.get_running_loop().time() - began > STEADY_S:
                waits = self._new_waits()
            if self._leaving:
                return
            if self._next(connection) or connection.ended_here:
                continue
            self._say_lost(why)
            await asyncio.sleep(next(waits))

    @property
    def _speaks(self) -> bool:
        """Of each connection; not while a double throws us off again and again, which is said."""
        return not self._state.quiet and "id-taken" not in self._state.names

    def _new_waits(self) -> Iterator[float]:
        return pauses(FIRST_PAUSE_S, LONGEST_PAUSE_S, self._random)

    async def _one_connection(self) -> tuple[OneConnection, str]:
        """Live through one connection; why it ended."""
        self._connection = self._make(
            self.address,
            self._version,
            client_id=self._client_id,
            will=self._will() if self._will is not None else None,
            tls=self._context if self.address.tls else None,
            ears=self._ears,
        )
        why = await self._connection.live()
        return self._connection, why

    @property
    def _context(self) -> SSLContext | None:
        return self._renewal.context if self._renewal is not None else None

    @property
    def _version(self) -> int:
        return MQTT_311 if self._older[self._at] else MQTT_5

    def _next(self, ended: OneConnection) -> bool:
        """Where to knock next: at the first again after a connection, else at the next one. True for at once."""
        if ended.other_version:
            self._older[self._at] = not self._older[self._at]
            if self._older[self._at]:
                return True  # the older version is tried at once
        self._at = 0 if ended.accepted else (self._at + 1) % len(self._addresses)
        return False

    def _accepted(self, connection: OneConnection) -> None:
        if self._heard_at != self._at:
            self._refusals.forget()
        self._heard_at = self._at
        self._unanswered = set(self._subscriptions)
        for topic in self._subscriptions:
            connection.subscribe(topic)
        older = self._older[self._at]
        if self._speaks:
            log.info(
                "Connected to the broker at %s (MQTT %s).", self.address, "3.1.1" if older else "5"
            )
        self._said_lost = False
        asyncio.get_running_loop().call_later(STEADY_S, self._look_whether_alone, connection)
        self._on_connected()

    def _subscribed(self, topic: str, code: int, reason: str) -> None:
        self._unanswered.discard(topic)
        if topic in self._subscriptions:
            self._refusals.subscribed(topic, code, reason)

    def _look_whether_alone(self, connection: OneConnection) -> None:
        """A double would have been back by now."""
        if connection.open:
            self._state.is_over("id-taken")

    async def _try_again(self) -> None:
        while True:
            await asyncio.sleep(AGAIN_S)
            messages, topics = self._refusals.to_try_again()
            if self._connection is None or not self.connected:
                continue
            for message in messages:
                self.publish(message)
            for topic in topics:
                self._connection.subscribe(topic)

    async def _follow_certificate(self) -> None:
        """A new certificate that the broker takes is used at once: the connection is made anew, and what was on the
        way is sent again by the two ends. One that it does not take is tried again, beside the old one."""
        renewal, tried, tried_at = self._renewal, None, 0.0
        while renewal is not None:
            await asyncio.sleep(LOOK_S)
            renewal.look()
            now = asyncio.get_running_loop().time()
            if renewal.new is None or (renewal.new is tried and now - tried_at < AGAIN_S):
                continue
            tried, tried_at = renewal.new, now
            if renewal.context is None or await accepts(self.address, tried.context):
                self._use_new_certificate(renewal)
            elif self.connected:  # so it is there, and takes the old one
                renewal.turned_down(self.address)

    def _use_new_certificate(self, renewal: Renewal) -> None:
        renewal.take()
        if self._connection is not None and self._connection.open:
            if not self._state.quiet:
                log.info("The certificate has been renewed: the connection is made anew.")
            self._connection.end()

    async def _look_for_first(self) -> None:
        """From another broker back to the first, once it answers."""
        while len(self._addresses) > 1:
            await asyncio.sleep(self._back_to_first_s * self._random.uniform(1, 2))
            if self._at == 0 or not self.connected or not await answers(self._addresses[0]):
                continue
            if self._connection is not None:
                self._connection.end()

    def _say_lost(self, why: str) -> None:
        if not self._said_lost and self._speaks:
            first, *others = map(str, self._addresses)
            log.warning(
                "No broker at %s (%s). Trying again until it is there; nothing is lost.",
                f"{first}, nor at {', '.join(others)}" if others else first,
                why,
            )
        self._said_lost = True
