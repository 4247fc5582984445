"""Lines of `install check` that need no part to run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from activities.content_keys import Wraps
from config.keys import new_key
from config.settings import Settings
from starter.installation.check import _address, _archived, _identity
from tests.vouching import TRUST

NOW = datetime.now(UTC)


def settings(**stated: object) -> Settings:
    key = new_key()
    return Settings.model_validate(
        {
            "database_url": "postgresql://zhiping_application@localhost/zhiping",
            "codec_keys": f"k1:{key}",
            "identity_key": key,
            "vouching_trust": TRUST,
            "smtp_host": "localhost",
            "smtp_sender": "zhiping@localhost",
            "verification_url": "http://localhost",
            "documents_dir": "/documents",
            **stated,
        }
    )


@pytest.mark.parametrize(
    ("url", "state"),
    [
        (None, "wrong"),
        ("http://zc.example.test", "wrong"),
        ("https://zc.example.test", "fine"),
        ("http://127.0.0.1:8090", "fine"),
    ],
)
def test_people_reach_the_console_by_an_address_and_encrypted(url: str | None, state: str) -> None:
    said = _address(settings(console_url=url))

    assert said.state == state
    assert bool(said.mend) is (state == "wrong")


@pytest.mark.parametrize(("waits_for", "state"), [("archive", "fine"), ("", "wrong")])
def test_what_was_acknowledged_is_on_a_second_disk(waits_for: str, state: str) -> None:
    said = _archived(waits_for)

    assert said.state == state
    assert ("up -d archive" in said.mend) is (state == "wrong")


@pytest.mark.parametrize(
    ("under", "given", "mend"),
    [
        ([["old"]], 2, "zhiping keys rotate"),
        ([["new", "old"], ["old"]], 2, "zhiping keys rotate"),
        ([["new", "old"]], 2, "zhiping keys finish"),
        ([["new"]], 2, "ZHIPING_IDENTITY_KEY"),
        ([["new"], ["new"]], 1, ""),
    ],
)
def test_each_step_of_changing_the_identity_key_says_the_next(
    under: list[list[str]], given: int, mend: str
) -> None:
    found = [Wraps(number, NOW, dict.fromkeys(names, b"")) for number, names in enumerate(under)]

    said = _identity(found, "new", given)

    assert mend in said.mend
    assert said.state == ("wrong" if mend else "fine")
