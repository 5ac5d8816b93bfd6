"""Reads the journal over HTTP like any reader, and holds the ledgers against it."""

import random
from typing import Any

from torture import verdict
from torture.agent import TOKEN
from torture.ledger import Entry, Ledger
from torture.verdict import Event, Figures, Journal
from torture.wire import API, Answer, Unanswered, Wire

PAGE = 1000  # entries
READ_AGAIN = 200  # entries that were read before and must be there unchanged


class Auditor:
    """After each start lightly, at the end fully."""

    def __init__(self, port: int, ledgers: list[Ledger], figures: Figures) -> None:
        self._wire = Wire(port, TOKEN)
        self._ledgers = ledgers
        self.figures = figures
        self.journal = Journal(figures)
        self._unchecked: list[Entry] = []

    async def look(self, chance: random.Random) -> None:
        """While all clients wait: nothing read before has changed, everything answered is there.

        Raises Unanswered; what was not checked is checked at the next look.
        """
        self._wire.close()  # it led to the life before
        for ledger in self._ledgers:
            self._unchecked += ledger.take_fresh()
        losses = self.figures.found["lost"]
        await self._read(self.journal, after=max(0, self.journal.length - READ_AGAIN))
        if self.figures.found["lost"] > losses:
            await self._read_anew()
        verdict.check_answered(self._unchecked, self.journal)
        asked = chance.sample(self._unchecked, min(5, len(self._unchecked)))
        self._unchecked = []
        for entry in asked:
            await self._check_ticket(entry)

    async def _read_anew(self) -> None:
        """Blamed once, the loss is taken as it is: what follows is held against what is there now."""
        journal = Journal(Figures())
        await self._read(journal, after=0)
        journal.figures = self.figures
        self.journal = journal

    async def look_at_everything(self, chance: random.Random, most_tickets: int) -> Journal:
        """The whole journal anew, every ledger, and this many tickets one by one."""
        await self.look(chance)
        whole = Journal(Figures())
        await self._read(whole, after=0)
        self._compare_with_what_was_read(whole)
        whole.figures = self.figures
        verdict.check_presses(self._ledgers, whole)
        verdict.check_ghosts(self._ledgers, whole)
        verdict.check_ledgers(self._ledgers, self.figures)
        issued = [entry for ledger in self._ledgers for entry in ledger.done("issue")]
        verdict.check_answered(issued, whole)
        for entry in chance.sample(issued, min(most_tickets, len(issued))):
            await self._check_ticket(entry)
        return whole

    def _compare_with_what_was_read(self, whole: Journal) -> None:
        """The light looks fed every entry once; the same ones must still be there, each by its number."""
        if len(whole.digests) < self.journal.length:
            self.figures.blame(
                "lost", f"{self.journal.length} entries were {whole.length} at the end"
            )
        for seq, (before, now) in enumerate(zip(self.journal.digests, whole.digests, strict=False)):
            if before != now:
                self.figures.blame("lost", f"entry {seq + 1} is another one than it was before")
        for what, times in whole.figures.found.items():
            if times > self.figures.found[what]:
                self.figures.blame(what, f"{times} times in the whole journal")

    async def _read(self, journal: Journal, after: int) -> None:
        """Every entry after this one; those known already are compared."""
        known = journal.length
        while page := await self._page(after):
            for event in page:
                if event["seq"] <= known:
                    journal.compare(event)
                else:
                    journal.feed(event)
            after = page[-1]["seq"]
        if after < known:
            self.figures.blame("lost", f"the journal ends at {after}, before it had {known}")

    async def _page(self, after: int) -> list[Event]:
        answer = await self._get(f"/journal?after={after}&limit={PAGE}")
        if answer.status != 200:
            raise Unanswered(f"journal after {after}: {answer.status} {answer.body[:200]!r}")
        found: list[Event] = answer.json()["events"]
        return found

    async def _check_ticket(self, entry: Entry) -> None:
        if entry.press != "issue" or not entry.done:
            return
        told = entry.told
        answer = await self._get(f"/tickets/{told['id']}")
        found: dict[str, Any] = answer.json()
        kept = ("label", "segment", "business_day", "issued_at")  # a transfer changes the service
        if answer.status != 200 or any(found.get(name) != told[name] for name in kept):
            said = f"{told['label']}: GET says {answer.status} {answer.body[:300]!r}"
            self.figures.blame("lost", f"{said}, answered was {told}")

    async def _get(self, path: str) -> Answer:
        """Once more on a fresh connection: while the ledgers were compared, the agent may have closed an idle one."""
        try:
            return await self._wire.ask("GET", API + path)
        except Unanswered:
            return await self._wire.ask("GET", API + path)
