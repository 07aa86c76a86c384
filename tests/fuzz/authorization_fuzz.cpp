// Fields of a request over TCP, one a line, and what a certificate says ("certificate: CN=..."): nobody is anybody without
// a token or a certificate that is known, whoever is known has the role of that one alone, and no secret is shown.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/operators.hpp"
#include "http/bytes.hpp"
#include "http/text.hpp"
#include "require.hpp"

namespace {

using namespace revenge;
using fuzz::require;

class Request final : public http::Exchange {
 public:
  Request(const std::vector<revenge_field>& fields, std::string certificate)
      : certificate_(std::move(certificate)) {
    request_.headers = fields.data();
    request_.header_count = static_cast<decltype(request_.header_count)>(fields.size());
    request_.remote_address = http::view("192.0.2.1");
  }
  const revenge_http_request& request() const override { return request_; }
  const revenge_call& call() const override { std::abort(); }
  http::Handle handle() const override { return 0; }
  http::Caller owner() const override { return {}; }
  std::optional<http::PeerCredentials> peer() const override { return std::nullopt; }
  std::string certificate() const override { return certificate_; }
  std::uint32_t answered() const override { return 0; }
  http::Exchanges& exchanges() const override { std::abort(); }
  void setUserKey(std::string_view) override {}

 private:
  revenge_http_request request_{};
  const std::string certificate_;
};

const std::vector<admin::Token>& tokens() {
  static const std::vector<admin::Token> known{{"ci", "Zl9QxSteer-0123456789", admin::Role::kSteer},
                                               {"wall", "Zl9QxLook-9876543210", admin::Role::kLook}};
  return known;
}

// The first field of that name counts; nothing stands before, between or behind scheme and token.
const admin::Token* shownIn(const std::vector<revenge_field>& fields) {
  for (const revenge_field& field : fields) {
    if (!http::equalsIgnoringCase({field.name.data, field.name.size}, "authorization")) continue;
    const std::string_view value(field.value.data, field.value.size);
    for (const admin::Token& token : tokens()) {
      if (value.size() == 7 + token.secret.size() &&
          http::equalsIgnoringCase(value.substr(0, 7), "bearer ") && value.substr(7) == token.secret)
        return &token;
    }
    return nullptr;
  }
  return nullptr;
}

void check(const std::optional<admin::Operator>& known, const admin::Token* token,
           const std::string& certificate, const std::vector<admin::Certificate>& certificates) {
  const admin::Certificate* vouched = nullptr;
  for (const admin::Certificate& each : certificates) {
    if (each.subject == certificate) vouched = &each;
  }
  const bool is_vouched = !certificate.empty() && (certificates.empty() || vouched != nullptr);
  require(known.has_value() == (token != nullptr || is_vouched), "who is known shows what is known");
  if (!known) return;
  for (const admin::Token& each : tokens())
    require(!known->who.contains(each.secret) || certificate.contains(each.secret), "no secret is shown");
  require(known->address == "192.0.2.1" && !known->local && known->user.empty(), "it came over the network");
  if (token != nullptr) {
    require(known->token == token->name && known->role == token->role, "a token is itself and no other");
    require(known->certificate.empty(), "a token says more than a certificate");
  } else {
    require(known->token.empty() && known->certificate == certificate, "a certificate is itself");
    require(known->role == (vouched == nullptr ? admin::Role::kSteer : vouched->role), "and has its role");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<revenge_field> fields;
  std::string certificate;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 2);
    if (name == "certificate") {
      certificate = value;
    } else {
      fields.push_back({http::view(name), http::view(value)});
    }
  }
  const Request request(fields, certificate);
  const std::vector<admin::Certificate> named{{"CN=alice", admin::Role::kLook}};
  const admin::Token* const token = shownIn(fields);
  check(admin::Operators(tokens(), named).of(request), token, certificate, named);
  check(admin::Operators(tokens()).of(request), token, certificate, {});
  check(admin::Operators({}, named).of(request), nullptr, certificate, named);
  return 0;
}
