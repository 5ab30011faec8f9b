#!/bin/sh
# From a machine with Python, git and a package index to a ready .venv and built programs. Says little when all is there.
set -eu

uv_version=0.13.9
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"

fail() {
    echo "setup: $*" >&2
    exit 1
}

find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and none is on PATH"
}

# The pinned uv, in a folder of its own so that no other one is touched. Debian's Python may lack venv but have pip.
install_uv() {
    echo "setup: installing uv $uv_version into .tools" >&2
    rm -rf .tools/uv
    if "$python" -m venv .tools/uv >/dev/null 2>&1; then
        .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv_version"
    else
        "$python" -m pip install --quiet --disable-pip-version-check --target .tools/uv "uv==$uv_version"
    fi || fail "uv could not be installed from the package index"
}

python=$(find_python)
UV="$root/.tools/uv/bin/uv"
if ! "$UV" --version 2>/dev/null | grep -q "^uv $uv_version"; then
    # One that the user has serves as well, if it is the one that made the lock file.
    if command -v uv >/dev/null 2>&1 && uv --version 2>/dev/null | grep -q "^uv $uv_version"; then
        UV=$(command -v uv)
    else
        install_uv
    fi
fi
export UV
# uv brings its own list of authorities; where the machine has one, it knows better (a company's, say).
if [ -e /etc/ssl/certs ]; then
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
fi

# Only its first run has something to show: what it fetches, and the Go worker that it compiles.
quiet=--quiet
if [ ! -x .venv/bin/wavegate ]; then
    echo "setup: making .venv (about two minutes: the Go worker is compiled)" >&2
    quiet=
fi
UV_PROJECT_ENVIRONMENT=.venv "$UV" sync --locked --all-packages $quiet --python "$python"
exec .venv/bin/python -m wavegate.embedded.build
