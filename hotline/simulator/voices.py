"""Which languages the platform speaks and understands, as far as the product needs to know."""

from __future__ import annotations

# No voice of the platform speaks these; a recording is the only way. Source: the voices that Twilio's
# libraries list.
WITHOUT_VOICE = frozenset({"ht", "fa", "prs", "ps", "ti", "my", "ne"})
WITHOUT_SPEECH = frozenset({"ht"})

# Polly's voices by the language they speak; neural and generative ones bear the same name.
POLLY: dict[str, tuple[str, ...]] = {
    "en": ("Joanna", "Matthew", "Salli", "Kendra", "Kimberly", "Ivy", "Joey", "Justin", "Ruth", "Stephen",
           "Danielle", "Gregory", "Amy", "Brian", "Emma", "Arthur", "Olivia", "Nicole", "Russell", "Aditi",
           "Raveena", "Kajal", "Geraint", "Niamh", "Aria", "Ayanda"),
    "es": ("Lupe", "Pedro", "Mia", "Andres", "Lucia", "Sergio", "Penelope", "Miguel", "Conchita", "Enrique"),
    "cmn": ("Zhiyu",),
    "yue": ("Hiujin",),
    "ko": ("Seoyeon",),
    "ar": ("Zeina", "Hala", "Zayd"),
    "arb": ("Zeina",),
    "fr": ("Lea", "Celine", "Mathieu", "Remi", "Gabrielle", "Liam", "Chantal", "Isabelle"),
    "pt": ("Camila", "Vitoria", "Thiago", "Ricardo", "Ines", "Cristiano"),
    "ru": ("Maxim", "Tatyana"),
    "hi": ("Aditi", "Kajal"),
}  # fmt: skip


def can_say(voice: str, language: str) -> bool:
    """Whether a `voice` ("" for the platform's own) speaks a BCP-47 `language`.

    A wrong pair fails the verb.
    """
    spoken = language.partition("-")[0].lower()
    if spoken in WITHOUT_VOICE:
        return False
    house, _, name = voice.partition(".")
    if house == "Polly":
        return name.partition("-")[0] in POLLY.get("cmn" if spoken == "zh" else spoken, ())
    if house == "Google":
        return name.lower().startswith(language.lower() + "-")
    return True


def can_hear(language: str) -> bool:
    """Whether the platform turns speech in a BCP-47 `language` into text."""
    return language.partition("-")[0].lower() not in WITHOUT_SPEECH
