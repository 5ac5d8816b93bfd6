"""Why a wish is refused. Each has a stable name for programs and a sentence for people."""


class Refusal(Exception):
    """The rules say no; nothing was changed. `name` is stable."""

    name = "refused"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class UnknownService(Refusal):
    name = "unknown-service"


class UnknownCounter(Refusal):
    name = "unknown-counter"


class UnknownTicket(Refusal):
    name = "unknown-ticket"


class TicketStillCalled(Refusal):
    name = "ticket-still-called"


class NobodyAtCounter(Refusal):
    name = "nobody-at-counter"


class WrongState(Refusal):
    name = "wrong-state"
