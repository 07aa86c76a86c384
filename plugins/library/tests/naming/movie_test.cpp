// Names of films as they are found on disks.
#include "described.hpp"

namespace library::naming {
namespace {

void expectMovies(std::span<const Row> rows) {
  expectRows(rows, [](std::string_view path) { return describe(parseMovie(path)); });
}

TEST(Movie, SceneReleases) {
  constexpr Row kRows[] = {
      {"The.Matrix.1999.1080p.BluRay.x264-AMIABLE.mkv", "t=The Matrix|y=1999|res=1080p"},
      {"Inception.2010.720p.BRRip.XviD.AC3-ViSiON.avi", "t=Inception|y=2010|res=720p"},
      {"Mad.Max.Fury.Road.2015.2160p.UHD.BluRay.x265.10bit.HDR.TrueHD.7.1.Atmos-SWTYBLZ.mkv",
       "t=Mad Max Fury Road|y=2015|res=2160p"},
      {"Spider-Man.No.Way.Home.2021.1080p.WEB-DL.DDP5.1.Atmos.H.264-CMRG.mkv",
       "t=Spider-Man No Way Home|y=2021"},
      {"Dune.Part.Two.2024.2160p.WEB-DL.DDP5.1.Atmos.DV.HDR.H.265-FLUX.mkv", "t=Dune Part Two|y=2024"},
      {"Se7en.1995.REMASTERED.1080p.BluRay.x264-LiViDiTY.mkv", "t=Se7en|y=1995|edition=Remastered"},
      {"Amelie.2001.FRENCH.1080p.BluRay.DTS.x264-GRP.mkv", "t=Amelie|y=2001|edition=-"},
      {"La.Haine.1995.MULTi.1080p.BluRay.x264-FHD.mkv", "t=La Haine|y=1995"},
      {"Das.Boot.1981.DC.German.DL.1080p.BluRay.x264-DETAiLS.mkv",
       "t=Das Boot|y=1981|edition=Director's Cut"},
      {"Blade.Runner.1982.The.Final.Cut.1080p.BluRay.x264-GRP.mkv",
       "t=Blade Runner|y=1982|edition=Final Cut"},
      {"Blade.Runner.2049.2017.1080p.BluRay.x264-SPARKS.mkv", "t=Blade Runner 2049|y=2017"},
      {"2001.A.Space.Odyssey.1968.1080p.BluRay.x264.mkv", "t=2001 A Space Odyssey|y=1968"},
      {"2012.2009.1080p.BluRay.x264.mkv", "t=2012|y=2009"},
      {"1917.2019.2160p.WEB-DL.x265.mkv", "t=1917|y=2019"},
      {"Wonder.Woman.1984.2020.IMAX.1080p.WEB.H264-NAISU.mkv", "t=Wonder Woman 1984|y=2020|edition=IMAX"},
      {"300.2006.1080p.BluRay.mkv", "t=300|y=2006"},
      {"12.Angry.Men.1957.Criterion.Collection.1080p.BluRay.mkv",
       "t=12 Angry Men|y=1957|edition=Criterion Collection"},
      {"S.W.A.T.2003.1080p.BluRay.x264.mkv", "t=S.W.A.T.|y=2003"},
      {"E.T.the.Extra-Terrestrial.1982.1080p.mkv", "t=E.T. the Extra-Terrestrial|y=1982"},
      {"A.I.Artificial.Intelligence.2001.720p.mkv", "t=A.I. Artificial Intelligence|y=2001"},
      {"I.Robot.2004.1080p.BluRay.mkv", "t=I Robot|y=2004"},
      {"The.Hobbit.An.Unexpected.Journey.2012.EXTENDED.1080p.BluRay.x264-SPARKS.mkv",
       "t=The Hobbit An Unexpected Journey|y=2012|edition=Extended"},
      {"Kingdom.of.Heaven.2005.Directors.Cut.Roadshow.1080p.mkv",
       "t=Kingdom of Heaven|y=2005|edition=Director's Cut"},
      {"Aliens.1986.Special.Edition.1080p.BluRay.mkv", "t=Aliens|y=1986|edition=Special Edition"},
      {"Terminator.2.Judgment.Day.1991.Ultimate.Edition.2160p.mkv",
       "t=Terminator 2 Judgment Day|y=1991|edition=Ultimate Edition"},
      {"Anchorman.2004.UNRATED.1080p.BluRay.x264.mkv", "t=Anchorman|y=2004|edition=Unrated"},
      {"Watchmen.2009.Ultimate.Cut.1080p.mkv", "t=Watchmen|y=2009|edition=Ultimate Cut"},
      {"Jaws.1975.40th.Anniversary.Edition.1080p.mkv", "t=Jaws|y=1975|edition=40th Anniversary Edition"},
      {"Parasite.2019.KOREAN.1080p.BluRay.H264.AAC-VXT.mp4", "t=Parasite|y=2019"},
      {"Oldboy.2003.REPACK.720p.BluRay.x264-x0r.mkv", "t=Oldboy|y=2003"},
      {"Green.Book.2018.DVDSCR.x264-TOPKEK.mkv", "t=Green Book|y=2018"},
      {"Avengers.Endgame.2019.HDCAM.850MB.1xbet.x264.mkv", "t=Avengers Endgame|y=2019"},
      {"Tenet.2020.iNTERNAL.1080p.BluRay.x264-EA.mkv", "t=Tenet|y=2020"},
      {"The.French.Dispatch.2021.1080p.WEB.H264.mkv", "t=The French Dispatch|y=2021"},
      {"The.Italian.Job.2003.1080p.mkv", "t=The Italian Job|y=2003"},
      {"The.English.Patient.1996.720p.mkv", "t=The English Patient|y=1996"},
      {"Extraction.2.2023.1080p.NF.WEB-DL.DDP5.1.H.264.mkv", "t=Extraction 2|y=2023"},
      {"Uncut.Gems.2019.1080p.NF.WEB-DL.mkv", "t=Uncut Gems|y=2019|edition=-"},
      {"Limitless.2011.UNRATED.EXTENDED.720p.BluRay.x264.mkv", "t=Limitless|y=2011"},
      {"Moneyball.1080p.BluRay.x264-GRP.mkv", "t=Moneyball|y=-"},
      {"Fargo.WEBRip.x264.mkv", "t=Fargo|y=-"},
      {"Heat.DVDRip.XviD.avi", "t=Heat|y=-"},
      {"Zodiac.EXTENDED.1080p.BluRay.mkv", "t=Zodiac|edition=Extended"},
      {"Akira.1988.JAPANESE.REMASTERED.1080p.BluRay.mkv", "t=Akira|y=1988|edition=Remastered"},
      {"Movie.43.2013.1080p.mkv", "t=Movie 43|y=2013"},
      {"Ocean's.Eleven.2001.1080p.mkv", "t=Ocean's Eleven|y=2001"},
      {"Apollo.13.1995.1080p.BluRay.mkv", "t=Apollo 13|y=1995"},
      {"Summer.of.84.2018.1080p.mkv", "t=Summer of 84|y=2018"},
      {"1984.1984.720p.BluRay.mkv", "t=1984|y=1984"},
      {"10.Cloverfield.Lane.2016.1080p.mkv", "t=10 Cloverfield Lane|y=2016"},
      {"Fast.and.Furious.9.2021.THEATRICAL.1080p.mkv", "t=Fast and Furious 9|y=2021|edition=Theatrical"},
      {"Deadpool.and.Wolverine.2024.1080p.AMZN.WEB-DL.mkv", "t=Deadpool and Wolverine|y=2024"},
      {"www.Torrenting.com.-.Gladiator.2000.1080p.mkv", "t=Gladiator|y=2000"},
      {"Robot.2.0.2018.1080p.mkv", "t=Robot 2.0|y=2018"},
      {"tt0133093.The.Matrix.1999.mkv", "t=The Matrix|y=1999|imdb=tt0133093"},
  };
  expectMovies(kRows);
}

TEST(Movie, NamesOfPeople) {
  constexpr Row kRows[] = {
      {"Inception (2010).mkv", "t=Inception|y=2010"},
      {"Inception (2010)/Inception (2010) - 1080p.mkv", "t=Inception|y=2010|res=1080p|label=1080p"},
      {"Inception (2010)/Inception.mkv", "t=Inception|y=2010"},
      {"Inception (2010)/inc-1080p-grp.mkv", "t=Inception|y=2010|res=1080p"},
      {"Monsters, Inc. (2001).mkv", "t=Monsters, Inc.|y=2001"},
      {"Mr. & Mrs. Smith (2005).mkv", "t=Mr. & Mrs. Smith|y=2005"},
      {"Dr. Strangelove or - How I Learned to Stop Worrying (1964).mkv",
       "t=Dr. Strangelove or - How I Learned to Stop Worrying|y=1964"},
      {"Mission - Impossible - Fallout (2018).mkv", "t=Mission - Impossible - Fallout|y=2018"},
      {"Airplane! (1980).mkv", "t=Airplane!|y=1980"},
      {"Mamma Mia! Here We Go Again (2018).mkv", "t=Mamma Mia! Here We Go Again|y=2018"},
      {"(500) Days of Summer (2009).mkv", "t=(500) Days of Summer|y=2009"},
      {"Birdman or (The Unexpected Virtue of Ignorance) (2014).mkv",
       "t=Birdman or (The Unexpected Virtue of Ignorance)|y=2014"},
      {"[REC] (2007).mkv", "t=[REC]|y=2007"},
      {"[REC] 2 (2009).mkv", "t=[REC] 2|y=2009"},
      {"...And Justice for All (1979).mkv", "t=...And Justice for All|y=1979"},
      {"Se7en.mkv", "t=Se7en|y=-"},
      {"1984.mkv", "t=1984|y=-"},
      {"2012.mkv", "t=2012|y=-"},
      {"9 (2009).mkv", "t=9|y=2009"},
      {"21 Grams (2003).mkv", "t=21 Grams|y=2003"},
      {"1408 (2007).mkv", "t=1408|y=2007"},
      {"Fahrenheit 451 (1966).mkv", "t=Fahrenheit 451|y=1966"},
      {"K-19 - The Widowmaker (2002).mkv", "t=K-19 - The Widowmaker|y=2002"},
      {"The Lord of the Rings - The Two Towers (2002) Extended Edition.mkv",
       "t=The Lord of the Rings - The Two Towers|y=2002|edition=Extended Edition"},
      {"Alien (1979) - Director's Cut.mkv", "t=Alien|y=1979|edition=Director's Cut"},
      {"Alien (1979) {edition-Director's Cut}.mkv", "t=Alien|y=1979|edition=Director's Cut"},
      {"Brazil (1985) [Criterion Collection].mkv", "t=Brazil|y=1985|edition=Criterion Collection"},
      {"Aliens Extended.mkv", "t=Aliens|edition=Extended"},
      {"Léon (1994) [1080p].mkv", "t=Léon|y=1994|res=1080p"},
      {"(2019) Joker.mkv", "t=Joker|y=2019"},
      {"[2019] Joker.mkv", "t=Joker|y=2019"},
      {"1999 - The Matrix.mkv", "t=The Matrix|y=1999"},
      {"The Matrix [1999].mkv", "t=The Matrix|y=1999"},
      {"The Matrix, 1999.mkv", "t=The Matrix|y=1999"},
      {"The_Matrix_1999_1080p.mkv", "t=The Matrix|y=1999"},
      {"The Matrix 1999 1080p BluRay.mkv", "t=The Matrix|y=1999"},
      {"the matrix.mkv", "t=the matrix|y=-"},
      {"Metropolis (1927, restored 2010).mkv", "t=Metropolis|y=1927"},
      {"Shin Godzilla (2016) (1080p BluRay x265).mkv", "t=Shin Godzilla|y=2016|res=1080p"},
      {"Nausicaa of the Valley of the Wind (1984) [BD 1080p HEVC].mkv",
       "t=Nausicaa of the Valley of the Wind|y=1984"},
      {"The Thing (1982) {imdb-tt0084787}.mkv", "t=The Thing|y=1982|imdb=tt0084787"},
      {"The Thing (1982) [tmdb=1091].mkv", "t=The Thing|y=1982|tmdb=1091"},
      {"The Thing (1982) {tmdb-1091} [Remux-1080p].mkv", "t=The Thing|y=1982|tmdb=1091|res=1080p"},
      {"The Thing (1982) {tmdb-1091}/The Thing (1982).mkv", "t=The Thing|y=1982|tmdb=1091"},
      {"The Thing (1982) [tvdbid-55]/the.thing.mkv", "t=The Thing|y=1982|tvdb=55"},
      {"Movies/Sci-Fi/The Thing (1982).mkv", "t=The Thing|y=1982"},
      {"Movies 2019/The Thing.mkv", "t=The Thing|y=-"},
      {"The Thing (1982)/movie.mkv", "t=The Thing|y=1982"},
      {"The Thing (1982)/VIDEO_TS/VTS_01_1.VOB", "t=The Thing|y=1982"},
      {"The Thing (1982)/BDMV/STREAM/00800.m2ts", "t=The Thing|y=1982"},
      {"Gone with the Wind (1939)/CD1/gwtw.avi", "t=Gone with the Wind|y=1939"},
      {"Gone with the Wind (1939) cd1.avi", "t=Gone with the Wind|y=1939|part=1"},
      {"Gone with the Wind (1939) - part2.avi", "t=Gone with the Wind|y=1939|part=2"},
      {"Gone with the Wind.cd2.avi", "t=Gone with the Wind|part=2"},
      {"Harry Potter and the Deathly Hallows - Part 1 (2010).mkv",
       "t=Harry Potter and the Deathly Hallows - Part 1|y=2010|part=-"},
      {"Kill Bill Vol. 2 (2004).mkv", "t=Kill Bill Vol. 2|y=2004"},
      {"Gremlins 2 - The New Batch (1990).mkv", "t=Gremlins 2 - The New Batch|y=1990"},
      {"Midnight Special (2016).mkv", "t=Midnight Special|y=2016|edition=-"},
      {"The Final Cut (2004).mkv", "t=The Final Cut|y=2004|edition=-"},
      {"Final Cut (2022).mkv", "t=Final Cut|y=2022|edition=-"},
      {"The Ring (2002).mkv", "t=The Ring|y=2002"},
      {"It (2017).mkv", "t=It|y=2017"},
      {"Red (2010).mkv", "t=Red|y=2010"},
      {"Max (2015).mkv", "t=Max|y=2015"},
      {"CAM (2018).mkv", "t=CAM|y=2018"},
      {"Real Steel (2011).mkv", "t=Real Steel|y=2011"},
      {"A Serious Man (2009).mp4", "t=A Serious Man|y=2009"},
      {"X (2022).mkv", "t=X|y=2022"},
      {"$9.99 (2008).mkv", "t=$9.99|y=2008"},
      {"#Alive (2020).mkv", "t=#Alive|y=2020"},
      {"@Suicide Room (2011).mkv", "t=@Suicide Room|y=2011"},
      {"What If...? (2013).mkv", "t=What If...?|y=2013"},
  };
  expectMovies(kRows);
}

TEST(Movie, ManyScripts) {
  constexpr Row kRows[] = {
      {"千と千尋の神隠し (2001).mkv", "t=千と千尋の神隠し|y=2001"},
      {"君の名は。.2016.1080p.BluRay.x264.mkv", "t=君の名は。|y=2016"},
      {"霸王别姬.1993.BluRay.1080p.x265.mkv", "t=霸王别姬|y=1993"},
      {"【字幕组】你好，李焕英.2021.1080p.mkv", "t=你好，李焕英|y=2021"},
      {"기생충 (2019).mkv", "t=기생충|y=2019"},
      {"기생충.2019.1080p.BluRay.x264.mkv", "t=기생충|y=2019"},
      {"Ирония судьбы (1975).mkv", "t=Ирония судьбы|y=1975"},
      {"Брат.2.2000.DVDRip.avi", "t=Брат 2|y=2000"},
      {"Москва слезам не верит.1979.BDRip.1080p.mkv", "t=Москва слезам не верит|y=1979"},
      {"جدایی نادر از سیمین (2011).mkv", "t=جدایی نادر از سیمین|y=2011"},
      {"ואלס עם באשיר (2008).mkv", "t=ואלס עם באשיר|y=2008"},
      {"Ζ (1969).mkv", "t=Ζ|y=1969"},
      {"लगान (2001).mkv", "t=लगान|y=2001"},
      {"องค์บาก (2003).mkv", "t=องค์บาก|y=2003"},
      {"El laberinto del fauno (2006) [Español].mkv", "t=El laberinto del fauno|y=2006"},
      {"Żywot Briana (1979).mkv", "t=Żywot Briana|y=1979"},
      {"Le fabuleux destin d\xE2\x80\x99"
       "Amélie Poulain (2001).mkv",
       "t=Le fabuleux destin d\xE2\x80\x99"
       "Amélie Poulain|y=2001"},
      {"La Ce\u0301re\u0301monie (1995).mkv", "t=La Cérémonie|y=1995"},
      {"Der Untergang.2004.German.1080p.BluRay.x264.mkv", "t=Der Untergang|y=2004"},
      {"The Emoji Movie \U0001F600 (2017).mkv", "t=The Emoji Movie \U0001F600|y=2017"},
      {"\U0001F525\U0001F525\U0001F525.mkv", "t=\U0001F525\U0001F525\U0001F525|y=-"},
      {"WALL·E (2008).mkv", "t=WALL·E|y=2008"},
      {"Alien³ (1992).mkv", "t=Alien³|y=1992"},
      {"Bad\xFFName (2010).mkv", "t=Bad\uFFFDName|y=2010"},
      {"\xC0\xAF\x80 (2011).mkv", "t=\uFFFD\uFFFD\uFFFD|y=2011"},
  };
  expectMovies(kRows);
}

TEST(Movie, ThreeDimensions) {
  constexpr Row kRows[] = {
      {"Avatar.2009.3D.HSBS.1080p.BluRay.x264.mkv", "t=Avatar|y=2009|3d=hsbs"},
      {"Avatar.2009.3D.H-SBS.1080p.mkv", "t=Avatar|3d=hsbs"},
      {"Avatar.2009.3D.Half-SBS.1080p.mkv", "3d=hsbs"},
      {"Avatar.2009.3D.HOU.1080p.mkv", "3d=htab"},
      {"Avatar.2009.3D.Half-OU.1080p.mkv", "3d=htab"},
      {"Avatar.2009.1080p.3D.SBS.mkv", "3d=sbs"},
      {"Avatar (2009) [3D] [HTAB].mkv", "t=Avatar|3d=htab"},
      {"Avatar (2009) 3D FTAB.mkv", "3d=ftab"},
      {"Avatar (2009) - 3D.MVC.mkv", "3d=mvc"},
      {"Gravity.2013.1080p.BluRay.mkv", "3d=-"},
      {"Step.Up.3D.2010.1080p.mkv", "t=Step Up 3D|y=2010|3d=-"},
      {"Ou (2010).mkv", "t=Ou|3d=-"},
      {"Avatar.2009.FULL-SBS.3D.mkv", "3d=fsbs"},
  };
  expectMovies(kRows);
}

TEST(Movie, OddNames) {
  const std::string longest(3000, 'a');
  EXPECT_EQ(parseMovie(longest + ".mkv").title.size(), 1024U);
  EXPECT_EQ(parseMovie("").title, "");
  EXPECT_EQ(parseMovie(".mkv").title, "mkv");
  EXPECT_EQ(parseMovie("().mkv").title, "()");
  EXPECT_EQ(parseMovie("....mkv").title, "...");
  EXPECT_EQ(parseMovie("1080p.mkv").title, "1080p");
  EXPECT_EQ(parseMovie("[[[[[.mkv").title, "[[[[[");
}

}  // namespace
}  // namespace library::naming
