"""The log: one JSON object a line, on standard error. What other libraries say goes through here too.

Of their messages only the first line of the unfilled template is kept, and of their exceptions the types and
places: an argument, a message or a variable can hold an identifier.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import structlog

from app.api.observing import anatomy


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": (str(record.msg).splitlines() or [""])[0],
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info and record.exc_info[1]:
            line["failure"] = anatomy(record.exc_info[1])
        return json.dumps(line)


def configure_logging(level: str = "INFO") -> None:
    """For one process, once, before the server starts; uvicorn is started with `log_config=None`."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
