#include "media/facts_json.hpp"

#include <gtest/gtest.h>

#include "answers.hpp"
#include "media/probe.hpp"

namespace library::media {
namespace {

TEST(FactsJson, NothingButTheLists) { EXPECT_EQ(toJson({}), R"({"streams":[],"chapters":[],"tags":{}})"); }

TEST(FactsJson, AFilm) {
  EXPECT_EQ(
      toJson(readProbe(kFilm).value()),
      R"({"container":"matroska,webm","duration_ms":1024,"bit_rate":192265,"streams":[)"
      R"({"index":0,"kind":"video","codec":"h264","profile":"Constrained Baseline","default":true,)"
      R"("forced":false,"hearing_impaired":false,"attached_picture":false,"bit_rate":82000,"bit_depth":8,)"
      R"("width":64,"height":48,"sample_aspect":"1/1","frame_rate":"24000/1001","pixel_format":"yuv420p",)"
      R"("hdr":"sdr","level":10,"interlaced":false},)"
      R"({"index":1,"kind":"audio","codec":"aac","profile":"LC","language":"en","default":false,)"
      R"("forced":false,"hearing_impaired":false,"attached_picture":false,"channels":1,"layout":"mono",)"
      R"("sample_rate":44100},)"
      R"({"index":2,"kind":"subtitle","codec":"subrip","language":"ja","title":"Signs","default":false,)"
      R"("forced":true,"hearing_impaired":true,"attached_picture":false}],)"
      R"("chapters":[{"start_ms":0,"end_ms":500,"title":"Opening"},)"
      R"({"start_ms":500,"end_ms":1000,"title":"End"}],"tags":{"title":"A Film"}})");
}

TEST(FactsJson, ACoverIsAnAttachmentWithASize) {
  const std::string json = toJson(readProbe(kSong).value());
  EXPECT_NE(json.find(R"("kind":"attachment","codec":"mjpeg")"), std::string::npos);
  EXPECT_NE(json.find(R"("attached_picture":true,"bit_depth":8,"width":32,"height":32)"), std::string::npos);
  EXPECT_EQ(json.find("hdr"), std::string::npos);
}

TEST(FactsJson, DolbyVision) {
  EXPECT_NE(toJson(readProbe(kPhone).value())
                .find(R"("hdr":"dolby_vision","dolby_vision_profile":8,"dolby_vision_compatibility":4)"),
            std::string::npos);
}

TEST(FactsJson, TextsAreEscaped) {
  MediaFacts facts;
  facts.tags.title = "a\"b\\c\n\x1f\u00E9";
  EXPECT_EQ(toJson(facts),
            "{\"streams\":[],\"chapters\":[],\"tags\":{\"title\":\"a\\\"b\\\\c\\u000a\\u001f\u00E9\"}}");
}

}  // namespace
}  // namespace library::media
