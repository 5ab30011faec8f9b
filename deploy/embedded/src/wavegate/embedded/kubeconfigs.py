"""Kubeconfig files: one for each caller, each with a client certificate of its own."""

import base64
import json
from pathlib import Path

from wavegate.embedded.certificates import Credential, write_private


def write_kubeconfig(path: Path, server: str, authority: Path, credential: Credential, namespace: str) -> Path:
    """Write a self-contained kubeconfig, readable by its owner only. JSON is YAML."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "wavegate",
                "cluster": {"server": server, "certificate-authority-data": _encoded(authority)},
            }
        ],
        "users": [
            {
                "name": "caller",
                "user": {
                    "client-certificate-data": _encoded(credential.certificate),
                    "client-key-data": _encoded(credential.key),
                },
            }
        ],
        "contexts": [
            {"name": "wavegate", "context": {"cluster": "wavegate", "user": "caller", "namespace": namespace}}
        ],
        "current-context": "wavegate",
    }
    write_private(path, json.dumps(content, indent=2).encode())
    return path


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
