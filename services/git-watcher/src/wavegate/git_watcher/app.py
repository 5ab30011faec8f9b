"""Composition root of git-watcher: settings → adapters → reconciler → watches and webhook. No logic."""

from contextlib import AsyncExitStack
from datetime import timedelta

from wavegate.contracts.reconciling import Hint
from wavegate.contracts.routing import GIT_WATCHER
from wavegate.git import GitRunner, GitSettings, Mirrors
from wavegate.git_watcher.adapters import applications, webhook_secret, webhook_server
from wavegate.git_watcher.adapters.applications import WatchedApplications
from wavegate.git_watcher.adapters.histories import GitHistories
from wavegate.git_watcher.adapters.remotes import GitRemotes
from wavegate.git_watcher.adapters.repository_states import KubeRepositoryStates
from wavegate.git_watcher.adapters.webhook import Webhook
from wavegate.git_watcher.adapters.webhook_secret import WatchedSecret
from wavegate.git_watcher.domain.looking import Polling
from wavegate.git_watcher.domain.pushes import Push
from wavegate.git_watcher.handlers import RepositoryReconciler
from wavegate.git_watcher.settings import GitWatcherSettings
from wavegate.kube.client import KubeClient, Selection
from wavegate.kube.watches import SharedWatches
from wavegate.runtime.reconcile_loop import Ticket
from wavegate.runtime.service import Service, opened

FIELD_MANAGER = "wavegate-git-watcher"


async def main(settings: GitWatcherSettings) -> None:
    """Run until told to stop."""
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(opened(GIT_WATCHER, settings))
        client = await stack.enter_async_context(KubeClient.connect(settings.kubeconfig, field_manager=FIELD_MANAGER))
        watches = await stack.enter_async_context(SharedWatches(client))
        runner = GitRunner(
            GitSettings(settings.git_ca_file, settings.ssh_key_file, settings.ssh_known_hosts_file),
        )
        stack.callback(runner.close)
        mirrors = Mirrors(settings.state_dir / "histories", runner)
        stack.callback(mirrors.close)
        histories = GitHistories(mirrors, allow_http=settings.allow_http)
        stack.callback(histories.close)
        wire(service, settings, client, watches, (GitRemotes(runner, allow_http=settings.allow_http), histories))
        await service.serve()


def wire(
    service: Service,
    settings: GitWatcherSettings,
    client: KubeClient,
    watches: SharedWatches,
    git: tuple[GitRemotes, GitHistories],
) -> None:
    """Connect watches and webhook to the loop."""
    polling = Polling(
        timedelta(seconds=settings.poll_interval_seconds), timedelta(seconds=settings.poll_jitter_seconds)
    )
    watch = watches.watch(applications.APPLICATION, Selection(settings.namespace), transform=applications.reduced)
    states = KubeRepositoryStates(client, settings.namespace)
    known = WatchedApplications()
    loop = service.reconcile_loop("repository", RepositoryReconciler(*git, known, states, polling), states)
    known.follow(watch, loop.look)

    def accept(delivery: str, push: Push) -> None:
        for repository in {found for address in push.repositories for found in known.at(address)}:
            loop.hint(repository, Ticket(Hint(delivery, push), lambda _: None))

    def look_at_all() -> None:
        for repository in known.repositories():
            loop.look(repository)

    secret_watch = watches.watch(
        webhook_secret.SECRET, webhook_secret.selection(settings.namespace), transform=webhook_secret.reduced
    )
    secret = WatchedSecret(secret_watch, settings.namespace)
    webhook = Webhook(secret.current, accept, service.clock.now)
    server = webhook_server.server(webhook.application(), settings.webhook_host, settings.webhook_port)
    service.run_forever(server._serve)  # noqa: SLF001 - `serve` would take the signals from the service
    service.rescan(look_at_all)
    service.ready_when("applications", watch.synced.is_set)
    service.ready_when("webhook secret", secret_watch.synced.is_set)
    service.ready_when("webhook", lambda: server.started)
