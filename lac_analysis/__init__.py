"""Helper library of the notebook suite on China's local-level engagement with Latin America and the
Caribbean.
"""

__version__ = "0.1.0"
