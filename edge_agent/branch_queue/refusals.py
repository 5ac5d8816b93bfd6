"""Why a wish is refused. Each has a stable name for programs and a sentence for people."""


class Refusal(Exception):
    """The rules say no; nothing was changed. `name` is stable."""

    name = "refused"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class UnknownService(Refusal):
    name = "unknown-service"


class UnknownErrand(Refusal):
    name = "unknown-errand"


class UnknownChoice(Refusal):
    name = "unknown-choice"


class ErrandOfAnotherService(Refusal):
    name = "errand-of-another-service"


class UnknownCounter(Refusal):
    name = "unknown-counter"


class UnknownTicket(Refusal):
    name = "unknown-ticket"


class UnusableWish(Refusal):
    """What was asked for makes no sense: a parking of no minutes, a transfer to nowhere."""

    name = "unusable-wish"


class TicketStillCalled(Refusal):
    name = "ticket-still-called"


class NobodyAtCounter(Refusal):
    name = "nobody-at-counter"


class WrongState(Refusal):
    name = "wrong-state"


class RecallLimit(Refusal):
    name = "recall-limit"


class RecallTooSoon(Refusal):
    name = "recall-too-soon"


class NothingToUndo(Refusal):
    name = "nothing-to-undo"


class TooLateToUndo(Refusal):
    name = "too-late-to-undo"


class ReturnLimit(Refusal):
    name = "return-limit"


class CounterBusy(Refusal):
    name = "counter-busy"


class AlreadyRated(Refusal):
    name = "already-rated"


class UnknownOpinion(Refusal):
    name = "unknown-opinion"


class AlreadyAnswered(Refusal):
    name = "already-answered"


class BranchIsClosed(Refusal):
    name = "branch-closed"


class ServiceIsClosed(Refusal):
    name = "service-closed"


class QueueFullUntilClosing(Refusal):
    name = "queue-full-until-closing"


class TooManyTickets(Refusal):
    name = "too-many-tickets"


class NoHelpWanted(Refusal):
    name = "no-help-wanted"


class NoPrinterWorks(Refusal):
    name = "no-printer-works"
