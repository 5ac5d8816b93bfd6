"""One template under lock: AES-256-GCM, a random nonce of 96 bits, bound to whose it is, what made it and until when it
may be kept. Moved to another customer, model, purpose or date, it does not open.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.identity.keys import Keys

Purpose = Literal["face", "fingerprint"]
FORM = 1  # of what is bound and sealed here
NONCE_BYTES = 12


class Altered(Exception):
    """It was changed, or sealed with another key of this name."""


class KeyMissing(Exception):
    """Sealed with a key that is not in the file any more."""


@dataclass(frozen=True, slots=True)
class Binding:
    """`customer` is a pseudonym; `model` what made the template, with the SHA-256 of its file; the times are RFC 3339 in
    UTC; `consent` is the version of the text that the customer agreed to."""

    customer: str = field(repr=False)
    purpose: Purpose
    model: str
    model_sha256: str
    consent: str
    made_at: str
    until: str

    def bytes_with(self, key: str) -> bytes:
        """Unambiguous, whatever stands in the parts."""
        return msgspec.json.encode([FORM, key, *astuple(self)])


@dataclass(frozen=True, slots=True)
class Sealed:
    """`key` is the name of the one it was sealed with."""

    key: str
    nonce: bytes
    body: bytes


def seal(template: bytes, binding: Binding, keys: Keys, random: Callable[[int], bytes]) -> Sealed:
    key, nonce = keys.current, random(NONCE_BYTES)
    body = AESGCM(keys.by_name[key]).encrypt(nonce, template, binding.bytes_with(key))
    return Sealed(key, nonce, body)


def unseal(sealed: Sealed, binding: Binding, keys: Keys) -> bytes:
    """Raises KeyMissing or Altered."""
    key = keys.by_name.get(sealed.key)
    if key is None:
        raise KeyMissing(f"the key {sealed.key} is not in the file of keys any more")
    try:
        return AESGCM(key).decrypt(sealed.nonce, sealed.body, binding.bytes_with(sealed.key))
    except (InvalidTag, ValueError) as error:
        raise Altered("a template does not open: it was altered, or its key is another") from error
