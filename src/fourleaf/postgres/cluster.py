# SPDX-License-Identifier: Apache-2.0
"""The folder of one PostgreSQL cluster: who owns it, how it is made, what it is told at each start."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from fourleaf.postgres.programs import Account, NoServer, Programs

SYSTEM_ACCOUNT = "fourleaf"
SUPERUSER = "postgres"
ROLE = "fourleaf"
DATABASE = "fourleaf"
SOCKET_NAME = ".s.PGSQL.5432"
# The kernel takes 107 bytes for a socket's path; PostgreSQL adds a suffix for its lock file.
SOCKET_BYTES = 100

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "idle_in_transaction_session_timeout": "5min",
    "log_min_duration_statement": "2s",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "jit": "off",
    "huge_pages": "off",
}
# Local socket only, and a password even there: another user of this machine is a stranger.
HBA = "# Written by Fourleaf at every start.\nlocal all all scram-sha-256\n"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Where the parts of one data folder lie."""

    data: Path
    account: Account

    @property
    def folder(self) -> Path:
        return self.data / "postgres"

    @property
    def copies(self) -> Path:
        return self.data / "programs"

    @property
    def log(self) -> Path:
        return self.data / "postgres.log"

    @property
    def passfile(self) -> Path:
        return self.data / "postgres.pass"

    @property
    def name(self) -> str:
        """Stands in the command line of each of its processes, so that they can be told from others."""
        return f"fourleaf-{hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]}"

    @property
    def sockets(self) -> Path:
        """Inside the data folder if that is short enough for a socket's path, else under /tmp."""
        inside = self.data / "run"
        if len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_BYTES:
            return inside
        return Path("/tmp") / self.name  # noqa: S108 - owner and mode are checked

    @property
    def major(self) -> int | None:
        """The version the data is of; none for a new folder."""
        try:
            return int((self.folder / "PG_VERSION").read_text().strip().split(".")[0])
        except FileNotFoundError:
            return None

    def dsn(self, user: str = ROLE, database: str = DATABASE) -> str:
        where = f"host={quote(str(self.sockets), safe='')}&passfile={quote(str(self.passfile), safe='')}"
        return f"postgresql://{user}@/{database}?{where}"


def make_folder(data: Path) -> Path:
    """Make a data folder, or adopt an empty one. Gives its real path; no folder that was there is changed."""
    data = data.resolve()
    missing = [folder for folder in (data, *data.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        # As root, PostgreSQL's account must be able to walk through; it need not list.
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    if not missing and os.geteuid() == 0 and not any(data.iterdir()):
        data.chmod(0o711)
    return data


def open_data(data: Path) -> Cluster:
    """The cluster of a data folder, under an account that may own it.

    Raises: NoServer, when that account cannot reach the folder.
    """
    data = make_folder(data)
    if os.geteuid() != 0:
        return Cluster(data=data, account=Account(uid=os.geteuid(), gid=os.getegid()))
    cluster = Cluster(data=data, account=_account(data / "postgres"))
    _check_reach(cluster)
    return cluster


def make(cluster: Cluster, programs: Programs) -> None:
    """Make an empty cluster. A crash in the middle leaves a draft, never half a cluster."""
    draft = cluster.data / "postgres.draft"
    shutil.rmtree(draft, ignore_errors=True)
    _own_folder(draft, cluster.account)
    password = secrets.token_urlsafe(32)
    _write_secret(draft / "password", password, cluster.account)
    command = [str(programs.bin / "initdb"), "--pgdata", str(draft / "postgres"), "--username", SUPERUSER]
    command += ["--pwfile", str(draft / "password"), "--encoding", "UTF8", "--locale", "C", "--data-checksums"]
    command += ["--auth-local", "scram-sha-256", "--auth-host", "reject", "--no-instructions"]
    said = cluster.account.run(command)
    if said.returncode != 0:
        raise NoServer(
            "postgres.initdb",
            en=f"initdb failed in {draft}: {said.stderr.strip()}",
            zh=f"在 {draft} 初始化数据库失败:{said.stderr.strip()}",
        )
    _write_secret(cluster.passfile, f"*:*:*:*:{password}\n", None)
    (draft / "postgres").rename(cluster.folder)
    shutil.rmtree(draft)


def dress(cluster: Cluster) -> list[str]:
    """Write what each start needs and give the server's arguments."""
    _write_secret(cluster.folder / "pg_hba.conf", HBA, cluster.account)
    _own_folder(cluster.sockets, cluster.account)
    settings = SETTINGS | {"unix_socket_directories": str(cluster.sockets), "cluster_name": cluster.name}
    return ["-D", str(cluster.folder), *(part for pair in settings.items() for part in ("-c", "=".join(pair)))]


def _account(folder: Path) -> Account:
    if folder.exists():
        owner = folder.stat()
        return Account(uid=owner.st_uid, gid=owner.st_gid)
    for account in (system_account(), _named("postgres"), _named("nobody")):
        if account:
            return account
    raise NoServer(
        "postgres.no-account",
        en="PostgreSQL does not run as root and no account for it could be made: useradd --system fourleaf",
        zh="PostgreSQL 不能以 root 运行,也无法为其建立账户:useradd --system fourleaf",
    )


def system_account(name: str = SYSTEM_ACCOUNT) -> Account | None:
    """This account, made if it is not there; none where none can be made.

    One at a time: of two `useradd` at once the later gives the account another number, and what the earlier made is lost.
    """
    found = _named(name)
    if found:
        return found
    folder = os.open("/etc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if not _named(name):
            command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
            with contextlib.suppress(FileNotFoundError):
                subprocess.run([*command, "--shell", "/usr/sbin/nologin", name], capture_output=True)
        return _named(name)
    finally:
        os.close(folder)


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _check_reach(cluster: Cluster) -> None:
    if cluster.account.run(["test", "-x", str(cluster.data)]).returncode == 0:
        return
    name = pwd.getpwuid(cluster.account.uid).pw_name
    raise NoServer(
        "postgres.out-of-reach",
        en=f"PostgreSQL does not run as root, and its account {name} cannot reach {cluster.data}. "
        "Set FOURLEAF_DATA to a folder all of whose parents it may enter, such as /var/lib/fourleaf/here.",
        zh=f"PostgreSQL 不能以 root 运行,而账户 {name} 无法进入 {cluster.data}。"
        "请将 FOURLEAF_DATA 设为各级上层目录都可进入的目录,例如 /var/lib/fourleaf/here。",
    )


def _own_folder(folder: Path, account: Account) -> None:
    """A folder only this account may enter. A stranger's folder of that name is refused."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.uid, os.geteuid()):
        raise NoServer(
            "postgres.strange-folder",
            en=f"{folder} belongs to somebody else. Remove it.",
            zh=f"{folder} 属于其他用户,请删除。",
        )
    if account.other:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def _write_secret(path: Path, text: str, account: Account | None) -> None:
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        if account and account.other:
            os.fchown(file.fileno(), account.uid, account.gid)
        file.write(text)
    draft.rename(path)
