"""GENERATED data of known truth, to measure speed and to test that paths agree. Nothing here is
about the world.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

# places that one name tells, with level and country: (country, its name, place, level)
_PLACES = [
    ("ARG", "Argentina", "Rosario", "municipal"),
    ("ARG", "Argentina", "Jujuy Province", "admin1"),
    ("BRA", "Brasil", "Curitiba", "municipal"),
    ("BRA", "Brazil", "State of Bahia", "admin1"),
    ("BOL", "Bolivia", "Cochabamba", "municipal"),
    ("CHL", "智利", "Coquimbo Region", "admin1"),
    ("CHL", "Chile", "Temuco", "municipal"),
    ("COL", "Colombia", "Medellín", "municipal"),
    ("COL", "哥伦比亚", "Antioquia Department", "admin1"),
    ("CRI", "Costa Rica", "Puntarenas Province", "admin1"),
    ("CUB", "Cuba", "Holguín", "municipal"),
    ("ECU", "Ecuador", "Guayaquil", "municipal"),
    ("MEX", "México", "Monterrey", "municipal"),
    ("MEX", "墨西哥", "State of Sinaloa", "admin1"),
    ("PER", "Peru", "Arequipa Region", "admin1"),
    ("PER", "Perú", "Chiclayo", "municipal"),
    ("URY", "Uruguay", "Department of Rocha", "admin1"),
    ("VEN", "Venezuela", "Valencia", "municipal"),
    ("JAM", "Jamaica", "Montego Bay", "municipal"),
    ("DOM", "República Dominicana", "Santiago Province", "admin1"),
]
_ACTORS = [  # (text, type, province)
    ("Guizhou Province", "provincial_government", "Guizhou"),
    ("Wuhan City", "municipal_government", "Hubei"),
    ("Vice-governor of Henan", "provincial_government", "Henan"),
    ("广州市", "municipal_government", "Guangdong"),
    ("Mayor of Chengdu", "municipal_government", "Sichuan"),
    ("Chinese Embassy", "embassy_consulate", ""),
    ("Ambassador Li", "embassy_consulate", ""),
    ("Huawei", "private_company", ""),
    ("PowerChina", "state_owned_enterprise", ""),
    ("CPAFFC", "quasi_governmental", ""),
    ("四川省", "provincial_government", "Sichuan"),
    ("China Development Bank", "bank", ""),
]
_ACTS = [  # (activity, technology, sentence)
    ("twinning", "0", "Sister-city agreement number {n} signed with {place}"),
    ("twinning", "0", "Firma de hermanamiento {n} con {place}"),
    ("twinning", "0", "Assinatura de acordo de cidades-irmãs {n} com {place}"),
    ("twinning", "0", "与{place}签署友好城市协议{n}"),
    ("donation_health", "0", "{n} masks donated to {place}"),
    ("donation_health", "0", "Donación de {n} mascarillas para {place}"),
    ("technology_project", "1", "Contract for {n} surveillance cameras in {place}"),
    ("technology_project", "1", "Instalan {n} cámaras de videovigilancia, sistema de {place}"),
    ("infrastructure_project", "0", "Construction of a {n} kilometre highway near {place}"),
    ("loan_grant", "0", "Loan of {n} million dollars for {place}"),
    ("culture_education", "0", "Festival of music with {n} artists in {place}"),
]
_DAYS = np.arange("2000-01-01", "2024-01-01", dtype="datetime64[D]").astype("str")


def engagements(n: int, seed: int, *, size: int = 100_000) -> Iterator[pd.DataFrame]:
    """`n` generated rows in frames of `size`: the text columns that the coder reads, and the truth
    as truth_CODE.

    Nearly every description is different. The same seed and size give the same rows.
    """
    place_texts, actor_texts, act_texts = (
        np.array(rows, dtype=object) for rows in (_PLACES, _ACTORS, _ACTS)
    )
    for start in range(0, n, size):
        rng = np.random.default_rng([seed, start])
        rows = min(size, n - start)
        place = place_texts[rng.integers(0, len(_PLACES), rows)]
        actor = actor_texts[rng.integers(0, len(_ACTORS), rows)]
        act = act_texts[rng.integers(0, len(_ACTS), rows)]
        number = rng.integers(2, 1500, rows).tolist()  # below the years
        sentence = [
            a.format(n=k, place=p) for a, k, p in zip(act[:, 2], number, place[:, 2], strict=True)
        ]
        day = _DAYS[rng.integers(0, len(_DAYS), rows)]
        yield pd.DataFrame(
            {
                "record_id": [f"GENERATED-{i}" for i in range(start, start + rows)],
                "date_text": day,
                "lac_country_text": place[:, 1],
                "lac_place_text": place[:, 2],
                "china_actor_text": actor[:, 0],
                "description": sentence,
                "truth_lac_iso3": place[:, 0],
                "truth_lac_level": place[:, 3],
                "truth_china_actor_type": actor[:, 1],
                "truth_china_place": actor[:, 2],
                "truth_activity_type": act[:, 0],
                "truth_technology": act[:, 1],
                "truth_date_iso": day,
            }
        ).astype("str")


def country_names(n: int, seed: int) -> pd.Series:
    """`n` GENERATED spellings of country names: the known names in changed case, with spaces and
    punctuation around.
    """
    from lac_analysis.records import countries

    known = countries.names()["name"].to_numpy(dtype=object)
    rng = np.random.default_rng(seed)
    name = known[rng.integers(0, len(known), n)]
    form = rng.integers(0, 4, n)
    number = rng.integers(0, 100_000, n)
    shapes = (str, str.upper, lambda text: f" {text} ", lambda text: f"{text}.")
    spelled = [shapes[f](text) for f, text in zip(form.tolist(), name, strict=True)]
    return pd.Series(spelled, dtype="str", name="country").where(number >= 0)
