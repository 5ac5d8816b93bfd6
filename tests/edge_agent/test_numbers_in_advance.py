"""Numbers in advance over HTTP: leased, handed in, across kills, restarts and the end of the day."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge_agent.branch import Branch
from edge_agent.journal import snapshot
from tests.edge_agent.conftest import (
    API,
    KIOSK,
    STAFF,
    Agent,
    Clock,
    bearer,
    branch_at,
    check_problem,
    check_whole,
)

STORE = {"store": "store-of-kiosk-1-0001"}
NUMBERS, TAKEN = "/kiosks/kiosk-1/numbers", "/kiosks/kiosk-1/taken"
EIGHT = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # in Shanghai
PREFIX = {"cash": "A", "cards": "B", "wealth": "C", "business": "D"}
Story = Callable[[Branch, httpx.AsyncClient, Clock], Coroutine[Any, Any, Any]]


def labels(lease: dict[str, Any], service: str = "cash") -> list[str]:
    (found,) = (block["labels"] for block in lease["blocks"] if block["service"] == service)
    return list(found)


def ticket(label: str, day: str, touched_at: str, service: str = "cash", **asked: Any) -> Any:
    return {
        "id": f"the-offline-ticket-{label}",
        "label": label,
        "business_day": day,
        "touched_at": touched_at,
        "asked": {"service": service, **asked},
    }


def of_today(label: str, **asked: Any) -> Any:
    return ticket(label, "2026-03-02", "2026-03-02T00:00:00Z", **asked)


# --- a real agent, and kill -9 --------------------------------------------------------------------


def test_leases_and_tickets_handed_in_outlive_a_kill_and_come_once(own_agent: Agent) -> None:
    def say(path: str, body: Any, key: str) -> dict[str, Any]:
        found: dict[str, Any] = own_agent.post(path, body, token=KIOSK, key=key).json()
        return found

    leased = say(NUMBERS, STORE, "one")
    assert labels(leased) == [f"A90{n:02d}" for n in range(1, 21)]
    assert [len(block["labels"]) for block in leased["blocks"]] == [20] * 4
    assert leased["at"] < leased["until"]
    day, at = leased["business_day"], leased["at"]
    later = own_agent.issue()
    taken = ticket("A9001", day, at, segment="vip", customer_token="622202")
    for n in range(3):
        if n < 2:
            own_agent.kill()
            own_agent.start()
        assert say(NUMBERS, STORE, "one") == leased
        assert say(TAKEN, {"tickets": [taken]}, f"key-{n}") == {"taken": ["A9001"], "refused": []}
    assert labels(say(NUMBERS, STORE, "two")) == [f"A90{n:02d}" for n in range(2, 22)]
    entries = own_agent.journal()
    check_whole(entries)
    leases = [entry for entry in entries if entry["type"] == "NumbersLeased"]
    assert [(one["first"], one["last"]) for one in leases if one["service"] == "cash"] == [
        ("A9001", "A9020"),
        ("A9021", "A9021"),
    ]
    _, fact = (entry for entry in entries if entry["type"] == "TicketIssued")
    assert (fact["label"], fact["offline"], fact["segment"]) == ("A9001", True, "vip")
    assert (fact["counts_from"], fact["kiosk"]) == (at, "kiosk-1")
    shown = own_agent.ticket(taken["id"])
    assert (shown["label"], shown["issued_at"], shown["state"]) == ("A9001", at, "waiting")
    called = [own_agent.press(counter, "call-next").json()["label"] for counter in ("1", "2")]
    assert called == ["A9001", later["label"]]
    assert b"622202" not in own_agent.log.read_bytes()


# --- with a clock of our own ----------------------------------------------------------------------


def told(folder: Path, clock: Clock, story: Story) -> Any:
    async def whole() -> Any:
        async with branch_at(folder, clock) as (branch, client):
            return await story(branch, client, clock)

    return asyncio.run(whole())


async def ask(client: httpx.AsyncClient, path: str, body: Any) -> Any:
    answer = await client.post(API + path, json=body, headers=bearer(KIOSK))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def journal(branch: Branch) -> list[dict[str, Any]]:
    return [json.loads(entry.body) for entry in branch.journal.after(0, 1000)]


def test_what_is_not_the_kiosks_is_refused_and_the_rest_is_taken(tmp_path: Path) -> None:
    async def story(branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> None:
        await ask(client, NUMBERS, STORE)
        other = {**of_today("A9001"), "id": "another-ticket-with-it"}
        tickets = [of_today("A9001"), of_today("A9021"), other]
        assert await ask(client, TAKEN, {"tickets": tickets}) == {
            "taken": ["A9001"],
            "refused": [
                {"label": "A9021", "reason": "unknown-number"},
                {"label": "A9001", "reason": "used"},
            ],
        }
        issued = [one for one in await journal(branch) if one["type"] == "TicketIssued"]
        assert [fact["label"] for fact in issued] == ["A9001"]

    told(tmp_path, Clock(EIGHT), story)


@pytest.mark.parametrize("said", ["6222021234567890123", "2026-13-45", "2026-11-26 10:00", "A\n7"])
def test_an_appointment_that_cannot_be_used_refuses_no_paper(tmp_path: Path, said: str) -> None:
    async def story(branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> None:
        await ask(client, NUMBERS, STORE)
        paper = of_today("A9001", appointment=said)
        assert (await ask(client, TAKEN, {"tickets": [paper]}))["taken"] == ["A9001"]
        assert "appointment" not in (await journal(branch))[-1]

    told(tmp_path, Clock(EIGHT), story)


def test_a_null_that_an_ordinary_ticket_may_have_refuses_no_paper(tmp_path: Path) -> None:
    async def story(_branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> Any:
        await ask(client, NUMBERS, STORE)
        nothing = dict.fromkeys(("segment", "language", "channel", "then", "errand", "identity"))
        return await ask(client, TAKEN, {"tickets": [of_today("A9001", **nothing)]})

    assert told(tmp_path, Clock(EIGHT), story) == {"taken": ["A9001"], "refused": []}


def test_a_reference_on_a_paper_stays_in_the_branch(tmp_path: Path) -> None:
    async def story(branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> None:
        await ask(client, NUMBERS, STORE)
        paper = of_today("A9001", appointment="Wang Ming")
        assert (await ask(client, TAKEN, {"tickets": [paper]}))["taken"] == ["A9001"]
        assert "Wang" not in str(await journal(branch))
        assert branch.journal.note(f"appointment:{paper['id']}") == "Wang Ming"

    told(tmp_path, Clock(EIGHT), story)


def test_an_errand_that_is_offered_no_more_refuses_no_paper(tmp_path: Path) -> None:
    async def story(branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> None:
        await ask(client, NUMBERS, STORE)
        known = branch.settings.errands[0]
        choice = known.choices[0].code if known.choices else None
        papers = [
            of_today(label, service=known.service, errand=errand)
            for label, errand in (
                (f"{PREFIX[known.service]}9001", {"code": known.code, "choice": choice}),
                (f"{PREFIX[known.service]}9002", {"code": "no-such-errand"}),
            )
        ]
        answer = await ask(client, TAKEN, {"tickets": papers})
        assert (len(answer["taken"]), answer["refused"]) == (2, [])
        first, second = (await journal(branch))[-2:]
        assert first["errand"] == known.code
        assert "errand" not in second

    told(tmp_path, Clock(EIGHT), story)


def test_only_the_kiosk_itself_may_ask(tmp_path: Path) -> None:
    async def story(branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> None:
        async def post(path: str, body: Any, token: str) -> httpx.Response:
            return await client.post(API + path, json=body, headers=bearer(token))

        for path, body in ((NUMBERS, STORE), (TAKEN, {"tickets": []})):
            check_problem(await client.post(API + path, json=body), 401, "token-missing")
            check_problem(await post(path, body, STAFF), 403, "not-allowed")
            other = path.replace("kiosk-1", "kiosk-2")
            check_problem(await post(other, body, KIOSK), 403, "not-your-kiosk")
        check_problem(await post(NUMBERS, {"store": "short"}, KIOSK), 400)
        assert await journal(branch) == []

    told(tmp_path, Clock(EIGHT), story)


def test_openapi_says_what_is_asked_and_answered(tmp_path: Path) -> None:
    async def story(_branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> None:
        document = (await client.get("/openapi.json")).json()
        for leaf, asked, answered in (
            ("numbers", "AskNumbers", "Lease"),
            ("taken", "HandIn", "HandedIn"),
        ):
            post = document["paths"][f"{API}/kiosks/{{kiosk}}/{leaf}"]["post"]
            assert asked in str(post["requestBody"])
            assert answered in str(post["responses"]["200"])
            assert asked in document["components"]["schemas"]

    told(tmp_path, Clock(EIGHT), story)


def test_fifty_tickets_fit_into_one_request(tmp_path: Path) -> None:
    """As large as the shapes allow: what a kiosk hands in at once."""
    most = {
        "customer_token": "t" * 128,
        "appointment": "r" * 64,
        "then": ["s" * 32] * 8,
        "errand": {"code": "e" * 32, "choice": "c" * 32},
    }

    async def story(_branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> None:
        await ask(client, NUMBERS, STORE)
        tickets = [of_today(f"A{n}", **most) for n in range(9001, 9051)]
        answer = await ask(client, TAKEN, {"tickets": tickets})
        assert (len(answer["taken"]), len(answer["refused"])) == (20, 30)

    told(tmp_path, Clock(EIGHT), story)


def test_a_paper_of_a_day_that_is_over_is_on_record_and_its_customer_sees_it(
    tmp_path: Path,
) -> None:
    clock = Clock(EIGHT)
    late = ticket("A9001", "2026-03-02", "2026-03-02T09:00:00Z")

    async def the_day(_branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> None:
        leased = await ask(client, NUMBERS, STORE)
        assert leased["until"] == "2026-03-02T20:00:00Z"  # 04:00 in Shanghai

    async def the_next(branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> Any:
        assert labels(await ask(client, NUMBERS, STORE))[0] == "A9001"  # of the new day
        for _ in range(2):
            answer = await ask(client, TAKEN, {"tickets": [late]})
            assert answer == {"taken": ["A9001"], "refused": []}
        new = {**ticket("A9001", "2026-03-03", "2026-03-03T09:00:00Z"), "id": "the-ticket-of-today"}
        assert (await ask(client, TAKEN, {"tickets": [new]}))["taken"] == ["A9001"]
        shown = (await client.get(f"{API}/tickets/{late['id']}")).json()
        assert (shown["state"], shown["label"]) == ("expired", "A9001")
        assert shown["business_day"] == "2026-03-02"
        assert [one["type"] for one in shown["history"]] == ["TicketHandedInLate"]
        assert [t.id for t in branch.desk.queue.waiting()] == ["the-ticket-of-today"]
        return await journal(branch)

    told(tmp_path, clock, the_day)
    clock.now += timedelta(days=1)
    entries = told(tmp_path, clock, the_next)
    check_whole(entries)
    days = [entry["business_day"] for entry in entries]
    assert days == sorted(days)
    late_facts = [entry for entry in entries if entry["type"] == "TicketHandedInLate"]
    assert [(f["taken_on"], f["label"]) for f in late_facts] == [("2026-03-02", "A9001")]


def test_a_paper_handed_in_before_midnight_is_taken_when_its_answer_was_lost(
    tmp_path: Path,
) -> None:
    clock = Clock(EIGHT)
    paper = of_today("A9001")

    async def story(branch: Branch, client: httpx.AsyncClient, clock: Clock) -> int:
        await ask(client, NUMBERS, STORE)
        await ask(client, TAKEN, {"tickets": [paper]})
        clock.now += timedelta(days=1)
        await branch.desk.look_at_clock()
        before = branch.journal.last_seq
        assert (await ask(client, TAKEN, {"tickets": [paper]}))["taken"] == ["A9001"]
        return branch.journal.last_seq - before

    assert told(tmp_path, clock, story) == 0


def test_a_snapshot_keeps_who_has_which_numbers(tmp_path: Path) -> None:
    clock = Clock(EIGHT)

    async def shot(branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> Any:
        await ask(client, NUMBERS, STORE)
        await ask(client, TAKEN, {"tickets": [of_today("A9002")]})
        with branch.journal.transaction():
            snapshot.save(branch.journal, branch.desk.queue)
        return branch.desk.queue.day.numbers

    async def again(branch: Branch, client: httpx.AsyncClient, _clock: Clock) -> Any:
        assert "A9002" not in labels(await ask(client, NUMBERS, STORE))
        return branch.desk.queue.day.numbers.holders

    book = told(tmp_path, clock, shot)
    assert told(tmp_path, clock, again) == book.holders
