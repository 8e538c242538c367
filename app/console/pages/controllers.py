"""Controllers, their policies, and which of them ask about more people than their customers explain."""

from typing import Any

from starlette.responses import Response

from app.console.doors import act, page
from app.console.visits import Visit
from app.domain.facts import BASES, LEVELS, POLITICAL_POLICIES
from app.domain.refusals import Refusal, RefusedError
from app.domain.registers import REGISTERS
from app.usecases.change_policy import CHANGED, change_policy
from app.usecases.list_controllers import list_controllers
from app.usecases.read_unusual_lookups import DAYS, read_unusual_lookups
from app.usecases.show_controller import show_controller

ROWS = 50
_LARGEST_BASE = 1_000_000_000


async def listing(visit: Visit) -> Response:
    async with visit.parts.database.read() as unit:
        rows, more = await list_controllers(unit, visit.asked_id("after"), ROWS)
    ids = [row.id for row in rows]
    unusual = await visit.in_time(lambda unit: read_unusual_lookups(unit, visit.now, ids))
    return visit.page(
        "controllers.html",
        rows=rows,
        onward=rows[-1].id if more else None,
        levels=LEVELS,
        unusual=None if unusual is None else {one.controller_id: one for one in reversed(unusual)},
    )


async def one(visit: Visit) -> Response:
    async with visit.parts.database.read() as unit:
        controller = await show_controller(unit, visit.id("controller_id"))
    ids = [controller.id]
    unusual = await visit.in_time(lambda unit: read_unusual_lookups(unit, visit.now, ids))
    return visit.page(
        "controller.html",
        controller=controller,
        unusual=unusual,
        days=DAYS,
        policy=controller.profile.policy,
        bases=BASES,
        politics=POLITICAL_POLICIES,
        levels=LEVELS,
        registers=REGISTERS,
    )


async def change(visit: Visit) -> Response:
    """A whole policy in place of the present one, which stays in the history."""
    controller_id, changes = visit.id("controller_id"), _changes(visit)
    await visit.act(CHANGED, lambda unit, act_: change_policy(unit, act_, controller_id, changes))
    return visit.go(f"/controllers/{controller_id}", "policy_changed")


def _changes(visit: Visit) -> dict[str, Any]:
    """What the form says; a word that is not of the table was not put there by our page."""
    form = visit.form
    wanted = tuple(form["registers"].split("\n")) if form.get("registers") else ()
    known = (
        form.get("basis") in BASES
        and form.get("political") in POLITICAL_POLICIES
        and form.get("minimum_level") in LEVELS
        and set(wanted) <= set(REGISTERS)
    )
    if not known:
        raise RefusedError(Refusal.UNKNOWN_REFERENCE)
    base = {"customer_base": _base(form["customer_base"])} if "customer_base" in form else {}
    return {
        **base,
        "basis": form["basis"],
        "registers": tuple(dict.fromkeys(wanted)),
        "political": form["political"],
        "consent_lifts_objection": form.get("consent_lifts_objection") == "yes",
        "minimum_level": LEVELS.index(form["minimum_level"]),
    }


def _base(text: str) -> int | None:
    """How many customers are declared; None for an empty field."""
    digits = text.strip()
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and 1 <= int(digits[:11]) <= _LARGEST_BASE):
        raise RefusedError(Refusal.UNKNOWN_REFERENCE)
    return int(digits[:11])


DOORS = (
    page("/controllers", listing),
    page("/controllers/{controller_id}", one),
    act("/controllers/{controller_id}/policy", change),
)
