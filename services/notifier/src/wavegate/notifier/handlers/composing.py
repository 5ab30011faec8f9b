"""The parts that every kind of object shares: who subscribed, and the messages for what is triggered."""

from collections.abc import Iterable, Mapping, Sequence

from wavegate.contracts.events import Message as Event
from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint
from wavegate.contracts.references import ObjectRef
from wavegate.notifier.domain import messages, subscriptions, templates, untrusted
from wavegate.notifier.domain.configuration import Configuration, service_for
from wavegate.notifier.domain.destinations import Subscribed, merged
from wavegate.notifier.domain.ledger import Ledger
from wavegate.notifier.domain.messages import Message
from wavegate.notifier.domain.observation import Observation, Origin, Unsendable
from wavegate.notifier.domain.scopes import Json, Scope, for_message
from wavegate.notifier.domain.verdicts import Problem, Verdict
from wavegate.notifier.ports import Current, Found, Languages, Objects


def reference(value: Json) -> ObjectRef:
    """Return which object this is."""
    metadata = value.get("metadata") or {}
    return ObjectRef(
        namespace=metadata.get("namespace", ""), name=metadata.get("name", ""), uid=metadata.get("uid", "")
    )


def annotations_of(value: Json | None) -> Mapping[str, str]:
    """Return an object's annotations."""
    return ((value or {}).get("metadata") or {}).get("annotations") or {}


def origin_of(hints: Sequence[Hint]) -> Origin:
    """Return the newest event that led here."""
    if not hints:
        return Origin()
    newest = hints[-1]
    message = newest.message if isinstance(newest.message, Event) else None
    return Origin(
        cause=newest.id,
        traceparent=newest.traceparent,
        commits=message.commits if message else (),
        intent=message.intent if message else None,
    )


def configuration_problems(current: Current) -> tuple[Problem, ...]:
    """Return why the newest configuration is not in force, as a problem of every subscribed object."""
    if not current.problem:
        return ()
    return (Problem(trigger="", reason=Reason.INVALID_CONFIGURATION, detail=current.problem),)


def leftover(key: str, ledger: Ledger | None, current: Current) -> Observation | None:
    """Go on with what is owed about an object that is gone, for as long as its ledger is there."""
    if ledger is None or not any(entry.owed for entry in ledger.entries):
        return None
    namespace, _, name = key.partition("/")
    about = ObjectRef(namespace=namespace, name=name, uid=ledger.uid)
    return Observation(object=about, configuration=current.configured.version)


async def found(objects: Objects, key: str, configured: Configuration, *, unknown: bool, told: bool) -> Found | None:
    """Return the object as it is now, or as a cache has it where that is enough.

    A message tells of something newer than the cache may hold. But most objects have no subscription and no ledger
    (`unknown`): for those nothing is fetched.
    """
    cached = await objects.find(key, fresh=False)
    if not told or (cached is not None and unknown and not concerns(cached, configured)):
        return cached
    return await objects.find(key, fresh=True)


def concerns(found: Found, configured: Configuration) -> bool:
    """Tell whether anybody may have subscribed to an object, without evaluating anything."""
    if subscriptions.of_configuration(labels_of(found.object), configured):
        return True
    return asks(found)


def asks(found: Found) -> bool:
    """Tell whether an annotation of the object or of its project subscribes anybody, or tries to."""
    holders = (found.object, found.project)
    return any(subscriptions.is_ours(name) for holder in holders for name in annotations_of(holder))


def labels_of(value: Json) -> Mapping[str, str]:
    """Return an object's labels."""
    return (value.get("metadata") or {}).get("labels") or {}


async def subscribed_by(
    seen: Found, configured: Configuration, languages: Languages
) -> tuple[Subscribed, tuple[Problem, ...]]:
    """Return the subscriptions of the configuration and of object's and project's annotations, and what is wrong there."""
    found: list[Subscribed] = [subscriptions.of_configuration(labels_of(seen.object), configured)]
    problems: list[Problem] = []
    for holder in (seen.object, seen.project):
        annotations = annotations_of(holder)
        found.append(subscriptions.of_annotations(annotations, configured))
        try:
            if listing := annotations.get(subscriptions.SUBSCRIPTIONS):
                found.append(subscriptions.of_listing(await languages.value_of(listing), configured))
        except Rejected as failure:
            problems.append(Problem(trigger="", reason=failure.reason, detail=failure.message))
        if subscriptions.LEGACY in annotations:
            problems.append(_legacy())
    return merged(found), tuple(problems)


def _legacy() -> Problem:
    detail = (
        f"annotation {subscriptions.LEGACY} is not supported; {subscriptions.PREFIX}/subscribe.<trigger>.<service> is"
    )
    return Problem(trigger="", reason=Reason.FEATURE_UNSUPPORTED, detail=detail)


async def composed(
    wanted: Iterable[Verdict], scope: Scope, configured: Configuration, languages: Languages
) -> dict[str, Message | Unsendable]:
    """Return what to say for each verdict, by its key, or why nothing can be said."""
    result: dict[str, Message | Unsendable] = {}
    for verdict in wanted:
        try:
            result[verdict.key] = await _compose(verdict, scope, configured, languages)
        except Rejected as failure:
            result[verdict.key] = Unsendable(failure.reason, failure.message)
    return result


async def _compose(verdict: Verdict, scope: Scope, configured: Configuration, languages: Languages) -> Message:
    service = service_for(configured, verdict.destination.service)
    chosen = [configured.templates[name] for name in verdict.condition.send if name in configured.templates]
    if not chosen:
        named = ", ".join(verdict.condition.send) or "none"
        raise Rejected(
            Reason.NOTIFICATION_TEMPLATE_MISSING, f"trigger {verdict.trigger!r} has no configured template ({named})"
        )
    texts = templates.sources(chosen, service.type)
    rendered = await languages.render(texts, for_message(scope, verdict.destination)) if texts else {}
    spoken = {name: untrusted.written(text, service.type) for name, text in rendered.items()}
    return messages.compose(chosen, service.type, spoken, configured.secrets.values())
