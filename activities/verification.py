"""The data-sharing gateways (T5): six checks at once, never longer than five seconds in all."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Literal

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from temporalio import activity

from activities.database import Pool
from activities.statements import statements
from workflows.application.messages import VerificationAnswer, VerificationRequest
from workflows.rules.facts import CheckResult

SQL = statements("verification")
PATIENCE_SECONDS = 5.0

logger = logging.getLogger(__name__)


class GatewayAnswer(BaseModel):
    """What a gateway says; `found` stays here, it is personal data."""

    model_config = ConfigDict(extra="ignore")

    result: Literal["verified", "mismatch", "unknown"]
    found: dict[str, Any] = Field(default_factory=dict)


class Verification:
    """Asks the gateways by keyed hash; what is away, slow or unknown counts as unverified."""

    def __init__(self, pool: Pool, session: aiohttp.ClientSession, base_url: str) -> None:
        self._pool = pool
        self._session = session
        self._base_url = base_url.rstrip("/")

    @activity.defn(name="verify_submission")
    async def verify_submission(self, request: VerificationRequest) -> VerificationAnswer:
        """Ask the data-sharing gateways; never longer than 5 seconds in all (T5)."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                question = await self._question(request)
                results = await asyncio.gather(
                    *(self._ask(check, question) for check in request.checks)
                )
        except TimeoutError:
            results = [CheckResult(check=name, result="unverified") for name in request.checks]
        return VerificationAnswer(results=tuple(results))

    async def _question(self, request: VerificationRequest) -> dict[str, Any]:
        row = await self._pool.fetchrow(SQL["stated"], request.application, request.person)
        if row is None:
            return {"person": request.person, "id_hash": "", "stated": {}}
        return {
            "person": request.person,
            "id_hash": row["id_hash"].hex() if row["id_hash"] else "",
            "stated": GatewayFacts.model_validate_json(row["facts"]).model_dump(mode="json"),
        }

    async def _ask(self, check: str, question: dict[str, Any]) -> CheckResult:
        """One check. A gateway's silence is no error of ours: the answer is `unverified`."""
        # Shorter than the whole, so that one slow gateway does not cost the answers of the others.
        patience = aiohttp.ClientTimeout(total=PATIENCE_SECONDS * 0.9)
        try:
            async with self._session.post(
                f"{self._base_url}/v1/checks/{check}", json=question, timeout=patience
            ) as response:
                response.raise_for_status()
                answer = GatewayAnswer.model_validate(await response.json())
        except (aiohttp.ClientError, TimeoutError, ValidationError, ValueError) as err:
            logger.warning("gateway.away", extra={"check": check, "cause": type(err).__name__})
            return CheckResult(check=check, result="unverified")
        if answer.result == "unknown":
            return CheckResult(check=check, result="unverified")
        return CheckResult(check=check, result=answer.result)


class GatewayFacts(BaseModel):
    """The facts a gateway may compare; nothing else leaves the house."""

    model_config = ConfigDict(extra="ignore")

    applicant_kind: str = ""
    employer: str = ""
    insured_unit: str = ""
    current_title: dict[str, Any] | None = None
    residency: dict[str, Any] = Field(default_factory=dict)
    papers: list[str] = Field(default_factory=list)
    self_insured: bool = False
    tax_record: bool = False
