"""config/…/branch.toml -> frozen struct."""

from datetime import time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, structs

from devices.settings import check_devices
from edge_agent import topics
from edge_agent.branch_queue.business_day import ALWAYS
from edge_agent.branch_queue.rules import CounterRule, Rules, ServiceRule
from edge_agent.central.settings import Central, Instead
from edge_agent.errand_settings import Errand, Texts
from edge_agent.machine_settings import OWN, CounterDevice, Signs
from edge_agent.messages import Code
from edge_agent.opinion_settings import Prefix, RatingReason, Topic, check_opinion_prefix
from edge_agent.rule_settings import (
    Count,
    CourtesySettings,
    HoursSettings,
    LimitSettings,
    Order,
    Profile,
    TimeOfDay,
    check_everybody_is_served,
)
from program import address, settings_file
from program.broker import Broker
from program.pin import DEMO as DEMO_PIN, SEALED as SEALED_PIN, fits as pin_fits
from program.settings_file import Section, SettingsError

DEMO_TOKENS = frozenset({"demo-kiosk", "demo-staff"})
BRANCH_ID = "letters, digits, - and _, at most 64, such as riverside"


class Branch(Section, frozen=True):
    """Who this branch is. `day_starts_at`: the hours before it belong to the day before. `numbers_in_advance`: for
    each service a kiosk has so many, to give out by itself when it cannot reach the agent; 0 for none."""

    id: Annotated[str, Meta(pattern=rf"^{topics.BRANCH_ID}\Z", description=BRANCH_ID)]
    name: Texts
    time_zone: str
    day_starts_at: TimeOfDay = "04:00"
    numbers_in_advance: Annotated[int, Meta(ge=0, le=200)] = 20


class Http(Section, frozen=True):
    """`public_url` is what the printed QR code leads to, with /t/ and the ticket; phones must reach it."""

    listen: address.Listen
    public_url: Annotated[
        str,
        Meta(
            pattern=address.AT_A_HOST + r"(/[^\s?#]*)?\Z",
            description="http://HOST or https://HOST",
        ),
    ]


class Store(Section, frozen=True):
    """Business days older than `keep_days` move, with their chain, from the journal into `data`/archive."""

    data: str
    keep_days: Annotated[int, Meta(ge=1, le=36500)] = 92


class AppointmentsFile(Section, frozen=True):
    """The CSV `file` that the bank's own system drops; see docs/devices.md."""

    file: Annotated[str, Meta(min_length=1)]


class Service(Section, frozen=True):
    """`identity`: a customer with a card may show at the kiosk that it is theirs."""

    code: Code
    prefix: Prefix
    names: Texts
    first_number: Annotated[int, Meta(ge=0, le=99_999)] = 1
    last_number: Count | None = None
    hours: HoursSettings | None = None
    identity: bool = False


class Counter(Section, frozen=True):
    """With the skills of a profile, or with `services`; without either it serves them all."""

    name: Code
    services: list[Code] = []
    profile: Code | None = None


class Kiosk(Section, frozen=True):
    name: Code
    token: Annotated[str, Meta(min_length=8)]


class Staff(Section, frozen=True):
    """`pin` is what `python -m program.pin` printed; `token` is for programs, not for people."""

    name: Code
    pin: (
        Annotated[
            str, Meta(pattern=SEALED_PIN, description="what python -m program.pin has printed")
        ]
        | None
    ) = None
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
    profiles: list[Profile] = []
    calling_order: Order = Order()
    courtesy: CourtesySettings = CourtesySettings()
    limits: LimitSettings = LimitSettings()
    hours: HoursSettings | None = None
    rating_reasons: list[RatingReason] = []
    topics: list[Topic] = []
    opinion_prefix: Prefix = "S"
    devices: list[CounterDevice] = []
    signs: Signs = Signs()
    errands: list[Errand] = []
    appointments: AppointmentsFile | None = None
    central: Central | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.branch.time_zone)

    @property
    def day_starts_at(self) -> time:
        return time.fromisoformat(self.branch.day_starts_at)

    def rules(self) -> Rules:
        """Raises SettingsError."""
        return Rules(
            services={s.code: self._service_rule(s) for s in self.services},
            counters={c.name: self._counter_rule(c) for c in self.counters},
            order=self.calling_order.policy(),
            courtesy=self.courtesy.courtesy(),
            limits=self.limits.limits(),
            reasons={r.code: frozenset(r.scores) for r in self.rating_reasons},
            topics={t.code: tuple(p.code for p in t.phrases) for t in self.topics},
            opinion_prefix=self.opinion_prefix,
            calendar=self.hours.calendar(self.zone) if self.hours else ALWAYS,
            numbers_in_advance=self.branch.numbers_in_advance,
        )

    def _service_rule(self, service: Service) -> ServiceRule:
        return ServiceRule(
            code=service.code,
            prefix=service.prefix,
            first=service.first_number,
            last=service.last_number,
            calendar=service.hours.calendar(self.zone) if service.hours else ALWAYS,
        )

    def _counter_rule(self, counter: Counter) -> CounterRule:
        every = frozenset(service.code for service in self.services)
        profile = next((p for p in self.profiles if p.name == counter.profile), None)
        return profile.rule(every) if profile else CounterRule(frozenset(counter.services) or every)


