#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sees to it that PostgreSQL 15 of Debian is installed: by apt when root, else names the package.
set -eu

if [ -x /usr/lib/postgresql/15/bin/postgres ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing postgresql-15"
    apt-get update -qq
    # The package would start a server of its own; we only want its programs.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/fourleaf.conf
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-15 >/dev/null
    rm -f /etc/postgresql-common/createcluster.d/fourleaf.conf
    exit 0
fi
echo "This needs the package postgresql-15. 缺少软件包 postgresql-15。" >&2
echo "Install it with: sudo apt install postgresql-15" >&2
exit 1
