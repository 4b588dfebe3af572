# SPDX-License-Identifier: Apache-2.0
"""Credential command: what `fourleaf credentials import` asks for on the command line."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from fourleaf.app.database import opened
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech


def take_table(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX of an organization. 单位的表格")],
    organization: Annotated[str, typer.Option(help="Id of the organization. 单位编号")],
    type_: Annotated[str, typer.Option("--type", help="Category, where no column names it. 证件类别")] = "",
    run: Annotated[str, typer.Option(help="A run, such as ciie-7. 场次")] = "ciie-7",
    wrong: Annotated[Path | None, typer.Option(help="Where lines that are not taken are written. 未接收的行")] = None,
) -> None:
    """Apply for everybody in a table; goes on where it broke off. 按单位导入证件申请."""
    speech = Speech(None)
    part = import_module("fourleaf.app.credential_import")
    told = wrong or file.with_name(f"{file.stem}-not-taken.csv")
    wanted = part.Wanted(run=run, file=file, organization=organization, type=type_, wrong=told)
    with opened(Settings.read()) as ready:
        raise typer.Exit(part.take(ready, wanted, speech))
