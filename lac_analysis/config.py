"""Paths and constants, nothing else."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent

RAW = ROOT / "data" / "raw"
PROCESSED = ROOT / "data" / "processed"
REFERENCE = ROOT / "data" / "reference"
NOTEBOOKS = ROOT / "notebooks"
RUNS = ROOT / "runs"
CLAIMS_FILE = ROOT / "claims.yml"
CODEBOOK_FILE = PACKAGE / "records" / "codebook.yml"

REPORT_WINDOW = (2000, 2020)  # the period the report covers
OUT_OF_SAMPLE_WINDOW = (2021, 2025)  # after the report; 2026 is only begun
FIRST_YEAR, LAST_YEAR = 1970, 2026  # what the coding protocol admits

# the 33 members of CELAC, ISO 3166-1 alpha-3
CELAC = [
    "ATG", "ARG", "BHS", "BRB", "BLZ", "BOL", "BRA", "CHL", "COL", "CRI", "CUB", "DMA", "DOM",
    "ECU", "SLV", "GRD", "GTM", "GUY", "HTI", "HND", "JAM", "MEX", "NIC", "PAN", "PRY", "PER",
    "KNA", "LCA", "VCT", "SUR", "TTO", "URY", "VEN",
]  # fmt: skip
