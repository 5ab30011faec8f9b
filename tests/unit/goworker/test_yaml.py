"""YAML as Kubernetes reads it, and its bounds."""

import json

import pytest

from wavegate.goworker import GoWorkerPool, WorkerError, YamlLimits

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("Off", False),
        ("'yes'", "yes"),
        ("0o14", 12),
        ("014", 12),
        ("0x1f", 31),
        ("1e3", 1000),
        ("1.50", 1.5),
        ("1_000", 1000),
        ("12345678901234567890", 12345678901234567890),
        ("2001-01-01", "2001-01-01"),
        ("2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
        ("~", None),
        ('"\\x41"', "A"),
        ("!!binary aGk=", "hi"),
        ("1:30", "1:30"),
    ],
)
async def test_scalars_are_those_of_yaml_1_1(pool: GoWorkerPool, text: str, value: object) -> None:
    assert await pool.parse_yaml(f"a: {text}\n") == ({"a": value},)


async def test_keys_become_strings_as_in_kubernetes(pool: GoWorkerPool) -> None:
    assert await pool.parse_yaml("1: a\ny: c\n1.5: d\n") == ({"1": "a", "true": "c", "1.5": "d"},)


async def test_merge_keys_and_anchors_expand(pool: GoWorkerPool) -> None:
    text = "base: &b {k: 1, l: 2}\nsub:\n  <<: *b\n  l: 3\n"
    assert await pool.parse_yaml(text) == ({"base": {"k": 1, "l": 2}, "sub": {"k": 1, "l": 3}},)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n---\nb: 2\n",
        "---\na: 1\n---\nb: 2\n...\n",
        "# head\n---\na: 1\n--- # note\nb: 2\n---\n# only a comment\n---\n",
        "\ufeffa: 1\n...\n---\nb: 2",
        "--- {a: 1}\n--- {b: 2}\n",
        "a: 1\r\n---\r\nb: 2\r\n",
        '{"a": 1}\n---\n{"b": 2}\n',
    ],
)
async def test_documents_are_split_at_marks_and_empty_ones_left_out(pool: GoWorkerPool, text: str) -> None:
    assert await pool.parse_yaml(text) == ({"a": 1}, {"b": 2})


async def test_a_mark_inside_a_block_is_text(pool: GoWorkerPool) -> None:
    assert await pool.parse_yaml("a: |\n  ---\n  x\n  ...\n") == ({"a": "---\nx\n...\n"},)


async def test_json_that_is_no_yaml_is_read(pool: GoWorkerPool) -> None:
    value = {"s": "\U0001f600 a/b \u2028", "n": [1, 2.5, None], "t": "\t"}
    text = json.dumps(value, indent="\t").replace("/", "\\/")
    assert await pool.parse_yaml(text) == (value,)


async def test_values_may_be_lists_and_scalars(pool: GoWorkerPool) -> None:
    assert await pool.parse_yaml_values("- when: yes\n---\n5\n---\nnull\n") == ([{"when": True}], 5)


async def test_empty_text_has_no_documents(pool: GoWorkerPool) -> None:
    assert await pool.parse_yaml("") == ()
    assert await pool.parse_yaml("# nothing\n---\n---\n") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n---\nb: 2\nb: 3\n", 'document 2 (line 2): yaml: unmarshal errors:\n  line 4: key "b" already set in map'),
        ("a: 1\n---\nb: &x 1\nc: *x\nb: 2\n", 'document 2 (line 2): line 5: key "b" already set in map'),
        ('a: 1\n---\n{"b": 1, "b": 2}\n', 'document 2 (line 2): duplicate field "b"'),
        ("a: 1\n---\nb: [\n", "document 2 (line 2): yaml: line 3: did not find expected node content"),
        ("a: 1\n---\n- b\n", 'document 2 (line 2): must be an object, not ["b"]'),
        ("a:\n\tb: 1\n", "document 1 (line 1): yaml: line 2: found character that cannot start any token"),
        ("a: !!python/object/apply:os.system [id]\nb: *c\n", "document 1 (line 1): yaml: unknown anchor 'c' referenced"),
        ("a: .nan\n", "document 1 (line 1): json: unsupported value: NaN"),
        ("a: &a [*a]\n", "document 1 (line 1): yaml: anchor 'a' value contains itself"),
        ("a: 1\nb\0: 2\n", "line 2: a NUL byte; the text must be UTF-8"),
    ],
)  # fmt: skip
async def test_what_is_invalid_names_document_and_line(pool: GoWorkerPool, text: str, message: str) -> None:
    with pytest.raises(WorkerError) as caught:
        await pool.parse_yaml(text)
    assert (caught.value.code, caught.value.message) == ("YamlInvalid", message)


async def test_utf_16_is_refused_rather_than_cut_short(pool: GoWorkerPool) -> None:
    with pytest.raises(WorkerError, match="a NUL byte; the text must be UTF-8"):
        await pool.parse_yaml("a: 1\n---\nb: 2\n".encode("utf-16"))


@pytest.mark.parametrize(
    ("text", "limits", "message"),
    [
        ("a: 1\n", YamlLimits(max_bytes=4), "the text has 5 bytes, more than 4"),
        ("a: 1\n---\nb: 1\n---\n---\nc: 1\n", YamlLimits(max_documents=2), "document 3 (line 5): more than 2 documents"),
        ("a: {b: {c: 1}}\n", YamlLimits(max_depth=2), "document 1 (line 1): nested deeper than 2"),
        ("a: " + "[" * 5000 + "]" * 5000, YamlLimits(), "document 1 (line 1): nested deeper than 100"),
        ("a: &a [1, 2, 3]\nb: [*a, *a]\n", YamlLimits(max_nodes=14), "document 1 (line 1): aliases expand to more than 14 values"),
    ],
)  # fmt: skip
async def test_limits_are_named(pool: GoWorkerPool, text: str, limits: YamlLimits, message: str) -> None:
    with pytest.raises(WorkerError) as caught:
        await pool.parse_yaml(text, limits)
    assert (caught.value.code, caught.value.message) == ("YamlLimit", message)


async def test_the_node_limit_counts_exactly(pool: GoWorkerPool) -> None:
    # document, map, 2 keys, a's list of 4 nodes counted once in place and once for each alias, b's own list.
    text = "a: &a [1, 2, 3]\nb: [*a, *a]\n"
    assert await pool.parse_yaml(text, YamlLimits(max_nodes=17)) == ({"a": [1, 2, 3], "b": [[1, 2, 3], [1, 2, 3]]},)
    with pytest.raises(WorkerError, match="more than 16 values"):
        await pool.parse_yaml(text, YamlLimits(max_nodes=16))


async def test_an_alias_bomb_is_refused_without_being_expanded(pool: GoWorkerPool) -> None:
    rungs = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rungs += [f"{c}: &{c} [{', '.join(['*' + p] * 9)}]" for p, c in zip("abcdefgh", "bcdefghi", strict=True)]
    with pytest.raises(WorkerError, match="aliases expand to more than 200000 values"):
        await pool.parse_yaml("\n".join(rungs), deadline=2)


async def test_many_small_documents_are_quick(pool: GoWorkerPool) -> None:
    parsed = await pool.parse_yaml("---\na: 1\n" * 20_000, deadline=10)
    assert len(parsed) == 20_000
