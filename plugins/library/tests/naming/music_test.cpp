#include "naming/music.hpp"

#include <gtest/gtest.h>

#include "rows.hpp"

namespace library::naming {
namespace {

TEST(Music, TracksByTheirPath) {
  constexpr Row kRows[] = {
      {"Pink Floyd/The Wall/01 - In the Flesh.flac",
       "artist=Pink Floyd|album=The Wall|track=1|t=In the Flesh|disc=-"},
      {"Pink Floyd/The Wall (1979)/01. In the Flesh.flac", "album=The Wall|y=1979|track=1|t=In the Flesh"},
      {"Pink Floyd/1979 - The Wall/01 In the Flesh.flac", "album=The Wall|y=1979|track=1|t=In the Flesh"},
      {"Pink Floyd/(1979) The Wall [FLAC]/01 In the Flesh.flac", "album=The Wall|y=1979"},
      {"Pink Floyd/The Wall/CD 2/01 - Hey You.flac",
       "artist=Pink Floyd|album=The Wall|disc=2|track=1|t=Hey You"},
      {"Pink Floyd/The Wall/Disc04(Encore)/03 - X.flac", "disc=4|track=3"},
      {"Pink Floyd/The Wall/2-01 Hey You.flac", "disc=2|track=1|t=Hey You"},
      {"Pink Floyd/The Wall/2-01 - Hey You.flac", "disc=2|track=1|t=Hey You"},
      {"Pink Floyd/The Wall/201 - Hey You.flac", "disc=2|track=1|t=Hey You"},
      {"Pink Floyd/The Wall/1.05 Mother.flac", "disc=1|track=5|t=Mother"},
      {"Pink Floyd - The Wall/01 - In the Flesh.mp3", "artist=Pink Floyd|album=The Wall|track=1"},
      {"Pink Floyd - The Wall (1979)/01 - In the Flesh.mp3", "artist=Pink Floyd|album=The Wall|y=1979"},
      {"Pink Floyd/Pink Floyd - The Wall/01 - In the Flesh.mp3", "artist=Pink Floyd|album=The Wall"},
      {"Pink Floyd/Pink Floyd - 1979 - The Wall/01 - In the Flesh.mp3",
       "artist=Pink Floyd|album=The Wall|y=1979"},
      {"Pink Floyd/The Wall/Pink Floyd - In the Flesh.mp3", "artist=Pink Floyd|t=In the Flesh|track=-"},
      {"Pink Floyd/The Wall/01 - Pink Floyd - In the Flesh.mp3", "artist=Pink Floyd|track=1|t=In the Flesh"},
      {"Pink Floyd - The Wall - 01 - In the Flesh.mp3",
       "artist=Pink Floyd|album=The Wall|track=1|t=In the Flesh"},
      {"Pink Floyd - In the Flesh.mp3", "artist=Pink Floyd|t=In the Flesh|album=-"},
      {"In the Flesh.mp3", "t=In the Flesh|artist=-|album=-|track=-"},
      {"The Wall/In the Flesh.mp3", "album=The Wall|t=In the Flesh"},
      {"Nena/Nena/99 Luftballons.mp3", "track=99|t=Luftballons"},
      {"Blur/Parklife/7 Days.mp3", "track=-|t=7 Days"},
      {"Blur/Parklife/07 Days.mp3", "track=7|t=Days"},
      {"Prince/1999/01 - 1999.flac", "album=1999|track=1|t=1999"},
      {"久石譲/千と千尋の神隠し/01 - あの夏へ.flac",
       "artist=久石譲|album=千と千尋の神隠し|track=1|t=あの夏へ"},
      {"Кино/Группа крови/01. Группа крови.mp3", "artist=Кино|album=Группа крови|track=1|t=Группа крови"},
      {"pink_floyd/the_wall/01_in_the_flesh.mp3", "artist=pink floyd|album=the wall|track=1|t=in the flesh"},
  };
  expectRows(kRows, [](std::string_view path) {
    const TrackName track = parseTrack(path);
    return Facts{{"artist", factOf(track.artist)}, {"album", factOf(track.album)},
                 {"y", factOf(track.year)},        {"disc", factOf(track.disc)},
                 {"track", factOf(track.track)},   {"t", factOf(track.title)}};
  });
}

TEST(Music, FoldersOfDiscs) {
  constexpr Row kRows[] = {
      {"CD1", "n=1"},        {"CD 1", "n=1"},     {"cd-02", "n=2"},           {"Disc 1", "n=1"},
      {"DISC 10", "n=10"},   {"Disk 2", "n=2"},   {"Vol. 3", "n=3"},          {"Volume 4", "n=4"},
      {"Part 1", "n=1"},     {"Act 2", "n=2"},    {"Digital Media 1", "n=1"}, {"Disc 1 - Live", "n=1"},
      {"CD1 [FLAC]", "n=1"}, {"CD", "n=-"},       {"Discography", "n=-"},     {"Partners 2", "n=-"},
      {"Volumes", "n=-"},    {"Disc One", "n=-"}, {"CD1234", "n=-"},          {"", "n=-"},
  };
  expectRows(kRows, [](std::string_view name) { return Facts{{"n", factOf(discOfFolder(name))}}; });
}

}  // namespace
}  // namespace library::naming
