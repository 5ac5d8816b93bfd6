"""What customers show instead of touching, and a paper that comes later or elsewhere.

Real programs and wires of bytes, as in test_walk.py. The tests of this file tell one story and run in order.
"""

from datetime import UTC, datetime
from typing import Any

import httpx
from playwright.sync_api import Browser, expect

from tests.conftest import wait_for
from tests.whole_branch.conftest import WholeBranch
from tests.whole_branch.test_walk import await_events, await_welcome

BOOKED = f"{datetime.now(UTC):%Y-%m-%dT%H:%M}Z"
SECOND_KIOSK = {"Authorization": "Bearer demo-kiosk-2"}


def papers(branch: WholeBranch) -> list[dict[str, Any]]:
    return [one for one in branch.printer.truth("paper") if one["paper"] == "full"]


def await_services(branch: WholeBranch) -> None:
    wait_for(lambda: branch.shown.screen == "services", "the services screen")


def second_kiosk(branch: WholeBranch, method: str, path: str, body: Any = None) -> httpx.Response:
    answer = branch.http.request(method, f"/api/v1{path}", json=body, headers=SECOND_KIOSK)
    return answer.raise_for_status()


def its_printer_is(branch: WholeBranch, state: str) -> None:
    printer = {
        "device": "kiosk-2/printer",
        "kind": "ticket_printer",
        "state": state,
        "since": datetime.now(UTC).isoformat(),
    }
    second_kiosk(branch, "PUT", "/kiosks/kiosk-2/devices", {"devices": [printer]})


def ordered_there(branch: WholeBranch) -> list[str]:
    orders = second_kiosk(branch, "GET", "/services").json()["reprints"]
    return [one["ticket"]["label"] for one in orders]


def test_an_appointments_code_alone_becomes_a_ticket_on_paper(branch: WholeBranch) -> None:
    await_welcome(branch)
    branch.machines["scanner"].say(f"present lobby:appointment?service=wealth&at={BOOKED}")
    issued = await_events(branch, "TicketIssued", 1)[0]
    assert (issued["label"], issued["segment"]) == ("C001", "appointment")
    assert await_events(branch, "TicketPrinted", 1)[0]["outcome"] == "confirmed"
    assert "C001" in papers(branch)[-1]["text"]


def test_an_id_card_and_one_touch_become_a_ticket(branch: WholeBranch) -> None:
    branch.leave()
    branch.machines["id_card"].say("present resident")
    await_services(branch)
    branch.machines["id_card"].say("remove")
    branch.touch("service-cash")
    issued = await_events(branch, "TicketIssued", 2)[-1]
    assert (issued["label"], issued["segment"]) == ("A001", "ordinary")
    assert await_events(branch, "TicketPrinted", 2)[-1]["outcome"] == "confirmed"
    assert len(papers(branch)) == 2


def test_nothing_of_a_person_is_anywhere_but_on_the_wire(branch: WholeBranch) -> None:
    written = b"".join(path.read_bytes() for path in branch.folder.rglob("*") if path.is_file())
    assert b"11010519491231002X" not in written
    assert "张样本".encode() not in written
    assert "张样本".encode("utf-16-le") not in written


def test_without_paper_the_number_stays_on_the_screen_and_staff_see_why(
    branch: WholeBranch, browser: Browser
) -> None:
    branch.leave()
    branch.printer.say("fault paper_out")
    wait_for(lambda: "kiosk-1/printer" not in branch.working(), "the printer's fault to be known")
    await_welcome(branch)
    branch.touch("begin")
    await_services(branch)
    branch.touch("service-cards")
    printed = await_events(branch, "TicketPrinted", 3)[-1]
    assert (printed["label"], printed["outcome"], printed["reason"]) == (
        "B001",
        "failed",
        "paperOut",
    )
    wait_for(
        lambda: (
            "B001" in branch.shown.texts and any("没有打印" in text for text in branch.shown.texts)
        ),
        "the number with a warning above it",
    )
    counter = browser.new_page(locale="zh-CN")
    counter.goto(f"{branch.agent_url}/counter")
    counter.fill("#name", "lin")
    counter.fill("#pin", "2468")
    counter.click("#sign-in")
    expect(counter.get_by_text("缺纸").first).to_be_visible()
    counter.close()
    assert branch.http.post("/api/v1/counters/1/reprint", json={"label": "B001"}).status_code == 409


def test_staff_order_the_paper_when_the_roll_is_new_and_exactly_one_comes(
    branch: WholeBranch,
) -> None:
    before = len(branch.printer.truth("paper"))
    branch.printer.say("clear paper_out")
    wait_for(lambda: "kiosk-1/printer" in branch.working(), "the new roll to be known")
    for _ in range(2):  # a hand that presses twice
        asked = branch.http.post("/api/v1/counters/1/reprint", json={"label": "B001"})
        assert asked.json() == {"label": "B001", "kiosk": "kiosk-1"}
    printed = await_events(branch, "TicketPrinted", 4)[-1]
    assert (printed["label"], printed["outcome"], printed["reprint"]) == ("B001", "confirmed", True)
    [paper] = branch.printer.truth("paper")[before:]
    assert paper["paper"] == "full"
    assert "重打" not in paper["text"]  # nothing was sent to the empty printer: there is no first
    assert "B001" in paper["text"]


def test_the_same_ticket_ordered_once_more_comes_once_more(branch: WholeBranch) -> None:
    before = len(papers(branch))
    branch.http.post("/api/v1/counters/1/reprint", json={"label": "B001"}).raise_for_status()
    assert await_events(branch, "TicketPrinted", 5)[-1]["reprint"] is True
    assert len(papers(branch)) == before + 1


def test_where_nothing_was_sent_the_other_kiosk_gets_the_paper(branch: WholeBranch) -> None:
    its_printer_is(branch, "ready")
    branch.printer.say("fault paper_out")
    wait_for(lambda: "kiosk-1/printer" not in branch.working(), "the printer's fault to be known")
    branch.leave()
    branch.touch("begin")
    await_services(branch)
    branch.touch("service-business")
    assert await_events(branch, "TicketPrinted", 6)[-1]["outcome"] == "failed"
    wait_for(lambda: ordered_there(branch) == ["D001"], "the order at the other kiosk")
    order = await_events(branch, "ReprintOrdered", 3)[-1]
    assert (order["label"], order["kiosk"], order["reason"]) == (
        "D001",
        "kiosk-2",
        "printer_failed",
    )
    told = {"outcome": "confirmed", "reprint": True}
    second_kiosk(branch, "POST", f"/tickets/{order['ticket']}/printed", told)
    assert ordered_there(branch) == []
    assert await_events(branch, "TicketPrinted", 7)[-1]["kiosk"] == "kiosk-2"
    assert "D001" not in papers(branch)[-1]["text"]


def test_a_new_roll_prints_nothing_that_came_out_elsewhere(branch: WholeBranch) -> None:
    before = len(branch.printer.truth("paper"))
    branch.printer.say("clear paper_out")
    wait_for(lambda: "kiosk-1/printer" in branch.working(), "the new roll to be known")
    branch.leave()
    branch.touch("begin")
    await_services(branch)
    branch.touch("service-cash")
    await_events(branch, "TicketPrinted", 8)
    assert ["A002" in one["text"] for one in branch.printer.truth("paper")[before:]] == [True]
