"""How fast Sparr is, measured beside other ways to do the same, in the same run: `./sparr bench`.

Each module named in `BENCHMARKS` is one benchmark and runs alone, `python -m bench.lookup`. Ratios count,
absolute times do not: the same machine is twice as fast an hour later. docs/benchmarks.md says what is
measured.
"""

BENCHMARKS = (
    "lookup",
    "cold",
    "single",
    "formats",
    "stream",
    "fresh",
    "intake",
    "growth",
    "size",
    "start",
)
