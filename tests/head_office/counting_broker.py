"""A broker of a few lines that takes a number of messages at once and counts how many it gets (MQTT 5.0)."""

import socket
import threading
from contextlib import suppress

CONNECT, PUBLISH, SUBSCRIBE, DISCONNECT = 1, 3, 8, 14
PUBACK, SUBACK = b"\x40\x02", b"\x90"
PATIENCE_S = 0.1  # it answers when nothing more has come for so long


class CountingBroker:
    """`most` is the most PUBLISH packets that were without an answer at one time. `goodbye`: the reason with which
    it ends every connection as soon as it is made; `heard_goodbye`: the one with which the other end has left."""

    def __init__(
        self, receive_maximum: int, *, goodbye: int | None = None, answers: bool = True
    ) -> None:
        self._answers = answers
        self.heard_goodbye: int | None = None
        self._goodbye = goodbye
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self._listener.getsockname()[1]}"
        self._told = receive_maximum.to_bytes(2, "big")
        self.most = self.published = 0
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def end(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                with line, suppress(EOFError, OSError):
                    self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        unanswered: list[bytes] = []
        while True:
            line.settimeout(PATIENCE_S if unanswered and self._answers else 20)
            try:
                kind, body = _packet(line)
            except TimeoutError:
                line.sendall(b"".join(PUBACK + packet for packet in unanswered))
                unanswered.clear()
                continue
            if kind == CONNECT:
                line.sendall(b"\x20\x06\x00\x00\x03\x21" + self._told)
                if self._goodbye is not None:
                    line.sendall(b"\xe0\x02" + bytes([self._goodbye, 0]))
            elif kind == SUBSCRIBE:
                line.sendall(SUBACK + b"\x04" + body[:2] + b"\x00\x01")
            elif kind == DISCONNECT:
                self.heard_goodbye = body[0] if body else 0
            elif kind == PUBLISH:
                topic = int.from_bytes(body[:2], "big")
                unanswered.append(body[2 + topic : 4 + topic])
                self.published += 1
                self.most = max(self.most, len(unanswered))


def _packet(line: socket.socket) -> tuple[int, bytes]:
    """Section 2.1: kind and flags, the remaining length in 7 bits a byte, the rest."""
    kind = _exactly(line, 1)[0] >> 4
    line.settimeout(5)
    length = shift = 0
    while True:
        byte = _exactly(line, 1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return kind, _exactly(line, length)


def _exactly(line: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = line.recv(count - len(found))
        if not more:
            raise EOFError
        found += more
    return found
