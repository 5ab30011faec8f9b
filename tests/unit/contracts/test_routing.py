from wavegate.contracts import access, register, routing


def allowed(pattern: str, subject: str) -> bool:
    """NATS's own matching of a subject against a pattern."""
    wanted, got = pattern.split("."), subject.split(".")
    for i, token in enumerate(wanted):
        if token == ">":
            return len(got) > i
        if i >= len(got) or token not in ("*", got[i]):
            return False
    return len(got) == len(wanted)


def may_publish(user: str, subject: str) -> bool:
    return any(allowed(pattern, subject) for pattern in access.permissions()[user].publish)


def test_every_message_has_a_route() -> None:
    assert set(register.MESSAGES) == set(routing.BY_TYPE)


def test_every_type_carries_area_name_and_version() -> None:
    assert "dev.wavegate.application.SyncSucceeded.v1" in register.MESSAGES


def test_the_syncer_cannot_forge_a_render() -> None:
    assert not may_publish("syncer", "wavegate.application.ns.app.ManifestsRendered")
    assert not may_publish("syncer", "wavegate.work.syncer.3.ManifestsRendered")
    assert may_publish("renderer", "wavegate.work.syncer.3.ManifestsRendered")


def test_the_notifier_cannot_ask_for_a_sync() -> None:
    publish = access.permissions()["notifier"].publish

    assert not [subject for subject in publish if subject.startswith("wavegate.work.")]


def test_only_the_provisioner_may_make_streams_and_nobody_has_the_whole_api() -> None:
    for user, permissions in access.permissions().items():
        broad = [s for s in permissions.publish if s.startswith("$JS.API.STREAM.CREATE")]
        assert bool(broad) == (user == access.PROVISIONER)
        assert not {"$JS.API.>", ">", "wavegate.>", "$JS.>"} & set(permissions.publish)


def test_nobody_listens_on_another_ones_inbox() -> None:
    for user, permissions in access.permissions().items():
        inboxes = [s for s in permissions.subscribe if s.startswith("_INBOX")]
        assert inboxes == [f"_INBOX_{user}.>"]


def test_the_observer_cannot_say_anything() -> None:
    assert not [s for s in access.permissions()[access.OBSERVER].publish if s.startswith("wavegate.")]
