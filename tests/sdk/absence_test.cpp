#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

struct acme_titles {
  std::uint32_t size;
  std::uint32_t reserved;
  revenge_status (*find)(void* self, std::int64_t id, std::int64_t* title, revenge_error* error);
};

namespace revenge {

template <>
inline constexpr const char* InterfaceId<acme_titles> = "acme.titles/1";

namespace {

using testing::FakeHost;

// Answers ten times the id; nothing for 0; and 1 is more than it can do just now.
struct Titles : Plugin<> {
  explicit Titles(Host& host) {
    table_.find = [](void*, std::int64_t id, std::int64_t* title, revenge_error*) -> revenge_status {
      *title = id * 10;
      if (id == 0) return REVENGE_NOT_FOUND;
      return id == 1 ? REVENGE_UNAVAILABLE : REVENGE_OK;
    };
    host.services().provide(table_, this);
  }

 private:
  acme_titles table_ = boundary::sized<acme_titles>();
};

struct Reader : Plugin<> {
  explicit Reader(Host& host) : titles(host.services().require<acme_titles>()) {}

  Asked<std::int64_t> find(std::int64_t id) {
    return titles.ask(host().call(),
                      [id](const acme_titles& table, void* self, const revenge_call*,
                           revenge_error* error) -> Result<std::int64_t> {
                        std::int64_t title = 0;
                        const revenge_status status = table.find(self, id, &title, error);
                        if (status < 0) return std::unexpected(boundary::failure(status, error));
                        return title;
                      });
  }
  using Plugin::host;
  Slot<acme_titles> titles;
};

struct AbsenceTest : ::testing::Test {
  using Kept = LastGood<std::int64_t, std::int64_t>;

  FakeHost fake;
  std::optional<testing::Loaded<Titles>> provider = fake.load<Titles>();
  testing::Loaded<Reader> reader = fake.load<Reader>();
  Kept kept{2};

  Result<Kept::Answer> settle(std::int64_t id) { return kept.settle(id, reader->find(id)); }
};

TEST_F(AbsenceTest, IsToldFromAFailureOfTheProvidersOwn) {
  EXPECT_FALSE(reader->find(2).away);
  const auto busy = reader->find(1);
  EXPECT_EQ(busy.result.error().code, Errc::kUnavailable);
  EXPECT_FALSE(busy.away);
  provider.reset();
  const auto none = reader->find(1);
  EXPECT_EQ(none.result.error().code, Errc::kUnavailable);
  EXPECT_TRUE(none.away);
}

TEST_F(AbsenceTest, IsBypassedWithTheStatedValueAndAFailureIsNot) {
  EXPECT_EQ(bypass(reader->find(2), 7), 20);
  EXPECT_EQ(bypass(reader->find(0), 7).error().code, Errc::kNotFound);
  EXPECT_EQ(bypass(reader->find(1), 7).error().code, Errc::kUnavailable);
  provider.reset();
  EXPECT_EQ(bypass(reader->find(2), 7), 7);
  EXPECT_TRUE(bypass(Asked<void>{fail(Errc::kBusy, "held"), true}));
  EXPECT_FALSE(bypass(Asked<void>{fail(Errc::kBusy, "its own")}));
}

TEST_F(AbsenceTest, IsAnsweredWithTheLastGoodValueMarkedAsSuch) {
  EXPECT_FALSE(settle(2)->stale);
  EXPECT_EQ(settle(0).error().code, Errc::kNotFound);
  provider.reset();
  const auto known = settle(2);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->value, 20);
  EXPECT_TRUE(known->stale);
  EXPECT_EQ(settle(0).error().code, Errc::kUnavailable);
  provider.emplace(fake.load<Titles>());
  EXPECT_FALSE(settle(2)->stale);
}

TEST_F(AbsenceTest, PassesAFailureOnAlthoughAValueIsKept) {
  ASSERT_TRUE(kept.settle(1, Asked<std::int64_t>{5}));
  EXPECT_EQ(settle(1).error().code, Errc::kUnavailable);
  provider.reset();
  EXPECT_EQ(settle(1)->value, 5);
  ASSERT_TRUE(kept.settle(1, Asked<std::int64_t>{6}));
  EXPECT_EQ(settle(1)->value, 6);
}

TEST_F(AbsenceTest, KeepsNoMoreValuesThanItsCapacity) {
  for (const std::int64_t id : {2, 3, 2, 4}) ASSERT_TRUE(settle(id));
  EXPECT_EQ(kept.size(), 2U);
  provider.reset();
  EXPECT_FALSE(settle(3));
  EXPECT_TRUE(settle(2)->stale);
  kept.forget(2);
  EXPECT_FALSE(settle(2));
  EXPECT_TRUE(settle(4)->stale);
}

}  // namespace
}  // namespace revenge
