"""What follows from a look at a repository."""

from collections.abc import Mapping
from typing import Any

import pytest
from watched_world import KEY, POLLING, T0, URL, World, application, later, sha, views

from wavegate.contracts.commands import SOURCES_LIMIT, RenderApplication, render_occurrence
from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Decision, Hint
from wavegate.contracts.repository import GitFailed, HistoryRewritten, LaggingMirror, RefMissing, RevisionObserved
from wavegate.contracts.repository_state import RefState, RepositoryState
from wavegate.git_watcher.domain import deciding, looking
from wavegate.git_watcher.domain.deciding import Action, AnnounceMore, LearnHistory
from wavegate.git_watcher.domain.observed import Observed, Unavailable
from wavegate.git_watcher.domain.pushes import Push
from wavegate.git_watcher.domain.tips import Relation
from wavegate.runtime.memory import MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.reconciliation import Reconciliation

MAIN = {"HEAD": sha(1), "refs/heads/main": sha(1)}
OUT = Unavailable(Reason.REPOSITORY_UNREACHABLE, "could not resolve host")


def look(
    state: RepositoryState | None,
    answer: Mapping[str, str] | Unavailable | None,
    *followers: dict[str, Any],
    **more: Any,
) -> Decision[RepositoryState, Action]:
    now = more.pop("now", T0)
    observed = Observed(KEY, URL, views(*(followers or (application(),))), answer, **more)
    return deciding.decide(observed, state, POLLING, now)


def messages(decision: Decision[RepositoryState, Action], kind: type) -> list[Any]:
    return [event.message for event in decision.events if isinstance(event.message, kind)]


def known(number: int = 1, seq: int = 1) -> RepositoryState:
    entry = RefState(sha=sha(number), seq=seq, name="refs/heads/main", observed_at=T0)
    return RepositoryState(url=URL, refs={"main": entry})


def test_a_first_look_records_the_tip_tells_it_and_has_the_application_rendered() -> None:
    decision = look(None, MAIN)

    assert decision.state is not None
    assert decision.state.refs["main"].seq == 1
    assert decision.state.refs["main"].announcing is None
    (observed,) = messages(decision, RevisionObserved)
    assert (observed.ref, observed.sha, observed.seq, observed.previous_sha) == ("main", sha(1), 1, None)
    assert observed.trigger == "application"
    (command,) = messages(decision, RenderApplication)
    assert command.sources[0].spec["path"] == "apps/fraud"
    assert command.sources[0].commit.sha == sha(1)
    assert command.destination_namespace == "prod"
    assert decision.actions == (LearnHistory((sha(1),)),)


def test_the_command_is_the_one_that_the_syncer_would_give() -> None:
    (event,) = [one for one in look(None, MAIN).events if isinstance(one.message, RenderApplication)]

    assert event.occurrence == render_occurrence(event.message.commits, event.message.spec_digest)


def test_an_unchanged_repository_says_nothing() -> None:
    decision = look(known(), MAIN)

    assert decision.events == ()
    assert decision.actions == ()
    assert decision.state == known()


def test_only_applications_that_follow_the_moved_ref_are_told() -> None:
    state = RepositoryState(url=URL, refs={**known().refs, "dev": RefState(sha=sha(9), seq=4, name="refs/heads/dev")})
    refs = {**MAIN, "refs/heads/main": sha(2), "refs/heads/dev": sha(9)}
    decision = look(
        state,
        refs,
        application("a"),
        application("b", "dev"),
        relations={"main": Relation.OTHER, "dev": Relation.OTHER},
    )

    assert [command.object.name for command in messages(decision, RenderApplication)] == ["a"]


def test_a_moved_tip_without_a_known_relation_is_not_followed() -> None:
    decision = look(known(5, 2), {**MAIN, "refs/heads/main": sha(4)})

    assert messages(decision, LaggingMirror)
    assert decision.state is not None
    assert decision.state.refs["main"].sha == sha(5)


def test_a_forced_webhook_for_that_very_tip_counts_at_once() -> None:
    answer = {**MAIN, "refs/heads/main": sha(4)}
    relations = {"main": Relation.ANCESTOR}
    forced = Push(frozenset(), "refs/heads/main", sha(4), forced=True)
    other = Push(frozenset(), "refs/heads/main", sha(3), forced=True)

    assert messages(look(known(5, 2), answer, relations=relations, pushes=(forced,)), HistoryRewritten)
    assert not messages(look(known(5, 2), answer, relations=relations, pushes=(other,)), HistoryRewritten)


