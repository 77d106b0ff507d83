"""How much of a rate ratio a difference in detection would have to make, to explain it away."""


def tipping_point(ratio: float, interval: tuple[float, float], sesoi: float) -> dict[str, float]:
    """Ratio of detection, of two groups or of a year to the last, that would erase a rate ratio.

    The observed ratio is the true one times the ratio of detection. to_null: at which the true
    ratio is 1. to_insignificance: at which the interval's near bound is 1; 1 if the interval holds
    1 already. to_sesoi: at which the true ratio is the smallest effect of interest.
    Source: Lash, Fox and Fink (2009), Applying Quantitative Bias Analysis, ch. 6.
    """
    low, high = interval
    near_bound = low if low > 1 else high if high < 1 else 1.0
    return {"to_null": ratio, "to_insignificance": near_bound, "to_sesoi": ratio / sesoi}
