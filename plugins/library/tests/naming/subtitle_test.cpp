#include "naming/subtitle.hpp"

#include <gtest/gtest.h>

#include "rows.hpp"

namespace library::naming {
namespace {

Facts describe(std::string_view name, std::string_view video) {
  const auto flag = [](bool set) { return std::string(set ? "yes" : "-"); };
  const SubtitleName subtitle = parseSubtitle(name, video);
  return {{"lang", factOf(subtitle.language)},
          {"t", factOf(subtitle.title)},
          {"hi", flag(subtitle.is_hearing_impaired)},
          {"default", flag(subtitle.is_default)},
          {"forced", flag(subtitle.is_forced)}};
}

TEST(Subtitle, BesideItsVideo) {
  constexpr Row kRows[] = {
      {"Film (2010).srt", "lang=-|t=-|hi=-|forced=-|default=-"},
      {"Film (2010).en.srt", "lang=en"},
      {"Film (2010).eng.srt", "lang=en"},
      {"Film (2010).English.srt", "lang=en"},
      {"Film (2010).english.forced.srt", "lang=en|forced=yes"},
      {"Film (2010).en.forced.srt", "lang=en|forced=yes"},
      {"Film (2010).forced.en.srt", "lang=en|forced=yes"},
      {"Film (2010).en.sdh.srt", "lang=en|hi=yes"},
      {"Film (2010).en.cc.srt", "lang=en|hi=yes"},
      {"Film (2010).en.SDH.default.srt", "lang=en|hi=yes|default=yes"},
      {"Film (2010).hi.srt", "lang=hi|hi=-"},
      {"Film (2010).hin.srt", "lang=hi"},
      {"Film (2010).de-AT.srt", "lang=de-AT"},
      {"Film (2010).pt-BR.srt", "lang=pt-BR"},
      {"Film (2010).pt-br.srt", "lang=pt-BR"},
      {"Film (2010).pob.srt", "lang=pt-BR"},
      {"Film (2010).Brazilian Portuguese.srt", "lang=pt-BR"},
      {"Film (2010).es-419.srt", "lang=es-419"},
      {"Film (2010).zh-Hans.srt", "lang=zh-Hans"},
      {"Film (2010).chs.srt", "lang=zh-Hans"},
      {"Film (2010).cht.ass", "lang=zh-Hant"},
      {"Film (2010).zh-TW.srt", "lang=zh-Hant"},
      {"Film (2010).zho.srt", "lang=zh"},
      {"Film (2010).简体中文.srt", "lang=zh-Hans"},
      {"Film (2010).français.srt", "lang=fr"},
      {"Film (2010).Deutsch.srt", "lang=de"},
      {"Film (2010).ger.srt", "lang=de"},
      {"Film (2010).русский.srt", "lang=ru"},
      {"Film (2010).日本語.srt", "lang=ja"},
      {"Film (2010).nob.srt", "lang=nb"},
      {"Film (2010).no.srt", "lang=no"},
      {"Film (2010).sr-Latn.srt", "lang=sr-Latn"},
      {"Film (2010)_en.srt", "lang=en"},
      {"Film (2010)-en.srt", "lang=en"},
      {"Film (2010) en.srt", "lang=en"},
      {"Film (2010) [eng].srt", "lang=en"},
      {"Film (2010).en-forced.srt", "lang=en|forced=yes"},
      {"Film (2010).en_sdh.srt", "lang=en|hi=yes"},
      {"Film (2010).en (SDH).srt", "lang=en|hi=yes"},
      {"Film (2010).Commentary.en.srt", "lang=en|t=Commentary"},
      {"Film (2010).en.Director Commentary.srt", "lang=en|t=Director Commentary"},
      {"Film (2010).en.Signs & Songs.ass", "lang=en|t=Signs & Songs"},
      {"Film (2010).2.en.srt", "lang=en|t=-"},
      {"Film (2010).und.srt", "lang=und"},
      {"Film (2010).xx.srt", "lang=-|t=xx"},
      {"Film (2010).EN.SRT", "lang=en"},
      {"film (2010).en.srt", "lang=en"},
      {"Film (2010).en.foreign.srt", "lang=en|forced=yes"},
  };
  expectRows(kRows, [](std::string_view name) { return describe(name, "Film (2010)"); });
}

TEST(Subtitle, NamedOtherwise) {
  constexpr Row kRows[] = {
      {"2_English.srt", "lang=en|t=-"},           {"English.srt", "lang=en"},
      {"03_English (SDH).srt", "lang=en|hi=yes"}, {"Other.Release.2010.eng.srt", "lang=en|t=-"},
      {"Other.Release.2010.srt", "lang=-|t=-"},
  };
  expectRows(kRows, [](std::string_view name) { return describe(name, "Film (2010)"); });
}

TEST(Subtitle, FindsItsVideo) {
  const std::vector<std::string_view> videos{"Show S01E01.mkv", "Show S01E02.mkv", "Show S01E02 Extended.mkv",
                                             "Cafe\u0301.mkv"};
  const auto match = [&](std::string_view path) { return matchSubtitle(path, videos).value_or(99); };
  EXPECT_EQ(match("Show S01E01.en.srt"), 0U);
  EXPECT_EQ(match("Show S01E02.en.srt"), 1U);
  EXPECT_EQ(match("Show S01E02 Extended.en.srt"), 2U);
  EXPECT_EQ(match("Subs/Show S01E01/2_English.srt"), 0U);
  EXPECT_EQ(match("Subs/Show S01E01.srt"), 0U);
  EXPECT_EQ(match("show.s01e01.german.srt"), 0U);
  EXPECT_EQ(match("Caf\u00e9.en.srt"), 3U);
  EXPECT_EQ(match("Show S01E03.srt"), 99U);
  EXPECT_EQ(match("Subs/English.srt"), 99U);
  EXPECT_EQ(matchSubtitle("Subs/English.srt", std::vector<std::string_view>{"a.mkv"}), 0U);
  EXPECT_EQ(matchSubtitle("English.srt", std::vector<std::string_view>{}), std::nullopt);
}

}  // namespace
}  // namespace library::naming
