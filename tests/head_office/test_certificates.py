"""A certificate for each branch, at a real mosquitto: refused when it is old, renewed without losing a ticket."""

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from program.broker import Broker as Section
from program.certificate import CertificateUnusable, load
from program.line_state import LineState
from program.renewal import Renewal
from program.settings_file import SettingsError
from tests.conftest import ROOT, demo_config, wait_for
from tests.head_office.authority import LONG, Authority
from tests.head_office.conftest import Agent, Broker, House, Office

DAY = timedelta(days=1)


@dataclass
class Bank:
    """mosquitto that asks everybody for a certificate and takes its name for the user's; a branch may use only
    its own topics."""

    house: House
    authority: Authority = field(init=False)
    broker: Broker = field(init=False)
    crl: Path = field(init=False)

    def __post_init__(self) -> None:
        folder = self.house.folder
        self.authority = Authority(folder)
        cert, key, _ = self.authority.issue("broker", "broker")
        self.crl = self.authority.revoke()
        rules = folder / "acl"
        rules.write_text(
            "user head-office\ntopic readwrite bank/#\npattern readwrite bank/v1/+/%u/#\n"
        )
        rules.chmod(0o600)
        self.broker = self.house.broker(start=False)
        self.broker.more = (
            f"user root\nacl_file {rules}\ncafile {self.authority.file}\ncertfile {cert}\nkeyfile {key}\n"
            f"crlfile {self.crl}\nrequire_certificate true\nuse_identity_as_username true\n"
        )
        self.broker.start()

    def section(self, file: str) -> str:
        """What stands in [broker] of the file of whoever has this certificate."""
        folder = self.house.folder
        return (
            f'url = "mqtts://127.0.0.1:{self.broker.port}"\nca = "{self.authority.file}"\n'
            f'cert = "{folder / file}.pem"\nkey = "{folder / file}.key"'
        )

    def agent(self, branch: str = "riverside") -> Agent:
        return self.house.agent(self.section(branch), branch)

    def office(self) -> Office:
        self.authority.issue("head-office", "head-office")
        return self.house.office(self.section("head-office"))


@pytest.fixture
def bank(house: House) -> Bank:
    return Bank(house)


def warned(agent: Agent, word: str) -> list[str]:
    return [warning for warning in agent.health()["warnings"] if word in warning]


def connections(agent: Agent) -> int:
    return agent.said().count("Connected to the broker")


def test_a_renewed_certificate_is_used_at_once_and_costs_no_ticket(bank: Bank) -> None:
    bank.authority.issue("riverside", "riverside")
    agent, office = bank.agent(), bank.office()
    agent.issue(5)
    office.wait_equal(agent)
    before = connections(agent)
    bank.authority.issue("riverside", "riverside")
    agent.issue(5)
    wait_for(lambda: connections(agent) > before, "the new connection")
    agent.issue(5)
    office.wait_equal(agent)
    assert connections(agent) == before + 1
    assert not warned(agent, "certificate")
    assert "No broker" not in agent.said()


def test_head_office_renews_its_own_and_misses_nothing(bank: Bank) -> None:
    bank.authority.issue("riverside", "riverside")
    agent, office = bank.agent(), bank.office()
    agent.issue(3)
    office.wait_equal(agent)
    before = office.said().count("Connected to the broker")
    bank.authority.issue("head-office", "head-office")
    wait_for(lambda: office.said().count("Connected to the broker") > before, "its new connection")
    agent.issue(3)
    office.wait_equal(agent)


