"""What a subscriber may change, by phone and by page alike: number, channels, wishes, PIN; and the end of it all.

Every function works inside the caller's transaction, on an enrolment that it has locked. What waits to be sent is
looked at again at once, for it obeys the wishes of the moment of sending.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy.orm import Session as Transaction

from hotline.rules import phones
from hotline.rules.cadence import VERIFY, Urgency
from hotline.rules.delivery import DeliveryState
from hotline.rules.limits import Limits
from hotline.rules.occasions import Occasion, kind
from hotline.rules.texts_out import code_word
from hotline.services import confirm
from hotline.services.enroll import hash_pin, may_be_asked
from hotline.services.line import Line
from hotline.services.news import news
from hotline.store import deliveries, enrolments, number_changes
from hotline.store.enrolments import LIVE, EnrolmentStatus
from hotline.store.models import Delivery, Enrolment, NumberChange, Subscriber, key_ring
from hotline.store.seal import KeyRing


def set_wishes(
    db: Transaction,
    enrolment: Enrolment,
    now: datetime,
    *,
    voicemail: bool | None = None,
    any_hour: bool | None = None,
    language: str | None = None,
    fuller_texts: bool | None = None,
    mails: bool | None = None,
) -> None:
    """Set what is given; None leaves a wish as it was. Mail goes out only to an address that was confirmed."""
    given = {"voicemail": voicemail, "any_hour": any_hour, "language": language, "fuller_texts": fuller_texts}
    for wish, value in {**given, "mails": mails}.items():
        if value is not None:
            setattr(enrolment, wish, value)
    if mails is False:
        _stop_channel(db, enrolment, "mail", now)
    elif mails and db.get_one(Subscriber, enrolment.subscriber_id).mail_confirmed_at is not None:
        _tell_also_by(db, enrolment, "mail", now)
    _look_again(_news_that_waits(db, enrolment), now)


def set_channels(db: Transaction, enrolment: Enrolment, calls: bool, texts: bool, now: datetime) -> bool:
    """Leave channels out, at once. False, and nothing is changed, where one would be new, or none would be left.

    A number says yes to a new channel first: see ask_new_number.
    """
    fewer = calls <= enrolment.calls and texts <= enrolment.texts
    if not fewer or not (calls or texts or enrolment.mails):
        return False
    _take_channels(db, enrolment, calls, texts, now)
    return True


def set_pin(ring: KeyRing, enrolment: Enrolment, keyed: str) -> None:
    """A new PIN, keyed already (enroll.keyed_pin)."""
    enrolment.pin_hash = hash_pin(keyed)


def set_zone(db: Transaction, subscriber: Subscriber, zone: str | None, now: datetime) -> None:
    """The one zone whose hours hold for this subscriber, None for those that the number tells.

    Raises ValueError for a zone that nobody knows.
    """
    if zone is not None and zone not in available_timezones():
        raise ValueError("no such time zone")
    subscriber.zones = zone
    for enrolment in enrolments.live_enrolments(db, subscriber.id):
        _look_again(_news_that_waits(db, enrolment), now)


def set_code_word(db: Transaction, subscriber: Subscriber, word: str | None) -> None:
    """The word by which texts and mails show that they are ours, None for no such word.

    Raises ValueError for what is no such word (rules.texts_out.code_word).
    """
    if word is None:
        subscriber.code_word_sealed = None
        return
    kept = code_word(word)
    if kept is None:
        raise ValueError("a code word is one word of 2 to 12 letters and digits")
    subscriber.seal(key_ring(db), "code_word", kept)


def ask_new_number(
    line: Line, db: Transaction, enrolment: Enrolment, number: str, calls: bool, texts: bool, now: datetime
) -> bool:
    """Ask a number (E.164; perhaps the one it has) whether it wants the news by these channels, which it gets then.

    Until it says yes, the number and channels of before go on. Channels that are only left out need no yes. Of several
    changes the last one counts. False where the number may not be asked: for what it is, or too often.
    """
    if phones.refusal(number, line.settings.own_numbers):
        return False
    subscriber = enrolments.add_subscriber(db, number, now)
    same = subscriber.id == enrolment.subscriber_id
    confirmed = enrolment.status != EnrolmentStatus.PENDING
    if same and confirmed and calls <= enrolment.calls and texts <= enrolment.texts:
        _drop_changes(db, enrolment, now)
        return set_channels(db, enrolment, calls, texts, now)
    if not may_be_asked(line, db, subscriber, enrolment, now):
        return False
    _drop_changes(db, enrolment, now)
    change = number_changes.add_change(db, enrolment.id, subscriber.id, calls, texts, now)
    known = (enrolment.calls, enrolment.texts) if same and confirmed else (False, False)
    new = [name for name, wants, had in zip(("voice", "text"), (calls, texts), known, strict=True) if wants and not had]
    occasion = Occasion.CHANGE.about(change.id)
    deliveries.plan(db, enrolment, occasion, VERIFY, now, subscriber_id=subscriber.id, channels=new)
    return True


def _drop_changes(db: Transaction, enrolment: Enrolment, now: datetime) -> None:
    """What was asked before holds no more, nor the question to a number that never said yes and is given up."""
    for change in number_changes.open_changes(db, enrolment.id):
        confirm.end_change(db, change, "superseded", now)
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        if kind(delivery.occasion) is Occasion.VERIFY:
            confirm.end_delivery(delivery, DeliveryState.STOPPED, "superseded", now)


def number_moved(db: Transaction, limits: Limits, change: NumberChange, now: datetime) -> bool:
    """The new number said yes: from here on it gets the news, and the old one hears, in neutral words, of the change.

    True again where it has moved there already; False where the change holds no more.
    """
    enrolment = db.get_one(Enrolment, change.enrolment_id)
    if enrolment.status not in LIVE or change.ended_at is not None:
        return change.ended_at is not None and change.subscriber_id == enrolment.subscriber_id
    change.ended_at = now
    before = db.get_one(Subscriber, enrolment.subscriber_id)
    moves, is_new = change.subscriber_id != before.id, enrolment.status == EnrolmentStatus.PENDING
    if moves and not is_new:
        _tell_old_number(db, enrolment, before, change, now)
    _end_questions(db, enrolment, now)
    for delivery in _news_that_waits(db, enrolment):
        delivery.subscriber_id = change.subscriber_id
    enrolment.subscriber_id = change.subscriber_id
    db.flush()
    _take_channels(db, enrolment, change.calls, change.texts, now)
    confirm.still_theirs(db, enrolment, now)
    if is_new or (moves and enrolment.status == EnrolmentStatus.ACTIVE):
        confirm.activate(db, limits, enrolment, now)
    return True


def _tell_old_number(
    db: Transaction, enrolment: Enrolment, old: Subscriber, change: NumberChange, now: datetime
) -> None:
    """Once, by a way on which the old number takes messages: if the change was not theirs, they can still act."""
    by_text = enrolment.texts and old.texts_stopped_at is None
    by_voice = enrolment.calls and enrolment.voicemail and old.calls_stopped_at is None
    channels = ["text"] if by_text else ["voice"] if by_voice else []
    occasion = Occasion.MOVED.about(change.id)
    deliveries.plan(db, enrolment, occasion, Urgency.ROUTINE, now, subscriber_id=old.id, channels=channels)


def _end_questions(db: Transaction, enrolment: Enrolment, now: datetime) -> None:
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        if delivery.urgency == VERIFY:
            confirm.end_delivery(delivery, DeliveryState.CONFIRMED, "said_yes", now)


def _take_channels(db: Transaction, enrolment: Enrolment, calls: bool, texts: bool, now: datetime) -> None:
    """From here on by these channels: what waits goes out on the new ones too, and stops on those left out."""
    enrolment.calls, enrolment.texts = calls, texts
    wishes = {"voice": calls, "text": texts}
    for channel in (channel for channel, wanted in wishes.items() if wanted):
        _tell_also_by(db, enrolment, channel, now)
    for channel in (channel for channel, wanted in wishes.items() if not wanted):
        _stop_channel(db, enrolment, channel, now)
    _look_again(_news_that_waits(db, enrolment), now)


def _news_that_waits(db: Transaction, enrolment: Enrolment) -> list[Delivery]:
    return [one for one in deliveries.open_deliveries(db, [enrolment.id]) if one.event_id is not None]


def _look_again(waiting: Collection[Delivery], now: datetime) -> None:
    for delivery in waiting:
        delivery.next_at = now


def _stop_channel(db: Transaction, enrolment: Enrolment, channel: str, now: datetime) -> None:
    for delivery in deliveries.open_deliveries(db, [enrolment.id]):
        asked_of_it = delivery.subscriber_id == enrolment.subscriber_id
        if delivery.channel == channel and asked_of_it:
            confirm.end_delivery(delivery, DeliveryState.STOPPED, "opted_out", now)


def _tell_also_by(db: Transaction, enrolment: Enrolment, channel: str, now: datetime) -> None:
    """What is not known to be heard goes out on this channel too, unless it did already."""
    waiting = {one.occasion: one for one in _news_that_waits(db, enrolment)}
    planned = deliveries.planned_for(db, {one.event_id for one in waiting.values() if one.event_id is not None})
    for occasion, one in waiting.items():
        if (one.event_id, enrolment.id, channel) not in planned:
            deliveries.plan(db, enrolment, occasion, one.urgency, now, one.event_id, channels=[channel], turn=one.turn)


def stop_and_delete(db: Transaction, enrolment: Enrolment, now: datetime) -> None:
    """Stop at once, and delete everything but a keyed tombstone."""
    enrolments.delete_enrolment(db, enrolment, now)


def last_notices(
    line: Line,
    db: Transaction,
    enrolment: Enrolment,
    language: str,
    zones: Collection[str],
    now: datetime,
    most: int = 3,
) -> list[str]:
    """The last notices of an active enrolment in words, the newest first, for after the PIN."""
    return [text for _, text in last_events(line, db, enrolment, language, zones, now, most)]


def last_events(
    line: Line,
    db: Transaction,
    enrolment: Enrolment,
    language: str,
    zones: Collection[str],
    now: datetime,
    most: int = 3,
) -> list[tuple[int, str]]:
    """The same, each with its event, so that it can be noted as heard."""
    if enrolment.status != EnrolmentStatus.ACTIVE:
        return []
    told = [
        (event.id, news(line, db, event, language, zones, now))
        for event in deliveries.last_told(db, enrolment.id, most)
    ]
    return [(event_id, text) for event_id, text in told if text is not None]
