# SPDX-License-Identifier: Apache-2.0
"""Credentials over HTTP: applications and queues, decisions, issues, figures."""

from fourleaf.engines.credentials.web import applications, decisions, figures, issues

HANDLERS = (*applications.HANDLERS, *decisions.HANDLERS, *issues.HANDLERS, *figures.HANDLERS)
