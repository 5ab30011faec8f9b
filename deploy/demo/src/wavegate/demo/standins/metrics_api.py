"""What the autoscaler asks metrics-server: the CPU that Pods use. Every Pod that runs uses the same, quiet amount.

It stands behind an APIService, so that kube-controller-manager finds it where it finds the real one. It answers whoever
asks on the loopback address: its numbers are made up and no secret.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from wavegate.demo.standins.servers import Certificate

GROUP_VERSION = "metrics.k8s.io/v1beta1"
SERVER_NAME = "metrics-server.kube-system.svc"
CPU, MEMORY = "150m", "256Mi"
_WINDOW = "1s"
_ROOT = f"/apis/{GROUP_VERSION}"
_LIFETIME = datetime.timedelta(days=1)

JsonObject = Mapping[str, Any]
Pods = Callable[[str], Iterable[JsonObject]]
"""Given a namespace, its Pods."""


def application(pods: Pods) -> Starlette:
    """Serve the resource metrics of Pods."""

    async def resources(_: Request) -> JSONResponse:
        return JSONResponse(_RESOURCES)

    async def pod_metrics(request: Request) -> JSONResponse:
        chosen = matching(pods(request.path_params["namespace"]), request.query_params.get("labelSelector", ""))
        now = datetime.datetime.now(datetime.UTC)
        return JSONResponse({**_list("PodMetricsList"), "items": [usage(pod, now) for pod in chosen]})

    return Starlette(
        routes=[Route(_ROOT, resources), Route(f"{_ROOT}/namespaces/{{namespace}}/pods", pod_metrics)],
    )


def matching(pods: Iterable[JsonObject], selector: str) -> list[JsonObject]:
    """Return the running Pods that an equality-based label selector chooses."""
    wanted = dict(term.split("=", 1) for term in selector.replace("==", "=").split(",") if "=" in term)
    return [
        pod
        for pod in pods
        if (pod.get("status") or {}).get("phase") == "Running"
        and wanted.items() <= (pod["metadata"].get("labels") or {}).items()
    ]


def usage(pod: JsonObject, now: datetime.datetime) -> dict[str, Any]:
    """Return a Pod's metrics."""
    return {
        "metadata": {key: pod["metadata"].get(key) for key in ("name", "namespace", "labels")},
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "window": _WINDOW,
        "containers": [
            {"name": container["name"], "usage": {"cpu": CPU, "memory": MEMORY}}
            for container in pod["spec"]["containers"]
        ],
    }


def write_certificate(folder: Path) -> Certificate:
    """Write a self-signed certificate for the name that the API server calls the metrics API by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SERVER_NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(SERVER_NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written = Certificate(folder / "metrics-server.crt", folder / "metrics-server.key")
    written.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    written.key.touch(mode=0o600)
    written.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return written


def _list(kind: str) -> dict[str, Any]:
    return {"kind": kind, "apiVersion": GROUP_VERSION, "metadata": {}}


_RESOURCES = {
    "kind": "APIResourceList",
    "apiVersion": "v1",
    "groupVersion": GROUP_VERSION,
    "resources": [
        {"name": "pods", "singularName": "", "namespaced": True, "kind": "PodMetrics", "verbs": ["get", "list"]}
    ],
}
