"""The client's manners towards an API server: what it asks, how it reads refusals, what it never holds."""

import pytest

from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.kube import (
    EVERYTHING,
    Conflict,
    Forbidden,
    Gone,
    GroupVersionKind,
    Invalid,
    NotFound,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnknownKind,
    WriteOptions,
)
from wavegate.kube.connection import refuse_unverified

CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
SECRET = GroupVersionKind("", "v1", "Secret")
MANIFEST = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "n"}}
PATH = "/api/v1/namespaces/n/configmaps"


async def test_an_apply_says_who_writes_and_how(server, client):
    server.answers(server.document({}))
    await client.apply(MANIFEST, WriteOptions(dry_run=True, validation="Strict"), resource_version="7")
    query = {"fieldManager": "wavegate-test", "dryRun": "All", "fieldValidation": "Strict", "force": "true"}
    assert server.asked == [("PATCH", f"{PATH}/a", query)]


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        (404, "NotFound", NotFound),
        (409, "Conflict", Conflict),
        (410, "Expired", Gone),
        (403, "Forbidden", Forbidden),
        (401, "Unauthorized", Unauthorized),
        (413, "RequestEntityTooLarge", TooLarge),
        (422, "Invalid", Invalid),
        (400, "BadRequest", Invalid),
        (429, "TooManyRequests", TooManyRequests),
        (500, "InternalError", Unavailable),
        (503, "ServiceUnavailable", Unavailable),
        (504, "Timeout", Unavailable),
    ],
)
async def test_refusals_are_typed_by_what_to_do_next(server, client, code, reason, expected):
    server.answers(server.status(code, reason, name="a"))
    with pytest.raises(expected, match="read v1 ConfigMap n/a: no") as raised:
        await client.get(CONFIG_MAP, "n", "a")
    assert type(raised.value) is expected
    assert raised.value.refusal.status == code


async def test_a_server_that_asks_for_patience_gets_it(server, client):
    server.answers(server.text("busy", 429, **{"Retry-After": "7"}))
    with pytest.raises(RetryLater) as raised:
        await client.get(CONFIG_MAP, "n", "a")
    assert (raised.value.after_seconds, raised.value.reason) == (7.0, Reason.API_UNAVAILABLE)


async def test_an_unknown_field_in_an_apply_is_no_server_fault(server, client):
    message = "failed to create typed patch object (n/a; /v1, Kind=ConfigMap): .spelled: field not declared in schema"
    server.answers(server.status(500, "", message))
    with pytest.raises(Invalid, match=r"\.spelled"):
        await client.apply(MANIFEST)


async def test_a_path_that_is_not_served_makes_the_kind_unknown_until_discovery_has_it_again(server, client):
    server.answers(server.text("404 page not found", 404), server.document(MANIFEST))
    with pytest.raises(UnknownKind):
        await client.get(CONFIG_MAP, "n", "a")
    with pytest.raises(UnknownKind):
        await client.get(CONFIG_MAP, "n", "a")
    await client.catalog.refresh()
    assert await client.get(CONFIG_MAP, "n", "a") == MANIFEST


async def test_silence_is_unavailability(server, client):
    server.answers(server.hanging())
    with pytest.raises(Unavailable, match=r"no answer"):
        await client.get(CONFIG_MAP, "n", "a")


async def test_an_answer_without_end_is_cut_off(server, client):
    server.answers(server.text("x" * 20_000, 200))
    with pytest.raises(Unavailable, match="exceeds 10000 bytes"):
        await client.get(CONFIG_MAP, "n", "a")


async def test_an_answer_that_is_not_json_comes_from_something_else(server, client):
    server.answers(server.text("<html>", 200), server.document([1]))
    for _ in range(2):
        with pytest.raises(Unavailable, match=r"not JSON|not a JSON object"):
            await client.get(CONFIG_MAP, "n", "a")


@pytest.mark.parametrize("name", ["..", ".", ""])
async def test_a_name_cannot_walk_the_path(server, client, name):
    with pytest.raises(Invalid, match="not the name of an object"):
        await client.get(CONFIG_MAP, "n", name)
    assert server.asked == []


