#include "http/redacted_query.hpp"

#include <gtest/gtest.h>

namespace revenge::http {
namespace {

std::string shown(std::string_view query) { return redactedQuery(query, 200); }

TEST(RedactedQuery, SecretsReadRedacted) {
  EXPECT_EQ(shown("a=1&api_key=tiger&b=2"), "a=1&api_key=REDACTED&b=2");
  for (const char* name :
       {"sig", "Signature", "X-Goog-Signature", "AWSAccessKeyId", "access_token", "PASSWORD", "X-Emby-Token",
        "client_secret", "ApiKey", "key", "pw", "code", "authorization"}) {
    EXPECT_EQ(shown(std::string(name) + "=tiger"), std::string(name) + "=REDACTED");
  }
}

TEST(RedactedQuery, OtherParametersStayAsTheyCame) {
  for (const char* query : {"", "a", "a=", "q=%41+b&page=2", "keys=1&decode=2&sign=3", "&&", "a=b;c=d"})
    EXPECT_EQ(shown(query), query);
}

TEST(RedactedQuery, ANameThatIsEscapedMayBeAnyName) {
  EXPECT_EQ(shown("to%6ben=tiger&a=%20"), "to%6ben=REDACTED&a=%20");
  EXPECT_EQ(shown("token;token=tiger"), "token;token=REDACTED");
}

TEST(RedactedQuery, IsCutBehindAWholeParameter) {
  EXPECT_EQ(redactedQuery("a=1234&b=5678", 10), "a=1234&");
  EXPECT_EQ(redactedQuery("token=x&b=5678", 8), "");
}

}  // namespace
}  // namespace revenge::http
