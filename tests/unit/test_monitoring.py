"""config/monitoring/: rules and dashboard are sound, and every number they ask for is one that we tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from config.settings import Settings

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "config" / "monitoring"
SDK = {
    "temporal_num_pollers",
    "temporal_workflow_task_schedule_to_start_latency_bucket",
}
"""The SDK's own that we ask for; tests/integration/test_workers.py sees them told."""
RULE = {"alert", "expr", "for", "labels", "annotations"}
_CREATED = re.compile(r'create_(counter|gauge|gauge_float)\(\s*(?:"(zhiping_\w+)"|GAUGE|COUNTER)')
_NAMED = re.compile(r"\b(?:zhiping|temporal)_[a-z_]+\b")


def told() -> set[str]:
    """The metrics that the code tells, as Prometheus names them."""
    found = set()
    for room in ("workflows", "activities", "workers"):
        for file in (ROOT / room).rglob("*.py"):
            for kind, name in _CREATED.findall(file.read_text(encoding="utf-8")):
                full = name or (
                    "zhiping_refused" if kind == "counter" else "zhiping_standing_still"
                )
                found.add(f"{full}_total" if kind == "counter" else full)
    return found


def rules() -> list[dict[str, Any]]:
    stated = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in stated["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    stated = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = stated["panels"]
    return found


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in panels() for target in panel["targets"])


@pytest.mark.parametrize("asked", list(expressions()))
def test_an_expression_is_one_and_asks_for_what_is_told(asked: str) -> None:
    promql_parser.parse(asked)

    named = set(_NAMED.findall(asked))
    assert named
    assert named <= told() | SDK


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_in_chinese_what_is_wrong_and_where_the_runbook_goes_on(
    rule: dict[str, Any],
) -> None:
    assert rule.keys() <= RULE
    assert rule["labels"]["severity"] in {"page", "ticket"}
    words = rule["annotations"]
    assert re.search("[\u4e00-\u9fff]", words["summary"])
    assert re.search("[\u4e00-\u9fff]", words["description"])
    file, _, anchor = words["runbook"].partition("#")
    headings = re.findall(r"^#+ (.*)$", (ROOT / file).read_text(encoding="utf-8"), re.M)
    assert anchor in {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in headings}


def test_no_two_panels_lie_on_one_another() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]

    assert len(set(places)) == len(places) == len({panel["id"] for panel in panels()})


def test_prometheus_asks_where_the_workers_tell() -> None:
    asked = yaml.safe_load((MONITORING / "prometheus.yml").read_text(encoding="utf-8"))
    [job] = asked["scrape_configs"]
    [names] = job["dns_sd_configs"]
    workers = yaml.safe_load((ROOT / "docker-compose.workers.yml").read_text(encoding="utf-8"))
    image = yaml.safe_load((ROOT / "docker-compose.image.yml").read_text(encoding="utf-8"))
    port = image["services"]["zhiping"]["environment"]["ZHIPING_METRICS_PORT"]

    once = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert set(names["names"]) - {"console"} <= workers["services"].keys()
    assert set(names["names"]) <= workers["services"].keys() | once["services"].keys()
    assert names["port"] == int(port)
    assert "metrics_port" in Settings.model_fields
