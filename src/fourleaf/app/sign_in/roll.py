# SPDX-License-Identifier: Apache-2.0
"""Roll: a list of accounts as the book of an import: logins and posts become accounts, names and phones go to the vault."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from fourleaf.app.sign_in.desk import fresh_id
from fourleaf.engines.people import actions, rules, store
from fourleaf.engines.people.state import Account, Role, post
from fourleaf.engines.world.actions import request_of
from fourleaf.engines.world.declares.register import Choice, Field, Register, Words
from fourleaf.engines.world.facts import Added
from fourleaf.engines.world.rules.importing import Said, Verdict
from fourleaf.engines.world.state import Item
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.pack.complaint import Wrong
from fourleaf.postgres import activations
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import Connection
from fourleaf.vault.persons import Vault

# Columns that are kept in the vault and nowhere else, under the vault's own names.
PERSONAL = ("name", "phone", "email")
NAME = "accounts"
_CELLS = {
    "people.wrong-group": ("group", "cell.wrong-group"),
    "people.unknown-role": ("role", "cell.required"),
    "people.not-yours-to-give": ("role", "cell.not-yours"),
    "people.sees-more-than-you": ("role", "cell.not-yours"),
}


class List(Register, frozen=True, kw_only=True):
    """The columns of a list of accounts. A line is known by its login name."""

    IDS: ClassVar[tuple[str, str]] = ("登录名", "Login name")
    BAD_ID: ClassVar[str] = "cell.bad-login"

    def id_of(self, text: str) -> str | None:
        name = unicodedata.normalize("NFKC", text).strip().lower()
        return name if rules.check_login(name) is None else None


def list_of(roles: Mapping[str, Role], groups: Mapping[str, Mapping[str, str]]) -> List:
    """The columns, with the roles and groups of the edition as choices."""
    posts = tuple(_choice(role.role, role.name) for role in roles.values() if role.present)
    fields = [
        Field(key="role", name=Words(zh="角色", en="Role"), type="choice", choices=posts, required=True),
        Field(
            key="group",
            name=Words(zh="组别", en="Group"),
            type="choice",
            choices=tuple(_choice(key, name) for key, name in groups.items()),
        ),
        Field(key="name", name=Words(zh="姓名", en="Name"), type="text", most=100),
        Field(key="phone", name=Words(zh="电话", en="Phone"), type="text", most=40),
        Field(key="email", name=Words(zh="邮箱", en="E-mail"), type="text", most=200),
    ]
    return List(name=Words(zh="账号", en="Accounts"), fields=tuple(fields))


def person_of(account: str) -> str:
    """Under which id the vault keeps the owner of an account."""
    return f"account:{account}"


class Roll:
    """The accounts of an edition, held against a list. by: who brings the list, and what he may give."""

    lines_a_commit = 200

    def __init__(
        self, site: Site, vault: Vault, by: Principal, roles: Mapping[str, Role], groups: Mapping[str, dict[str, str]]
    ) -> None:
        self.register: Register = list_of(roles, groups)
        self.zone = site.run.zone
        self._site, self._vault, self._by, self._roles, self._groups = site, vault, by, roles, groups

    @classmethod
    async def of(cls, site: Site, vault: Vault, by: Principal) -> "Roll":
        async with site.connection() as connection:
            return cls(site, vault, by, await store.roles(connection), await store.groups(connection))

    async def judged(self, said: Sequence[Said]) -> list[Verdict]:
        async with self._site.connection() as connection:
            ids = await activations.accounts_of(connection, self._site.run.run, [one.id for one in said])
            there = await store.accounts(connection, list(ids.values()))
        return [self._judge(one, there.get(ids.get(one.id, ""))) for one in said]

    def _judge(self, said: Said, there: Account | None) -> Verdict:
        item = Item(thing=f"{NAME}.{said.id}", item=said.id, register=NAME)
        role, group = str(said.values.get("role", "")), str(said.values.get("group", ""))
        if there is not None and there.is_open and post(role, group) in there.posts:
            return Verdict(line=said.line, what="same", item=item)
        wrong = [*said.wrong, *self._against(said, role, group)]
        if there is not None:
            wrong.append(Wrong("id", "cell.login-taken", {"value": said.id}))
        if wrong:
            return Verdict(line=said.line, what="wrong", item=item, wrong=wrong)
        fact = Added(register=NAME, item=said.id, values=dict(said.values), unique=[])
        return Verdict(line=said.line, what="new", item=item, fact=fact)

    def _against(self, said: Said, role: str, group: str) -> list[Wrong]:
        """What the edition says against this post."""
        if {one.field for one in said.wrong} & {"role", "group"}:
            return []
        found = rules.open_with(Account(account=""), self._roles.get(role), group, self._groups, self._by)
        if not isinstance(found, Refusal):
            return []
        field, code = _CELLS[found.code]
        known = self._roles.get(role)
        return [Wrong(field, code, {"value": known.name if known else role})]

    async def take(self, some: Sequence[Verdict]) -> Refusal | None:
        """Logins first: without its facts a login opens nothing, and the next try takes it over."""
        run, said = self._site.run.run, {one.item.item: _values(one) for one in some}
        async with self._site.connection() as connection:
            await activations.add_many(connection, run, {name: fresh_id() for name in said})
            ids = await activations.accounts_of(connection, run, list(said))

        async def also(connection: Connection) -> Refusal | None:
            personal = {
                person_of(ids[name]): {key: values[key] for key in PERSONAL if values.get(key)}
                for name, values in said.items()
            }
            kept = {who: values for who, values in personal.items() if values}
            return await self._vault.put(connection, kept) if kept else None

        wanted = [
            actions.Wanted(account=ids[name], role=values["role"], group=values.get("group", ""))
            for name, values in said.items()
        ]
        answer = await actions.open_many(self._site, self._by, request_of(self._by.id, some), wanted, also)
        return answer if isinstance(answer, Refusal) else None


def _values(one: Verdict) -> Mapping[str, Any]:
    assert isinstance(one.fact, Added)
    return one.fact.values


def _choice(key: str, name: Mapping[str, str]) -> Choice:
    return Choice(key=key, name=Words(zh=name["zh"], en=name["en"]))
