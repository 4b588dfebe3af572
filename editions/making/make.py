# SPDX-License-Identifier: Apache-2.0
"""Make: read the parameters of an edition and write everything that is drawn from them."""

from pathlib import Path

from editions.making import (
    around,
    booths,
    entries,
    exhibitors,
    feeds,
    ground,
    halls,
    lists,
    parameters,
    people,
    register,
    services,
    site,
    things,
)


def make(edition: Path, target: Path) -> None:
    """Write the generated files of an edition; the same parameters give the same bytes."""
    sizes = parameters.read(edition / "venue" / "parameters.toml")
    where = site.site_of(sizes)
    all_halls = halls.all_halls(sizes)
    stands = booths.booth_features(sizes, where, all_halls)
    kinds = {
        **around.ground_features(sizes, where),
        **halls.hall_features(sizes, where, all_halls),
        "booth": stands,
        **entries.entry_features(sizes, where),
        **around.service_features(sizes, where, all_halls),
    }
    site.write(target / "venue", kinds)
    zones = {hall.id: hall.zone for hall in all_halls}
    register.write_exhibitors(target / "exhibitors.csv", stands, zones, sizes["booths"].count("seed"))
    register.write_groups(target / "groups")
    people.write_people(target / "people")
    amounts = parameters.read(Path(__file__).parent / "amounts.toml")
    parts = ((amounts["things"], things.REGISTERS), (amounts["services"], services.REGISTERS))
    ground.write_registers(target, kinds, parts)
    shown = exhibitors.exhibitor_rows(target / "exhibitors.csv", stands, amounts["exhibitors"])
    lists.write_lists(target, edition / "history", shown, kinds["hall"])
    feeds.write_feeds(target)
