"""Whether a document is head office's own, and for this branch."""

import base64
import binascii
from collections.abc import Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge_agent.messages import LARGEST, Command, Document


class NotBelieved(Exception):
    """The text says why. `about` is the version that the document names, 0 where it names none."""

    def __init__(self, why: str, about: int = 0) -> None:
        super().__init__(why)
        self.about = about


def read(command: Command, keys: Sequence[str], branch: str) -> Document:
    """The document of a command. Raises NotBelieved."""
    text = command.document or ""
    if not text or len(text) > LARGEST:
        raise NotBelieved(f"a document has 1 to {LARGEST} characters; this one has {len(text)}")
    try:
        document: Document = msgspec.json.decode(text, type=Document)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise NotBelieved(f"the document cannot be read: {error}") from error
    about = getattr(document, "version", 0)
    if not keys:
        raise NotBelieved("this branch knows no keys of head office: [central] is missing", about)
    if not any(_fits(text.encode(), command.signature or "", key) for key in keys):
        raise NotBelieved("the signature is of none of the keys in section [central]", about)
    if document.branch != branch:
        raise NotBelieved(f"it is for the branch '{document.branch[:64]}'")
    return document


def _fits(text: bytes, signature: str, key: str) -> bool:
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), text)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
