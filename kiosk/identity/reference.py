"""The picture of the owner who is claimed: from the chip of the ID card, or from the bank's record. For this visit only."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

import httpx
import numpy as np

from kiosk.identity.chip import WITHIN_S, NoReference, made
from kiosk.identity.engine import Image
from kiosk.identity.pictures import NoPicture, decoded

LARGEST = 25 * 1024 * 1024  # bytes of a picture


def of_record(records: str, token: str, customer: str) -> Image:
    """`GET RECORDS/CUSTOMER` of the bank. Raises NoReference."""
    try:
        content = asyncio.run(_asked(records, token, customer))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise NoReference("record_unreachable", f"{type(error).__name__} at {records}") from error
    return _image(content, "record_unusable")


def of_chip(program: Sequence[str], photo: bytes) -> Image:
    """What the maker's own program makes of it. Raises NoReference."""
    return _image(made(program, photo, LARGEST), "chip_unusable")


async def _asked(records: str, token: str, customer: str) -> bytes:
    """All of it within the time, however it comes. Raises NoReference, httpx's own and TimeoutError."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = bytearray()
    async with (
        asyncio.timeout(WITHIN_S),
        httpx.AsyncClient(headers=headers, timeout=WITHIN_S, trust_env=False) as client,
        client.stream("GET", f"{records}/{customer}") as answer,
    ):
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise NoReference("no_record", "the bank has no picture of this card's owner")
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > LARGEST:
                raise NoReference("record_unusable", f"a picture of over {LARGEST} bytes")
    return bytes(content)


def _image(content: bytes, reason: str) -> Image:
    try:
        return decoded(np.frombuffer(content, np.uint8))
    except NoPicture as error:
        raise NoReference(reason, str(error)) from error
