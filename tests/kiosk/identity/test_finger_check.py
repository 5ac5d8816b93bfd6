"""A check by finger: with a real sealed store and a real file of tries; then with the simulated module behind them."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_agent.messages import IdentityCheck
from kiosk.identity import chip, told
from kiosk.identity.chip import NoReference
from kiosk.identity.finger import ENGINE, MODEL, MODEL_SHA256, FingerJudged, FingerWanted
from kiosk.identity.finger_check import ANSWER_S, FingerCheck
from kiosk.identity.keys import Keys
from kiosk.identity.sealed import SealedStore
from kiosk.identity.session import Patience
from kiosk.identity.told import Again, Begin, VerifyFinger
from kiosk.identity.tries import Tries
from kiosk.identity.trying import Trying
from kiosk.settings import Identity, Templates
from tests.conftest import wait_for
from tests.kiosk.identity.test_finger import Bench
from tests.kiosk.identity.vault import NEW, NOON, OLD, TEMPLATE

ANNE, BERT = "token-of-anne", "token-of-bert"


class Counter:
    """Where the templates are, and the tries; the clock of the tries stands still."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = folder / "keys"
        self.has_keys(f"old {OLD.hex()}\n")
        self.keep(TEMPLATE)
        self.tries = Tries(folder, lambda: NOON)
        self.told: list[told.Told] = []
        self.entries: list[IdentityCheck] = []

    def has_keys(self, text: str) -> None:
        self.keys.write_text(text)
        self.keys.chmod(0o600)

    def keep(
        self, template: bytes, model: str = MODEL, customer: str = ANNE, days: int = 365
    ) -> None:
        store = SealedStore(
            self.folder / "templates.sqlite",
            Keys("old", {"old": OLD}),
            keep_for=timedelta(days=days),
            clock=lambda: datetime.now(UTC),
        )
        digest = MODEL_SHA256 if model == MODEL else "0" * 64
        store.keep(customer, "fingerprint", model, digest, template, consent="2026-11")
        store.close()

    def of_card(self, story: str, *, prints: bytes = b"prints", stored: bool = True) -> FingerCheck:
        """With a maker's program for an ID card's fingerprints."""
        program = [sys.executable, "-c", f"import os, sys, time\n{story}"]
        trying = Trying(self.tries, ANNE, "fingerprint", "2026-11", self.entries.append)
        begin = Begin(
            method="fingerprint",
            customer=ANNE,
            folder=str(self.folder),
            identity=Identity(consent="2026-11", finger=program),
            templates=Templates(keys=str(self.keys)) if stored else None,
            prints=prints,
        )
        return FingerCheck(begin, trying, self.told.append)

    def check(self, customer: str = ANNE, now: float | None = None) -> FingerCheck:
        trying = Trying(self.tries, customer, "fingerprint", "2026-11", self.entries.append)
        begin = Begin(
            method="fingerprint",
            customer=customer,
            folder=str(self.folder),
            identity=Identity(consent="2026-11"),
            templates=Templates(keys=str(self.keys)),
        )
        return FingerCheck(begin, trying, self.told.append)

    def kept(self) -> set[str]:
        """Files that could hold a template; those of the tries do not."""
        return {
            one.name for one in self.folder.iterdir() if not one.name.startswith("identity_tries")
        }

    @property
    def asked(self) -> list[bytes]:
        return [one.template for one in self.told if isinstance(one, VerifyFinger)]

    @property
    def written(self) -> list[tuple[str, str]]:
        return [(one.decision, one.reason) for one in self.entries]


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path)
    yield counter
    counter.tries.close()


def judged(check: FingerCheck, outcome: str, reason: str = "") -> None:
    check.happen(told.FingerJudged(outcome, reason))


# --- the owner, and others ------------------------------------------------------------------------


def test_the_module_gets_the_template_of_the_customer_who_is_claimed(counter: Counter) -> None:
    counter.keep(bytes(512), customer=BERT)
    check = counter.check()
    assert counter.asked == [TEMPLATE]
    assert check.shown().says == "fingerprint.place_finger"
    judged(check, "same")
    assert (check.ended, counter.written) == ("same", [("passed", "")])
    assert counter.entries[0].engine == ENGINE
    assert counter.tries.counts() == (0, 0)


