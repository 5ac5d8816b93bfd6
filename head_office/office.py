"""What the routes of head office's web application need."""

from dataclasses import dataclass

from head_office.accounts.door import Door
from head_office.alerts.desk import AlertDesk
from head_office.board.steps import Steps
from head_office.history.opened import OpenHistory
from head_office.ledger import Ledger
from head_office.listener import Listener
from head_office.picture import Picture
from head_office.register import Register
from head_office.rollout.desk import RolloutDesk
from head_office.settings import Settings
from program.bell import Bell


@dataclass(slots=True)
class Office:
    """One field a part. `bell` is rung whenever something that pages show has changed; `following` are the readers of
    the stream."""

    settings: Settings
    bell: Bell
    ledger: Ledger
    register: Register
    picture: Picture
    listener: Listener
    alerts: AlertDesk
    door: Door
    history: OpenHistory | None
    rollout: RolloutDesk | None
    steps: Steps
    outline: bytes = b""
    closed: bool = False
    following: int = 0

    def close(self) -> None:
        self.closed = True
        if self.history is not None:
            self.history.close()
        self.bell.ring()
        self.steps.bell.ring()
