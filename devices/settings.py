"""A [[devices]] section, as kiosk.toml and branch.toml have it, and the keeper made of it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from inspect import signature
from typing import Annotated, Any

from msgspec import Meta

from devices.catalogue import KINDS
from devices.keeper import Keeper
from devices.port import Port, open_port
from program.settings_file import Section, SettingsError

GIVEN_BY_US = {"tell", "clock", "key", "baud", "today", "random"}


class Device(Section, frozen=True):
    """A machine: its kind as `python -m devices list` names it, its wire, and how its identity must begin, where
    two of one kind could be mixed up."""

    name: Annotated[str, Meta(min_length=1, max_length=32)]
    kind: str
    port: str
    baud: Annotated[int, Meta(ge=300, le=4_000_000)] | None = None
    identity: str = ""
    options: Mapping[str, Any] = {}


def check_devices(devices: Iterable[Device]) -> None:
    """Raises SettingsError."""
    named: set[str] = set()
    for device in devices:
        if device.name in named:
            raise SettingsError("section [devices]: key 'name': expected each name once")
        named.add(device.name)
        if device.kind not in KINDS:
            raise SettingsError(
                f"section [devices]: key 'kind': '{device.kind}' is not known; "
                f"expected one of {', '.join(KINDS)}"
            )
        _check_options(device)


def _check_options(device: Device) -> None:
    known = set(signature(KINDS[device.kind].driver).parameters) - GIVEN_BY_US
    for unknown in set(device.options) - known:
        raise SettingsError(
            f"section [devices]: key 'options': {device.name} has '{unknown}'; "
            f"expected {' or '.join(sorted(known)) or 'none'}"
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
