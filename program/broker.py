"""Section [broker] of branch.toml and head_office.toml: where the line begins, and who we are there."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, structs

from program.settings_file import Section, SettingsError

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
        """'mqtt://user:password@host:1883'. Raises SettingsError."""
        try:
            parts = urlsplit(url)
            usual = DEFAULT_PORTS[parts.scheme]
            port = parts.port or usual
        except (KeyError, ValueError):
            parts, port = urlsplit(""), 0
        if not parts.hostname:
            raise SettingsError(
                f"section [broker]: key '{key}': '{url}'; expected mqtt://HOST:PORT or mqtts://HOST:PORT"
            )
        return cls(parts.hostname, port, parts.scheme == "mqtts", parts.username, parts.password)


class Broker(Section, frozen=True):
    """One `url`, or `urls` that are tried in turn, the first one preferred."""

    url: str | None = None
    urls: Annotated[list[str], Meta(max_length=16)] = []

    def instead(self, url: str) -> "Broker":
        """With the address from the command line."""
        return structs.replace(self, url=url, urls=[])

    def addresses(self) -> list[BrokerAddress]:
        """In the order in which they are tried. Raises SettingsError."""
        if (self.url is None) == (not self.urls):
            raise SettingsError(
                "section [broker]: key 'url': expected either url = \"mqtt://HOST:PORT\" or urls = [several of them]"
            )
        if self.url is not None:
            return [BrokerAddress.parse(self.url)]
        return [BrokerAddress.parse(url, "urls") for url in self.urls]
