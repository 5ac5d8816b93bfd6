"""Signing in with the bank's own account: OpenID Connect, authorization code with PKCE."""

import re
import secrets
import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import sqlalchemy as sa
from authlib.oauth2.client import OAuth2Client
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from head_office.accounts.arrival import BACK, THERE_FOR, Arrived, Begun, Refused, granted
from head_office.accounts.one_by_one import OneByOne
from head_office.accounts.people import NAME
from head_office.accounts.sessions import hash_of
from head_office.accounts.settings import OidcSettings
from head_office.accounts.tables import started

SIGNATURES = ["RS256", "PS256", "ES256"]  # never `none`, never one by a shared secret
SKEW_S = 60
KNOWN_FOR_S = 3600.0
BETWEEN_KEYS_S = 10.0  # whoever sends unknown keys makes us ask no oftener
ANSWER_S = 10.0


class Provider:
    """`address` is head office's own. Raises Refused."""

    def __init__(
        self,
        settings: OidcSettings,
        address: str,
        engine: sa.Engine,
        clock: Callable[[], datetime],
        work: OneByOne,
    ) -> None:
        self._settings = settings
        self._address = address
        self._engine = engine
        self._clock = clock
        self._work = work
        self._secret = _secret(settings)
        self._trust = ssl.create_default_context(cafile=settings.ca)
        self._known: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._asked = self._keys_asked = 0.0

    @property
    def name(self) -> str:
        return self._settings.name

    async def begin(self) -> Begun:
        there = await self._metadata()
        state, browser, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        verifier = secrets.token_urlsafe(48)
        client = OAuth2Client(
            None,
            self._settings.client_id,
            scope=self._settings.scope,
            redirect_uri=self._address + BACK,
            code_challenge_method="S256",
        )
        url, _ = client.create_authorization_url(
            there["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
        )
        await self._work(self._note, hash_of(state), hash_of(browser), nonce, verifier)
        return Begun(str(url), browser)

    async def finish(self, state: str, code: str, issuer: str | None, browser: str) -> Arrived:
        """`issuer` is what the answer says of itself (RFC 9207), if anything."""
        nonce, verifier = await self._work(self._taken, state, browser)
        there = await self._metadata()
        if issuer is not None and issuer != there["issuer"]:
            raise Refused("other-provider", "the answer is another provider's")
        token = await self._token(there["token_endpoint"], code, verifier)
        return self._arrived(await self._claims(token, nonce))

    async def way_out(self) -> str | None:
        """Where the browser signs out of the provider too, if it has such an address."""
        try:
            there = await self._metadata()
        except Refused:
            return None
        if "end_session_endpoint" not in there:
            return None
        back = {
            "client_id": self._settings.client_id,
            "post_logout_redirect_uri": f"{self._address}/sign-in",
        }
        return f"{there['end_session_endpoint']}?{urlencode(back)}"

    def _note(self, state: str, browser: str, nonce: str, verifier: str) -> None:
        now = self._clock()
        values = {
            "state": state, "browser": browser, "nonce": nonce, "verifier": verifier,
            "until": (now + THERE_FOR).timestamp(),
        }  # fmt: skip
        with self._engine.begin() as to:
            to.execute(sa.delete(started).where(started.c.until < now.timestamp()))
            to.execute(sa.insert(started), values)

    def _taken(self, state: str, browser: str) -> tuple[str, str]:
        """Nonce and verifier of a sign-in that this browser has begun; each is taken once."""
        mine = sa.delete(started).where(
            started.c.state == hash_of(state),
            started.c.browser == hash_of(browser),
            started.c.until > self._clock().timestamp(),
        )
        with self._engine.begin() as to:
            row = to.execute(mine.returning(started.c.nonce, started.c.verifier)).first()
        if row is None:
            raise Refused("unknown-state", "nobody began this sign-in here, or it is over")
        return row.nonce, row.verifier

    async def _token(self, endpoint: str, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code", "code": code, "code_verifier": verifier,
            "redirect_uri": self._address + BACK, "client_id": self._settings.client_id,
        }  # fmt: skip
        auth = None
        if self._secret is not None:
            auth = httpx.BasicAuth(
                quote(self._settings.client_id, safe=""), quote(self._secret, safe="")
            )
        answer = await self._ask("POST", endpoint, data=form, auth=auth)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Refused("no-token", "the provider's answer has no id_token")
        return token

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        issuer, client = self._known["issuer"], self._settings.client_id
        must = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=SKEW_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = await self._decoded(token)
            must.validate(claims)
        except (JoseError, ValueError) as error:
            raise Refused("bad-token", f"the id_token is not right ({_why(error)})") from error
        audience, party = claims["aud"], claims.get("azp")
        several = isinstance(audience, list) and len(audience) > 1
        if claims["nonce"] != nonce or (party != client and (several or party is not None)):
            raise Refused("bad-token", "the id_token is for somebody else")
        return claims

    async def _decoded(self, token: str) -> dict[str, Any]:
        """With the keys we know, or where it bears another one's name with those of now."""
        keys = await self._provided_keys()
        try:
            return jwt.decode(token, keys, algorithms=SIGNATURES).claims
        except InvalidKeyIdError:
            keys = await self._fetch_keys()
        return jwt.decode(token, keys, algorithms=SIGNATURES).claims

    async def _provided_keys(self) -> KeySet:
        if self._keys is None or self._now() - self._keys_asked > KNOWN_FOR_S:
            return await self._fetch_keys()
        return self._keys

    async def _fetch_keys(self) -> KeySet:
        """Those known stay until others have come."""
        if abs(self._now() - self._keys_asked) < BETWEEN_KEYS_S:
            raise Refused("bad-token", "the id_token bears a key that the provider does not have")
        self._keys_asked = self._now()
        said = await self._ask("GET", (await self._metadata())["jwks_uri"])
        usable = [one for one in said.get("keys", []) if one.get("kty") in ("RSA", "EC")]
        self._keys = KeySet.import_key_set({"keys": usable})
        return self._keys

    async def _metadata(self) -> dict[str, Any]:
        if self._known and self._now() - self._asked < KNOWN_FOR_S:
            return self._known
        issuer = self._settings.issuer
        there = await self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if there.get("issuer") != issuer:
            raise Refused(
                "other-provider", f"the provider calls itself {there.get('issuer')!r:.100}"
            )
        for needed in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(there.get(needed), str):
                raise Refused("unreachable", f"the provider does not say its {needed}")
        self._known, self._asked = there, self._now()
        return there

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        client = httpx.AsyncClient(verify=self._trust, timeout=ANSWER_S, trust_env=False)
        try:
            async with client as http:
                answer = await http.request(method, url, **more)
                said = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Refused("unreachable", f"{url}: {_why(error)}") from error
        if answer.status_code != httpx.codes.OK or not isinstance(said, dict):
            raise Refused("unreachable", f"{url} answered {answer.status_code}")
        return said

    def _arrived(self, claims: dict[str, Any]) -> Arrived:
        groups = claims.get(self._settings.groups_claim, [])
        mine = (
            {groups} if isinstance(groups, str) else {one for one in groups if isinstance(one, str)}
        )
        role, regions = granted(self._settings.grants, mine)
        said = claims.get(self._settings.name_claim) or claims["sub"]
        name = re.sub(r"[^\w.@-]+", ".", str(said))[:64]
        if not NAME.fullmatch(name):
            raise Refused("name-unusable", f"the claim {self._settings.name_claim} is no name")
        return Arrived(f"{self._known['issuer']} {claims['sub']}", name, role, regions)

    def _now(self) -> float:
        return self._clock().timestamp()


def _secret(settings: OidcSettings) -> str | None:
    if settings.secret_file is None:
        return None
    return Path(settings.secret_file).read_text(encoding="utf-8").strip()


def _why(error: Exception) -> str:
    return type(error).__name__
