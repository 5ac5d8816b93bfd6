"""What cannot be read is counted, set aside with its reason, and never stops or falsifies the rest."""

import json
import sqlite3
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
import pytest

from tests.conftest import wait_for
from tests.head_office.conftest import House, Line, Office, base

AT = "2026-11-23T10:00:00Z"
FRESH = count(1)


def entry(seq: Any, **more: Any) -> dict[str, Any]:
    return {"seq": seq, "at": AT, "type": "TicketIssued", "business_day": "2026-11-23", **more}


def batch(first: Any, *events: Any, epoch: Any = "e1") -> dict[str, Any]:
    return {"epoch": epoch, "first_seq": first, "events": list(events)}


def birth(branch: str, **more: Any) -> dict[str, Any]:
    said = {"branch": branch, "name": {"en": "X"}, "version": "1", "epoch": "e1", "session": "s"}
    return {**said, "status": "online", "at": datetime.now(UTC).isoformat(), **more}


class Target:
    """A head office under fire, and the line to fire from."""

    def __init__(self, house: House) -> None:
        broker = house.broker()
        self.line: Line = house.line(broker, "bank/v1/+/+/ack", "bank/v1/+/+/command")
        self.office: Office = house.office(broker.url)
        self.wait_heard()

    def wait_heard(self) -> None:
        wait_for(lambda: self.office.http.get("/healthz").status_code == 200, "the broker")

    def events(self, branch: str, what: Any, leaf: str = "events") -> None:
        self.line.say(f"{base(branch)}/{leaf}", what)

    def good(self) -> None:
        """A branch nobody knew reports an entry, and it is committed."""
        branch = f"good-{next(FRESH)}"
        self.events(branch, batch(1, entry(1)))

        def committed() -> bool:
            assert self.office.answers(), f"head office is gone:\n{self.office.said()[-1500:]}"
            return bool(self.acks(branch))

        wait_for(committed, "the branch that did nothing wrong", 8)

    def aside(self) -> list[tuple[str, str]]:
        to = sqlite3.connect(f"file:{self.office.data / 'ledger.sqlite'}?mode=ro", uri=True)
        try:
            return to.execute("SELECT topic, reason FROM set_aside ORDER BY id").fetchall()
        finally:
            to.close()

    def acks(self, branch: str) -> list[int]:
        topic = f"{base(branch)}/ack"
        return [one.json()["seq"] for one in self.line.of("ack") if one.topic == topic]


@pytest.fixture(scope="module")
def standing(module_house: House) -> Target:
    return Target(module_house)


@pytest.fixture
def target(standing: Target) -> Target:
    if not standing.office.answers():  # an earlier message has killed it
        standing.office.kill()
        standing.office.start()
        standing.wait_heard()
    return standing


@pytest.fixture
def branch() -> str:
    return f"bad-{next(FRESH)}"


UNREADABLE: dict[str, Any] = {
    "garbage": b"\x00\xff\xfe garbage",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "half an object": b'{"epoch": "e1", "first_seq": 1, "events": [',
    "bytes that are no UTF-8": b'{"epoch": "e1\xff", "first_seq": 1, "events": []}',
    "no epoch": {"first_seq": 1, "events": [entry(1)]},
    "no number": {"epoch": "e1", "events": [entry(1)]},
    "a number in quotes": batch("1", entry(1)),
    "a number with a fraction": batch(1.5, entry(1)),
    "number nought": batch(0, entry(0)),
    "a number below nought": batch(-3, entry(-3)),
    "a number left out": batch(1, entry(1), entry(3)),
    "a number twice": batch(1, entry(1), entry(1)),
    "numbers backwards": batch(2, entry(2), entry(1)),
    "another number than announced": batch(2, entry(1)),
    "a number beyond 63 bits": batch(2**63, entry(2**63)),
    "a number of thirty digits": batch(10**29, entry(10**29)),
    "an entry that is no object": batch(1, 7),
    "an entry without a time": batch(1, {"seq": 1, "type": "X", "business_day": "2026-11-23"}),
    "an entry with a false time": batch(1, entry(1, at="yesterday")),
    "an entry without a type": batch(1, {k: v for k, v in entry(1).items() if k != "type"}),
    "an epoch that is no text": batch(1, entry(1), epoch=17),
    "a hundred thousand brackets": b'{"epoch":"e","first_seq":1,"events":[' + b"[" * 100_000,
    "a deep value under an unknown key": b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a megabyte of letters": b"x" * 1_000_000,
    "a megabyte of text": b'"' + b"x" * 1_000_000 + b'"',
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_batch_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(
    target: Target, branch: str, what: str
) -> None:
    before = target.office.metric("head_office_messages_set_aside")
    target.events(branch, UNREADABLE[what])
    target.good()
    assert target.office.metric("head_office_messages_set_aside") == before + 1
    topic, reason = target.aside()[-1]
    assert topic == f"{base(branch)}/events"
    assert reason
    assert not any(target.acks(branch))


@pytest.mark.parametrize(
    ("leaf", "said"),
    [
        ("birth", birth("somebody-else")),
        ("birth", {"branch": "x"}),
        ("birth", b"online"),
        ("queues", {"queues": "none"}),
        ("health", {"at": AT, "devices": [{"device": "d"}]}),
        ("health", b"\xff"),
    ],
)
def test_a_state_that_cannot_be_read_is_set_aside_and_changes_nothing(
    target: Target, branch: str, leaf: str, said: Any
) -> None:
    before = len(target.aside())
    target.events(branch, said, leaf)
    target.good()
    assert [topic for topic, _ in target.aside()[before:]] == [f"{base(branch)}/{leaf}"]
    assert target.office.branch(branch) == {}


@pytest.mark.parametrize("at", ["2026-11-23T10:00:00", "0001-01-01T00:00:00Z"])
def test_a_retained_birth_with_a_strange_time_does_not_keep_head_office_from_starting(
    house: House, at: str
) -> None:
    broker = house.broker()
    line = house.line(broker)
    line.say(f"{base('clockless')}/birth", birth("clockless", at=at), retain=True)
    office = house.office(broker.url)
    line.say(f"{base('good')}/birth", birth("good"), retain=True)
    wait_for(lambda: not office.answers() or office.branch("good"), "the good branch", 5)
    office.end()
    office.start()
    assert office.answers(), office.said()[-1500:]
    assert office.branch("good")


def test_a_branch_in_the_wrong_shard_is_set_aside(target: Target, branch: str) -> None:
    right = base(branch).split("/")[2]
    wrong = f"{(int(right) + 1) % 64:02d}"
    before = len(target.aside())
    for _ in range(30):  # more than a broker sends of which it hears nothing
        target.line.say(f"bank/v1/{wrong}/{branch}/events", batch(1, entry(1)))
    target.good()
    assert [reason for _, reason in target.aside()[before:]] != []
    assert target.office.branch(branch) == {}


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        "..",
        "a b",
        "'; DROP TABLE event; --",
        "滨江",
        "a" * 65,
        "%00",
    ],
)
def test_a_hostile_branch_name_in_the_topic_is_set_aside(target: Target, name: str) -> None:
    before = len(target.aside())
    target.events(name, batch(1, entry(1)))
    target.good()
    assert len(target.aside()) == before + 1
    listed = target.office.http.get("/api/v1/branches").json()["branches"]
    assert name not in [one["branch"] for one in listed]


