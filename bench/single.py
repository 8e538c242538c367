"""One identifier a request, with many clients at once: what a lookup costs beside the identifiers."""

from collections.abc import Mapping

from bench.alone import main
from bench.lookup import WAYS, references
from bench.results import Report, Row
from bench.rounds import Asking, Subject, connect, in_turns, quantile
from bench.running import Session
from bench.washing import washing

TARGET = 10.0
UNCHECKED = 0.75


async def measure(session: Session) -> Report:
    """16 and 64 clients, each with its own connection."""
    report = Report("single", "requests a second of one identifier each (compact, receipt)")
    report.notes.append(
        "the same route without its check of the list's version: not available, nothing can switch it off"
    )
    world = await session.world()
    asked = washing(world, 1, 0.0, lists=500)
    async with references(session, with_redis=False) as ports:
        requests, parsed = await asked.ours(), asked.reference("/parsed")
        await asked.agreed(world.port, requests[0])
        await asked.agreed(ports.orm, parsed[0])
        for clients in (16, 64):
            ours = Asking(await connect(world.port, clients), requests, 1)
            theirs = Asking(await connect(ports.orm, clients), parsed, 1)
            nobody = Asking(await connect(ports.orm, clients), asked.reference("/read"), 1)
            ways = [Subject("ours", ours), Subject("parsed", theirs), Subject("read", nobody)]
            found = await in_turns(ways, session.options.rounds, session.options.seconds)
            report.rows += _rows(f"{clients} clients", found, ours, theirs)
    return report


def _rows(case: str, found: Mapping[str, Subject], ours: Asking, theirs: Asking) -> list[Row]:
    rate, other, alone = (found[name].rate for name in ("ours", "parsed", "read"))
    return [
        Row(case, "Sparr", rate, "req/s", note=_percentiles(ours)),
        Row(
            case,
            "b: FastAPI + SQLAlchemy IN, phonenumbers",
            other,
            "req/s",
            rate / other,
            TARGET,
            note=_percentiles(theirs),
        ),
        Row(case, WAYS["read"][0], alone, "req/s", rate / alone),
        Row(case, "Sparr without the version check", None, "req/s", target=UNCHECKED),
    ]


def _percentiles(asking: Asking) -> str:
    middle, late = (quantile(asking.taken, share) * 1000 for share in (0.5, 0.99))
    return f"p50 {middle:.1f} ms, p99 {late:.1f} ms"


if __name__ == "__main__":
    main(__file__)
