"""Asks the branch: what do you offer, a ticket please. Keeps asking under one key, so that a lost answer
never becomes a second ticket.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from edge_agent import messages
from kiosk.numbers import Numbers
from kiosk.store import StoreUnusable
from kiosk.untold import Telling, Untold

T = TypeVar("T")
log = logging.getLogger(__name__)

LOOK_EVERY_S = 3.0
ANSWER_S = 4.0
GIVE_UP_S = 10.0  # a customer in front of a screen that says "one moment" leaves after that
RETRY_S = 0.3
LAST_WORD_S = 1.0
BEYOND = re.compile(
    rb'"(?:000\d|999\d)-\d\d-\d\d'
)  # dates next to the ends of the calendar: no zone fits on them
LONGEST_ANSWER = 4_000_000  # bytes; a large branch's services are about 50,000
TOP_UP_EVERY_S = 60.0


class Unreachable(Exception):
    """No answer from the branch."""


class NeverArrived(Unreachable):
    """There was no connection, so that the branch has heard nothing."""


class Refused(Exception):
    """The branch answered no; `name` is the stable name of its reason, the text says it."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}" if name else text)
        self.name = name


class BranchClient:
    """`on_services` gets what the branch offers, again and again; `on_lost` is called while it is away. `numbers` are
    for that time; without them, or while their disk fails, the kiosk gives out nothing by itself."""

    def __init__(
        self,
        url: str,
        token: str,
        kiosk: str,
        *,
        on_services: Callable[[messages.Services], None],
        on_lost: Callable[[], None],
        clock: Callable[[], float],
        numbers: Numbers | None = None,
    ) -> None:
        self._kiosk = quote(kiosk, safe="")
        self._on_services = on_services
        self._on_lost = on_lost
        self._clock = clock
        self._lost = False
        self._report_failed = False
        self._one_at_a_time = asyncio.Lock()
        self._numbers = numbers
        self._untold = Untold(numbers.store if numbers else None)
        self._topped_up_at: float | None = None
        self._failing: set[str] = (
            set()
        )  # what could not be done with the numbers, and has been said
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=ANSWER_S,
            trust_env=False,  # the branch is on the local network, never behind a proxy
        )

    async def follow(self) -> None:
        """Look what the branch offers, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """One look; also catches up on what could not be told while the branch was away."""
        try:
            response = await self._send("GET", "/api/v1/services")
            services = _decode(response, messages.Services)
            await self._catch_up()
            await self._keep_numbers(services)
        except (Unreachable, Refused) as error:
            self._say_lost(error)
            return
        if self._lost:
            log.info("The branch answers again.")
        self._lost = False
        self._on_services(services)

    @property
    def away(self) -> bool:
        """Whether the last look found nobody."""
        return self._lost

    async def ticket(
        self, request: messages.TicketRequest, patience_s: float = GIVE_UP_S
    ) -> messages.IssuedTicket:
        """A ticket, once. Raises Refused, or Unreachable when nobody answered for some seconds.

        After Unreachable the branch may yet have issued it, unless nothing ever arrived; it is then given back later.
        """
        key, body = secrets.token_urlsafe(16), msgspec.json.encode(request)
        deadline = self._clock() + patience_s
        arrived = False
        while True:
            try:
                response = await self._send("POST", "/api/v1/tickets", body, key)
                return _decode(response, messages.IssuedTicket)
            except Unreachable as error:
                arrived = arrived or not isinstance(error, NeverArrived)
                if self._clock() > deadline:
                    if arrived:
                        self._untold.add(Telling("give back", "/api/v1/tickets", body, key))
                    raise
                await asyncio.sleep(RETRY_S)

    async def ask(
        self,
        method: str,
        path: str,
        shape: type[T],
        said: msgspec.Struct | None = None,
        key: str | None = None,
    ) -> T:
        """One question. Raises Unreachable, or Refused."""
        body = None if said is None else msgspec.json.encode(said)
        return _decode(await self._send(method, path, body, key), shape)

    async def tell(self, path: str, said: msgspec.Struct | None, key: str) -> None:
        """Now or never: it would be of no use later. Raises Unreachable, or Refused."""
        await self._send("POST", path, b"" if said is None else msgspec.json.encode(said), key)

    async def printed(
        self, ticket: str, outcome: str, reason: str, *, reprint: bool = False
    ) -> messages.PaperAt | None:
        """Tell what became of the paper; the branch's answer says whether another kiosk prints instead. None when
        it is away now, and will be told later."""
        told = messages.Printed(
            outcome=msgspec.convert(outcome, messages.PrintOutcome), reason=reason, reprint=reprint
        )
        answer = await self._tell(f"/api/v1/tickets/{ticket}/printed", msgspec.json.encode(told))
        try:
            return None if answer is None else _decode(answer, messages.PaperAt)
        except Unreachable as error:
            log.warning("The branch was told of a paper, but %s.", error)
            return None

    async def give_back(self, ticket: str) -> None:
        """Cancel a ticket that came when nobody waited for it any more; later, when it must be."""
        await self._tell(f"/api/v1/tickets/{ticket}/cancel", b"")

    async def identity_checked(self, check: messages.IdentityCheck) -> None:
        """For the journal; later, when it must be."""
        path = f"/api/v1/kiosks/{self._kiosk}/identity-checks"
        await self._tell(path, msgspec.json.encode(check))

    async def report(self, devices: Iterable[messages.DeviceHealth]) -> None:
        """How our machines are. Lost reports do not matter: the next one says it all."""
        body = msgspec.json.encode(messages.DeviceReport(devices=list(devices)))
        try:
            await self._send("PUT", f"/api/v1/kiosks/{self._kiosk}/devices", body)
        except (Unreachable, Refused) as error:
            if not self._report_failed:
                log.info("The branch did not take the report of our machines: %s", error)
            self._report_failed = True
        else:
            self._report_failed = False

    async def lease(self, store: str) -> messages.Lease:
        """Numbers in advance, for what is kept in this store. Raises Unreachable, Refused."""
        body = msgspec.json.encode(messages.AskNumbers(store=store))
        path = f"/api/v1/kiosks/{self._kiosk}/numbers"
        response = await self._send("POST", path, body, secrets.token_urlsafe(16))
        return _decode(response, messages.Lease)

    async def hand_in(self, tickets: Sequence[messages.TakenTicket]) -> messages.HandedIn:
        """Tickets that were given out from the block, all of one business day. Raises Unreachable, Refused."""
        body = msgspec.json.encode(messages.HandIn(tickets=list(tickets)))
        path = f"/api/v1/kiosks/{self._kiosk}/taken"
        response = await self._send("POST", path, body, secrets.token_urlsafe(16))
        return _decode(response, messages.HandedIn)

    async def close(self) -> None:
        """What is being told may take a moment more; what is cut off stays in the store."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD_S), self._one_at_a_time:
                pass
        await self._http.aclose()

    async def _tell(self, path: str, body: bytes) -> httpx.Response | None:
        """The branch's answer; None when it is away, or did not take it."""
        key = secrets.token_urlsafe(16)
        try:
            async with self._one_at_a_time:  # else another's turn could send it and keep the answer
                self._untold.add(Telling("tell", path, body, key))
                return (await self._send_later()).get(key)
        except Unreachable:
            log.info("The branch is away; it will hear of this when it is back.")
            return None

    async def _catch_up(self) -> None:
        """Tell what could not be told."""
        async with self._one_at_a_time:
            await self._send_later()

    async def _send_later(self) -> dict[str, httpx.Response]:
        """In order, each once; the answers by key. What we gave out comes first: the branch must know a ticket before
        it hears of its paper."""
        await self._with_numbers("handed in", self._hand_in_all)
        answers: dict[str, httpx.Response] = {}
        while (one := self._untold.first()) is not None:
            try:
                response = answers[one.key] = await self._send("POST", one.path, one.body, one.key)
                if one.what == "give back":
                    await self._cancel(response)
            except Refused as error:
                log.warning("The branch did not take what was told late: %s", error)
            self._untold.heard(one)
        return answers

    async def _hand_in_all(self, numbers: Numbers) -> None:
        while tickets := numbers.to_hand_in():
            if not numbers.handed_in(tickets, await self.hand_in(tickets)):
                raise Refused("", "it answered nothing about the tickets that were handed in")

    async def _keep_numbers(self, services: messages.Services) -> None:
        """The branch has answered; that it gives no numbers now does not make it lost."""

        async def keep(numbers: Numbers) -> None:
            numbers.remember(services)
            at, now = self._topped_up_at, self._clock()
            waited = at is None or now - at >= TOP_UP_EVERY_S
            if numbers.running_out() or (waited and numbers.wanted(services)):
                numbers.keep(await self.lease(numbers.store.name))
                self._topped_up_at = now

        try:
            await self._with_numbers("leased", keep)
        except Unreachable as error:
            log.info("The branch gave no numbers in advance: %s", error)

    async def _with_numbers(self, what: str, work: Callable[[Numbers], Awaitable[None]]) -> None:
        """What goes wrong with the numbers alone is no reason to give out no tickets. Raises Unreachable."""
        if self._numbers is None:
            return
        try:
            await work(self._numbers)
        except (Refused, StoreUnusable) as error:
            if what not in self._failing:
                log.error("Numbers in advance cannot be %s: %s", what, error)
            self._failing.add(what)
        else:
            if what in self._failing:
                log.info("Numbers in advance can be %s again.", what)
            self._failing.discard(what)

    async def _cancel(self, response: httpx.Response) -> None:
        """Nobody was there any more to take this ticket."""
        issued = _decode(response, messages.IssuedTicket)
        await self._send("POST", f"/api/v1/tickets/{issued.id}/cancel", b"")
        log.info("Ticket %s was given back: its customer had been told to see staff.", issued.label)

    async def _send(
        self, method: str, path: str, body: bytes | None = None, key: str | None = None
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        try:
            async with asyncio.timeout(ANSWER_S):  # httpx counts anew with every byte
                response = await self._whole(method, path, body, headers)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NeverArrived(str(error) or type(error).__name__) from error
        except TimeoutError as error:
            raise Unreachable(f"no whole answer within {ANSWER_S:.0f} s") from error
        except httpx.HTTPError as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        if response.is_client_error:
            raise Refused(*_reason(response))
        if not response.is_success:
            raise Unreachable(f"the branch answers {response.status_code}")
        if response.content:
            _decode(
                response, object
            )  # somebody in between, such as a sign-in page, confirms nothing
        return response

    async def _whole(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> httpx.Response:
        """The answer, read to its end. Raises Unreachable where it does not come to one."""
        read = bytearray()
        async with self._http.stream(method, path, content=body, headers=headers) as response:
            async for part in response.aiter_bytes():
                read += part
                if len(read) > LONGEST_ANSWER:
                    raise Unreachable("its answer is too long")
        return httpx.Response(response.status_code, content=bytes(read))

    def _say_lost(self, error: Exception) -> None:
        if not self._lost:
            log.warning("The branch does not answer (%s). Asking until it does.", error)
        self._lost = True
        self._on_lost()


def _decode(response: httpx.Response, shape: type[T]) -> T:
    """Raises Unreachable: who answers nonsense is not the branch."""
    if BEYOND.search(response.content):
        raise Unreachable("its answer tells of a time that cannot be")
    try:
        return msgspec.json.decode(response.content, type=shape)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Unreachable(f"its answer cannot be read ({type(error).__name__})") from error


def _reason(response: httpx.Response) -> tuple[str, str]:
    """Name and sentence of a problem; no name when it is none."""
    try:
        problem: dict[str, Any] = response.json()
        return str(problem["type"]).rpartition(":")[2], str(problem["detail"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", f"status {response.status_code}"
