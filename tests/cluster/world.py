"""A shop on three machines: three database nodes, a web process and job workers at each, one Redis, one balancer."""

from __future__ import annotations

from contextlib import ExitStack
from typing import ClassVar

from tests.cluster.balancer import Balancer
from tests.cluster.galera import NODES, Galera
from tests.faults.people import Browser
from tests.faults.servers import MortalRedis
from tests.faults.world import World, above, web_process
from tests.servers import new_database

DATABASE = "cluster"
_WEBS = tuple(f"web {number}" for number in range(NODES))
_JOBS = tuple(f"jobs {number}" for number in range(NODES))
# Galera's ports, away from those of the shop's processes.
_GALERA_ABOVE = 5


class ClusterWorld(World):
    """`World` with everything three times that a machine more would bring; the shop's own waits are the same."""

    with_ports: ClassVar[tuple[str, ...]] = (*_WEBS, "square", "smtp", "mailbox")
    processes: ClassVar[tuple[str, ...]] = ("square", "mail catcher", *_WEBS, *_JOBS)
    share_of_scarce: ClassVar[float] = 0.6

    def __init__(self, orders: int):
        super().__init__("rq", orders)
        self.balancer = self._ends.enter_context(Balancer([self._ports[name] for name in _WEBS]))

    def _start_servers(self, ends: ExitStack) -> None:
        self.galera = ends.enter_context(Galera(above() + _GALERA_ABOVE, self.folder))
        self.database = None
        self.redis = ends.enter_context(MortalRedis())

    @property
    def shop_url(self) -> str:
        return self._url(_WEBS[0])

    def web_url(self, number: int) -> str:
        """The web process at a node, past the balancer."""
        return self._url(_WEBS[number])

    def port(self, number: int) -> int:
        return self._ports[_WEBS[number]]

    def browser(self, email: str) -> Browser:
        return Browser(self.shop_url, email, self.balancer.way())

    def _settings(self) -> dict[str, str]:
        self._ports["web"] = self._ports[_WEBS[0]]
        return super()._settings()

    def _servers_addresses(self) -> dict[str, str]:
        assert self.redis is not None
        url = new_database(self.galera.nodes[0], DATABASE)
        return {"DATABASE_URL": url, "DATABASE_CLUSTER": "galera", "JOBS": "rq", "REDIS_URL": self.redis.url}

    def _environment_of(self, name: str) -> dict[str, str]:
        """A process that ends in a number stands at the node of that number, and has a folder of its own."""
        if name not in {*_WEBS, *_JOBS}:
            return self.environment
        number = int(name[-1])
        folder = self.folder / name.replace(" ", "-")
        return self.environment | {
            "DATABASE_URL": self.galera.nodes[number].url(DATABASE), "FAULTS_FOLDER": str(folder),
            "PORT": str(self._ports[_WEBS[number]]),
        }  # fmt: skip

    def _arguments(self, name: str) -> tuple[str, ...]:
        if name in _JOBS:
            return super()._arguments("jobs")
        if name in _WEBS:
            return web_process(self._ports[name])
        return super()._arguments(name)
