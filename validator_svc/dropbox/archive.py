"""How a file leaves the inbox: to `done`, or to `failed` with a text that says why."""

from validator_svc.dropbox.batch_answers import one
from validator_svc.dropbox.disk import look_at, sync_folder
from validator_svc.dropbox.errors import ChangedError
from validator_svc.dropbox.names import ERROR, SIDECAR, free_name, printable, short_name
from validator_svc.dropbox.outbox import Outgoing
from validator_svc.dropbox.shared import Shared
from validator_svc.dropbox.stability import Seen


class Archive:
    """Moves one file with its sidecar. All methods raise OSError."""

    def __init__(self, shared: Shared, seen: Seen) -> None:
        self.folder = shared.folder
        self.disk = shared.disk
        self.seen = seen

    @property
    def look(self) -> str:
        """How the file looks that leaves, for its record."""
        return "gone" if self.seen.look is None else self.seen.look.text

    async def free_in_done(self) -> str:
        """Where the file can be moved below the drop folder, its work being done."""
        return f"done/{await self.disk.run(lambda: free_name(self.folder.done, self.seen.name))}"

    async def explain(self, outgoing: Outgoing, why: str) -> str:
        """Write why the file cannot be answered; returns where it is to be moved below the drop folder.

        A second time the text takes the place of the first: a name is free until the file has it.
        """
        name = await self.disk.run(lambda: free_name(self.folder.failed, self.seen.name))
        text = f"{printable(self.seen.name)} could not be validated.\n\n{why}\n"
        path = self.folder.failed / (short_name(name) + ERROR)
        await outgoing.write(path, one(text.encode()))
        return f"failed/{name}"

    async def move(self, target: str) -> None:
        """Move the file; repeatable. Raises ChangedError when another one is in its place."""
        await self.disk.run(lambda: self._move(target))

    def _move(self, target: str) -> None:
        path, source = self.folder.root / target, self.folder.inbox / self.seen.name
        path = path.with_name(free_name(path.parent, path.name))
        sidecar = source.with_name(source.name + SIDECAR)
        look = look_at(source)
        if look is not None and look != self.seen.look:
            raise ChangedError
        if self.seen.sidecar is not None and look_at(sidecar) == self.seen.sidecar:
            # First: left behind, it would speak for the next file of this name.
            sidecar.rename(path.with_name(path.name + SIDECAR))
        if look is not None:
            source.rename(path)
        sync_folder(path.parent)
        sync_folder(source.parent)
