"""A long run by hand: any bytes into everything that decodes bytes of a kind's machine.

    python -m tests.devices.fuzz KIND SECONDS

With atheris, if it is installed (it is in no lock), else with mutations of the samples. Told, once for each place:
every exception, and every call that takes the processor longer than 100 ms for 4 kB. Of the exceptions none is
ours: decoders promise that no bytes make them raise. (ValueError is what encoders raise, about what we want to
say; PortLost is the wire's. Neither has a place here.) Ends with 1 when there was something to tell.
"""

import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

LONGEST = 4096
SLOW_S = 0.1
KEY = b"key"
Decode = Callable[[bytes], object]


class Modules:
    """`modules.tlv.find` is devices.KIND.tlv.find."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        return import_module(f"devices.{self._kind}.{name}")


def feed(reader: Callable[[], Any]) -> Decode:
    """At once, in pieces of any size, and with silences, as a wire would."""

    def decode(data: bytes) -> list[Any]:
        one, other = reader(), reader()
        frames = one.feed(data)
        dice = random.Random(len(data))
        at = 0
        while at < len(data):
            size = dice.choice((1, 2, 7, 64))
            other.feed(data[at : at + size])
            at += size
            if dice.random() < 0.05 and hasattr(other, "pause"):
                other.pause()
        return list(frames)

    return decode


def of_frames(reader: Callable[[], Any], *parsers: Callable[[Any], object]) -> Decode:
    """What is made of each frame."""

    def decode(data: bytes) -> None:
        for frame in reader().feed(data):
            for parse in parsers:
                parse(frame)

    return decode


def _printer(of: Modules) -> Mapping[str, Decode]:
    reader = getattr(of.protocol, "FrameReader", None) or of.protocol.ReplyReader
    statuses = getattr(of.protocol, "status", None)
    decoders = {"frames": feed(reader)}
    if statuses:
        decoders["status"] = lambda data: [
            statuses(*data[at : at + 3]) for at in range(0, len(data) - 2, 3)
        ]
    return decoders


def _fingerprint(of: Modules) -> Mapping[str, Decode]:
    protocol = of.protocol
    commands = (protocol.TAKE_IMAGE, protocol.READ_SYSTEM, protocol.verify_password(0))

    def answered(frame: Any) -> None:
        for command in commands:
            answer = protocol.answer(frame, command)
            if answer is not None:
                protocol.system(answer.data)
                str(answer.meaning)

    return {"answers": of_frames(protocol.FrameReader, answered), "system": protocol.system}


def _card_reader(of: Modules) -> Mapping[str, Decode]:
    protocol = of.protocol
    asked = (protocol.words, protocol.serial_number, protocol.bin_count, protocol.has_chip)

    def answered(frame: Any) -> None:
        if isinstance(frame, protocol.Answer):
            for parse in asked:
                parse(frame)
            of.tracks.swipe(frame.data, KEY)

    return {
        "answers": of_frames(protocol.FrameReader, answered),
        "tracks": lambda data: of.tracks.swipe(data, KEY),
        "masked track": of.tracks.masked_track,
    }


def _id_card(of: Modules) -> Mapping[str, Decode]:
    protocol = of.protocol

    def answered(frame: Any) -> None:
        protocol.card(frame, KEY)
        str(frame.error)
        if len(frame.data) == 16:
            protocol.module_number(frame)

    return {
        "answers": of_frames(protocol.FrameReader, answered),
        "card": lambda data: of.card.id_card(data[:256], data[256:], KEY),
        "whole card": lambda data: of.card.id_card(data[:256].ljust(256, b"\0"), b"", KEY),
        "masked card": lambda data: of.card.masked(data[:256].ljust(256, b"\0")),
    }


def _contactless(of: Modules) -> Mapping[str, Decode]:
    tlv, emv = of.tlv, of.emv
    return {
        "elements": lambda data: list(tlv.walk(data)),
        "element": lambda data: tlv.find(data, emv.PAN),
        "applications": emv.candidates,
        "label": emv.label,
        "records": emv.records,
        "wishes": lambda data: emv.wishes_answered(data, {}),
        "card": lambda data: emv.bank_card(data, KEY),
        "response": emv.response,
        "redaction": lambda data: of.redaction.Redaction().body(data),
    }


def _call_pad(of: Modules) -> Mapping[str, Decode]:
    protocol = of.protocol

    def heard(frame: Any) -> None:
        protocol.decode(frame)
        protocol.acknowledgement(frame)

    return {"frames and what they mean": of_frames(protocol.FrameReader, heard)}


def _magnetic_stripe(of: Modules) -> Mapping[str, Decode]:
    return {"swipe": lambda data: of.protocol.parse(data, KEY)}


MORE: Mapping[str, Callable[[Modules], Mapping[str, Decode]]] = {
    "ticket_printer": _printer,
    "magnetic_stripe": _magnetic_stripe,
    "fingerprint": _fingerprint,
    "card_reader": _card_reader,
    "id_card": _id_card,
    "contactless": _contactless,
    "call_pad": _call_pad,
}


def decoders_of(kind: str) -> Mapping[str, Decode]:
    samples = import_module("tests.devices.samples")
    found: dict[str, Decode] = {}
    reader = samples.reader_of(kind)
    if reader:
        found["frames"] = feed(reader)
    mask = samples.mask_of(kind)
    if mask is not bytes:
        found["mask"] = mask
    return {**found, **(MORE[kind](Modules(kind)) if kind in MORE else {})}


class Watch:
    """Runs the decoders over data and tells what is wrong, once for each place."""

    def __init__(self, decoders: Mapping[str, Decode]) -> None:
        self.decoders = decoders
        self.told: set[object] = set()
        self.inputs = 0
        self.slowest: dict[str, float] = dict.fromkeys(decoders, 0.0)

    def look(self, data: bytes) -> None:
        self.inputs += 1
        for name, decode in self.decoders.items():
            try:
                spent = self._timed(decode, data)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                self._tell(name, data, error)
                continue
            self.slowest[name] = max(self.slowest[name], spent)
            if spent > SLOW_S and min(self._timed(decode, data) for _ in range(3)) > SLOW_S:
                self._once(
                    (name, "slow"),
                    f"{name}: {spent:.2f} s for {len(data)} bytes {data[:60].hex()}…",
                )

    def _timed(self, decode: Decode, data: bytes) -> float:
        before = time.thread_time()
        decode(data)
        return time.thread_time() - before

    def _tell(self, name: str, data: bytes, error: Exception) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{last.filename}:{last.lineno}"
        self._once((name, type(error), where), f"{name}: {error!r} at {where} for {data.hex()}")

    def _once(self, mark: object, words: str) -> None:
        if mark not in self.told:
            self.told.add(mark)
            print("FOUND", words, flush=True)

    def end(self) -> int:
        slow = ", ".join(f"{name} {1000 * spent:.0f} ms" for name, spent in self.slowest.items())
        print(f"{self.inputs} inputs, {len(self.told)} findings; slowest: {slow}", flush=True)
        return 1 if self.told else 0


def mutated(vectors: list[bytes], dice: random.Random) -> Iterator[bytes]:
    """Vectors with a few things wrong, joined, repeated; at most LONGEST bytes."""
    for _ in count():
        data = bytearray(dice.choice(vectors))
        for _ in range(dice.choice((0, 1, 1, 2, 4, 16))):
            at = dice.randrange(len(data) + 1)
            size = dice.choice((0, 1, 1, 2, 8))
            other = dice.choice(vectors)
            start = dice.randrange(len(other))
            piece = (
                b"",
                dice.randbytes(size),
                other[start : start + 16],
                b"\xff" * size,
                b"\0" * size,
            )
            data[at : at + size] = dice.choice(piece)
        yield bytes(data * dice.choice((1, 1, 1, 8, 400)))[:LONGEST]


def by_mutation(vectors: list[bytes], watch: Watch, seconds: float) -> int:
    ends = time.monotonic() + seconds
    for data in mutated(vectors, random.Random()):
        watch.look(data)
        if time.monotonic() > ends:
            break
    return watch.end()


def by_atheris(atheris: Any, vectors: list[bytes], watch: Watch, seconds: float) -> None:
    """Never comes back: libFuzzer ends with the process."""
    ends = time.monotonic() + seconds
    folder = tempfile.TemporaryDirectory()

    def one(data: bytes) -> None:
        watch.look(data)
        if time.monotonic() > ends:
            folder.cleanup()
            os._exit(watch.end())

    for number, vector in enumerate(vectors):
        (Path(folder.name) / str(number)).write_bytes(vector)
    atheris.Setup(
        [sys.argv[0], folder.name, f"-max_len={LONGEST}", "-len_control=0", "-verbosity=0"], one
    )
    atheris.Fuzz()


def main(kind: str, seconds: float) -> int:
    atheris = import_module("atheris") if find_spec("atheris") else None
    if atheris is None:
        watch = Watch(decoders_of(kind))
    else:
        with atheris.instrument_imports(include=["devices"]):
            watch = Watch(decoders_of(kind))
    sample = import_module("tests.devices.samples").SAMPLES[kind]
    print(
        f"{kind}: {', '.join(watch.decoders)}; {'atheris' if atheris else 'mutations'}", flush=True
    )
    vectors = [*sample.frames, sample.stream]
    if atheris is None:
        return by_mutation(vectors, watch, seconds)
    by_atheris(atheris, vectors, watch, seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
