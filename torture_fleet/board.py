"""Asks head office over HTTP, as its board does, what it has of the branches."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from torture.wire import API, Answer, Unanswered, Wire
from torture_fleet.office import TOKEN

PAGE = 1000  # entries


class Board:
    def __init__(self, port: int) -> None:
        self._port = port

    async def branches(self) -> dict[str, Any]:
        """By id; empty while head office does not answer."""
        try:
            answer = await self._get("/branches")
        except Unanswered:
            return {}
        return {one["branch"]: one for one in answer.json().get("branches", [])}

    async def events(self, branch: str) -> list[dict[str, Any]]:
        """Every entry of its present epoch, page after page. Raises Unanswered."""
        found: list[dict[str, Any]] = []
        while True:
            after = found[-1]["seq"] if found else 0
            answer = await self._get(f"/branches/{branch}/events?after={after}&limit={PAGE}")
            if answer.status != 200:
                raise Unanswered(f"{branch} after {after}: {answer.status} {answer.body[:200]!r}")
            page = answer.json()["events"]
            if not page:
                return found
            found += page

    async def until_all_there(
        self, ends: Mapping[str, int], began: float, within_s: float
    ) -> "Arrival":
        """Until every branch is online, and everything up to its journal's end is acknowledged and can be proved; `began`, of
        time.monotonic(), is when the last fault was over."""
        online_s, complete_s, now = None, None, await self.branches()
        while (spent := time.monotonic() - began) < within_s:
            now = await self.branches()
            if online_s is None and all(_online(now.get(branch)) for branch in ends):
                online_s = spent
            if complete_s is None and await self._all_of(now, ends):
                complete_s = spent
            if online_s is not None and complete_s is not None:
                break
            await asyncio.sleep(0.1)
        late = [
            f"{branch}: {_said(now.get(branch))}, its journal ends at {end}"
            for branch, end in ends.items()
            if not (_online(now.get(branch)) and _has(now.get(branch), end))
        ]
        return Arrival(online_s, complete_s, late)

    async def _all_of(self, now: Mapping[str, Any], ends: Mapping[str, int]) -> bool:
        """Also what each branch says of its day, by which that is proved: it comes after the entries."""
        if not all(_has(now.get(branch), end) for branch, end in ends.items()):
            return False
        proofs = [await self._proof(branch) for branch in ends]
        return all(
            (proof.get("verdict"), proof.get("last_seq")) == ("complete", end)
            for proof, end in zip(proofs, ends.values(), strict=True)
        )

    async def _proof(self, branch: str) -> dict[str, Any]:
        """Of its last business day; empty while head office does not answer."""
        try:
            found: dict[str, Any] = (await self._get(f"/branches/{branch}/proof")).json()
        except Unanswered:
            return {}
        return found

    async def _get(self, path: str) -> Answer:
        wire = Wire(self._port, TOKEN)
        try:
            return await wire.ask("GET", API + path)
        finally:
            wire.close()


class Arrival:
    """Seconds until the board was right, None when it never was; `late` says of whom."""

    def __init__(self, online_s: float | None, complete_s: float | None, late: list[str]) -> None:
        self.online_s, self.complete_s, self.late = online_s, complete_s, late


def _online(now: Any) -> bool:
    return now is not None and now["status"] == "online"


def _has(now: Any, end: int) -> bool:
    return now is not None and (now["acked"], now["behind"], now["missing"]) == (end, 0, 0)


def _said(now: Any) -> str:
    if now is None:
        return "the board does not know it"
    return ", ".join(f"{name} {now[name]}" for name in ("status", "acked", "behind", "missing"))
