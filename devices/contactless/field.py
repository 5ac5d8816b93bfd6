"""The field of a PN532 and the cards in it: look, release, switch, send a card a command.

Not responsible for: what is said to a card, and which card has been told already.
"""

from collections.abc import Callable
from contextlib import suppress

from devices.contactless import answers, emv, protocol
from devices.contactless.answers import CardLink, Exchanged, Target
from devices.contactless.line import NotAccepted, ReaderLine
from devices.contactless.protocol import Request

REPLY_S = 1.0
CARD_S = 2.0  # for an answer of a card; the machine by itself gives up on it sooner
MOST_PIECES = 8  # of one answer that does not fit into a frame
LONGEST_COMMAND, LONGEST_COMMAND_SHORT = 262, 252  # in an extended frame, and in a normal one
MOST_TARGETS = 2  # so that two cards are seen to be two


class Broken(Exception):
    """An exchange with a card has not come to its end."""

    def __init__(self, link: CardLink) -> None:
        super().__init__(str(link))
        self.link = link


class Field:
    """On one open wire. Every call may raise PortLost."""

    def __init__(self, line: ReaderLine, clock: Callable[[], float]) -> None:
        self._line = line
        self._clock = clock
        self.long_frames = True

    def look(self) -> list[Target] | None:
        """The cards in the field; None when the machine does not answer. Raises NotAccepted."""
        data = self._line.ask(protocol.list_targets(MOST_TARGETS), REPLY_S)
        return None if data is None else answers.targets(data)

    def look_again(self) -> list[Target] | None:
        """The same for cards that have been found before: none is overlooked because it was put to sleep."""
        self.release()
        found = self.look()
        if found == []:
            self.switch(on=False)
            self.switch(on=True)
            found = self.look()
        return found

    def release(self) -> None:
        with suppress(NotAccepted):
            self._line.ask(protocol.release_all(), REPLY_S)

    def switch(self, *, on: bool, within_s: float = REPLY_S) -> bool | None:
        """Whether the machine can do so; None when it does not answer."""
        try:
            answer = self._line.ask(protocol.rf_field(on=on), within_s)
        except NotAccepted:
            return False
        return None if answer is None else True

    def transmit(self, target: Target, command: bytes, until: float) -> bytes:
        """A card's answer with its status word. `until`: on the clock. Raises Broken."""
        if len(command) > (LONGEST_COMMAND if self.long_frames else LONGEST_COMMAND_SHORT):
            return emv.WRONG_LENGTH
        data = b""
        for _ in range(MOST_PIECES):
            if self._clock() >= until:
                break
            piece = self._exchange(protocol.exchange(target.number, command))
            data += piece.data
            if not piece.more:
                return data
            command = b""
        raise Broken(CardLink.BROKEN)

    def _exchange(self, request: Request) -> Exchanged:
        try:
            data = self._line.ask(request, CARD_S)
        except NotAccepted:
            data = None
        answer = answers.exchanged(data or b"")
        if answer.link is not CardLink.OK:
            raise Broken(answer.link)
        return answer
