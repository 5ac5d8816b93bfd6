"""config/…/branch.toml -> frozen struct."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, structs

from edge_agent import topics
from edge_agent.branch_queue.rules import Rules, ServiceRule
from edge_agent.messages import Code, Names
from edge_agent.pin import SEALED as SEALED_PIN
from edge_agent.pin import fits as pin_fits
from program import address, settings_file
from program.mqtt_link import BrokerAddress
from program.settings_file import Section, SettingsError

DEMO_TOKENS = frozenset({"demo-kiosk", "demo-staff"})
DEMO_PIN = "2468"


class Branch(Section, frozen=True):
    """Who this branch is. `day_starts_at`: the hours before it belong to the day before."""

    id: Annotated[str, Meta(pattern=f"^{topics.BRANCH_ID}$")]
    name: Names
    time_zone: str
    day_starts_at: str = "04:00"


class Http(Section, frozen=True):
    """`public_url` is what the printed QR code leads to; phones must reach it."""

    listen: str
    public_url: str


class Store(Section, frozen=True):
    data: str


class Broker(Section, frozen=True):
    url: str


class Service(Section, frozen=True):
    code: Code
    prefix: Annotated[str, Meta(pattern="^[A-Z]{1,2}$")]
    names: Names


class Counter(Section, frozen=True):
    """Without `services`, the counter serves them all."""

    name: Code
    services: list[Code] = []


class Kiosk(Section, frozen=True):
    name: Code
    token: Annotated[str, Meta(min_length=8)]


class Staff(Section, frozen=True):
    """`pin` is what `python -m edge_agent.pin` printed; `token` is for programs, not for people."""

    name: Code
    pin: Annotated[str, Meta(pattern=SEALED_PIN)] | None = None
    token: Annotated[str, Meta(min_length=8)] | None = None


class Settings(Section, frozen=True):
    branch: Branch
    http: Http
    store: Store
    broker: Broker
    services: Annotated[list[Service], Meta(min_length=1)]
    counters: Annotated[list[Counter], Meta(min_length=1)]
    kiosks: list[Kiosk] = []
    staff: list[Staff] = []

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.branch.time_zone)

    @property
    def day_starts_at(self) -> time:
        return time.fromisoformat(self.branch.day_starts_at)

    def rules(self) -> Rules:
        every = frozenset(service.code for service in self.services)
        return Rules(
            services={s.code: ServiceRule(s.code, s.prefix) for s in self.services},
            counters={c.name: frozenset(c.services) or every for c in self.counters},
        )


def load(path: Path, *, listen: str | None, data: Path | None, broker: str | None) -> Settings:
    """The file, with what the command line says instead. Raises SettingsError."""
    settings = settings_file.load(path, Settings)
    if listen is not None:
        settings = structs.replace(settings, http=structs.replace(settings.http, listen=listen))
    if data is not None:
        settings = structs.replace(settings, store=Store(data=str(data)))
    if broker is not None:
        settings = structs.replace(settings, broker=Broker(url=broker))
    try:
        _check(settings)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error
    return settings


def _check(settings: Settings) -> None:
    _check_times(settings.branch)
    _check_unique("services", "code", [s.code for s in settings.services])
    _check_unique("services", "prefix", [s.prefix for s in settings.services])
    _check_unique("counters", "name", [c.name for c in settings.counters])
    callers: list[Kiosk | Staff] = [*settings.kiosks, *settings.staff]
    _check_unique("kiosks] or [staff", "name", [caller.name for caller in callers])
    _check_unique("kiosks] or [staff", "token", [c.token for c in callers if c.token])
    codes = {service.code for service in settings.services}
    for counter in settings.counters:
        for unknown in set(counter.services) - codes:
            raise SettingsError(
                f"section [counters]: key 'services': counter {counter.name} names '{unknown}', "
                f"which is no service; expected some of {', '.join(sorted(codes))}"
            )
    BrokerAddress.parse(settings.broker.url)
    if not address.parse(settings.http.listen).loopback:
        _refuse_demo_credentials(settings)


def _check_times(branch: Branch) -> None:
    try:
        ZoneInfo(branch.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"section [branch]: key 'time_zone': '{branch.time_zone}' is no time zone; "
            "expected a name such as Asia/Shanghai"
        ) from error
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", branch.day_starts_at):
        raise SettingsError(
            f"section [branch]: key 'day_starts_at': '{branch.day_starts_at}'; expected HH:MM"
        )


def _check_unique(section: str, key: str, values: list[str]) -> None:
    twice = {value for value in values if values.count(value) > 1}
    if twice:
        raise SettingsError(
            f"section [{section}]: key '{key}': {', '.join(sorted(twice))} stands there twice; "
            "expected each once"
        )


def _refuse_demo_credentials(settings: Settings) -> None:
    known = [
        f"section [kiosks]: key 'token': '{k.token}'"
        for k in settings.kiosks
        if k.token in DEMO_TOKENS
    ]
    known += [
        f"section [staff]: key 'token': '{s.token}'"
        for s in settings.staff
        if s.token in DEMO_TOKENS
    ]
    known += [
        f"section [staff]: key 'pin': the PIN of {s.name}"
        for s in settings.staff
        if s.pin and pin_fits(DEMO_PIN, s.pin)
    ]
    if known:
        raise SettingsError(
            f"{'; '.join(known)}: known to everybody from the demo. Expected ones of your own, or "
            f"an address on 127.0.0.1 (now {settings.http.listen})"
        )
