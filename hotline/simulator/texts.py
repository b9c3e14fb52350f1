"""Texts through the platform: out to handsets, in to the product, and the words that stop them."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from hotline.simulator.addresses import fault_of
from hotline.simulator.exchange import Exchange, Message, Misuse
from hotline.simulator.signature import Pairs
from hotline.simulator.twiml import TwimlViolation, document

# A word counts only when it is the whole message. Source: Twilio's support articles on opt-out keywords.
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
TOLL_FREE = ("+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888")

STOPPED = "You will get no more messages from this number. Text START to get them again."
STARTED = "You will get messages from this number again. Text STOP to end them."
HELPED = "Text STOP to get no more messages from this number."

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_DOUBLE = frozenset("^{}\\[]~|€\f")


def segments(body: str) -> int:
    """How many parts a text is sent in: 160 (153) characters of GSM-7 each, else 70 (67) UTF-16 units."""
    if set(body) <= GSM_7 | GSM_7_DOUBLE:
        units, single, part = sum(2 if c in GSM_7_DOUBLE else 1 for c in body), 160, 153
    else:
        units, single, part = len(body.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= single else -(-units // part)


def send(exchange: Exchange, sender: str, recipient: str, body: str, status_url: str = "") -> Message:
    """A text to a handset.

    Queued, sent, then whatever the handset lets become of it, each with its callback.
    """
    message = Message(
        exchange.sid("SM"),
        sender,
        recipient,
        body,
        "outbound-api",
        "queued",
        exchange.clock(),
        status_url=status_url,
    )
    exchange.messages[message.sid] = message
    exchange.courier.ask(lambda: _deliver(exchange, message))
    return message


def receive(exchange: Exchange, sender: str, to: str, body: str) -> Message:
    """A text from a handset to one of the account's lines; returns when the product has answered its webhook.

    Opt-out words block and unblock this pair of numbers and get the platform's own reply; the webhook is
    delivered all the same. Raises Misuse for a number that takes no texts.
    """
    line = exchange.lines.get(to)
    if line is None or not line.sms_url:
        raise Misuse(f"{to} takes no texts")
    message = Message(exchange.sid("SM"), sender, to, body, "inbound", "received", exchange.clock())
    message.sent = message.created
    exchange.messages[message.sid] = message
    word = body.strip().upper()
    answered = _obey_word(exchange, to, sender, word)
    form = [
        *_parameters(exchange, message),
        ("Body", body),
        ("NumMedia", "0"),
        ("NumSegments", str(segments(body))),
        ("SmsMessageSid", message.sid),
        ("SmsStatus", "received"),
        *((f"{side}{part}", "") for side in ("From", "To") for part in ("City", "State", "Zip")),
        ("FromCountry", "US"),
        ("ToCountry", "US"),
    ]
    answer = exchange.wire.send(line.sms_url, "POST", form, voice=False)
    if not answer.good:
        reason = answer.failure or f"HTTP {answer.status}"
        exchange.wire.violation(f"a text was not taken: {reason}", answer.code, line.sms_url)
        return message
    try:
        replies = read_replies(answer.body)
    except TwimlViolation as violation:
        exchange.wire.violation(str(violation), violation.code, line.sms_url)
        return message
    if replies and answered:
        exchange.wire.violation(f"answered {word}, which the platform has answered", 21610, line.sms_url)
        return message
    for text, status_url in replies:
        if (to, sender) not in exchange.blocked:
            send(exchange, to, sender, text, status_url)
    return message


def read_replies(body: bytes) -> list[tuple[str, str]]:
    """Text and callback address of every Message in a messaging document; an empty body is no reply.

    Raises TwimlViolation.
    """
    if not body:
        return []
    return [_reply(element) for element in document(body)]


def _reply(element: ElementTree.Element) -> tuple[str, str]:
    if element.tag != "Message" or set(element.attrib) - {"action", "method", "statusCallback"}:
        raise TwimlViolation(f"<{element.tag}> or its attributes do not stand in a reply to a text", 12200)
    inner = [child.tag for child in element]
    if inner not in ([], ["Body"]):
        raise TwimlViolation("<Message> holds more than a Body", 12200)
    text = "".join(element.itertext()).strip()
    if not text or len(text) > 1600:
        raise TwimlViolation("<Message> is empty or over 1600 characters", 14107)
    url = element.attrib.get("statusCallback", element.attrib.get("action", ""))
    if url and (fault := fault_of(url)):
        raise TwimlViolation(f"the callback of <Message> {fault}", 12200)
    return text, url


def _obey_word(exchange: Exchange, line: str, sender: str, word: str) -> bool:
    """What the platform does by itself; True when it has replied."""
    pair = (line, sender)
    lifts = START_WORDS - {"YES"} if line.startswith(TOLL_FREE) else START_WORDS
    if word in STOP_WORDS:
        exchange.blocked.add(pair)
        reply = STOPPED
    elif word in lifts and pair in exchange.blocked:
        exchange.blocked.discard(pair)
        reply = STARTED
    elif word in HELP_WORDS:
        reply = HELPED
    else:
        return False
    own = Message(exchange.sid("SM"), line, sender, reply, "outbound-reply", "delivered", exchange.clock())
    exchange.handset(sender).texts.append(own)
    return True


def _deliver(exchange: Exchange, message: Message) -> None:
    handset = exchange.handset(message.recipient)
    _tell(exchange, message)
    message.status, message.sent = "sent", exchange.clock()
    _tell(exchange, message)
    if handset.delivery == "sent":
        return
    message.status = handset.delivery
    if message.status == "delivered":
        # A copy: what the sender redacts stays readable on the telephone that got it.
        handset.texts.append(replace(message))
    else:
        message.error_code = handset.error_code
    _tell(exchange, message)


def _tell(exchange: Exchange, message: Message) -> None:
    if not message.status_url:
        return
    form = [
        *_parameters(exchange, message),
        ("MessageStatus", message.status),
        ("SmsStatus", message.status),
    ]
    if message.error_code:
        form.append(("ErrorCode", str(message.error_code)))
    exchange.callback(message.status_url, "POST", form, voice=False)


def _parameters(exchange: Exchange, message: Message) -> Pairs:
    return [
        ("AccountSid", exchange.account_sid),
        ("ApiVersion", "2010-04-01"),
        ("From", message.sender),
        ("MessageSid", message.sid),
        ("SmsSid", message.sid),
        ("To", message.recipient),
    ]