def test_a_key_that_does_not_fit_is_said_once_and_the_old_connection_stays(bank: Bank) -> None:
    cert, key, _ = bank.authority.issue("riverside", "riverside")
    agent, office = bank.agent(), bank.office()
    agent.issue()
    office.wait_equal(agent)
    before = connections(agent)
    good = key.read_bytes()
    shutil.copy(bank.authority.issue("riverside", "other")[1], key)
    wait_for(lambda: warned(agent, "belongs to another certificate"), "a word of it")
    assert "certificate-unusable" in agent.http.get("/api/v1/queues").json()["line"]
    agent.issue(3)
    office.wait_equal(agent)
    assert connections(agent) == before
    key.write_bytes(good)
    wait_for(lambda: not warned(agent, "certificate"), "the end of it")
    agent.issue(3)
    office.wait_equal(agent)
    said = [line for line in agent.said().splitlines() if "our certificate" in line]
    assert [sum(word in line for line in said) for word in ("cannot be", "can be")] == [1, 1]
    assert cert.exists()


def test_a_new_certificate_that_the_broker_does_not_take_waits_and_the_old_connection_stays(
    bank: Bank,
) -> None:
    """The branch has it before the broker knows the new authority."""
    bank.authority.issue("riverside", "riverside")
    agent, office = bank.agent(), bank.office()
    agent.issue()
    office.wait_equal(agent)
    before = connections(agent)
    Authority(bank.house.folder, "stranger").issue("riverside", "riverside")
    wait_for(lambda: warned(agent, "is not accepted by 127.0.0.1"), "a word of it")
    agent.issue(3)
    office.wait_equal(agent)
    assert connections(agent) == before
    bank.authority.issue("riverside", "riverside")
    wait_for(lambda: connections(agent) > before, "the new connection", 30)
    agent.issue(3)
    office.wait_equal(agent)
    assert not warned(agent, "certificate")


def test_a_branch_without_a_certificate_that_can_be_used_serves_and_connects_once_there_is_one(
    bank: Bank,
) -> None:
    bank.authority.issue("riverside", "riverside", -DAY)
    agent = bank.agent()
    agent.issue(2)
    wait_for(lambda: warned(agent, "ran out on"), "a word of it")
    bank.authority.issue("riverside", "riverside")
    bank.office().wait_equal(agent)
    assert not warned(agent, "certificate")


def test_a_revoked_certificate_is_refused(bank: Bank) -> None:
    _, _, serial = bank.authority.issue("riverside", "riverside")
    bank.authority.revoke(serial)
    bank.broker.read_files_again()
    agent = bank.agent()
    wait_for(lambda: "No broker" in agent.said() and "SSL" in bank.broker.said(), "the refusal", 25)
    agent.issue()
    assert (connections(agent), agent.acked) == (0, 0)
    assert "may not accept our certificate" in agent.said()


def test_a_certificate_of_another_authority_is_refused(bank: Bank) -> None:
    Authority(bank.house.folder, "stranger").issue("riverside", "riverside")
    agent = bank.agent()
    wait_for(lambda: "No broker" in agent.said() and "SSL" in bank.broker.said(), "the refusal", 25)
    assert connections(agent) == 0


def test_a_broker_of_another_authority_is_not_believed(bank: Bank) -> None:
    bank.authority.issue("riverside", "riverside")
    stranger = Authority(bank.house.folder, "stranger")
    section = bank.section("riverside").replace(str(bank.authority.file), str(stranger.file))
    agent = bank.house.agent(section)
    wait_for(lambda: "No broker" in agent.said(), "the refusal", 25)
    assert "certificate verify failed" in agent.said()


def test_a_branch_cannot_speak_for_another(bank: Bank) -> None:
    bank.authority.issue("hillside", "riverside")
    agent = bank.agent("riverside")
    wait_for(lambda: warned(agent, "refuses"), "the broker's no")
    assert "Not authorized" in warned(agent, "refuses")[0]


# what --check says, in the files of both programs


def stand(house: House, program: str, broker: str) -> Path:
    """The demo's configuration with another section [broker]."""
    name = {"edge_agent": "branch.toml", "head_office": "head_office.toml"}[program]
    text = demo_config(name)
    assert 'url = "mqtt://127.0.0.1:1883"' in text
    file = house.folder / name
    file.write_text(text.replace('url = "mqtt://127.0.0.1:1883"', broker), encoding="utf-8")
    return file