def test_a_hostile_display_name_is_data_and_nothing_else(target: Target, branch: str) -> None:
    name = {"en": "</script><script>alert(1)</script>", "zh-Hans": "\u202e'\";--"}
    target.events(branch, birth(branch, name=name), "birth")
    wait_for(lambda: target.office.branch(branch), "the branch")
    assert target.office.branch(branch)["name"] == name


def test_an_unknown_event_type_is_kept_and_shown_as_it_is(target: Target, branch: str) -> None:
    sent = entry(1) | {"type": "RobotDanced", "steps": [1, {"left": None}], "who": "机器人"}
    target.events(branch, batch(1, sent))
    wait_for(lambda: target.office.events(branch) == [sent], "the unknown event")


def test_unknown_keys_are_kept_in_events_and_passed_over_elsewhere(
    target: Target, branch: str
) -> None:
    target.events(branch, birth(branch, mood="good"), "birth")
    sent = entry(1, mood="good")
    target.events(branch, {**batch(1, sent), "compressed": False})
    wait_for(lambda: target.office.events(branch) == [sent], "the event with its unknown key")


def test_of_a_repeat_with_another_content_nothing_is_kept(target: Target, branch: str) -> None:
    """It is another journal: it all comes again under a new epoch."""
    target.events(branch, batch(1, entry(1, label="A001")))
    wait_for(lambda: len(target.office.events(branch)) == 1, "the entry")
    target.events(branch, batch(1, entry(1, label="A999"), entry(2)))
    topic = f"{base(branch)}/command"
    wait_for(
        lambda: (
            [one.json()["command"] for one in target.line.of("command") if one.topic == topic]
            == ["new-epoch"]
        ),
        "the wish for a new epoch",
        10,
    )
    assert [one["label"] for one in target.office.events(branch)] == ["A001"]


def test_nothing_behind_a_hole_is_acknowledged(target: Target, branch: str) -> None:
    target.events(branch, batch(1, entry(1), entry(2)))
    target.events(branch, batch(4, entry(4)))
    wait_for(lambda: len(target.office.events(branch)) == 3, "the entries")
    target.good()
    assert max(target.acks(branch)) == 2


def test_a_hole_is_asked_for(target: Target, branch: str) -> None:
    target.events(branch, batch(1, entry(1)))
    target.events(branch, batch(4, entry(4)))
    topic = f"{base(branch)}/command"
    asked = wait_for(
        lambda: [one.json() for one in target.line.of("command") if one.topic == topic],
        "the resend command",
        10,
    )
    command = asked[0]
    assert (command["command"], command["from"]) == ("resend", 2)
    assert command["to"] >= 3


def test_a_bad_batch_between_good_ones_costs_only_itself(target: Target, branch: str) -> None:
    target.events(branch, batch(1, entry(1)))
    target.events(branch, batch(2, entry(2), entry(9)))
    target.events(branch, batch(2, entry(2), entry(3)), "history")
    wait_for(lambda: target.office.branch(branch).get("acked") == 3, "all three")
    assert [one["seq"] for one in target.office.events(branch)] == [1, 2, 3]


def test_a_batch_of_a_megabyte_is_kept_whole(target: Target, branch: str) -> None:
    entries = [entry(seq, note="x" * 900) for seq in range(1, 1001)]
    assert len(json.dumps(entries)) > 1_000_000
    target.events(branch, batch(1, *entries))
    wait_for(lambda: target.office.branch(branch).get("acked") == 1000, "a thousand entries")


def test_head_offices_own_words_are_no_bad_messages(target: Target, branch: str) -> None:
    before = target.office.metric("head_office_messages_set_aside")
    target.events(branch, {"epoch": "e1", "seq": 99}, "ack")
    target.events(branch, {"command": "rebirth"}, "command")
    target.good()
    assert target.office.metric("head_office_messages_set_aside") == before
    assert target.office.http.get("/healthz").status_code == httpx.codes.OK
