"""A repository of the test's own, served over smart HTTP by git's http-backend, with the ways in which a server can misbehave."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@example.com",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.com",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


def git(*arguments: str, cwd: Path, stdin: bytes | None = None) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, check=True, capture_output=True, input=stdin, env={**os.environ, **IDENTITY}
    )
    return done.stdout.decode().strip()


class Upstream:
    """A bare repository that tests commit to."""

    def __init__(self, folder: Path, name: str = "repo.git") -> None:
        self.root = folder
        self.bare = folder / name
        self.bare.mkdir(parents=True)
        git("init", "-q", "--bare", "-b", "main", cwd=self.bare)
        git("config", "uploadpack.allowFilter", "true", cwd=self.bare)

    def commit(
        self,
        files: Mapping[str, str | bytes],
        *parents: str,
        ref: str = "refs/heads/main",
        links: Mapping[str, str] = {},
    ) -> str:
        """Commit exactly these files (and symbolic links) on top of `parents`, and move `ref` there."""
        lines = [self._line("100644", path, text) for path, text in files.items()]
        lines += [self._line("120000", path, target) for path, target in links.items()]
        index = {**os.environ, **IDENTITY, "GIT_INDEX_FILE": str(self.bare / f"index-{time.monotonic_ns()}")}
        listed = "\n".join(lines).encode()
        subprocess.run(["git", "update-index", "--index-info"], cwd=self.bare, input=listed, env=index, check=True)
        tree = subprocess.run(["git", "write-tree"], cwd=self.bare, env=index, check=True, capture_output=True)
        return self.commit_tree(tree.stdout.decode().strip(), *parents, ref=ref)

    def commit_tree(self, tree: str, *parents: str, ref: str = "refs/heads/main") -> str:
        given = [part for parent in parents for part in ("-p", parent)]
        commit = git("commit-tree", tree, *given, "-m", f"at {time.monotonic_ns()}", cwd=self.bare)
        git("update-ref", ref, commit, cwd=self.bare)
        return commit

    def _line(self, mode: str, path: str, content: str | bytes) -> str:
        data = content.encode() if isinstance(content, str) else content
        oid = git("hash-object", "-w", "--stdin", cwd=self.bare, stdin=data)
        return f"{mode} {oid}\t{path}"


Answer = Callable[["_Handler"], bool]


class Server:
    """What the server does beside serving: `answer` may take a request over; what was asked is kept."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.answer: Answer = lambda _: False
        self.requests: list[tuple[str, Mapping[str, str]]] = []
        self.port = 0

    def url(self, name: str = "repo.git") -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    @property
    def fetches(self) -> int:
        """How many packs were asked for (protocol 2 asks for refs at the same place)."""
        return len([path for path, _ in self.requests if path.endswith("/git-upload-pack")])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Server

    def log_message(self, *args: object) -> None:
        pass

    def _do(self) -> None:
        self.served.requests.append((self.path.partition("?")[0], dict(self.headers)))
        try:
            if not self.served.answer(self):
                self._serve()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = _do  # noqa: N815 - http.server's names

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self._chunks()
        env = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.served.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        self.reply(int(headers.pop("Status", "200").split()[0]), content, headers)

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def reply(self, status: int, content: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Listener(ThreadingHTTPServer):
    """Waits for its requests when it is closed, except for those that never end."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    """Serve every bare repository under `root` on a free port of loopback."""
    server = Server(root)
    listener = _Listener(("127.0.0.1", 0), type("Handler", (_Handler,), {"served": server}))
    server.port = listener.server_address[1]
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
