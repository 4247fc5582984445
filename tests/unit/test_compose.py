"""docker-compose.yml: its structure and the promises written in it.

The official schema is not in any package we use, so the structure is checked against a small schema
of our own: every key the file uses, nothing else.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from config.settings import Settings
from workers.fleet import GRACE, Role
from workers.stack.temporal_server import LIMITS, RETENTION

ROOT = Path(__file__).parents[2]
TEXTS = {"type": "array", "items": {"type": "string"}}
DURATION = {"type": "string", "pattern": r"^\d+(ms|s|m|h)$"}
SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["image"],
    "properties": {
        "image": {"type": "string"},
        "build": {"type": "string"},
        "init": {"type": "boolean"},
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "stop_grace_period": DURATION,
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "volumes": TEXTS,
        "ports": TEXTS,
        "configs": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["source", "target"],
                "properties": {"source": {"type": "string"}, "target": {"type": "string"}},
            },
        },
        "entrypoint": TEXTS,
        "command": TEXTS,
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "test": TEXTS,
                "interval": DURATION,
                "timeout": DURATION,
                "start_period": DURATION,
                "retries": {"type": "integer", "minimum": 1},
                "disable": {"type": "boolean"},
            },
        },
        "depends_on": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["condition"],
                "properties": {
                    "condition": {"enum": ["service_healthy", "service_completed_successfully"]}
                },
            },
        },
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["services"],
    "patternProperties": {"^x-": {}},
    "properties": {
        "name": {"type": "string"},
        "services": {"type": "object", "additionalProperties": SERVICE},
        "volumes": {"type": "object"},
        "configs": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["content"],
                "properties": {"content": {"type": "string"}},
            },
        },
    },
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


@pytest.fixture(scope="module")
def lasting(compose: dict[str, Any]) -> dict[str, Any]:
    """The services that run on, without the ones that do one thing and end."""
    return {name: s for name, s in compose["services"].items() if s["restart"] != "no"}


def test_the_structure_is_sound(compose: dict[str, Any]) -> None:
    jsonschema.validate(compose, SCHEMA)


def test_every_role_is_a_service(lasting: dict[str, Any]) -> None:
    for role in Role:
        assert lasting[role.value]["command"] == ["--role", role.value]


def test_every_lasting_service_is_watched_and_stopped_gently(lasting: dict[str, Any]) -> None:
    for name, service in lasting.items():
        assert service["healthcheck"]["test"], name
        assert service["init"] is True, name
        assert service["stop_grace_period"] == "45s", name


def test_a_worker_may_finish_before_it_is_killed() -> None:
    assert timedelta(seconds=45) > GRACE


def test_dependencies_exist_and_can_be_met(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for service in services.values():
        for needed, how in service.get("depends_on", {}).items():
            ends = how["condition"] == "service_completed_successfully"
            assert ends == (services[needed]["restart"] == "no")


@pytest.mark.parametrize("service", ["cases", "console"])
def test_our_services_are_told_only_settings_that_exist(
    compose: dict[str, Any], service: str
) -> None:
    named = compose["services"][service]["environment"]
    known = {f"ZHIPING_{field.upper()}" for field in Settings.model_fields}

    assert named.keys() <= known


def test_the_gateways_key_is_the_doors_alone(compose: dict[str, Any]) -> None:
    """A worker with it could act as anybody."""
    keys = {
        name: service["environment"]["ZHIPING_VOUCHING_KEY"]
        for name, service in compose["services"].items()
        if "ZHIPING_VOUCHING_KEY" in service.get("environment", {})
    }

    assert {name for name, key in keys.items() if "GATEWAY" in key} == {"console"}
    assert {role.value for role in Role} <= keys.keys()


def test_workers_are_told_every_required_setting(compose: dict[str, Any]) -> None:
    fields = Settings.model_fields.items()
    required = {f"ZHIPING_{name.upper()}" for name, field in fields if field.is_required()}

    assert required <= compose["services"]["cases"]["environment"].keys()


def test_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|PWD|KEY", name):
                assert value.startswith("${"), name


def test_named_volumes_are_declared(compose: dict[str, Any]) -> None:
    mounts = [m for s in compose["services"].values() for m in s.get("volumes", ())]

    assert {mount.partition(":")[0] for mount in mounts} == set(compose["volumes"])


def test_the_namespace_is_the_embedded_stacks(compose: dict[str, Any]) -> None:
    script = compose["services"]["namespace"]["command"][0]

    assert f"--retention {RETENTION.days}d" in script


def test_web_pages_are_open_to_this_machine_only(compose: dict[str, Any]) -> None:
    ports = [port for s in compose["services"].values() for port in s.get("ports", ())]

    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_engine_is_told_the_same_limits_as_the_embedded_one(compose: dict[str, Any]) -> None:
    """Its file is one that is really mounted: the image ends at once where it is missing."""
    engine = compose["services"]["temporal"]
    mounted = {item["target"]: item["source"] for item in engine["configs"]}
    source = mounted[engine["environment"]["DYNAMIC_CONFIG_FILE_PATH"]]
    told = yaml.safe_load(compose["configs"][source]["content"])

    assert {key: [{"value": int(value)}] for key, value in LIMITS.items()} == told
    assert int(engine["environment"]["NUM_HISTORY_SHARDS"]) >= 512


def test_the_workers_version_is_made_current_once_all_roles_are_healthy(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    service = services["current-version"]
    build = services["cases"]["environment"]["ZHIPING_BUILD_ID"]

    assert set(service["depends_on"]) == {role.value for role in Role}
    assert service["environment"]["BUILD_ID"] == build
    for part in ("set-current-version", "-n zhiping", "-y", "--deployment-name zhiping"):
        assert part in service["command"][0]
    assert Settings.model_fields["deployment_name"].default == "zhiping"


def test_postgres_has_a_connection_for_everybody(compose: dict[str, Any]) -> None:
    """Temporal's own defaults: 20 and 10 for the two databases in each of its four services."""
    services = compose["services"]
    told = services["postgres"]["command"][-1].partition("max_connections=")[2]
    roles = len(Role) * (Settings.model_fields["records_slots"].default + 5)

    console = Settings.model_fields["console_pool"].default
    assert int(told) >= 4 * (20 + 10) + roles + console


@pytest.mark.parametrize("file", ["docker-compose.yml", "docs/operations.md"])
def test_no_command_of_ours_waits_for_a_question_or_speaks_to_another_namespace(file: str) -> None:
    text = (ROOT / file).read_text().replace("\\\n", " ")
    commands = re.findall(r"temporal (?:worker|workflow|operator)[^`\n]*", text)

    assert commands
    for command in commands:
        assert re.search(r"(-n|--namespace) zhiping", command), command
        if "set-current-version" in command:
            assert " -y" in command, command
