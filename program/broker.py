"""Section [broker] of branch.toml and head_office.toml: where the line begins, and who we are there."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote, urlsplit

from msgspec import Meta, structs

from program.settings_file import Section, SettingsError

File = Annotated[str, Meta(min_length=1)]
DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is; `mqtts` checks its certificate."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str, key: str = "url") -> "BrokerAddress":
        """'mqtt://user:password@host:1883', user and password percent-encoded (RFC 3986). Raises SettingsError."""
        try:
            parts = urlsplit(url)
            usual = DEFAULT_PORTS[parts.scheme]
            port = usual if parts.port is None else parts.port
            user, password = _plain(parts.username), _plain(parts.password)
        except (KeyError, ValueError):
            parts, port, user, password = urlsplit(""), 0, None, None
        if not (parts.hostname and port):
            shown = re.sub(r"//.*@", "//…@", url)  # without the password: this stands in logs
            raise SettingsError(
                f"section [broker]: key '{key}': '{shown}'; expected mqtt://HOST:PORT or mqtts://HOST:PORT; in a user or "
                "password before it write % as %25, / as %2F, @ as %40, : as %3A, # as %23, ? as %3F"
            )
        return cls(parts.hostname, port, parts.scheme == "mqtts", user, password)


def _plain(text: str | None) -> str | None:
    """Raises ValueError for a % that begins no character: who writes it means itself."""
    if text is None:
        return None
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise ValueError(text)
    return unquote(text, errors="strict")


class Broker(Section, frozen=True):
    """One `url`, or `urls` that are tried in turn, the first one preferred. PEM files for mqtts: `ca` signs the
    broker's certificate (instead of the machine's authorities), `cert` and `key` are ours."""

    url: str | None = None
    urls: Annotated[list[str], Meta(max_length=16)] = []
    ca: File | None = None
    cert: File | None = None
    key: File | None = None

    def instead(self, url: str) -> "Broker":
        """With the address from the command line."""
        return structs.replace(self, url=url, urls=[])

    def addresses(self) -> list[BrokerAddress]:
        """In the order in which they are tried. Raises SettingsError."""
        found = self._addresses()
        if (self.cert is None) != (self.key is None):
            raise SettingsError(
                "section [broker]: keys 'cert' and 'key': one is missing; expected both, or neither"
            )
        if (self.ca or self.cert) and not all(address.tls for address in found):
            raise SettingsError(
                "section [broker]: keys 'ca', 'cert' and 'key': are for TLS; expected every address to be mqtts://"
            )
        return found

    def _addresses(self) -> list[BrokerAddress]:
        if (self.url is None) == (not self.urls):
            raise SettingsError(
                "section [broker]: key 'url': expected either url = \"mqtt://HOST:PORT\" or urls = [several of them]"
            )
        if self.url is not None:
            return [BrokerAddress.parse(self.url)]
        return [BrokerAddress.parse(url, "urls") for url in self.urls]
