"""A [[devices]] section, as kiosk.toml and branch.toml have it, and the keeper made of it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from inspect import signature
from math import isfinite
from os.path import normpath
from typing import Annotated, Any

from msgspec import Meta, ValidationError, convert

from devices.catalogue import KINDS
from devices.keeper import Keeper
from devices.port import Port, open_port, wrong_address
from program.settings_file import Section, SettingsError

GIVEN_BY_US = {"tell", "clock", "key", "baud", "today", "random"}
NAMED = r"[^/\x00-\x1f\x7f]{1,32}\Z"
NAME = "a name without a slash, of 1 to 32 characters"  # logs and head office say kiosk/name


class Device(Section, frozen=True):
    """A machine: its kind as `python -m devices list` names it, its wire, and how its identity must begin, where
    two of one kind could be mixed up."""

    name: Annotated[str, Meta(pattern=rf"^{NAMED}", description=NAME)]
    kind: str
    port: str
    baud: Annotated[int, Meta(ge=300, le=4_000_000)] | None = None
    identity: str = ""
    options: Mapping[str, Any] = {}


def check_devices(devices: Iterable[Device]) -> None:
    """Raises SettingsError."""
    named: set[str] = set()
    wired: dict[str, str] = {}
    for device in devices:
        if device.name in named:
            raise SettingsError(
                f"section [devices]: key 'name': {device.name} stands there twice; expected each name once"
            )
        named.add(device.name)
        _check_port(device, wired)
        if device.kind not in KINDS:
            raise SettingsError(
                f"section [devices]: key 'kind': '{device.kind}' is not known; "
                f"expected one of {', '.join(KINDS)}"
            )
        _check_options(device)


def _check_port(device: Device, wired: dict[str, str]) -> None:
    """`wired`: port -> device, of those before."""
    wrong = wrong_address(device.port)
    if wrong:
        raise SettingsError(
            f"section [devices]: key 'port': {device.name} has {device.port!r}; expected {wrong}"
        )
    first = wired.setdefault(normpath(device.port), device.name)
    if first != device.name:
        raise SettingsError(
            f"section [devices]: key 'port': {first} and {device.name} both have '{device.port}'; "
            "expected a port for each"
        )


def _check_options(device: Device) -> None:
    parameters = signature(KINDS[device.kind].driver).parameters
    known = set(parameters) - GIVEN_BY_US
    for unknown in set(device.options) - known:
        raise SettingsError(
            f"section [devices]: key 'options': {device.name} has '{unknown}'; "
            f"expected {' or '.join(sorted(known)) or 'none'}"
        )
    for name, value in device.options.items():
        try:
            convert(value, parameters[name].annotation)
        except ValidationError as error:
            raise SettingsError(
                f"section [devices]: key 'options': {device.name} has '{name}' = {value!r}: {error}"
            ) from error
        if isinstance(value, float) and not isfinite(value):
            raise SettingsError(
                f"section [devices]: key 'options': {device.name} has '{name}' = {value}; expected a number"
            )
    try:
        KINDS[device.kind].driver(lambda _event: None, **device.options)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"section [devices]: key 'options': {device.name} cannot be driven so: {error}"
        ) from error


def keeper_of(device: Device, tell: Callable[[Any], None], **given: object) -> Keeper:
    """`given` reaches the kinds that take it: `key` makes the pseudonyms of cards and documents, `font` (a path) has
    the letters that a printer lacks. What the section says goes before that."""
    kind = KINDS[device.kind]
    options = dict(device.options)
    if device.baud is not None:
        options["baud"] = device.baud
    known = signature(kind.driver).parameters
    options = {**{name: value for name, value in given.items() if name in known}, **options}
    driver = kind.driver(tell, **options)

    def opened() -> Port:
        return open_port(device.port, baud=driver.baud, xonxoff=driver.xonxoff)

    return Keeper(
        device.name,
        device.kind,
        driver,
        opened,
        tell,
        lambda: datetime.now(UTC),
        expected=device.identity,
    )
