"""Run one PostgreSQL program under the right identity, and end it when the program that asked for it ends.

Started as a script by `identity.Identity.command`, with arguments PARENT SIGNAL IDENTITY PROGRAM ARGUMENT….
It is a script of its own because code between fork and exec is not safe in a process with threads. It imports
nothing of ours, so that `python -I -S` starts it in about 15 ms.
"""

import ctypes
import os
import pwd
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
REFUSED = 126
"""Exit status when the identity cannot be taken or the program cannot be run."""


def _system_call(name: str, *arguments: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), name)


def _write(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY)
    os.write(handle, text.encode())
    os.close(handle)


def enter_namespace() -> None:
    """Be an ordinary user inside a new user namespace and remain who we are outside it: user_namespaces(7).

    The inner user needs a line in the password file, because initdb asks for its name.
    """
    uid, gid = os.geteuid(), os.getegid()
    inner = next(entry for entry in pwd.getpwall() if entry.pw_uid != 0)
    _system_call("unshare", CLONE_NEWUSER)
    # Without this line the kernel lets no ordinary process write its own group map.
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{inner.pw_uid} {uid} 1")
    _write("/proc/self/gid_map", f"{inner.pw_gid} {gid} 1")


def drop_to(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def end_with_parent(parent: int, signal_number: int) -> None:
    """Ask for a signal when the parent dies: PR_SET_PDEATHSIG(2const).

    Comes after every change of credentials, since those clear the wish.
    """
    if sys.platform != "linux":
        return
    _system_call("prctl", PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        # The parent died before the wish was heard, so nobody would ever end the server.
        sys.exit(REFUSED)


def main(arguments: list[str]) -> None:
    parent, signal_number, identity, *command = arguments
    way, uid, gid = identity.split(":")
    try:
        if way == "namespace":
            enter_namespace()
        elif way == "drop":
            drop_to(int(uid), int(gid))
        end_with_parent(int(parent), int(signal_number))
        os.execv(command[0], command)  # noqa: S606 the supervisor wrote the whole command, and no shell is wanted
    except OSError as error:
        sys.stderr.write(f"cannot run {command[0]} ({way}, uid {uid}): {error}\n")
        sys.exit(REFUSED)


if __name__ == "__main__":
    main(sys.argv[1:])