def checked(program: str, config: Path) -> tuple[int, str]:
    words = [sys.executable, "-m", program, "--config", str(config), "--check"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    return done.returncode, done.stderr


@pytest.mark.parametrize("program", ["edge_agent", "head_office"])
def test_check_refuses_a_certificate_that_has_run_out_and_takes_a_good_one(
    house: House, program: str
) -> None:
    authority = Authority(house.folder)
    cert, key, _ = authority.issue("riverside", "riverside", -DAY)
    section = (
        f'url = "mqtts://127.0.0.1:1"\nca = "{authority.file}"\ncert = "{cert}"\nkey = "{key}"'
    )
    config = stand(house, program, section)
    status, said = checked(program, config)
    assert status == 2
    assert f"section [broker]: key 'cert': {cert} ran out on" in said
    authority.issue("riverside", "riverside")
    assert checked(program, config) == (0, "")


def spoilt(files: dict[str, Path], authority: Authority, what: str) -> None:
    if what == "another key":
        shutil.copy(authority.issue("x", "x")[1], files["key"])
    elif what == "no key":
        files["key"].write_text("nonsense")
    elif what == "no certificate":
        files["cert"].write_text("nonsense")
    elif what == "no authority":
        files["ca"].write_text("")
    else:
        files[what.removesuffix(" missing")].unlink()


@pytest.mark.parametrize(
    ("what", "key", "says"),
    [
        ("another key", "key", "belongs to another certificate"),
        ("no key", "key", "is no key"),
        ("no certificate", "cert", "no certificate as PEM"),
        ("no authority", "ca", "no certificate as PEM"),
        ("key missing", "key", "cannot be read (No such file or directory)"),
        ("cert missing", "cert", "cannot be read (No such file or directory)"),
        ("ca missing", "ca", "cannot be read (No such file or directory)"),
    ],
)
def test_every_file_that_cannot_be_used_is_named(
    tmp_path: Path, what: str, key: str, says: str
) -> None:
    authority = Authority(tmp_path)
    cert, own_key, _ = authority.issue("riverside", "riverside")
    files = {"ca": authority.file, "cert": cert, "key": own_key}
    section = Section(url="mqtts://a", **{name: str(path) for name, path in files.items()})
    now = datetime.now(UTC)
    assert load(section, now).ends_at is not None
    spoilt(files, authority, what)
    with pytest.raises(CertificateUnusable) as error:
        load(section, now)
    assert f"key '{key}': {files[key]}" in str(error.value)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("mqtts://a", {"cert": "a"}),
        ("mqtts://a", {"key": "a"}),
        ("mqtt://a", {"ca": "a"}),
        ("mqtt://a", {"cert": "a", "key": "b"}),
    ],
)
def test_files_that_would_not_be_used_are_refused(url: str, more: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"section \[broker\]: keys.*expected"):
        Section(url=url, **more).addresses()


def test_staff_are_told_fourteen_days_before_the_end_and_at_the_end(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert, key, _ = authority.issue("riverside", "riverside", LONG)
    start = datetime.now(UTC)
    now, state = [start], LineState()
    renewal = Renewal(Section(url="mqtts://a", cert=str(cert), key=str(key)), state, lambda: now[0])
    told = []
    for days in (0, 350.9, 351.1, 364.9, 365.1):
        now[0] = start + days * DAY
        renewal.look()
        assert renewal.new is None
        told.append(state.names)
    soon = ["certificate-ends"]
    assert told == [[], [], soon, soon, [*soon, "certificate-unusable"]]
    authority.issue("riverside", "riverside", 2 * LONG)
    renewal.look()
    assert renewal.new is None, "the other file may not be there yet"
    renewal.look()
    assert renewal.new is not None
    renewal.take()
    assert state.names == []
