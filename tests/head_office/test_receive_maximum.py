"""No more is on the way at once than the broker takes (MQTT 5.0, section 3.3.4)."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, strategies as st

from program.in_flight import MOST_AT_ONCE, InFlight, Message
from tests.conftest import wait_for
from tests.head_office.conftest import House, Line, base
from tests.head_office.counting_broker import CountingBroker

BACKLOG = 3000  # entries: ten messages of a window, besides birth and state


@pytest.fixture
def counting() -> Iterator[Callable[..., CountingBroker]]:
    made: list[CountingBroker] = []

    def start(receive_maximum: int, *, answers: bool = True) -> CountingBroker:
        made.append(CountingBroker(receive_maximum, answers=answers))
        return made[-1]

    yield start
    for one in made:
        one.end()


@pytest.mark.parametrize("takes", [1, 3])
def test_a_branch_sends_no_more_at_once_than_the_broker_takes(
    house: House, counting: Callable[..., CountingBroker], takes: int
) -> None:
    broker = counting(takes)
    agent = house.agent(broker.url, start=False)
    agent.fill(BACKLOG)
    agent.start()
    wait_for(lambda: broker.published > 10, "the window of old entries")
    assert agent.end() == 0
    assert broker.most == takes


def test_a_broker_that_takes_no_last_word_speaks_the_last_will(
    house: House, counting: Callable[..., CountingBroker]
) -> None:
    """Section 3.14.2.1: 0x04, disconnect with will message."""
    broker = counting(1, answers=False)
    agent = house.agent(broker.url)
    wait_for(lambda: broker.published, "the birth")
    assert agent.end() == 0
    assert (broker.most, broker.heard_goodbye) == (1, 0x04)


def test_head_office_keeps_to_it_too_and_a_slow_broker_gets_every_word(house: House) -> None:
    """mosquitto takes two at once; forty branches are acknowledged."""
    broker = house.broker(start=False)
    broker.more = "max_inflight_messages 2\n"
    broker.start()
    ear = house.line(broker, "bank/v1/+/+/ack")
    office = house.office(broker.url)
    wait_for(lambda: office.http.get("/healthz").status_code == 200, "head office's connection")
    line: Line = house.line(broker)
    event = {"seq": 1, "at": "2026-01-02T00:00:00Z", "type": "Alert", "business_day": "2026-01-02"}
    for number in range(40):
        batch = {"epoch": "e", "first_seq": 1, "events": [event]}
        line.say(f"{base(f'b{number}')}/events", batch)
    wait_for(lambda: len({one.topic for one in ear.of("ack")}) == 40, "every acknowledgement")


@given(
    takes=st.integers(1, 300),
    steps=st.lists(st.one_of(st.just("put"), st.integers(0, 99)), max_size=400),
)
def test_order_is_kept_nothing_is_left_and_the_window_holds(
    takes: int, steps: list[str | int]
) -> None:
    sent: list[Message] = []
    unanswered: list[int] = []

    def send(message: Message) -> int:
        sent.append(message)
        unanswered.append(len(sent))
        assert len(unanswered) <= min(takes, MOST_AT_ONCE)
        return len(sent)

    def answer(place: int) -> None:
        packet = unanswered.pop(place % len(unanswered))
        assert window.answered(packet) is sent[packet - 1]

    window, put = InFlight(send, takes), []
    for step in steps:
        if not isinstance(step, int):
            put.append(Message("t", str(len(put)).encode()))
            assert window.put(put[-1])
        elif unanswered:
            answer(step)
    while unanswered:
        answer(0)
    assert sent == put


def test_a_line_that_is_gone_takes_nothing() -> None:
    assert not InFlight(lambda _message: None, 20).put(Message("t", b""))
