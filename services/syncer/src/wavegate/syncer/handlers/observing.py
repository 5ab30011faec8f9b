"""Looking at one application: what it says, what is wanted, what lives. Nearly all of it comes from memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wavegate.contracts.identity import plain_address, repository_id
from wavegate.contracts.reconciling import Hint
from wavegate.contracts.references import BundleRef, Commit
from wavegate.contracts.repository_state import RepositoryState
from wavegate.manifests.comanaged import CO_MANAGERS, co_management
from wavegate.manifests.identity import GroupKind, JsonObject, ObjectKey, group_kind_of, key_of
from wavegate.manifests.project import Project
from wavegate.syncer.domain import home, wanted
from wavegate.syncer.domain.applications import Application, mapping
from wavegate.syncer.domain.looking import BundleFault, Observed, Offer, Tips
from wavegate.syncer.domain.state import ApplicationState
from wavegate.syncer.domain.wanted import Placing, Wanted
from wavegate.syncer.handlers.bundling import BundleShelf
from wavegate.syncer.handlers.offers import Offers
from wavegate.syncer.ports import Cluster, Kind, Records

HEAD = "HEAD"


@dataclass(frozen=True, slots=True)
class _Tip:
    """What is known of one source's commit, and since when."""

    commit: Commit | None = None
    failure: tuple[str, str] | None = None
    since: datetime | None = None


@dataclass
class Observer:
    """Looks at applications. `holder` names this process, `manager` the field manager of its writes."""

    records: Records
    cluster: Cluster
    shelf: BundleShelf
    offers: Offers
    holder: str
    manager: str
    control_namespace: str
    waiting_for_tips: set[str] = field(default_factory=set)
    """Applications whose sources' commits are not all known yet."""

    async def look(self, key: str, state: ApplicationState | None, hints: Sequence[Hint]) -> Observed | None:
        """Return what is to be seen of an application, None when it is gone."""
        manifest = self.records.application(key)
        if manifest is None:
            self.offers.forget(key)
            self.waiting_for_tips.discard(key)
            return None
        application = Application(manifest, self.control_namespace)
        tips = self._tips(key, application)
        offer = self.offers.newest(key, application, state, hints, tips.known or ())
        bundles = await self._bundles(application, state, offer)
        served = await self.cluster.follow(*self._kinds(application, state, bundles.values()))
        project = self.records.project(application.project)
        live = self._live(application, bundles.values())
        managers = list(self.cluster.co_managers({key.namespace for key in live} | _namespaces(bundles.values())))
        return Observed(
            application=application,
            holder=self.holder,
            manager=self.manager,
            project=Project.of(project) if project is not None else None,
            windows=bool(mapping((project or {}).get("spec")).get("syncWindows")),
            tips=tips,
            hints=tuple(hints),
            offer=offer,
            bundles=bundles,
            live=live,
            served=served,
            moving=co_management(managers),
            planned=co_management([*managers, *_planned_managers(bundles.values())]),
        )

    async def _bundles(
        self, application: Application, state: ApplicationState | None, offer: Offer | None
    ) -> dict[str, Wanted | BundleFault]:
        placing = Placing(application.tracking_name, application.destination.namespace)
        found = {reference.digest: reference for reference in _references(state, offer)}
        return {digest: await self.shelf.get(reference, placing) for digest, reference in found.items()}

    def _kinds(
        self, application: Application, state: ApplicationState | None, bundles: Iterable[Wanted | BundleFault]
    ) -> tuple[set[Kind], set[GroupKind]]:
        kinds = {kind for each in bundles if isinstance(each, Wanted) for kind in wanted.kinds_of(each)}
        if home.home_of(application) is not None:
            kinds.add(home.NAMESPACE)
        known = {ObjectKey.parse(text).group_kind for text in (state.baselines if state is not None else ())}
        return kinds, known | set(CO_MANAGERS)

    def _live(self, application: Application, bundles: Iterable[Wanted | BundleFault]) -> dict[ObjectKey, JsonObject]:
        found = {key_of(obj): obj for obj in self.cluster.marked(application.tracking_name)}
        place = home.home_of(application)
        asked: dict[ObjectKey, Kind] = {place: home.NAMESPACE} if place is not None else {}
        for each in bundles:
            if isinstance(each, Wanted):
                asked.update({key: (obj["apiVersion"], obj["kind"]) for key, obj in each.objects.items()})
        for key, kind in asked.items():
            live = self.cluster.live(kind, key, application.tracking_name)
            if live is not None:
                found[key] = live
            else:
                found.pop(key, None)
        return found

    def _tips(self, key: str, application: Application) -> Tips:
        looked = [self._tip(source) for source in application.sources]
        tips = Tips(
            tuple(tip.commit for tip in looked),
            tuple(tip.failure for tip in looked if tip.failure is not None),
            max((tip.since for tip in looked if tip.since is not None), default=None),
        )
        if tips.known is None or tips.failures:
            self.waiting_for_tips.add(key)
        else:
            self.waiting_for_tips.discard(key)
        return tips

    def _tip(self, source: Mapping[str, object]) -> _Tip:
        url = plain_address(str(source.get("repoURL") or ""))
        target = str(source.get("targetRevision") or "").strip() or HEAD
        manifest = self.records.repository(repository_id(url))
        found = mapping(mapping((manifest or {}).get("status")).get("state"))
        if not found:
            return _Tip()
        repository = RepositoryState.read(dict(found))
        ref = repository.refs.get(target)
        failure = repository.failure or (ref.failure if ref is not None else None)
        told = (str(failure.reason), failure.message) if failure is not None else None
        if ref is None or not ref.sha or source.get("chart"):
            return _Tip(failure=told)
        return _Tip(Commit(repository=url, ref=target, seq=ref.seq, sha=ref.sha), told, ref.observed_at)


def _references(state: ApplicationState | None, offer: Offer | None) -> Iterable[BundleRef]:
    if offer is not None:
        yield offer.render.bundle
    if state is not None and state.render is not None:
        yield state.render.bundle
    if state is not None and state.intent is not None:
        yield state.intent.bundle


def _namespaces(bundles: Iterable[Wanted | BundleFault]) -> set[str]:
    return {key.namespace for each in bundles if isinstance(each, Wanted) for key in each.objects}


def _planned_managers(bundles: Collection[Wanted | BundleFault]) -> Iterable[JsonObject]:
    for each in bundles:
        if isinstance(each, Wanted):
            yield from (obj for obj in each.objects.values() if group_kind_of(obj) in CO_MANAGERS)
