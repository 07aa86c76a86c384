"""A folder of films for the scans: sparse files whose names people and releases would give them, written long ago."""

import os

KINDS = """Silent Golden Broken Hidden Last First Burning Frozen Distant Bitter Sweet Lost Crimson Hollow Gentle Savage Quiet Electric Paper
Iron Velvet Midnight Northern Endless Secret Rusty Lonely Brave Crooked Infinite""".split()
THINGS = """River House Garden Train Letter Winter Soldier Kingdom Mirror Island Harbour Forest Bridge Daughter Detective Machine Shadow
Orchestra Summer Castle Voyage Desert Clock Painter Storm Island's Heart""".split()
OF = """Memory Glass Tomorrow Fire Strangers Salt Rome Dust Wolves Silence Ash Berlin Angels Rain Thieves Tokyo Honour Stone Ghosts Light Kings
Exile Snow Paris Mercy Smoke Kyoto Thunder Bones Lisbon Sparrows Ivy Oslo Faith Copper Madrid Lilies Dreams Prague Wine Owls Havana Foxes
Cairo Pearls Vienna Crows Naples Roses Dublin Tides Lima Masks""".split()
RELEASES = ("1080p.BluRay.x264-GRP", "720p.WEB-DL.DD5.1.H.264-TEAM", "2160p.UHD.BluRay.REMUX.HDR.HEVC-ABC", "DVDRip.XviD-OLD")
LONG_AGO_NS = 1_577_836_800 * 10**9  # 2020


def names():
    """(title, year) without end, each once."""
    year = 1950
    while True:
        for of in OF:
            for thing in THINGS:
                for kind in KINDS:
                    yield f"{kind} {thing} of {of}", year
        year += 1


def path_of(number, title, year):
    """Four in five lie in a folder of their own, the others a thousand to a shelf."""
    if number % 5 == 4:
        return f"Shelf {number // 5000:03}/{title.replace(' ', '.')}.{year}.{RELEASES[number % 4]}.mkv"
    own = f"{title} ({year})"
    return f"{own}/{own} - 1080p.mkv" if number % 5 == 0 else f"{own}/{own}.mkv"


def make(root, count):
    """The folder, with so many films in it."""
    root.mkdir(parents=True)
    for number, (title, year) in zip(range(count), names()):
        path = root / path_of(number, title, year)
        path.parent.mkdir(exist_ok=True)
        with open(path, "wb") as film:
            film.truncate(700 * 2**20 + number * 4096)
        written = LONG_AGO_NS + number * 10**9
        os.utime(path, ns=(written, written))
    return root
