"""A program with an embedded server, to be killed: prints its address as JSON and waits.

Arguments: the data folder and, to be a root that the kernel denies user namespaces, the word `denied`.
"""

import ctypes
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from app.storage.embedded import EmbeddedPostgres

CLONE_NEWUSER = 0x10000000


def deny_namespaces() -> None:
    """Enter a user namespace that has all users but may hold no further namespace.

    A child that stays outside writes the maps. Where the kernel refuses already, nothing is left to deny.
    """
    entered, inside = os.pipe()
    mapper = os.fork()
    if mapper == 0:
        os.close(inside)
        os.read(entered, 1)
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{os.getppid()}/{name}").write_text("0 0 65536")
        os._exit(0)
    refused = ctypes.CDLL(None).unshare(CLONE_NEWUSER)
    os.close(inside)
    os.waitpid(mapper, 0)
    if not refused:
        Path("/proc/sys/user/max_user_namespaces").write_text("0")


def main() -> None:
    if "denied" in sys.argv:
        deny_namespaces()
    server = EmbeddedPostgres(Path(sys.argv[1]))
    address = server.start()
    print(json.dumps({"pid": server.pid, **asdict(address)}, default=str), flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main()
