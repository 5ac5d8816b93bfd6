"""Tells the bank's own system (its ticket system, its chat) of every step of every alert, until it says that it knows.

Each call is `POST` with a JSON body `{"calls": [{"id", "step", "alert"}, …]}`, in order, at least once: `id` tells a repeat. With a key,
`Lobby-Signature` is HMAC-SHA256 of the body in hex.
"""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Callable
from random import Random

import httpx
import msgspec
import sqlalchemy as sa

from head_office.alerts.book import AlertBook
from program.back_off import pauses

log = logging.getLogger(__name__)

AT_ONCE = 100
LOOK_S = 1.0
ANSWER_S = 10.0
FIRST_S, LONGEST_S = 1.0, 60.0  # pauses while it does not answer
SIGNATURE = "Lobby-Signature"


class Webhook:
    """`key` may be empty: then nothing is signed."""

    def __init__(
        self,
        url: str,
        key: str,
        book: AlertBook,
        random: Random,
        client: Callable[[], httpx.AsyncClient],
    ) -> None:
        self._url = url
        self._name = httpx.URL(url).host  # the rest of it may be a secret
        self._key = key
        self._book = book
        self._random = random
        self._pauses = pauses(FIRST_S, LONGEST_S, random)
        self._client = client
        self.failing = False

    async def run(self) -> None:
        """Until cancelled."""
        async with self._client() as client:
            while True:
                await asyncio.sleep(await self._tell_next(client))

    async def _tell_next(self, client: httpx.AsyncClient) -> float:
        """Seconds until there is something to do again."""
        try:
            calls = await asyncio.to_thread(self._book.untold, AT_ONCE)
            if not calls:
                return LOOK_S
            await self._post(client, _body(calls))
            await asyncio.to_thread(self._book.told, [number for number, _ in calls])
        except (httpx.HTTPError, sa.exc.SQLAlchemyError, OSError) as error:
            self._fail(error)
            return next(self._pauses)
        self._well()
        return 0

    async def _post(self, client: httpx.AsyncClient, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers[SIGNATURE] = hmac.new(self._key.encode(), body, hashlib.sha256).hexdigest()
        answer = await client.post(self._url, content=body, headers=headers, timeout=ANSWER_S)
        answer.raise_for_status()

    def _fail(self, error: Exception) -> None:
        if not self.failing:
            why = type(error).__name__
            if isinstance(error, httpx.HTTPStatusError):
                why = f"it answers {error.response.status_code}"
            log.error("%s is not told of alerts (%s); it will be, in order.", self._name, why)
        self.failing = True

    def _well(self) -> None:
        if self.failing:
            log.info("%s is told of alerts again.", self._name)
            self._pauses = pauses(FIRST_S, LONGEST_S, self._random)
        self.failing = False


def _body(calls: list[tuple[int, str]]) -> bytes:
    each = [msgspec.json.decode(body) | {"id": number} for number, body in calls]
    return msgspec.json.encode({"calls": each})
