"""config/…/head_office.toml -> frozen struct."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, structs

from head_office.accounts.settings import AUDIT_DAYS, AccountSettings, OidcSettings
from program import address, settings_file
from program.broker import Broker
from program.settings_file import Section, SettingsError

DEMO_TOKEN = "demo-admin"  # noqa: S105  known to everybody; refused anywhere but on loopback


class Http(Section, frozen=True):
    listen: address.Listen


class Store(Section, frozen=True):
    """The ledger is `ledger.sqlite` in the folder `data`; for a fleet, the PostgreSQL database at `url`, such as
    postgresql://lobby@db.example/lobby. `answers_s`: of the PostgreSQL; a statement that takes longer is given up, and its
    connection."""

    data: str | None = None
    url: str | None = None
    answers_s: Annotated[float, Meta(ge=1, le=600)] = 20.0


class Reader(Section, frozen=True):
    """A program that asks with a token. `regions`: it sees the branches in and below these only."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    token: Annotated[str, Meta(min_length=8)]
    role: Literal["viewer", "manager", "administrator"] = "viewer"
    regions: list[str] | None = None


class Branches(Section, frozen=True):
    """`file`: the bank's list of branches, a CSV file (head_office/register.py)."""

    file: str | None = None


class Alerts(Section, frozen=True):
    """`webhook`: the address of the bank's own system that is told of alerts; with `webhook_key` each call is signed."""

    webhook: Annotated[str, Meta(pattern=r"^https?://[^\s]+\Z")] | None = None
    webhook_key: str = ""


class Keeping(Section, frozen=True):
    """In days, how long alerts are kept after their end, and what was done (a year at least): the audit, who did what in
    rollouts, and messages to branches after their end."""

    alerts_days: Annotated[int, Meta(ge=30, le=36_500)] = 3 * 366
    audit_days: Annotated[int, Meta(ge=AUDIT_DAYS, le=36_500)] = 10 * 366


class History(Section, frozen=True):
    """Where past days are kept: `folder`, or else the folder history beside the ledger's file. `time_zone`: the bank's;
    hours of the day are told in it. What is of a day that was never closed is kept after `days_open` days. The monthly report
    bears the name of the `bank`, by language, and compares waits with those of `base_month` too, such as 2026-06."""

    folder: str | None = None
    bank: dict[str, str] = {}
    base_month: Annotated[str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])\Z")] | None = None
    time_zone: str = "Asia/Shanghai"
    days_open: Annotated[int, Meta(ge=1, le=60)] = 3
    starts_after_s: Annotated[int, Meta(ge=0, le=86_400)] = 60


class Intake(Section, frozen=True):
    """Who takes in what branches send, in place of the board's own process: `processes` beside it, and any number of
    `python -m head_office.intake` elsewhere. `shared`: the broker deals entries out among them ($share)."""

    processes: Annotated[int, Meta(ge=0, le=64)] = 1
    shared: bool = False


class Rollout(Section, frozen=True):
    """`key`: the file of our private key, made by `python -m head_office.rollout key`; `specimen`: a branch's branch.toml,
    over which every configuration is tried before it is kept."""

    key: Annotated[str, Meta(min_length=1)]
    specimen: Annotated[str, Meta(min_length=1)]


class Map(Section, frozen=True):
    """`outline`: a GeoJSON file of the bank's own, drawn beneath the branches (head_office/board/outline.py)."""

    outline: str | None = None


class Settings(Section, frozen=True):
    http: Http
    store: Store
    broker: Broker
    readers: list[Reader] = []
    branches: Branches = Branches()
    history: History = History()
    intake: Intake | None = None
    rollout: Rollout | None = None
    alerts: Alerts = Alerts()
    keeping: Keeping = Keeping()
    map: Map = Map()
    accounts: AccountSettings | None = None
    oidc: OidcSettings | None = None

    @property
    def signing_in(self) -> AccountSettings:
        """How people sign in, also where the file says nothing of it."""
        return self.accounts or AccountSettings()

    @property
    def account_key(self) -> Path | None:
        """The file of the key; a PostgreSQL has no folder to keep one in."""
        if self.signing_in.key_file is not None:
            return Path(self.signing_in.key_file)
        return None if self.store.data is None else Path(self.store.data) / "accounts.key"


