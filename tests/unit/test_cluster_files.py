"""What `make cluster` makes of the compose files: names, paths, order; the services run only there."""

from __future__ import annotations

from pathlib import Path

from tests.cluster.places import Places

PLACES = Places.on(
    "127.90.1",
    ["postgres", "temporal", "zhiping"],
    {"/documents": Path("/here/documents"), "/etc/temporal/schema": Path("/module/schema")},
)
OWN = "127.90.1.9"


def test_a_name_with_a_port_is_an_address_and_a_user_with_a_password_is_none() -> None:
    """A password may begin with digits, or end where a port would."""
    url = "postgresql://zhiping:90abc@postgres:5432/zhiping"

    assert PLACES.text(url, OWN) == "postgresql://zhiping:90abc@127.90.1.2:5432/zhiping"
    assert PLACES.text("temporal:7233", OWN) == "127.90.1.3:7233"


def test_only_settings_of_hosts_are_names_by_themselves() -> None:
    stated = {"DBNAME": "temporal", "POSTGRES_SEEDS": "postgres", "BIND_ON_IP": "0.0.0.0"}  # noqa: S104

    told = PLACES.environment(stated, OWN)

    assert told == {"DBNAME": "temporal", "POSTGRES_SEEDS": "127.90.1.2", "BIND_ON_IP": OWN}


def test_a_path_is_a_folder_of_ours_also_within_a_script() -> None:
    script = 'update-schema -d "/etc/temporal/schema/postgresql/v12/temporal/versioned"'

    assert "/module/schema/postgresql/v12/temporal/versioned" in PLACES.text(script, OWN)
    assert PLACES.text("/documents", OWN) == "/here/documents"
    assert PLACES.text("/documents-of-others", OWN) == "/documents-of-others"
