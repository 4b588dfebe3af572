#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sees to what browser tests need: chromium and Chinese fonts. Installs them by apt when root, else names them.
set -eu

missing=
if ! command -v chromium >/dev/null 2>&1; then missing="$missing chromium"; fi
if ! ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1; then missing="$missing fonts-noto-cjk"; fi
if [ -z "$missing" ]; then exit 0; fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for browser tests:$missing"
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    exit 0
fi
echo "Browser tests need these packages. 浏览器测试缺少以下软件包:$missing" >&2
echo "Install them with: sudo apt install$missing" >&2
exit 1
