"""Synthetic files of the data sets that are imported, made for the tests with the column names that
each publishes, and what a test does with one.
"""

import pandas as pd

from lac_analysis.sources import adapters, imported, own

# GCDF 3.0 workbook, sheet GCDF_3.0
V3 = {
    "AidData Record ID": ["1", "2", "3", "4", "5", "6"],
    "Recommended For Aggregates": ["Yes", "Yes", "No", "Yes", "Yes", "Yes"],
    "Umbrella": ["No", "No", "No", "Yes", "No", "No"],
    "Financier Country": "China",
    "Recipient": ["Argentina", "Peru", "Peru", "Peru", "Kenya", "Jamaica"],
    "Recipient ISO-3": ["ARG", "PER", "PER", "PER", "KEN", "JAM"],
    "Commitment Year": ["2017", "2015", "2015", "2015", "2015", "2012"],
    "Title": [
        "ICBC lends for solar plant",
        "=cmd|' /C calc'!A0 donation of desks",
        "c",
        "d",
        "e",
        "China Eximbank pledges road construction",
    ],
    "Status": [
        "Implementation",
        "Completion",
        "Completion",
        "Completion",
        "Completion",
        "Pipeline: Pledge",
    ],
    "Flow Type": ["Loan", "Grant", "Grant", "Grant", "Grant", "Loan"],
    "Flow Class": "OOF-like",
    "Sector Name": ["ENERGY", "EDUCATION", "HEALTH", "HEALTH", "HEALTH", "TRANSPORT AND STORAGE"],
    "Funding Agencies": [
        "Industrial and Commercial Bank of China (ICBC)",
        "Sunshine Widget Works|Chinese Embassy",
        "x",
        "x",
        "x",
        "Jiangsu Provincial Government",
    ],
    "Funding Agencies Type": [
        "State-owned Commercial Bank",
        "Private Sector|Government Agency",
        "",
        "",
        "",
        "Government Agency",
    ],
    "Direct Receiving Agencies": [
        "Province of Jujuy",
        "Ministry of Education of Peru",
        "",
        "",
        "",
        "Government of Jamaica",
    ],
    "Indirect Receiving Agencies": ["", "Universidad Nacional de Trujillo", "", "", "", ""],
    "Implementing Agencies": ["PowerChina|Shanghai Municipal Government", "", "", "", "", ""],
    "Amount (Constant USD 2021)": "1",
    "Commitment Date (MM/DD/YYYY)": ["2017-05-16", "5/31/2015", "", "", "", ""],
}
V1 = {
    "project_id": ["1", "2"],
    "title": ["Grant for Quito city hall", "Loan"],
    "year": ["2004", "2005"],
    "flow": ["Grant", "Loan (excluding debt rescheduling)"],
    "flow_class": ["ODA-like", "OOF-like"],
    "crs_sector_name": ["Government and Civil Society", "Energy Generation and Supply"],
    "recipients": ["Ecuador", "Ecuador"],
    "funding_agency": ["Chinese Embassy", "China Development Bank"],
    "status": ["Completion", "Cancelled"],
}
LOCATIONS = {
    "id": ["1", "1", "2", "9", "7"],
    "shapeID": "x",
    "shapeGroup": ["ARG", "ARG", "PER", "BRA", "KEN"],
    "shapeName": ["Jujuy", "Salta", "RegiÃ³n Cusco", "Rio de Jeneiro", "Nairobi"],
    "intersection_ratio": "1",
}
CGIT = {
    "Year": ["2019", "2020", "2020"],
    "Month": ["October", "July", "July"],
    "Investor": ["BYD", "China Communications Construction, Sinohydro", "Huawei"],
    " Quantity in Millions ": ["$680 ", "$1,000 ", "$120 "],
    "Share Size": ["100%", "", ""],
    "Transaction Party": ["Municipality of Salvador", "", "Entel"],
    "Sector": ["Transport", "Transport", "Technology"],
    "Subsector": ["Rail", "Autos", "Telecom"],
    "Country": ["Brazil", "Colombia", "Kenya"],
    "Region": ["South America", "South America", "Sub-Saharan Africa"],
    "BRI": ["0", "", ""],
    "Greenfield": ["", "", ""],
}


def table(columns):
    return pd.DataFrame(columns).astype("str")


def made(kind, columns, tmp_path, name="t.csv", **options):
    table(columns).to_csv(tmp_path / name, index=False)
    found = adapters.convert(kind, tmp_path / name, **options)
    out = tmp_path / "out.csv"
    for path in (out, out.with_suffix(".losses.csv")):
        path.unlink(missing_ok=True)
    imported.write(found, out, tmp_path / name)
    assert len(own.read(out).records) == len(
        found.records
    )  # what an adapter writes, the suite reads
    return found, found.records.set_index("record_id")


def lost(found, what):
    return found.losses.set_index("what")["rows"].get(what, 0)


TOWNS = {"city1": ["Lima"], "country1": "Peru", "city2": "Beijing", "country2": "China"}
