"""The same line on PostgreSQL: the whole journey, with eight copies of every webhook at once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.services.demo import load_sample
from hotline.store.migrate import migrate
from hotline.store.models import Attempt, Call, CallStep, Delivery, Enrolment
from tests.calls.people import ASKS_FOR_JUAN, SPEAKS_SPANISH
from tests.calls.stage import NUMBER, Stage, over_at
from tests.calls.test_manage import confirmation
from tests.calls.test_news import juan_is


@pytest.fixture
def stage(tmp_path: Path, postgresql_url: str) -> Iterator[Stage]:
    key = base64.b64encode(b"k" * 32).decode()
    secrets = {
        "HOTLINE_SECRET_KEY": "s" * 40,
        "HOTLINE_ENCRYPTION_KEYS": f"k1:{key}",
        "HOTLINE_INDEX_KEY": base64.b64encode(b"i" * 32).decode(),
    }
    made = Stage(tmp_path, copies=8, DATABASE_URL=postgresql_url, **secrets)
    migrate(made.line.database.engine)
    load_sample(made.line)
    yield made
    made.close()


def test_from_a_call_to_a_confirmed_notice(stage: Stage) -> None:
    number = confirmation(stage.signed_up(SPEAKS_SPANISH))
    juan_is(stage, "Removed")
    stage.look()
    over_at(stage.phone().answer().press("4827#").says("Deportaron a Juan Pérez").press("2"), "notify.goodbye")
    assert [d.status for d in stage.rows(Delivery, urgency="critical")] == ["confirmed"]
    assert len(stage.rows(Attempt)) == 2
    assert len(stage.rows(Call)) == 3
    for call in stage.rows(Call):
        assert len(stage.rows(CallStep, call_id=call.id)) == call.steps
    call = stage.dial("+12025550160").press("1").press("2").press(number).press("4827#").is_at("manage.menu")
    over_at(call.press("6").press("1"), "manage.deleted")
    assert stage.rows(Enrolment) == []


def test_a_text_is_answered_once_however_many_copies_come(stage: Stage) -> None:
    stage.signed_up(replace(ASKS_FOR_JUAN, channel="text"))
    assert [e.status for e in stage.rows(Enrolment)] == ["active"]
    juan_is(stage, "Removed")
    stage.pass_time(hours=3, every=timedelta(hours=1))
    assert len(stage.phone().texts) == 3  # the question, its thanks, the notice
    stage.phone().text(NUMBER, "OK")
    assert [d.status for d in stage.rows(Delivery, urgency="critical")] == ["confirmed"]
