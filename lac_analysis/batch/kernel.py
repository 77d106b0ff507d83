"""A jupyter_client provisioner whose kernels start warm, forked from a preloaded process."""

import os
import signal

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Any

NAME = "lac-preloaded"  # its entry point in pyproject.toml


class PreloadedProvisioner(LocalProvisioner):
    """Forks an IPython kernel from `preloaded`; without one, or for another kernel, starts it as usual."""

    preloaded = Any(allow_none=True)

    async def launch_kernel(self, cmd: list[str], **kwargs):
        if self.preloaded is None or "ipykernel_launcher" not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        argv = cmd[cmd.index("ipykernel_launcher") + 1 :]
        self.cwd = str(kwargs.get("cwd") or os.getcwd())
        self.process = self.preloaded.fork(argv, self.cwd, kwargs["env"])
        self.pid = self.pgid = self.process.pid  # the kernel leads a session of its own
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        # jupyter_client interrupts every kernel before it asks it to end, and one that is still tidying up complains;
        # papermill interrupts no cell otherwise
        if signum != signal.SIGINT:
            await super().send_signal(signum)
