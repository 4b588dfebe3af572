#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes .venv and installs one lock into it: tools/venv.sh run|test. Does nothing when that lock is already in.
set -eu
cd "$(dirname "$0")/.."
lock=requirements/$1.txt

# Two commands in one clone must not install at once.
if [ -z "${FOURLEAF_VENV_LOCKED:-}" ] && command -v flock >/dev/null 2>&1; then
    FOURLEAF_VENV_LOCKED=1 exec flock .venv.lock sh tools/venv.sh "$1"
fi

suits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }

find_python() {
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if suits "$candidate"; then echo "$candidate"; return; fi
    done
    echo "Fourleaf needs Python 3.11, 3.12 or 3.13. 需要 Python 3.11 至 3.13。" >&2
    echo "Name one with: make PYTHON=/path/to/python3.11" >&2
    return 1
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "$python cannot make a virtual environment. 缺少 python3-venv。" >&2
        echo "On Debian: apt install python3-venv" >&2
        exit 1
    fi
    echo "Making .venv with $("$python" --version). 正在建立虚拟环境…"
    rm -rf .venv
    "$python" -m venv .venv
}

wire_source() {
    site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    # Relative to site-packages, so that a moved clone still works.
    echo ../../../../src >"$site/fourleaf-source.pth"
    cat >.venv/bin/fourleaf <<'W'
#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/python" -m fourleaf.app "$@"
W
    chmod +x .venv/bin/fourleaf
}

# A venv copied from elsewhere or broken by a Python upgrade is made anew.
if ! suits .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then make_venv; fi

hash=$(cat "$lock" | sha256sum | cut -c1-32)
stamp=.venv/installed-$1
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$hash" ]; then
    echo "Installing $lock, about a minute. 正在安装依赖(约一分钟)…"
    rm -f "$stamp"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"
    echo "$hash" >"$stamp"
    # test.txt holds all of run.txt in the same versions.
    if [ "$1" = test ]; then sha256sum <requirements/run.txt | cut -c1-32 >.venv/installed-run; fi
fi
wire_source
