"""HOST:PORT, and what counts as this machine alone."""

import ipaddress
import re
from typing import Annotated, NamedTuple, TypeAlias

from msgspec import Meta

from program.settings_file import SettingsError

HIGHEST_PORT = 65535
LISTEN = "HOST:PORT, such as 127.0.0.1:8080"
Listen: TypeAlias = Annotated[str, Meta(description=LISTEN)]
AT_A_HOST = r"^https?://(?:\[([0-9A-Fa-f:.]+)\]|([^\s/?#:@\[\]]+))(?::[0-9]{1,5})?"  # how an address of the web begins


class Address(NamedTuple):
    """Where a program listens."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """True when nobody outside this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse(text: str) -> Address:
    """'127.0.0.1:8080' or '[::1]:8080'. Raises SettingsError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and re.fullmatch(r"[0-9]{1,5}", port) and int(port) <= HIGHEST_PORT):
        raise SettingsError(f"section [http]: key 'listen': '{text}'; expected {LISTEN}")
    return Address(host, int(port))


def host_of(url: str) -> str:
    """Of an address that begins AT_A_HOST: the name or number that browsers ask by, in small letters."""
    found = re.match(AT_A_HOST, url)
    if found is None:
        raise ValueError(f"'{url}' is at no host")
    return (found[1] or found[2]).lower()
