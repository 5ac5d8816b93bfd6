"""What branches and services are called, as the branches themselves last said, or the bank's list."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from edge_agent.messages import Names
from head_office.ledger import Ledger
from head_office.register import Register

OTHERS = ("zh-Hans", "zh-Hant", "en")


class _Queue(msgspec.Struct, frozen=True):
    service: str
    names: Names = {}


class _State(msgspec.Struct, frozen=True):
    name: Names = {}
    queues: list[_Queue] = []


@dataclass(frozen=True, slots=True)
class Called:
    """By branch and by service."""

    branches: Mapping[str, Names]
    services: Mapping[str, Names]
    language: str

    def branch(self, branch: str) -> str:
        return self._in_language(self.branches.get(branch, {})) or branch

    def service(self, service: str) -> str:
        return self._in_language(self.services.get(service, {})) or service

    def _in_language(self, names: Names) -> str:
        wanted = (self.language, *OTHERS)
        return next((names[one] for one in wanted if names.get(one)), "")


def called(ledger: Ledger, register: Register, language: str) -> Called:
    """Of all that ever reported."""
    branches = {place.branch: place.names for place in register.places.values()}
    services: dict[str, Names] = {}
    for branch, leaf, _, body in ledger.states():
        if leaf not in ("birth", "queues"):
            continue
        with contextlib.suppress(msgspec.MsgspecError):  # the listener has counted it
            state = msgspec.json.decode(body, type=_State)
            branches[branch] = state.name or branches.get(branch, {})
            services |= {queue.service: queue.names for queue in state.queues}
    return Called(branches, services, language)
