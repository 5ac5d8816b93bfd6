"""The kiosk's side of a check, against small programs that speak its pipe as written here: well, badly, not at all, too much."""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from devices.camera.settings import Camera
from devices.device import State
from devices.fingerprint.orders import FingerResult, Verify
from devices.id_card.card import IdCard, Kind
from devices.id_card.driver import IdRead
from kiosk import settings
from kiosk.checks import PROGRAM, Checks
from kiosk.eye import Eye
from kiosk.identity.finger import MODEL, MODEL_SHA256, Finger
from kiosk.identity.keys import Keys
from kiosk.identity.sealed import SealedStore
from kiosk.journey.events import CheckEnded, CheckShown, Event
from kiosk.journey.step import Card, Check, Screen, Step
from kiosk.journey.wishes import CheckAgain, CheckIdentity, NoteDeclined
from kiosk.machines import Machines
from kiosk.settings import Identity, Settings, Templates
from tests.conftest import ROOT
from tests.kiosk.identity.test_finger import Bench
from tests.kiosk.identity.vault import OLD
from tests.kiosk.machine_doubles import FakeKeeper

LONG_S = 20.0
BUSY_S = 6.0  # as much later than it should something may come on a busy machine
SILENT_S, LEAVE_S = 3.0, 1.0  # here; Python itself takes half a second to start on a busy machine
ANNE, BERT = "token-of-anne", "token-of-bert"
SPEAKS = """
import os, signal, sys, time
import msgspec

def tell(kind, **what):
    body = msgspec.msgpack.encode({"type": kind, **what})
    sys.stdout.buffer.write(len(body).to_bytes(4) + body)
    sys.stdout.buffer.flush()

def hear():
    head = sys.stdin.buffer.read(4)
    return msgspec.msgpack.decode(sys.stdin.buffer.read(int.from_bytes(head))) if head else None

def judged(decision):
    tell("Judged", entry={"method": "face", "decision": decision, "engine": "e", "consent": "1", "reason": ""})

with open(HERE + "/pids", "a") as file:
    file.write(f"{os.getpid()}\\n")
begin = hear()
"""
FACE = CheckIdentity("face", ANNE)
ID_OF_ANNE = IdRead(
    IdCard(
        Kind.RESIDENT, ANNE, name="Anne", english_name="", sex="2", nation="01", nation_letters="HA", nationality="CHN",
        birth=None, address="", number="11010519491231002X", number_ok=True, issuer="", valid_from=date(2020, 1, 1),
        valid_to=None, pass_number="", issue_count="", photo=b"likeness",
    )
)  # fmt: skip
FINGER = CheckIdentity("fingerprint", ANNE)
STANDS = Step(Screen.IDENTITY, "en", card=Card(ANNE, "vip"), check=Check("face", "face.opening"))
GONE = Step(Screen.WELCOME, "en")


