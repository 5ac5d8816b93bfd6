"""`python -m edge_agent.branch_queue.diagram` draws the table of moves as a Mermaid state diagram."""

import sys
from collections.abc import Iterator

from edge_agent.branch_queue.ticket import MOVES, State


def lines() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.WAITING}: issue"
    for move, (starts, leads_to) in MOVES.items():
        for start in State:
            if start in starts:
                yield f"    {start} --> {leads_to}: {move}"
    left = {start for starts, _ in MOVES.values() for start in starts}
    for state in State:
        if state not in left or state in (State.SERVED, State.MISSED):
            yield f"    {state} --> [*]"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
