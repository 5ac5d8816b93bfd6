"""The branch's machines, as its kiosks report them. A machine lost or back is a fact for the journal.

A kiosk that says nothing for a while is itself a lost machine.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from edge_agent.branch_queue.facts import DeviceBack, DeviceFact, DeviceLost
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.messages import DeviceHealth

WORKS = frozenset({"ready", "busy", "degraded"})
LOST = frozenset({"absent", "fault"})  # opening and probing are neither: wait for the outcome
SILENT_AFTER = timedelta(seconds=30)  # three missed reports


class Machines:
    """The latest word on each machine. `device` is `kiosk/name`."""

    def __init__(self, lost: Iterable[str] = ()) -> None:
        """`lost`: what the journal says is lost."""
        self._known: dict[str, DeviceHealth] = {}
        self._heard: dict[str, datetime] = {}
        self._lost = set(lost)

    def all(self) -> list[DeviceHealth]:
        return sorted(self._known.values(), key=lambda health: health.device)

    def kiosks_that_print(self) -> frozenset[str]:
        """Those that have a printer, whether it works or not."""
        printers = (one for one in self._known.values() if one.kind == "ticket_printer")
        return frozenset(printer.device.partition("/")[0] for printer in printers)

    def printing_kiosks(self, besides: str = "") -> list[str]:
        """Kiosks whose printer works, by name; those short of paper last."""
        printers = [
            (device.state == "degraded", device.device.partition("/")[0])
            for device in self._known.values()
            if device.kind == "ticket_printer" and device.state in WORKS
        ]
        able = (k for _, k in sorted(printers) if k in self._heard and k not in self._lost)
        return [kiosk for kiosk in dict.fromkeys(able) if kiosk != besides]

    def report(
        self, kiosk: str, devices: Iterable[DeviceHealth], now: datetime
    ) -> list[DeviceHealth]:
        """Take a kiosk's word; give back the machines whose loss or return is not recorded yet."""
        self._heard[kiosk] = now
        own = DeviceHealth(device=kiosk, kind="kiosk", state="ready", since=self._since(kiosk, now))
        return self._take([own, *devices])

    def report_own(self, devices: Iterable[DeviceHealth]) -> list[DeviceHealth]:
        """The branch's own machines; gives back what `report` does."""
        return self._take(devices)

    def silent(self, now: datetime) -> list[DeviceHealth]:
        """Kiosks that have stopped reporting, and are not recorded as lost yet."""
        gone = [
            k for k, at in self._heard.items() if now - at > SILENT_AFTER and k not in self._lost
        ]
        return self._take(
            DeviceHealth(
                device=kiosk,
                kind="kiosk",
                state="absent",
                since=self._heard[kiosk],
                detail="silent",
            )
            for kiosk in gone
        )

    def _since(self, kiosk: str, now: datetime) -> datetime:
        known = self._known.get(kiosk)
        return known.since if known and known.state == "ready" else now

    def _take(self, devices: Iterable[DeviceHealth]) -> list[DeviceHealth]:
        news = []
        for health in devices:
            self._known[health.device] = health
            if (health.state in LOST and health.device not in self._lost) or (
                health.state in WORKS and health.device in self._lost
            ):
                news.append(health)
        return news

    def recorded(self, news: Iterable[DeviceHealth]) -> None:
        """The journal has this news."""
        self._lost ^= {health.device for health in news}


def facts_of(
    news: Iterable[DeviceHealth],
) -> Callable[[BranchQueue, datetime], tuple[DeviceFact, ...]]:
    """The wish that puts this news into the journal."""
    kept = list(news)

    def decide(queue: BranchQueue, now: datetime) -> tuple[DeviceFact, ...]:
        return tuple(
            (DeviceLost if health.state in LOST else DeviceBack)(
                at=now,
                business_day=queue.business_day,
                device=health.device,
                detail=health.detail or health.state,
            )
            for health in kept
        )

    return decide