def test_a_rewritten_history_is_told_once_it_can_be_judged() -> None:
    moved = look(known(5, 2), {**MAIN, "refs/heads/main": sha(9)}, relations={"main": Relation.OTHER})
    assert moved.state is not None
    assert moved.state.refs["main"].unjudged == sha(5)
    assert moved.wake_at == T0 + looking.JUDGE_AFTER

    same = {**MAIN, "refs/heads/main": sha(9)}
    judged = look(moved.state, same, descends={"main": False}, now=later(5))

    assert [event.previous_sha for event in messages(judged, HistoryRewritten)] == [sha(5)]
    assert judged.state is not None
    assert judged.state.refs["main"].unjudged == ""
    assert not messages(look(moved.state, same, descends={"main": True}, now=later(5)), HistoryRewritten)


def test_a_judgement_of_the_tip_before_does_not_count_for_a_newer_one() -> None:
    moved = look(known(5, 2), {**MAIN, "refs/heads/main": sha(9)}, relations={"main": Relation.OTHER})
    again = look(
        moved.state,
        {**MAIN, "refs/heads/main": sha(10)},
        relations={"main": Relation.OTHER},
        descends={"main": False},
        now=later(5),
    )

    assert not messages(again, HistoryRewritten)
    assert again.state is not None
    assert again.state.refs["main"].unjudged == sha(9)


def test_a_failing_repository_is_told_once_and_left_alone_longer_each_time() -> None:
    first = look(known(), OUT)
    second = look(first.state, OUT, now=later(5))
    third = look(second.state, OUT, now=later(15))

    assert [len(messages(one, GitFailed)) for one in (first, second, third)] == [1, 0, 0]
    assert [one.wake_at for one in (first, second, third)] == [later(5), later(5 + 5), later(15 + 15)]
    assert third.state is not None
    assert third.state.failure is not None
    assert third.state.failure.since == T0
    assert third.state.refs == known().refs


def test_a_repository_that_comes_back_has_its_tips_told_again_under_new_ids() -> None:
    down = look(look(known(), OUT).state, OUT, now=later(5))
    back = look(down.state, MAIN, now=later(15))

    assert back.state is not None
    assert back.state.failure is None
    (event,) = back.events
    assert isinstance(event.message, RenderApplication)
    assert event.message.reason == "rescan"
    assert event.occurrence != render_occurrence(event.message.commits, event.message.spec_digest)


def test_a_lost_ref_is_told_and_nothing_else_happens() -> None:
    decision = look(known(), {"HEAD": sha(1)})

    (event,) = decision.events
    assert isinstance(event.message, RefMissing)
    assert event.message.last_sha == sha(1)
    assert decision.state is not None
    failure = decision.state.refs["main"].failure
    assert failure is not None
    assert failure.message == "unable to resolve 'main' to a commit SHA"


@pytest.mark.shows("Charts from Helm repositories (`chart`)", "refused by name", "charts that lie in Git work")
def test_a_chart_is_refused_by_name() -> None:
    chart = application("c")
    chart["spec"]["source"] = {"repoURL": URL, "chart": "redis", "targetRevision": "1.2.3"}
    decision = look(None, {}, chart)

    assert decision.state is not None
    failure = decision.state.refs["1.2.3"].failure
    assert failure is not None
    assert failure.reason is Reason.FEATURE_UNSUPPORTED


def test_many_applications_are_told_in_batches_each_once() -> None:
    followers = [application(f"app-{n:03}") for n in range(150)]
    decision = look(None, MAIN, *followers)
    told = [command.object.name for command in messages(decision, RenderApplication)]
    while AnnounceMore() in decision.actions:
        assert len(messages(decision, RenderApplication)) <= 64
        decision = look(decision.state, None, *followers)
        told += [command.object.name for command in messages(decision, RenderApplication)]

    assert told == [f"app-{n:03}" for n in range(150)]


def test_a_push_in_the_middle_of_telling_begins_anew_with_the_newer_tip() -> None:
    followers = [application(f"app-{n:03}") for n in range(100)]
    first = look(None, MAIN, *followers)
    second = look(
        first.state, {**MAIN, "refs/heads/main": sha(2)}, *followers, relations={"main": Relation.OTHER}, now=later(1)
    )

    assert messages(second, RenderApplication)[0].object.name == "app-000"
    assert {command.sources[0].commit.sha for command in messages(second, RenderApplication)} == {sha(2)}


