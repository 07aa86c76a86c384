// The acceptance cases of the reference, one a row.
#include "described.hpp"

namespace library::naming {
namespace {

constexpr Row kRows[] = {
    {R"(Season 02/S02E03 blah.avi)", "s=2|e=3"},
    {R"(Season 1/01x02 blah.avi)", "s=1|e=2"},
    {R"(Season 1/S01xE02 blah.avi)", "s=1|e=2"},
    {R"(anything_s01.e02.mp4)", "show=anything|s=1|e=2"},
    {R"(The Mall 4x01.mp4)", "show=The Mall|s=4|e=1"},
    {R"(the_family-s02e01_18536.mp4)", "show=the family|s=2|e=1"},
    {R"(Series/LA X, Pt. 1_s06e32.mp4)", "show=LA X, Pt. 1|s=6|e=32"},
    {R"(D:\t\Foo\Foo-S01E01.mkv)", "show=Foo|s=1|e=1"},
    {R"(Season 3/The Series Season 3 Episode 9 - T.avi)", "show=The Series|s=3|e=9"},
    {R"(Season 3/S003 E009.avi)", "s=3|e=9"},
    {R"(Season 2/16 - 12 Some Title.avi)", "s=2|e=16"},
    {R"(Season 2/7 - 12 Angry Cats.avi)", "s=2|e=7"},
    {R"(Season 2/Episode 21 - 94 Meetings.mp4)", "s=2|e=21"},
    {R"(Season 1/02 - blah-02 a.avi)", "s=1|e=2"},
    {R"(Season 1/02-03 - blah.avi)", "s=1|e=2,3"},
    {R"(Season 1/HOUSE_s01e01-e04.mkv)", "s=1|e=1,2,3,4"},
    {R"(foo.S05E03-05.mkv)", "s=5|e=3,4,5"},
    {R"(foo.5x03-5x05.mkv)", "s=5|e=3,4,5"},
    {R"(foo.S05E01-E03-E05.mkv)", "s=5|e=1,3,5"},
    {R"(Season 1/series-s09e14-720i.mkv)", "s=9|e=14"},
    {R"(Season 2/02x03 - 04 Ep Name.mp4)", "s=2|e=3"},
    {R"(Special (1920x1080).mkv)", "e=-"},
    {R"([Grp] Hunt X Hunt - 136 [720p].mkv)", "show=Hunt X Hunt|abs=136"},
    {R"([VCB-S] Re Life kara [21][Ma10p_1080p][x265_flac].mkv)", "abs=21"},
    {R"([CA&S][Oda_no_Y][04][BDRIP][1920x1080][x264_AAC][7620E503].mp4)", "abs=4"},
    {R"([B-R] Ran ½ - 154 [50AC421A].mkv)", "show=Ran ½|abs=154"},
    {R"(Log Land 2/[HS] Log Land 2 - 03 [720p].mkv)", "show=Log Land 2|abs=3"},
    {R"(Case Open (1996-2007)/Case Open - 317.mkv)", "show=Case Open|abs=317"},
    {R"([Grp] Title - 12v2 [1080p][9A8B7C6D].mkv)", "show=Title|abs=12|v=2"},
    {R"(Condor.2017.V2.web-dl/Condor.2017.E07.V2.web-dl.1080p.mkv)", "e=7"},
    {R"(Late Talk 2018_03_24_19_00_00.mkv)", "show=Late Talk|date=2018-03-24"},
    {R"(Quiz Show 2023 07 14 HDTV x264.mkv)", "show=Quiz Show|date=2023-07-14"},
    {R"(anything_14.11.1996.mp4)", "show=anything|date=1996-11-14"},
    {R"(foo.special.mp4)", "special=foo"},
};

TEST(ReferenceEpisode, Names) {
  expectRows(kRows, [](std::string_view path) { return describe(parseEpisode(path)); });
}

}  // namespace
}  // namespace library::naming
