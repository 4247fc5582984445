"""Signing in by a provider of identities (OpenID Connect): the code flow, with verifier and nonce.

The library knows how a token is signed and what its claims must be; the conversation is three requests.
Of the person nothing is taken but the subject: who somebody is, is the record's to say.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from workflows.rules.message import Message

ALGORITHMS = ["RS256", "PS256", "ES256"]
"""Signed with the provider's private key, by nothing that is only shared or none."""
PATIENCE = 5.0
KNOWN_FOR = timedelta(hours=1)
LARGEST = 256 * 1024
ASIDE = 60
"""Seconds by which two clocks may differ."""


class ProviderError(Exception):
    """The provider is away, or what it says is not what it must be; the message is for the log."""


class Asked(Message):
    """What one conversation is about, kept with the browser that began it."""

    state: str
    nonce: str
    verifier: str
    what: str
    """`enter`, `bind` or `prove`."""
    account: str = ""
    """Whose account is to be bound or proved; empty for entering."""
    back: str = "/"
    ends_at: datetime


class Answered(Message):
    """Who the provider says it is, and when that person last showed it."""

    subject: str
    shown_at: datetime | None = None


class Provider:
    """One provider, by its issuer."""

    def __init__(
        self, issuer: str, client: str, secret: str, comes_back: str, name: str = ""
    ) -> None:
        self.issuer = issuer
        self.name = name
        self._client, self._secret, self._comes_back = client, secret, comes_back
        self._known: tuple[datetime, dict[str, Any], KeySet] | None = None
        self._learning = asyncio.Lock()

    def ask(self, what: str, at: datetime, *, account: str = "", back: str = "/") -> Asked:
        """Begin a conversation."""
        return Asked(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            what=what,
            account=account,
            back=back,
            ends_at=at + timedelta(minutes=10),
        )

    async def address(self, asked: Asked) -> str:
        """Where the browser goes.

        Raises:
            ProviderError: the provider is away.
        """
        about, _ = await self._learned()
        challenge = hashlib.sha256(asked.verifier.encode()).digest()
        stated = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._comes_back,
            "scope": "openid",
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        if asked.what != "enter":
            # Whoever binds or proves shows again who sits there.
            stated |= {"prompt": "login", "max_age": "0"}
        where = str(about["authorization_endpoint"])
        return where + ("&" if "?" in where else "?") + urlencode(stated)

    async def answered(self, asked: Asked, code: str) -> Answered:
        """Who it is, by the code with which the browser came back.

        Raises:
            ProviderError: the provider is away, or the code or its token is not good.
        """
        about, _ = await self._learned()
        stated = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._comes_back,
            "code_verifier": asked.verifier,
        }
        async with self._talking() as http:
            try:
                reply = await http.post(
                    about["token_endpoint"], data=stated, auth=(self._client, self._secret)
                )
                token = self._read(reply)["id_token"]
            except (httpx2.HTTPError, KeyError) as err:
                raise ProviderError(f"token: {type(err).__name__}") from err
        claims = await self._claims(str(token))
        if claims.get("nonce") != asked.nonce:
            raise ProviderError("token: nonce")
        shown = claims.get("auth_time")
        return Answered(
            subject=str(claims["sub"]),
            shown_at=datetime.fromtimestamp(shown, UTC) if isinstance(shown, int) else None,
        )

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that is the provider's, for us, and not over.

        Raises:
            ProviderError: it is not.
        """
        rules = jwt.JWTClaimsRegistry(
            leeway=ASIDE,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        for again in (False, True):  # once more where the provider has a new key
            _, keys = await self._learned(anew=again)
            try:
                read = jwt.decode(token, keys, algorithms=ALGORITHMS)
                rules.validate(read.claims)
            except (JoseError, ValueError) as err:
                if again:
                    raise ProviderError(f"token: {type(err).__name__}") from err
                continue
            return read.claims
        raise AssertionError

    async def _learned(self, *, anew: bool = False) -> tuple[dict[str, Any], KeySet]:
        """What the provider says of itself, and its keys; asked for again after an hour."""
        async with self._learning:
            now = datetime.now(UTC)
            if self._known is not None and not anew and now - self._known[0] < KNOWN_FOR:
                return self._known[1], self._known[2]
            async with self._talking() as http:
                try:
                    where = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
                    about = self._read(await http.get(where))
                    if about["issuer"] != self.issuer:
                        raise ProviderError("discovery: another issuer")
                    keys = KeySet.import_key_set(self._read(await http.get(about["jwks_uri"])))  # type: ignore[arg-type]
                except (httpx2.HTTPError, JoseError, KeyError, ValueError) as err:
                    raise ProviderError(f"discovery: {type(err).__name__}") from err
            self._known = (now, about, keys)
            return about, keys

    def _talking(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(timeout=PATIENCE, follow_redirects=False)

    @staticmethod
    def _read(reply: httpx2.Response) -> dict[str, Any]:
        reply.raise_for_status()
        if len(reply.content) > LARGEST:
            raise ProviderError("too much")
        found = reply.json()
        if not isinstance(found, dict):
            raise ProviderError("no object")
        return found
