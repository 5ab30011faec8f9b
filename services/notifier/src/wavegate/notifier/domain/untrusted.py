"""Content that nobody who may configure notifications wrote: error texts, commit messages, what clusters answer.

Templates are the operator's own and stay as they are, and so do the metadata and spec of an object, which are guarded by
the same permissions as its subscriptions. But what stands in `status` can be steered by whoever may push to a repository;
in a Slack message it must not call people (`<!channel>`, `<@U1>`) or make a link say something else (`<url|text>`). So
its `<` travels through the template as a private-use character and comes out as `&lt;`, which Slack shows as `<`.
"""

import re
from typing import Any

MAX_TEXT = 4_000
"""Characters of one untrusted text."""

_OPENING = "\ue000"
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ue000]")
_WRITTEN = {"slack": "&lt;"}


def guarded(value: Any) -> Any:
    """Return a JSON value whose texts are bounded, without control characters, and carry no `<`."""
    if isinstance(value, str):
        text = _UNSEEN.sub("", value)
        return (text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…").replace("<", _OPENING)
    if isinstance(value, dict):
        return {key: guarded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [guarded(part) for part in value]
    return value


def written(text: str, service_type: str) -> str:
    """Return a rendered text as the service is to read it."""
    return text.replace(_OPENING, _WRITTEN.get(service_type, "<"))
