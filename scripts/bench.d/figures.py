# SPDX-License-Identifier: BSD-2-Clause
"""Medians and spreads: one outlier of a noisy machine must not become the result."""

import math


def quantile(values, fraction):
    """The value that this fraction of all values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(fraction * len(ordered)) - 1)]


def median(values):
    """The middle value, or the mean of the two middle ones."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def summary(values):
    """A series as it is stored in the JSON report."""
    return {
        "median": median(values),
        "p25": quantile(values, 0.25),
        "p75": quantile(values, 0.75),
        "min": min(values),
        "max": max(values),
        "samples": len(values),
    }


def percent_over(value, base):
    """How much more than the baseline, in percent."""
    return (value / base - 1) * 100


def spread(values, form="{:.0f}"):
    """The middle half of a series, as text."""
    return f"{form.format(quantile(values, 0.25))} … {form.format(quantile(values, 0.75))}"
