"""What the platform tells in a year of notices, and what people do with the calls and texts that reach them."""

from __future__ import annotations

from itertools import count

from hotline.bench.far_end import Callback, Taken
from hotline.bench.notice_lives import Lives
from hotline.carrier.webhooks import CallHook, TextHook
from hotline.ivr.session import Silence
from hotline.rules.delivery import Answerer, call_state, message_state
from hotline.rules.occasions import Occasion, kind
from hotline.services import confirm, number_questions
from hotline.services.answer_call import call_status
from hotline.services.answer_text import answer_text, text_status
from hotline.services.outcomes import VERIFY
from hotline.store import deliveries
from hotline.store.deliveries import OPEN
from hotline.store.models import Delivery, Subscriber


class Answers:
    """Those who are called and texted; what they do later goes on the agenda of `lives`."""

    def __init__(self, lives: Lives) -> None:
        self.lives, self.line, self.chance = lives, lives.line, lives.chance
        self._texts = count()

    def called_back(self, told: Callback) -> None:
        """The platform tells a status; whom it reached does something with it."""
        of = told.of
        if of.kind == "Calls":
            if told.status == of.end == "completed":
                self._picked_up(of)
            call_status(self.line, self._call_hook(of, told.status), of.token)
        else:
            text_status(self.line, self._text_hook(of, told.status), of.token)
            if told.status == "delivered":
                self._read(of)

    def _call_hook(self, of: Taken, status: str) -> CallHook:
        over = status == of.end
        return CallHook(of.sid, None, Silence(), Answerer.PERSON, None, call_state(status), status, None, over)

    def _text_hook(self, of: Taken, status: str) -> TextHook:
        code = of.code if status == of.end else None
        return TextHook(of.sid, None, "", None, message_state(status), status, code)

    def _picked_up(self, of: Taken) -> None:
        """Somebody took the call: most have the PIN at hand, or say yes; few say that it is not for them."""
        roll = self.chance.random()
        with self.line.database.begin() as db:
            attempt = deliveries.attempt_by_token(db, of.token)
            if attempt is None:
                return
            delivery = db.get_one(Delivery, attempt.delivery_id)
            if delivery.status not in OPEN:
                return
            if roll < 0.003:
                confirm.wrong_person(db, db.get_one(Subscriber, delivery.subscriber_id), self.line.clock())
            elif delivery.urgency == VERIFY and roll < 0.8:
                number_questions.said_yes(db, self.line.settings.limits, delivery, self.line.clock())
            elif kind(delivery.occasion) is Occasion.EVENT and roll < 0.7:
                confirm.heard(db, delivery, "pin", self.line.clock())

    def _read(self, of: Taken) -> None:
        roll = self.chance.random()
        if roll < 0.4:
            self.lives.later(lambda: self._text_in(of.to, "YES"), minutes=90)
        elif roll < 0.405:
            self.lives.later(lambda: self._text_in(of.to, "STOP"), minutes=90)
            self.lives.later(lambda: self._text_in(of.to, "START"), days=30)

    def _text_in(self, sender: str, body: str) -> None:
        answer_text(self.line, TextHook(f"SMIN{next(self._texts)}", sender, body, None, None, "", None))
        self.lives.count(body)
