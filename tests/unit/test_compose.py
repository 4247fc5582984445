"""The compose files and the image: the promises written in them. `make cluster` runs them."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from config.secret_files import secrets_of
from config.settings import Settings
from starter.installation.keys import fresh
from tests.cluster.compose import ONCE, WORKERS, ComposeError, Service, read
from workers.fleet import GRACE, Role
from workers.stack.temporal_server import LIMITS, RETENTION

ROOT = Path(__file__).parents[2]
FILES = (ONCE, WORKERS)
SECRETS = (
    "POSTGRES_PASSWORD",
    "ZHIPING_DATABASE_URL",
    "ZHIPING_OWNER_DATABASE_URL",
    "ZHIPING_CODEC_KEYS",
    "ZHIPING_IDENTITY_KEY",
    "ZHIPING_VOUCHING_TRUST",
    "ZHIPING_VOUCHING_GATEWAY_KEY",
    "BUILD_ID",
)
OPTIONAL = "stated"
"""What stands in an open line: of a secret that may be left out, its path in the volume `secrets`."""
VARIABLES = {
    line.partition("=")[0]: line.partition("=")[2] or OPTIONAL
    for line in fresh().splitlines()
    if "=" in line and not line.startswith("#")
}
"""What `zhiping install keys` writes, each open line filled in."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Service]:
    """All services of both files, as compose would run them with an `.env` of ours."""
    return {
        name: service
        for file in FILES
        for name, service in read(ROOT / file, VARIABLES).services.items()
    }


@pytest.fixture(scope="module")
def lasting(compose: dict[str, Service]) -> dict[str, Service]:
    """The services that run on, without the ones that do one thing and end."""
    return {name: service for name, service in compose.items() if service.lasts}


@pytest.mark.parametrize("name", SECRETS)
def test_the_files_ask_for_every_key_and_what_is_made_has_them_all(name: str) -> None:
    """Reading them raises where one is missing, or where a word is none of those that we run."""
    read(ROOT / ONCE, VARIABLES)
    without = {key: value for key, value in VARIABLES.items() if key != name}

    with pytest.raises(ComposeError, match=name):
        read(ROOT / ONCE, without)


def test_every_role_is_a_service(lasting: dict[str, Service]) -> None:
    for role in Role:
        assert lasting[role.value].command == ("--role", role.value)


def test_every_lasting_service_is_watched_and_stopped_gently(
    lasting: dict[str, Service],
) -> None:
    for name, service in lasting.items():
        assert service.health is not None, name
        assert timedelta(seconds=service.stop_seconds) > GRACE, name


def test_a_version_of_the_workers_is_a_project_of_its_own(compose: dict[str, Service]) -> None:
    """Else a new version replaces the old one's containers, and every open case stands still."""
    once = read(ROOT / ONCE, VARIABLES).services
    stated = yaml.safe_load((ROOT / WORKERS).read_text())

    assert not once.keys() & {role.value for role in Role}
    assert "name" not in stated
    assert stated["networks"]["default"] == {"name": "zhiping", "external": True}
    shared = yaml.safe_load((ROOT / ONCE).read_text())["volumes"]
    for name, volume in stated["volumes"].items():
        assert volume == {"name": shared[name]["name"], "external": True}


def test_dependencies_exist_and_can_be_met() -> None:
    for file in FILES:
        services = read(ROOT / file, VARIABLES).services
        for service in services.values():
            for needed, condition in service.needs.items():
                lasts = condition != "service_completed_successfully"
                assert lasts == services[needed].lasts, (service.name, needed)
                if condition == "service_healthy":
                    assert services[needed].health is not None


@pytest.mark.parametrize("name", ["cases", "console", "migrate", "zhiping", "first-version"])
def test_our_services_are_told_only_settings_that_exist(
    compose: dict[str, Service], name: str
) -> None:
    known = {f"ZHIPING_{field.upper()}" for field in Settings.model_fields}
    by_file = {f"ZHIPING_{field.upper()}_FILE" for field in secrets_of(Settings)}

    assert compose[name].environment.keys() <= known | by_file


