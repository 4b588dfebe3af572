# SPDX-License-Identifier: Apache-2.0
"""People: who may hold which role, what that opens, and what a password must be."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.people import rules
from fourleaf.engines.people.facts import CardIssued, Closed, Opened, RoleGiven, RoleTaken, SignInLocked
from fourleaf.engines.people.state import Account, Role, fold
from fourleaf.kernel.fact import Body, Fact
from fourleaf.kernel.patience import LONGEST_PAUSE, pause
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal

AT = datetime(2024, 11, 5, 1, tzinfo=UTC)
OFFICER = Role(role="officer", labels=["public", "office"], may=["office"])
CHIEF = Role(role="chief", labels=["group:{group}"], may=["office", "world.change"], in_group=True, totp=True)
SCREEN = Role(role="screen", labels=["office"], card=True)
ROLES = {role.role: role for role in (OFFICER, CHIEF, SCREEN)}
ANN = Account(account="ann", version=1, is_open=True)


def _give(account: Account, role: Role | None, group: str = "", by: str = "account:bob") -> RoleGiven | Refusal:
    keeper = Principal(id=by, labels=("public",), permissions=("people.manage", "people.groups"))
    return rules.give(account, role, group, ["security"], keeper)


def test_a_role_is_given_with_its_group() -> None:
    assert _give(ANN, CHIEF, "security") == RoleGiven(account="ann", role="chief", group="security")


@pytest.mark.parametrize(
    ("account", "role", "group", "by", "code"),
    [
        (Account(account="ann"), OFFICER, "", "account:bob", "people.not-open"),
        (ANN, OFFICER, "", "account:ann", "people.own-account"),
        (ANN, None, "", "account:bob", "people.unknown-role"),
        (ANN, msgspec.structs.replace(OFFICER, present=False), "", "account:bob", "people.unknown-role"),
        (ANN, CHIEF, "", "account:bob", "people.wrong-group"),
        (ANN, CHIEF, "nobody", "account:bob", "people.wrong-group"),
        (ANN, OFFICER, "security", "account:bob", "people.wrong-group"),
        (msgspec.structs.replace(ANN, posts=["officer"]), OFFICER, "", "account:bob", "people.held-already"),
    ],
)
def test_a_role_is_refused_with_a_reason(account: Account, role: Role | None, group: str, by: str, code: str) -> None:
    refused = _give(account, role, group, by)

    assert isinstance(refused, Refusal) and refused.code == code


@pytest.mark.parametrize(
    ("may", "given"),
    [
        (("people.manage",), False),
        (("people.manage", "office"), True),
        (("people.manage", "office", "world.keep"), True),
        ((), False),
    ],
)
def test_a_role_that_gives_roles_is_given_only_by_who_may_do_as_much(may: tuple[str, ...], given: bool) -> None:
    director = Role(role="director", may=["office", "people.manage"])

    found = rules.give(ANN, director, "", [], Principal(id="account:bob", permissions=may))

    assert isinstance(found, RoleGiven) == given
    assert given or found == Refusal("people.not-yours-to-give", {"role": "director"}, "role")


@pytest.mark.parametrize(
    ("sees", "labels", "more", "hidden"),
    [
        (("public", "office"), (), (), ""),
        (("office", "desk"), ("public", "office"), (), "desk"),
        (("office", "desk"), ("desk",), (), ""),
        (("protected:guests",), ("public", "office", "desk"), ("people.groups",), "protected:guests"),
        (("protected:guests",), ("protected:guests",), (), ""),
        (("group:{group}", "desk"), (), (), "desk, group:security"),
        (("group:{group}", "desk"), (), ("people.groups",), "desk"),
        (("group:{group}",), ("group:traffic",), (), "group:security"),
        (("group:{group}",), ("group:security",), (), ""),
        (("protected:guests", "desk"), (), ("people.any",), ""),
    ],
)
def test_a_role_that_sees_more_is_given_and_opened_anew_only_by_who_sees_that_too(
    sees: tuple[str, ...], labels: tuple[str, ...], more: tuple[str, ...], hidden: str
) -> None:
    role = Role(role="seer", labels=list(sees), in_group=True)
    keeper = Principal(id="account:bob", labels=labels, permissions=("people.manage", *more))
    held = msgspec.structs.replace(ANN, posts=["seer@security"])

    given = rules.give(ANN, role, "security", ["security"], keeper)
    opened = rules.beyond(held, {"seer": role}, keeper)

    assert isinstance(given, RoleGiven) == (not hidden)
    if hidden:
        assert given == Refusal("people.sees-more-than-you", {"role": "seer", "labels": hidden}, "role")
    assert opened == (Refusal("people.beyond-your-sight", {"labels": hidden}) if hidden else None)


def test_nobody_takes_his_own_role_or_closes_his_own_account() -> None:
    held = msgspec.structs.replace(ANN, posts=["officer"])

    assert rules.take(held, "officer", "", "account:ann") == Refusal("people.own-account")
    assert rules.close(held, "account:ann") == Refusal("people.own-account")
    assert rules.take(held, "officer", "", "account:bob") == RoleTaken(account="ann", role="officer")
    assert rules.close(held, "account:bob") == Closed(account="ann")


def test_a_post_opens_what_its_role_says_in_its_own_group() -> None:
    held = msgspec.structs.replace(ANN, posts=["chief@security", "officer", "gone"])

    found = rules.standing(held, ROLES, rehearsal=False)

    assert found == rules.Standing(
        labels=("group:security", "office", "person:ann", "public"),
        permissions=("office", "world.change"),
        roles=("chief@security", "officer", "gone"),
        asks_codes=True,
    )


def test_a_made_up_account_opens_rehearsals_only_and_a_closed_one_nothing() -> None:
    demo = msgspec.structs.replace(ANN, synthetic=True)

    assert rules.standing(demo, ROLES, rehearsal=True) is not None
    assert rules.standing(demo, ROLES, rehearsal=False) is None
    assert rules.standing(msgspec.structs.replace(ANN, is_open=False), ROLES, rehearsal=True) is None


@pytest.mark.parametrize(("posts", "allowed"), [(["screen"], True), (["screen", "officer"], False), ([], False)])
def test_a_card_opens_accounts_whose_every_role_allows_it(posts: list[str], allowed: bool) -> None:
    standing = rules.standing(msgspec.structs.replace(ANN, posts=posts), ROLES, rehearsal=False)

    issued = rules.issue_card(ANN, standing)

    assert issued == (CardIssued(account="ann") if allowed else Refusal("people.card-not-allowed"))


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "people.password-length"),
        ("x" * 129, "people.password-length"),
        ("aaaaaaaaaaaa", "people.password-guessable"),
        ("Password123", "people.password-guessable"),
        ("zhang.wei and more", "people.password-guessable"),
        ("correct horse battery", None),
        ("四叶草在场馆门口等待客人", None),
    ],
)
def test_a_password_is_judged_by_length_and_guessability(password: str, code: str | None) -> None:
    refused = rules.check_password(password, "zhang.wei")

    assert (refused.code if refused else None) == code


def test_the_same_password_on_two_keyboards_is_the_same() -> None:
    assert rules.plain_password("ｆｏｕｒ ｌｅａｖｅｓ") == rules.plain_password("four leaves")


def test_pauses_grow_with_failures_and_end_somewhere() -> None:
    pauses = [pause(failures, rules.FREE_FAILURES) for failures in range(40)]

    assert pauses[:7] == [timedelta()] * 5 + [timedelta(seconds=30), timedelta(seconds=60)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


def test_another_service_gives_only_roles_that_the_pack_ties_to_its_claims() -> None:
    roles = ROLES | {"guest": Role(role="guest", claims=["visitors"])}

    assert rules.wanted_posts(["visitors", "admins", "officer", "chief"], roles) == ["guest"]


def _posts(role: str, group: str) -> list[Body]:
    return [RoleGiven(account="ann", role=role, group=group), RoleTaken(account="ann", role=role, group=group)]


BODIES = st.sampled_from(
    [
        Opened(account="ann"),
        Closed(account="ann"),
        SignInLocked(account="ann", failures=5, until=AT),
        *_posts("officer", ""),
        *_posts("chief", "security"),
        *_posts("chief", "traffic"),
    ]
)


@given(st.lists(BODIES, max_size=20))
def test_any_history_leaves_the_posts_of_a_plain_set(bodies: list[Body]) -> None:
    account, posts = Account(account="ann"), set[str]()
    for version, body in enumerate(bodies, 1):
        account = fold(
            account,
            Fact(run="r", stream="account:ann", version=version, body=body, occurred_at=AT, recorded_at=AT, actor="x"),
        )
        if isinstance(body, RoleGiven | RoleTaken):
            named = f"{body.role}@{body.group}" if body.group else body.role
            posts = posts | {named} if isinstance(body, RoleGiven) else posts - {named}
        elif isinstance(body, Closed):
            posts = set()

    assert account.posts == sorted(posts)
    assert account.version == len(bodies)
