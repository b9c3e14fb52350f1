"""The line: all that a service needs to do its work, made once a process."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hotline.carrier.outbound import Outbound
from hotline.carrier.twilio_rest import Account, Carrier
from hotline.errors import FlowError
from hotline.ivr.check import check, differences
from hotline.ivr.flow import Flow
from hotline.ivr.load import load_flows, load_lexicons, load_phrasebook
from hotline.ivr.phrasebook import Phrasebook
from hotline.rules import texts_out
from hotline.rules.links import TOKEN_BYTES
from hotline.services.actions import expectations
from hotline.services.name_hints import NameHints
from hotline.settings import ROOT, Settings
from hotline.store.database import Database
from hotline.store.seal import KeyRing

ENTRIES = ("inbound", "verify", "reconfirm", "notify", "moved", "ended")
"""The flows that a call can begin with."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """Settings, flows, texts to be said and to be read on pages, the database, the carrier and the clock."""

    settings: Settings
    flows: Mapping[str, Flow]
    phrasebook: Phrasebook
    pages: Phrasebook
    database: Database
    carrier: Carrier
    outbound: Outbound
    clock: Callable[[], datetime] = utc_now
    name_hints: NameHints = field(default_factory=NameHints)

    def write(self, key: str, language: str, /, **values: object) -> str:
        """A prompt's text to be read, with the hotline's own number as people write it."""
        return self.phrasebook.text(key, language, {"hotline": written(self.settings.number), **values})

    def show(self, key: str, language: str, /, **values: object) -> str:
        """A text of a page or a mail, with the hotline's own number as people write it."""
        return self.pages.text(key, language, {"hotline": written(self.settings.number), **values})

    def say(self, key: str, language: str, /, **values: object) -> str:
        """A prompt's text to be spoken, with the hotline's own number digit by digit."""
        groups = written(self.settings.number).removeprefix("+").split()
        return self.phrasebook.text(key, language, {"hotline": "; ".join(map(spoken, groups)), **values})


def open_line(
    settings: Settings, clock: Callable[[], datetime] = utc_now, ring_bell: Callable[[], None] = lambda: None
) -> Line:
    """The line with its flows checked; `ring_bell` wakes whoever sends notices after a commit that planned some.

    Raises FlowError, with every fault, where a caller could come to grief.
    """
    flows, phrasebook = checked_flows(settings)
    account = Account(
        settings.account_sid, *(settings.api_key or (settings.account_sid, settings.auth_tokens[0])), settings.api_url
    )
    return Line(
        settings=settings,
        flows=flows,
        phrasebook=phrasebook,
        pages=checked_pages(settings),
        database=Database(
            settings.database_url, KeyRing(settings.encryption_keys, settings.index_key), ring_bell, clock
        ),
        carrier=Carrier(account, settings.number),
        outbound=Outbound(account, settings.pace.concurrency),
        clock=clock,
    )


def checked_flows(settings: Settings) -> tuple[Mapping[str, Flow], Phrasebook]:
    """Flows and texts of the enabled languages. Raises FlowError with every fault."""
    flows = load_flows(ROOT / "ivr_flows", load_lexicons(ROOT / "audio", settings.languages))
    phrasebook = load_phrasebook(ROOT / "audio", settings.languages)
    faults = check(flows, expectations(), phrasebook, ENTRIES)
    if not faults:  # they need every prompt to be there, with its slots
        link = f"{settings.public_url}/l/{secrets.token_urlsafe(TOKEN_BYTES)}"
        faults = list(texts_out.faults(phrasebook.texts, written(settings.number), link))
    if faults:
        raise FlowError("\n".join(faults))
    return flows, phrasebook


def checked_pages(settings: Settings) -> Phrasebook:
    """Texts of pages and mails in the enabled languages. Raises FlowError with every fault."""
    pages = load_phrasebook(ROOT / "audio", settings.languages, "pages.yaml")
    keys = sorted(set().union(*pages.texts.values()))
    if faults := [fault for key in keys for fault in differences(pages, key)]:
        raise FlowError("\n".join(faults))
    return pages


def written(number: str) -> str:
    """A number of the North American plan as people write it: +1 800 555 0199."""
    return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}" if number.startswith("+1") else number


def spoken(digits: str) -> str:
    """Digits to be said one by one: 1, 0, 4, 2."""
    return ", ".join(digits)
