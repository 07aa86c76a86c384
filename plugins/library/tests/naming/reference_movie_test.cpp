// The acceptance cases of the reference, one a row.
#include "described.hpp"

namespace library::naming {
namespace {

constexpr Row kRows[] = {
    {R"(Glass Harbor - 2 (2013).mkv)", "t=Glass Harbor - 2|y=2013"},
    {R"(Glass Harbor 2001 (2013).mkv)", "t=Glass Harbor 2001|y=2013"},
    {R"(300 2001 (2006).mkv)", "t=300 2001|y=2006"},
    {R"(night.of.crows.2013.stv.unrated.multi.1080p.bluray.x264-grp.mkv)", "t=night of crows|y=2013"},
    {R"(Departure.2016.2160p.Blu-Ray.HEVC.mkv)", "t=Departure|y=2016"},
    {R"(300 (2007)/300 (2006).mkv)", "t=300|y=2006"},
    {R"([rec].mkv)", "t=[rec]|y=-"},
    {R"(St. Claire (2014).mkv)", "t=St. Claire|y=2014"},
    {R"(Super film(2009).mp4)", "t=Super film|y=2009"},
    {R"(Paper War 2013.mp4)", "t=Paper War|y=2013"},
    {R"(My Film (1997) - BigGroup 2019.mp4)", "t=My Film|y=1997"},
    {R"(First Light 2018 1080p.mkv)", "t=First Light|y=2018"},
    {R"(3.Weeks.to.Win.2014.720p.BluRay.x264.GRP.mkv)", "t=3 Weeks to Win|y=2014"},
    {R"(My Film 2013.12.09.mkv)", "t=My Film 2013.12.09|y=-"},
    {R"(My Film 20131209.mkv)", "t=My Film 20131209|y=-"},
    {R"(1917 (2019).mkv)", "t=1917|y=2019"},
    {R"(2012 (2009)/2012 (2009).mkv)", "t=2012|y=2009"},
    {R"(Blade Walker 2049 (2017).mkv)", "t=Blade Walker 2049|y=2017"},
    {R"(Robin Woods [Multi-Subs] [2018].mkv)", "t=Robin Woods|y=2018"},
    {R"(480 Super film [tmdbid=12345].mp4)", "t=480 Super film|tmdb=12345"},
    {R"(Night Rider (2019) [imdbid-tt1234567].mkv)", "t=Night Rider|y=2019|imdb=tt1234567"},
    {R"(Night Rider (2019) {tmdb-603} {edition-Final Cut}.mkv)",
     "t=Night Rider|y=2019|tmdb=603|edition=Final Cut"},
    {R"(Night Rider (2019) [tmdbid-77]/Night Rider.mkv)", "t=Night Rider|y=2019|tmdb=77"},
    {R"(Crouch.Lion.4K.UltraHD.HDR.BDrip-HDC.mkv)", "t=Crouch Lion"},
    {R"(Last.Train.WEB-DL.1080p.mkv)", "t=Last Train"},
    {R"([OCN] 애타는 여름 720p-NEXT.mkv)", "t=애타는 여름"},
    {R"(2026年01月10日23時00分00秒-[新]題名[字].mp4)", "t=題名|y=-"},
    {R"(Top Deck (1984)/movie.mp4)", "t=Top Deck|y=1984"},
    {R"(Oblique.3d.hsbs.mkv)", "t=Oblique|3d=hsbs"},
    {R"(Super film.3d.mp4)", "3d=-"},
    {R"(Super film [fsbs].mp4)", "3d=fsbs"},
    {R"(Super film.3d.mvc.mp4)", "3d=mvc"},
    {"Super film (2009) 3d htab/BDMV/STREAM/00001.m2ts", "t=Super film|y=2009|3d=htab"},
    {R"(300 (2006).3d1.sbas.mkv)", "t=300|y=2006|3d=-"},
    {R"(Brave One (2006).bluray.disc)", "t=Brave One|y=2006"},
    {"Ame\u0301lie (2001).mkv", "t=Amélie|y=2001"},
};

TEST(ReferenceMovie, Names) {
  expectRows(kRows, [](std::string_view path) { return describe(parseMovie(path)); });
}

TEST(ReferenceMovie, FolderOfADisc) {
  constexpr Row kFolders[] = {{"Super film (2009) 3d htab", "t=Super film|y=2009|3d=htab"}};
  expectRows(kFolders, [](std::string_view name) { return describe(parseMovieFolder(name)); });
}

}  // namespace
}  // namespace library::naming