@pytest.mark.parametrize(
    ("outcome", "reason", "decision", "failures"),
    [
        ("different", "", "failed", 1),
        ("poor_quality", "messy_image", "undecided", 0),
        ("timeout", "time_out", "undecided", 0),
    ],
)
def test_a_try_that_did_not_confirm_may_be_followed_by_another(
    outcome: str, reason: str, decision: str, failures: int, counter: Counter
) -> None:
    check = counter.check()
    judged(check, outcome, reason)
    shown = check.shown()
    assert (check.ended, shown.says, shown.leads_on, shown.tried) == (
        "", "fingerprint.again", "identity.again", True,
    )  # fmt: skip
    assert counter.written == [(decision, reason)]
    assert counter.tries.counts()[1] == failures
    check.happen(Again())
    assert counter.asked == [TEMPLATE, TEMPLATE]
    assert check.shown().leads_on == ""
    judged(check, "same")
    assert check.ended == "same"


def test_after_three_others_it_is_over_and_no_fourth_is_looked_at(counter: Counter) -> None:
    check = counter.check()
    for number in range(3):
        assert check.ended == ""
        judged(check, "different")
        if number < 2:
            check.happen(Again())
    assert check.ended == "different"
    check.happen(Again())
    assert len(counter.asked) == 3
    assert counter.written == [("failed", "")] * 3


def test_five_in_a_row_and_nobody_looks_at_this_customer_any_more(counter: Counter) -> None:
    for tries in (3, 2):
        check = counter.check()
        for number in range(tries):
            judged(check, "different")
            if number < tries - 1:
                check.happen(Again())
    before = len(counter.asked)
    check = counter.check()
    assert (check.ended, check.reasons) == ("locked", ("customer",))
    assert len(counter.asked) == before
    counter.keep(TEMPLATE, customer=BERT)
    assert counter.check(BERT).ended == ""


def test_a_module_that_fails_ends_it_and_costs_nothing(counter: Counter) -> None:
    check = counter.check()
    judged(check, "unavailable", "no_device")
    assert (check.ended, counter.written) == ("unavailable", [("undecided", "no_device")])
    assert counter.tries.counts() == (0, 0)


# --- what is told at the wrong time ---------------------------------------------------------------


def test_while_nothing_is_asked_of_the_module_its_words_are_of_before(counter: Counter) -> None:
    check = counter.check()
    judged(check, "different")
    judged(check, "same")
    check.happen(told.FingerWanted("place_finger"))
    assert (check.ended, check.shown().says) == ("", "fingerprint.again")
    assert counter.written == [("failed", "")]


def test_again_in_the_middle_of_a_try_begins_no_second(counter: Counter) -> None:
    check = counter.check()
    check.happen(Again())
    assert counter.asked == [TEMPLATE]


def test_words_of_the_module_that_nobody_knows_are_shown_as_one_that_is_known(
    counter: Counter,
) -> None:
    check = counter.check()
    for word in ("lift_finger", "clean", "press_harder", "place_again", "same_finger", "", "ξ"):
        check.happen(told.FingerWanted(word))
        known = word if word in ("lift_finger", "clean", "press_harder") else "place_finger"
        assert check.shown().says == f"fingerprint.{known}"


def test_a_word_that_is_no_outcome_is_not_taken_for_one(counter: Counter) -> None:
    check = counter.check()
    with pytest.raises(KeyError):
        judged(check, "certainly")
    assert check.ended == ""
    assert counter.tries.counts()[1] == 1  # begun, and not judged: it stays


# --- silence, and leaving -------------------------------------------------------------------------


def test_a_module_that_says_nothing_is_not_waited_for_for_ever(counter: Counter) -> None:
    check = counter.check()
    check.turn(check._until - 0.1)
    assert check.ended == ""
    check.turn(check._until)
    assert (check.ended, check.reasons) == ("timeout", ("no_answer",))
    assert counter.written == [("undecided", "no_answer")]
    assert ANSWER_S > 20  # the module's own patience


def test_who_does_not_try_again_goes_on_after_a_while_as_one_who_failed(counter: Counter) -> None:
    check = counter.check()
    judged(check, "different")
    check.turn(check._until)
    assert (check.ended, counter.written) == ("different", [("failed", "")])
    assert Patience().again_s < ANSWER_S


