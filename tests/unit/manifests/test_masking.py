from wavegate.manifests.masking import masked, masked_text

SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "s", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{...hunter22...}"}},
    "data": {"password": "aHVudGVyMjI="},
    "stringData": {"token": "abcd-efgh"},
}


def test_a_secret_shows_its_keys_only() -> None:
    shown = masked(SECRET)

    assert shown["data"] == {"password": "++++++++"}
    assert shown["stringData"] == {"token": "++++++++"}
    assert "hunter22" not in repr(shown)
    assert SECRET["data"] == {"password": "aHVudGVyMjI="}


def test_other_objects_are_shown_as_they_are() -> None:
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "b"}}

    assert masked(other) is other


def test_values_are_struck_from_texts_plain_and_encoded() -> None:
    text = "Invalid value: hunter22 (aHVudGVyMjI=) and abcd-efgh"

    assert masked_text(text, [SECRET]) == "Invalid value: ++++++++ (++++++++) and ++++++++"
