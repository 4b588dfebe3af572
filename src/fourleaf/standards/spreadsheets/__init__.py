# SPDX-License-Identifier: Apache-2.0
"""Spreadsheets: CSV (RFC 4180) and XLSX (ECMA-376) as lines of cells, and back. Nothing is ever computed."""

from fourleaf.standards.spreadsheets.lines import Line, Odd, Table, Unreadable, column_name
from fourleaf.standards.spreadsheets.text import open_text
from fourleaf.standards.spreadsheets.workbook import open_workbook
from fourleaf.standards.spreadsheets.writing import Sheet, write_workbook

__all__ = ["Line", "Odd", "Sheet", "Table", "Unreadable", "column_name", "open_text", "open_workbook", "write_workbook"]
