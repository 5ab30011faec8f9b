"""The build environment that Argo CD offers to Helm parameters and Kustomize annotations (argocd.md §1.2)."""

import re
from collections.abc import Mapping

from wavegate.contracts.commands import PinnedSource, RenderApplication

_VARIABLE = re.compile(r"\$(?:\$|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)\}|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))")


def variables(command: RenderApplication, source: PinnedSource) -> dict[str, str]:
    """Return the variables for one source of an application."""
    sha = source.commit.sha
    return {
        "ARGOCD_APP_NAME": command.object.name,
        "ARGOCD_APP_NAMESPACE": command.destination_namespace,
        "ARGOCD_APP_PROJECT_NAME": command.project,
        "ARGOCD_APP_REVISION": sha,
        "ARGOCD_APP_REVISION_SHORT": sha[:7],
        "ARGOCD_APP_REVISION_SHORT_8": sha[:8],
        "ARGOCD_APP_SOURCE_REPO_URL": str(source.spec.get("repoURL", "")),
        "ARGOCD_APP_SOURCE_PATH": str(source.spec.get("path", "")),
        "ARGOCD_APP_SOURCE_TARGET_REVISION": str(source.spec.get("targetRevision", "")),
    }


def substituted(text: str, environment: Mapping[str, str]) -> str:
    """Replace `$NAME` and `${NAME}`; `$$` is a dollar sign, a variable that is not ours is empty, as with Argo CD."""

    def value(match: re.Match[str]) -> str:
        name = match["braced"] or match["bare"]
        return environment.get(name, "") if name else "$"

    return _VARIABLE.sub(value, text)
