"""Go templates with sprig: what notifications print."""

from datetime import UTC, datetime
from typing import Any

import pytest

from wavegate.goworker import Commit, GoWorkerPool, NotificationScope, Numbers, WorkerError

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
VARIABLES: dict[str, Any] = {
    "app": {
        "metadata": {"name": "model"},
        "small": 999999,
        "large": 1000000,
        "huge": 12345678,
        "half": 1.5,
        "tiny": 0.00001,
        "big": 9007199254740993,
        "list": [1, "a"],
        "map": {"b": 1, "a": "z"},
        "flag": True,
        "none": None,
        "html": "<b>&",
    },
    "recipient": "ml",
    "serviceType": "slack",
}


def scope(numbers: Numbers = "int64", **fields: Any) -> NotificationScope:
    return NotificationScope(VARIABLES, NOW, numbers=numbers, **fields)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{.app.metadata.name}}", "model"),
        ("{{.app.absent}} {{.app.absent.deeper}} {{.app.none}}", "<no value> <no value> <no value>"),
        ("{{.app.list}} {{.app.map}} {{.app.flag}}", "[1 a] map[a:z b:1] true"),
        ("{{.app.html}}", "<b>&"),
        ("{{.app.half}} {{.app.tiny}} {{.app.big}}", "1.5 1e-05 9007199254740993"),
        ("{{.app.small}} {{.app.large}} {{.app.huge}}", "999999 1000000 12345678"),
        ("{{.secrets.token}} {{printf \"%s\" .secrets.token}} {{.secrets.token | toString}}", "[115 51] s3 s3"),
        ("{{if eq .serviceType \"slack\"}}to {{.recipient | upper}}{{else if true}}no{{end}}", "to ML"),
        ("{{range $i, $c := .app.list}}{{if $i}},{{end}}{{$c}}{{end}}", "1,a"),
        ("a\n  {{- \" b\" -}}  \nc", "a bc"),
        ("{{(call .time.Parse \"2026-03-04T00:00:00Z\").Add (call .time.Parse \"2026-03-04T01:00:00Z\").Sub}}", None),
        ("{{(call .time.Now).Format .time.RFC1123}}", "Wed, 04 Mar 2026 05:06:07 UTC"),
        ("{{((call .time.Now).Sub (call .time.Parse \"2026-03-04T05:04:07Z\")).Minutes}}", "2"),
        ("{{(call .time.Parse \"2026-03-04T01:00:00+02:00\").Local.Format .time.Kitchen}}", "11:00PM"),
        ("{{call .strings.ReplaceAll \"a-b\" \"-\" \"+\"}}{{call .strings.ToUpper \"x\"}}{{call .strings.ToLower \"Y\"}}", "a+bXy"),
        ("{{call .repo.RepoURLToHTTPS \"git@github.com:o/r.git\"}}", "https://github.com/o/r.git"),
        ("{{call .repo.FullNameByRepoURL \"https://u:p@github.com/o/r.git\"}}", "o/r"),
        ("{{call .repo.FullNameByRepoURL \"ssh://git@host/only.git\"}}", "/only"),
        ("{{call .repo.QueryEscape \"a b&c\"}}", "a+b%26c"),
        ("{{(call .repo.GetCommitMetadata \"abc\").Author}}: {{(call .repo.GetCommitMetadata \"abc\").Message}} {{(call .repo.GetCommitMetadata \"abc\").Tags}} {{(call .repo.GetCommitMetadata \"abc\").Date}}", "Ada: fix [v1 v2] 2026-03-04 05:06:07 +0000 UTC"),
        ("{{ .app.map | toJson }} {{ .app.metadata.name | trunc 3 | b64enc }}", '{"a":"z","b":1} bW9k'),
    ],
)  # fmt: skip
async def test_output(pool: GoWorkerPool, text: str, expected: str | None) -> None:
    commits = {"abc": Commit("fix", "Ada", NOW, ("v1", "v2"))}
    if expected is None:
        with pytest.raises(WorkerError, match="TemplateFailed"):
            await pool.template({"m": text}, scope())
        return
    assert await pool.template({"m": text}, scope(secrets={"token": b"s3"}, commits=commits)) == {"m": expected}


async def test_whole_numbers_of_argo_rollouts_are_floats(pool: GoWorkerPool) -> None:
    rendered = await pool.template({"m": "{{.app.small}} {{.app.large}} {{.app.huge}}"}, scope("float64"))
    assert rendered == {"m": "999999 1e+06 1.2345678e+07"}


async def test_several_texts_are_rendered_under_their_names(pool: GoWorkerPool) -> None:
    texts = {"message": "{{.recipient}}", "slack.attachments": "[]"}
    assert await pool.template(texts, scope()) == {"message": "ml", "slack.attachments": "[]"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{{ env "HOME" }}', 'template: m:1: function "env" not defined'),
        ("{{ expandenv }}", 'template: m:1: function "expandenv" not defined'),
        ('{{ getHostByName "canary" }}', 'template: m:1: function "getHostByName" not defined'),
        ("{{ .app", "template: m:1: unclosed action"),
        ("{{ .app.html.deeper }}", "template: m:1:7: executing \"m\" at <.app.html.deeper>: can't evaluate field deeper in type interface {}"),
        ('{{ call .time.Parse "soon" }}', 'template: m:1:3: executing "m" at <call .time.Parse "soon">: error calling call: parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"'),
        ('{{ call .repo.GetCommitMetadata "x" }}', 'template: m:1:3: executing "m" at <call .repo.GetCommitMetadata "x">: error calling call: metadata of commit x is not known'),
        ("{{ call .repo.GetAppDetails }}", 'template: m:1:3: executing "m" at <call .repo.GetAppDetails>: error calling call: repo.GetAppDetails is not supported'),
    ],
)  # fmt: skip
async def test_errors_name_template_and_place(pool: GoWorkerPool, text: str, message: str) -> None:
    with pytest.raises(WorkerError) as caught:
        await pool.template({"m": text}, scope())
    assert (caught.value.code, caught.value.message) == ("TemplateFailed", message)
