"""The national registers whose lists can be imported: one file each, found by discovery.

A file says which identifiers the list holds and how long it is good; what the register covers stands in
`app/domain/registers.py`. Several authorities hand their lists out under a licence that describes the layout.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.domain.register_list import RegisterList


def _discovered() -> Mapping[str, RegisterList]:
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    lists: list[RegisterList] = [importlib.import_module(f"{__name__}.{name}").LIST for name in names]
    return MappingProxyType({one.register.code: one for one in lists})


LISTS: Final[Mapping[str, RegisterList]] = _discovered()
