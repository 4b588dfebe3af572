# SPDX-License-Identifier: Apache-2.0
"""Visits: somebody at one register of the desk, and the forms that he sends from there."""

from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any

from litestar import Request, Response
from litestar.di import Provide
from litestar.response import Redirect

from fourleaf.engines.world import actions
from fourleaf.engines.world.actions import Keeping
from fourleaf.engines.world.declares.register import FILES, Register
from fourleaf.engines.world.web.files import chunks, file_of
from fourleaf.engines.world.web.registers import seen, written
from fourleaf.engines.world.web.venue import Name
from fourleaf.faces.desk.said import said
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer
from fourleaf.postgres.journal import Site
from fourleaf.ui.pages import Page

Anything = Request[Any, Any, Any]


class Visit:
    """Who is at which register, and the page he gets."""

    def __init__(
        self,
        *,
        site: Site,
        principal: Principal,
        page: Page,
        run_info: Mapping[str, Any],
        name: str,
        register: Register,
    ) -> None:
        self.site, self.principal, self.page, self.run_info = site, principal, page, run_info
        self.name, self.register = name, register

    @property
    def zone(self) -> str:
        return self.site.run.zone

    @property
    def at(self) -> str:
        """Where the register stands."""
        return f"/r/{self.site.run.run}/desk/registers/{self.name}"

    def asked(self, form: "Form", item: str, given: list[Any]) -> actions.Asked:
        """What a form asks of one thing."""
        return actions.Asked(
            principal=self.principal,
            request_id=form.request(item, given[0]),
            name=self.name,
            register=self.register,
            item=item,
            given=[self.name, *given],
        )


class Form:
    """A form as it was sent."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        self.nonce = words.get("nonce", "")
        self.version = whole_number(words.get("version", ""))

    async def attached(self, visit: Visit, request: Anything, safe: Keeping) -> Refusal | None:
        """Keep the files that came with it, so that it names them; one that is to go is named no more."""
        words, wrong = dict(self._words), list[dict[str, Any]]()
        for field in visit.register.fields:
            file = await file_of(request, f"{field.key}.file") if field.type in FILES else None
            if file is not None:
                kept = await actions.attach(visit.site, safe, visit.register, field.key, chunks(file))
                if isinstance(kept, Refusal):
                    wrong.append({"field": field.key, "what": said(kept), "mend": {"zh": "", "en": ""}})
                else:
                    words[field.key] = kept
            elif f"{field.key}.none" in words:
                words[field.key] = ""
        self._words = words
        return Refusal("world.bad-fields", {"count": len(wrong), "errors": wrong}) if wrong else None

    @classmethod
    async def of(cls, request: Anything) -> "Form":
        sent = await request.form()
        return cls({key: value for key, value in sent.items() if isinstance(value, str)})

    def __getitem__(self, key: str) -> str:
        return self._words.get(key, "")

    def said(self, register: Register) -> dict[str, str]:
        """What it says of every field."""
        return {field.key: self[field.key] for field in register.fields}

    def request(self, item: str, what: str) -> str:
        """A form sent twice is one request: its page's nonce and what it says name it."""
        words = (f"{key}={self._words[key]}" for key in sorted(self._words) if key != "csrf")
        whole = "\n".join([self.nonce, *words])
        return f"desk:{sha256(f'{item}:{whole}:{what}'.encode()).hexdigest()[:40]}"


async def led(
    answer: Answer | Refusal, path: str, again: Callable[[Refusal], Awaitable[Response[Any]]]
) -> Response[Any]:
    """Where a form leads: on, or back to its page with what has to be mended."""
    return await again(answer) if isinstance(answer, Refusal) else Redirect(path, status_code=303)


def once(answer: Answer, secret: str) -> str | None:
    """What is shown once: with the first answer to a request, and to nobody a second time."""
    return None if answer.replayed else secret


def whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


async def provide_looking(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], register: Name
) -> Visit:
    """Raises: NotFoundException for whoever may not see the register."""
    declared = await seen(site, principal, register)
    return Visit(site=site, principal=principal, page=page, run_info=run_info, name=register, register=declared)


async def provide_writing(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], register: Name
) -> Visit:
    """Raises: NotFoundException; PermissionDeniedException for whoever may not write to it."""
    declared = await written(site, principal, register)
    return Visit(site=site, principal=principal, page=page, run_info=run_info, name=register, register=declared)


LOOKING = {"visit": Provide(provide_looking)}
WRITING = {"visit": Provide(provide_writing)}
