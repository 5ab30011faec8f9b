"""A team with a repository: it commits, pushes, and looks at what the API server says; nothing else is asked."""

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wavegate.kube import GroupVersionKind, KubeClient, NotFound

APPLICATION = GroupVersionKind("argoproj.io", "v1alpha1", "Application")
PROJECT = GroupVersionKind("argoproj.io", "v1alpha1", "AppProject")
CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
PATIENCE = 45.0

_GIT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, env=_GIT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def config_map(name: str, value: str, **annotations: str) -> dict[str, Any]:
    marks = {f"argocd.argoproj.io/{key.replace('_', '-')}": text for key, text in annotations.items()}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "annotations": marks},
        "data": {"value": value},
    }


@dataclass
class Team:
    """One repository, one namespace, as many applications as a test wants."""

    platform: Any
    kube: KubeClient
    folder: Path
    url: str
    namespace: str
    made: set[str] = field(default_factory=set)

    def write(self, path: str, *objects: dict[str, Any] | str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n---\n".join(one if isinstance(one, str) else json.dumps(one) for one in objects))

    def push(self, subject: str = "change") -> str:
        """Commit, push, and deliver the webhook; the commit's id."""
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--allow-empty", "--message", subject)
        git(self.folder, "push", "--quiet", "origin", "HEAD:main")
        sha = git(self.folder, "rev-parse", "HEAD")
        self.deliver(sha)
        return sha

    def deliver(self, sha: str) -> None:
        repository = {"html_url": self.url, "clone_url": self.url, "ssh_url": self.url, "default_branch": "main"}
        body = json.dumps(
            {"ref": "refs/heads/main", "before": "0" * 40, "after": sha, "repository": repository}
        ).encode()
        signature = hmac.new(self.platform.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": sha[:12],
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        try:
            urllib.request.urlopen(urllib.request.Request(self.platform.webhook_url, body, headers), timeout=5).read()
        except OSError:
            return  # git-watcher is down: polling at its start is what a lost webhook is made good by

    async def application(self, name: str, path: str, **spec: Any) -> None:
        """Create or replace an application that syncs by itself."""
        source = {"repoURL": self.url, "targetRevision": "main", "path": path}
        manifest = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "namespace": "argocd"},
            "spec": {
                "project": "default",
                "source": source,
                "destination": {"server": "https://kubernetes.default.svc", "namespace": self.namespace},
                "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
                **spec,
            },
        }
        self.made.add(name)
        await self.kube.apply(manifest)

    async def status(self, name: str) -> dict[str, Any]:
        found = await self.kube.get(APPLICATION, "argocd", name)
        status = found.get("status") or {}
        assert isinstance(status, dict)
        return status

    async def synced(self, name: str, sha: str) -> dict[str, Any]:
        def at_revision(status: dict[str, Any]) -> bool:
            sync = status.get("sync", {})
            return bool(sync.get("status") == "Synced" and sync.get("revision") == sha)

        return await self.until(name, at_revision)

    async def in_sync(self, name: str) -> dict[str, Any]:
        """Wait until an application is synced, at whatever commit is the newest."""
        return await self.until(name, lambda status: status.get("sync", {}).get("status") == "Synced")

    async def condition(self, name: str, type_: str, *words: str) -> dict[str, Any]:
        def told(status: dict[str, Any]) -> bool:
            messages = [c["message"] for c in status.get("conditions", ()) if c["type"] == type_]
            return any(all(word in message for word in words) for message in messages)

        return await self.until(name, told)

    async def until(self, name: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a status.

        Raises:
            AssertionError: with the status as it stood at the end.
        """
        status: dict[str, Any] = {}
        for _ in range(int(PATIENCE / 0.1)):
            status = await self.status(name)
            if holds(status):
                return status
            await asyncio.sleep(0.1)
        raise AssertionError(json.dumps(status, indent=1))

    async def value(self, name: str) -> str | None:
        try:
            found = await self.kube.get(CONFIG_MAP, self.namespace, name)
        except NotFound:
            return None
        return str(found["data"]["value"])

    async def leave(self) -> None:
        for name in self.made:
            await self.kube.delete(APPLICATION, "argocd", name)
