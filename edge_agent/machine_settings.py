"""The sections of branch.toml about the machines at the counters."""

import re
import string
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, field

from devices.catalogue import COUNTER_KINDS
from devices.settings import Device
from edge_agent.messages import Code
from program.settings_file import Section, SettingsError

OWN = "branch"  # how the branch's own machines are named, beside kiosk/printer: branch/sign-1
HIGHEST_ADDRESS = 254  # on an RS-485 bus; 255 speaks to all
ADDRESS = re.compile(r"0|[1-9][0-9]{0,2}")
TYPED = re.compile(r"(0|[1-9][0-9]{0,2})?")  # before a pad's transfer key, as the driver tells it


class CounterDevice(Device, frozen=True, kw_only=True):
    """A machine at the counters. `counters`: address on the wire -> counter; `transfer`: digit before a pad's
    transfer key ("" for none) -> service; `scores`: what an evaluator's keys 0, 1, 2, … mean, from 1 to 5."""

    counters: Annotated[Mapping[str, Code], Meta(min_length=1)]
    transfer: Mapping[str, Code] = {}
    scores: Annotated[list[Annotated[int, Meta(ge=1, le=5)]], Meta(min_length=1)] = field(
        default_factory=lambda: [5, 4, 3, 1]
    )

    def check(self, counters: set[str], services: set[str]) -> None:
        """Raises SettingsError."""
        for key, value, known in (
            ("kind", {self.kind}, set(COUNTER_KINDS)),
            ("counters", set(self.counters.values()), counters),
            ("transfer", set(self.transfer.values()), services),
        ):
            for unknown in sorted(value - known):
                raise SettingsError(
                    f"section [devices]: key '{key}': {self.name} has '{unknown}'; "
                    f"expected one of {', '.join(sorted(known))}"
                )
        for address in self.counters:
            if not ADDRESS.fullmatch(address) or int(address) > HIGHEST_ADDRESS:
                raise SettingsError(
                    f"section [devices]: key 'counters': {self.name} has the address '{address}'; "
                    f"expected 0 to {HIGHEST_ADDRESS}"
                )
        for typed in self.transfer:
            if not TYPED.fullmatch(typed):
                raise SettingsError(
                    f"section [devices]: key 'transfer': {self.name} has '{typed}'; expected a number, or \"\" for none"
                )
        if self.kind == "pole_display" and len(self.counters) > 1:
            raise SettingsError(
                f"section [devices]: key 'counters': {self.name} has {len(self.counters)}; expected one, "
                "because a pole display has no address"
            )


class Signs(Section, frozen=True):
    """What a counter's sign shows; {label} and {counter} are filled in."""

    called: str = "请{label}号到{counter}号窗口"
    serving: str = "{label}"
    idle: str = "{counter}号窗口"
    paused: str = "暂停服务"
    closed: str = "{counter}号窗口 未开放"

    def text(self, counter: str, state: str, label: str | None) -> str:
        """`state` as the counter's: closed, paused, idle, called or serving."""
        form: str = getattr(self, state)
        return form.format(label=label or "", counter=counter)

    def check(self) -> None:
        """Raises SettingsError."""
        for name in self.__struct_fields__:
            text = getattr(self, name)
            if not _is_text(text):
                raise SettingsError(
                    f"section [signs]: key '{name}': '{text}'; expected text, with no more in braces than "
                    "{label} and {counter}"
                )


def _is_text(form: str) -> bool:
    """Whether nothing but {label} and {counter} would be filled in."""
    try:
        parts = list(string.Formatter().parse(form))
    except ValueError:
        return False
    names = (None, "label", "counter")
    return all(name in names and not spec and not how for _, name, spec, how in parts)
