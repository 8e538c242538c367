"""Phone numbers that no one has: the ranges that regulators keep for films and tests, in E.164."""

# Ofcom: Glasgow, Liverpool, Manchester, Tyneside, London, Cardiff. Bundesnetzagentur: Berlin, Hamburg,
# Frankfurt, Munich. A thousand numbers each.
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
