"""What an import brought is let go once the brakes looked at the whole of it, or waits for named people."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.errors import NotFound
from hotline.rules import brakes
from hotline.rules.brakes import Brakes
from hotline.services import decide_held, release_events
from hotline.services.decide_held import Verdict, WrongDecision, decide_event, decide_import, list_held
from hotline.services.line import Line
from hotline.services.news import standing
from hotline.services.retract_import import NotRetractable, retract, retract_on
from hotline.services.watch_feed import watch_feed
from hotline.store import audit, watching
from hotline.store.models import (
    Attempt,
    Base,
    CustodyEvent,
    CustodyImport,
    Delivery,
    Enrolment,
    StaffTask,
    Subject,
    new_id,
)
from tests.conftest import NOW
from tests.services.test_import_custody import AGAIN, DIED, OUT, REMOVED, Changes, enrol, give

pytestmark = pytest.mark.server  # many files, threads or a PostgreSQL

ANA, BEN = "Ana Ortiz", "Ben Lee"
WHY = "the agency confirmed it by telephone"
BACK = {"book_out_at": "", "release_reason": "", "updated_at": "2026-03-02T10:00:00Z"}
ODD = {**OUT, "release_reason": "Withdrawal"}
PEOPLE = 30


def numbered(changes: Changes, count: int = PEOPLE) -> list[Changes]:
    """The same row of so many people."""
    return [{**changes, "subject_id": f"S{n}", "stay_id": f"A{n}", "stint_id": f"A{n}-1"} for n in range(1, count + 1)]


def rows(line: Line, model: type[Base], **where: object) -> list[object]:
    with line.database.read() as db:
        return list(db.scalars(select(model).filter_by(**where)))


def states(line: Line) -> dict[tuple[str, str], int]:
    """How many events there are of each kind and state."""
    with line.database.read() as db:
        return Counter((*row,) for row in db.execute(select(CustodyEvent.kind, CustodyEvent.state)))


def planned(line: Line) -> dict[tuple[str, str, str], int]:
    """How many deliveries there are of each kind of event, channel and status."""
    query = select(CustodyEvent.kind, Delivery.channel, Delivery.status).join_from(Delivery, CustodyEvent)
    with line.database.read() as db:
        return Counter((*row,) for row in db.execute(query))


def statuses(line: Line) -> list[str]:
    with line.database.read() as db:
        return list(db.scalars(select(CustodyImport.status).order_by(CustodyImport.id)))


def log(line: Line) -> list[tuple[str, str, str, str]]:
    with line.database.read() as db:
        assert audit.verify(db) == ()
        return [(entry.actor, entry.action, entry.object, entry.reason) for entry in audit.lines(db)]


def open_tasks(line: Line) -> list[str]:
    with line.database.read() as db:
        return sorted(db.scalars(select(StaffTask.kind).where(StaffTask.closed_at.is_(None))))


def reached(line: Line, how_many: int | None = None, status: str = "sent", **more: object) -> None:
    """So many of what waits goes out; the platform took it, or may have."""
    with line.database.begin() as db:
        waiting = db.scalars(select(Delivery).where(Delivery.status == "waiting").order_by(Delivery.event_id))
        for delivery in waiting.all()[:how_many]:
            delivery.status = "trying"
            db.add(Attempt(id=new_id(), delivery_id=delivery.id, token=new_id(), status=status, placed_at=NOW, **more))


@pytest.fixture
def crowd(line: Line) -> Line:
    """A line with thirty people held, somebody waiting for the first twenty-five of them by call and by text."""
    give(line, *numbered({}))
    for n in range(1, 26):
        enrol(line, f"S{n}", f"+120255501{n:02}")
    return line


@pytest.fixture
def held(crowd: Line) -> Line:
    """An import, the second, that would tell of all thirty that they were removed, and is held."""
    assert give(crowd, *numbered(REMOVED)).deliveries == 0
    return crowd


# ---- the brakes


def test_a_quiet_import_is_told_at_once(crowd: Line) -> None:
    report = give(crowd, *numbered(REMOVED, 1))
    assert (report.status, report.deliveries) == ("finished", 2)
    assert planned(crowd) == {("removed", "voice", "waiting"): 1, ("removed", "text", "waiting"): 1}
    assert states(crowd) == {("booked_in", "released"): PEOPLE, ("removed", "released"): 1}


def test_an_import_that_would_tell_too_much_tells_nothing_and_waits(held: Line) -> None:
    assert planned(held) == {}
    assert states(held) == {("booked_in", "released"): PEOPLE, ("removed", "held"): PEOPLE}
    assert statuses(held) == ["finished", "held"]
    assert open_tasks(held) == ["import_held"]
    [waiting] = list_held(held).imports
    assert (waiting.import_id, waiting.critical, waiting.people, waiting.approvals) == (2, 50, PEOPLE, 1)
    assert waiting.events == {"removed": PEOPLE}
    assert waiting.reasons == (
        "it would send 50 critical notices; a usual import sends 4",
        "it releases or removes 30 of 30 people held",
    )


def test_history_of_people_who_are_new_is_no_wave_of_releases(line: Line) -> None:
    report = give(line, *numbered(REMOVED, 200))
    assert (report.status, report.reasons) == ("finished", ())


def test_protection_that_falls_away_holds_the_import_and_closes_the_search(line: Line) -> None:
    give(line, *numbered({"protected": "true"}, 10))
    bare = {"protected": "false", "updated_at": "2026-03-02T10:00:00Z"}
    assert give(line, *numbered(bare, 1)).status == "finished"
    report = give(line, *numbered(bare, 3))
    assert report.reasons == ("the number of protected people falls from 9 to 7",)
    with line.database.read() as db:
        assert watching.search_closed(db)
    assert log(line) == [("hotline", "search.close", "search", "import 3 is held")]


def test_a_corrected_wave_is_held_like_any_other(crowd: Line) -> None:
    loose = replace(crowd, settings=replace(crowd.settings, brakes=Brakes(critical=999, leaving_people=999)))
    give(loose, *numbered(REMOVED))
    reached(crowd, accepted_at=NOW)
    report = give(crowd, *numbered(BACK))
    assert "it would send 50 critical notices" in report.reasons[0]
    assert states(crowd)[("correction", "held")] == PEOPLE


def test_thresholds_come_from_the_settings(crowd: Line) -> None:
    tight = replace(
        crowd, settings=replace(crowd.settings, brakes=Brakes(critical=1, usual_at_start=1, critical_factor=1))
    )
    assert give(tight, *numbered(REMOVED, 1)).reasons == ("it would send 2 critical notices; a usual import sends 1",)


# ---- decisions


def test_an_approved_import_is_told_then(held: Line) -> None:
    later = replace(held, clock=lambda: NOW + timedelta(hours=3))
    done = decide_import(later, 2, Verdict.APPROVE, ANA, WHY)
    assert (done.missing, done.deliveries) == (0, 50)
    assert planned(held) == {("removed", "voice", "waiting"): 25, ("removed", "text", "waiting"): 25}
    assert statuses(held) == ["finished", "finished"]
    assert log(held) == [(ANA, "import.approve", "import 2", WHY)]
    assert open_tasks(held) == []
    [approved] = rows(held, CustodyImport, id=2)
    assert approved.finished_at == NOW  # type: ignore[attr-defined]  # as old as what it tells


def test_a_cancelled_import_is_never_told_and_what_was_imported_is_kept(held: Line) -> None:
    decide_import(held, 2, Verdict.CANCEL, ANA, WHY)
    assert planned(held) == {}
    assert states(held)[("removed", "cancelled")] == PEOPLE
    assert give(held, *numbered(REMOVED)).status == "finished"
    assert planned(held) == {}
    assert log(held) == [(ANA, "import.cancel", "import 2", WHY)]
    assert list_held(held).imports == ()


def test_what_was_cancelled_and_later_truly_happens_is_told(held: Line) -> None:
    decide_import(held, 2, Verdict.CANCEL, ANA, WHY)
    give(held, *numbered(BACK))
    out = {"book_out_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T13:00:00Z", "release_reason": "Removed"}
    assert give(held, *numbered(out, 1)).deliveries == 2


@pytest.mark.parametrize("verdict", Verdict)
def test_over_500_people_need_two_who_agree(held: Line, verdict: Verdict) -> None:
    with held.database.begin() as db:
        db.get_one(CustodyImport, 2).approvals = 2
    assert decide_import(held, 2, verdict, ANA, WHY).missing == 1
    with pytest.raises(WrongDecision, match="another named person"):
        decide_import(held, 2, verdict, "  ANA   ortiz", WHY)
    other = Verdict.CANCEL if verdict is Verdict.APPROVE else Verdict.APPROVE
    assert decide_import(held, 2, other, "Cy Diaz", WHY).missing == 1
    assert planned(held) == {}
    [waiting] = list_held(held).imports
    assert [*waiting.said] == [f"{ANA}: {verdict}", f"Cy Diaz: {other}"]
    assert decide_import(held, 2, verdict, BEN, WHY).missing == 0
    assert list_held(held).imports == ()
    assert [entry[0] for entry in log(held)] == [ANA, "Cy Diaz", BEN]


@pytest.mark.parametrize(("by", "reason"), [("", WHY), ("  ", WHY), ("x" * 101, WHY), (ANA, ""), (ANA, " \n")])
def test_nobody_decides_without_a_name_and_a_reason(held: Line, by: str, reason: str) -> None:
    with pytest.raises(WrongDecision):
        decide_import(held, 2, Verdict.APPROVE, by, reason)
    assert (planned(held), log(held)) == ({}, [])


def test_only_what_is_held_can_be_decided(held: Line) -> None:
    for import_id in (1, 99):
        with pytest.raises(NotFound, match="held list"):
            decide_import(held, import_id, Verdict.APPROVE, ANA, WHY)
    with pytest.raises(NotFound, match="held list"):
        decide_event(held, 1, Verdict.APPROVE, ANA, WHY)
    [first, *_] = rows(held, CustodyEvent, state="held")
    with pytest.raises(WrongDecision, match="decide that one"):
        decide_event(held, first.id, Verdict.APPROVE, ANA, WHY)  # type: ignore[attr-defined]


@pytest.mark.parametrize("verdict", Verdict)
def test_what_comes_later_to_the_same_people_waits_behind_it(held: Line, verdict: Verdict) -> None:
    later = give(held, {**AGAIN, "subject_id": "S1"}, {**AGAIN, "subject_id": "S40"})
    assert (later.status, later.deliveries) == ("finished", 0)
    assert [event.held_by for event in rows(held, CustodyEvent, kind="returned")] == [2]  # type: ignore[attr-defined]
    assert give(held, {**AGAIN, "subject_id": "S2"}).deliveries == 0
    decide_import(held, 2, verdict, ANA, WHY)
    assert states(held)[("returned", "released")] == 2
    assert planned(held)[("returned", "voice", "waiting")] == 2
    assert statuses(held)[2:] == ["finished", "finished"]
    approved = verdict is Verdict.APPROVE
    assert planned(held)[("removed", "voice", "waiting")] == (25 if approved else 0)


def test_other_imports_go_on_while_one_waits(held: Line) -> None:
    enrol(held, "S40", "+12025550190")
    give(held, {"subject_id": "S40"})
    enrol(held, "S40", "+12025550191")
    assert give(held, {"subject_id": "S40", **REMOVED}).deliveries == 2


def test_where_somebody_stands_is_not_told_past_what_is_held_or_cancelled(held: Line) -> None:
    with held.database.read() as db:
        ref = db.scalar(select(Subject.id).where(Subject.subject_id == "S1"))
        assert ref is not None
        assert standing(held, db, ref, "en", (), NOW) is None
    decide_import(held, 2, Verdict.CANCEL, ANA, WHY)
    with held.database.read() as db:
        assert standing(held, db, ref, "en", (), NOW) is None
    give(held, *numbered(BACK))
    with held.database.read() as db:
        assert "is in custody" in (standing(held, db, ref, "en", (), NOW) or "")


# ---- single events


@pytest.fixture
def doubts(line: Line) -> Line:
    """A line with a death, and something that nobody understood; somebody waits for both."""
    give(line, *numbered({}, 2))
    for n in (1, 2):
        enrol(line, f"S{n}", f"+1202555010{n}")
    give(line, *[{**row, **end} for row, end in zip(numbered({}, 2), (DIED, ODD), strict=True)])
    return line


def event_id(line: Line, kind: str) -> int:
    return next(one.event_id for one in list_held(line).events if one.kind == kind)


def test_a_death_and_a_doubt_wait_each_by_itself(doubts: Line) -> None:
    waiting = list_held(doubts)
    assert waiting.imports == ()
    assert [(one.kind, one.subject_id) for one in waiting.events] == [("died", "S1"), ("under_review", "S2")]
    assert open_tasks(doubts) == ["custody_review", "death_review"]
    assert planned(doubts) == {}


def test_a_death_is_told_once_a_person_approved_it(doubts: Line) -> None:
    died = event_id(doubts, "died")
    assert decide_event(doubts, died, Verdict.APPROVE, ANA, WHY).deliveries == 2
    assert planned(doubts) == {("died", "voice", "waiting"): 1, ("died", "text", "waiting"): 1}
    assert open_tasks(doubts) == ["custody_review"]
    assert log(doubts) == [(ANA, "event.approve", f"event {died}", WHY)]
    with pytest.raises(NotFound):
        decide_event(doubts, died, Verdict.APPROVE, BEN, WHY)


READINGS = [kind for kind in decide_held.READ_AS if kind != "nothing"]


@pytest.mark.parametrize("read_as", READINGS)
def test_a_doubt_is_told_as_what_a_person_found(sqlite_line: Line, read_as: str) -> None:
    give(sqlite_line, {})
    enrol(sqlite_line)
    give(sqlite_line, ODD)
    doubt = event_id(sqlite_line, "under_review")
    assert decide_event(sqlite_line, doubt, Verdict.APPROVE, ANA, WHY, read_as).deliveries == 2
    assert planned(sqlite_line) == {(read_as, "voice", "waiting"): 1, (read_as, "text", "waiting"): 1}
    assert log(sqlite_line) == [(ANA, f"event.approve.as_{read_as}", f"event {doubt}", WHY)]
    assert give(sqlite_line, ODD).events == {}


@pytest.mark.parametrize(
    ("verdict", "read_as", "action"),
    [(Verdict.APPROVE, "nothing", "event.approve.as_nothing"), (Verdict.CANCEL, "", "event.cancel")],
)
def test_a_doubt_that_was_nothing_is_told_to_nobody(doubts: Line, verdict: Verdict, read_as: str, action: str) -> None:
    doubt = event_id(doubts, "under_review")
    assert decide_event(doubts, doubt, verdict, ANA, WHY, read_as).deliveries == 0
    assert (planned(doubts), log(doubts)) == ({}, [(ANA, action, f"event {doubt}", WHY)])
    assert open_tasks(doubts) == ["death_review"]


@pytest.mark.parametrize(
    ("kind", "verdict", "read_as"),
    [
        ("under_review", Verdict.APPROVE, ""),
        ("under_review", Verdict.APPROVE, "under_review"),
        ("under_review", Verdict.APPROVE, "correction"),
        ("under_review", Verdict.CANCEL, "released"),
        ("died", Verdict.APPROVE, "released"),
    ],
)
def test_a_reading_that_does_not_fit_is_refused(doubts: Line, kind: str, verdict: Verdict, read_as: str) -> None:
    with pytest.raises(WrongDecision):
        decide_event(doubts, event_id(doubts, kind), verdict, ANA, WHY, read_as)
    assert (planned(doubts), log(doubts)) == ({}, [])


# ---- taking back


@pytest.fixture
def told(line: Line) -> Line:
    """A line whose second import told two who waited: of the first person that he was removed."""
    give(line, *numbered({}, 3))
    for n in (1, 1, 2):
        enrol(line, f"S{n}", f"+120255501{n}{len(rows(line, Enrolment))}")
    give(line, *numbered(REMOVED, 2))
    return line


HOW_SENT: list[tuple[str, dict[str, object], int]] = [
    ("delivered", {"accepted_at": NOW}, 1),
    ("uncertain", {}, 1),
    ("placing", {}, 1),
    ("failed", {"ended_at": NOW}, 0),
    ("failed", {"accepted_at": NOW, "ended_at": NOW}, 1),
]


@pytest.mark.parametrize(("status", "more", "corrections"), HOW_SENT)
def test_only_who_was_told_or_may_have_been_hears_that_it_was_wrong(
    told: Line, status: str, more: dict[str, object], corrections: int
) -> None:
    reached(told, 1, status, **more)
    done = retract(told, 2, ANA, WHY)
    assert (done.cancelled, done.corrections) == (6, corrections)
    assert sum(count for (kind, *_), count in planned(told).items() if kind == "correction") == corrections
    assert {status for kind, _, status in planned(told) if kind == "removed"} == {"stopped"}
    assert states(told)[("removed", "cancelled")] == 2
    assert log(told) == [(ANA, "import.retract", "import 2", WHY)]


def test_a_correction_goes_by_the_same_channel_as_urgently_and_once(told: Line) -> None:
    reached(told, accepted_at=NOW)
    assert retract(told, 2, ANA, WHY).corrections == 6
    assert retract_on(told) == 0
    with pytest.raises(NotRetractable):
        retract(told, 2, BEN, WHY)
    query = (
        select(Delivery.enrolment_id, Delivery.channel, Delivery.urgency)
        .join(CustodyEvent, CustodyEvent.id == Delivery.event_id)
        .order_by(Delivery.enrolment_id, Delivery.channel)
    )
    with told.database.read() as db:
        wrong = db.execute(query.where(CustodyEvent.kind == "removed")).all()
        right = db.execute(query.where(CustodyEvent.kind == "correction")).all()
    assert wrong == right
    assert len(right) == 6


def test_a_retraction_that_is_killed_goes_on(told: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    reached(told, accepted_at=NOW)

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hotline.services.retract_import.correct_all", killed)
        with pytest.raises(KeyboardInterrupt):
            retract(told, 2, ANA, WHY)
    assert {status for _, _, status in planned(told)} == {"stopped"}
    assert retract_on(told) == 6
    assert retract_on(told) == 0


def test_who_opted_out_since_hears_no_correction(told: Line) -> None:
    reached(told, accepted_at=NOW)
    with told.database.begin() as db:
        for n, enrolment in enumerate(db.scalars(select(Enrolment).order_by(Enrolment.subject_ref))):
            enrolment.status, enrolment.calls = ("stopped", True) if n == 2 else ("active", False)
    assert retract(told, 2, ANA, WHY).corrections == 2


def test_what_was_taken_back_is_not_told_by_the_same_file_again(told: Line) -> None:
    reached(told, accepted_at=NOW)
    retract(told, 2, ANA, WHY)
    assert give(told, *numbered(REMOVED, 2)).deliveries == 0


def test_a_retracted_import_is_no_sign_of_a_fresh_feed(told: Line) -> None:
    retract(told, 2, ANA, WHY)
    assert statuses(told) == ["finished", "retracted"]


@pytest.mark.parametrize("import_id", [0, 99])
def test_an_import_that_is_not_there_can_not_be_taken_back(told: Line, import_id: int) -> None:
    with pytest.raises(NotFound):
        retract(told, import_id, ANA, WHY)


RIGHT = {**REMOVED, "updated_at": "2026-03-02T12:00:00Z"}


def stands(line: Line, subject_id: str = "S1") -> str | None:
    with line.database.read() as db:
        ref = db.scalars(select(Subject.id).where(Subject.subject_id == subject_id)).one()
        return standing(line, db, ref, "en", (), NOW)


@pytest.fixture
def uncorrected(told: Line) -> Line:
    """A line whose third import took back, by mistake, two removals that all were told of: half have heard so."""
    reached(told, accepted_at=NOW)
    give(told, *numbered(BACK, 2))
    reached(told, 3, accepted_at=NOW)
    return told


def test_corrections_of_a_wrong_import_that_did_not_go_out_never_do(uncorrected: Line) -> None:
    done = retract(uncorrected, 3, ANA, WHY)
    assert (done.cancelled, done.corrections) == (6, 0)
    assert {status for kind, _, status in planned(uncorrected) if kind == "correction"} == {"stopped"}
    assert states(uncorrected)[("correction", "cancelled")] == 2
    assert retract_on(uncorrected) == 0


def test_who_heard_a_wrong_correction_is_told_again_by_a_person_who_looked(uncorrected: Line) -> None:
    assert retract(uncorrected, 3, ANA, WHY).to_review == 1
    assert open_tasks(uncorrected) == ["custody_review"]
    assert stands(uncorrected) is None
    found = decide_event(uncorrected, event_id(uncorrected, "under_review"), Verdict.APPROVE, ANA, WHY, "removed")
    assert found.deliveries == 4
    assert stands(uncorrected) is None  # the records still say otherwise
    assert open_tasks(uncorrected) == []


def test_the_right_rows_tell_again_what_a_wrong_import_had_taken_back(uncorrected: Line) -> None:
    retract(uncorrected, 3, ANA, WHY)
    assert stands(uncorrected, "S2") is None  # nobody heard the correction, but the records are wrong
    assert give(uncorrected, *numbered(RIGHT, 2)).deliveries == 6
    assert "has been removed" in (stands(uncorrected, "S2") or "")


def test_where_somebody_is_is_not_told_from_records_whose_correction_was_cancelled(crowd: Line) -> None:
    give(crowd, *numbered(REMOVED))
    decide_import(crowd, 2, Verdict.APPROVE, ANA, WHY)
    reached(crowd, accepted_at=NOW)
    assert give(crowd, *numbered(BACK)).status == "held"
    decide_import(crowd, 3, Verdict.CANCEL, ANA, WHY)
    assert stands(crowd) is None
    give(crowd, *numbered(RIGHT, 1))
    assert "has been removed" in (stands(crowd) or "")


def test_that_nothing_could_be_checked_is_true_whatever_becomes_of_the_import(told: Line) -> None:
    reached(told, accepted_at=NOW)
    watch_feed(replace(told, clock=lambda: NOW + timedelta(hours=13)))
    reached(told, accepted_at=NOW)
    assert planned(told)[("feed_stale", "voice", "trying")] == 3
    assert retract(told, 2, ANA, WHY).corrections == 6
    assert planned(told)[("feed_stale", "voice", "trying")] == 3


def test_a_held_import_that_is_taken_back_lets_go_what_waited_behind_it(held: Line) -> None:
    give(held, {**AGAIN, "subject_id": "S1"})
    retract(held, 2, ANA, WHY)
    assert planned(held) == {("returned", "voice", "waiting"): 1, ("returned", "text", "waiting"): 1}
    assert open_tasks(held) == []


# ---- killed on the way


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_a_release_that_is_killed_goes_on_and_tells_once(
    crowd: Line, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(release_events, "BATCH", most)
    true, left = release_events.let_go, [3]

    def killed(*given: object) -> release_events.LetGo | None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return true(*given)  # type: ignore[arg-type]

    loose = replace(crowd, settings=replace(crowd.settings, brakes=Brakes(critical=999, leaving_people=999)))
    with monkeypatch.context() as patch:
        patch.setattr(release_events, "let_go", killed)
        try:
            give(loose, *numbered(REMOVED))
        except KeyboardInterrupt:
            assert statuses(crowd)[-1] == "releasing"
    release_events.go_on(loose)
    assert release_events.go_on(loose) == 0
    assert planned(crowd) == {("removed", "voice", "waiting"): 25, ("removed", "text", "waiting"): 25}
    assert statuses(crowd) == ["finished", "finished"]


def test_what_a_killed_import_derived_is_judged_before_it_is_told(crowd: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(release_events, "release", killed)
        with pytest.raises(KeyboardInterrupt):
            give(crowd, *numbered(REMOVED))
    assert states(crowd)[("removed", "derived")] == PEOPLE
    give(crowd, {"subject_id": "S50"})
    assert "held" in statuses(crowd)
    assert planned(crowd) == {}


def test_two_processes_that_judge_at_once_agree(held: Line) -> None:
    for _ in range(2):
        again = release_events.release(held, 2)
        assert (again.status, again.deliveries, len(again.reasons)) == ("held", 0, 2)
    assert states(held)[("removed", "held")] == PEOPLE


def test_a_process_that_counted_before_another_had_judged_changes_nothing(
    crowd: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = brakes.judge

    def late(*given: object) -> object:
        """Another process judges while this one still counts."""
        monkeypatch.setattr(release_events, "judge", true)
        release_events.release(crowd, 2)
        return replace(true(*given), reasons=())  # type: ignore[arg-type]

    monkeypatch.setattr(release_events, "judge", late)
    assert give(crowd, *numbered(REMOVED)).status == "held"
    assert planned(crowd) == {}
