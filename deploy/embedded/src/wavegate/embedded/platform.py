"""The embedded platform whole: `async with Platform() as platform:` and everything runs; after it, nothing is left."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from wavegate.contracts.access import OBSERVER, PROVISIONER, permissions
from wavegate.contracts.routing import SERVICES
from wavegate.embedded import bus, monitoring, runs, services
from wavegate.embedded.addresses import LOOPBACK, free_ports
from wavegate.embedded.build import programs
from wavegate.embedded.control_plane import (
    ADMIN,
    API_SERVER,
    CONTROLLERS,
    ETCD,
    KWOK,
    OBJECTS,
    SCHEDULER,
    ControlPlane,
    Ports,
)
from wavegate.embedded.parts import Node, Preparation, required
from wavegate.embedded.seeding import Object, read_objects, seed, seed_new_kinds
from wavegate.embedded.supervisor import Report, Supervisor
from wavegate.embedded.tools import REPOSITORY_ROOT, TOOLS

BUS = ("nats-server", PROVISIONER)
CONTROL_PLANE = (ETCD, API_SERVER, "objects", "projects")
CLUSTER = (*CONTROL_PLANE, CONTROLLERS, SCHEDULER, KWOK)
INFRASTRUCTURE = (*BUS, *CLUSTER, monitoring.PROMETHEUS)
EVERYTHING = (*INFRASTRUCTURE, *SERVICES)

NAMESPACE = "argocd"
DEFINITIONS = REPOSITORY_ROOT / "libs" / "argo" / "crds"
ROLES = REPOSITORY_ROOT / "deploy" / "kubernetes" / "rbac"
_WEBHOOK_PATH = "/api/webhook"


def _silent(_: str) -> None:
    pass


class Platform:
    """A running platform, or some of its parts, in one folder on the loopback address.

    After entering, `kubeconfig` is the administrator's, `kubeconfigs` and `seeds` hold each user's access to the API
    server and the bus, and `targets` is the folder that Prometheus reads its targets from.
    """

    def __init__(
        self,
        wanted: Sequence[str] = EVERYTHING,
        *,
        purpose: str = "test",
        instance_id: str = "",
        report: Report = _silent,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Describe a platform; nothing happens before it is entered.

        Args:
            wanted: The parts; what they need comes with them.
            purpose: Who wants it; `wavegate down` ends a test's platform only when the test is gone.
            instance_id: The Argo Rollouts instance id whose Rollouts are handled.
            report: Is told what happens.
            settings: Further WAVEGATE_ variables for the services.
        """
        self._wanted = tuple(wanted)
        self._purpose = purpose
        self._instance_id = instance_id
        self._report = report
        self._settings = dict(settings or {})

    async def __aenter__(self) -> Self:
        """Start everything wanted.

        Raises:
            StartFailed: A part did not become ready; what had been started is stopped again.
        """
        self._programs = await asyncio.to_thread(programs, TOOLS)
        self.folder = runs.new_run(self._purpose)
        try:
            nodes = required(self._wanted, self._lay_out())
            self._supervisor = Supervisor(self.folder, self.logs, self._report, self._changed)
            try:
                await self._supervisor.bring_up(nodes)
            except BaseException:
                await self._supervisor.take_down()
                raise
        except BaseException:
            runs.remove(self.folder)
            raise
        self._up = True
        self._changed(self.pids)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything and remove the folder."""
        await self._supervisor.take_down()
        runs.remove(self.folder)

    @property
    def pids(self) -> dict[str, int]:
        """Return the process id of each part that runs now."""
        return self._supervisor.pids

    @property
    def logs(self) -> Path:
        """Return the folder of the logs."""
        return self.folder / "logs"

    @property
    def audit_log(self) -> Path:
        """Return the API server's audit log, one JSON object a line."""
        return self._control_plane.audit_log

    @property
    def description(self) -> Path:
        """Return `platform.json`, which tells an outside tool how to reach the platform."""
        return self.folder / "platform.json"

    def _changed(self, pids: Mapping[str, int]) -> None:
        runs.record(self.folder, self._purpose, pids)
        if self._up:
            runs.write_whole(self.description, self._describe(pids))

    def _describe(self, pids: Mapping[str, int]) -> dict[str, object]:
        return {
            "kubeconfig": str(self.kubeconfig),
            "webhook": {"url": self.webhook_url, "secret": self.webhook_secret},
            "nats": {"url": self.nats_url, "credentials": str(self.seeds[OBSERVER])},
            "prometheus": {"url": self.prometheus_url},
            "pids": dict(pids),
            "logs": {name: str(self._supervisor.log(name)) for name in pids},
        }

    def _lay_out(self) -> dict[str, Node]:
        self._up = False
        for name in ("logs", "traces", "prometheus", "targets", "bus"):
            (self.folder / name).mkdir(mode=0o700)
        nats, prometheus, webhook, *others = free_ports(8 + len(SERVICES))
        self.nats_url = f"nats://{LOOPBACK}:{nats}"
        self.prometheus_url = f"http://{LOOPBACK}:{prometheus}"
        self.webhook_url = f"http://{LOOPBACK}:{webhook}{_WEBHOOK_PATH}"
        self.webhook_secret = secrets.token_urlsafe(32)
        self.targets = self.folder / "targets"
        ports = Ports(*others[:5])
        self._api_server_port = ports.api_server
        self._control_plane = ControlPlane(self.folder, ports, self._programs, NAMESPACE)
        self.kubeconfig = self._control_plane.kubeconfig(ADMIN, self._control_plane.admin)
        nodes = (*self._bus_nodes(nats), *self._cluster_nodes(), self._prometheus_node(prometheus))
        return {node.name: node for node in (*nodes, *self._service_nodes(webhook, others[5:]))}

    def _bus_nodes(self, port: int) -> tuple[Node, ...]:
        allowed = permissions()
        self.seeds, public = bus.write_keys(self.folder / "bus", allowed)
        configured = self.folder / "bus" / "nats.conf"
        place = bus.Place(LOOPBACK, port, str(self.folder / "bus" / "store"))
        configured.write_text(bus.configuration(place, public, allowed))
        self._around = services.Surroundings(self.nats_url, NAMESPACE, self.folder, self.seeds, self._settings)
        return (
            bus.nats_part(self._programs["nats-server"], configured, port),
            services.provisioner_part(self._around),
        )

    def _cluster_nodes(self) -> tuple[Node, ...]:
        plane = self._control_plane
        return (
            plane.etcd(),
            plane.api_server(with_controllers=CONTROLLERS in self._wanted),
            Preparation("manifests", self._read_objects),
            Preparation("objects", self._seed, needs=(API_SERVER, "manifests")),
            Preparation("projects", self._seed_projects, needs=("objects",)),
            plane.controllers(),
            plane.scheduler(),
            plane.kwok(),
        )

    def _prometheus_node(self, port: int) -> Node:
        configured = self.folder / "prometheus" / "prometheus.yaml"
        configured.write_text(monitoring.configuration(self.targets))
        store = self.folder / "prometheus" / "store"
        return monitoring.prometheus_part(self._programs[monitoring.PROMETHEUS], configured, store, port)

    def _service_nodes(self, webhook: int, probe_ports: Sequence[int]) -> list[Node]:
        own = services.own_settings(webhook, self.prometheus_url, self._instance_id)
        self.kubeconfigs = {name: self._control_plane.kubeconfig(f"wavegate:{name}") for name in SERVICES}
        return [
            services.service_part(name, self._around, self.kubeconfigs[name], port, own.get(name, {}))
            for name, port in zip(SERVICES, probe_ports, strict=True)
        ]

    async def _read_objects(self) -> None:
        self._objects = await asyncio.to_thread(self._first_objects)

    async def _seed(self) -> None:
        await asyncio.to_thread(seed, self._api_server_port, self._control_plane.admin_tls(), self._objects)

    async def _seed_projects(self) -> None:
        await asyncio.to_thread(seed_new_kinds, self._api_server_port, self._control_plane.admin_tls(), self._objects)

    def _first_objects(self) -> list[Object]:
        definitions = read_objects(sorted(DEFINITIONS.glob("*.yaml")))
        names = ["kwok-rbac", *(["node"] if KWOK in self._wanted else [])]
        if any(found["metadata"]["name"] == "appprojects.argoproj.io" for found in definitions):
            names.append("default-project")
        return [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
            *definitions,
            *read_objects(sorted(ROLES.glob("*.yaml"))),
            *read_objects(OBJECTS / f"{name}.yaml" for name in names),
            self._webhook_secret_object(),
        ]

    def _webhook_secret_object(self) -> Object:
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": "argocd-secret",
                "namespace": NAMESPACE,
                "labels": {"app.kubernetes.io/name": "argocd-secret", "app.kubernetes.io/part-of": "argocd"},
            },
            "stringData": {"webhook.github.secret": self.webhook_secret},
        }
