"""The outbox as a pure machine: single moves, then a simulated line that drops, repeats and reorders."""

from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from edge_agent.outbox import BATCH, FIRST_RETRY_S, LONGEST_RETRY_S, WINDOW, Outbox, Sending

TICK_S = 0.5


def drain(outbox: Outbox, last: int, now: float, most: int = 10_000) -> list[Sending]:
    """Everything it wants to send at this moment."""
    found: list[Sending] = []
    while sending := outbox.next(last, now):
        found.append(sending)
        assert len(found) < most, "it never stops sending"
    return found


def numbers(sendings: list[Sending]) -> list[int]:
    return [seq for one in sendings for seq in range(one.first, one.last + 1)]


def connected(acked: int, last: int, now: float = 100.0) -> Outbox:
    outbox = Outbox(acked)
    outbox.connected(last, now)
    return outbox


def silence(outbox: Outbox, last: int, seconds: float, now: float = 100.0) -> list[Sending]:
    """All that it sends while nobody answers."""
    ticks = range(1, int(seconds / TICK_S) + 1)
    return [one for tick in ticks for one in drain(outbox, last, now + tick * TICK_S)]


def test_nothing_is_sent_when_everything_is_acknowledged() -> None:
    assert silence(connected(7, 7), 7, 120) == []


def test_a_new_entry_goes_out_at_once_as_an_event() -> None:
    assert drain(connected(7, 7), 8, 100.1) == [Sending("events", 8, 8)]


def test_what_was_missed_goes_out_as_history() -> None:
    sent = drain(connected(3, 9), 9, 100.0)
    assert {one.leaf for one in sent} == {"history"}
    assert numbers(sent) == [4, 5, 6, 7, 8, 9]


def test_a_batch_holds_no_more_than_the_limit() -> None:
    sent = drain(connected(0, 1000), 1500, 100.0)
    assert max(one.last - one.first + 1 for one in sent) == BATCH


def test_live_entries_overtake_a_backlog_that_is_being_drained() -> None:
    outbox = connected(0, 1500)
    first = outbox.next(1500, 100.0)
    assert first is not None
    assert first.leaf == "history"
    assert outbox.next(1501, 100.0) == Sending("events", 1501, 1501)


def test_no_more_than_the_window_is_on_the_way_without_acknowledgement() -> None:
    assert numbers(drain(connected(0, 10_000), 10_000, 100.0)) == list(range(1, WINDOW + 1))


def test_an_acknowledgement_moves_the_window_on() -> None:
    outbox = connected(0, 10_000)
    drain(outbox, 10_000, 100.0)
    outbox.acknowledged(500, 101.0)
    expected = list(range(WINDOW + 1, WINDOW + 501))
    assert numbers(drain(outbox, 10_000, 101.0)) == expected


def test_an_acknowledgement_is_news_once() -> None:
    outbox = connected(0, 5)
    assert [outbox.acknowledged(seq, 100.0) for seq in (3, 3, 2, 4)] == [True, False, False, True]


def test_an_older_one_moves_nothing_back() -> None:
    outbox = connected(0, 5)
    assert [(outbox.acknowledged(seq, 100.0), outbox.acked)[1] for seq in (4, 2, -1)] == [4, 4, 4]


def test_a_live_entry_that_was_lost_is_sent_again_as_history() -> None:
    outbox = connected(7, 7)
    drain(outbox, 8, 100.0)
    assert Sending("history", 8, 8) in silence(outbox, 8, FIRST_RETRY_S + 1)


def test_a_whole_window_that_was_lost_is_sent_again_when_more_waits_behind_it() -> None:
    outbox = connected(0, WINDOW + 500)
    drain(outbox, WINDOW + 500, 100.0)
    again = silence(outbox, WINDOW + 500, 2 * LONGEST_RETRY_S)
    assert set(range(1, WINDOW + 1)) <= set(numbers(again))


