"""Probabilities from margins, at a temperature that is fitted on margins of unseen examples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GOLDEN = (5**0.5 - 1) / 2
_COLDEST, _HOTTEST = np.log(0.02), np.log(20.0)


def softmax(margins: NDArray[np.float64], temperature: float = 1.0) -> NDArray[np.float64]:
    """Return exp(m/T) / Σ exp(m/T) over the last axis; same shape as `margins`."""
    scaled = margins / temperature
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    raised = np.exp(scaled)
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float64)


def negative_log_likelihood(
    margins: NDArray[np.float64], truth: NDArray[np.intp], temperature: float
) -> float:
    """Return the mean of -log of the probability of the true class, in nats."""
    shares = softmax(margins, temperature)
    chosen = shares[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def fit_temperature(margins: NDArray[np.float64], truth: NDArray[np.intp]) -> float:
    """Return the temperature between 0.02 and 20 with the highest likelihood.

    Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks", eq. 9),
    searched on the logarithm by golden section; the likelihood has one peak in it.

    Parameters
    ----------
    margins : shape (n, n_classes), of examples that the model was not fitted on.
    truth : shape (n,), indices of the true classes.
    """
    low, high = _COLDEST, _HOTTEST

    def cost(log_temperature: float) -> float:
        return negative_log_likelihood(margins, truth, float(np.exp(log_temperature)))

    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    cost_left, cost_right = cost(left), cost(right)
    while high - low > 1e-3:
        if cost_left < cost_right:
            high, right, cost_right = right, left, cost_left
            left = high - _GOLDEN * (high - low)
            cost_left = cost(left)
        else:
            low, left, cost_left = left, right, cost_right
            right = low + _GOLDEN * (high - low)
            cost_right = cost(right)
    return float(np.exp((low + high) / 2))
