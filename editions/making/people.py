# SPDX-License-Identifier: Apache-2.0
"""People: the roles of the 7th edition and the made-up accounts of its rehearsals. No source names them: all are assumed."""

from pathlib import Path
from typing import NamedTuple

from editions.making.groups import GROUPS

Words = tuple[str, str]


class Role(NamedTuple):
    """flags: of in_group, totp, card those that are so."""

    id: str
    name: Words
    note: Words
    labels: tuple[str, ...]
    may: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


_OFFICE = ("public", "office")
# The office's own staff, over all groups.
_DESK = (*_OFFICE, "desk")
_GROUP = (*_OFFICE, "group:{group}")
_LOOKING = ("credentials.see", "credentials.figures")
_STAGES = ("credentials.complete", "credentials.organization", "credentials.background", "credentials.decide")
ROLES = (
    Role(
        "office-director",
        ("办公室负责人", "Office director"),
        ("城市服务保障领导小组办公室负责人", "Head of the office of the city services leading group"),
        (*_DESK, "protected:guests"),
        (
            "office",
            "world.change",
            "world.keep",
            "sensing.keep",
            "sensing.feed",
            "admission.figures",
            "admission.override",
            "people.see",
            "people.manage",
            "people.groups",
            "people.personal",
            "people.erase",
            "metrics.see",
            *_LOOKING,
            "credentials.apply",
            *_STAGES,
            "credentials.issue",
            "credentials.revoke",
            "credentials.appeal",
        ),
        ("totp",),
    ),
    Role(
        "duty-officer",
        ("值班员", "Duty officer"),
        ("指挥中心当班值守，处置大屏上的事项", "On duty in the command center; handles what is open on the wall"),
        _DESK,
        (
            "office",
            "world.change",
            "world.keep",
            "sensing.keep",
            "sensing.feed",
            "admission.figures",
            "admission.override",
            "people.see",
            "metrics.see",
            *_LOOKING,
            "credentials.revoke",
        ),
    ),
    Role(
        "account-keeper",
        ("账号管理员", "Account keeper"),
        ("开立、关闭账号，授予、收回角色", "Opens and closes accounts, gives and takes roles"),
        ("public",),
        ("people.see", "people.manage", "people.groups", "people.personal"),
        ("totp",),
    ),
    Role(
        "group-chief",
        ("组长", "Group chief"),
        ("保障组负责人", "Head of a support group"),
        _GROUP,
        (
            "office",
            "world.change",
            "world.keep",
            "sensing.keep",
            "sensing.feed",
            "admission.figures",
            "people.see",
            *_LOOKING,
            "credentials.apply",
            *_STAGES,
            "credentials.appeal",
        ),
        ("in_group",),
    ),
    Role(
        "group-member",
        ("组员", "Group member"),
        ("保障组工作人员", "Member of a support group"),
        _GROUP,
        (
            "office",
            "world.keep",
            "sensing.keep",
            "sensing.feed",
            "admission.figures",
            *_LOOKING,
            "credentials.apply",
            "credentials.complete",
            "credentials.organization",
        ),
        ("in_group",),
    ),
    Role(
        "field-worker",
        ("现场人员", "Field worker"),
        ("现场岗位，共用设备，凭卡登录", "A post in the halls, on a shared device, signed in by card"),
        ("public", "group:{group}"),
        (),
        ("in_group", "card"),
    ),
    Role(
        "wall-screen",
        ("大屏终端", "Wall screen"),
        (
            "指挥中心大屏，只看不操作，凭卡登录",
            "A screen of the command center: shows, changes nothing, signed in by card",
        ),
        _OFFICE,
        (),
        ("card",),
    ),
    Role(
        "observer",
        ("观察员", "Observer"),
        ("执委会等单位，只看", "The executive committee and others: look only"),
        _OFFICE,
        ("admission.figures", "credentials.figures"),
    ),
    Role(
        "credential-clerk",
        ("证件专员", "Credential clerk"),
        ("证件管理小组：核对材料、核查背景、发放", "Credentials subgroup: checks documents and backgrounds, issues"),
        (*_OFFICE, "group:security"),
        (
            "office",
            *_LOOKING,
            "credentials.apply",
            "credentials.complete",
            "credentials.background",
            "credentials.issue",
            "credentials.revoke",
        ),
        ("totp",),
    ),
    Role(
        "credential-decider",
        ("证件审批人", "Credential decider"),
        ("证件管理小组：决定、处理申诉，不发放", "Credentials subgroup: decides, and answers appeals; issues nothing"),
        (*_OFFICE, "group:security"),
        ("office", *_LOOKING, "credentials.decide", "credentials.appeal"),
        ("totp",),
    ),
    Role(
        "delegation-clerk-shanghai",
        ("上海交易团专员", "Clerk of the Shanghai delegation"),
        (
            "只见本团的证件，为本团人员申请和审核",
            "Sees the credentials of this delegation only; applies and reviews for its people",
        ),
        ("public", "agency:td-shanghai"),
        ("credentials.see", "credentials.apply", "credentials.organization"),
    ),
)


def write_people(folder: Path) -> None:
    """The roles, and one made-up account for each of them; of roles in a group one for each group's chief."""
    folder.mkdir(parents=True, exist_ok=True)
    license_line = "# SPDX-License-Identifier: Apache-2.0"
    about = "# What each role sees (labels) and may do; the names of what may be done stand in the code."
    (folder / "roles.toml").write_text("\n".join([license_line, about, *map(_role, ROLES)]) + "\n", "utf-8")
    posts = {f"demo-{role.id}": role.id for role in ROLES if "in_group" not in role.flags}
    posts |= {f"demo-{group.id}": f"group-chief@{group.id}" for group in GROUPS}
    posts |= {"demo-first-aid": "field-worker@health"}
    about = "# Made-up accounts: they open rehearsals and nothing else. Real accounts are opened in the system."
    accounts = [_account(login, post) for login, post in posts.items()]
    (folder / "demo.toml").write_text("\n".join([license_line, about, *accounts]) + "\n", "utf-8")


def _role(role: Role) -> str:
    lines = ["", "[[role]]", f'id = "{role.id}"', f"name = {_words(role.name)}", f"note = {_words(role.note)}"]
    lines += [f"labels = {_texts(role.labels)}", f"may = {_texts(role.may)}"]
    lines += [f"{flag} = true" for flag in role.flags]
    return "\n".join([*lines, 'source = "assumed"'])


def _account(login: str, post: str) -> str:
    return "\n".join(["", "[[account]]", f'login = "{login}"', f"posts = {_texts((post,))}", "synthetic = true"])


def _words(words: Words) -> str:
    return f'{{ zh = "{words[0]}", en = "{words[1]}" }}'


def _texts(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{one}"' for one in texts) + "]"
