"""Phone numbers that no one has: the ranges that regulators keep for films and tests, in E.164."""

# Ofcom (Edinburgh, Glasgow..., London, Tyneside, Cardiff) and the Bundesnetzagentur (Berlin, Hamburg, Frankfurt,
# Munich, Cologne): a thousand numbers each.
_RANGES = (
    "+441414960",
    "+441514960",
    "+441614960",
    "+441914980",
    "+442079460",
    "+442920180",
    "+493023125",
    "+494066969",
    "+496990009",
    "+498999998",
)


def numbers(count: int) -> list[str]:
    """That many numbers, ten thousand of them different."""
    different = [f"{area}{n:03}" for area in _RANGES for n in range(1000)]
    return [different[n % len(different)] for n in range(count)]