def load(path: Path, *, listen: str | None, data: Path | None, broker: str | None) -> Settings:
    """The file, with what the command line says instead. Raises SettingsError."""
    settings = settings_file.load(path, Settings)
    if listen is not None:
        with settings_file.of_file("--listen"):
            address.parse(listen)
        settings = structs.replace(settings, http=Http(listen=listen))
    if data is not None:
        _check_one_store(path, settings.store)
        settings = structs.replace(settings, store=Store(data=str(data)))
    if broker is not None:
        settings = structs.replace(settings, broker=settings.broker.instead(broker))
        with settings_file.of_file("--broker"):
            settings.broker.addresses()
    _check_store(path, settings.store)
    with settings_file.of_file(path):
        settings.broker.addresses()
        loopback = address.parse(settings.http.listen).loopback
    _check_accounts(path, settings)
    _check_time_zone(path, settings.history.time_zone)
    if not loopback:
        _check_readers(path, settings)
    return settings


def _check_one_store(path: Path, store: Store) -> None:
    if store.url is not None:
        raise SettingsError(
            f"{path}: section [store]: key 'url': the ledger is in a PostgreSQL, so leave --data out"
        )


def _check_store(path: Path, store: Store) -> None:
    if (store.data is None) == (store.url is None):
        raise SettingsError(
            f"{path}: section [store]: expected one of 'data' (a folder) and 'url' (a PostgreSQL)"
        )
    if store.url is not None and not store.url.startswith(("postgresql://", "postgres://")):
        raise SettingsError(
            f"{path}: section [store]: key 'url': expected one such as "
            "postgresql://lobby@db.example/lobby"
        )


def _check_time_zone(path: Path, name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise SettingsError(
            f"{path}: section [history]: key 'time_zone': '{name}' is no time zone; expected one such as Asia/Shanghai"
        ) from error


def _check_accounts(path: Path, settings: Settings) -> None:
    if settings.accounts is not None and settings.account_key is None:
        raise SettingsError(
            f"{path}: section [accounts]: key 'key_file': is missing; with a PostgreSQL, name the "
            "file for the key that seals the second factor, such as /var/lib/lobby/accounts.key"
        )
    if settings.oidc is not None:
        _check_oidc(path, settings, settings.oidc)


def _check_oidc(path: Path, settings: Settings, oidc: OidcSettings) -> None:
    if settings.signing_in.address is None:
        raise SettingsError(
            f"{path}: section [accounts]: key 'address': is missing; [oidc] sends people back to "
            "it. Expected one such as https://office.bank.example"
        )
    if not oidc.issuer.startswith("https://") and not _on_loopback(oidc.issuer):
        raise SettingsError(f"{path}: section [oidc]: key 'issuer': expected an https:// address")
    wrong = next((one for one in oidc.grants if (one.role == "manager") != bool(one.regions)), None)
    if wrong is not None and wrong.role != "viewer":
        raise SettingsError(
            f"{path}: section [oidc]: key 'regions': group '{wrong.group}': a manager needs regions, "
            "an administrator has none"
        )
    for key, file in (("secret_file", oidc.secret_file), ("ca", oidc.ca)):
        if file is not None and not Path(file).is_file():
            raise SettingsError(f"{path}: section [oidc]: key '{key}': there is no file '{file}'")


def _on_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and address.Address(parts.hostname or "", 0).loopback


def _check_readers(path: Path, settings: Settings) -> None:
    if not settings.readers and settings.accounts is None and settings.oidc is None:
        raise SettingsError(
            f"{path}: sections [accounts], [oidc] and [readers]: are missing; on "
            f"{settings.http.listen} everybody could read. Write [accounts] and add people with "
            "`python -m head_office.accounts add`, name the bank's provider in [oidc], or name "
            "programs with their tokens under [[readers]]"
        )
    if any(reader.token == DEMO_TOKEN for reader in settings.readers):
        raise SettingsError(
            f"{path}: section [readers]: key 'token': '{DEMO_TOKEN}' is known to everybody from "
            f"the demo. Replace it, or listen on 127.0.0.1 only (now {settings.http.listen})"
        )
