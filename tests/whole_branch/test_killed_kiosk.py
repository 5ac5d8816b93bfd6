"""A kiosk that is killed while it prints: the ticket counts, staff print it again by its number, and it is soon back.

Real programs and wires of bytes, as in test_walk.py. The tests of this file tell one story and run in order.
"""

import psutil
from playwright.sync_api import Browser, expect

from tests.conftest import wait_for
from tests.whole_branch.conftest import WholeBranch
from tests.whole_branch.test_walk import await_events, await_welcome

START_CPU_S = (
    4.0  # with the unit's RestartSec that is five seconds, where nobody else wants the processor
)


def test_a_kiosk_is_killed_while_a_ticket_is_printing(branch: WholeBranch) -> None:
    await_welcome(branch)
    branch.touch("begin")
    branch.touch("service-cash")
    wait_for(lambda: branch.shown.screen == "ticket", "the number on the screen")
    branch.kiosk.kill()
    [issued] = await_events(branch, "TicketIssued", 1)
    assert (issued["label"], branch.events("TicketPrinted")) == ("A001", [])


def test_it_is_back_at_once_and_nothing_of_its_customer_is_left(branch: WholeBranch) -> None:
    (branch.folder / "kiosk-1.outline").unlink()
    branch.start_kiosk(int(branch.agent_url.rpartition(":")[2]))
    await_welcome(branch)
    wait_for(lambda: branch.shown.place("begin"), "the way to a ticket")
    used = psutil.Process(branch.kiosk.process.pid).cpu_times()
    assert used.user + used.system < START_CPU_S
    assert "A001" not in " ".join(branch.shown.texts)


def test_staff_print_its_ticket_again_by_the_number_and_the_paper_says_so(
    branch: WholeBranch, browser: Browser
) -> None:
    """The first paper may have come out, torn or whole: nobody knows, so the second is marked."""
    counter = browser.new_page(locale="zh-CN")
    counter.goto(f"{branch.agent_url}/counter")
    counter.fill("#name", "lin")
    counter.fill("#pin", "2468")
    counter.click("#sign-in")
    counter.select_option("#counter", "3")
    asked = branch.http.post("/api/v1/counters/3/reprint", json={"label": "A001"})
    assert asked.json() == {"label": "A001", "kiosk": "kiosk-1"}
    printed = await_events(branch, "TicketPrinted", 1)[-1]
    assert (printed["label"], printed["outcome"], printed["reprint"]) == ("A001", "confirmed", True)
    paper = [one for one in branch.printer.truth("paper") if one["paper"] == "full"][-1]
    assert "重打" in paper["text"]
    assert "A001" in paper["text"]
    counter.click("#call-next")
    expect(counter.get_by_text("A001").first).to_be_visible()
    counter.close()


def test_the_next_customer_finds_a_kiosk_that_prints(branch: WholeBranch) -> None:
    branch.touch("begin")
    branch.touch("service-cards")
    printed = await_events(branch, "TicketPrinted", 2)[-1]
    assert (printed["label"], printed["outcome"]) == ("B001", "confirmed")


def test_one_that_is_asked_to_end_while_it_prints_says_what_became_of_the_paper(
    branch: WholeBranch,
) -> None:
    """So that staff need not wait for two minutes to hear that a customer has none."""
    await_welcome(branch)
    branch.printer.say("fault slow")
    branch.touch("begin")
    branch.touch("service-wealth")
    wait_for(lambda: branch.shown.screen == "ticket", "the number on the screen")
    assert branch.kiosk.end() == 0
    told = await_events(branch, "TicketPrinted", 3)[-1]
    assert (told["label"], told["outcome"]) == ("C001", "failed")
