"""Measurements, each beside a floor measured in the same run: machines differ and are shared."""
