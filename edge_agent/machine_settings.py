"""The sections of branch.toml about the machines at the counters."""

import re
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, field

from devices.settings import Device
from edge_agent.messages import Code
from program.settings_file import Section, SettingsError

HIGHEST_ADDRESS = 254  # on an RS-485 bus; 255 speaks to all
COUNTER_KINDS = ("call_pad", "counter_sign", "pole_display")


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
            if not re.fullmatch(r"\d{1,3}", address) or int(address) > HIGHEST_ADDRESS:
                raise SettingsError(
                    f"section [devices]: key 'counters': {self.name} has the address '{address}'; "
                    f"expected 0 to {HIGHEST_ADDRESS}"
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
            try:
                self.text("1", name, "A001")
            except (KeyError, ValueError, IndexError) as error:
                raise SettingsError(
                    f"section [signs]: key '{name}': '{getattr(self, name)}'; expected text, with no more in "
                    "braces than {{label}} and {{counter}}"
                ) from error
