"""What an identifier costs as the register grows: ten times as many entries in each step."""

from bench.alone import main
from bench.results import Report, Row
from bench.rounds import Asking, Subject, connect
from bench.running import Session
from bench.washing import washing

MOST = 2.0
SIZE = 10_000
_CLIENTS = 2
_STEPS = (100_000, 1_000_000, 10_000_000)
_SHORT = (2_000, 20_000)


async def measure(session: Session) -> Report:
    """One data set that grows up to the entries asked for; 10^7 with --entries 10000000."""
    report = Report("growth", f"nanoseconds an identifier, {SIZE:,} a request, 1 % in the largest list")
    steps = [n for n in (_SHORT if session.options.short else _STEPS) if n <= session.options.entries]
    if not steps:
        report.notes.append(f"nothing to measure below {_STEPS[0]:,} entries")
        return report
    session.rest()
    costs: list[float] = []
    async with session.own_world("growth", steps[0]) as world:
        for step in steps:
            await world.build(step)
            asked = washing(world, SIZE, 0.01)
            requests = await asked.ours()
            await asked.agreed(world.port, requests[0])
            way = Subject("ours", Asking(await connect(world.port, _CLIENTS), requests, SIZE))
            await way.work(session.options.seconds)
            for _ in range(session.options.rounds):
                done, taken = await way.work(session.options.seconds)
                way.rates.append(done / taken)
            costs.append(1e9 / way.rate)
            report.rows.append(Row(f"{step:,} entries", "Sparr", costs[-1], "ns/id", note=way.spread))
    if len(costs) > 1:
        grown = costs[-1] / costs[0]
        what = f"{steps[-1]:,} entries to {steps[0]:,}"
        report.rows.append(Row("growth", what, None, ratio=grown, target=MOST, at_most=True))
    return report


if __name__ == "__main__":
    main(__file__)
