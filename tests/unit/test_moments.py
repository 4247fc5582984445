"""An instant that was written without its offset is Beijing's, wherever it comes in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from workflows.application.messages import SubmissionQuery
from workflows.operation.messages import OperationRequest
from workflows.rules.days import Moment
from workflows.rules.message import BEIJING
from workflows.writer.messages import Act, Actor

NAIVE, MEANT = "2024-10-10T10:00:00", datetime(2024, 10, 10, 10, tzinfo=BEIJING)
SOMEBODY = Actor(person="p").model_dump()


@pytest.mark.parametrize("stated", [NAIVE, datetime(2024, 10, 10, 10), "2024-10-10T02:00:00Z"])  # noqa: DTZ001
def test_it_can_be_compared_with_every_other(stated: Any) -> None:
    found = TypeAdapter(Moment).validate_python(stated)
    assert found == MEANT
    assert found.tzinfo is not None


@pytest.mark.parametrize(
    ("model", "field", "beside"),
    [
        (Act, "acted_at", {"actor": SOMEBODY}),
        (
            OperationRequest,
            "as_of",
            {"operation": "o", "kind": "grant", "realm": "live", "actor": SOMEBODY},
        ),
        (SubmissionQuery, "as_of", {"application": "a", "realm": "live", "draft": "d"}),
    ],
)
def test_so_it_is_in_what_comes_in(
    model: type[BaseModel], field: str, beside: dict[str, Any]
) -> None:
    assert getattr(model.model_validate(beside | {field: NAIVE}), field) == MEANT
