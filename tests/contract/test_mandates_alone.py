"""Mandates come one at a time, each checked before it is answered (docs/decisions/0028)."""

import json

from app.cli.checking import document
from app.domain.mandate import MandateState

UNCHECKED = {"submitted", "verifying"}


def test_there_is_no_batch_of_mandates() -> None:
    paths = json.loads(document())["paths"]
    assert "/v1/mandates" in paths
    assert "/v1/objections/batch" in paths
    assert [path for path in paths if path.startswith("/v1/mandates") and "batch" in path] == []


def test_no_mandate_is_shown_before_it_was_checked() -> None:
    assert UNCHECKED & set(MandateState) == set()
    answer = json.loads(document())["paths"]["/v1/mandates"]["post"]["responses"]["201"]
    (schema,) = (one["schema"]["$ref"].rpartition("/")[2] for one in answer["content"].values())
    assert {"state", "level", "checks"} <= set(
        json.loads(document())["components"]["schemas"][schema]["required"]
    )
