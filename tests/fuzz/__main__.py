"""`python -m tests.fuzz NAME [-max_total_time=60]`: guided by the lines that are reached (atheris, Linux on
x86-64). What it finds worth keeping goes into the corpus."""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["app"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    name, *options = sys.argv[1:]
    target, folder = TARGETS[name], Path(__file__).parent / "corpus" / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (folder / f"seed{number}").write_bytes(seed)

    def one(raw: bytes) -> None:
        try:
            target.read(raw)
        except target.refuses:
            return

    atheris.Setup([sys.argv[0], "-max_len=4096", *options, str(folder)], one)
    atheris.Fuzz()


main()
