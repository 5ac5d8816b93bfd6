"""64 customers at kiosks who take tickets, and 16 counters which serve them."""

from typing import Any

from torture.client import KIOSK, STAFF, Client, World
from torture.ledger import Entry

SERVICES = ("cash", "cards", "wealth", "business")
SEGMENTS = ("ordinary", "ordinary", "ordinary", "vip", "care")
REPEATS = 0.1  # share of the steps that ask again what was answered

# what a teller does with a ticket, and how often
WHEN_CALLED = {"start": 60, "no-show": 14, "recall": 8, "undo": 8, "park": 5, "transfer": 5}
WHEN_SERVING = {"finish": 70, "call-next": 18, "park": 6, "transfer": 6}


class Customer(Client):
    """Takes tickets, cancels some of them."""

    def __init__(self, world: World, number: int) -> None:
        super().__init__(world, f"kiosk-{number}", KIOSK)

    async def step(self) -> None:
        dice = self.chance.random()
        if dice < REPEATS:
            await self.repeat()
        elif dice < 0.17 and self.ledger.entries:
            await self._cancel(self.chance.choice(self.ledger.entries[-10:]))
        else:
            await self.ask("issue", "/tickets", self._wish())
        await self.pause(0.2, 1.4)

    def _wish(self) -> dict[str, Any]:
        return {
            "service": self.chance.choice(SERVICES),
            "segment": self.chance.choice(SEGMENTS),
            "language": self.chance.choice(("zh-Hans", "zh-Hant", "en")),
        }

    async def _cancel(self, entry: Entry) -> None:
        if entry.press == "issue" and "id" in entry.told:
            await self.ask("cancel", f"/tickets/{entry.told['id']}/cancel")


class Counter(Client):
    """Calls, starts, finishes; misses, parks, hands on, takes back."""

    def __init__(self, world: World, number: int) -> None:
        super().__init__(world, f"counter-{number}", STAFF)
        self.counter = str(number)
        self.state = ""  # of the ticket here, as the last answer told
        self.away: list[str] = []  # labels missed or parked here

    async def step(self) -> None:
        dice = self.chance.random()
        if dice < REPEATS:
            await self.repeat()
        elif not self.state and dice < 0.14:
            await self._take_a_break()
        elif not self.state and self.away and dice < 0.25:
            await self._press("return", {"label": self.away.pop(0)})
        else:
            await self._next_press()
        await self.pause(0.02, 0.12)

    async def _next_press(self) -> None:
        choices = {"called": WHEN_CALLED, "serving": WHEN_SERVING}.get(self.state, {"call-next": 1})
        known = {p: w for p, w in choices.items() if p not in self.world.unknown_presses}
        press = self.chance.choices([*known], [*known.values()])[0]
        entry = await self._press(press, self._body(press))
        self._learn(entry)
        if not self.state and press == "call-next":
            await self.pause(0.1, 0.3)

    def _body(self, press: str) -> dict[str, Any] | None:
        if press == "transfer":
            if self.chance.random() < 0.5:
                return {"service": self.chance.choice(SERVICES)}
            return {"counter": str(self.chance.randint(1, 16))}
        return {"minutes": self.chance.randint(1, 30)} if press == "park" else None

    async def _press(self, press: str, body: dict[str, Any] | None = None) -> Entry:
        path = f"/counters/{self.counter}/{press}"
        entry = await self.ask(press, path, body, counter=self.counter)
        if entry.answer is not None and entry.answer.problem == "unknown-move":
            self.world.unknown_presses.add(press)
        return entry

    def _learn(self, entry: Entry) -> None:
        """Where the ticket here is after this answer."""
        if entry.answer is None or entry.answer.problem == "unknown-move":
            return
        if entry.done:
            told = entry.told.get("state", "")
            self.state = told if told in ("called", "serving") else ""
            if told in ("missed", "parked"):
                self.away.append(entry.told["label"])
        elif entry.answer.problem == "ticket-still-called":
            self.state = "called"
        elif not entry.answer.problem.startswith("recall-"):
            self.state = ""

    async def _take_a_break(self) -> None:
        known = [p for p in ("pause", "close", "open") if p not in self.world.unknown_presses]
        if known:
            await self._press(self.chance.choice(known))
