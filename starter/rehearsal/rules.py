"""A notice's rules with the differences of one rehearsal laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from config.reading import FileError, explain
from config.submission_files import merged
from workflows.rules.policy import Policy


def changed(policy: Policy, changes: Mapping[str, Any]) -> Policy:
    """The rules with differences, by the keys of `config/campaigns/*.toml`.

    Raises:
        FileError: the differences do not make sound rules, or a key is none, naming it.
    """
    try:
        return Policy.model_validate(
            merged(policy.model_dump(mode="json"), changes), extra="forbid"
        )
    except ValidationError as err:
        raise FileError(f"changes（{policy.campaign}）", explain(err)) from None
