"""Callers for plays, and the documented people of the sample whom they ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hotline.simulator.persona import Manner, Persona

JUAN = "S0000001"
MARIA_OF_1979 = "S0000002"
MARIA_OF_1991 = "S0000003"
PROTECTED = "S0000006"
CHILD = "S0000007"

ASKS_FOR_JUAN = Persona(
    given_name="Juan Carlos", surnames="Pérez Morales", country="Guatemala", birth=date(1985, 3, 5), night=True
)
SPEAKS = replace(ASKS_FOR_JUAN, manner=Manner.SPEECH)
SPEAKS_SPANISH = replace(SPEAKS, language="es")
ASKS_FOR_MARIA = Persona(given_name="María", surnames="López", country="El Salvador", birth=date(1991, 11, 2))
ASKS_FOR_NOBODY = Persona(given_name="Zoraida", surnames="Quintanilla", country="Guatemala", birth=1980)
ASKS_FOR_PROTECTED = Persona(
    given_name="Ana Lucía", surnames="Ramírez Soto", country="Guatemala", birth=date(1990, 7, 19)
)
ASKS_FOR_A_CHILD = Persona(given_name="Kevin", surnames="Aguilar Cruz", country="Honduras")
