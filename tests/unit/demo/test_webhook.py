import hashlib
import hmac
import json

from wavegate.demo.repository import Pushed
from wavegate.demo.webhook import headers, payload

PUSHED = Pushed("a" * 40, "0" * 40, "Serve the fraud model", added=("README.md",), modified=("x.yaml",))
URL = "http://127.0.0.1:1/ml/platform.git"


def test_the_signature_is_over_the_raw_body() -> None:
    body = json.dumps(payload(PUSHED, URL)).encode()
    given = headers(body, "secret", PUSHED)

    assert given["X-Hub-Signature-256"] == "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert given["X-GitHub-Event"] == "push"


def test_the_body_says_what_github_says_of_a_push() -> None:
    told = payload(PUSHED, URL)

    assert (told["ref"], told["before"], told["after"]) == ("refs/heads/main", "0" * 40, "a" * 40)
    assert told["created"] is True
    assert told["repository"]["clone_url"] == URL
    assert told["commits"][0]["added"] == ["README.md"]
    assert told["commits"][0]["modified"] == ["x.yaml"]