def test_who_leaves_before_a_finger_was_there_has_declined(counter: Counter) -> None:
    check = counter.check()
    check.leave()
    assert (check.ended, counter.written) == ("declined", [("declined", "")])
    assert counter.tries.counts() == (0, 0)
    judged(check, "same")
    assert check.ended == "declined"


def test_who_leaves_after_a_failure_has_failed(counter: Counter) -> None:
    check = counter.check()
    judged(check, "different")
    check.leave()
    assert (check.ended, counter.written) == ("different", [("failed", "")])


def test_a_failure_stays_one_though_its_customer_leaves_in_the_next_try(counter: Counter) -> None:
    check = counter.check()
    judged(check, "different")
    check.happen(Again())
    check.leave()
    assert check.ended == "different"
    assert counter.written == [("failed", ""), ("declined", "")]
    assert counter.tries.counts() == (1, 1)  # nobody judged the second


def test_a_module_that_falls_silent_in_the_next_try_is_no_second_failure(counter: Counter) -> None:
    check = counter.check()
    judged(check, "different")
    check.happen(Again())
    check.turn(check._until)
    assert (check.ended, check.reasons) == ("different", ())
    assert counter.written == [("failed", ""), ("undecided", "no_answer")]
    assert counter.tries.counts() == (1, 1)


def test_once_stopped_it_holds_no_template(counter: Counter) -> None:
    check = counter.check()
    check.stop()
    assert TEMPLATE not in repr(vars(check)).encode("latin-1", "replace")
    assert check._template == b""


# --- a template on the card -------------------------------------------------------------------------

DOUBLES = "sys.stdout.buffer.write((sys.stdin.buffer.read() * 512)[:512])"


def test_the_card_s_own_template_is_compared_and_not_the_store_s(counter: Counter) -> None:
    check = counter.of_card(DOUBLES)
    assert counter.asked == [(b"prints" * 512)[:512]]
    assert check.ended == ""
    judged(check, "same")
    assert (check.ended, counter.written) == ("same", [("passed", "")])
    check.stop()
    assert check._template == b""
    assert counter.kept() == {"keys", "templates.sqlite"}


def test_it_needs_no_store(counter: Counter) -> None:
    counter.of_card(DOUBLES, stored=False)
    assert len(counter.asked) == 1


def test_a_card_without_fingerprints_is_looked_up_in_the_store(counter: Counter) -> None:
    counter.of_card(DOUBLES, prints=b"")
    assert counter.asked == [TEMPLATE]


def test_without_prints_and_without_a_store_there_is_nothing_to_compare(counter: Counter) -> None:
    check = counter.of_card(DOUBLES, prints=b"", stored=False)
    assert (check.ended, check.reasons) == ("unavailable", ("no_template",))


BAD = {
    "too short": ("sys.stdout.buffer.write(bytes(range(256)) + bytes(255))", "template_unusable"),
    "too long": ("sys.stdout.buffer.write(bytes(range(256)) * 3)", "chip_unusable"),
    "empty": ("sys.stdout.buffer.write(bytes(512))", "template_unusable"),
    "nothing": ("pass", "template_unusable"),
    "rubbish": ("print('no finger')", "template_unusable"),
    "rubbish without end": ("while True: print('no finger' * 99)", "chip_unusable"),
    "fails": (f"{DOUBLES}; sys.stdout.flush(); sys.exit(3)", "chip_unusable"),
    "crashes": ("os.kill(os.getpid(), 11)", "chip_unusable"),
    "hangs": ("time.sleep(60)", "chip_unusable"),
}