def load(
    path: Path,
    *,
    listen: str | None,
    data: Path | None,
    broker: str | None,
    instead: Instead | None = None,
) -> Settings:
    """The file, with what the command line and head office say instead. Raises SettingsError."""
    where = path if instead is None else f"{path} with {instead.name}"
    values = settings_file.values_of(path)
    if instead is not None:
        values = instead.over(values)
    settings = settings_file.settings_of(values, Settings, where)
    if listen is not None:
        with settings_file.of_file("--listen"):
            address.parse(listen)
        settings = structs.replace(settings, http=structs.replace(settings.http, listen=listen))
    if data is not None:
        settings = structs.replace(settings, store=structs.replace(settings.store, data=str(data)))
    if broker is not None:
        settings = structs.replace(settings, broker=settings.broker.instead(broker))
        with settings_file.of_file("--broker"):
            settings.broker.addresses()
    with settings_file.of_file(where):
        _check(settings)
    return settings


def _check(settings: Settings) -> None:
    _check_time_zone(settings.branch)
    _check_unique("services", "code", [s.code for s in settings.services])
    _check_unique("services", "prefix", [s.prefix for s in settings.services])
    _check_unique("counters", "name", [c.name for c in settings.counters])
    _check_counter_names(settings.counters)
    _check_unique("rating_reasons", "code", [r.code for r in settings.rating_reasons])
    _check_unique("topics", "code", [t.code for t in settings.topics])
    for topic in settings.topics:
        _check_unique("topics.phrases", "code", [p.code for p in topic.phrases])
    prefixes = [s.prefix for s in settings.services]
    check_opinion_prefix(settings.topics, settings.opinion_prefix, prefixes)
    callers: list[Kiosk | Staff] = [*settings.kiosks, *settings.staff]
    _check_unique("kiosks] or [staff", "name", [caller.name for caller in callers])
    _check_unique("kiosks] or [staff", "token", [c.token for c in callers if c.token])
    _check_kiosk_names(settings.kiosks)
    _check_skills(settings)
    check_devices(settings.devices)
    for device in settings.devices:
        device.check({c.name for c in settings.counters}, {s.code for s in settings.services})
    settings.signs.check()
    _check_unique("errands", "code", [errand.code for errand in settings.errands])
    for errand in settings.errands:
        errand.check([service.code for service in settings.services])
    settings.calling_order.check(frozenset(service.code for service in settings.services))
    _check_hours(settings)
    rules = settings.rules()
    check_everybody_is_served(list(rules.services), rules.counters)
    settings.broker.addresses()
    if not address.parse(settings.http.listen).loopback:
        _refuse_demo_credentials(settings)


def _check_counter_names(counters: list[Counter]) -> None:
    """They stand in addresses."""
    for counter in counters:
        if "/" in counter.name or counter.name in (".", ".."):
            raise SettingsError(
                f"section [counters]: key 'name': '{counter.name}'; expected a name without a slash, and not . or .., "
                "such as 1: it stands in addresses"
            )


def _check_kiosk_names(kiosks: list[Kiosk]) -> None:
    """Machines are told apart as kiosk/name."""
    for kiosk in kiosks:
        if "/" in kiosk.name or kiosk.name == OWN:
            raise SettingsError(
                f"section [kiosks]: key 'name': '{kiosk.name}'; expected a name without a slash, and not '{OWN}', "
                "which the machines at the counters have"
            )


def _check_hours(settings: Settings) -> None:
    named = [("[hours]", settings.hours)]
    named += [(f"[services.hours] of '{s.code}'", s.hours) for s in settings.services]
    for section, hours in named:
        if hours is not None:
            hours.check(section, settings.day_starts_at)


def _check_skills(settings: Settings) -> None:
    codes = {service.code for service in settings.services}
    named = [(f"counter {c.name}", "counters", "services", c.services) for c in settings.counters]
    for profile in settings.profiles:
        who = f"profile {profile.name}"
        named += [(who, "profiles", "services", profile.services)]
        named += [(who, "profiles", "preferred", profile.preferred)]
    for who, section, key, some in named:
        for unknown in sorted(set(some) - codes):
            raise SettingsError(
                f"section [{section}]: key '{key}': {who} names '{unknown}', "
                f"which is no service; expected some of {', '.join(sorted(codes))}"
            )
    profiles = [profile.name for profile in settings.profiles]
    _check_unique("profiles", "name", profiles)
    for counter in settings.counters:
        if counter.profile is not None and (counter.profile not in profiles or counter.services):
            raise SettingsError(
                f"section [counters]: key 'profile': counter {counter.name} names '{counter.profile}'; expected "
                f"one of {', '.join(profiles) or 'the section [profiles]'}, and no 'services' beside it"
            )
    for service in settings.services:
        if service.last_number is not None and service.last_number <= service.first_number:
            raise SettingsError(
                f"section [services]: key 'last_number': {service.last_number} of '{service.code}'; "
                f"expected more than first_number ({service.first_number})"
            )


def _check_time_zone(branch: Branch) -> None:
    try:
        ZoneInfo(branch.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"section [branch]: key 'time_zone': '{branch.time_zone}' is no time zone; "
            "expected a name such as Asia/Shanghai"
        ) from error


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
