# SPDX-License-Identifier: Apache-2.0
"""The command line: each command is one call into a module of app, loaded when it is needed."""

import os
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from fourleaf.app import address, credential_command, feed_sign
from fourleaf.app.children import follow_parent
from fourleaf.app.database import opened
from fourleaf.app.doctor import examine
from fourleaf.app.logs import set_up
from fourleaf.app.settings import CLONE, Settings
from fourleaf.app.speech import Speech, foreseen
from fourleaf.app.supervise import Rehearsal, Up

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
pack, account, person, files, vault, credentials = (typer.Typer(no_args_is_help=True) for _ in range(6))
app.add_typer(pack, name="pack", help="Edition packs. 届次包")
app.add_typer(account, name="account", help="Accounts of an edition. 账号")
app.add_typer(person, name="person", help="Personal data. 个人信息")
app.add_typer(files, name="files", help="Files of a run. 文件")
app.add_typer(credentials, name="credentials", help="Credentials. 证件")
app.add_typer(vault, name="vault", help="Keys of personal data. 个人信息密钥")


def _speak(lang: str | None) -> str | None:
    if lang not in (None, "zh", "en"):
        raise typer.BadParameter("zh | en")
    # Also for what is said outside of the command: errors, child processes.
    os.environ.update({"FOURLEAF_LANG": lang} if lang else {})
    return lang


CIIE = Path("editions/ciie-7")
Edition = Annotated[Path, typer.Option(help="Folder of the edition pack. 届次包目录")]
Lang = Annotated[
    str | None, typer.Option(callback=_speak, is_eager=True, help="zh or en; by default as LANG says. 语言")
]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Show day to rehearse. 演练日")]
Speed = Annotated[float, typer.Option(min=0.1, max=600, help="Edition seconds per second. 倍速")]
Seed = Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Same seed, same crowd. 随机种子")]
Sample = Annotated[float, typer.Option(min=0.001, max=1, help="Share of the visitors. 抽样比例")]
Run = Annotated[str, typer.Argument(help="A run, such as ciie-7.r1. 场次")]

Login = Annotated[str, typer.Argument(help="Login name: a post, not a person. 登录名")]
Post = Annotated[str, typer.Argument(help="role, or role@group. 角色或角色@组别")]


@app.callback()
def speak(lang: Lang = None) -> None:
    """Fourleaf 四叶草"""


def main() -> None:
    """Run a command. What was foreseen is one clear line, not a traceback."""
    with foreseen():
        app(prog_name="fourleaf")


@app.command()
def up(
    edition: Edition = CIIE,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="And rehearse a day. 并开始演练")] = False,
    day: Day = None,
    speed: Speed = 60,
    seed: Seed = 7,
    sample: Sample = 0.1,
    lang: Lang = None,
) -> None:
    """Start everything and watch it until Ctrl-C. 启动全部服务."""

    def begin(settings: Settings, folder: Path, url: str) -> Rehearsal:
        return _begin(settings, folder, url, day, speed, seed, sample, resume="", speech=speech)

    speech = Speech(lang)

    def prepare(settings: Settings, folder: Path) -> str:
        _part("rebuilding").renew(settings, speech)
        return str(_part("load").prepare(settings, folder))

    raise typer.Exit(Up(Settings.read(), speech).run(edition, prepare, begin if rehearse else None))


@app.command()
def doctor(lang: Lang = None) -> None:
    """Say what is missing on this machine and how to mend it. 检查环境."""
    raise typer.Exit(examine(Settings.read(), Speech(lang)))


@pack.command("check")
def pack_check(
    folder: Annotated[Path, typer.Argument(help="Folder of the pack. 届次包目录")], lang: Lang = None
) -> None:
    """Report every mistake of an edition pack. 检查届次包."""
    raise typer.Exit(_part("packs").check(folder, Speech(lang)))


@pack.command("schema")
def pack_schema(
    kind: Annotated[str, typer.Argument(help="Kind of declaration, such as register. 声明类别")], lang: Lang = None
) -> None:
    """Print the JSON Schema of a kind of declaration, for editors. 打印声明的 JSON Schema."""
    raise typer.Exit(_part("schemas").show(kind, Speech(lang)))


@app.command()
def rehearse(
    edition: Annotated[Path, typer.Argument(help="Folder of the edition pack. 届次包目录")] = CIIE,
    day: Day = None,
    speed: Speed = 60,
    seed: Seed = 7,
    sample: Sample = 0.1,
    resume: Annotated[str | None, typer.Option(help="Go on with this one, ciie-7.r1. 继续某次演练")] = None,
    lang: Lang = None,
) -> None:
    """Rehearse a day on the Fourleaf that runs here. 开始一次演练."""
    settings, speech = Settings.read(), Speech(lang)
    here = address.read(settings.data)
    if here is None:
        speech.fail("Fourleaf 未运行,请先执行 fourleaf up", "Fourleaf does not run here. Start it first: fourleaf up")
        raise typer.Exit(1)
    with opened(settings) as ready:
        begun = _begin(ready, edition, here.url, day, speed, seed, sample, resume=resume, speech=speech)
        raise typer.Exit(_part("rehearse").act(ready, begun, here, speech))


