#include "service/directory.hpp"

#include <gtest/gtest.h>

#include "service/domain.hpp"

namespace revenge::service {
namespace {

const InterfaceId kSql{"revenge.sql", 1};
const int kTable = 0;

class DirectoryTest : public testing::Test {
 protected:
  InstanceRef add(std::string name, Standing standing = Standing::kVisible) {
    const InstanceRef ref = domain_.instances().open().value();
    directory_.add(ref, std::move(name), standing);
    return ref;
  }
  InstanceRef provider(std::string name, Standing standing = Standing::kVisible,
                       const InterfaceId& interface = kSql) {
    const InstanceRef ref = add(std::move(name), standing);
    EXPECT_TRUE(directory_.provide(ref, interface, &kTable, nullptr).has_value());
    return ref;
  }
  SlotRef require(InstanceRef consumer, Need need = Need::kRequired) {
    const SlotRef slot = domain_.generations().openSlot(consumer).value();
    EXPECT_TRUE(directory_.require(consumer, kSql, need, slot).has_value());
    return slot;
  }
  Resolved only() {
    const auto all = directory_.resolve();
    EXPECT_EQ(all.size(), 1U);
    return all.front();
  }

  Domain domain_;
  Directory directory_;
};

TEST(InterfaceId, IsANameAndARevision) {
  EXPECT_EQ(InterfaceId::parse("revenge.sql/1").value(), kSql);
  EXPECT_EQ(InterfaceId::parse("a/b/12").value(), (InterfaceId{"a/b", 12}));
  EXPECT_EQ(kSql.text(), "revenge.sql/1");
  for (const char* wrong : {"", "revenge.sql", "/1", "a/", "a/0", "a/1x", "a/-1", "a/99999999999"}) {
    EXPECT_EQ(InterfaceId::parse(wrong).error().code, base::Errc::kInvalid) << wrong;
  }
}

TEST_F(DirectoryTest, LeadsASlotToTheOneVisibleProvider) {
  require(add("metadata"));
  EXPECT_FALSE(only().bound());
  const InstanceRef database = provider("database");
  EXPECT_EQ(only().provider.instance, database);
  EXPECT_EQ(only().provider.table, &kTable);
  directory_.remove(database);
  EXPECT_FALSE(only().bound());
}

TEST_F(DirectoryTest, ExplainsWhyNobodyProvides) {
  require(add("metadata 0.1.0"));
  EXPECT_EQ(only().why, "metadata 0.1.0: revenge.sql/1 is offered by nobody");
  const InstanceRef later = provider("database 0.2.0", Standing::kVisible, {"revenge.sql", 2});
  EXPECT_EQ(only().why, "metadata 0.1.0: revenge.sql/1 is not offered; database 0.2.0 offers revenge.sql/2");
  directory_.remove(later);
  provider("database 0.1.0", Standing::kHidden);
  EXPECT_EQ(only().why, "metadata 0.1.0: revenge.sql/1 is offered by database 0.1.0, which does not serve");
}

TEST_F(DirectoryTest, LeavesAnAmbiguousSlotUnboundAndNamesBoth) {
  require(add("metadata"));
  provider("sqlite");
  provider("postgres");
  EXPECT_FALSE(only().bound());
  EXPECT_EQ(only().why, "metadata: revenge.sql/1 is offered by sqlite and postgres; disable all but one");
}

TEST_F(DirectoryTest, NeverLeadsAnInstanceToItself) {
  const InstanceRef wrapper = provider("wrapper");
  require(wrapper);
  EXPECT_FALSE(only().bound());
  const InstanceRef inner = provider("inner");
  EXPECT_EQ(only().provider.instance, inner);
}

TEST_F(DirectoryTest, SwapsWhenStandingChanges) {
  require(add("metadata"));
  const InstanceRef old = provider("database 1");
  const InstanceRef next = provider("database 2", Standing::kHidden);
  EXPECT_EQ(only().provider.instance, old);
  directory_.setStanding(old, Standing::kHidden);
  directory_.setStanding(next, Standing::kVisible);
  EXPECT_EQ(only().provider.instance, next);
}

TEST_F(DirectoryTest, KeepsAPinnedSlotWithItsProvider) {
  const SlotRef slot = require(add("metadata"));
  const InstanceRef old = provider("database 1", Standing::kHidden);
  provider("database 2");
  ASSERT_TRUE(directory_.pin(slot, old).has_value());
  EXPECT_EQ(only().provider.instance, old);
  directory_.remove(old);
  EXPECT_EQ(only().why,
            "metadata: its revenge.sql/1 stays with an instance that is gone, which does not offer it");
}

TEST_F(DirectoryTest, TellsWhatIsMissingAndWhoWouldWait) {
  const InstanceRef needs = add("needs");
  const InstanceRef likes = add("likes");
  require(needs);
  require(likes, Need::kOptional);
  EXPECT_EQ(directory_.missing(needs).size(), 1U);
  EXPECT_TRUE(directory_.missing(likes).empty());
  const InstanceRef database = provider("database");
  EXPECT_TRUE(directory_.missing(needs).empty());
  EXPECT_EQ(directory_.dependents(database), std::vector{needs});
}

TEST_F(DirectoryTest, RefusesTheSameOfferTwiceAndStrangers) {
  const InstanceRef database = provider("database");
  EXPECT_EQ(directory_.provide(database, kSql, &kTable, nullptr).error().code, base::Errc::kExists);
  EXPECT_EQ(directory_.provide(InstanceRef{99, 9}, kSql, &kTable, nullptr).error().code,
            base::Errc::kNotFound);
  EXPECT_TRUE(directory_.withdraw(database, kSql).has_value());
  EXPECT_EQ(directory_.withdraw(database, kSql).error().code, base::Errc::kNotFound);
  EXPECT_EQ(directory_.provisionOf(database, kSql).table, nullptr);
}

TEST_F(DirectoryTest, BindsWhatItResolved) {
  const SlotRef slot = require(add("metadata"));
  const InstanceRef database = provider("database");
  GenerationBuilder builder = domain_.build();
  bindAll(builder, directory_.resolve());
  ASSERT_TRUE(builder.publish().has_value());
  EXPECT_EQ(domain_.generations().boundTo(database), std::vector{slot});
  EXPECT_TRUE(SlotCall(domain_.generations(), slot));
}

}  // namespace
}  // namespace revenge::service