@pytest.mark.parametrize("how", BAD)
def test_a_card_s_fingerprints_that_cannot_be_used_are_a_way_on_with_a_code(
    how: str, counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    story, reason = BAD[how]
    start = time.monotonic()
    check = counter.of_card(story)
    assert time.monotonic() - start < chip.WITHIN_S + 3
    assert (check.ended, check.reasons) == ("unavailable", (reason,))
    assert counter.asked == []
    assert counter.tries.counts() == (0, 0)
    assert "fingerprints cannot be used" in caplog.text
    assert ANNE not in caplog.text


def test_a_program_that_is_not_there(counter: Counter) -> None:
    with pytest.raises(NoReference) as refused:
        chip.template(["/nowhere/fingerprint"], b"prints")
    assert refused.value.reason == "chip_unusable"


# --- no template that can be used -------------------------------------------------------------------


def test_whose_finger_is_not_kept_is_not_looked_at(counter: Counter) -> None:
    check = counter.check(BERT)
    assert (check.ended, check.reasons) == ("unavailable", ("no_template",))
    assert counter.asked == []
    assert counter.tries.counts() == (0, 0)


def test_a_template_of_another_model_is_not_compared(counter: Counter) -> None:
    counter.keep(TEMPLATE, model="another model")
    check = counter.check()
    assert (check.ended, check.reasons) == ("unavailable", ("template_unusable",))
    assert counter.asked == []


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (f"old {NEW.hex()}\n", "template_unusable"),  # of the same name, and another
        (f"new {NEW.hex()}\n", "template_unusable"),
        ("", "store_unusable"),
        ("no keys at all", "store_unusable"),
        (None, "store_unusable"),
    ],
)
def test_without_its_key_a_template_opens_for_nobody(
    keys: str | None, reason: str, counter: Counter
) -> None:
    counter.keys.unlink() if keys is None else counter.has_keys(keys)
    check = counter.check()
    assert (check.ended, check.reasons) == ("unavailable", (reason,))
    assert counter.asked == []


def test_a_store_that_is_no_store(counter: Counter) -> None:
    (counter.folder / "templates.sqlite").write_bytes(b"no database at all" * 500)
    check = counter.check()
    assert (check.ended, check.reasons) == ("unavailable", ("store_unusable",))


def test_nothing_of_the_customer_is_in_the_log(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.has_keys(f"old {NEW.hex()}\n")
    counter.check()
    assert caplog.text
    assert ANNE not in caplog.text
    assert OLD.hex() not in caplog.text


# --- with the module ------------------------------------------------------------------------------


class Kiosk:
    """The check, and what kiosk/checks.py does between it and the module."""

    def __init__(self, folder: Path) -> None:
        self.bench = Bench(folder)
        self.counter = Counter(folder)
        self.counter.keep(self.bench.template("left-thumb"))
        self._heard = 0

    def begins(self) -> None:
        self.check = self.counter.check()
        self._ask()

    def again(self) -> None:
        self.check.happen(Again())
        self._ask()

    def _ask(self) -> None:
        self.bench.heard.clear()
        assert self.bench.finger.verify(self.counter.asked[-1]) is None
        self.bench.wanted("place_finger")

    def ends(self) -> None:
        said = self.bench.end(FingerJudged)
        for one in self.bench.heard:
            if isinstance(one, FingerWanted):
                self.check.happen(told.FingerWanted(one.word))
        self.check.happen(told.FingerJudged(said.outcome, said.reason))
        self.bench.module.say("remove")

    def close(self) -> None:
        self.bench.close()
        self.counter.tries.close()


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path)
    yield kiosk
    kiosk.close()


def test_another_finger_then_a_dirty_one_then_the_owner_s(kiosk: Kiosk) -> None:
    kiosk.begins()
    kiosk.bench.present("right-thumb")
    kiosk.ends()
    kiosk.again()
    kiosk.bench.present("left-thumb dirty")
    kiosk.ends()
    kiosk.again()
    kiosk.bench.present("left-thumb")
    kiosk.ends()
    assert kiosk.check.ended == "same"
    assert kiosk.counter.written == [
        ("failed", ""), ("undecided", "messy_image"), ("passed", ""),
    ]  # fmt: skip
    assert kiosk.counter.tries.counts() == (0, 0)
    assert kiosk.bench.module.truth("stored") == []


def test_pulled_out_in_the_middle_it_is_over_and_no_failure(kiosk: Kiosk) -> None:
    kiosk.begins()
    kiosk.bench.module.say("unplug")
    said: Any = kiosk.bench.end(FingerJudged)
    kiosk.check.happen(told.FingerJudged(said.outcome, said.reason))
    assert kiosk.check.ended == "unavailable"
    assert kiosk.counter.tries.counts() == (0, 0)
    wait_for(lambda: not kiosk.bench.finger.works, "the module's absence", 10)
