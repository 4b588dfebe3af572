# SPDX-License-Identifier: Apache-2.0
"""Countries: the 129 countries and regions of the generated exhibitors; only their number is published."""

CODES = (
    "JP US DE KR FR IT GB AU TH ES NL CH NZ SG HK MY BR ID VN RU DK SE BE CA PL IN AT CL ZA TR "
    "TW PK FI NO MX AR IE GR PE PT HU CZ LK MO UA IR KZ GE RS LA KH MM BD NP MN UZ KG TJ TM AZ "
    "AM BY BG RO HR SI SK LT LV EE IS LU MT CY MD MK BA ME AL EG MA TN DZ ET KE TZ UG RW BI ZM "
    "ZW MW MZ MG MU SC NG GH CI SN ML BF BJ TG CM GA CG CD AO NA BW LS SO DJ SD SS SL LR GN GM "
    "SA AE QA KW OM BH JO LB IQ"
)
COUNTRIES = CODES.split()


def spread(total: int) -> list[str]:
    """So many country codes, each country at least once, the first ones most often."""
    weights = [1 / (rank + 4) for rank in range(len(COUNTRIES))]
    rest, whole = total - len(COUNTRIES), sum(weights)
    counts = [1 + int(rest * weight / whole) for weight in weights]
    counts[0] += total - sum(counts)
    return [country for country, count in zip(COUNTRIES, counts, strict=True) for _ in range(count)]
