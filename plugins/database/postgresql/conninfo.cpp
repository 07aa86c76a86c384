#include "postgresql/conninfo.hpp"

#include <string_view>

#include "postgresql/options.hpp"

namespace database::postgresql {

using revenge::Errc;
using revenge::fail;
using revenge::Result;

Result<Options> parsed(const std::string& url) {
  char* why = nullptr;
  Options options(PQconninfoParse(url.c_str(), &why));
  if (options) return options;
  std::string text = why == nullptr ? "out of memory" : why;
  PQfreemem(why);
  // libpq quotes what it did not understand, which may be the password.
  if (const std::size_t quote = text.find('"'); quote != std::string::npos) text.resize(quote);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == ':')) text.pop_back();
  return fail(Errc::kInvalid, "url: " + text);
}

void append(std::string& conninfo, std::string_view keyword, std::string_view value) {
  conninfo += conninfo.empty() ? "" : " ";
  conninfo += keyword;
  conninfo += "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo += '\\';
    conninfo += c;
  }
  conninfo += '\'';
}

Result<UrlParts> partsOf(const std::string& url) {
  const auto options = parsed(url);
  if (!options) return std::unexpected(options.error());
  UrlParts parts;
  for (const PQconninfoOption* option = options->get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::string_view(option->dispchar) != "*")
      append(parts.open, option->keyword, option->val);
    else if (option->envvar != nullptr)
      parts.secrets.emplace_back(option->envvar, option->val);
  }
  return parts;
}

std::string placeOf(const std::string& url) {
  const auto options = parsed(url);
  if (!options) return "?";
  std::string user;
  std::string host = "localhost";
  std::string port = "5432";
  std::string name;
  for (const PQconninfoOption* option = options->get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || *option->val == '\0') continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "user") user = option->val;
    if (keyword == "host") host = option->val;
    if (keyword == "port") port = option->val;
    if (keyword == "dbname") name = option->val;
  }
  return (user.empty() ? "" : user + "@") + host + ":" + port + "/" + (name.empty() ? user : name);
}

}  // namespace database::postgresql
