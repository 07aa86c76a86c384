#include <new>
#include <stdexcept>

#include <gtest/gtest.h>

#include <revenge/boundary.hpp>

namespace revenge {
namespace {

struct Seen {
  revenge_status status;
  std::string message;
};

template <class Function>
Seen across(Function function) {
  boundary::ErrorText error;
  const revenge_status status = boundary::guarded(&error, function);
  return {status, std::string(boundary::text(error))};
}

TEST(Boundary, TurnsEveryKindOfExceptionIntoAStatusAndAText) {
  const Seen standard = across([] { throw std::runtime_error("disk full"); });
  EXPECT_EQ(standard.status, REVENGE_FAILED);
  EXPECT_EQ(standard.message, "disk full");
  const Seen number = across([] { throw 7; });
  EXPECT_EQ(number.status, REVENGE_FAILED);
  EXPECT_EQ(number.message, "an exception that is no std::exception");
  const Seen memory = across([] { throw std::bad_alloc(); });
  EXPECT_EQ(memory.status, REVENGE_LIMIT);
  const Seen failure = across([] { throw Failure(Errc::kNotFound, "no such film"); });
  EXPECT_EQ(failure.status, REVENGE_NOT_FOUND);
  EXPECT_EQ(failure.message, "no such film");
}

TEST(Boundary, PassesAStatusWithItsMessage) {
  const Seen refused = across([]() -> Status { return fail(Errc::kRefused, "not now"); });
  EXPECT_EQ(refused.status, REVENGE_REFUSED);
  EXPECT_EQ(refused.message, "not now");
  EXPECT_EQ(across([] {}).status, REVENGE_OK);
  EXPECT_EQ(across([]() -> Status { return {}; }).status, REVENGE_OK);
}

TEST(Boundary, AllowsACallerWithoutAnErrorStruct) {
  EXPECT_EQ(boundary::guarded(nullptr, [] { throw std::runtime_error("lost"); }), REVENGE_FAILED);
}

TEST(Boundary, CutsALongMessageBetweenTwoCharacters) {
  boundary::ErrorText error;
  boundary::write(&error, std::string(REVENGE_ERROR_TEXT - 1, 'x') + "\u00e9");
  EXPECT_EQ(error.length, REVENGE_ERROR_TEXT - 1U);
  boundary::write(&error, std::string(REVENGE_ERROR_TEXT - 2, 'x') + "\u00e9");
  EXPECT_EQ(error.length, static_cast<std::uint32_t>(REVENGE_ERROR_TEXT));
}

TEST(Boundary, TreatsAnUnknownFailureAsFailed) {
  EXPECT_EQ(boundary::failure(-900, nullptr).code, Errc::kFailed);
  EXPECT_EQ(boundary::failure(REVENGE_IO, nullptr).code, Errc::kIo);
  EXPECT_TRUE(boundary::status(REVENGE_END, nullptr));
}

TEST(Boundary, HandsBytesOverAndBack) {
  const std::string bytes(100'000, 'b');
  EXPECT_EQ(boundary::take(boundary::give(bytes)), bytes);
}

TEST(Status, TakesARefusalOfTheDomainAsItIs) {
  const std::expected<void, std::string> domain = std::unexpected("greeting: empty");
  const Status status = domain;
  EXPECT_EQ(status.error().code, Errc::kRefused);
  EXPECT_EQ(status.error().message, "greeting: empty");
}

}  // namespace
}  // namespace revenge
