"""Kernels that start warm: a provisioner for jupyter_client that forks them, and a client that is
quick to be ready.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Any

NAME = "lac-preloaded"  # its entry point in pyproject.toml


class PreloadedProvisioner(LocalProvisioner):
    """Forks an IPython kernel from `preloaded`; without one, or for another kernel, starts it as
    usual.
    """

    preloaded = Any(allow_none=True)

    async def launch_kernel(self, cmd: list[str], **kwargs):
        if self.preloaded is None or "ipykernel_launcher" not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        argv = cmd[cmd.index("ipykernel_launcher") + 1 :]
        self.cwd = str(kwargs.get("cwd") or os.getcwd())
        self.process = self.preloaded.fork(argv, self.cwd, kwargs["env"])
        self.pid = self.pgid = self.process.pid  # the kernel leads a session of its own
        names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
        sockets = [f"{self.connection_info['ip']}-{self.connection_info[name]}" for name in names]
        # a client that came before there is a socket would try again only after 0.1 s
        await self._until(lambda: all(map(os.path.exists, sockets)))
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        await self._until(
            lambda: False
        )  # its end, which is near: who asked for it looks only every 0.1 s

    async def _until(self, over: Callable[[], bool]) -> None:
        """Wait for something, or the kernel's end; for one second at most."""
        for _ in range(200):
            if over() or await self.poll() is not None:
                break
            await asyncio.sleep(0.005)

    async def send_signal(self, signum: int) -> None:
        # jupyter_client interrupts every kernel before it asks it to end, and one that is still
        # tidying up complains;
        # papermill interrupts no cell otherwise
        if signum != signal.SIGINT:
            await super().send_signal(signum)


class PromptClient(AsyncKernelClient):
    """Ready as soon as a kernel has answered on both channels; the client it derives from then
    listens 0.2 s more.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Raises RuntimeError if the kernel dies, or says nothing for `timeout` seconds."""
        start = time.monotonic()
        while True:
            asked = self.kernel_info()
            with suppress(Empty):
                await self.get_shell_msg(timeout=1)
                while True:
                    said = await self.get_iopub_msg(
                        timeout=0.2
                    )  # none where it was not connected yet: ask again
                    state = said["content"].get("execution_state")
                    if said["parent_header"].get("msg_id") == asked and state == "idle":
                        return
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it was ready")
            if timeout is not None and time.monotonic() - start > timeout:
                raise RuntimeError(f"the kernel did not respond in {timeout} seconds")
