"""The story: five chapters, each a change that a person makes and what has to be seen of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wavegate.demo import content
from wavegate.demo.repository import Pushed, Repository
from wavegate.demo.standins import kinds
from wavegate.demo.standins.setting import register
from wavegate.demo.story import canary_stages, cast_names, commit_stages, repair_stages
from wavegate.demo.story.evidence import JsonObject
from wavegate.demo.story.looks import Stage
from wavegate.demo.story.looks import field as value_of
from wavegate.demo.telling import NotObserved, Teller, now
from wavegate.demo.webhook import Webhook
from wavegate.kube.client import KubeClient
from wavegate.kube.write_options import WriteOptions

BY_HAND = WriteOptions(field_manager="kubectl-edit")
FLAGS = "experiment-flags"
CONFIGURATION = "model-server"
STEP_WEIGHTS = (10, 30, 50)
FIRST_WRITES = (
    (0, "namespaces", "fraud"),
    (0, "serviceaccounts", "model-server"),
    (1, "configmaps", CONFIGURATION),
    (1, "secrets", "feature-store"),
    (2, "persistentvolumeclaims", "model-cache"),
    (3, "virtualservices", "model-server"),
    (4, "rollouts", "model-server"),
    (5, "horizontalpodautoscalers", "model-server"),
    (5, "inferenceservices", "card-embeddings"),
)


@dataclass(frozen=True, slots=True)
class Tags:
    """Image tags in the order in which they follow v1: one that is to be promoted, one that is to be refused."""

    good: str = "v2"
    bad: str = "v3"


@dataclass(slots=True)
class Cast:
    """Who acts in the story, and the commits so far."""

    repository: Repository
    webhook: Webhook
    client: KubeClient
    teller: Teller
    begun: datetime = field(default_factory=now)
    commits: list[Pushed] = field(default_factory=list)

    async def push(self, what: Awaitable[Pushed]) -> tuple[Pushed, datetime]:
        """Push, tell GitHub's hook, and return the commit with the moment of its push."""
        begun = now()
        pushed = await what
        self.commits.append(pushed)
        self.teller.say(f"        pushed  {pushed.sha[:7]}  {pushed.subject}", "cyan")
        try:
            await self.webhook.deliver(pushed, self.repository.url)
        except OSError as failure:
            raise NotObserved(f"MISSING webhook accepted: {self.webhook.url} answered {failure}") from failure
        return pushed, begun


def arrived(sha: str) -> list[Stage]:
    """From the push to the objects that it means."""
    return [commit_stages.observed(sha), commit_stages.rendered(sha), commit_stages.accepted(sha)]


def all_waves(sha: str) -> list[Stage]:
    """Every wave, in order."""
    return [commit_stages.wave(sha, number) for number in cast_names.WAVES]


def steps(weights: Sequence[int]) -> list[Stage]:
    """The steps of a good canary: a weight, and an analysis that passes at it."""
    return [
        stage
        for percent in weights
        for stage in (canary_stages.weight(percent), canary_stages.analysis(percent, "Successful"))
    ]


async def first_commit(cast: Cast, _: Tags) -> None:
    """A team registers its project and application; the first commit becomes a serving model."""
    cast.teller.chapter("1 · the first commit")
    pushed, begun = await cast.push(cast.repository.push("Serve the fraud model"))
    await register(cast.client, [cast.repository.path(file) for file in (content.PROJECT, content.APPLICATION)])
    sha = pushed.sha
    expected = [
        *arrived(sha),
        *all_waves(sha),
        commit_stages.waves_in_order(sha, FIRST_WRITES),
        commit_stages.synced(sha),
    ]
    await cast.teller.see([*expected, commit_stages.slack(sha, sha[:7])], begun, sha)


