"""Is the card theirs? A customer agrees, turns as asked before a simulated camera, and the teller knows; or goes another way."""

import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from demo import faces, records
from demo.portrait import Asked, Person
from kiosk import words
from kiosk.screens import identity
from tests.conftest import wait_for
from tests.whole_branch.conftest import WholeBranch

NUMBER = "6222021234567890128"
VIP_CARD = f"present ;{NUMBER}=29122200000012345?"
OTHER_CARD = "present ;4111111111111111=29122010000000000?"
KEY = "demo-key-of-the-cards-pseudonyms"
SAY = words.load("zh-Hans")
OVER = SAY("identity.over_why")  # the title is the same where another try is offered


@pytest.fixture(scope="module")
def bank() -> Iterator[ThreadingHTTPServer]:
    server = records.serve(0, NUMBER, KEY, faces.hopper().read_bytes())
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def branch(
    tmp_path_factory: pytest.TempPathFactory, bank: ThreadingHTTPServer
) -> Iterator[WholeBranch]:
    whole = WholeBranch(
        tmp_path_factory.mktemp("identity"),
        {"face_s": 60},  # a busy machine draws a simulated person slowly
        more=("camera",),
        records=f"http://127.0.0.1:{bank.server_port}",
    )
    yield whole
    whole.end()


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Slow: of one that turns faster, a check on a crowded machine sees too few pictures to know that it did not jump."""
    return Person(tmp_path_factory.mktemp("person"), a_picture_s=0.3)


def goes(branch: WholeBranch) -> None:
    """To the start, from wherever somebody stands."""
    for _ in range(4):
        if branch.shown.screen != "welcome":
            out = next((key for key in ("done", "back") if branch.shown.place(key)), "done")
            branch.touch(out, wait=False)
    wait_for(lambda: branch.shown.screen == "welcome", "the welcome screen", 20)


def begins(branch: WholeBranch, card: str = VIP_CARD) -> None:
    goes(branch)
    time.sleep(1.6)  # the same card sooner is a reader that sends one swipe twice
    branch.reader.say(card)
    wait_for(lambda: branch.shown.screen == "services", "the services screen")
    branch.touch("service-wealth")
    wait_for(lambda: branch.shown.screen == "identity", "the question")


def does_as_asked(branch: WholeBranch, person: Person) -> int:
    """Turns where the screen says, and tries again where it offers that, until it asks for nothing more. How many tries."""
    camera = branch.machines["camera"]
    camera.say(f"present {person.turn('front')}")
    wanted, tries = Asked(), 1

    def over() -> bool:
        nonlocal tries
        if "again" in branch.shown.can():
            camera.say(f"present {person.turn('front')}")
            branch.touch("again", wait=False)
            wait_for(lambda: "again" not in branch.shown.can(), "another try")
            wanted.begin()
            tries += 1
        asked = wanted.anew(branch.shown.texts, time.monotonic())
        if asked:
            camera.say(f"present {person.turn(asked)}")
        return branch.shown.screen != "identity" or OVER in branch.shown.texts

    wait_for(over, "the end of the check", 150)
    camera.say("remove")
    return tries


def checks(branch: WholeBranch) -> list[tuple[object, object]]:
    return [(one["decision"], one.get("reason")) for one in branch.events("IdentityChecked")]


def light(branch: WholeBranch) -> list[object]:
    """On and off, in order; a camera without its cable is dark."""
    camera = branch.machines["camera"]
    seen = [*camera.truth("light"), *camera.truth("unplugged")]
    return [one.get("on", False) for one in sorted(seen, key=lambda one: one["at"])]


def checking(branch: WholeBranch) -> list[psutil.Process]:
    """The processes of this kiosk's checks."""
    found = []
    for child in psutil.Process(branch.kiosk.process.pid).children():
        with suppress(psutil.NoSuchProcess):  # it has just ended
            found += [child] if "kiosk.identity.checking" in child.cmdline() else []
    return found


def looks(branch: WholeBranch) -> psutil.Process:
    """The customer agrees, the eye is open; the process that looks."""
    assert light(branch)[-1:] in ([], [False])
    branch.touch("agree-face")
    wait_for(lambda: light(branch)[-1:] == [True], "the open eye", 30)
    [process] = checking(branch)
    return process


def nobody_looks(branch: WholeBranch) -> None:
    wait_for(lambda: light(branch)[-1] is False, "the closed eye", 10)
    wait_for(lambda: not checking(branch), "the end of the process", 10)


@pytest.mark.parametrize("key", [one for one in identity.ASKED if one.startswith("face.turn_")])
def test_the_simulated_person_knows_each_turn_that_is_asked(key: str) -> None:
    assert Asked().anew([SAY(key)], 0.0)


