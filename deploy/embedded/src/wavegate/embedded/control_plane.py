"""The Kubernetes control plane as parts: etcd, API server, controllers, scheduler, and kwok for the one node."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wavegate.embedded.addresses import LOOPBACK
from wavegate.embedded.certificates import Authority, Credential, write_signing_key
from wavegate.embedded.kubeconfigs import write_kubeconfig
from wavegate.embedded.parts import Part
from wavegate.embedded.probes import Probe, client_tls, http_ready
from wavegate.embedded.tools import EMBEDDED_ROOT

ETCD = "etcd"
API_SERVER = "kube-apiserver"
CONTROLLERS = "kube-controller-manager"
SCHEDULER = "kube-scheduler"
KWOK = "kwok"

OBJECTS = EMBEDDED_ROOT / "objects"
STAGES = EMBEDDED_ROOT / "stages"

ADMIN = "wavegate-admin"
# The groups and names that Kubernetes itself binds to its roles.
_GROUPS = {ADMIN: "system:masters"}
_AGGREGATOR = "front-proxy"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of the control plane."""

    etcd: int
    etcd_peer: int
    api_server: int
    controllers: int
    scheduler: int


class ControlPlane:
    """Everything that the control plane's parts share: certificates, ports, folders, programs."""

    def __init__(self, folder: Path, ports: Ports, programs: Mapping[str, Path], namespace: str) -> None:
        self._folder = folder
        self._ports = ports
        self._programs = programs
        self._namespace = namespace
        self._pki = folder / "pki"
        self._pki.mkdir(mode=0o700)
        (folder / "kubeconfigs").mkdir(mode=0o700)
        self.authority = Authority(self._pki, "wavegate-ca")
        self._requests = Authority(self._pki, "wavegate-front-proxy-ca")
        self._server = self.authority.issue("kube-apiserver")
        self._etcd = self.authority.issue("etcd")
        self._signing = write_signing_key(self._pki)
        self.admin = self.authority.issue(ADMIN, _GROUPS[ADMIN])
        self.audit_log = folder / "logs" / "audit.jsonl"

    @property
    def url(self) -> str:
        """Return the API server's address."""
        return f"https://{LOOPBACK}:{self._ports.api_server}"

    def admin_tls(self) -> ssl.SSLContext:
        """Return what a connection of the administrator's is made with."""
        return client_tls(str(self.authority.certificate), self.admin)

    def kubeconfig(self, user: str, credential: Credential | None = None) -> Path:
        """Write a kubeconfig for a user, with a fresh certificate unless one is given."""
        path = self._folder / "kubeconfigs" / f"{user.replace(':', '-')}.yaml"
        shown = credential or self.authority.issue(user)
        return write_kubeconfig(path, self.url, self.authority.certificate, shown, self._namespace)

    def etcd(self) -> Part:
        """Return the store. Its data is wiped on stop, so it need not survive a power cut and never waits for one."""
        client, peer = (f"https://{LOOPBACK}:{port}" for port in (self._ports.etcd, self._ports.etcd_peer))
        options = {
            "name": "wavegate",
            "data-dir": self._folder / "etcd",
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"wavegate={peer}",
            "cert-file": self._etcd.certificate,
            "key-file": self._etcd.key,
            "client-cert-auth": "true",
            "trusted-ca-file": self.authority.certificate,
            "peer-cert-file": self._etcd.certificate,
            "peer-key-file": self._etcd.key,
            "peer-client-cert-auth": "true",
            "peer-trusted-ca-file": self.authority.certificate,
            "unsafe-no-fsync": "true",
            "log-level": "warn",
        }
        tls = client_tls(str(self.authority.certificate), self._etcd)
        return Part(ETCD, self._command(ETCD, options), ready=http_ready(self._ports.etcd, "/readyz", tls), grace=1.0)

    def api_server(self, *, with_controllers: bool) -> Part:
        """Return the API server.

        Args:
            with_controllers: Without them nobody makes service accounts, and Pods are let in without one.
        """
        options = self._serving() | self._trust() | self._aggregation()
        if not with_controllers:
            options["disable-admission-plugins"] = "ServiceAccount"
        return Part(
            API_SERVER,
            self._command(API_SERVER, options),
            ready=http_ready(self._ports.api_server, "/readyz", self.admin_tls()),
            needs=(ETCD,),
            grace=1.0,
        )

    def _serving(self) -> dict[str, object]:
        return {
            "bind-address": LOOPBACK,
            "secure-port": self._ports.api_server,
            "advertise-address": LOOPBACK,
            # The address of the service `kubernetes` may not be a loopback one, and nothing here would use it.
            "endpoint-reconciler-type": "none",
            "service-cluster-ip-range": "10.96.0.0/16",
            "etcd-servers": f"https://{LOOPBACK}:{self._ports.etcd}",
            "etcd-cafile": self.authority.certificate,
            "etcd-certfile": self._etcd.certificate,
            "etcd-keyfile": self._etcd.key,
            "max-requests-inflight": 400,
            "max-mutating-requests-inflight": 200,
            "profiling": "false",
            "audit-policy-file": OBJECTS / "audit-policy.yaml",
            "audit-log-path": self.audit_log,
            "audit-log-maxsize": 0,
        }

    def _trust(self) -> dict[str, object]:
        return {
            "anonymous-auth": "false",
            "authorization-mode": "RBAC",
            "client-ca-file": self.authority.certificate,
            "tls-cert-file": self._server.certificate,
            "tls-private-key-file": self._server.key,
            "service-account-issuer": "https://kubernetes.default.svc",
            "service-account-key-file": self._signing.certificate,
            "service-account-signing-key-file": self._signing.key,
        }

    def _aggregation(self) -> dict[str, object]:
        aggregator = self._requests.issue(_AGGREGATOR)
        return {
            "requestheader-client-ca-file": self._requests.certificate,
            "requestheader-allowed-names": _AGGREGATOR,
            "requestheader-username-headers": "X-Remote-User",
            "requestheader-group-headers": "X-Remote-Group",
            "requestheader-extra-headers-prefix": "X-Remote-Extra-",
            "proxy-client-cert-file": aggregator.certificate,
            "proxy-client-key-file": aggregator.key,
        }

    def controllers(self) -> Part:
        """Return the controller manager."""
        options = self._controller("system:kube-controller-manager", self._ports.controllers) | {
            "use-service-account-credentials": "true",
            "service-account-private-key-file": self._signing.key,
            "root-ca-file": self.authority.certificate,
            "kube-api-qps": 200,
            "kube-api-burst": 400,
            # A person waits for what these do; in a real cluster they may take their usual time.
            "horizontal-pod-autoscaler-sync-period": "2s",
            "pvclaimbinder-sync-period": "1s",
        }
        ready = self._serves(self._ports.controllers)
        return Part(CONTROLLERS, self._command(CONTROLLERS, options), ready=ready, needs=(API_SERVER,), grace=1.0)

    def scheduler(self) -> Part:
        """Return the scheduler."""
        options = self._controller("system:kube-scheduler", self._ports.scheduler)
        ready = self._serves(self._ports.scheduler)
        return Part(SCHEDULER, self._command(SCHEDULER, options), ready=ready, needs=(API_SERVER,), grace=1.0)

    def kwok(self) -> Part:
        """Return the player of the kubelet; it serves nothing, so it is ready once it runs."""
        command = [str(self._programs[KWOK]), "--kubeconfig", str(self.kubeconfig("wavegate:kwok"))]
        command += ["--manage-all-nodes", "--cidr", "10.64.0.0/16", "--node-ip", "10.64.0.1"]
        for stage in sorted(STAGES.glob("*.yaml")):
            command += ["--config", str(stage)]
        return Part(KWOK, tuple(command), ready=_at_once, needs=("objects",), grace=1.0)

    def _controller(self, user: str, port: int) -> dict[str, object]:
        kubeconfig = self.kubeconfig(user)
        serving = self.authority.issue(f"{user}-serving")
        return {
            "kubeconfig": kubeconfig,
            "authentication-kubeconfig": kubeconfig,
            "authorization-kubeconfig": kubeconfig,
            "bind-address": LOOPBACK,
            "secure-port": port,
            "tls-cert-file": serving.certificate,
            "tls-private-key-file": serving.key,
            "leader-elect": "false",
            "profiling": "false",
        }

    def _serves(self, port: int) -> Probe:
        return http_ready(port, "/healthz", self.admin_tls())

    def _command(self, name: str, options: Mapping[str, object]) -> tuple[str, ...]:
        return (str(self._programs[name]), *(f"--{option}={value}" for option, value in options.items()))


async def _at_once() -> bool:
    return True