async def test_a_name_cannot_reach_another_resource(server, client):
    server.answers(server.document(MANIFEST))
    await client.get(CONFIG_MAP, "n", "a/status?x=y")
    assert server.asked == [("GET", f"{PATH}/a%2Fstatus%3Fx=y", {})]


async def test_pages_are_put_together(server, client):
    first = {"metadata": {"resourceVersion": "5", "continue": "more"}, "items": [{"metadata": {"name": "a"}}]}
    second = {"metadata": {"resourceVersion": "5"}, "items": [{"metadata": {"name": "b"}}]}
    server.answers(server.document(first), server.document(second))
    listed = await client.list(CONFIG_MAP, page=1)
    assert [item["metadata"]["name"] for item in listed.items] == ["a", "b"]
    assert listed.resource_version == "5"
    assert [query for _, _, query in server.asked] == [{"limit": "1"}, {"limit": "1", "continue": "more"}]


async def test_a_watch_that_is_refused_says_why(server, client):
    server.answers(server.status(403, "Forbidden"), server.text("later", 429, **{"Retry-After": "3"}))
    for expected in (Forbidden, TooManyRequests):
        with pytest.raises(expected):
            async for _ in client.watch(CONFIG_MAP, EVERYTHING, "1"):
                pass


async def test_an_event_without_end_is_cut_off(server, client):
    server.answers(server.streaming({"type": "ADDED", "object": {"x": "y" * 2_000}}, hang=True))
    with pytest.raises(Unavailable, match="exceeds 1000 bytes"):
        async for _ in client.watch(CONFIG_MAP, EVERYTHING, "1"):
            pass


async def test_warnings_are_told(server, client):
    told = []
    client._on_warning = told.append
    server.answers(server.document({}, Warning='299 - "old"'))
    await client.apply(MANIFEST)
    assert told == ['apply v1 ConfigMap n/a: 299 - "old"']


@pytest.mark.parametrize(
    "message",
    [
        'Secret "s" is invalid: data[password]: Invalid value: "hunter2": too simple',
        "Secret in version v1 cannot be handled: Invalid value: hunter2",
        "cannot unmarshal hunter2 into a map",
        'quoted "a\\"hunter2\\"b" value',
        "aHVudGVyMg== is refused",
    ],
)
async def test_what_a_secret_holds_never_leaves_in_an_error(server, client, message):
    server.answers(server.status(422, "Invalid", message), server.status(422, "Invalid", message))
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n"}}
    with pytest.raises(Invalid, match="Secret n/s") as raised:
        await client.apply({**manifest, "stringData": {"password": "hunter2"}})
    assert "hunter2" not in str(raised.value)
    with pytest.raises(Invalid) as raised:
        await client.apply({**manifest, "data": {"password": "aHVudGVyMg=="}})
    assert "hunter2" not in str(raised.value)
    assert "aHVudGVyMg" not in str(raised.value)


@pytest.mark.parametrize(
    ("server_url", "verified"), [("http://api.example.com", True), ("https://api.example.com", False)]
)
def test_a_server_that_could_be_anybody_is_refused(server_url, verified):
    with pytest.raises(Rejected):
        refuse_unverified(server_url, verified=verified)


@pytest.mark.parametrize("server_url", ["http://127.0.0.1:80", "http://[::1]:80", "http://localhost", "https://x"])
def test_a_server_on_this_machine_or_with_a_certificate_is_spoken_to(server_url):
    refuse_unverified(server_url, verified=True)


@pytest.mark.parametrize(
    "message", ['Invalid value: "hunter2": too simple', "Invalid value: hunter2", 'of "\\nhunter2\\n"', "at `hunter2`"]
)
async def test_nor_does_what_a_patch_puts_into_a_secret(server, client, message):
    server.answers(server.status(422, "Invalid", message))
    operations = [{"op": "add", "path": "/stringData", "value": {"password": "hunter2"}}]
    with pytest.raises(Invalid, match="Secret n/s") as raised:
        await client.patch(SECRET, "n", "s", operations)
    assert "hunter2" not in str(raised.value)