async def good_model(cast: Cast, tags: Tags) -> None:
    """A good model goes through its canary; two more commits land in the middle of it and break nothing."""
    cast.teller.chapter(f"2 · a good model, {tags.good}; two more commits land in its canary")
    cast.repository.set_image(tags.good)
    first, begun = await cast.push(cast.repository.push(f"Model {tags.good}"))
    early = [*arrived(first.sha), canary_stages.canary_started(tags.good), canary_stages.weight(STEP_WEIGHTS[0])]
    await cast.teller.see(early, begun, first.sha)

    cast.repository.set_threshold("0.85")
    second, second_begun = await cast.push(cast.repository.push("Raise the threshold"))
    await cast.teller.see(arrived(second.sha), second_begun, second.sha)
    await cast.teller.see([commit_stages.superseded(first.sha)], begun, first.sha)

    cast.repository.label_routing("team: fraud-detection")
    last, last_begun = await cast.push(cast.repository.push("Label the routing objects"))
    await cast.teller.see(arrived(last.sha), last_begun, last.sha)
    await cast.teller.see([commit_stages.superseded(second.sha)], second_begun, second.sha)

    canary = [
        canary_stages.analysis(STEP_WEIGHTS[0], "Successful"),
        *steps(STEP_WEIGHTS[1:]),
        canary_stages.weight(100),
    ]
    await cast.teller.see([*canary, canary_stages.promoted(tags.good)], begun, first.sha, within=120.0)
    ended = [*all_waves(last.sha), commit_stages.synced(last.sha), commit_stages.slack(last.sha, last.sha[:7])]
    await cast.teller.see(ended, last_begun, last.sha)
    await cast.teller.see([canary_stages.co_managed_untouched()], cast.begun)


async def bad_model(cast: Cast, tags: Tags) -> None:
    """A bad model is measured, refused and announced; a revert commit brings the application back to health."""
    cast.teller.chapter(f"3 · a bad model, {tags.bad}, and the commit that takes it back")
    cast.repository.set_image(tags.bad)
    bad, begun = await cast.push(cast.repository.push(f"Model {tags.bad}"))
    refused = [
        *arrived(bad.sha),
        *(commit_stages.wave(bad.sha, number) for number in range(cast_names.ROLLOUT_WAVE)),
        canary_stages.canary_started(tags.bad),
        canary_stages.weight(STEP_WEIGHTS[0]),
        canary_stages.analysis(STEP_WEIGHTS[0], "Failed", " → aborted"),
        canary_stages.aborted(),
        commit_stages.sync_failed(bad.sha),
        commit_stages.slack(bad.sha, "failed"),
        commit_stages.pagerduty(bad.sha),
    ]
    await cast.teller.see(refused, begun, bad.sha)

    revert, begun = await cast.push(cast.repository.revert())
    again = [
        *arrived(revert.sha),
        *all_waves(revert.sha),
        canary_stages.stable_again(tags.good),
        commit_stages.synced(revert.sha),
    ]
    await cast.teller.see([*again, commit_stages.slack(revert.sha, revert.sha[:7])], begun, revert.sha)


async def hand_edit(cast: Cast, _: Tags) -> None:
    """Somebody edits a live object; it is brought back to what Git says."""
    cast.teller.chapter("4 · a live object is edited by hand")
    begun = now()
    await cast.client.patch(
        kinds.CONFIG_MAP, cast_names.NAMESPACE, CONFIGURATION, {"data": {"THRESHOLD": "0.10"}}, write=BY_HAND
    )
    cast.teller.say("        edited  ConfigMap model-server: THRESHOLD 0.85 → 0.10", "cyan")
    healed = repair_stages.healed("ConfigMap", "configmaps", CONFIGURATION, _as_in_git)
    await cast.teller.see([repair_stages.drifted(CONFIGURATION), healed], begun)


def _as_in_git(config_map: JsonObject) -> bool:
    return bool(value_of(config_map, "data", "THRESHOLD") == "0.85")


async def removed_file(cast: Cast, _: Tags) -> None:
    """A file leaves Git; its object leaves the cluster."""
    cast.teller.chapter("5 · a file is removed")
    cast.repository.remove(content.MODEL / "10-experiment-flags.yaml")
    pushed, begun = await cast.push(cast.repository.push("End the experiment"))
    sha = pushed.sha
    gone = repair_stages.pruned("ConfigMap", "configmaps", FLAGS)
    await cast.teller.see(
        [*arrived(sha), gone, commit_stages.synced(sha), commit_stages.slack(sha, sha[:7])], begun, sha
    )


Chapter = Callable[[Cast, Tags], Awaitable[None]]
CHAPTERS: tuple[Chapter, ...] = (first_commit, good_model, bad_model, hand_edit, removed_file)
