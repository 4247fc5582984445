"""Stands in for the city's data-sharing gateways (学历、社保、档案…).

``POST /v1/checks/{check}`` with ``{"person", "id_hash", "stated"}`` answers
``{"result": "verified" | "mismatch" | "unknown", "found": {…}}``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

CHECKS = frozenset(
    {
        "education",
        "degree",
        "social_insurance_unit",
        "archive_agency",
        "continuing_education",
        "post_vacancy",
        "personal_information",
        "current_title",
    }
)
OVERRIDES = "overrides.json"


class CheckRequest(BaseModel):
    """What is asked: an opaque person, the keyed hash of the ID number, and what was stated."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    person: str
    id_hash: str = ""
    stated: dict[str, Any] = Field(default_factory=dict)


class DataSharing:
    """Answers from the JSON files in a folder, read again for each question.

    ``*.json``: person reference or id hash → check → the facts on record; a stated value that
    differs is a mismatch. Nobody on record: everything is verified as stated, so that a demo needs
    no data. ``overrides.json``: the same keys (or ``*``) → check (or ``*``) → any of ``result``,
    ``found``, ``delay_seconds``, ``status`` (an HTTP status to fail with).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one check: 404 for an unknown check, 400 for a malformed question."""
        check = request.match_info["check"]
        if check not in CHECKS:
            return web.json_response({"error": "unknown_check"}, status=404)
        try:
            asked = CheckRequest.model_validate_json(await request.read())
        except ValidationError:
            return web.json_response({"error": "malformed"}, status=400)
        override = _entry(_read(self._folder / OVERRIDES), asked, check)
        await asyncio.sleep(float(override.get("delay_seconds", 0)))
        if "status" in override:
            return web.json_response({"error": "override"}, status=int(override["status"]))
        found = override.get("found", self._on_record(asked, check))
        result = override.get("result", _compared(asked.stated, found))
        return web.json_response({"result": result, "found": found})

    def _on_record(self, asked: CheckRequest, check: str) -> dict[str, Any]:
        for file in sorted(self._folder.glob("*.json")):
            if file.name != OVERRIDES and (found := _entry(_read(file), asked, check)):
                return found
        return dict(asked.stated)


def _compared(stated: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    differs = any(key in found and found[key] != value for key, value in stated.items())
    return "mismatch" if differs else "verified"


def _entry(data: Mapping[str, Any], asked: CheckRequest, check: str) -> dict[str, Any]:
    for who in (asked.id_hash, asked.person, "*"):
        checks = data.get(who, {})
        for name in (check, "*"):
            if name in checks:
                return dict(checks[name])
    return {}


def _read(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}
    return data if isinstance(data, dict) else {}


@asynccontextmanager
async def serve_data_sharing(
    folder: Path, port: int, *, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Serve until the end; yields the port."""
    app = web.Application()
    app.router.add_post("/v1/checks/{check}", DataSharing(folder).answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
