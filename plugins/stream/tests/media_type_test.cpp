#include "media_type.hpp"

#include <gtest/gtest.h>

namespace stream {
namespace {

std::string_view mimeOf(std::string_view name) {
  const MediaType* type = mediaTypeOf(name);
  return type == nullptr ? "none" : type->mime;
}

TEST(MediaType, KnowsWhatPlayersAsk) {
  EXPECT_EQ(mimeOf("film.mkv"), "video/x-matroska");
  EXPECT_EQ(mimeOf("film.mp4"), "video/mp4");
  EXPECT_EQ(mimeOf("film.m4v"), "video/mp4");
  EXPECT_EQ(mimeOf("film.webm"), "video/webm");
  EXPECT_EQ(mimeOf("film.ts"), "video/mp2t");
  EXPECT_EQ(mimeOf("film.avi"), "video/x-msvideo");
  EXPECT_EQ(mimeOf("film.mov"), "video/quicktime");
  EXPECT_EQ(mimeOf("song.mp3"), "audio/mpeg");
  EXPECT_EQ(mimeOf("song.flac"), "audio/flac");
  EXPECT_EQ(mimeOf("song.m4a"), "audio/mp4");
  EXPECT_EQ(mimeOf("song.opus"), "audio/ogg");
  EXPECT_EQ(mimeOf("song.wav"), "audio/wav");
  EXPECT_EQ(mimeOf("song.aac"), "audio/aac");
  EXPECT_EQ(mimeOf("film.srt"), "application/x-subrip");
  EXPECT_EQ(mimeOf("film.vtt"), "text/vtt; charset=utf-8");
}

TEST(MediaType, CaseOfTheExtensionDoesNotMatter) { EXPECT_EQ(mimeOf("FILM.MkV"), "video/x-matroska"); }

TEST(MediaType, OnlyTheLastExtensionCounts) {
  EXPECT_EQ(mimeOf("film.mkv.part"), "none");
  EXPECT_EQ(mimeOf("film.2024.en.mkv"), "video/x-matroska");
}

TEST(MediaType, WhatABrowserWouldRunIsNoMedia) {
  for (const char* name : {"a.html", "a.htm", "a.svg", "a.xml", "a.js", "a.pdf", "passwd", "a.", ""})
    EXPECT_EQ(mimeOf(name), "none") << name;
}

TEST(MediaType, ADotAtTheBeginningIsNoExtension) {
  EXPECT_EQ(mimeOf(".mkv"), "none");
  EXPECT_EQ(mimeOf("films/.mkv"), "none");
  EXPECT_EQ(mimeOf(".film.mkv"), "video/x-matroska");
}

}  // namespace
}  // namespace stream
