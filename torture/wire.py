"""HTTP/1.1 as 80 clients on half a core can afford it: asyncio streams, one connection a client."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

API = "/api/v1"
PATIENCE_S = 15.0  # for one answer; slow syncs and a long start of the agent fit into it


class Unanswered(Exception):
    """Nothing, or only a part of an answer, came back; the request may have been done."""


@dataclass(frozen=True)
class Answer:
    """What the caller saw: to be the same answer, both must be equal byte for byte."""

    status: int
    body: bytes
    content_type: str = ""

    def json(self) -> dict[str, Any]:
        """The body as an object; empty for anything else."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def problem(self) -> str:
        """The name of a refusal, for example `ticket-still-called`."""
        return str(self.json().get("type", "")).rpartition(":")[2]

    def same_as(self, other: "Answer") -> bool:
        return (self.status, self.body) == (other.status, other.body)


class Wire:
    """One caller's connection; opened again when it is gone."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """Raises Unanswered."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._ask(self._request(method, path, body, key))
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Unanswered(str(error)) from error
        except asyncio.CancelledError:
            self.close()
            raise

    def close(self) -> None:
        if self._streams is not None:
            with suppress(OSError, RuntimeError):
                self._streams[1].close()
        self._streams = None

    def _request(self, method: str, path: str, body: Any, key: str | None) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: branch", f"Authorization: Bearer {self.token}"]
        if key is not None:
            lines.append(f"Idempotency-Key: {key}")
        if body is not None:
            lines.append("Content-Type: application/json")
        lines.append(f"Content-Length: {len(content)}")
        return "\r\n".join([*lines, "", ""]).encode() + content

    async def _ask(self, request: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        reader, writer = self._streams
        writer.write(request)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        content = await _content(reader, headers)
        if headers.get("connection") == "close":
            self.close()
        return Answer(status, content, headers.get("content-type", ""))


async def _content(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    content = b""
    while size := int(await reader.readline(), 16):
        content += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return content
