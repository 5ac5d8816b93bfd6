"""Maintenance at the kiosk: what staff are told is what was done."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from devices.catalogue import KINDS
from devices.device import State
from devices.settings import Device
from devices.ticket_printer.roll import RollNoted
from devices.ticket_printer.slip import Line, Slip
from edge_agent.messages import DeviceHealth
from kiosk import settings, words
from kiosk.backlight import Backlight
from kiosk.duties import Duties, Place
from kiosk.journey import staff
from kiosk.journey.events import Event, PaperTold
from kiosk.machines import Machines
from kiosk.settings import Speech
from kiosk.speech.mode import SpeechMode
from tests.conftest import ROOT, SimulatedMachine, wait_for
from tests.devices.test_words import words_of

SAY = words.load("en")
AT = datetime(2026, 11, 25, 9, 15, tzinfo=UTC)
languages = pytest.mark.parametrize("language", words.languages())


def machine(kind: str = "ticket_printer", state: str = "ready", **more: Any) -> DeviceHealth:
    return DeviceHealth(device=f"kiosk-1/{kind}", kind=kind, state=state, since=AT, **more)  # type: ignore[arg-type]


class FakeMachines:
    """Takes orders; the test says what came of them."""

    def __init__(self, *known: DeviceHealth) -> None:
        self.known = list(known)
        self.slips: dict[str, Slip] = {}
        self.rolls: list[str] = []

    def health(self) -> list[DeviceHealth]:
        return self.known

    def print(self, job: str, slip: Slip) -> list[Event]:
        self.slips[job] = slip
        working = any(one.state == "ready" for one in self.known)
        return [] if working else [PaperTold(job, "failed", "noPrinter")]

    def new_roll(self, job: str) -> None:
        self.rolls.append(job)


class Desk:
    """Duties, and what they led to."""

    def __init__(self, folder: Path, *known: DeviceHealth, **changed: Any) -> None:
        self.machines = FakeMachines(*(known or [machine()]))  # unless it is changed
        self.loudness = 60
        self.loud = True
        self.said: list[tuple[str, ...]] = []
        self.ended: list[str] = []
        for name in ("lights", "stick"):
            (folder / name).mkdir(exist_ok=True)
        self.place = Place(
            **{
                "kiosk": "kiosk-1",
                "machines": self.machines,
                "backlight": Backlight(folder / "lights"),
                "speaks": lambda: self.loud,
                "change_volume": self._louder,
                "export_to": folder / "stick",
                "log_text": lambda: "one line\n",
                "supervised": True,
                "end": lambda: self.ended.append("ended"),
                **changed,
            }
        )
        self.duties = Duties(self.place, self.said.append, lambda: AT, pause=self._pause)

    def do(self, *whats: str, say: words.Words = SAY) -> list[str]:
        """The last lines told."""
        for what in whats:
            asyncio.run(self.duties.do(what, say))
        return list(self.said[-1])

    def _louder(self, by: int) -> int:
        self.loudness = min(100, max(0, self.loudness + by))
        return self.loudness

    async def _pause(self, seconds: float) -> None:
        self.ended.append(f"paused {seconds:.0f} s after {self.said[-1]}")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# Paper


@pytest.mark.parametrize(
    ("outcome", "reason", "told"),
    [
        ("confirmed", "", SAY("told.printed")),
        ("failed", "paperOut", SAY("told.not_printed", cause=SAY("cause.paperOut"))),
        ("indeterminate", "noProof", SAY("told.in_doubt", cause=SAY("cause.noProof"))),
        ("failed", "somethingNew", SAY("told.not_printed", cause="somethingNew")),
    ],
)  # fmt: skip
def test_a_test_print_tells_what_the_printer_proved(
    outcome: str, reason: str, told: str, desk: Desk
) -> None:
    assert desk.do("test_print") == [SAY("told.printing")]
    [(job, slip)] = desk.machines.slips.items()
    texts = [part.text for part in slip if isinstance(part, Line)]
    assert texts == [SAY("slip.test"), "kiosk-1", "2026-11-25 09:15"]
    assert desk.duties.heard(PaperTold(job, outcome, reason))
    assert desk.said[-1] == (told,)


def test_a_test_print_without_a_printer_that_works_says_so_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, machine(state="fault"))
    assert desk.do("test_print") == [SAY("told.not_printed", cause=SAY("cause.noPrinter"))]


def test_an_impatient_finger_gets_one_slip_and_its_outcome(desk: Desk) -> None:
    desk.do("test_print", "test_print", "test_print")
    [job] = desk.machines.slips
    desk.duties.heard(PaperTold(job, "confirmed", ""))
    assert desk.said[-1] == (SAY("told.printed"),)
    desk.do("test_print")
    assert len(desk.machines.slips) == 2


def test_the_paper_of_a_customer_is_none_of_its_business(desk: Desk) -> None:
    desk.do("test_print")
    assert not desk.duties.heard(PaperTold("hAcYqf9Vrdo7", "confirmed", ""))
    assert not desk.duties.heard(RollNoted("roll:77"))
    assert not desk.duties.heard(object())


def test_a_late_outcome_does_not_cover_the_answer_to_a_later_wish(desk: Desk) -> None:
    desk.do("test_print", "devices")
    [job] = desk.machines.slips
    assert desk.duties.heard(PaperTold(job, "confirmed", ""))
    assert desk.said[-1] == ("Printer (ticket_printer): ready",)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("", SAY("told.new_roll")),
        ("paperLow", SAY("told.not_new_roll", cause=SAY("cause.paperLow"))),
    ],
)
def test_a_new_roll_is_noted_when_the_printer_has_noted_it(
    reason: str, told: str, desk: Desk
) -> None:
    asyncio.run(desk.duties.do("new_roll", SAY))
    assert desk.said == []
    [job] = desk.machines.rolls
    assert desk.duties.heard(RollNoted(job, reason))
    assert desk.said == [(told,)]


# Machines


def test_each_machine_is_told_with_its_cause_and_its_paper(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        machine(state="degraded", detail="paperLow", tickets_left=31),
        machine("scanner", state="absent", detail="noDevice"),
        machine("id_card", state="fault", detail="never heard of"),
        machine("contactless"),
        machine(state="fault", detail="paperOut", tickets_left=0),
    )
    assert desk.do("devices") == [
        "Printer (ticket_printer): works, but not fully, paper is running low, about 31 tickets left",
        "Code scanner (scanner): not connected",
        "ID card reader (id_card): out of order, never heard of",
        "Contactless reader (contactless): ready",
        "Printer (ticket_printer): out of order, out of paper, please load a roll",
    ]


def test_a_kiosk_without_machines_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.machines.known.clear()
    assert desk.do("devices") == [SAY("told.no_machines")]


@languages
def test_every_kind_and_state_has_its_words(language: str, tmp_path: Path) -> None:
    known = [machine(kind, str(state)) for kind in KINDS for state in State]
    lines = Desk(tmp_path, *known).do("devices", say=words.load(language))
    assert len(set(lines)) == len(KINDS) * len(State)


@languages
def test_every_cause_that_the_console_knows_is_known_here(language: str) -> None:
    states = {str(state) for state in State}
    causes = words_of("CAUSES", "en") - states
    assert len(causes) > 30
    known = {key.removeprefix("cause.") for key in words.load(language).keys()}  # noqa: SIM118
    assert causes - known == set()


# Brightness and loudness


def panel(folder: Path, most: int, now: int) -> Path:
    path = folder / "lights" / "intel_backlight"
    path.mkdir(parents=True)
    (path / "max_brightness").write_text(f"{most}\n")
    (path / "brightness").write_text(f"{now}\n")
    return path / "brightness"


def test_the_panel_gets_brighter_and_darker_by_a_tenth_and_never_black(tmp_path: Path) -> None:
    file = panel(tmp_path, most=1500, now=1200)
    desk = Desk(tmp_path)
    assert desk.do("brighter") == [SAY("told.brightness", percent=90)]
    assert file.read_text() == "1350"
    assert desk.do("brighter", "brighter") == [SAY("told.brightness", percent=100)]
    assert file.read_text() == "1500"
    assert desk.do(*["darker"] * 20) == [SAY("told.brightness", percent=10)]
    assert file.read_text() == "150"


def test_a_panel_with_few_steps_never_goes_black(tmp_path: Path) -> None:
    file = panel(tmp_path, most=3, now=3)
    Desk(tmp_path).do(*["darker"] * 12)
    assert file.read_text() == "1"


def test_a_panel_that_fails_meanwhile_is_said_so(tmp_path: Path) -> None:
    panel(tmp_path, most=0, now=0)
    assert Desk(tmp_path).do("brighter") == [SAY("told.cannot")]


def test_the_voice_gets_louder_and_quieter_by_a_tenth(desk: Desk) -> None:
    assert desk.do("louder") == [SAY("told.volume", percent=70)]
    assert desk.do("quieter", "quieter") == [SAY("told.volume", percent=50)]
    assert desk.loudness == 50


def test_the_volume_is_offered_while_something_can_be_heard(desk: Desk) -> None:
    volume = {"louder", "quieter"}
    assert not volume & desk.duties.missing()
    desk.loud = False
    assert volume <= desk.duties.missing()
    assert desk.do("louder") == [SAY("told.cannot")]
    assert desk.loudness == 60


def test_the_real_voice_takes_it(tmp_path: Path) -> None:
    speech = SpeechMode(Speech(volume=60), {}, lambda _: None)
    desk = Desk(tmp_path, change_volume=speech.change_level)
    assert desk.do("louder", "louder") == [SAY("told.volume", percent=80)]


# The log, and the end


def test_the_log_is_on_the_stick_under_a_name_that_says_whose_and_when(desk: Desk) -> None:
    assert desk.do("export_log") == [SAY("told.exported", file="lobby-kiosk-1-20261125-091500.log")]
    assert desk.said[0] == (SAY("told.exporting"),)
    [file] = (desk.place.export_to or Path()).iterdir()
    assert (file.name, file.read_text()) == ("lobby-kiosk-1-20261125-091500.log", "one line\n")


def test_a_missing_stick_is_said_so(desk: Desk) -> None:
    (desk.place.export_to or Path()).rmdir()
    assert desk.do("export_log") == [SAY("told.export.no_stick")]


def test_a_restart_is_announced_before_it_comes(desk: Desk) -> None:
    assert desk.do("restart") == [SAY("told.restarting")]
    assert desk.ended == [f"paused 3 s after {(SAY('told.restarting'),)}", "ended"]


def test_where_nothing_starts_the_kiosk_again_that_is_said(tmp_path: Path) -> None:
    desk = Desk(tmp_path, supervised=False)
    assert desk.do("restart") == [SAY("told.ending")]
    assert desk.ended[-1] == "ended"


# What cannot work here is not offered


def test_what_this_kiosk_cannot_do_is_named(tmp_path: Path) -> None:
    bare = Desk(tmp_path, machine("scanner"), speaks=lambda: False, export_to=None)
    assert bare.duties.missing() == {
        "test_print", "new_roll", "brighter", "darker", "louder", "quieter", "export_log",
    }  # fmt: skip


def test_what_it_can_do_is_offered(tmp_path: Path) -> None:
    panel(tmp_path, most=100, now=50)
    assert Desk(tmp_path).duties.missing() == frozenset()


@pytest.mark.parametrize("what", staff.DUTIES)
def test_every_duty_that_the_screen_offers_is_done_in_every_language(
    what: str, tmp_path: Path
) -> None:
    panel(tmp_path, most=100, now=50)
    desk = Desk(tmp_path)
    for language in words.languages():
        desk.do("devices", what, say=words.load(language))
        for job in desk.machines.rolls:
            desk.duties.heard(RollNoted(job))
    answers = [lines for lines in desk.said if lines != desk.said[0]]
    assert what == "devices" or len(set(answers)) >= 3


def test_two_exports_at_once_leave_whole_files(desk: Desk) -> None:
    async def both() -> None:
        await asyncio.gather(*(desk.duties.do("export_log", SAY) for _ in range(2)))

    asyncio.run(both())
    files = list((desk.place.export_to or Path()).iterdir())
    assert [file.read_text() for file in files] == ["one line\n"]


# With a printer at the end of a wire


def test_a_real_wire_carries_a_test_slip_and_a_new_roll(
    tmp_path: Path, simulated: Callable[..., SimulatedMachine]
) -> None:
    printer, told = simulated("ticket_printer"), deque[Any]()
    demo = settings.load(ROOT / "config" / "demo" / "kiosk.toml")
    device = Device(name="printer", kind="ticket_printer", port=str(printer.link))
    kiosk = Machines(
        structs.replace(demo, devices=[device], camera=None, identity=None), told.append
    )
    desk = Desk(tmp_path, machines=kiosk)

    def lines() -> tuple[str, ...]:
        """The last told, when every event of the machines has been heard as the app hears it."""
        while told:
            event = told.popleft()
            if not desk.duties.heard(event):
                assert not any(not desk.duties.heard(one) for one in kiosk.understand(event))
        return desk.said[-1] if desk.said else ()

    kiosk.start()
    try:
        wait_for(lambda: kiosk.health()[0].state == "ready", "the printer")
        assert desk.duties.missing() == {"brighter", "darker"}
        desk.do("test_print")
        wait_for(lambda: lines() == (SAY("told.printed"),), "the proof of the slip")
        [paper] = printer.truth("paper")
        assert SAY("slip.test") in paper["text"]
        asyncio.run(desk.duties.do("new_roll", SAY))
        wait_for(lambda: lines() == (SAY("told.new_roll"),), "the printer's word")
        [health] = kiosk.health()
        assert (health.tickets_left or 0) > 500
        assert "tickets left" in desk.do("devices")[0]
    finally:
        kiosk.stop()
