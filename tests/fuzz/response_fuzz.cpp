// A response of another server, whole and byte by byte. The first byte chooses the method that was asked.
#include <cstdlib>
#include <string>

#include "http/response_reader.hpp"
#include "require.hpp"

namespace {

using revenge::fuzz::require;
using revenge::http::BodyEnd;
using revenge::http::Method;
using revenge::http::ResponseReader;
using Step = ResponseReader::Step;

struct Seen {
  Step end = Step::kNeedMore;
  unsigned status = 0;
  std::size_t fields = 0;
  std::size_t consumed = 0;
  std::string body;
  std::string why;

  bool operator==(const Seen&) const = default;
};

bool within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void look(const revenge::http::ResponseHead& head) {
  require(head.status >= 200 && head.status <= 599, "an interim head is nobody's response");
  for (const revenge_field& field : head.fields) {
    require(within({field.name.data, field.name.size}, head.bytes) &&
                within({field.value.data, field.value.size}, head.bytes),
            "fields are bytes of the head");
    require(field.name.size > 0, "a field has a name");
  }
}

Seen read(std::string_view bytes, std::size_t piece, Method method) {
  ResponseReader reader(4096);
  reader.begin(method);
  Seen seen;
  while (true) {
    const std::string_view given = bytes.substr(seen.consumed, piece);
    const auto [step, consumed, data] = reader.next(given);
    require(consumed <= given.size(), "no more is used than was given");
    require(within(data, given), "payload is a part of what was given");
    seen.consumed += consumed;
    seen.body += data;
    if (step == Step::kHead) {
      const auto head = reader.takeHead();
      require(head != nullptr, "a head comes once");
      look(*head);
      seen.status = head->status;
      seen.fields = head->fields.size();
    }
    if (step == Step::kEnd || step == Step::kBad) {
      seen.end = step;
      break;
    }
    if (step == Step::kNeedMore) {
      require(consumed == given.size(), "who needs more has used everything");
      if (seen.consumed == bytes.size()) {
        seen.end = reader.closed();
        break;
      }
    }
  }
  if (seen.end == Step::kBad) {
    seen.why = reader.why();
    require(!seen.why.empty(), "a refusal has its reason");
    seen.consumed = 0;  // where it was found does not matter
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const Method method = data[0] % 2 == 0 ? Method::kGet : Method::kHead;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen whole = read(bytes, bytes.size(), method);
  require(read(bytes, 1, method) == whole, "it does not matter in what pieces a response arrives");
  require(read(bytes, 7, method) == whole, "whatever their size");
  require(method == Method::kGet || whole.body.empty(), "a HEAD has no body");
  return 0;
}
