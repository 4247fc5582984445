"""The record has a step that this run never heard of: what was written counts.

A step is written within the workflow task that decided it. Where that task is lost after its write
(a worker killed between the two, a run that could not end because a signal came in), the engine gives
it again, at another time and perhaps with another message first: it decides anew, and finds its number
taken. Nothing is wrong then: the subject is taken up from the record, and what is at hand is decided
after it.
"""

from __future__ import annotations


class RecordAheadError(Exception):
    """Raised in place of writing: another step stands under this number."""
