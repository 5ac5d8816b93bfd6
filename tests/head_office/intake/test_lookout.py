"""The board while others take in: what it shows is right without a single acknowledgement, and silence stays silence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from edge_agent.messages import Ack
from head_office.lookout import Lookout
from head_office.marks import Mark
from head_office.picture import BranchNow, Picture
from program.in_flight import Message
from tests.head_office.conftest import base

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = ("b", "e")


class Board:
    def __init__(self) -> None:
        self.now = NOON
        self.picture = Picture()
        self.lookout = Lookout(self.picture, lambda: self.now)

    def hear(self, leaf: str, shape: Any, *, retain: bool = False) -> None:
        self.lookout.hear(Message(f"{base('b')}/{leaf}", msgspec.json.encode(shape), retain))

    def born(self, session: str, status: str = "online", epoch: str = "e") -> None:
        self.hear("birth", {
            "branch": "b", "name": {}, "version": "1", "epoch": epoch, "session": session,
            "status": status, "at": NOON.isoformat(),
        })  # fmt: skip

    def queues(self, seq: int) -> None:
        self.hear("queues", {
            "branch": "b", "name": {}, "at": NOON.isoformat(), "epoch": "e", "journal_seq": seq,
            "business_day": "2026-11-23", "queues": [], "counters": [], "calls": [],
            "issued": 0, "served": 0, "missed": 0,
        })  # fmt: skip

    def read(self, mark: Mark) -> None:
        """What the ledger says."""
        self.lookout.correct({KEY: mark}, self.lookout.marks)

    @property
    def now_shown(self) -> BranchNow:
        now = self.picture.one("b")
        assert now is not None
        return now

    @property
    def numbers(self) -> tuple[int, int, int]:
        now = self.now_shown
        return now.acked, now.behind, now.missing


def test_without_acknowledgements_the_ledger_says_how_far_a_branch_is() -> None:
    board = Board()
    board.born("s")
    board.queues(9)
    assert board.numbers == (0, 9, 9)
    assert board.lookout.behind() == [KEY]
    board.read(Mark(4, 9, None, ((6, 9),)))
    assert board.numbers == (4, 5, 1)
    board.read(Mark(9, 9))
    assert board.numbers == (9, 0, 0)
    assert board.lookout.behind() == []


def test_an_acknowledgement_is_shown_at_once_and_an_old_one_changes_nothing() -> None:
    board = Board()
    board.born("s")
    board.queues(9)
    board.hear("ack", Ack(epoch="e", seq=9))
    assert board.numbers == (9, 0, 0)
    board.hear("ack", Ack(epoch="e", seq=3), retain=True)
    board.hear("ack", Ack(epoch="of another journal", seq=400), retain=True)
    assert board.numbers == (9, 0, 0)


def test_what_was_read_before_an_acknowledgement_does_not_undo_it() -> None:
    board = Board()
    board.born("s")
    board.queues(9)
    since = board.lookout.marks
    board.hear("ack", Ack(epoch="e", seq=9))
    board.lookout.correct({KEY: Mark(2, 9)}, since)
    assert board.numbers == (9, 0, 0)


def test_what_the_ledger_has_lost_is_missing_again() -> None:
    board = Board()
    board.born("s")
    board.queues(9)
    board.read(Mark(9, 9))
    board.read(Mark(3, 9, None, ((7, 9),)))
    assert board.numbers == (3, 6, 3)


def test_neither_ledger_nor_acknowledgement_is_a_sign_of_life() -> None:
    board = Board()
    board.born("s")
    board.queues(9)
    board.now += timedelta(seconds=31)
    board.read(Mark(5, 9))
    board.hear("ack", Ack(epoch="e", seq=9))
    board.lookout.look()
    now = board.picture.one("b")
    assert now is not None
    assert now.status == "silent"


def test_a_branch_that_nobody_has_heard_is_not_put_on_the_board_by_the_ledger() -> None:
    board = Board()
    board.read(Mark(5, 9))
    board.hear("ack", Ack(epoch="e", seq=9), retain=True)
    assert board.picture.all() == []


def test_the_will_of_an_older_connection_means_nothing_also_after_a_start() -> None:
    before = Board()
    birth = {
        "branch": "b", "name": {}, "version": "1", "epoch": "e", "session": "new",
        "status": "online", "at": NOON.isoformat(),
    }  # fmt: skip
    before.lookout.recall([("b", "birth", NOON, msgspec.json.encode(birth))], {KEY: Mark(5, 5)})
    before.born("old", "offline")
    now = before.picture.one("b")
    assert now is not None
    assert now.status == "online"
    before.born("new", "offline")
    now = before.picture.one("b")
    assert now is not None
    assert now.status == "offline"


def test_a_last_will_needs_no_more_than_its_session() -> None:
    board = Board()
    board.born("s")
    board.hear("birth", {"session": "older", "status": "offline"}, retain=True)
    assert board.now_shown.status == "online"
    board.hear("birth", {"session": "s", "status": "offline"})
    assert board.now_shown.status == "offline"


def test_a_last_will_from_before_a_new_epoch_takes_nothing_back() -> None:
    board = Board()
    board.born("s", epoch="new")
    board.born("s", "offline", epoch="old")
    assert (board.now_shown.status, board.now_shown.epoch) == ("offline", "new")


def test_what_cannot_be_read_changes_nothing() -> None:
    board = Board()
    board.born("s")
    for leaf in ("birth", "queues", "health", "ack", "events", "robots"):
        board.lookout.hear(Message(f"{base('b')}/{leaf}", b"\xff{["))
    board.lookout.hear(Message("bank/v1/99/b/birth", b"{}"))
    assert board.numbers == (0, 0, 0)
