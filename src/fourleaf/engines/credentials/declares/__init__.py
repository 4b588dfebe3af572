# SPDX-License-Identifier: Apache-2.0
"""Credentials: what an edition pack may declare of them: zones, categories, and the organizations that apply."""

from fourleaf.engines.credentials.declares.access_zone import AccessZone, ZoneGate
from fourleaf.engines.credentials.declares.background_check import BackgroundCheck
from fourleaf.engines.credentials.declares.credential_type import CredentialType, Document, Office, Stage
from fourleaf.engines.credentials.declares.organization import Organization, Organizations
from fourleaf.engines.credentials.declares.permissions import (
    APPEAL,
    APPLY,
    BACKGROUND,
    COMPLETE,
    DECIDE,
    FIGURES,
    ISSUE,
    ORGANIZATION,
    PERMISSIONS,
    REVOKE,
    SEE,
)
from fourleaf.engines.credentials.declares.words import Words

__all__ = [
    "APPEAL",
    "APPLY",
    "BACKGROUND",
    "COMPLETE",
    "DECIDE",
    "DECLARES",
    "FIGURES",
    "ISSUE",
    "ORGANIZATION",
    "PERMISSIONS",
    "REVOKE",
    "SEE",
    "AccessZone",
    "BackgroundCheck",
    "CredentialType",
    "Document",
    "Office",
    "Organization",
    "Organizations",
    "Stage",
    "Words",
    "ZoneGate",
]
DECLARES = {
    "access_zone": AccessZone,
    "credential_type": CredentialType,
    "organization": Organizations,
    "background_check": BackgroundCheck,
}
