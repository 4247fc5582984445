"""`zhiping install keys`: fresh each time, whole, and never over what is there."""

from __future__ import annotations

import io
from pathlib import Path

from click.testing import CliRunner
from dotenv import dotenv_values

from config.settings import Settings
from starter.cli import zhiping
from starter.installation.check import _keys
from starter.installation.keys import fresh


def made() -> dict[str, str]:
    """The file as compose reads it."""
    found = dotenv_values(stream=io.StringIO(fresh()))
    return {name: value or "" for name, value in found.items()}


def test_no_key_is_made_twice() -> None:
    one, two = made(), made()
    secrets = [name for name in one if one[name]]

    assert len(secrets) == 8
    assert not [name for name in secrets if one[name] == two[name]]
    assert len(set(map(one.__getitem__, secrets))) == len(secrets)


def test_the_keys_are_those_of_a_door_and_of_its_workers() -> None:
    keys = made()
    stated = {
        "database_url": "postgresql://zhiping_application@localhost/zhiping",
        "codec_keys": keys["ZHIPING_CODEC_KEYS"],
        "identity_key": keys["ZHIPING_IDENTITY_KEY"],
        "vouching_trust": keys["ZHIPING_VOUCHING_TRUST"],
        "smtp_host": "localhost",
        "smtp_sender": "zhiping@localhost",
        "verification_url": "http://localhost",
        "documents_dir": "/documents",
    }
    door = Settings.model_validate(stated | {"vouching_key": keys["ZHIPING_VOUCHING_GATEWAY_KEY"]})
    worker = Settings.model_validate(
        stated | {"vouching_key": keys["ZHIPING_VOUCHING_WORKERS_KEY"]}
    )
    other = Settings.model_validate(
        stated | {"vouching_key": made()["ZHIPING_VOUCHING_GATEWAY_KEY"]}
    )

    assert _keys(door).state == "fine"
    # What a worker has is no key of a door, and another installation's is nobody's.
    assert (_keys(worker).state, _keys(other).state) == ("wrong", "wrong")
    assert _keys(other).mend


def test_a_file_is_its_owners_alone_and_is_never_written_over(tmp_path: Path) -> None:
    target = tmp_path / "made.env"
    run = CliRunner()

    first = run.invoke(zhiping, ["install", "keys", "--to", str(target)])
    text = target.read_text()
    again = run.invoke(zhiping, ["install", "keys", "--to", str(target)])

    assert (first.exit_code, again.exit_code) == (0, 3)
    assert target.stat().st_mode & 0o077 == 0
    assert target.read_text() == text
    assert "ZHIPING_IDENTITY_KEY" in text
