"""Staff PINs are kept as scrypt hashes. `python -m program.pin` makes one for branch.toml or kiosk.toml."""

import getpass
import hashlib
import hmac
import secrets

COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}  # about 50 ms and 16 MB a try (RFC 7914)

DEMO = "2468"  # of the demo's configurations; refused wherever others can reach it
SEALED = r"^[0-9a-f]{32}\$[0-9a-f]{64}\Z"


def seal(pin: str, salt: bytes) -> str:
    """'salt$hash', both in hex: it fits SEALED."""
    return f"{salt.hex()}${hashlib.scrypt(pin.encode(), salt=salt, **COST).hex()}"


def fits(pin: str, sealed: str) -> bool:
    """Whether this PIN was sealed into that text."""
    salt, _, _ = sealed.partition("$")
    try:
        return hmac.compare_digest(seal(pin, bytes.fromhex(salt)), sealed)
    except ValueError:
        return False


if __name__ == "__main__":
    print(f'pin = "{seal(getpass.getpass("New PIN: "), secrets.token_bytes(16))}"')
