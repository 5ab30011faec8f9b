"""Hashes of pod templates and steps, against FNV-1a computed here over Go's JSON written by hand."""

from typing import Any

import pytest

from wavegate.goworker import GoWorkerPool, WorkerError

pytestmark = pytest.mark.asyncio(loop_scope="module")


def hand_hash(text: bytes) -> str:
    """FNV-1a of 32 bits as decimal digits, each character of which picks one of Kubernetes' 27 safe letters."""
    total = 0x811C9DC5
    for byte in text:
        total = (total ^ byte) * 0x01000193 % 2**32
    return "".join("bcdfghjklmnpqrstvwxz2456789"[ord(digit) % 27] for digit in str(total))


TEMPLATE: dict[str, Any] = {
    "spec": {
        "nodeSelector": {"b": "2", "a": "1"},
        "containers": [
            {
                "image": "registry/model:v2",
                "name": "server",
                "resources": {"limits": {"memory": "1024Mi", "cpu": "1000m"}},
                "env": [{"name": "A", "value": "<x> & y"}],
                "notAField": True,
            }
        ],
    },
    "metadata": {"labels": {"app": "model"}},
}
GO_JSON = (
    rb'{"metadata":{"labels":{"app":"model"}},"spec":{"containers":[{"name":"server","image":"registry/model:v2",'
    rb'"env":[{"name":"A","value":"\u003cx\u003e \u0026 y"}],"resources":{"limits":{"cpu":"1","memory":"1Gi"}}}],'
    rb'"nodeSelector":{"a":"1","b":"2"}}}'
)


async def test_pod_template_is_hashed_as_go_writes_its_type(pool: GoWorkerPool) -> None:
    assert await pool.pod_template_hash(TEMPLATE) == hand_hash(GO_JSON)


async def test_fields_that_go_always_writes_count(pool: GoWorkerPool) -> None:
    text = b'{"metadata":{},"spec":{"containers":[{"name":"a","resources":{}}]}}'
    assert await pool.pod_template_hash({"spec": {"containers": [{"name": "a"}]}}) == hand_hash(text)


@pytest.mark.parametrize("count", [0, 1, 258])
async def test_collision_count_adds_eight_bytes(pool: GoWorkerPool, count: int) -> None:
    expected = hand_hash(GO_JSON + count.to_bytes(8, "little"))
    assert await pool.pod_template_hash(TEMPLATE, count) == expected


async def test_a_template_of_the_wrong_type_is_named(pool: GoWorkerPool) -> None:
    with pytest.raises(WorkerError, match=r"HashFailed: json: cannot unmarshal string into Go .*containers"):
        await pool.pod_template_hash({"spec": {"containers": "none"}})


async def test_steps_are_hashed_in_the_order_of_argos_types(pool: GoWorkerPool) -> None:
    steps = [
        {"setWeight": 0},
        {"pause": {}},
        {"pause": {"duration": "10m"}},
        {
            "analysis": {
                "args": [{"valueFrom": {"podTemplateHashValue": "Latest"}, "name": "hash"}, {"value": "<5", "name": "x"}],
                "templates": [{"clusterScope": True, "templateName": "t"}, {"clusterScope": False, "templateName": "u"}],
                "unknown": 1,
            }
        },
        {"setCanaryScale": {"replicas": 0, "matchTrafficWeight": False}},
        {"plugin": {"config": {"b": 1, "a": 2}, "name": "p"}},
    ]  # fmt: skip
    text = (
        rb'[{"setWeight":0},{"pause":{}},{"pause":{"duration":"10m"}},'
        rb'{"analysis":{"templates":[{"templateName":"t","clusterScope":true},{"templateName":"u"}],'
        rb'"args":[{"name":"hash","valueFrom":{"podTemplateHashValue":"Latest"}},{"name":"x","value":"\u003c5"}]}},'
        rb'{"setCanaryScale":{"replicas":0}},{"plugin":{"name":"p","config":{"b":1,"a":2}}}]'
    )
    assert await pool.steps_hash(steps) == hand_hash(text)


async def test_no_steps_and_empty_steps_differ_as_in_go(pool: GoWorkerPool) -> None:
    assert await pool.steps_hash(None) == hand_hash(b"null")
    assert await pool.steps_hash([]) == hand_hash(b"[]")
