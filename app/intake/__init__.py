"""Ways in besides the API: one file each, found by discovery; a dropped-in file is a new way.

Pure: raw bytes and headers in, drafts out. Nothing here reads a clock, a file or the database.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.domain.call_backs import Way


def _discovered() -> Mapping[str, Way]:
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    ways: list[Way] = [importlib.import_module(f"{__name__}.{name}").WAY for name in names]
    return MappingProxyType({way.source: way for way in ways})


WAYS: Final[Mapping[str, Way]] = _discovered()