def test_the_gateways_key_is_the_doors_alone(compose: dict[str, Service]) -> None:
    """A worker with it could act as anybody."""
    having = {name for name, item in compose.items() if "vouching_gateway_key" in item.secrets}
    owner = {name for name, item in compose.items() if "owner_database_url" in item.secrets}

    assert having == {"console", "zhiping"}
    assert owner == {"migrate"}


def test_our_processes_are_given_every_secret_as_a_file_that_is_there(
    compose: dict[str, Service],
) -> None:
    """An environment is shown to whoever inspects a container, and goes to every program it starts."""
    ours = [service for service in compose.values() if service.image.startswith("zhiping:")]
    assert len(ours) == 7

    for service in ours:
        for field in secrets_of(Settings):
            setting = f"ZHIPING_{field.upper()}"
            assert setting not in service.environment, (service.name, setting)
            place = service.environment.get(f"{setting}_FILE", OPTIONAL)
            assert place == OPTIONAL or place in service.secrets.values(), (service.name, setting)
        assert {"database_url", "codec_keys", "identity_key"} <= service.secrets.keys()


def test_every_secret_that_is_given_is_one_that_the_service_reads(
    compose: dict[str, Service],
) -> None:
    for service in compose.values():
        assert set(service.secrets.values()) <= set(service.environment.values()), service.name


def test_the_engines_services_wait_for_the_first_of_them(compose: dict[str, Service]) -> None:
    """All four at once write of a cluster that is new, and one of them ends."""
    engine = [item for item in compose.values() if item.image.startswith("temporalio/server")]
    first = [item for item in engine if set(item.needs) == {"temporal-schema"}]

    assert [item.name for item in first] == ["temporal-history"]
    for service in engine:
        if service not in first:
            assert service.needs["temporal-history"] == "service_healthy"


def test_who_looks_at_uploads_is_told_to_whoever_takes_them(compose: dict[str, Service]) -> None:
    told = read(ROOT / ONCE, {**VARIABLES, "ZHIPING_SCANNER_ADDRESS": "clamav:3310"}).services

    assert told["console"].environment["ZHIPING_SCANNER_ADDRESS"] == "clamav:3310"


def test_what_the_files_tell_a_process_is_enough_for_its_settings(
    compose: dict[str, Service],
) -> None:
    fields = Settings.model_fields.items()
    required = {f"ZHIPING_{name.upper()}" for name, field in fields if field.is_required()}

    for role in Role:
        told = {name.removesuffix("_FILE") for name in compose[role.value].environment}
        assert required <= told


def test_no_secret_is_written_down() -> None:
    for file in (*FILES, "docker-compose.image.yml"):
        stated = yaml.safe_load((ROOT / file).read_text())
        for secret in stated.get("secrets", {}).values():
            assert secret.keys() == {"environment"}
        for service in stated["services"].values():
            for name, value in service.get("environment", {}).items():
                if re.search("PASSWORD|PWD|KEY|DATABASE_URL", name):
                    assert value.startswith(("${", "/run/secrets/")), name


def test_the_namespace_is_the_embedded_stacks(compose: dict[str, Service]) -> None:
    [script] = compose["namespace"].command or ()

    assert f"--retention {RETENTION.days}d" in script


def test_web_pages_are_open_to_this_machine_only() -> None:
    for file in FILES:
        for service in yaml.safe_load((ROOT / file).read_text())["services"].values():
            assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_several_consoles_have_a_port_each_and_nothing_of_their_own() -> None:
    console = yaml.safe_load((ROOT / ONCE).read_text())["services"]["console"]

    assert console["scale"] == "${CONSOLES:-1}"
    assert console["ports"] == ["127.0.0.1:${CONSOLE_PORTS:-8090}:8090"]
    assert "container_name" not in console
    told = (ROOT / "docs" / "production.md").read_text()
    assert "CONSOLES=2" in told
    assert "CONSOLE_PORTS=8090-8091" in told


