# SPDX-License-Identifier: Apache-2.0
"""Credentials on the desk: the queues with their clocks, one application with its history, and decisions of one or many."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import msgspec
from litestar import Response, get, post

from fourleaf.engines import credentials as room
from fourleaf.engines.credentials import actions, rules, store
from fourleaf.engines.credentials.actions import Asked, Decision, Preview
from fourleaf.engines.credentials.declares import APPEAL, SEE
from fourleaf.engines.credentials.declares.permissions import STAGES
from fourleaf.engines.credentials.rules import reasons
from fourleaf.engines.credentials.state import CREDENTIALS, Credential
from fourleaf.engines.credentials.web.parsing import Name, own, seen
from fourleaf.faces.desk.pages import ROOM, shell
from fourleaf.faces.desk.said import said
from fourleaf.faces.desk.visits import Anything, Form, led
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import log
from fourleaf.postgres.append import Answer
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import require, sentence
from fourleaf.ui.pages import Page

_AT = "/r/{run:str}/desk/credentials"
_ROOM = Path(str(room.__file__)).parent
# The queues, in the order of a life; those of stages first.
QUEUES = (*STAGES, "approved", "returned", "appealed")
# How each status is shown besides its word.
SHAPES = {
    "vetting": "watch",
    "returned": "info",
    "appealed": "watch",
    "approved": "info",
    "issued": "calm",
    "suspended": "alert",
}
OUTCOMES = {"pass": reasons.PASS, "reject": reasons.REJECT, "return": reasons.RETURN}
SIZE = 50


@get(_AT, include_in_schema=False)
async def queue(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], request: Anything
) -> Response[str]:
    """A queue, the oldest promise first."""
    require(principal, SEE)
    return await _queue_page(site, principal, page, run_info, request.query_params)


async def _queue_page(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    query: Mapping[str, str],
    **more: Any,
) -> Response[str]:
    every, mine = await shell(site, principal, run_info, "credentials"), own(principal)
    name = query.get("queue", "")
    name = name if name in QUEUES else QUEUES[0]
    asked = store.Asked(
        stage=name if name in STAGES else "",
        status="" if name in STAGES else name,
        type=query.get("type", "")[:40],
        organizations=mine,
        overdue=query.get("overdue") == "yes",
        after=query.get("after", "") if store.is_cursor(query.get("after", "")) else "",
        size=SIZE,
    )
    async with site.connection() as connection:
        found = await store.queue(connection, asked, every["now"])
        counts = await store.counts(connection, every["now"], mine)
        types, organizations = await store.types(connection), await store.organizations(connection)
    return page.html(
        ROOM,
        "credentials.html",
        **every,
        found=found,
        asked=asked,
        queue=name,
        queues=QUEUES,
        counts=counts,
        types=types,
        organizations=organizations,
        outcomes=_reasons(),
        may_decide="office" in principal.permissions and STAGES.get(name, "") in principal.permissions,
        **({"wrong": None, "preview": None, "form": None, "done": _number(query.get("done", ""))} | more),
    )


@post(_AT, include_in_schema=False)
async def decide_many(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], request: Anything
) -> Response[Any]:
    """Look at what a decision of many would do; the second time, with `sure`, do it."""
    require(principal, SEE)
    require(principal, "office")
    sent = await request.form()
    names = [str(one) for one in sent.getall("credential", [])][: actions.MOST]
    form = await Form.of(request)
    decision = _decision(form)
    if decision is None or not names:
        wrong = Refusal("credentials.nothing-chosen")
        return await _queue_page(site, principal, page, run_info, form_query(form), wrong=said(wrong), form=form)
    if form["sure"] != "yes":
        looked: Preview = await actions.preview(site, principal, names, decision)
        told = {code: sentence(_ROOM, f"refusal.{code}", **_blanks(code)) for code in looked.refused}
        return await _queue_page(
            site,
            principal,
            page,
            run_info,
            form_query(form),
            preview=looked,
            told=told,
            kinds={kind: sentence(_ROOM, f"fact.{kind}") for kind in looked.kinds},
            chosen=names,
            form=form,
        )
    given = msgspec.to_builtins(decision)
    asked = Asked(principal=principal, request_id=form.request(",".join(names), "decide"), given=[names, given])
    answer = await actions.decide_many(site, asked, names, decision)
    count = answer.value["done"] if isinstance(answer, Answer) else 0

    async def again(refusal: Refusal) -> Response[str]:
        return await _queue_page(site, principal, page, run_info, form_query(form), wrong=said(refusal), form=form)

    return await led(answer, f"credentials?queue={form['queue'] or QUEUES[0]}&done={count}", again)


@get(f"{_AT}/{{credential:str}}", include_in_schema=False)
async def one(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], credential: Name, done: str = ""
) -> Response[str]:
    """One application: as it stands, what it lacks, what may be said of it, and everything that happened."""
    require(principal, SEE)
    found = await seen(site, principal, credential)
    return await _one_page(site, principal, page, run_info, found, done=done == "yes")


@post(f"{_AT}/{{credential:str}}", include_in_schema=False)
async def decide(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], request: Anything, credential: Name
) -> Response[Any]:
    """Say what becomes of it at the open stage, or of its appeal."""
    require(principal, SEE)
    found, form = await seen(site, principal, credential), await Form.of(request)
    asked = Asked(
        principal=principal,
        request_id=form.request(credential, "decide"),
        given=[credential, form["stage"], form["outcome"], form["reason"]],
    )
    decision = _decision(form)
    answer: Answer | Refusal = Refusal("credentials.nothing-chosen")
    if decision and found.status == "appealed":
        grant = decision.outcome == "pass"
        answer = await actions.decide_appeal(site, asked, credential, grant=grant, reason=decision.reason)
    elif decision:
        answer = await actions.decide(site, asked, credential, decision)

    async def again(refusal: Refusal) -> Response[str]:
        stands = await seen(site, principal, credential)
        return await _one_page(site, principal, page, run_info, stands, refusal=refusal)

    return await led(answer, f"{credential}?done=yes", again)


async def _one_page(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    found: Credential,
    *,
    refusal: Refusal | None = None,
    done: bool = False,
) -> Response[str]:
    every = await shell(site, principal, run_info, "credentials")
    async with site.connection() as connection:
        book = await store.book(connection, found.type, site.run.zone)
        stream = f"{CREDENTIALS.prefix}:{found.credential}"
        facts = await log.stream(connection, site.journal.kinds, site.run.run, stream)
        organizations = await store.organizations(connection)
    type_ = book.type
    open_ = found.status == "vetting" and found.decides in principal.permissions
    return page.html(
        ROOM,
        "credential.html",
        status_code=422 if refusal else 200,
        **every,
        one=found,
        type=type_,
        missing=rules.missing(found, type_) if type_ else [],
        facts=list(reversed(facts)),
        kinds={fact.body.KIND: sentence(_ROOM, f"fact.{fact.body.KIND}") for fact in facts},
        why={key: sentence(_ROOM, f"reason.{key}") for key in reasons.ALL},
        status=sentence(_ROOM, f"status.{found.status}"),
        shape=SHAPES.get(found.status, "closed"),
        organizations=organizations,
        outcomes=_reasons(),
        may_decide=open_ or (found.status == "appealed" and APPEAL in principal.permissions),
        me=principal.id,
        wrong=said(refusal),
        done=done,
    )


def form_query(form: Form) -> Mapping[str, str]:
    """The place of the queue that a form was on."""
    return {key: form[key] for key in ("queue", "type", "overdue", "after")}


def _decision(form: Form) -> Decision | None:
    """What a form says; outcome and reason come as one choice, `outcome:reason`."""
    outcome, _, reason = form["said"].partition(":")
    if outcome not in OUTCOMES or reason not in OUTCOMES[outcome]:
        return None
    return Decision(stage=form["stage"][:40], outcome=cast(rules.Outcome, outcome), reason=reason)


def _reasons() -> dict[str, dict[str, Mapping[str, str]]]:
    """Shape: outcome -> reason -> its words by language."""
    return {
        outcome: {key: sentence(_ROOM, f"reason.{key}") for key in sorted(found)} for outcome, found in OUTCOMES.items()
    }


def _blanks(code: str) -> dict[str, str]:
    """A sentence about many names none of them."""
    return dict.fromkeys(("credential", "stage", "permission", "documents", "answer", "type", "reason", "known"), "…")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


HANDLERS = (queue, decide_many, one, decide)
