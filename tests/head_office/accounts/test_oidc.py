"""Signing in with the bank's own account, against a provider that is right, and one that is not."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from head_office.access import Role
from head_office.accounts.arrival import granted
from head_office.accounts.settings import Grant
from tests.conftest import free_port
from tests.head_office.accounts.conftest import PLAIN, Bank, Visitor, audited
from tests.head_office.accounts.openid_provider import CLIENT, SECRET, Provider

SEE_OTHER = httpx.codes.SEE_OTHER


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.end()


@pytest.fixture(autouse=True)
def honest(provider: Provider) -> None:
    provider.tell_the_truth()
    provider.claims = {"sub": "u-1", "preferred_username": "wang.fang", "groups": ["lobby-east"]}


@pytest.fixture(scope="module")
def bank(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    folder = tmp_path_factory.mktemp("oidc")
    (folder / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    port = free_port()
    oidc = {
        "issuer": provider.issuer, "client_id": CLIENT, "secret_file": str(folder / "secret"),
        "name": "Bank SSO",
        "grants": [
            {"group": "lobby-viewers", "role": "viewer"},
            {"group": "lobby-east", "role": "manager", "regions": ["East"]},
            {"group": "lobby-north", "role": "manager", "regions": ["North"]},
            {"group": "lobby-admins", "role": "administrator"},
        ],
    }  # fmt: skip
    accounts = {"address": f"http://127.0.0.1:{port}", "key_file": str(folder / "key")}
    made = Bank(folder, port=port, oidc=oidc, accounts=accounts)
    yield made
    made.end()


def there(visitor: Visitor) -> str:
    """To the provider; where it sends the visitor back to."""
    begun = visitor.get("/sign-in/oidc")
    assert begun.status_code == SEE_OTHER
    sent = httpx.get(begun.headers["location"], trust_env=False, verify=PLAIN)
    return str(sent.headers["location"])


def sign_in(visitor: Visitor) -> str:
    """There and back; where the visitor is sent in the end."""
    return str(visitor.get(there(visitor)).headers["location"])


def test_it_lets_in_with_the_role_and_regions_of_the_groups(bank: Bank, visitor: Visitor) -> None:
    assert sign_in(visitor) == "/"
    me = visitor.get("/api/v1/account").json()
    assert (me["name"], me["role"], me["regions"]) == ("wang.fang", "manager", ["East"])
    assert me["elsewhere"]
    seen = visitor.get("/api/v1/branches").json()["branches"]
    assert [one["branch"] for one in seen] == ["bund"]
    assert ("wang.fang", "signed-in", "") in audited(bank)


def test_the_browser_is_sent_with_state_nonce_and_challenge(
    bank: Bank, visitor: Visitor, provider: Provider
) -> None:
    there(visitor)
    asked = provider.seen[-1]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == [f"{bank.url}/sign-in/oidc/back"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 32
    assert len(asked["nonce"][0]) >= 32
    assert "openid" in asked["scope"][0].split()


def at(lie: dict[str, Any]) -> dict[str, Any]:
    """Numbers are seconds from now."""
    now = int(time.time())
    return {key: now + value if isinstance(value, int) else value for key, value in lie.items()}


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "other"},
        {"aud": []},
        {"aud": None},
        {"aud": [CLIENT, "other"]},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"azp": "other"},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["x"]},
        {"exp": -120},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"iat": 86400},
        {"nbf": 86400},
        {"sub": None},
        {"sub": ""},
    ],
    ids=str,
)
def test_a_token_that_is_not_right_lets_nobody_in(
    visitor: Visitor, provider: Provider, lie: dict[str, Any]
) -> None:
    provider.lie = at(lie)
    assert sign_in(visitor) == "/sign-in?problem=bad-token"
    assert not visitor.inside()


@pytest.mark.parametrize("sign", ["none", "HS256", "stranger"])
def test_nor_does_one_that_is_not_signed_by_the_provider(
    visitor: Visitor, provider: Provider, sign: str
) -> None:
    provider.sign = sign
    assert sign_in(visitor) == "/sign-in?problem=bad-token"
    assert not visitor.inside()


@pytest.mark.parametrize("lie", [{"exp": -30}, {"iat": 30}, {"nbf": 30}], ids=str)
def test_clocks_may_differ_by_a_minute(
    visitor: Visitor, provider: Provider, lie: dict[str, Any]
) -> None:
    provider.lie = at(lie)
    assert sign_in(visitor) == "/"


def test_an_answer_is_good_once(bank: Bank, visitor: Visitor) -> None:
    back = there(visitor)
    assert visitor.get(back).headers["location"] == "/"
    assert visitor.get(back).headers["location"] == "/sign-in?problem=unknown-state"


def test_and_only_in_the_browser_that_began(bank: Bank, visitor: Visitor) -> None:
    """Else somebody could be signed in as somebody else without knowing it."""
    victim = bank.visitor()
    there(victim)
    assert victim.get(there(visitor)).headers["location"] == "/sign-in?problem=unknown-state"
    assert not victim.inside()


@pytest.mark.parametrize("query", ["", "?state=x", "?code=x", "?error=access_denied&state=x",
                                   "?state=x&code=x"])  # fmt: skip
def test_an_invented_answer_lets_nobody_in(visitor: Visitor, query: str) -> None:
    answer = visitor.get(f"/sign-in/oidc/back{query}")
    assert answer.status_code == SEE_OTHER
    assert answer.headers["location"].startswith("/sign-in?problem=")
    assert not visitor.inside()


def test_an_answer_too_late_is_none(bank: Bank, visitor: Visitor) -> None:
    back = there(visitor)
    bank.clock.go_on(minutes=11)
    assert visitor.get(back).headers["location"] == "/sign-in?problem=unknown-state"
    bank.clock.go_on(minutes=-11)


def test_another_providers_answer_is_none(visitor: Visitor) -> None:
    parts = urlsplit(there(visitor))
    given = {key: value[0] for key, value in parse_qs(parts.query).items()}
    answer = visitor.get(parts.path, params={**given, "iss": "https://other.example"})
    assert answer.headers["location"] == "/sign-in?problem=other-provider"


def test_new_keys_are_fetched_when_a_token_bears_one(
    bank: Bank, visitor: Visitor, provider: Provider
) -> None:
    sign_in(visitor)
    provider.rotate()
    bank.clock.go_on(seconds=30)
    assert sign_in(visitor) == "/"
    fetched = provider.asked.count("/keys")
    assert sign_in(visitor) == "/"
    assert provider.asked.count("/keys") == fetched


def test_unknown_keys_do_not_make_us_ask_without_end(
    bank: Bank, visitor: Visitor, provider: Provider
) -> None:
    bank.clock.go_on(seconds=30)
    before = provider.asked.count("/keys")
    provider.shows_keys = False
    for _ in range(5):
        provider.rotate()
        assert sign_in(visitor) == "/sign-in?problem=bad-token"
    provider.shows_keys = True
    assert provider.asked.count("/keys") - before <= 1
    bank.clock.go_on(seconds=30)
    assert sign_in(visitor) == "/"


def test_who_has_lost_the_group_has_lost_the_role(
    bank: Bank, visitor: Visitor, provider: Provider
) -> None:
    other = bank.visitor()
    sign_in(visitor)
    sign_in(other)
    provider.claims["groups"] = ["lobby-viewers"]
    sign_in(other)
    assert other.get("/api/v1/account").json()["role"] == "viewer"
    assert not visitor.inside()
    provider.claims["groups"] = ["something-else"]
    assert sign_in(bank.visitor()) == "/sign-in?problem=no-role"
    assert not other.inside()


def test_nobody_takes_over_a_local_account_by_its_name(
    bank: Bank, visitor: Visitor, provider: Provider
) -> None:
    bank.add("root", Role.ADMINISTRATOR)
    provider.claims.update(sub="u-9", preferred_username="Root")
    assert sign_in(visitor) == "/sign-in?problem=name-taken"
    assert not visitor.inside()


def test_they_have_no_password_here(bank: Bank, visitor: Visitor) -> None:
    sign_in(visitor)
    given = {"password": "", "new": "an entirely new one"}
    answer = visitor.post("/api/v1/account/password", json=given)
    assert answer.json()["type"].endswith("not-here")
    assert bank.visitor().sign_in("wang.fang", "").status_code >= httpx.codes.BAD_REQUEST
    assert bank.visitor().sign_in("wang.fang", "x").status_code == httpx.codes.UNAUTHORIZED


def test_signing_out_leads_to_the_provider(
    bank: Bank, visitor: Visitor, provider: Provider
) -> None:
    sign_in(visitor)
    go = visitor.post("/sign-out", json={}).json()["go"]
    assert go.startswith(f"{provider.issuer}/leave?")
    assert parse_qs(urlsplit(go).query)["post_logout_redirect_uri"] == [f"{bank.url}/sign-in"]
    assert not visitor.inside()


def test_a_provider_that_is_away_or_another_is_said(
    bank: Bank, visitor: Visitor, provider: Provider
) -> None:
    bank.clock.go_on(hours=2)
    provider.says_issuer = "https://other.example"
    assert visitor.get("/sign-in/oidc").headers["location"] == "/sign-in?problem=other-provider"
    provider.says_issuer = None
    assert sign_in(visitor) in ("/", "/sign-in?problem=bad-token")
    assert visitor.get("/sign-in/ways").json() == {"provider": "Bank SSO"}


@pytest.mark.parametrize(
    ("groups", "role", "regions"),
    [
        ([], None, None),
        (["a"], Role.MANAGER, ("East",)),
        (["a", "b"], Role.MANAGER, ("East", "North")),
        (["v", "a"], Role.MANAGER, ("East",)),
        (["a", "v", "x"], Role.ADMINISTRATOR, None),
        (["v"], Role.VIEWER, None),
    ],
)
def test_the_highest_role_counts_with_the_regions_of_all_that_give_it(
    groups: list[str], role: Role | None, regions: tuple[str, ...] | None
) -> None:
    grants = [
        Grant(group="v", role="viewer"),
        Grant(group="a", role="manager", regions=["East"]),
        Grant(group="b", role="manager", regions=["East", "North"]),
        Grant(group="x", role="administrator"),
    ]
    assert granted(grants, set(groups)) == (role, regions)
