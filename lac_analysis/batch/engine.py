"""Papermill, with a kernel that starts warm and keeps to its limits. The executed notebook is
papermill's own.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import papermill
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.iorw import write_ipynb

from lac_analysis.batch import kernel
from lac_analysis.batch.forks import CAN_FORK, Preloaded, environment
from lac_analysis.batch.limits import Limits, Watch
from lac_analysis.batch.turns import Turn

_NAME = "lac"


@dataclass(frozen=True)
class Failure:
    """Why a notebook failed. Attributes: cell (number of the code cell, 0 if none), error (its
    class), message.
    """

    cell: int
    error: str
    message: str


def execute(
    notebook: Path, executed: Path, values: dict, folder: Path, *,
    preloaded: Preloaded | None = None, limits: Limits | None = None, stop: Event | None = None,
    turn: Turn | None = None,
) -> Failure | None:  # fmt: skip
    """Run a notebook as papermill does, in working directory `folder`, and write the executed copy
    to `executed`.

    Parameters
    ----------
    values : papermill parameters. preloaded : where the kernel is forked from; an ordinary
        kernel without it.
    stop : kills the kernel when set. turn : begun before the first cell, ended after the last.

    Returns what went wrong, None if nothing; the executed copy then shows it, too.
    """
    turn = turn or Turn()
    with Watch(limits or Limits(), stop or Event(), turn) as watch:
        try:
            papermill.execute_notebook(
                _literal(notebook),
                _literal(executed),
                parameters=values,
                engine_name=_NAME,
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                resources={
                    "metadata": {"path": str(folder)}
                },  # not papermill's `cwd`, which moves the whole process
                preloaded=preloaded,
                watch=watch,
                turn=turn,
                partial=executed,
            )
        except papermill.PapermillExecutionError as error:
            return Failure(error.exec_count or 0, error.ename, error.evalue)
        except _Died as died:
            return Failure(died.cell, "DeadKernelError", watch.reason or "the kernel died")
    return None


def _literal(path: Path) -> str:
    """A path as papermill takes it: it would put the values of parameters between braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


class _Died(Exception):
    def __init__(self, cell: int):
        super().__init__(cell)
        self.cell = cell


class _Engine(NBClientEngine):
    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, *, preloaded, watch, turn, partial, start_timeout, resources, input_path=None,
        **kwargs,
    ):  # fmt: skip
        sockets = Path(
            tempfile.mkdtemp(prefix="lac-")
        )  # a short path: a socket's may have 100 characters
        manager = AsyncKernelManager(
            kernel_name=kernel_name, connection_file=str(sockets / "kernel.json")
        )
        manager.client_factory = kernel.PromptClient
        if CAN_FORK:
            manager.transport = "ipc"
            config = {"preloaded": preloaded}
            manager.kernel_spec.metadata["kernel_provisioner"] = {
                "provisioner_name": kernel.NAME,
                "config": config,
            }
        client = _Client(
            nb_man, km=manager, watch=watch, turn=turn, kernel_name=kernel_name, startup_timeout=start_timeout,
            resources=resources, **kwargs,
        )  # fmt: skip
        client.owns_km = True  # to be shut down at the end
        try:
            return client.execute(env=environment())
        except (DeadKernelError, RuntimeError, ChildProcessError) as error:
            if not watch.reason and not isinstance(error, (DeadKernelError, ChildProcessError)):
                raise
            write_ipynb(nb_man.nb, str(partial))
            raise _Died(_running(nb_man.nb)) from None
        finally:
            shutil.rmtree(sockets, ignore_errors=True)


papermill_engines.register(_NAME, _Engine)


class _Client(PapermillNotebookClient):
    def __init__(self, nb_man, *, watch: Watch, turn: Turn, **kwargs):
        super().__init__(nb_man, **kwargs)
        self._watch, self._turn = watch, turn

    def start_new_kernel_client(self, **kwargs):
        self._watch.kernel(self.km.provisioner.pid)
        return super().start_new_kernel_client(**kwargs)

    def papermill_execute_cells(self):
        self._turn.begin()
        try:
            if (
                self._watch.reason
            ):  # the kernel was killed while it waited: nbclient would notice after a second
                raise DeadKernelError(self._watch.reason)
            super().papermill_execute_cells()
        finally:
            self._turn.end()

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        shown = content.get("data") or {}
        if self._watch.printed(
            len(content.get("text") or "") + sum(len(str(part)) for part in shown.values())
        ):
            return super().process_message(msg, cell, cell_index)
        return None


def _running(notebook) -> int:
    """Number of the code cell that was running, counted as Jupyter does."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    started = [
        cell
        for cell in cells
        if cell.metadata.get("papermill", {}).get("status") in ("running", "completed")
    ]
    return len(started)
