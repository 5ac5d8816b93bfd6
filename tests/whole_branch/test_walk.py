"""One ticket through the whole house: card -> kiosk -> paper -> counter -> hall -> head office.

All real code and wires of bytes; only the machines at the far ends are simulated. The tests of this file
tell one story and run in order.
"""

from playwright.sync_api import Browser, expect

from tests.conftest import wait_for
from tests.whole_branch.conftest import WholeBranch

VIP_CARD = "present ;6222021234567890128=29122200000012345?"


def await_events(branch: WholeBranch, kind: str, count: int) -> list[dict[str, object]]:
    wait_for(lambda: len(branch.events(kind)) >= count, f"{count} {kind}", 20)
    return branch.events(kind)


def await_welcome(branch: WholeBranch) -> None:
    wait_for(lambda: branch.shown.screen == "welcome", "the welcome screen", 20)


def test_a_swiped_card_becomes_a_whole_chinese_ticket_on_paper(branch: WholeBranch) -> None:
    await_welcome(branch)
    branch.reader.say(VIP_CARD)
    wait_for(lambda: branch.shown.screen == "services", "the services screen")
    branch.touch("service-cash")
    issued = await_events(branch, "TicketIssued", 1)[0]
    assert (issued["label"], issued["segment"], issued["language"]) == ("A001", "vip", "zh-Hans")
    assert await_events(branch, "TicketPrinted", 1)[0]["outcome"] == "confirmed"
    [paper] = branch.printer.truth("paper")
    assert paper["paper"] == "full"
    assert "A001" in paper["text"]
    assert "现金业务" in paper["text"]
    assert paper["qr"] == [f"{branch.agent_url}/t/{issued['ticket']}"]


def test_no_card_number_is_anywhere_but_on_the_wire_of_the_reader(branch: WholeBranch) -> None:
    written = b"".join(
        path.read_bytes()
        for path in branch.folder.rglob("*")
        if path.is_file() and path.name != "magnetic_stripe.log"
    )
    assert b"6222021234567890128" not in written
    assert b"34567890" not in written


def test_the_teller_calls_and_the_hall_shows_and_chimes_it_at_once(
    branch: WholeBranch, browser: Browser
) -> None:
    hall, counter = browser.new_page(), browser.new_page(locale="zh-CN")
    hall.goto(f"{branch.agent_url}/hall")
    counter.goto(f"{branch.agent_url}/counter")
    counter.fill("#name", "lin")
    counter.fill("#pin", "2468")
    counter.click("#sign-in")
    counter.select_option("#counter", "3")
    counter.click("#call-next")
    # without being told, the page looks by itself after 10 s only
    hall.wait_for_selector('body[data-last-call="A001@3"]', timeout=5_000)
    expect(hall.locator("#call-label")).to_have_text("A001")
    hall.wait_for_selector('body[data-chimes="1"]', timeout=5_000)
    counter.click("#start")
    await_events(branch, "ServiceStarted", 1)
    counter.click("#finish")
    assert await_events(branch, "ServiceFinished", 1)[0]["counter"] == "3"
    hall.close()
    counter.close()


def test_head_office_has_every_entry_of_the_journal(branch: WholeBranch, browser: Browser) -> None:
    journal = branch.http.get("/api/v1/journal", params={"limit": 1000}).json()["events"]

    def at_head_office() -> list[dict[str, object]]:
        answer = branch.office.get("/api/v1/branches/riverside/events", params={"limit": 1000})
        return answer.json().get("events", [])

    wait_for(lambda: at_head_office() == journal, "the journal at head office")
    board = browser.new_page(locale="zh-CN")
    board.goto(branch.office_url)
    expect(board.locator("[data-branch=riverside]")).to_contain_text("滨江支行")
    board.close()


def test_an_english_customer_gets_an_english_ticket(branch: WholeBranch) -> None:
    branch.leave()
    branch.touch("language-en")
    branch.touch("begin")
    wait_for(lambda: branch.shown.screen == "services", "the services screen")
    branch.touch("service-cards")
    assert await_events(branch, "TicketIssued", 2)[-1]["language"] == "en"
    await_events(branch, "TicketPrinted", 2)
    assert "Cards and accounts" in branch.printer.truth("paper")[-1]["text"]


def test_without_paper_the_number_stays_on_the_screen_and_staff_are_told(
    branch: WholeBranch, browser: Browser
) -> None:
    branch.printer.say("fault paper_out")
    wait_for(lambda: "kiosk-1/printer" not in branch.working(), "the printer's fault to be known")
    branch.leave()
    branch.touch("begin")
    wait_for(lambda: branch.shown.screen == "services", "the services screen")
    branch.touch("service-wealth")
    printed = await_events(branch, "TicketPrinted", 3)[-1]
    assert (printed["label"], printed["outcome"], printed["reason"]) == (
        "C001",
        "failed",
        "paperOut",
    )
    assert await_events(branch, "DeviceLost", 1)[-1]["detail"] == "paperOut"
    counter = browser.new_page(locale="zh-CN")
    counter.goto(f"{branch.agent_url}/counter")
    counter.fill("#name", "lin")
    counter.fill("#pin", "2468")
    counter.click("#sign-in")
    expect(counter.get_by_text("缺纸").first).to_be_visible()
    counter.close()
    branch.printer.say("clear paper_out")
    assert await_events(branch, "DeviceBack", 1)


def test_while_the_agent_is_dead_the_kiosk_goes_on_and_hands_in_what_it_gave_out(
    branch: WholeBranch,
) -> None:
    before = branch.http.get("/api/v1/journal", params={"limit": 1000}).json()["events"]
    branch.leave()
    branch.agent.kill()
    # what only the branch can do goes, and the rest takes its room: a touch in that moment is passed over
    wait_for(lambda: branch.shown.place("rate") is None, "the kiosk to know that it is alone", 20)
    branch.touch("begin")
    branch.touch("service-cash")
    wait_for(lambda: branch.shown.screen == "ticket", "a number without the branch", 20)
    wait_for(lambda: "离线号码" in branch.printer.truth("paper")[-1]["text"], "its paper", 20)
    branch.start_agent()
    issued = await_events(branch, "TicketIssued", 4)[-1]
    assert issued["offline"] is True
    assert str(issued["label"]) in branch.printer.truth("paper")[-1]["text"]
    assert await_events(branch, "TicketPrinted", 4)[-1]["outcome"] == "confirmed"
    assert len(branch.events("TicketIssued")) == 4  # what never arrived needs no giving back
    after = branch.http.get("/api/v1/journal", params={"limit": 1000}).json()["events"]
    assert after[: len(before)] == before
    branch.leave()
    branch.touch("begin")
    branch.touch("service-cash")
    assert await_events(branch, "TicketIssued", 5)[-1]["label"] == "A002"
