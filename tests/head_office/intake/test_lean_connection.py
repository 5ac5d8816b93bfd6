"""Head office's own MQTT connection, against a real mosquitto with paho at the other end, and against bad brokers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from program import mqtt_connection
from program.broker import Broker as Section, BrokerAddress
from program.in_flight import Message
from program.lean_connection import LeanConnection
from program.line_state import LineState
from program.mqtt_connection import Connection, Ears
from program.mqtt_link import MqttLink
from program.mqtt_packets import MQTT_5, MQTT_311
from tests.conftest import wait_for
from tests.head_office.conftest import Broker, House

TOPIC = "bank/v1/00/one/events"
CONNACK = b"\x20\x03\x00\x00\x00"


@pytest.fixture(scope="module")
def broker(module_house: House) -> Broker:
    return module_house.broker()


class Ear:
    """Whoever owns a connection."""

    def __init__(self, *topics: str) -> None:
        self.heard: list[Message] = []
        self.answers: list[int] = []
        self.topics = topics
        self.granted: list[int] = []

    @property
    def ears(self) -> Ears:
        return Ears(
            accepted=lambda connection: [connection.subscribe(topic) for topic in self.topics],
            message=self.heard.append,
            published=lambda _message, code, _reason: self.answers.append(code),
            subscribed=lambda _topic, code, _reason: self.granted.append(code),
        )


def connection_to(
    url: str, ear: Ear, *, version: int = MQTT_5, client_id: str = "lean"
) -> LeanConnection:
    address = BrokerAddress.parse(url)
    return LeanConnection(address, version, client_id=client_id, will=None, tls=None, ears=ear.ears)


@asynccontextmanager
async def connected(
    url: str, ear: Ear, *, version: int = MQTT_5, client_id: str = "lean"
) -> AsyncIterator[LeanConnection]:
    made = connection_to(url, ear, version=version, client_id=client_id)
    living = asyncio.ensure_future(made.live())
    await until(lambda: len(ear.granted) == len(ear.topics) and made.accepted, "the connection")
    try:
        yield made
    finally:
        made.end()
        await living


async def until(look: Callable[[], Any], what: str) -> None:
    try:
        async with asyncio.timeout(15):
            while not look():
                await asyncio.sleep(0.01)
    except TimeoutError:
        pytest.fail(f"waited in vain for {what}")


@pytest.mark.parametrize("version", [MQTT_5, MQTT_311])
def test_what_paho_says_is_heard_whole_and_in_order(
    house: House, broker: Broker, version: int
) -> None:
    line, ear = house.line(broker), Ear("bank/#")
    sizes = [0, 1, 127, 128, 70_000, 1_000_000] + [300] * 200

    async def listen() -> None:
        async with connected(broker.url, ear, version=version):
            for number, size in enumerate(sizes):
                await asyncio.to_thread(line.say, TOPIC, b"x" * size)
                await until(lambda: len(ear.heard) > number, "the message")  # noqa: B023
                receipt = ear.heard[number].receipt
                assert receipt is not None
                receipt.give()

    asyncio.run(listen())
    assert [len(one.payload) for one in ear.heard] == sizes
    assert {(one.topic, one.retain) for one in ear.heard} == {(TOPIC, False)}


@pytest.mark.parametrize("version", [MQTT_5, MQTT_311])
def test_what_is_said_reaches_paho_and_is_answered(
    house: House, broker: Broker, version: int
) -> None:
    line, ear = house.line(broker, f"said/{version}"), Ear()

    async def say() -> None:
        async with connected(broker.url, ear, version=version) as connection:
            for number in range(300):
                assert connection.publish(Message(f"said/{version}", b"%d" % number, number == 299))
            await until(lambda: len(ear.answers) == 300, "every answer")

    asyncio.run(say())
    wait_for(lambda: len(line.heard) == 300, "every message")
    assert [int(one.payload) for one in line.heard] == list(range(300))
    later, again = house.line(broker, f"said/{version}"), Ear(f"said/{version}")
    wait_for(lambda: later.heard and later.heard[0].retain, "the broker's memory")

    async def remember() -> None:
        async with connected(broker.url, again, version=version, client_id="later"):
            await until(lambda: again.heard, "the broker's memory")

    asyncio.run(remember())
    assert (again.heard[0].payload, again.heard[0].retain) == (b"299", True)


def test_the_broker_is_told_only_when_the_receipt_is_given(house: House) -> None:
    """mosquitto has two on the way at most: the third comes only after an answer."""
    broker = house.broker(start=False)
    broker.more = "max_inflight_messages 2\n"
    broker.start()
    line, ear = house.line(broker), Ear("bank/#")

    async def listen() -> None:
        async with connected(broker.url, ear):
            for number in range(5):
                await asyncio.to_thread(line.say, TOPIC, b"%d" % number)
            await until(lambda: len(ear.heard) == 2, "two")
            for given in range(3):
                receipt = ear.heard[given].receipt
                assert receipt is not None
                receipt.give()
                await until(lambda: len(ear.heard) > given + 2, "the next one")  # noqa: B023
            assert len(ear.heard) == 5

    asyncio.run(listen())


def test_a_receipt_of_an_older_connection_says_nothing_on_a_newer_one(broker: Broker) -> None:
    first, ear = Ear("old/#"), Ear("old/#")

    async def both() -> None:
        async with connected(broker.url, Ear(), client_id="says") as says:
            async with connected(broker.url, first):
                says.publish(Message("old/one", b""))
                await until(lambda: first.heard, "the message")
            async with connected(broker.url, ear):
                says.publish(Message("old/two", b""))
                await until(lambda: ear.heard, "the message")
                old, new = first.heard[0].receipt, ear.heard[0].receipt
                assert old is not None
                assert new is not None
                assert old.packet == new.packet
                old.give()
                new.give()

    asyncio.run(both())


def test_somebody_else_with_our_id_is_told_from_a_lost_line(broker: Broker) -> None:
    """5.0 section 3.14.2.1: 0x8E; mosquitto of Debian only hangs up."""

    async def told() -> LeanConnection:
        async with bad_broker(CONNACK, b"\xe0\x02\x8e\x00") as (url, _):
            return (await end_of(url))[0]

    async def thrown_out() -> LeanConnection:
        first = connection_to(broker.url, Ear(), client_id="same")
        ended = asyncio.ensure_future(first.live())
        await until(lambda: first.accepted, "the first")
        async with connected(broker.url, Ear(), client_id="same"):
            await asyncio.wait_for(ended, 5)
        return first

    one, other = asyncio.run(told()), asyncio.run(thrown_out())
    assert (one.taken_over, other.taken_over) == (True, False)
    assert not one.other_version
    assert not other.other_version


def test_topics_are_changed_while_the_line_stays(house: House, broker: Broker) -> None:
    line, heard = house.line(broker), list[Message]()
    link = MqttLink(
        Section(url=broker.url),
        client_id="changing",
        subscriptions=["moved/a", "moved/b"],
        on_connected=lambda: None,
        on_message=heard.append,
        will=None,
        state=LineState(),
        one_reader=False,
        clock=lambda: datetime.now(UTC),
        random=Random(1),
        connection=LeanConnection,
    )

    async def change() -> None:
        running = asyncio.ensure_future(link.run())
        await until(lambda: link.listening, "the line")
        link.listen_to(["moved/b", "moved/c"])
        assert not link.listening
        await until(lambda: link.listening, "the new topic")
        for name in "abc":
            await asyncio.to_thread(line.say, f"moved/{name}", name.encode())
        await until(lambda: len(heard) == 2, "both")
        link.leave()
        await running

    asyncio.run(change())
    assert [one.payload for one in heard] == [b"b", b"c"]


@asynccontextmanager
async def bad_broker(*says: bytes) -> AsyncIterator[tuple[str, bytearray]]:
    """Answers a connect with these words and then hears on, saying nothing."""
    heard = bytearray()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            heard.extend(await reader.read(4096))
            for word in says:
                writer.write(word)
                await writer.drain()
            while data := await reader.read(4096):
                heard.extend(data)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard


async def end_of(url: str, version: int = MQTT_5) -> tuple[LeanConnection, str]:
    made = connection_to(url, Ear(), version=version)
    return made, await asyncio.wait_for(made.live(), 12)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xff\xff\xff\xff",
        b"\x32\x02\x00\x09",  # a topic longer than its packet
        b"\x34\x07\x00\x01a\x00\x01\x00x",  # QoS 2, which nobody asked for
        b"\x20\x03\x00\x00\x00",  # a second answer to our connect
        b"\x32\xff\xff\xff\xff",
    ],
)
def test_a_broker_that_speaks_no_mqtt_is_left(garbage: bytes) -> None:
    async def meet() -> tuple[LeanConnection, str]:
        async with bad_broker(CONNACK, garbage) as (url, _):
            return await end_of(url)

    connection, why = asyncio.run(meet())
    assert connection.accepted
    assert "the broker sends" in why


@pytest.mark.parametrize(
    ("answer", "older", "said"),
    [
        (b"\x20\x02\x00\x01", True, "protocol version"),  # 3.1.1 section 3.2.2.3
        (b"\x20\x03\x00\x84\x00", True, "protocol version"),
        (b"\x20\x03\x00\x87\x00", False, "Not authorized"),
        (b"\x20\x03\x00\x88\x00", False, "Server unavailable"),
    ],
)
def test_a_refusal_is_said_in_words(answer: bytes, older: bool, said: str) -> None:
    async def meet() -> tuple[LeanConnection, str]:
        async with bad_broker(answer) as (url, _):
            return await end_of(url)

    connection, why = asyncio.run(meet())
    assert (connection.accepted, connection.other_version, said in why) == (False, older, True)


def test_a_broker_that_falls_silent_is_asked_and_then_left() -> None:
    """It wants a keep-alive of one second (5.0 section 3.2.2.3.14) and does not answer."""

    async def meet() -> tuple[str, bytes]:
        async with bad_broker(b"\x20\x06\x00\x00\x03\x13\x00\x01") as (url, heard):
            _, why = await end_of(url)
            return why, bytes(heard)

    why, heard = asyncio.run(meet())
    assert "nothing for too long" in why
    assert b"\xc0\x00" in heard


def test_nobody_there_is_a_sentence() -> None:
    connection, why = asyncio.run(end_of("mqtt://127.0.0.1:1"))
    assert why
    assert not connection.other_version


def test_both_connections_have_one_face() -> None:
    face = {name for name in vars(LeanConnection) if not name.startswith("_")}
    asyncio_calls = {"connection_made", "data_received", "connection_lost"}
    assert face - asyncio_calls == {name for name in vars(Connection) if not name.startswith("_")}
    assert mqtt_connection.KEEPALIVE_S > 0


class Closed:
    """A transport that its event loop has closed of its own accord, as uvloop's is after a time-out."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.written.append(data)


class TooLate(asyncio.SelectorEventLoop):
    """The broker answers, and the patience for its line ends, in one turn of the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.transport = Closed()

    async def create_connection(self, factory: Any, *_: Any, **__: Any) -> Any:
        protocol = factory()
        protocol.connection_made(self.transport)
        protocol.data_received(CONNACK)
        self.transport.written.clear()
        protocol.subscribe(TOPIC)
        raise TimeoutError


def test_nothing_is_said_on_a_line_that_came_too_late() -> None:
    async def live() -> None:
        connection = connection_to("mqtt://127.0.0.1:1883", Ear())
        assert await connection.live()
        await asyncio.sleep(0)  # what waits to be said has its turn
        assert not connection.open

    loop = TooLate()
    loop.run_until_complete(live())
    loop.close()
    assert loop.transport.written == []
