"""AnalysisRun conditions: the outcomes and error texts of Argo Rollouts."""

from math import inf, nan

import pytest

from wavegate.goworker import FloatListResult, FloatResult, GoWorkerPool, JsonResult, MetricResult, WorkerError

pytestmark = pytest.mark.asyncio(loop_scope="module")


def floats(*values: float) -> FloatListResult:
    return FloatListResult(values)


@pytest.mark.parametrize(
    ("result", "condition", "verdict"),
    [
        (floats(), "len(result) == 0 || result[0] >= 0.95", True),
        (floats(), "all(result, # > 1)", True),
        (floats(), "any(result, # > 1)", False),
        (floats(), "isNil(result)", False),
        (floats(nan), "result[0] >= .95", False),
        (floats(nan), "result[0] <= .95", False),
        (FloatResult(nan), "result == result", False),
        (FloatResult(nan), "isNaN(result)", True),
        (FloatResult(inf), "isInf(result)", True),
        (FloatResult(-inf), "isInf(result) and result < 0", True),
        (JsonResult(None), "default(result, 0) < 5", True),
        (JsonResult(None), "isNil(result)", True),
        (JsonResult({"a": 1}), "result.b == nil", True),
        (JsonResult({"a": 1}), "result?.b?.c == nil", True),
        (JsonResult({"a.b": 1}), "result['a.b'] == 1", True),
        (JsonResult([{"value": 2}]), "all(result, {.value > 1})", True),
        (JsonResult([]), "len(result) == 0", True),
        (JsonResult("5"), "asInt(result) == 5", True),
        (JsonResult("1.5"), "asFloat(result) > 1", True),
        (JsonResult("abc"), "result matches '^a' and result contains 'b' and result startsWith 'a'", True),
        (FloatResult(7.9), "asInt(result) == 7", True),
        (FloatResult(7), "7/2 == 3.5", True),
        (FloatResult(2), "result ^ 3 == 8 and result ** 3 == 8", True),
        (FloatResult(5.5), "5 <= result <= 6", True),
        (FloatResult(1), "result > 0 ? true : false", True),
        (floats(1, 2), "1 in [1.0, 2.0]", True),
        (floats(1, 2), "3.0 not in result", True),
        (floats(1, 2), "result[-1] == 2", True),
        (floats(1, 2), "len(result[0:2]) == 2", True),
        (floats(1, 2), "(result | len()) == 2", True),
        (floats(1, 2), "reduce(result, #acc + #) == 3", True),
        (floats(1, 3), "mean(result) == 2 and median(result) == 2 and sum(result) == 4", True),
        (floats(1, 3), "count(result, # > 1) == 1 and len(filter(result, # > 1)) == 1", True),
        (floats(1, 3), "let x = result[1]; x == 3", True),
    ],
)
async def test_verdicts(pool: GoWorkerPool, result: MetricResult, condition: str, verdict: bool) -> None:
    assert await pool.evaluate_analysis(condition, result) is verdict


@pytest.mark.parametrize(
    ("result", "condition", "message"),
    [
        (floats(), "result[0] >= 0.95", "index out of range: 0 (array length is 0)"),
        (floats(), "max(result) < 0.05", "invalid operation: <nil> < float64"),
        (floats(0.99), "result >= 0.95", "invalid operation: >= (mismatched types []float64 and float64)"),
        (floats(nan), "isNaN(result)", "cannot use []float64 as argument (type float64) to call isNaN "),
        (JsonResult(None), "result > 1", "invalid operation: > (mismatched types unknown and int)"),
        (JsonResult(None), "asFloat(result) > 1", "asFloat() not supported on <nil> <nil>"),
        (JsonResult({"a": 1}), "result.b > 1", "invalid operation: <nil> > int"),
        (JsonResult("1.5"), "result > 1", "invalid operation: > (mismatched types string and int)"),
        (JsonResult("x"), "asInt(result) == 5", 'strconv.ParseInt: parsing "x": invalid syntax'),
        (FloatResult(7), "result % 2", "invalid operation: % (mismatched types float64 and int)"),
        (FloatResult(1), "nil ?? result == 1", "Operator (==) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses."),
        (FloatResult(1), "result = 1", 'unexpected token Operator("=")'),
        (FloatResult(1), "unknown > 1", "unknown name unknown"),
        (FloatResult(1), "len([1])", "expected bool, but got int"),
        (FloatResult(1), "result", "expected bool, but got float64"),
        (JsonResult(None), "result", "expected bool, but got <nil>"),
    ],
)  # fmt: skip
async def test_errors(pool: GoWorkerPool, result: MetricResult, condition: str, message: str) -> None:
    with pytest.raises(WorkerError) as caught:
        await pool.evaluate_analysis(condition, result)
    assert (caught.value.code, caught.value.message) == ("ExpressionFailed", message)