def test_the_engine_is_four_services_told_the_limits_of_the_embedded_one(
    compose: dict[str, Service],
) -> None:
    """Their file is one that is really mounted: the image ends at once where it is missing."""
    configs = read(ROOT / ONCE, VARIABLES).configs
    engine = [item for item in compose.values() if item.image.startswith("temporalio/server")]

    assert {item.environment["TEMPORAL_SERVICES"] for item in engine} == {
        "frontend",
        "history",
        "matching",
        "worker",
    }
    for service in engine:
        target = service.environment["DYNAMIC_CONFIG_FILE_PATH"]
        [source] = [name for name, place in service.configs.items() if place == target]
        told = yaml.safe_load(configs[source])
        assert {key: [{"value": int(value)}] for key, value in LIMITS.items()} == told
        assert int(service.environment["NUM_HISTORY_SHARDS"]) >= 512


def test_workers_without_a_current_version_are_not_healthy_and_the_first_is_made_current(
    compose: dict[str, Service],
) -> None:
    for role in Role:
        health = compose[role.value].health
        assert health is not None
        assert "/readyz" in health.test[-1]
    first = compose["first-version"]
    assert first.entrypoint == ("zhiping", "deploy", "first")
    assert set(first.needs) == {role.value for role in Role}
    # Healthy they are only once it has done its one thing.
    assert set(first.needs.values()) == {"service_started"}


def test_postgres_has_a_connection_for_everybody_while_two_versions_run(
    compose: dict[str, Service],
) -> None:
    """Temporal's own defaults: 20 and 10 for the two databases in each of its four services."""
    command = compose["postgres"].command or ()
    told = int(command[-1].partition("max_connections=")[2])
    fields = Settings.model_fields
    workers = 2 * len(Role) * fields["database_pool"].default

    assert told >= 4 * (20 + 10) + workers + fields["console_pool"].default + 13


def test_nothing_is_written_that_the_archive_does_not_take_in(compose: dict[str, Service]) -> None:
    """A schema that is made before it receives would be in no log that a restore could begin with."""
    waits = {item.name: condition for item in compose.values() for need, condition in item.needs.items() if need == "archive"}  # fmt: skip
    [script] = compose["archive"].command or ()

    assert waits == {"temporal-schema": "service_healthy", "migrate": "service_healthy"}
    assert {item.name for item in compose.values() if "postgres" in item.needs} == {"archive"}
    assert "--synchronous" in script
    assert script.index("--create-slot") < script.index("synchronous_standby_names")
    assert not set(compose["archive"].volumes) & set(compose["postgres"].volumes)


@pytest.mark.parametrize("file", [ONCE, WORKERS, "docs/operations.md", "docs/production.md"])
def test_no_command_of_ours_waits_for_a_question_or_speaks_to_another_namespace(file: str) -> None:
    text = (ROOT / file).read_text().replace("\\\n", " ")
    commands = re.findall(r"temporal (?:worker|workflow|operator)[^`\n]*", text)

    for command in commands:
        assert re.search(r"(-n|--namespace) zhiping", command), command
        if "set-current-version" in command:
            assert " -y" in command, command


def test_the_image_has_what_production_needs_and_nothing_of_tests_or_the_embedded_stack() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = set(
        re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements-production.txt").read_text(), re.M)
    )

    def names(stated: list[str]) -> set[str]:
        return {re.split("[<>=]", item)[0].lower() for item in stated}

    assert names(project["dependencies"]) <= locked
    # The servers of the embedded stack were two thirds of the image.
    assert not names(project["optional-dependencies"]["stack"]) & locked
    assert not {"pytest", "ruff", "mypy", "playwright", "uv"} & locked


def test_the_lock_of_the_image_pins_what_the_tests_ran_on() -> None:
    def pins(file: str) -> dict[str, str]:
        text = (ROOT / file).read_text()
        return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.M))

    whole = pins("requirements.txt")

    assert pins("requirements-production.txt").items() <= whole.items()


def test_the_image_runs_the_python_that_is_tested_and_checked() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    images = re.findall(r"^FROM python:(\S+)-slim", (ROOT / "Dockerfile").read_text(), re.M)

    assert set(images) == {pyproject["tool"]["mypy"]["python_version"]}


def test_the_builder_is_sent_no_keys_no_data_and_no_tests() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]

    assert rules[0] == "*"
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    packages = {"workflows", "activities", "config", "workers", "starter"}
    assert sent == packages | {"pyproject.toml", "README.md", "requirements-production.txt"}
