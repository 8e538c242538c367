"""The first page: what came in, through whom, what waits for an admin, and whether all is well."""

from markupsafe import Markup
from starlette.responses import Response

from app.console.charts import Bar, columns
from app.console.doors import page
from app.console.rendering import number
from app.console.visits import Visit
from app.domain.refusals import UnavailableError
from app.usecases.oversee import Received, count_received, see_waiting


async def overview(visit: Visit) -> Response:
    """What waits is always shown; the figures of the last 30 days, if they could be counted in time."""
    async with visit.parts.database.read() as unit:
        waiting = await see_waiting(unit, visit.now)
    try:
        async with visit.parts.database.read() as unit:
            received = await count_received(unit, visit.now)
    except UnavailableError:
        received = None
    checks = await visit.parts.readiness()
    return visit.page(
        "overview.html",
        waiting=waiting,
        contested=waiting.mandates + waiting.objections,
        received=received,
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


DOORS = (page("/", overview),)
