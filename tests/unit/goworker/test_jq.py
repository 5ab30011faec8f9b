"""jq programs, run by gojq."""

from typing import Any

import pytest

from wavegate.goworker import GoWorkerPool, WorkerError

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("program", "value", "results"),
    [
        (".a[]", {"a": [1, 2.5, 12345678901234567890]}, (1, 2.5, 12345678901234567890)),
        ("del(.spec.replicas)", {"spec": {"replicas": 3, "x": 1}}, ({"spec": {"x": 1}},)),
        ("path(.spec.containers[] | select(.name == \"b\"))", {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}, (["spec", "containers", 1],)),
        ("empty", None, ()),
        ("env | length", None, (0,)),
    ],
)  # fmt: skip
async def test_results(pool: GoWorkerPool, program: str, value: Any, results: tuple[Any, ...]) -> None:
    assert await pool.jq(program, value) == results


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (".a[", "unexpected EOF"),
        ("nope", "function not defined: nope/0"),
        ('error("bad")', "error: bad"),
        ('include "x"; .', 'cannot load module: "x"'),
    ],
)
async def test_errors_are_those_of_gojq(pool: GoWorkerPool, program: str, message: str) -> None:
    with pytest.raises(WorkerError) as caught:
        await pool.jq(program, None)
    assert (caught.value.code, caught.value.message) == ("JqFailed", message)


async def test_a_program_without_end_stops_at_its_deadline_and_the_worker_lives(pool: GoWorkerPool) -> None:
    with pytest.raises(WorkerError, match="DeadlineExceeded"):
        await pool.jq("last(repeat(1))", None, deadline=0.2)
    assert await pool.jq(".", 1) == (1,)
