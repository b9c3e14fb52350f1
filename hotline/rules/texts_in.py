"""What a short text from a subscriber means, before any conversation looks at it.

The platform blocks its sender for texts that are one word of its list and nothing else. The law asks for
more: any way that a reasonable person would take as "no more" ends consent (47 CFR 64.1200(a)(10)). So a text
is an opt-out when

1. the whole of it is a word or phrase of WORDS, courtesies aside ("STOP PLEASE", "no más, gracias"); or
2. one of its clauses, after words such as "please" or "I want to", is nothing but such a word, or begins
   with a phrase of COMPLETE ("take me off your list"); or
3. a clause begins with a phrase of PLAIN ("do not call me"), or with one of OPENINGS that soon goes on about
   our texts or calls ("stop sending these messages"), and the text sets no bound ("at night") and asks for
   no other way ("text me").

"Tell him to stop calling me", "stop him" and "don't stop" are none of these: a stop read where none was meant
costs a warning. "End", "fin" and their like count only as the whole text, so that they end no sentence by
accident.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum


class Meaning(StrEnum):
    """What the sender of a text wants."""

    YES = "yes"
    OK = "ok"
    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


def _table(text: str) -> frozenset[str]:
    return frozenset(entry.strip() for entry in text.split("|"))


# All entries of these tables are folded: lower case, no accents, no punctuation, one blank between words.
WORDS: dict[Meaning, frozenset[str]] = {
    Meaning.STOP: _table(
        # the platform's list, the list of the law, and what other carriers know
        "stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt out|remove|arret|arrete|arretez|"
        "stopp|stpo|sotp|unsuscribe|unsubcribe|quit it|"
        "stop it|stop this|stop that|stop now|stop texting|stop calling|the end|no more|cancel all|"
        "wrong number|wrong person|not me|leave me alone|"
        "go away|not interested|dont text|dont call|dont contact|"
        "dont want this|dont want this anymore|dont want these|dont want these anymore|"
        # Spanish
        "alto|parar|pare|paren|para ya|basta|basta ya|cancelar|cancele|cancelen|cancela|baja|fin|no mas|"
        "ya no|ya no mas|detener|detengan|detente|terminar|salir|desuscribir|desuscribirme|darme de baja|"
        "numero equivocado|persona equivocada|no soy yo|dejenme en paz|dejame en paz|no me interesa|"
        "ya no quiero|ya no quiero mas|no quiero mas|no quiero esto"
    ),
    Meaning.START: _table(
        "start|unstop|restart|start again|resume|subscribe|resubscribe|opt in|optin|"
        "empezar|comenzar|iniciar|inicio|reanudar|suscribir|suscribirme|activar|reactivar"
    ),
    Meaning.HELP: _table(
        "help|help me|i need help|info|information|sos|ayuda|ayudame|ayudeme|necesito ayuda|informacion|auxilio|socorro"
    ),
    Meaning.YES: _table(
        "yes|y|yeah|yep|yes i asked for this|yes i did|yes its me|yes thats me|yes i want this|"
        "si|sip|claro|claro que si|afirmativo|si yo lo pedi|si lo pedi|si soy yo|si lo quiero"
    ),
    Meaning.OK: _table(
        "ok|okay|okey|k|got it|ok got it|understood|received|vale|entendido|recibido|de acuerdo|esta bien"
    ),
}

COURTESIES = _table(
    "please|pls|plz|thanks|thank you|thank you so much|thank you very much|muchas gracias|thx|now|right now|"
    "immediately|already|por favor|porfavor|porfa|"
    "gracias|ahora|ya|inmediatamente|de inmediato"
)

LEAD_INS = _table(
    "please|pls|plz|hi|hello|hey|ok|okay|yes|and|so|just|i|we|you|i want to|i want you to|want to|"
    "want you to|would like to|id like to|need to|need you to|wish to|told you to|asked you to|said|"
    "can you|could you|would you|will you|must|how do i|how can i|por favor|porfavor|porfa|hola|y|quiero|"
    "quisiera|deseo|necesito|puede|pueden|podria|podrian|como puedo|quiero que|le pido que|les pido que|ya"
)

# A clause that begins so is an opt-out, whatever follows.
COMPLETE = _table(
    "unsubscribe|opt out|opt me out|optout|take me off|take my number off|remove me|remove my number|"
    "delete me|delete my number|leave me alone|no more texts|no more messages|no more calls|enough texts|"
    "enough messages|wrong number|wrong person|this is the wrong number|this is the wrong person|"
    "have the wrong number|have the wrong person|darme de baja|dame de baja|deme de baja|denme de baja|"
    "me den de baja|dar de baja|quitame|quiteme|quitenme|borrame|borreme|borrenme|eliminame|elimineme|"
    "eliminenme|borren mi numero|borrar mi numero|quiten mi numero|dejenme en paz|dejame en paz|"
    "no mas mensajes|no mas textos|no mas llamadas|numero equivocado|persona equivocada|"
    "es numero equivocado|este es el numero equivocado|se equivoco de numero|se equivocaron de numero|"
    "tiene el numero equivocado|tienen el numero equivocado"
)

# A clause that begins so is an opt-out unless the text sets a bound or asks for another way.
PLAIN = _table(
    "dont text me|dont text this|dont text again|dont text anymore|dont call me|dont call this|"
    "dont call again|dont call anymore|dont contact me|dont contact this|dont message me|dont message this|"
    "no me llame|no me llamen|no me llames|no me escriba|no me escriban|no me escribas|no me texteen|"
    "no me textee|no me mande|no me manden|no me mandes|no me envie|no me envien|no me envies|"
    "no me contacte|no me contacten|no llamen mas|no llame mas|no escriban mas"
)

# The same, where one of the next words is about texts or calls from us.
OPENINGS = _table(
    "stop|quit|end|cancel|cease|discontinue|revoke|withdraw|turn off|dont want|no longer want|dont send|"
    "alto|pare|paren|parar|basta de|cancelar|cancele|cancelen|cancela|deja de|deje de|dejen de|dejar de|"
    "detener|detengan|terminar|suspender|suspendan|no quiero|no deseo|no mande|no manden|no envie|"
    "no envien|revocar|revoco"
)

ABOUT = _table(
    "text|texts|texting|message|messages|messaging|sms|call|calls|calling|contacting|writing|sending|"
    "bothering|bugging|harassing|notice|notices|notification|notifications|alert|alerts|update|updates|"
    "subscription|enrollment|enrolment|consent|mensaje|mensajes|texto|textos|textear|textearme|llamada|"
    "llamadas|llamar|llamarme|llamen|escribir|escribirme|mandar|mandarme|enviar|enviarme|contactarme|"
    "molestar|molestarme|aviso|avisos|alerta|alertas|notificacion|notificaciones|suscripcion|inscripcion|"
    "consentimiento"
)
NEAR = 4  # how many words after an opening are looked at

# Before the word about us: somebody else's doing, or a wish that it go on ("I don't want to miss a call").
NOT_US = _table(
    "him|he|his|her|she|them|they|their|someone|stop|stopping|cancel|end|quit|miss|missing|lose|losing|of|"
    "el|ella|ellos|ese|alguien|dejar|deje|dejen|dejes|cancelar|cancelen|parar|paren|perder|perderme"
)

BOUNDS = _table(
    "unless|until|only|if|night|nights|late|morning|mornings|at work|today|tonight|tomorrow|before|after|"
    "between|yet|instead|weekend|weekends|sunday|solo|si|noche|noches|tarde|manana|trabajo|hoy|antes|"
    "despues|entre|hasta|a menos que|todavia|en vez|mejor|domingo|domingos"
)

ANOTHER_WAY = _table(
    "text me|call me|send me|email me|write me|message me|use|mandame|mandeme|mandenme|enviame|envieme|"
    "envienme|escribeme|escribame|escribanme|llamame|llameme|llamenme|usen"
)

# These stop as the whole text, but never as one clause of something longer.
ENDINGS = _table("end|the end|fin|not me|ya no|no soy yo|remove|baja|salir|alto|para ya|revoke|terminar")

WRONG_PERSON = _table(
    "wrong number|wrong person|not me|numero equivocado|persona equivocada|no soy yo|equivoco de numero|"
    "equivocaron de numero"
)

# The words that the platform answers by itself (support.twilio.com 223134027), each the whole text.
PLATFORM_WORDS = _table("stop|stopall|unsubscribe|cancel|end|quit|revoke|optout|start|unstop|help|info")

_OPT_OUT_TYPES = {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}


def meaning(body: str, opt_out_type: str | None = None) -> Meaning:
    """What a text means; `opt_out_type`, the platform's own reading (OptOutType), goes first where given.

    Case, accents, punctuation, blanks and full-width letters make no difference. A stop anywhere in a text
    goes before every other meaning in it.
    """
    told = _OPT_OUT_TYPES.get((opt_out_type or "").strip().upper())
    if told is not None:
        return told
    if _opts_out(body):
        return Meaning.STOP
    forms = _forms(_fold(body))
    return next((kind for kind, words in WORDS.items() if forms & words), Meaning.OTHER)


def wrong_person(body: str) -> bool:
    """Whether an opt-out says that the number belongs to somebody else, which also calls for a review."""
    return meaning(body) is Meaning.STOP and _has(_fold(body), WRONG_PERSON)


def platform_replies(body: str, opt_out_type: str | None = None) -> bool:
    """Whether the platform answers this text by itself, so that the hotline must stay silent.

    True for one bare word of its default list, or where it says that it has read the text (OptOutType).
    Taken strictly: a second answer to someone who opted out is refused by the platform anyway, a missing one
    is silence.
    """
    return bool((opt_out_type or "").strip()) or body.strip().casefold() in PLATFORM_WORDS


def _fold(text: str) -> str:
    bare = re.sub("['’‘`´ʼ]", "", text.replace("\N{OCTAGONAL SIGN}", " stop "))
    plain = unicodedata.normalize("NFKD", bare).casefold()
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"\bdo not\b", "dont", " ".join(re.findall(r"[^\W_]+", letters)))


def _opts_out(body: str) -> bool:
    whole = _fold(body)
    if _forms(whole) & WORDS[Meaning.STOP]:
        return True
    clauses = [_without_lead_ins(_fold(part)) for part in re.split(r"[.,;:!?\n\r¡¿()]+", body)]
    words = WORDS[Meaning.STOP] - ENDINGS
    if any(_forms(clause) & words or _begins(clause, COMPLETE) for clause in clauses):
        return True
    if _has(whole, BOUNDS) or any(_begins(clause, ANOTHER_WAY) for clause in clauses):
        return False
    return any(_begins(clause, PLAIN) or _stops_us(clause) for clause in clauses)


def _stops_us(clause: str) -> bool:
    """Whether a clause begins with one of OPENINGS and soon comes to texts or calls from us."""
    for opening in OPENINGS:
        if _begins(clause, (opening,)):
            near = clause.removeprefix(opening).split()[:NEAR]
            word = next((word for word in near if word in ABOUT or word in NOT_US), None)
            if word in ABOUT:
                return True
    return False


def _has(text: str, phrases: Iterable[str]) -> bool:
    return any(f" {phrase} " in f" {text} " for phrase in phrases)


def _begins(text: str, phrases: Iterable[str]) -> bool:
    return any(f"{text} ".startswith(f"{phrase} ") for phrase in phrases)


def _without_lead_ins(text: str) -> str:
    while True:
        leads = [lead for lead in LEAD_INS if text.startswith(f"{lead} ")]
        if not leads:
            return text
        text = text.removeprefix(max(leads, key=len)).strip()


def _forms(text: str) -> frozenset[str]:
    """A text as it is, then with its courtesies taken off one by one, and each without repeating itself."""
    forms = {text}
    for phrase in sorted(COURTESIES, key=len, reverse=True) * 2:
        text = text.removeprefix(f"{phrase} ").removesuffix(f" {phrase}")
        forms.add(text)
    repeated = (set(form.split()) for form in forms)
    return frozenset(forms.union(*(words for words in repeated if len(words) == 1)))
