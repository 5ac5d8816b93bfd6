"""Grants what the journey wishes: of the branch, of the printer, of the kiosk itself."""

import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from edge_agent import messages
from kiosk import reprints
from kiosk.branch_client import BranchClient, Refused, Unreachable
from kiosk.journey import events, wishes
from kiosk.journey.events import Event
from kiosk.journey.step import Help
from kiosk.journey.wishes import Wish
from kiosk.machines import Machines
from kiosk.numbers import Numbers
from kiosk.questions import Questions
from kiosk.reprints import Reprints
from kiosk.settings import Settings
from kiosk.slip import ticket_slip
from kiosk.store import StoreUnusable
from kiosk.words import Words, name_in

log = logging.getLogger(__name__)

SHORT_S = 2.0  # of asking again, where the kiosk has a number of its own


class Granting:
    """`tell` brings the answers to the journey, `begin` runs what takes time."""

    def __init__(
        self,
        settings: Settings,
        client: BranchClient,
        machines: Machines,
        numbers: Numbers | None,
        words: Mapping[str, Words],
        *,
        tell: Callable[[Event], None],
        begin: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._settings = settings
        self._client = client
        self._questions = Questions(client, settings.kiosk.name)
        self._machines = machines
        self._numbers = numbers
        self._words = words
        self._tell = tell
        self._begin = begin
        self._reprints = Reprints()
        self._services: messages.Services | None = None
        self._heard_at = 0.0
        self._zone: tzinfo | None = None

    def know(self, services: messages.Services) -> None:
        """What the branch offers now, and what it wants printed again."""
        if self._services is None or self._services.time_zone != services.time_zone:
            self._zone = _zone_named(services.time_zone)
        self._services, self._heard_at = services, time.monotonic()
        for job, again in self._reprints.new(services.reprints).items():
            self._print(again.ticket, self._known(again.language), job, marked=again.marked)

    @property
    def zone(self) -> tzinfo | None:
        """The branch's; until it has been heard, and where nobody here knows it, this machine's."""
        return self._zone

    def now(self) -> datetime:
        """By the branch's clock, as far as it is known."""
        if self._services is None:
            return datetime.now(UTC).astimezone()
        passed = timedelta(seconds=time.monotonic() - self._heard_at)
        return (self._services.at + passed).astimezone(self.zone)

    def link(self, page: str) -> str:
        """To the customer's own page on a phone."""
        public = self._services.public_url if self._services else self._settings.branch.url
        return f"{public.rstrip('/')}/t/{page}"

    @property
    def branch_name(self) -> messages.Names:
        return self._services.branch_name if self._services else {}

    def grant(self, wish: Wish) -> None:
        match wish:
            case wishes.AskTicket():
                self._begin(self._ask(wish))
            case wishes.PrintTicket(ticket, language, errand, in_advance):
                self._print(ticket, language, errand=errand, in_advance=in_advance)
            case wishes.TellPaper(ticket, outcome, reason):
                self._begin(self._tell_paper(ticket, outcome, reason))
            case wishes.GiveBack(ticket):
                self._begin(self._client.give_back(ticket))
            case wishes.FindAppointment() | wishes.FindVisit():
                self._begin(self._find(wish))
            case wishes.RateVisit() | wishes.GiveOpinion():
                self._begin(self._write_down(wish))
            case wishes.CallPerson() | wishes.CallNoPerson():
                self._begin(self._help(wish))

    async def _ask(self, wish: wishes.AskTicket) -> None:
        request = messages.TicketRequest(
            service=wish.service,
            segment=wish.segment,  # type: ignore[arg-type]  # from settings, checked there
            language=wish.language,
            customer_token=wish.customer_token,
            appointment=wish.appointment,
            errand=wish.errand,
            identity_reason=wish.identity_reason,
            identity=wish.identity,  # type: ignore[arg-type]  # one of the words of kiosk.identity.audit
        )
        spare = self.numbers_left(wish.service)
        try:
            ticket = await self._client.ticket(request, *((SHORT_S,) if spare else ()))
        except Unreachable:
            self._tell(self._in_advance(request))
        except Refused as error:
            log.warning("The branch gave no ticket: %s", error)
            self._tell(events.TicketRefused(error.name))
        else:
            self._tell(events.TicketIssued(ticket))

    def numbers_left(self, service: str) -> bool:
        """Whether a number in advance is left for it."""
        try:
            return self._numbers is not None and self._numbers.left(service) > 0
        except StoreUnusable:
            return False  # said by the client, which uses them all the time

    def _in_advance(self, request: messages.TicketRequest) -> Event:
        """A number of our own, as the branch does not answer."""
        try:
            ticket = self._numbers.take(request) if self._numbers else None
        except StoreUnusable as error:
            log.error("No number can be given out without the branch: %s", error)
            ticket = None
        if ticket is None:
            return events.TicketUnreachable()
        return events.TicketIssued(ticket, in_advance=True)

    def remembered(self) -> messages.Services | None:
        """What the branch offered when it was last heard, for a start without it."""
        try:
            return self._numbers.remembered() if self._numbers else None
        except StoreUnusable as error:
            log.error("What the branch offered last cannot be read: %s", error)
            return None

    async def _find(self, wish: wishes.FindAppointment | wishes.FindVisit) -> None:
        try:
            if isinstance(wish, wishes.FindVisit):
                found = await self._questions.visit(wish.ticket, wish.label)
                self._tell(events.VisitFound(found))
                return
            booked = await self._questions.appointment(wish.reference, wish.token)
            early = self.early_min(booked.at)
            self._tell(events.AppointmentFound(booked, early, asked=_asked(wish)))
        except Refused:
            unknown = (
                events.AppointmentUnknown(_asked(wish))
                if isinstance(wish, wishes.FindAppointment)
                else events.VisitUnknown()
            )
            self._tell(unknown)
        except Unreachable:
            self._tell(events.NotTaken(asked=_asked(wish)))

    async def _write_down(self, wish: wishes.RateVisit | wishes.GiveOpinion) -> None:
        try:
            if isinstance(wish, wishes.RateVisit):
                await self._questions.rate(wish.ticket, wish.score, wish.reasons)
                self._tell(events.Rated())
                return
            taken = await self._questions.opinion(_opinion(wish))
            self._tell(events.OpinionTaken(taken.label, taken.id))
        except Refused as error:
            log.warning("The branch did not write down what a customer thinks: %s", error)
            self._tell(events.NotTaken(error.name or "refused"))
        except Unreachable:
            self._tell(events.NotTaken())

    async def _help(self, wish: wishes.CallPerson | wishes.CallNoPerson) -> None:
        try:
            if isinstance(wish, wishes.CallPerson):
                await self._questions.call_person(wish.screen, wish.reason)
                self._tell(events.HelpTold(Help.ASKED))
            else:
                await self._questions.call_no_person()
        except (Refused, Unreachable) as error:
            log.warning("The branch did not hear that a customer wants a person: %s", error)
            self._tell(events.HelpTold(Help.UNREACHABLE))

    async def _tell_paper(self, job: str, outcome: str, reason: str) -> None:
        again = reprints.ticket_of(job)
        answer = await self._client.printed(
            again or job, outcome, reason, reprint=again is not None
        )
        if answer is not None and again is not None:
            self._reprints.heard(again)
        elif answer is not None and answer.reprint_at is not None:
            self._tell(events.PaperElsewhere(job, answer.reprint_at))

    def _print(
        self,
        ticket: messages.IssuedTicket,
        language: str,
        job: str = "",
        *,
        marked: bool = False,
        errand: str = "",
        in_advance: bool = False,
    ) -> None:
        """`job` is another one than the ticket where the branch ordered it; `marked` as a reprint."""
        services = self._services.services if self._services else []
        names = next((one.names for one in services if one.code == ticket.service), {})
        slip = ticket_slip(
            ticket,
            self._words[language],
            bank=name_in(self._settings.kiosk.bank, language),
            branch=name_in(self.branch_name, language),
            service=name_in(names, language) or ticket.service,
            link=self.link(ticket.id),
            zone=self.zone,
            reprint=marked,
            papers=self._papers(errand, language),
            offline=in_advance,
        )
        for event in self._machines.print(job or ticket.id, slip):
            self._tell(event)

    def _papers(self, errand: str, language: str) -> tuple[str, ...]:
        """What to bring to the counter."""
        errands = self._services.errands if self._services else []
        papers = next((one.papers for one in errands if one.code == errand), [])
        return tuple(name_in(paper, language) for paper in papers)

    def _known(self, language: str) -> str:
        """A ticket may have been taken in a language that is not on this machine."""
        return language if language in self._words else self._settings.kiosk.language

    def early_of(self, said: str) -> int | None:
        """Of a code's time; None for a reference of the bank's own, though it may look like a day."""
        try:
            booked = datetime.fromisoformat(said)
        except ValueError:
            return None
        return None if booked.tzinfo is None else self.early_min(booked)

    def early_min(self, booked: datetime) -> int:
        """Whole minutes until then; negative when late."""
        return round((booked - self.now()).total_seconds() / 60)


def _zone_named(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # the first: ZoneInfoNotFoundError is one
        log.warning("The branch's time zone is not known here (%s).", type(error).__name__)
        return None


def _asked(wish: wishes.FindAppointment | wishes.FindVisit) -> str:
    """By which the journey knows whose question was answered."""
    return "" if isinstance(wish, wishes.FindVisit) else wish.reference or wish.token


def _opinion(wish: wishes.GiveOpinion) -> messages.Opinion:
    return messages.Opinion(
        topic=wish.topic,
        phrases=list(wish.phrases),
        language=wish.language,
        writing=[list(stroke) for stroke in wish.writing],
    )