def test_a_hole_in_a_full_window_is_filled_when_head_office_asks() -> None:
    outbox = connected(0, WINDOW + 500)
    drain(outbox, WINDOW + 500, 100.0)
    outbox.resend(1, 200)
    again = drain(outbox, WINDOW + 500, 101.0)
    assert set(range(1, 201)) <= set(numbers(again))


def test_a_reconnect_sends_again_what_is_not_acknowledged() -> None:
    outbox = connected(0, 40)
    drain(outbox, 40, 100.0)
    outbox.acknowledged(10, 100.5)
    outbox.connected(42, 101.0)
    assert numbers(drain(outbox, 42, 101.0)) == list(range(11, 43))


def test_a_resend_command_is_obeyed_even_for_what_was_acknowledged_before() -> None:
    outbox = connected(50, 50)
    outbox.resend(11, 20)
    assert numbers(drain(outbox, 50, 100.0)) == list(range(11, 21))


@pytest.mark.parametrize(
    ("first", "last"),
    [(-5, 0), (9, 3), (0, 0), (51, 60), (-(2**70), -1), (2**70, 2**71)],
)
def test_a_resend_command_for_nothing_sends_nothing(first: int, last: int) -> None:
    outbox = connected(50, 50)
    outbox.resend(first, last)
    assert drain(outbox, 50, 100.0) == []


def test_a_resend_command_never_asks_beyond_the_journal() -> None:
    outbox = connected(50, 50)
    outbox.resend(-7, 2**70)
    assert numbers(drain(outbox, 50, 100.0)) == list(range(1, 51))


@given(st.integers(0, 3000), st.integers(1, 3000), st.data())
def test_every_number_a_resend_command_names_goes_out(
    acked: int, beyond: int, data: st.DataObject
) -> None:
    last = acked + beyond
    outbox = connected(acked, last)
    drain(outbox, last, 100.0)
    until = data.draw(st.integers(1, min(last, acked + WINDOW)))
    first = data.draw(st.integers(max(1, until - 500), until))
    outbox.resend(first, until)
    assert set(range(first, until + 1)) <= set(numbers(drain(outbox, last, 100.0)))


@pytest.mark.parametrize("backlog", [1, 150, WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW])
def test_sending_into_silence_slows_down(backlog: int) -> None:
    outbox = connected(0, backlog)
    drain(outbox, backlog, 100.0)
    sent = silence(outbox, backlog, 600)
    retries = 600 / LONGEST_RETRY_S + 5  # 5, 10, 20, 40, then every 60 s
    assert len(sent) <= retries * (WINDOW / BATCH)


def test_silence_under_steady_traffic_stays_bounded() -> None:
    outbox = connected(0, 0)
    history = 0
    for second in range(1, 601):
        sent = drain(outbox, second, 100.0 + second)
        history += sum(one.leaf == "history" for one in sent)
    assert history <= (600 / LONGEST_RETRY_S + 5) * (WINDOW / BATCH)


def test_after_an_acknowledgement_the_next_loss_is_repaired_quickly() -> None:
    outbox = connected(0, 100)
    silence(outbox, 100, 300)  # its patience has grown to the longest
    outbox.acknowledged(50, 400.0)
    assert 51 in numbers(silence(outbox, 100, FIRST_RETRY_S + 1, now=400.0))


@pytest.mark.parametrize("ticks", [0, 1, 3, 10])
def test_a_stuck_head_office_that_answers_after_a_while_is_not_flooded(ticks: int) -> None:
    outbox, sent, due = connected(0, 1500), 0, set[int]()
    for tick in range(1200):  # ten minutes; entry 1 cannot be taken, each batch is answered
        now = 100.0 + tick * TICK_S
        if tick in due:
            outbox.acknowledged(0, now)
        found = drain(outbox, 1500, now)
        sent += len(found)
        due |= {tick + ticks} if found and ticks else set()
    assert sent <= (600 / LONGEST_RETRY_S + 5) * (WINDOW / BATCH)