class Kiosk:
    """Checks with what they talk to; all they tell is kept in order."""

    def __init__(self, folder: Path, story: str) -> None:
        self.folder = folder
        program = folder / "program.py"
        program.write_text(f"HERE = {str(folder)!r}\n{SPEAKS}{story}", encoding="utf-8")
        self.events: list[Event] = []
        self.mirrors: list[Any] = []
        self.entries: list[Any] = []
        known = settings.load(ROOT / "config" / "demo" / "kiosk.toml")
        self.settings: Settings = structs.replace(
            known,
            devices=[],
            identity=Identity(consent="2026-11", records="http://127.0.0.1:9/", chip=["cat"]),
            templates=Templates(keys=str(folder / "keys")),
        )
        self.machines = Machines(self.settings, lambda _event: None)
        self.keeper = FakeKeeper("fingerprint")
        self.machines.finger = Finger(self.keeper)  # type: ignore[arg-type]
        self.missing = ""
        self.machines.eye = Eye(
            Camera(port="/dev/video0", identity="usb:"),
            "kiosk-1",
            time.monotonic,
            lambda: datetime.now(UTC),
            lambda _camera: self.missing,
        )
        self.tasks: list[asyncio.Task[None]] = []
        self.program = (sys.executable, str(program))
        self.checks = self.with_program(self.program)

    def with_program(
        self, program: tuple[str, ...], silent_s: float = SILENT_S, leave_s: float = LEAVE_S
    ) -> Checks:
        return Checks(
            self.settings,
            self.machines,
            tell=self.events.append,
            mirror=self.mirrors.append,
            write_down=self.entries.append,
            begin=self._begin,
            program=program,
            silent_s=silent_s,
            leave_s=leave_s,
        )

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(work))

    async def until(self, true: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + LONG_S
        while not true():
            assert time.monotonic() < deadline, f"{what}; {self.events}"
            await asyncio.sleep(0.01)

    async def done(self) -> None:
        await asyncio.wait_for(asyncio.gather(*self.tasks), LONG_S)

    def leaves(self) -> None:
        self.checks.follow(GONE)

    @property
    def says(self) -> list[str]:
        return [one.check.says for one in self.events if isinstance(one, CheckShown)]

    @property
    def ended(self) -> list[str]:
        return [one.said for one in self.events if isinstance(one, CheckEnded)]

    @property
    def decisions(self) -> list[str]:
        return [one.decision for one in self.entries]

    def pids(self) -> list[int]:
        file = self.folder / "pids"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def alive(self) -> list[int]:
        return [pid for pid in self.pids() if Path(f"/proc/{pid}").exists()]


Story = Callable[[Kiosk], Coroutine[Any, Any, None]]


def play(folder: Path, program: str, story: Story) -> Kiosk:
    async def all_of_it() -> Kiosk:
        kiosk = Kiosk(folder, program)
        await story(kiosk)
        await kiosk.done()
        return kiosk

    kiosk = asyncio.run(all_of_it())
    assert kiosk.alive() == []
    return kiosk


async def stays(kiosk: Kiosk) -> None:
    """A customer who waits for what comes of it."""
    kiosk.checks.grant(FACE)
    await kiosk.done()


# --- as it should be ------------------------------------------------------------------------------


def test_what_is_shown_and_judged_is_handed_on_in_order_and_then_it_is_over(tmp_path: Path) -> None:
    kiosk = play(
        tmp_path,
        """
tell("Shown", says="face.look_straight", icon="i", leads_on="", progress=0.5, mirror=True, tried=False)
tell("Mirror", width=2, height=1, pixels=b"123456")
judged("passed")
tell("Ended", said="face")
""",
        stays,
    )
    shown = Check("face", "face.look_straight", "i", "", 0.5, mirror=True)
    assert kiosk.events == [CheckShown(shown), CheckEnded("face")]
    [picture, nothing] = kiosk.mirrors
    assert (picture.width, picture.height, picture.pixels, nothing) == (2, 1, b"123456", None)
    assert kiosk.decisions == ["passed"]


def test_it_is_told_whose_card_it_is_and_how_long_a_slow_customer_has(tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(CheckIdentity("face", ANNE, slow=True))

    kiosk = play(
        tmp_path,
        "tell(\"Shown\", says=f\"{begin['customer']} {begin['method']} {begin['patience_s']}\")\n"
        'tell("Ended", said="failed")',
        story,
    )
    assert kiosk.says == [f"{ANNE} face {2 * kiosk.settings.times.face_s}"]


def test_the_customer_tries_once_more(tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(FACE)
        await kiosk.until(lambda: "again?" in kiosk.says, "the question")
        assert kiosk.checks.grant(CheckAgain())

    kiosk = play(
        tmp_path,
        'tell("Shown", says="again?")\ntell("Ended", said="face" if hear()["type"] == "Again" else "failed")',
        story,
    )
    assert kiosk.ended == ["face"]


def test_tries_of_one_visit_are_counted_over_all_that_it_agrees_to(tmp_path: Path) -> None:
    """Going back and agreeing again gives nobody three tries more."""

    async def story(kiosk: Kiosk) -> None:
        for wish in (FACE, FACE, FINGER, CheckIdentity("face", BERT)):
            await kiosk.done() if kiosk.tasks else None
            kiosk.checks.grant(wish)
        await kiosk.done()
        kiosk.leaves()
        kiosk.checks.grant(FACE)

    kiosk = play(
        tmp_path,
        'judged("failed")\njudged("declined")\ntell("Shown", says=str(begin["used"]))\ntell("Ended", said="failed")',
        story,
    )
    assert kiosk.says == ["0", "1", "2", "0", "0"]


def test_other_wishes_are_not_its_own(tmp_path: Path) -> None:
    assert not Kiosk(tmp_path, "").checks.grant("another wish")


# --- programs that fail ---------------------------------------------------------------------------

BAD = {
    "garbage": 'sys.stdout.buffer.write(b"\\x00\\x00\\x00\\x04\\xc1\\xc1\\xc1\\xc1"); sys.stdout.flush(); time.sleep(60)',
    "an unknown message": 'tell("Wonder"); time.sleep(60)',
    "fields that are none": 'tell("Ended", said=3); time.sleep(60)',
    "a decision that is none": 'judged("certainly"); time.sleep(60)',
    "a message of 4 GB": 'sys.stdout.buffer.write(b"\\xff" * 4); sys.stdout.flush(); time.sleep(60)',
    "half a message": 'sys.stdout.buffer.write(b"\\x00\\x00\\x00\\x09ab"); sys.stdout.flush()',
    "text": 'print("Traceback (most recent call last):", flush=True); time.sleep(60)',
    "nothing, status 0": "sys.exit(0)",
    "nothing, status 1": "sys.exit(1)",
    "a signal": "os.kill(os.getpid(), signal.SIGSEGV)",
    "kill -9": "os.kill(os.getpid(), signal.SIGKILL)",
    "silence": "time.sleep(60)",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "does not listen": "signal.signal(signal.SIGTERM, signal.SIG_IGN); os.close(0); time.sleep(60)",
    "its end closed": "os.close(1); os.close(0); time.sleep(60)",
}


@pytest.mark.parametrize("how", BAD)
def test_a_program_that_fails_is_a_check_that_was_not_passed(how: str, tmp_path: Path) -> None:
    start = time.monotonic()
    kiosk = play(tmp_path, BAD[how], stays)
    assert kiosk.ended == ["failed"]
    assert kiosk.mirrors == [None]
    assert [(one.decision, one.reason, one.consent) for one in kiosk.entries] == [
        ("undecided", "broke_off", "2026-11")
    ]
    assert time.monotonic() - start < LONG_S


def test_a_program_that_cannot_be_started_is_a_check_that_was_not_passed(tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.checks = kiosk.with_program((str(tmp_path / "nowhere"),))
        kiosk.checks.grant(FACE)

    kiosk = play(tmp_path, "", story)
    assert (kiosk.ended, kiosk.decisions) == (["failed"], ["undecided"])


def test_one_that_goes_on_speaking_after_its_end_is_ended(tmp_path: Path) -> None:
    kiosk = play(
        tmp_path,
        'tell("Ended", said="face")\nwhile True: tell("Shown", says="still here")',
        stays,
    )
    assert kiosk.ended == ["face"]
    assert "still here" not in kiosk.says


def test_a_silent_one_is_not_waited_for_twice(tmp_path: Path) -> None:
    """Once for a word; nobody waits then for it to end by itself."""

    async def story(kiosk: Kiosk) -> None:
        kiosk.checks = kiosk.with_program(kiosk.program, leave_s=BUSY_S)
        kiosk.checks.grant(FACE)
        await kiosk.until(lambda: kiosk.says, "its only word")
        start = time.monotonic()
        await kiosk.done()
        assert time.monotonic() - start < SILENT_S + 0.7 * BUSY_S

    play(tmp_path, 'tell("Shown", says="one word")\ntime.sleep(60)', story)


def test_a_kiosk_that_stood_still_listens_to_what_was_said_meanwhile(tmp_path: Path) -> None:
    """The process spoke all the time; only nobody read it."""

    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(FACE)
        await kiosk.until(lambda: kiosk.says, "the first word")
        threading.Event().wait(SILENT_S + 0.3)  # the fault itself: nothing of the kiosk runs
        await kiosk.done()

    kiosk = play(
        tmp_path,
        'tell("Shown", says="one")\nfor n in range(20):\n    time.sleep(0.1); tell("Shown", says=str(n))\n'
        'tell("Ended", said="face")',
        story,
    )
    assert kiosk.ended == ["face"]
    assert kiosk.says[-1] == "19"
    assert kiosk.entries == []


# --- customers who leave --------------------------------------------------------------------------


def test_who_leaves_closes_the_pipe_and_the_entry_still_comes(tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(FACE)
        await kiosk.until(lambda: kiosk.says, "the first word")
        kiosk.leaves()

    kiosk = play(
        tmp_path,
        'tell("Shown", says="begun")\nassert hear() is None\njudged("declined")\n'
        'tell("Shown", says="late")\ntell("Mirror", width=1, height=1, pixels=b"abc")\ntell("Ended", said="face")',
        story,
    )
    assert (kiosk.says, kiosk.ended, kiosk.mirrors) == (["begun"], [], [None])
    assert kiosk.decisions == ["declined"]


@pytest.mark.parametrize(
    "after",
    [
        "time.sleep(60)",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        'while True: tell("Mirror", width=40, height=30, pixels=bytes(3600))',
        'while True: tell("Shown", says="go on"); time.sleep(0.05)',
    ],
)
def test_no_eye_stays_open_for_a_customer_who_has_gone(after: str, tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.checks = kiosk.with_program(kiosk.program, silent_s=LONG_S)
        kiosk.checks.grant(FACE)
        await kiosk.until(lambda: kiosk.says, "the first word")
        start = time.monotonic()
        kiosk.leaves()
        await kiosk.done()
        assert time.monotonic() - start < LEAVE_S + BUSY_S

    kiosk = play(tmp_path, f'tell("Shown", says="begun")\n{after}', story)
    assert kiosk.ended == []
    assert kiosk.mirrors[-1] is None


def test_who_leaves_before_the_process_is_there_has_declined(tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(FACE)
        kiosk.leaves()

    kiosk = play(tmp_path, 'judged("passed")\ntell("Ended", said="face")', story)
    assert (kiosk.events, kiosk.decisions) == ([], ["declined"])
    assert kiosk.pids() == []


def test_who_leaves_while_the_process_is_being_made_is_left_alone(tmp_path: Path) -> None:
    """However slowly it starts: here it never hears anything."""

    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(FACE)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        kiosk.leaves()

    kiosk = play(tmp_path, 'judged("passed")\ntell("Ended", said="face")\ntime.sleep(60)', story)
    assert (kiosk.events, kiosk.decisions) == ([], ["declined"])


def test_a_late_answer_of_the_first_never_reaches_the_second(tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(FACE)
        await kiosk.until(lambda: kiosk.says, "the first word")
        kiosk.leaves()
        kiosk.checks.grant(CheckIdentity("face", BERT))

    kiosk = play(
        tmp_path,
        f"""
tell("Shown", says=begin["customer"])
if begin["customer"] == {ANNE!r}:
    hear()
    judged("passed")
    tell("Ended", said="face")
else:
    judged("failed")
    tell("Ended", said="failed")
""",
        story,
    )
    assert kiosk.says == [ANNE, BERT]
    assert kiosk.ended == ["failed"]
    assert kiosk.decisions == ["passed", "failed"]


def test_two_eyes_are_never_open_at_once(tmp_path: Path) -> None:
    """The first takes its time to die; the second waits for its end."""

    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(FACE)
        await kiosk.until(lambda: kiosk.says, "the first word")
        kiosk.leaves()
        kiosk.checks.grant(CheckIdentity("face", BERT))
        await kiosk.until(lambda: kiosk.ended, "the end of the second")

    kiosk = play(
        tmp_path,
        """
others = [int(line) for line in open(HERE + "/pids").read().split() if int(line) != os.getpid()]
tell("Shown", says=" ".join(str(pid) for pid in others if os.path.exists(f"/proc/{pid}")) or "alone")
hear() if not others else None
time.sleep(0.4)
tell("Ended", said="failed")
""",
        story,
    )
    assert kiosk.says == ["alone", "alone"]


def test_another_customer_s_finger_says_nothing_of_this_one(tmp_path: Path) -> None:
    """Anne's finger was on the module when she left; what it says comes when Bert's check has just begun."""

    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(FINGER)
        await kiosk.until(lambda: kiosk.keeper.ordered, "the order")
        [order] = kiosk.keeper.ordered
        assert order.template == ANNE.encode()
        kiosk.leaves()
        assert kiosk.keeper.patience[0].over
        kiosk.checks.grant(CheckIdentity("fingerprint", BERT))
        await kiosk.until(lambda: BERT in kiosk.says, "the second check")
        assert kiosk.checks.heard(FingerResult(order.job, "success"))
        (tmp_path / "go").touch()
        await kiosk.until(lambda: kiosk.keeper.ordered[1:] or kiosk.ended, "the second order")
        kiosk.leaves()

    kiosk = play(
        tmp_path,
        f"""
tell("Shown", says=begin["customer"])
if begin["customer"] == {BERT!r}:
    while not os.path.exists(HERE + "/go"): time.sleep(0.01)
tell("VerifyFinger", template=begin["customer"].encode())
said = hear()
with open(HERE + "/heard", "a") as file: print(begin["customer"], said, file=file)
tell("Ended", said="failed")
""",
        story,
    )
    assert kiosk.ended == []
    assert (tmp_path / "heard").read_text().splitlines() == [f"{ANNE} None", f"{BERT} None"]


def test_the_module_s_words_reach_the_check_that_asked(tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(FINGER)
        await kiosk.until(lambda: kiosk.keeper.ordered, "the order")
        order: Verify = kiosk.keeper.ordered[0]
        assert not kiosk.checks.heard(FingerResult("another job", "success"))
        assert kiosk.checks.heard(FingerResult(order.job, "commandErrorCode", "noMatch"))

    kiosk = play(
        tmp_path,
        'tell("VerifyFinger", template=b"t")\nsaid = hear()\ntell("Shown", says=said["outcome"])\n'
        'tell("Ended", said="failed")',
        story,
    )
    assert kiosk.says == ["different"]


def test_without_a_module_the_check_by_finger_hears_so(tmp_path: Path) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.machines.finger = Finger(None)
        kiosk.checks.grant(FINGER)

    kiosk = play(
        tmp_path,
        'tell("VerifyFinger", template=b"t")\nsaid = hear()\n'
        'tell("Shown", says=said["outcome"] + " " + said["reason"])\ntell("Ended", said="failed")',
        story,
    )
    assert kiosk.says == ["unavailable no_module"]


# --- the end of the kiosk -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "during",
    [
        'tell("Shown", says="begun"); time.sleep(60)',
        'os.close(0); tell("Shown", says="begun"); time.sleep(60)',
    ],
)
@pytest.mark.parametrize("cancels_first", [False, True])
def test_with_the_kiosk_every_check_ends(during: str, cancels_first: bool, tmp_path: Path) -> None:
    """As the app ends: its tasks are cancelled, then what stands behind the screen is stopped."""

    async def all_of_it() -> Kiosk:
        kiosk = Kiosk(tmp_path, during)
        kiosk.checks.grant(FACE)
        await kiosk.until(lambda: kiosk.says, "the first word")
        if cancels_first:
            kiosk.tasks[0].cancel()
            await asyncio.sleep(0)
        await kiosk.checks.stop()
        await kiosk.until(lambda: not kiosk.alive(), "the end of the process")
        await asyncio.wait(kiosk.tasks, timeout=LONG_S)
        return kiosk

    kiosk = asyncio.run(all_of_it())
    assert kiosk.ended == []


# --- what stays, and what is told ------------------------------------------------------------------


def test_a_photo_is_forgotten_with_its_card(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path, "")
    kiosk.machines.understand(ID_OF_ANNE)
    kiosk.checks.follow(STANDS)
    assert kiosk.machines.photo_of(ANNE) == b"likeness"
    assert kiosk.machines.photo_of(BERT) == b""
    kiosk.checks.follow(GONE)
    assert kiosk.machines.photo_of(ANNE) == b""


def test_who_declines_is_written_down_without_any_process(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path, "")
    assert kiosk.checks.grant(NoteDeclined())
    assert [(one.decision, one.consent) for one in kiosk.entries] == [("declined", "2026-11")]


def test_an_id_card_with_fingerprints_offers_the_finger_and_without_a_store_no_other(
    tmp_path: Path,
) -> None:
    kiosk = Kiosk(tmp_path, "")
    asked = structs.replace(kiosk.settings.identity, finger=["cat"])
    kiosk.settings = structs.replace(kiosk.settings, templates=None, identity=asked)
    finger = kiosk.machines.finger
    kiosk.machines = Machines(kiosk.settings, lambda _event: None)
    kiosk.machines.finger = finger
    checks = kiosk.with_program(("true",))
    assert checks.methods() == frozenset()
    kiosk.machines.understand(IdRead(replace(ID_OF_ANNE.card, prints=b"prints")))
    assert kiosk.machines.news
    assert checks.methods() == {"fingerprint"}
    assert kiosk.machines.prints_of(ANNE) == b"prints"
    assert kiosk.machines.prints_of(BERT) == b""
    checks.follow(GONE)
    assert kiosk.machines.prints_of(ANNE) == b""
    assert checks.methods() == frozenset()


def test_what_works_can_be_offered(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path, "")
    assert kiosk.checks.methods() == {"face", "fingerprint"}
    kiosk.keeper.becomes(State.ABSENT, "noDevice")
    assert kiosk.checks.methods() == {"face"}
    kiosk.missing = "noDevice"
    assert kiosk.machines.eye is not None
    kiosk.machines.eye.look()
    assert kiosk.checks.methods() == frozenset()


def test_what_was_wrong_with_the_camera_is_known_also_when_its_customer_has_gone(
    tmp_path: Path,
) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.checks.grant(FACE)
        await kiosk.until(lambda: kiosk.says, "the first word")
        kiosk.leaves()

    kiosk = play(
        tmp_path,
        'tell("Shown", says="begun")\nhear()\ntell("CameraIs", word="frozen")\ntell("Ended", said="failed")',
        story,
    )
    assert kiosk.machines.news
    assert [one.detail for one in kiosk.machines.health()] == ["frozen"]
    assert kiosk.checks.methods() == {"fingerprint"}


def test_nothing_of_anybody_is_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)

    async def story(kiosk: Kiosk) -> None:
        kiosk.machines.understand(ID_OF_ANNE)
        kiosk.checks.grant(FACE)

    kiosk = play(
        tmp_path, 'tell("Shown", says=3, photo=begin["photo"], of=begin["customer"])', story
    )
    assert kiosk.ended == ["failed"]
    written = caplog.text + "".join(capfd.readouterr())
    assert "broke off" in written
    assert ANNE not in written
    assert "11010519491231002X" not in written
    assert "likeness" not in written


# --- all of it: the real process, a real store, the simulated module ---------------------------------


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def test_by_finger_through_the_whole_kiosk(tmp_path: Path, bench: Bench) -> None:
    """Another finger, then the owner's, then a module that is pulled out under the next customer's finger."""
    keys = tmp_path / "keys"
    keys.write_text(f"old {OLD.hex()}\n")
    keys.chmod(0o600)
    store = SealedStore(
        tmp_path / "templates.sqlite",
        Keys("old", {"old": OLD}),
        keep_for=timedelta(days=1),
        clock=lambda: datetime.now(UTC),
    )
    for owner in (ANNE, BERT):
        template = bench.template(owner)
        store.keep(owner, "fingerprint", MODEL, MODEL_SHA256, template, consent="2026-11")
    store.close()

    async def hears(kiosk: Kiosk) -> None:
        """As kiosk/behind.py hands on what machines tell."""
        while True:
            while bench.told:
                kiosk.checks.heard(bench.told.pop(0))
            await asyncio.sleep(0.01)

    async def story() -> Kiosk:
        kiosk = Kiosk(tmp_path, "")
        place = structs.replace(kiosk.settings.kiosk, data=str(tmp_path))
        kiosk.settings = structs.replace(kiosk.settings, kiosk=place)
        kiosk.machines.finger = bench.finger
        kiosk.checks = kiosk.with_program(PROGRAM, silent_s=LONG_S)
        listening = asyncio.create_task(hears(kiosk))
        kiosk.checks.grant(FINGER)
        await kiosk.until(lambda: kiosk.says[-1:] == ["fingerprint.place_finger"], "the question")
        bench.present(BERT)
        await kiosk.until(lambda: kiosk.says[-1:] == ["fingerprint.again"], "another try")
        bench.module.say("remove")
        kiosk.checks.grant(CheckAgain())
        bench.present(ANNE)
        await kiosk.until(lambda: kiosk.ended == ["fingerprint"], "the owner")
        bench.module.say("remove")
        kiosk.checks.grant(CheckIdentity("fingerprint", BERT))
        await kiosk.until(lambda: kiosk.says[-1:] == ["fingerprint.place_finger"], "the next one")
        bench.module.say("unplug")
        await kiosk.until(lambda: kiosk.ended[1:] == ["failed"], "the end")
        listening.cancel()
        return kiosk

    kiosk = asyncio.run(story())
    assert kiosk.decisions == ["failed", "passed", "undecided"]
