"""Who may read /metrics beyond loopback: it names the bank's regions."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import ROOT
from tests.head_office.accounts.conftest import Bank
from tests.head_office.test_metrics import Read

READERS = [
    {"name": "prometheus", "token": "prometheus-token"},
    {"name": "east", "token": "of-the-east-only", "regions": ["East"]},
]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """Of one branch in the East and one in the North; not on loopback."""
    made = Bank(tmp_path_factory.mktemp("bank"), readers=READERS)
    yield made
    made.end()


def ask(bank: Bank, token: str | None) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{bank.url}/metrics", headers=headers, trust_env=False)


@pytest.mark.parametrize("token", [None, "wrong-token"])
def test_nobody_reads_it_without_a_token(bank: Bank, token: str | None) -> None:
    answer = ask(bank, token)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert "East" not in answer.text


def test_a_program_reads_of_its_regions(bank: Bank) -> None:
    for token, regions in (("prometheus-token", {"East", "North"}), ("of-the-east-only", {"East"})):
        answer = ask(bank, token)
        assert answer.status_code == httpx.codes.OK
        found = Read(answer.text)
        labels = (dict(labels) for name, labels in found.samples if name.endswith("_branches"))
        assert {one["region"] for one in labels} == regions


def test_the_demos_prometheus_has_the_demos_address_and_token() -> None:
    office = (ROOT / "config/demo/head_office.toml").read_text(encoding="utf-8")
    told = (ROOT / "config/demo/prometheus.yml").read_text(encoding="utf-8")
    assert 'listen = "127.0.0.1:8090"' in office
    assert 'token = "demo-admin"' in office
    assert 'targets: ["127.0.0.1:8090"]' in told
    assert "credentials: demo-admin" in told
