"""What the broker has refused, by its reason codes (MQTT 5 sections 3.4.2.1 and 3.9.3)."""

from collections.abc import Iterable
from itertools import islice

from program.in_flight import Message
from program.line_state import LineState, Trouble

NO_MATCHING_SUBSCRIBERS = 0x10
REFUSED = 0x80  # this code and every one above it
NAMED = 3  # topics; head office has some for every branch


class Refusals:
    """Topics that a broker refuses until it takes them. A refused message is kept to be tried again: the next
    one on its topic takes its place, so that it is never older than what was said since."""

    def __init__(self, state: LineState, *, one_reader: bool) -> None:
        self._state = state
        self._one_reader = one_reader
        self._messages: dict[str, Message] = {}
        self._reasons: dict[str, str] = {}  # of the same topics
        self._subscriptions: dict[str, str] = {}
        self.heard_here: set[str] = set()  # topics of ours that we listen to ourselves

    def forget(self) -> None:
        """Another broker has its own mind."""
        self._messages.clear()
        self._reasons.clear()
        self._subscriptions.clear()
        self._state.is_over("publish-refused")
        self._state.is_over("subscription-refused")

    def to_try_again(self) -> tuple[list[Message], list[str]]:
        """Messages, and topics to subscribe to."""
        return list(self._messages.values()), list(self._subscriptions)

    def published(self, message: Message, code: int, reason: str) -> None:
        """The broker's answer to one message."""
        if code == NO_MATCHING_SUBSCRIBERS and self._one_reader:
            self._state.begins("nobody-there")
        elif code < REFUSED and message.topic not in self.heard_here:
            self._state.is_over("nobody-there")
        if code >= REFUSED:
            self._messages[message.topic], self._reasons[message.topic] = message, reason
        elif self._messages.pop(message.topic, None) is not None:
            del self._reasons[message.topic]
        self._tell("publish-refused", self._reasons)

    def subscribed(self, topic: str, code: int, reason: str) -> None:
        """The broker's answer to one subscription."""
        if code >= REFUSED:
            self._subscriptions[topic] = reason
        else:
            self._subscriptions.pop(topic, None)
        self._tell("subscription-refused", self._subscriptions)

    def unsubscribed(self, topics: Iterable[str]) -> None:
        """Nobody wants to hear these any more."""
        for topic in topics:
            self._subscriptions.pop(topic, None)
        self._tell("subscription-refused", self._subscriptions)

    def _tell(self, trouble: Trouble, refused: dict[str, str]) -> None:
        if refused:
            self._state.begins(trouble, _in_words(refused))
        else:
            self._state.is_over(trouble)


def _in_words(refused: dict[str, str]) -> str:
    some = [f"{topic} ({why})" for topic, why in islice(refused.items(), NAMED)]
    more = [f"{len(refused) - NAMED} more"] if len(refused) > NAMED else []
    return ", ".join(some + more)
