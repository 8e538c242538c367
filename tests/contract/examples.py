"""The examples of the document: one file for each operation, its request and its answer."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from app.api.documents import as_text
from tests.architecture.repository import ROOT
from tests.contract.world import LINK, RECEIPT, SECRET
from tests.registry_driver import ISSUER, Json

FOLDER = ROOT / "openapi" / "examples"

UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
TOKENS = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
SECRETS = re.compile(r"sk_[\w-]{43}")
POSITIONS = re.compile(r'(\\?"as_of\\?": ?\\?")\d+\.\d+(?:\.[\w-]+)?')
DIGESTS = re.compile(r"\b[0-9a-f]{64}\b")
POINTS = re.compile(r'"(x|y)": "[\w-]{43}"')
KEY_IDS = re.compile(r'"kid": "[\w-]{43}"')
ORGANISATIONS = re.compile(r'"org_no": "55(?!6000)\d{8}"')
NAMED_ORGANISATIONS = re.compile(r"\(55(?!6000)\d{8}\)")
LINKS = re.compile(r"/u/[\w-]+")
ISSUED = re.compile(r'"iat": \d+')
RECENT = timedelta(days=2)
SHOWN_NOW = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
# The public key of RFC 7515 appendix A.3, whose private part is in print: an example and nobody's key.
PUBLISHED = {
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """(method, path, operation) of all."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def file_of(operation: Json) -> Path:
    return FOLDER / f"{operation['operationId']}.json"


def read(operation: Json) -> Json:
    found: Json = json.loads(file_of(operation).read_text())
    return found


def write_answer(operation: Json, answer: Any, counterparts: Mapping[str, str]) -> None:
    """Keep a real answer as the example, with what is another in each run replaced by what never changes."""
    example = read(operation)
    text = json.dumps(_shortened(answer), ensure_ascii=False)
    for imagined, counterpart in counterparts.items():
        if imagined not in {SECRET, RECEIPT}:
            text = text.replace(counterpart, imagined)
    keep_digests = operation["operationId"] == "post_normalization"
    kept = {*counterparts, *TIMES.findall(json.dumps(example.get("request")))}
    example["response"] = json.loads(_steady(text, kept, keep_digests=keep_digests))
    file_of(operation).write_text(as_text(example))


def _shortened(answer: Any) -> Any:
    """A page of a list that others fill too shows its first two items."""
    if isinstance(answer, dict) and "next_cursor" in answer:
        return {**answer, "items": answer["items"][:2], "next_cursor": None}
    return answer


def _steady(text: str, kept: set[str], *, keep_digests: bool) -> str:
    ids: dict[str, str] = {}

    def same_id(match: re.Match[str]) -> str:
        if match[0] in kept:
            return match[0]
        return ids.setdefault(match[0], f"01920000-0000-7000-8000-{len(ids) + 1:012x}")

    def shown_time(match: re.Match[str]) -> str:
        moment, now = datetime.fromisoformat(match[0]), datetime.now(UTC)
        if match[0] in kept or moment < now - RECENT:
            return match[0]
        hours = timedelta(hours=round((moment - now) / timedelta(hours=1)))
        return f"{(SHOWN_NOW + hours):%Y-%m-%dT%H:%M:%SZ}"

    text = UUIDS.sub(same_id, text).replace(ISSUER, "https://sparr.example")
    text = SECRETS.sub(SECRET, TOKENS.sub(RECEIPT, TIMES.sub(shown_time, text)))
    text = POSITIONS.sub(r"\g<1>1234.56", text)
    text = ORGANISATIONS.sub('"org_no": "5560000001"', text)
    text = NAMED_ORGANISATIONS.sub("(5560000009)", text)
    text = POINTS.sub(lambda match: f'"{match[1]}": "{PUBLISHED[match[1]]}"', text)
    text = LINKS.sub(f"/u/{LINK}", text)
    number = count(1)
    text = KEY_IDS.sub(lambda _: f'"kid": "example-{next(number)}"', text)
    text = ISSUED.sub(f'"iat": {int(SHOWN_NOW.timestamp())}', text)
    if not keep_digests:
        text = DIGESTS.sub(hashlib.sha256(b"an example").hexdigest(), text)
    return text