@app.command()
def runs(lang: Lang = None) -> None:
    """List the runs with their day totals. 列出场次."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("runs").show(ready, Speech(lang)))


@app.command()
def drop(run: Run, lang: Lang = None) -> None:
    """Drop a rehearsal: its facts, caches and clock. 删除一次演练."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("runs").drop(ready, run, Speech(lang)))


@app.command()
def rebuild(run: Run, lang: Lang = None) -> None:
    """Fill the caches of a run anew from its log. 由日志重建."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("rebuilding").rebuild(ready, run, Speech(lang)))


@app.command()
def verify(
    run: Run,
    head: Annotated[
        bool, typer.Option("--head", help="Only print the newest head, to keep it elsewhere. 链头")
    ] = False,
    against: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="File of heads that were kept. 与所存链头比对")
    ] = None,
    lang: Lang = None,
) -> None:
    """Check the log against its seals; name the first altered row. 校验日志."""
    with opened(Settings.read()) as ready:
        part, speech = _part("verifying"), Speech(lang)
        raise typer.Exit(part.head(ready, run, speech) if head else part.verify(ready, run, speech, against=against))


@app.command()
def backup(
    file: Path,
    keys: Annotated[
        Path | None, typer.Option(help="Save the keys of persons to this file, in the place of the last. 密钥文件")
    ] = None,
    lang: Lang = None,
) -> None:
    """Write a backup to a new file, the keys of persons to another. 备份."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("backups").write(ready, file, keys, Speech(lang)))


@app.command()
def restore(
    file: Path,
    keys: Annotated[
        list[Path] | None, typer.Option(help="Key files, in any order: the newest counts. 密钥文件")
    ] = None,
    lang: Lang = None,
) -> None:
    """Restore a backup into an empty database; opens a new epoch. 恢复."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("backups").restore(ready, file, keys or [], Speech(lang)))


@person.command("erase")
def person_erase(
    run: Run,
    person: Annotated[str, typer.Argument(help="The id of the person. 人员编号")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the log, so name nobody. 原因")] = "asked",
    lang: Lang = None,
) -> None:
    """Erase a person for good and report what went. 删除个人信息."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("safekeeping").erase(ready, run, person, reason, Speech(lang)))


@files.command("unused")
def files_unused(
    run: Run,
    delete: Annotated[bool, typer.Option("--delete", help="And delete them. 并删除")] = False,
    lang: Lang = None,
) -> None:
    """Report files that no fact names, and files that are lost. 清点文件."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("files").unused(ready, run, delete, Speech(lang)))


@vault.command("rotate")
def vault_rotate(lang: Lang = None) -> None:
    """Make a new master key and wrap all keys anew. 轮换主密钥."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("safekeeping").rotate(ready, Speech(lang)))


@vault.command("restore-keys")
def vault_restore_keys(files: list[Path], lang: Lang = None) -> None:
    """Bring the keys of persons back after a restore without them. 恢复密钥."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("safekeeping").restore_keys(ready, files, Speech(lang)))


@vault.command("give-up")
def vault_give_up(lang: Lang = None) -> None:
    """Erase whoever has no key, when the keys are lost for good. 放弃无密钥的数据."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("safekeeping").give_up(ready, Speech(lang)))


@account.command("open")
def account_open(run: Run, login: Login, post: Post, lang: Lang = None) -> None:
    """Open an account and say its password this once. 开立账号."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("accounts").open_one(ready, run, login, post, Speech(lang)))


@account.command("demo")
def account_demo(run: Run, lang: Lang = None) -> None:
    """Open the made-up accounts of the pack, for rehearsals only. 开立演示账号."""
    with opened(Settings.read()) as ready:
        raise typer.Exit(_part("accounts").open_demo(ready, run, Speech(lang)))


credentials.command("import")(credential_command.take_table)
app.command("feed-sign")(feed_sign.command)


@app.command("new-engine")
def new_engine(name: str) -> None:
    """Start a new engine with the usual files. 新建引擎."""
    _part("scaffold").new_engine(name, CLONE)


@app.command(hidden=True)
def web() -> None:
    """The web server; `up` starts it. 网页服务进程."""
    set_up("web")
    follow_parent()
    _part("web").serve(Settings.read())


@app.command(hidden=True)
def worker() -> None:
    """The worker; `up` starts it. 后台进程."""
    set_up("worker")
    follow_parent()
    _part("worker").work(Settings.read())


def _part(name: str) -> Any:
    """A module of app. Late, so that `doctor` and `--help` work where another part cannot be loaded."""
    return import_module(f"fourleaf.app.{name}")


def _begin(
    settings: Settings,
    edition: Path,
    url: str,
    day: datetime | None,
    speed: float,
    seed: int,
    sample: float,
    *,
    resume: str | None,
    speech: Speech,
) -> Rehearsal:
    part = _part("rehearse")
    wanted = part.Wanted(day=day.date() if day else None, speed=speed, seed=seed, sample=sample)
    begun: Rehearsal = part.begin(settings, edition, wanted, url=url, resume=resume, speech=speech)
    return begun
