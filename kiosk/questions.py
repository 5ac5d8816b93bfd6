"""What a customer's journey asks of the branch besides tickets: an appointment, a visit, a rating, an opinion, help."""

import secrets
from urllib.parse import quote

from edge_agent import messages
from kiosk.branch_client import BranchClient


class Questions:
    """Every call raises Unreachable or Refused; nothing is asked twice under two keys."""

    def __init__(self, client: BranchClient, kiosk: str) -> None:
        self._client = client
        self._kiosk = kiosk

    async def appointment(self, reference: str, token: str) -> messages.Appointment:
        """By its reference, or by the customer's pseudonym. Refused: not in today's book."""
        path = f"/api/v1/appointments/{quote(reference, safe='')}"
        if not reference:
            path = f"/api/v1/appointments?customer_token={quote(token, safe='')}"
        return await self._client.ask("GET", path, messages.Appointment)

    async def visit(self, ticket: str, label: str) -> messages.Ticket:
        """By its id, or by today's number. Refused: there is none."""
        path = f"/api/v1/tickets/{quote(ticket, safe='')}"
        if not ticket:
            path = f"/api/v1/tickets/of/{quote(label, safe='')}"
        return await self._client.ask("GET", path, messages.Ticket)

    async def rate(self, ticket: str, score: int, reasons: tuple[str, ...]) -> None:
        said = messages.Rating(score=score, reasons=list(reasons))
        path = f"/api/v1/tickets/{quote(ticket, safe='')}/rating"
        await self._client.ask("POST", path, messages.Ticket, said, secrets.token_urlsafe(16))

    async def opinion(self, opinion: messages.Opinion) -> messages.OpinionTaken:
        key = secrets.token_urlsafe(16)
        return await self._client.ask(
            "POST", "/api/v1/opinions", messages.OpinionTaken, opinion, key
        )

    async def call_person(self, screen: str, reason: str) -> None:
        asked = messages.AskHelp(screen=screen, reason=reason)
        await self._help("", asked)

    async def call_no_person(self) -> None:
        await self._help("/cancel", None)

    async def _help(self, what: str, asked: messages.AskHelp | None) -> None:
        path = f"/api/v1/kiosks/{quote(self._kiosk, safe='')}/help{what}"
        await self._client.tell(path, asked, secrets.token_urlsafe(16))
