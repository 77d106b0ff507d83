"""The date that a text states, as a reader of four languages writes it in ISO 8601."""

import pytest

from lac_analysis.coder import dates, phrases


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31 January 2018", "2018-01-31"),
        ("Jan. 31st, 2018", "2018-01-31"),
        ("31 de enero de 2018", "2018-01-31"),
        ("1º de agosto (2023)", "2023-08-01"),
        ("13 de dezembro (2023)", "2023-12-13"),
        ("2015年6月3日", "2015-06-03"),
        ("6月3日 (2015)", "2015-06-03"),
        ("2021年", "2021"),
        ("2007.10.22", "2007-10-22"),
        ("20180131", "2018-01-31"),
        ("before 2010", ""),
        ("antes de mayo de 2011", ""),
        ("before 5 May 2010, in March 2009", "2009-03"),
        ("2010年5月之前", ""),
        ("31/01/2018", "2018-01-31"),
        ("01/31/2018", "2018-01-31"),
        ("03/04/2018", "2018"),  # the third of April, or March the fourth?
        ("October 2019", "2019-10"),
        ("octubre de 2019", "2019-10"),
        ("2017-02", "2017-02"),
        ("August 3-10 [2019]", "2019-08-03"),
        ("14 to 15 April 2024", "2024-04-14"),
        ("2004", "2004"),
        ("since 1998; 3 May 2019", "2019-05-03"),
        ("2000 masks given on 3 May 2020", "2020-05-03"),
        ("14 February (50th anniversary, 1972; 2022)", "1972"),
        ("el 12 de mayo y el 3 de junio de 2011", "2011-05-12"),
        ("28 de febrero al 3 de marzo de 2018", "2018-02-28"),
        ("28 February to 3 March 2018", "2018-02-28"),
        ("May 12 and June 3, 2018", "2018-05-12"),
        ("el 12 y el 13 de mayo de 2018", "2018-05-12"),
        ("enero-marzo 2018", "2018-01"),
        ("January to March 2018", "2018-01"),
        ("two days ago [June 2021]", "2021-06"),
        ("2018, 12 March", "2018-03-12"),
        ("2018 (10 de mayo)", "2018-05-10"),
        ("2016: 10 al 12 de junio", "2016-06-10"),
        ("Resolución 2000 (12 mayo 2019)", "2019-05-12"),
        ("5 a 7 de junho de 2013", "2013-06-05"),
        ("20189931, later in 2019", "2019"),  # no such month
        ("31 June 2018", "2018-06"),  # no such day
        ("in 1890", ""),
        ("US$ 2000 given", ""),
        ("2000 million dollars, in 2019", "2019"),
        ("2000万元", ""),
        ("en 2016 mil mascarillas", "2016"),
        ("Tuesday", ""),
        ("", ""),
    ],
)
def test_dates(text, expected):
    assert dates.find(phrases.words(text)) == expected
