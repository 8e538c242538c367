"""The first page: what came in, through whom, what waits for an admin, and whether all is well."""

from datetime import timedelta

from markupsafe import Markup
from starlette.responses import Response

from app.console.charts import Bar, columns
from app.console.doors import page
from app.console.rendering import number
from app.console.visits import Visit
from app.usecases.oversee import DAYS, Received, count_received, see_waiting
from app.usecases.read_effects import read_effects
from app.usecases.read_open_things import MOST, SOON, count_open_things

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


async def overview(visit: Visit) -> Response:
    """What waits is always shown; the figures of the last 30 days, if they could be counted in time."""
    begin = visit.now - timedelta(DAYS)
    async with visit.parts.database.read() as unit:
        waiting = await see_waiting(unit, visit.now)
    received = await visit.in_time(lambda unit: count_received(unit, visit.now))
    effects = await visit.in_time(lambda unit: read_effects(unit, begin, visit.now))
    p50, p95 = (effects[0].p50, effects[0].p95) if effects else (None, None)
    checks = await visit.parts.readiness()
    return visit.page(
        "overview.html",
        waiting=waiting,
        contested=waiting.mandates + waiting.objections,
        received=received,
        deadlines=await visit.in_time(lambda unit: count_open_things(unit, visit.now)),
        most=MOST,
        soon=SOON,
        counted=received is not None and effects is not None,
        times={"median": _lasted(visit, p50), "p95": _lasted(visit, p95)},
        chart=_chart(visit, received) if received else "",
        checks=checks,
        healthy=all(good for _, good in checks),
        unfresh=[one for one in waiting.registers if one.state in {"stale", "missing"}],
        now=visit.now,
    )


def _chart(visit: Visit, received: Received) -> Markup:
    days = received.days
    bars = [
        Bar(f"{on.day}/{on.month}", count, f"{on.isoformat()}: {number(count)}") for on, count in days.items()
    ]
    total = number(sum(days.values()))
    return columns(visit.word("overview.chart_told", total=total, days=len(bars)), bars)


def _lasted(visit: Visit, seconds: float | None) -> str:
    """A time in the largest unit of which there are at least two."""
    if seconds is None:
        return "\u2013"
    for unit, length in (("days", _DAY), ("hours", _HOUR), ("minutes", _MINUTE)):
        if seconds >= 2 * length:
            return visit.word(f"duration.{unit}", n=number(round(seconds / length)))
    return visit.word("duration.seconds", n=round(seconds))


DOORS = (page("/", overview),)
