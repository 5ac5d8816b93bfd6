"""The sections [accounts] and [oidc] of head_office.toml."""

from typing import Annotated, Literal

from msgspec import Meta

from program.address import AT_A_HOST
from program.settings_file import Section

AUDIT_DAYS = 366  # what was done is kept for so long at least
Minutes = Annotated[int, Meta(ge=1, le=24 * 60)]


class AccountSettings(Section, frozen=True):
    """`address` is where people's browsers find head office, such as https://office.bank.example. `key_file` seals the
    second factor's secrets; beside a ledger of SQLite one is made. `always`: sign-in is asked for on this machine too,
    as behind a proxy that answers for head office. `secure`: the cookies go by https only, whatever a proxy says."""

    address: (
        Annotated[
            str, Meta(pattern=AT_A_HOST + r"\Z", description="https://HOST, and nothing behind it")
        ]
        | None
    ) = None
    key_file: str | None = None
    second_factor_for_viewers: bool = False
    always: bool = False
    secure: bool = False
    idle_minutes: Minutes = 30
    longest_hours: Annotated[int, Meta(ge=1, le=24)] = 12
    wrong_before_pause: Annotated[int, Meta(ge=1, le=20)] = 5


class Grant(Section, frozen=True):
    """Who is in `group` at the bank's provider has this role here; for a manager in `regions`."""

    group: Annotated[str, Meta(min_length=1)]
    role: Literal["viewer", "manager", "administrator"]
    regions: list[str] | None = None


class OidcSettings(Section, frozen=True):
    """The bank's OpenID provider. `secret_file` holds the client's secret. `ca`: whose certificates are trusted there."""

    issuer: str
    client_id: str
    secret_file: str | None = None
    name: str = ""
    scope: str = "openid profile"
    name_claim: str = "preferred_username"
    groups_claim: str = "groups"
    grants: list[Grant] = []
    ca: str | None = None