def test_who_declines_gets_the_ticket_all_the_same_and_no_eye_was_open(branch: WholeBranch) -> None:
    begins(branch)
    assert {"agree-face", "another-way"} <= set(branch.shown.can())
    branch.touch("another-way")
    wait_for(lambda: branch.shown.screen == "ticket", "the ticket", 20)
    wait_for(lambda: branch.events("TicketIssued")[-1].get("identity") == "declined", "the entry")
    wait_for(lambda: checks(branch) == [("declined", None)], "the entry of the check")
    assert light(branch) == []


@pytest.mark.timeout(240)
def test_the_owner_who_turns_as_asked_is_confirmed_to_the_teller(
    branch: WholeBranch, person: Person
) -> None:
    begins(branch)
    branch.touch("agree-face")
    tries = does_as_asked(branch, person)
    assert OVER not in branch.shown.texts, checks(branch)
    wait_for(lambda: branch.shown.screen == "ticket", "the ticket", 20)
    assert SAY("ticket.confirmed") in branch.shown.texts
    wait_for(lambda: branch.events("TicketIssued")[-1].get("identity") == "face", "the entry")
    wait_for(lambda: checks(branch)[-1] == ("passed", None), "the entry of the check")
    assert [decision for decision, _ in checks(branch)[-tries:-1]] == ["undecided"] * (tries - 1)
    assert light(branch) == [True, False] * tries
    wait_for(lambda: not checking(branch), "the end of the process")


def test_nothing_of_it_is_on_any_disk(branch: WholeBranch) -> None:
    picture = faces.hopper().read_bytes()[2000:2100]
    for path in branch.folder.rglob("*"):
        if path.is_file() and path.name != "Xvfb_screen0":
            assert picture not in path.read_bytes()


def test_a_card_of_whose_owner_the_bank_has_no_picture_goes_to_the_teller(
    branch: WholeBranch,
) -> None:
    begins(branch, OTHER_CARD)
    branch.touch("agree-face")
    wait_for(lambda: OVER in branch.shown.texts, "the end of the check", 30)
    branch.touch("another-way")
    wait_for(lambda: branch.shown.screen == "ticket", "the ticket", 20)
    wait_for(lambda: branch.events("TicketIssued")[-1].get("identity") == "failed", "the entry")
    wait_for(lambda: checks(branch)[-1] == ("undecided", "no_record"), "the entry of the check")


@pytest.mark.parametrize("way", ["back", "another-way", "access"])
def test_who_goes_another_way_in_the_middle_leaves_no_open_eye(
    way: str, branch: WholeBranch
) -> None:
    begins(branch)
    looks(branch)
    branch.touch(way)
    nobody_looks(branch)
    if way == "access":
        branch.touch("done")
        wait_for(lambda: "agree-face" in branch.shown.can(), "the question, anew")


def test_another_language_is_spoken_without_a_new_look(branch: WholeBranch) -> None:
    begins(branch)
    process = looks(branch)
    branch.touch("language-en")
    wait_for(lambda: words.load("en")("face.title") in branch.shown.texts, "English")
    assert checking(branch) == [process]
    assert light(branch)[-1] is True
    branch.touch("another-way")
    nobody_looks(branch)


def test_a_camera_that_is_pulled_out_in_the_middle_is_said_and_known(branch: WholeBranch) -> None:
    begins(branch)
    looks(branch)
    branch.machines["camera"].say("unplug")
    wait_for(lambda: OVER in branch.shown.texts, "the end of the check", 30)
    wait_for(lambda: branch.devices()["kiosk-1/camera"] == "absent", "the camera to be missed", 20)
    branch.touch("another-way")
    wait_for(lambda: branch.shown.screen == "ticket", "the ticket", 20)
    branch.machines["camera"].say("replug")
    wait_for(lambda: "kiosk-1/camera" in branch.working(), "the camera to be back", 20)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
def test_a_process_that_dies_or_stands_still_is_a_check_that_was_not_passed(
    how: signal.Signals, branch: WholeBranch
) -> None:
    begins(branch)
    looks(branch).send_signal(how)
    wait_for(lambda: OVER in branch.shown.texts, "the end of the check", 30)
    nobody_looks(branch)
    branch.touch("another-way")
    wait_for(lambda: branch.shown.screen == "ticket", "the ticket", 20)
    wait_for(lambda: branch.events("TicketIssued")[-1].get("identity") == "failed", "the entry")
    wait_for(lambda: checks(branch)[-1] == ("undecided", "broke_off"), "the entry of the check")


def test_nobody_s_name_number_or_likeness_is_in_the_log(branch: WholeBranch) -> None:
    log = Path(branch.folder / "kiosk.log").read_text(encoding="utf-8")
    assert NUMBER not in log
    assert "likeness" not in log
    assert "Traceback" not in log


def test_with_a_kiosk_that_is_killed_the_eye_closes(branch: WholeBranch) -> None:
    """The last test: nobody starts it again."""
    begins(branch)
    process = looks(branch)
    branch.kiosk.kill()
    wait_for(lambda: light(branch)[-1] is False, "the closed eye", 10)
    wait_for(lambda: not process.is_running(), "the end of the process", 10)