def test_a_source_of_an_unknown_repository_keeps_the_command_back() -> None:
    two = application("two")
    other = {"repoURL": "https://git.example.com/team/values", "targetRevision": "main", "path": "."}
    two["spec"]["sources"] = [two["spec"].pop("source"), other]
    alone = look(None, MAIN, two)
    state = RepositoryState(url=other["repoURL"], refs={"main": RefState(sha=sha(7), seq=3)})
    both = look(None, MAIN, two, others={views(two)[0].sources[1].repository: state})

    assert messages(alone, RenderApplication) == []
    (command,) = messages(both, RenderApplication)
    assert [(commit.sha, commit.seq) for commit in command.commits] == [(sha(1), 1), (sha(7), 3)]
    assert command.multi_source


def test_a_server_behind_its_own_webhook_is_asked_again_soon() -> None:
    push = Push(frozenset(), "refs/heads/main", sha(2), forced=False)

    assert look(known(), MAIN, pushes=(push,)).wake_at == T0 + looking.LAG_AFTER


@pytest.mark.shows("Polling", "works", "every 120 s plus up to 60 s, as in Argo CD; both are settings")
def test_polls_are_spread_between_interval_and_interval_plus_jitter() -> None:
    wakes = {look(known(), MAIN, now=later(n)).wake_at - later(n) for n in range(50)}  # type: ignore[operator]

    assert min(wakes) >= POLLING.interval
    assert max(wakes) <= POLLING.interval + POLLING.jitter
    assert len(wakes) == 50


async def test_commit_ids_need_no_question() -> None:
    pinned = World(application("a", sha(3)))
    seen = await pinned.reconciler().observe(KEY, None, ())

    assert seen is not None
    assert (seen.answer, pinned.asked) == ({}, 0)


async def test_one_look_asks_once_however_many_turns_it_takes() -> None:
    world = World()
    reconciler = world.reconciler()
    hints = [Hint("1", Push(frozenset(), "refs/heads/main", sha(1), forced=False))]
    seen = await reconciler.observe(KEY, None, hints)
    assert seen is not None
    await reconciler.act(KEY, seen, [LearnHistory((sha(1),))])
    after_acting = await reconciler.observe(KEY, None, ())
    with_the_same_hints = await reconciler.observe(KEY, None, hints)

    assert world.asked == 1
    assert world.learned == [sha(1)]
    assert after_acting is not None
    assert after_acting.answer == seen.answer
    assert with_the_same_hints == seen

    await reconciler.observe(KEY, None, ())
    await reconciler.observe(KEY, None, [Hint("1", hints[0].message)])
    assert world.asked == 3


def test_an_application_that_no_message_can_carry_keeps_nobody_else_from_being_told() -> None:
    large = application("a")
    large["spec"]["source"]["helm"] = {"values": "x" * SOURCES_LIMIT}
    decision = look(None, MAIN, large, application("b"))

    assert [command.object.name for command in messages(decision, RenderApplication)] == ["b"]
    assert decision.state is not None
    assert decision.state.refs["main"].announcing is None


async def test_a_spelling_that_fails_gives_way_to_one_that_works() -> None:
    class OnlyHttps(World):
        async def refs(self, url: str) -> Mapping[str, str]:
            if not url.startswith("https://"):
                raise RetryLater(Reason.REPOSITORY_FORBIDDEN, "permission denied")
            return await super().refs(url)

    world = OnlyHttps(application("a", url="git@git.example.com:team/models.git"), application("b"))
    clock, store = VirtualClock(), MemoryStateStore[RepositoryState]()
    reconciliation = Reconciliation(world.reconciler(), store, MemoryBus(), clock)
    due = await reconciliation.run(KEY, ())
    assert due is not None
    clock.advance((due - clock.now()).total_seconds())
    await reconciliation.run(KEY, ())

    state = store.objects[KEY].state
    assert state is not None
    assert (state.url, state.failure) == (URL, None)
    assert state.refs["main"].sha == sha(1)


def test_credentials_in_an_address_reach_no_event_and_no_state() -> None:
    world = World(application(url="https://user:CANARY@git.example.com/team/models.git"))
    (follower,) = views(*world.followers)
    observed = Observed(KEY, follower.sources[0].url, (follower,), MAIN)
    decision = deciding.decide(observed, None, POLLING, T0)
    failed = deciding.decide(Observed(KEY, follower.sources[0].url, (follower,), OUT), None, POLLING, T0)

    said = [event.message.to_json() for event in (*decision.events, *failed.events)]
    assert "CANARY" not in f"{said} {decision.state} {failed.state}"
