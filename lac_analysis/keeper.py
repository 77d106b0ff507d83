"""Removes a folder of ours with all that is in it; run as a program, when its input is closed, as
it is when the process that started it ends, even by SIGKILL. It imports nothing of lac.
"""

import os
import sys
import time
from contextlib import suppress


def remove(folder: str) -> None:
    """Remove a folder however deep it is, and folders in it that may not be written; what cannot
    be removed stays.
    """
    waiting, number = [folder], time.monotonic_ns()
    with suppress(OSError):  # something may still write there
        while waiting and not os.path.islink(folder):
            at = waiting[-1]
            os.chmod(at, 0o700)
            below = []
            for entry in list(os.scandir(at)):
                if entry.is_dir(follow_symlinks=False):
                    below.append(entry.path)
                else:
                    os.unlink(entry.path)
            for path in below:  # up to the top, so that no path is too long
                number += 1
                os.chmod(path, 0o700)
                os.rename(path, up := os.path.join(folder, f".{number}"))
                waiting.append(up)
            if not below:
                os.rmdir(waiting.pop())


if __name__ == "__main__":
    sys.stdin.read()
    for _ in range(50):
        remove(sys.argv[1])
        if not os.path.lexists(sys.argv[1]):
            break
        time.sleep(0.1)