class HeadOffice:
    """What the contract says of it: keeps a set, acknowledges the unbroken run, asks for holes."""

    def __init__(self) -> None:
        self.has: set[int] = set()
        self.mark = 0
        self.asked_at = 0.0

    def take(self, sending: Sending) -> int:
        self.has.update(range(sending.first, sending.last + 1))
        while self.mark + 1 in self.has:
            self.mark += 1
        return self.mark

    def hole(self, now: float) -> tuple[int, int] | None:
        if not self.has or max(self.has) <= self.mark or now - self.asked_at < 5:
            return None
        self.asked_at = now
        return self.mark + 1, max(self.has)


class World:
    """One branch and head office in steps of half a second; `loss` of every message is lost."""

    def __init__(self, random: Random, backlog: int, acked: int, loss: float) -> None:
        self.random, self.loss = random, loss
        self.last, self.now = backlog, 1000.0
        self.outbox, self.office = Outbox(acked), HeadOffice()
        self.office.has, self.office.mark = set(range(1, acked + 1)), acked
        self.up = False
        self.floor = acked
        self.given = 0  # highest number sent since the connection
        self.up_road: list[Sending] = []
        self.down_road: list[int] = []

    def step(self, *, new: int, flip: bool) -> None:
        self.now += TICK_S
        self.last += new
        if flip or not self.up:
            self.up = not self.up
            self.up_road.clear()
            self.down_road.clear()
            if self.up:
                self.outbox.connected(self.last, self.now)
                self.given = self.last
        if self.up:
            self._send()
            self._deliver()
        assert self.outbox.acked >= self.floor, "acked went back"
        self.floor = self.outbox.acked

    def _send(self) -> None:
        sendings = 0
        while sending := self.outbox.next(self.last, self.now):
            sendings += 1
            assert sendings <= 200, "tight sending"
            assert 1 <= sending.first <= sending.last <= self.last, "a number that does not exist"
            assert sending.last - sending.first < BATCH
            if self.given < self.last:
                assert sending.leaf == "events", "history went before live entries"
                assert sending.first == self.given + 1
                self.given = sending.last
            else:
                assert sending.leaf == "history"
                assert sending.last <= self.outbox.acked + WINDOW, "more than the window"
            if self.random.random() >= self.loss:
                copies = 1 + (self.random.random() < self.loss)
                self.up_road += [sending] * copies

    def _deliver(self) -> None:
        self.random.shuffle(self.up_road)
        late = [one for one in self.up_road if self.random.random() < self.loss / 2]
        for sending in self.up_road:
            if sending not in late:
                self.down_road.append(self.office.take(sending))
        self.up_road = late
        hole = self.office.hole(self.now)
        if hole and self.random.random() >= self.loss:
            self.outbox.resend(*hole)
        for ack in self.down_road:
            if self.random.random() >= self.loss:
                self.outbox.acknowledged(ack, self.now)
        self.down_road = [ack for ack in self.down_road if self.random.random() < self.loss / 2]


@settings(deadline=None, max_examples=80)
@given(
    seed=st.integers(0, 2**32),
    backlog=st.sampled_from([0, 1, 199, 201, 1500, 2000, 2001, 5000]),
    fraction=st.sampled_from([0.0, 0.5, 1.0]),
    loss=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    shaky=st.booleans(),
)
def test_every_entry_is_acknowledged_once_the_line_behaves(
    seed: int, backlog: int, fraction: float, loss: float, shaky: bool
) -> None:
    random = Random(seed)
    world = World(random, backlog, int(backlog * fraction), loss)
    for _ in range(120):  # a minute of trouble
        world.step(new=random.choice([0, 0, 1, 3]), flip=shaky and random.random() < 0.05)
    world.loss = 0.0
    for _ in range(600):  # five quiet minutes, one connection
        world.step(new=0, flip=False)
    assert world.office.has >= set(range(1, world.last + 1))
    assert world.outbox.acked == world.last
