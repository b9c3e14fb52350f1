"""Hotline: the telephone line that tells victims and witnesses what becomes of a person in immigration detention."""

__version__ = "0.1.0"
