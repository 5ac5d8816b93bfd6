"""Whether another program bears this branch's id: then what it says of itself comes to us, after what we have said.

Of brokers, only those of MQTT 5 tell whom they throw off that somebody with the same id has come, and some of them do not.
"""

from edge_agent.messages import Birth
from program.line_state import LineState

TIMES = 2  # the last word of the run before ours may come late, once


class Double:
    """`run` is of this start of the program."""

    def __init__(self, run: str, line: LineState) -> None:
        self._run = run
        self._line = line
        self._heard_ourselves = False
        self._others = 0

    def hear(self, birth: Birth) -> None:
        """A birth of this branch, ours or not. The line says when it is over."""
        if birth.run == self._run:
            self._heard_ourselves = True
        elif self._heard_ourselves:
            self._others += 1
            if self._others >= TIMES:
                self._line.begins("id-taken")
