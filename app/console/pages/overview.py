"""The first page: what came in, through whom, what waits for an admin, and whether all is well."""

from starlette.responses import Response

from app.console.charts import Bar, columns
from app.console.doors import page
from app.console.rendering import number
from app.console.visits import Visit
from app.usecases.oversee import oversee


async def overview(visit: Visit) -> Response:
    """Figures of the last 30 days."""
    async with visit.parts.database.read() as unit:
        seen = await oversee(unit, visit.now)
    total = sum(seen.days.values())
    bars = [
        Bar(f"{on.day}/{on.month}", count, f"{on.isoformat()}: {number(count)}")
        for on, count in seen.days.items()
    ]
    chart = columns(visit.word("overview.chart_told", total=number(total), days=len(bars)), bars)
    checks = await visit.parts.readiness()
    return visit.page(
        "overview.html",
        seen=seen,
        total=total,
        today=seen.days[visit.now.date()],
        chart=chart,
        most=max([count for _, count in seen.parties], default=1),
        checks=checks,
        healthy=all(good for _, good in checks),
        unfresh=[one for one in seen.registers if one.state in {"stale", "missing"}],
    )


DOORS = (page("/", overview),)
