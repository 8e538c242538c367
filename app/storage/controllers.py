"""Controllers as an admin sees them, and their policies: data with history, a row for each change."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.domain.facts import ControllerProfile, Policy
from app.domain.parties import Controller
from app.storage.parties import load_profiles
from app.storage.tables import CONTROLLER_POLICY
from app.storage.units import ReadUnit, WriteUnit

_COLUMNS = """
SELECT p.id, p.name, p.org_no, p.country, p.created_at, p.event_id, h.controller_no
FROM registry.party p JOIN registry.holder h ON h.party_id = p.id WHERE p.kind = 'controller'
"""
_ONE = text(f"{_COLUMNS} AND p.id = :id")
_PAGE = text(f"{_COLUMNS} AND p.id > :after ORDER BY p.id LIMIT :limit")


async def add_policy(
    unit: WriteUnit, controller_no: int, version: int, policy: Policy, event_id: UUID
) -> None:
    """Put a whole policy in force from a version on; the earlier rows stay."""
    row = {"controller_no": controller_no, "version": version, "policy": _kept(policy)}
    await unit.insert(CONTROLLER_POLICY, [{**row, "event_id": event_id}])


async def find_controller(unit: ReadUnit, controller_id: UUID) -> Controller | None:
    """A controller with its newest policy."""
    row = await unit.row(_ONE, {"id": controller_id})
    if row is None:
        return None
    profiles = await load_profiles(unit, [row.controller_no])
    return _controller(row, profiles[row.controller_no])


async def page_of_controllers(unit: ReadUnit, after: UUID, limit: int) -> list[Controller]:
    """Controllers in the order of their ids, which is that of their registration, after an id."""
    rows = await unit.rows(_PAGE, {"after": after, "limit": limit})
    profiles = await load_profiles(unit, [row.controller_no for row in rows])
    return [_controller(row, profiles[row.controller_no]) for row in rows]


def _kept(policy: Policy) -> dict[str, Any]:
    """Without what was never said: the version before this one knows no customer base."""
    return {name: value for name, value in asdict(policy).items() if value is not None}


def _controller(row: Row[Any], profile: ControllerProfile) -> Controller:
    return Controller(
        id=row.id,
        name=row.name,
        org_no=row.org_no,
        country=row.country,
        created_at=row.created_at,
        event_id=row.event_id,
        number=row.controller_no,
        profile=profile,
    )
