"""How the machines are."""

from typing import Annotated

from msgspec import Meta

from edge_agent.messages.shapes import Asked, DeviceState, Moment, Shape, Word


class DeviceHealth(Shape, frozen=True):
    """One machine: what state it is in since when; `detail` says the cause in XFS4IoT's words. `tickets_left`: about
    so many on a printer's roll, where that is known."""

    device: Word
    kind: Word
    state: DeviceState
    since: Moment
    detail: Word = ""
    tickets_left: int | None = None


class DeviceReport(Asked, frozen=True):
    """What a kiosk says of its machines, as often as it likes."""

    devices: Annotated[list[DeviceHealth], Meta(max_length=64)]
