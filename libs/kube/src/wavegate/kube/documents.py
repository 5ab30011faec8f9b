"""How objects are written for the wire where plain JSON would be misread."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_ESCAPE = re.compile(r"\\(?:u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|.)", re.DOTALL)


def json_document(value: Any) -> bytes:
    """The body of any other call, in as few bytes as JSON allows."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def apply_document(manifest: Mapping[str, Any]) -> bytes:
    r"""The body of a server-side apply: JSON that the API server's YAML 1.1 reader takes for the same value.

    That reader refuses the surrogate pairs by which JSON escapes characters beyond U+FFFF, folds raw U+0085, U+2028 and
    U+2029 as line breaks, and refuses a raw DEL. So all but plain ASCII is escaped, save the characters beyond U+FFFF.
    """
    text = json.dumps(manifest, separators=(",", ":"), allow_nan=False)
    if "\\ud" in text:
        text = _ESCAPE.sub(_joined, text)
    return text.encode()


def _joined(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[0]
    high, low = int(escape[1], 16), int(escape[2], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
