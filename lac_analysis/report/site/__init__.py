"""The static site: one folder that opens from disk, with no request to anywhere else."""

from lac_analysis.report.site.build import build

__all__ = ["build"]
