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
NUMBERS = {  # least and most of parameters that are whole numbers
    "seed": (0, 2**63 - 1),
    "before": (FIRST_YEAR, LAST_YEAR + 1),
    "years_before": (1, 100),
    "years": (2, 50),
    "drawn": (2, 1_000),  # one engagement shows one kind of actor, whatever the data
    **dict.fromkeys(("at_least", "months", "permutations", "simulations"), (1, 10**6)),
}

# the 33 members of CELAC, ISO 3166-1 alpha-3
CELAC = [
    "ATG", "ARG", "BHS", "BRB", "BLZ", "BOL", "BRA", "CHL", "COL", "CRI", "CUB", "DMA", "DOM",
    "ECU", "SLV", "GRD", "GTM", "GUY", "HTI", "HND", "JAM", "MEX", "NIC", "PAN", "PRY", "PER",
    "KNA", "LCA", "VCT", "SUR", "TTO", "URY", "VEN",
]  # fmt: skip
