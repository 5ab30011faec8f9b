"""Puts the first objects into the embedded cluster: kinds, roles, the node, the default project, the webhook secret."""

import contextlib
import http.client
import json
import ssl
import time
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from wavegate.embedded.addresses import LOOPBACK

Object = dict[str, Any]

# Six times as fast as the one in Python, and as safe; some builds of PyYAML lack it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PATIENCE = 20.0
_ASK_AGAIN = 0.05
_CLUSTER_KINDS = {
    "Namespace": "namespaces",
    "Node": "nodes",
    "CustomResourceDefinition": "customresourcedefinitions",
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
}
_NAMESPACED_KINDS = {
    "Role": "roles",
    "RoleBinding": "rolebindings",
    "Secret": "secrets",
    "ConfigMap": "configmaps",
    "ServiceAccount": "serviceaccounts",
    "AppProject": "appprojects",
}


class Refused(Exception):
    """The API server did not take an object; the message holds its answer."""


def read_objects(files: Iterable[Path]) -> list[Object]:
    """Return the objects of YAML files, in order."""
    return [found for path in files for found in yaml.load_all(path.read_text(), _LOADER) if found]


def collection(found: Object) -> str:
    """Return the path that an object is created at.

    Raises:
        ValueError: The kind is none that the platform begins with.
    """
    version, kind = found["apiVersion"], found["kind"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    if kind in _CLUSTER_KINDS:
        return f"{root}/{_CLUSTER_KINDS[kind]}"
    if kind in _NAMESPACED_KINDS:
        return f"{root}/namespaces/{found['metadata']['namespace']}/{_NAMESPACED_KINDS[kind]}"
    raise ValueError(f"no place is known for a {kind}")


class Seeder:
    """A blocking connection to the API server, used once at the start by one thread."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        self._connection = http.client.HTTPSConnection(LOOPBACK, port, timeout=_PATIENCE, context=tls)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def create(self, objects: Sequence[Object]) -> None:
        """Create objects; one that exists is left as it is.

        Raises:
            Refused: The API server said no.
        """
        until = time.monotonic() + _PATIENCE
        for found in objects:
            status, answer = self._call("POST", collection(found), json.dumps(found))
            while status == HTTPStatus.NOT_FOUND and time.monotonic() < until:
                # A kind is said to be established a moment before its path is served.
                time.sleep(_ASK_AGAIN)
                status, answer = self._call("POST", collection(found), json.dumps(found))
            if status not in {HTTPStatus.CREATED, HTTPStatus.CONFLICT}:
                name = f"{found['kind']} {found['metadata'].get('name')}"
                raise Refused(f"{name}: {status} {answer[:500]}")

    def wait_until_served(self, definitions: Sequence[Object]) -> None:
        """Wait until custom resources can be read and written.

        Raises:
            Refused: They could not in time.
        """
        until = time.monotonic() + _PATIENCE
        for definition in definitions:
            path = f"{collection(definition)}/{definition['metadata']['name']}"
            while not self._established(path):
                if time.monotonic() > until:
                    raise Refused(f"{definition['metadata']['name']} was not served within {_PATIENCE:.0f} s")
                time.sleep(_ASK_AGAIN)

    def _established(self, path: str) -> bool:
        status, answer = self._call("GET", path)
        found = json.loads(answer).get("status") or {} if status == 200 else {}
        conditions = found.get("conditions") or []
        return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)

    def _call(self, verb: str, path: str, body: str | None = None) -> tuple[int, str]:
        self._connection.request(verb, path, body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()


def seed(port: int, tls: ssl.SSLContext, objects: Sequence[Object]) -> None:
    """Create namespaces, then kinds and whatever is not of these kinds; return once the kinds are served.

    Raises:
        Refused: The API server said no.
    """
    definitions = [found for found in objects if found["kind"] == "CustomResourceDefinition"]
    namespaces = [found for found in objects if found["kind"] == "Namespace"]
    early = (*namespaces, *definitions)
    with contextlib.closing(Seeder(port, tls)) as seeder:
        seeder.create(early)
        seeder.create([found for found in objects if found not in early and found not in of_new_kinds(objects)])
        seeder.wait_until_served(definitions)


def seed_new_kinds(port: int, tls: ssl.SSLContext, objects: Sequence[Object]) -> None:
    """Create the objects of the kinds that `seed` defined.

    Apart from it, because the API server holds back every creation in the first two seconds of a new kind.

    Raises:
        Refused: The API server said no.
    """
    with contextlib.closing(Seeder(port, tls)) as seeder:
        seeder.create(of_new_kinds(objects))


def of_new_kinds(objects: Sequence[Object]) -> list[Object]:
    """Return the objects whose kinds are defined among the objects."""
    groups = {found["spec"]["group"] for found in objects if found["kind"] == "CustomResourceDefinition"}
    return [found for found in objects if found["apiVersion"].split("/")[0] in groups]
