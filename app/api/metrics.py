"""What is counted (Prometheus). Labels are route templates, methods and classes of status, never more.

With several workers the launcher sets PROMETHEUS_MULTIPROC_DIR to an empty folder before they start, and
tells `prometheus_client.multiprocess.mark_process_dead` when one has ended; each then writes its numbers
there and any of them can show the sum.
"""

import os
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
_SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"

_REGISTRY = CollectorRegistry()
_REQUESTS = Counter("sparr_requests", "Requests answered.", ["route", "method", "status"], registry=_REGISTRY)
_SECONDS = Histogram(
    "sparr_request_duration_seconds",
    "Time from the first to the last byte of an answer.",
    ["route", "method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=_REGISTRY,
)
_ASKED = Counter("sparr_lookup_identifiers_asked", "Questions in lookups.", registry=_REGISTRY)
_BLOCKED = Counter("sparr_lookup_identifiers_blocked", "Questions answered with block.", registry=_REGISTRY)
_ANSWERED = Counter(
    "sparr_lookups_answered", "Lookups by where it was read who has no fact.", ["by"], registry=_REGISTRY
)
_LISTS = Gauge(
    "sparr_index_lists",
    "Lists and snapshots of registers held in memory.",
    multiprocess_mode="livesum",
    registry=_REGISTRY,
)
_BYTES = Gauge(
    "sparr_index_bytes",
    "Memory that they take.",
    multiprocess_mode="livesum",
    registry=_REGISTRY,
)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """One answer; `route` is a template."""
    _REQUESTS.labels(route, method, f"{status // 100}xx").inc()
    _SECONDS.labels(route, method).observe(seconds)


def count_lookup(asked: int, blocked: int) -> None:
    """One lookup, of so many questions."""
    _ASKED.inc(asked)
    _BLOCKED.inc(blocked)


def count_index(lists: int, bytes_: int, *, from_memory: bool) -> None:
    """What this process holds in memory, and whether a lookup was answered with it."""
    _ANSWERED.labels("memory" if from_memory else "database").inc()
    _LISTS.set(lists)
    _BYTES.set(bytes_)


def exposition() -> bytes:
    """The numbers of this process, or of all workers together, in the format `MEDIA_TYPE`."""
    if _SHARED_FOLDER not in os.environ:
        return generate_latest(_REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # the library has no annotation here
    return generate_latest(together)
