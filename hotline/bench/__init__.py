"""Measurements, each beside a floor measured in the same run: machines differ and are shared."""

FIRST_TEST_SEED = 100
"""Parameters of the search are fitted on seeds below it, and judged on this one and above."""
