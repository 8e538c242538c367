"""Finding the server that another program runs in a data folder."""

from pathlib import Path
from urllib.parse import quote, urlencode

from app.storage.embedded.cluster import DATABASE, SUPERUSER, read_password
from app.storage.embedded.errors import EmbeddedPostgresError

_PORT_LINE = 3
_SOCKET_LINE = 4


def operator_url(data_dir: Path) -> str:
    """Its URL with the operator's own login. It contains the password: never log it."""
    login = f"{SUPERUSER}:{quote(read_password(data_dir), safe='')}"
    return running_url(data_dir).replace("///", f"//{login}@/", 1)


def running_url(data_dir: Path) -> str:
    """Its URL without a login, as its own lock file tells it (postmaster.pid, lines 4 and 5)."""
    try:
        lines = (data_dir / "pg" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        place = urlencode({"host": lines[_SOCKET_LINE], "port": int(lines[_PORT_LINE])})
    except (OSError, ValueError, IndexError):
        raise EmbeddedPostgresError(f"no registry runs in {data_dir}; `./sparr up` starts one") from None
    return f"postgresql+asyncpg:///{quote(DATABASE, safe='')}?{place}"
