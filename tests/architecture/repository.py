import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def files() -> list[Path]:
    """Every file that is committed or could be: what git knows and what it does not ignore."""
    listing = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split("\0")
    return [path for name in sorted(set(names)) if name and (path := ROOT / name).is_file()]


def files_of(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    return [path for path in files() if place(path).parts[0] in folders and path.suffix in suffixes]


def place(path: Path) -> Path:
    return path.relative_to(ROOT)


def lines(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """(place:number, line) for every line of text; a file that is not UTF-8 text has none."""
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{place(path)}:{number}", line
