"""`python -m head_office.accounts`, what the configuration must say, and head office as a process of its own."""

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from head_office import settings as office_settings
from head_office.accounts.__main__ import main
from head_office.accounts.opening import open_door
from head_office.settings import Store
from head_office.store import engine_of
from program.settings_file import SettingsError
from tests.conftest import ROOT, demo_config
from tests.head_office.accounts.conftest import CHEAP, Bank, Clock
from tests.head_office.conftest import House

PASSWORD = "a long enough password"


def config(folder: Path, store: Store | None = None, more: str = "", readers: bool = False) -> Path:
    text = demo_config("head_office.toml", folder=folder)
    if not readers:
        text = text.partition("[[readers]]")[0]
    if store is not None:
        line = f'url = "{store.url}"' if store.url else f'data = "{store.data}"'
        text = "\n".join(line if row.startswith("data = ") else row for row in text.splitlines())
    file = folder / "head_office.toml"
    file.write_text(f"{text}\n{more}", encoding="utf-8")
    return file


@dataclass(frozen=True)
class Answer:
    status: int
    stdout: str
    stderr: str


Order = Callable[..., Answer]


@pytest.fixture
def order(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Order:
    """The program's own `main`, which costs no second to start."""

    def give(file: Path, *words: str, said: str = f"{PASSWORD}\n") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.StringIO(said))
        status = main(["--config", str(file), *words])
        return Answer(status, *capsys.readouterr())

    return give


def test_the_first_administrator_and_all_other_orders(
    store: Store, tmp_path: Path, order: Order
) -> None:
    key = tmp_path / "accounts.key"
    file = config(tmp_path, store, f'[accounts]\nkey_file = "{key}"\n')
    nobody = order(file, "list")
    assert (nobody.status, nobody.stdout, "`add " in nobody.stderr) == (0, "", True)
    assert order(file, "add", "lin", "--role", "administrator").status == 0
    manager = ["add", "wang", "--role", "manager", "--region", "East", "--region", "North"]
    assert order(file, *manager).status == 0
    assert order(file, "list").stdout.splitlines() == [
        "lin\tadministrator\tpassword",
        "wang\tmanager of East, North\tpassword",
    ]
    assert order(file, "reset", "wang", said="another long password\n").status == 0
    assert order(file, "reset", "wang", "--second-factor").status == 0
    assert order(file, "unlock", "wang").status == 0
    assert order(file, "remove", "wang").status == 0
    assert order(file, "list").stdout.splitlines() == ["lin\tadministrator\tpassword"]
    settings = office_settings.load(file, listen=None, data=None, broker=None)
    door = open_door(settings, engine_of(settings.store), Clock(), CHEAP)
    one = door.people.named("lin")
    assert one is not None
    assert (one.password or "").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    door.engine.dispose()


@pytest.mark.parametrize(
    ("words", "said", "told"),
    [
        (("add", "lin", "--role", "administrator"), "short\n", "at least 12"),
        (("add", "lin", "--role", "administrator"), "", "at least 12"),
        (("add", "lin", "--role", "manager"), f"{PASSWORD}\n", "at least one region"),
        (("add", "l n", "--role", "viewer"), f"{PASSWORD}\n", "letters"),
        (("reset", "nobody"), f"{PASSWORD}\n", "no account 'nobody'"),
        (("remove", "nobody"), "", "no account 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, order: Order, words: tuple[str, ...], said: str, told: str
) -> None:
    answer = order(config(tmp_path), *words, said=said)
    assert answer.status == 1
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


def load(file: Path, listen: str | None = None) -> office_settings.Settings:
    return office_settings.load(file, listen=listen, data=None, broker=None)


def test_beyond_loopback_somebody_must_be_able_to_sign_in(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load(config(tmp_path), "0.0.0.0:8090")
    for way in ("[accounts]", "[oidc]", "[[readers]]", "python -m head_office.accounts add"):
        assert way in str(refused.value)
    assert load(config(tmp_path, more="[accounts]\n"), "0.0.0.0:8090").accounts is not None


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('[oidc]\nissuer = "https://a"\nclient_id = "x"\n', "address"),
        ('[accounts]\naddress = "https://o"\n[oidc]\nissuer = "http://a"\nclient_id = "x"\n', "issuer"),
        (
            '[accounts]\naddress = "https://o"\n[oidc]\nissuer = "https://a"\nclient_id = "x"\n'
            'secret_file = "/nowhere"\n',
            "secret_file",
        ),
        (
            '[accounts]\naddress = "https://o"\n[oidc]\nissuer = "https://a"\nclient_id = "x"\n'
            'grants = [{group = "g", role = "manager"}]\n',
            "regions",
        ),
        ('[accounts]\naddress = "office.bank"\n', "address"),
        ("[accounts]\nidle_minutes = 0\n", "idle_minutes"),
        ("[accounts]\nidle = 1\n", "idle"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_said_with_its_key(
    tmp_path: Path, more: str, key: str
) -> None:
    with pytest.raises(SettingsError, match=f"key '{key}'"):
        load(config(tmp_path, more=more))


def test_a_postgresql_needs_a_file_for_the_key(tmp_path: Path) -> None:
    store = Store(url="postgresql://lobby@db.example/lobby")
    with pytest.raises(SettingsError, match="key_file"):
        load(config(tmp_path, store, "[accounts]\n"))
    assert load(config(tmp_path, store)).account_key is None


def test_head_office_without_an_account_does_not_start_beyond_loopback(house: House) -> None:
    office = house.office("mqtt://127.0.0.1:1", start=False, more="[accounts]\n")
    file = Path(office.words[2])
    file.write_text(file.read_text().partition("[[readers]]")[0] + "[accounts]\n")
    words = [word.replace("127.0.0.1:", "0.0.0.0:") for word in office.words[1:]]
    line = [sys.executable, "-m", "head_office", *words]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "python -m head_office.accounts" in done.stderr


def test_an_account_of_the_command_line_signs_in_at_a_running_head_office(
    house: House, order: Order
) -> None:
    """With argon2 as it is, and sign-in asked for on this machine too."""
    office = house.office("mqtt://127.0.0.1:1", start=False, more="\n[accounts]\nalways = true\n")
    file, data = Path(office.words[2]), str(office.data)
    words = ["--config", str(file), "--data", data, "add", "lin", "--role", "viewer"]
    line = [sys.executable, "-m", "head_office.accounts", *words]
    subprocess.run(line, cwd=ROOT, input=f"{PASSWORD}\n", text=True, timeout=30, check=True)
    office.start()
    assert office.http.get("/api/v1/branches").status_code == httpx.codes.UNAUTHORIZED
    given = {"name": "lin", "password": PASSWORD}
    assert office.http.post("/sign-in/password", json=given).json() == {"next": "done"}
    assert office.http.get("/api/v1/branches").status_code == httpx.codes.OK
    order(file, "--data", data, "remove", "lin")
    assert office.http.get("/api/v1/branches").status_code == httpx.codes.UNAUTHORIZED


def test_what_a_proxy_passes_on_is_not_this_machine(tmp_path: Path) -> None:
    bank = Bank(tmp_path, http={"listen": "127.0.0.1:1"})
    try:
        assert bank.visitor().inside()
        assert not bank.visitor("203.0.113.9").inside()
        old = bank.visitor()
        old.cookies.set("lobby_session", "ended", domain="127.0.0.1", path="/")
        assert old.inside()  # as everybody does on this machine
        assert not old.get("/api/v1/account").json()["signed_in"]
    finally:
        bank.end()
