// Accept and Accept-Encoding.
#include <array>
#include <string>

#include "http/negotiation.hpp"
#include "require.hpp"

using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace revenge::http;
  const std::string_view field(reinterpret_cast<const char*>(data), size);
  static constexpr std::array<MediaOffer, 2> kOffers{
      {{"text/plain", "0.0.4"}, {"application/openmetrics-text", "1.0.0"}}};
  const std::size_t chosen = preferredMedia(field, kOffers);
  require(chosen < kOffers.size(), "one of the offers is chosen");
  require(chosen == 0 || !field.empty(), "who asks for nothing gets the first");
  const std::string wish =
      std::string(field) + ",application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0";
  // What stands first of equally close ranges counts, so only a field without either can be overruled.
  if (!field.contains("ersion") && !field.contains("ERSION") && !field.contains('q') && !field.contains('Q'))
    require(preferredMedia(wish, kOffers) == 1, "a closer range overrules the others");
  static_cast<void>(takesCoding(field, "gzip"));
  require(takesCoding("gzip," + std::string(field), "gzip"), "a coding that is named first is taken");
  return 0;
}
