#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

// An interface between two plugins, as its header would declare it.
struct acme_store {
  std::uint32_t size;
  std::uint32_t reserved;
  revenge_status (*put)(void* self, const revenge_call* call, revenge_view key, revenge_error* error);
  std::int64_t (*count)(void* self, const revenge_call* call);
  revenge_status (*open)(void* self, const revenge_call* call, revenge_handle* cursor, revenge_error* error);
  revenge_status (*next)(void* self, const revenge_call* call, revenge_handle cursor, revenge_error* error);
  revenge_status (*load)(void* self, const revenge_call* call, revenge_handle done, revenge_error* error);
};

namespace revenge {

template <>
inline constexpr const char* InterfaceId<acme_store> = "acme.store/1";

namespace {

using testing::FakeHost;

struct Cursor {
  explicit Cursor(int& alive) : alive_(&alive) { ++*alive_; }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  ~Cursor() { --*alive_; }
  int at = 0;

 private:
  int* alive_;
};

class Store : public Plugin<> {
 public:
  explicit Store(Host& host) {
    table_.put = [](void* self, const revenge_call*, revenge_view key, revenge_error* error) {
      return boundary::guarded(error, [&]() -> Status {
        if (key.size == 0) return fail(Errc::kInvalid, "empty key");
        ++static_cast<Store*>(self)->count_;
        return {};
      });
    };
    table_.count = [](void* self, const revenge_call* call) {
      return static_cast<Store*>(self)->count_ * 100 + call->depth;
    };
    table_.open = [](void* self, const revenge_call* call, revenge_handle* cursor, revenge_error* error) {
      auto& store = *static_cast<Store*>(self);
      return boundary::guarded(error, [&] {
        *cursor = orThrow(store.Plugin::host().services().lend(Call(store.Plugin::host(), call),
                                                               std::make_unique<Cursor>(store.cursors)));
      });
    };
    table_.next = [](void* self, const revenge_call*, revenge_handle cursor,
                     revenge_error*) -> revenge_status {
      auto* lent = static_cast<Store*>(self)->host().services().lent<Cursor>(cursor);
      if (lent == nullptr) return REVENGE_GONE;
      return ++lent->at > 2 ? REVENGE_END : REVENGE_OK;
    };
    table_.load = [](void* self, const revenge_call*, revenge_handle done, revenge_error* error) {
      auto& store = *static_cast<Store*>(self);
      if (store.answersInPlace) return boundary::report(Status(fail(Errc::kLimit, "full")), error);
      store.loading.emplace(store.host().services().accept(
          done, [&store, onCancel = store.onCancel] { store.cancelled = true; }));
      return revenge_status{REVENGE_PENDING};
    };
    host.services().provide(table_, this);
  }

  int cursors = 0;
  bool cancelled = false;
  bool answersInPlace = false;
  std::function<void()> onCancel{};
  std::optional<Completion> loading;
  using Plugin::host;

 private:
  acme_store table_ = boundary::sized<acme_store>();
  std::int64_t count_ = 0;
};

class Reader : public Plugin<> {
 public:
  explicit Reader(Host& host) : store(host.services().require<acme_store>()) {}
  using Plugin::host;
  Slot<acme_store> store;

  Status put(std::string_view key) {
    return store.call(host().call(), [&](const acme_store& table, void* self, const revenge_call* call,
                                         revenge_error* error) {
      return table.put(self, call, boundary::view(key), error);
    });
  }
  auto load() {
    return store.start(host().call(),
                       [](const acme_store& table, void* self, const revenge_call* call, revenge_handle done,
                          revenge_error* error) { return table.load(self, call, done, error); });
  }
};

struct ServiceTest : ::testing::Test {
  FakeHost fake;
  std::optional<testing::Loaded<Store>> provider = fake.load<Store>();
  testing::Loaded<Reader> consumer = fake.load<Reader>();
  Host& host = consumer->host();
  std::string loaded;

  void startLoading() {
    run(host, [](Reader& reader, std::string& to) -> Task<> {
      const Result<std::string> result = co_await reader.load();
      to = result ? *result : "error: " + result.error().message;
    }(*consumer, loaded));
  }
};

TEST_F(ServiceTest, CallsTheProviderAndLeavesItEachTime) {
  EXPECT_TRUE(consumer->put("a"));
  EXPECT_EQ(consumer->put("").error().message, "empty key");
  const Result<std::int64_t> count =
      consumer->store.call(host.call(), [](const acme_store& table, void* self, const revenge_call* call,
                                           revenge_error*) { return table.count(self, call); });
  EXPECT_EQ(*count, 101);
  EXPECT_EQ(fake.services().entered(), 0);
}

TEST_F(ServiceTest, LeavesTheProviderWhenTheCallerThrows) {
  EXPECT_THROW(static_cast<void>(consumer->store.call(
                   host.call(),
                   [](const acme_store&, void*, const revenge_call*, revenge_error*) -> revenge_status {
                     throw std::runtime_error("x");
                   })),
               std::runtime_error);
  EXPECT_EQ(fake.services().entered(), 0);
}

TEST_F(ServiceTest, IsUnavailableWithoutAProviderAndComesBack) {
  provider.reset();
  EXPECT_EQ(consumer->put("a").error().code, Errc::kUnavailable);
  provider.emplace(fake.load<Store>());
  EXPECT_TRUE(consumer->put("a"));
}

TEST_F(ServiceTest, EndsALeaseOnceWithItsOwner) {
  revenge_handle cursor = 0;
  ASSERT_TRUE(consumer->store.call(
      host.call(), [&](const acme_store& table, void* self, const revenge_call* call, revenge_error* error) {
        return table.open(self, call, &cursor, error);
      }));
  {
    const Lease lease = host.services().lease(cursor);
    const auto next = [&](const acme_store& table, void* self, const revenge_call* call,
                          revenge_error* error) { return table.next(self, call, lease->handle(), error); };
    EXPECT_TRUE(consumer->store.call(host.call(), lease, next));
    EXPECT_EQ((*provider)->cursors, 1);
    EXPECT_EQ(host.services().lent<Cursor>(cursor), nullptr);
  }
  EXPECT_EQ((*provider)->cursors, 0);
  EXPECT_EQ(fake.services().leases(), 0U);
}

TEST_F(ServiceTest, StartsAWaitInsideTheIssuerOfALease) {
  revenge_handle cursor = 0;
  ASSERT_TRUE(consumer->store.call(
      host.call(), [&](const acme_store& table, void* self, const revenge_call* call, revenge_error* error) {
        return table.open(self, call, &cursor, error);
      }));
  Lease lease = host.services().lease(cursor);
  const auto load = [](const acme_store& table, void* self, const revenge_call* call, revenge_handle done,
                       revenge_error* error) { return table.load(self, call, done, error); };
  (*provider)->answersInPlace = true;
  EXPECT_EQ(consumer->store.start(host.call(), lease, load).wait().error().code, Errc::kLimit);
  const Lease ended = host.services().lease(cursor);
  lease.end();
  EXPECT_EQ(consumer->store.start(host.call(), ended, load).wait().error().code, Errc::kGone);
  EXPECT_EQ(fake.services().entered(), 0);
}

TEST_F(ServiceTest, CallsAnothersCallbackUntilItsOwnerEndsIt) {
  Callback callback = (*provider)->host().services().callback([](const Call&, std::string_view argument) {
    return Result<std::string>("seen " + std::string(argument));
  });
  const revenge_handle handle = callback->handle();
  EXPECT_EQ(*host.services().invoke(host.call(), handle, "x"), "seen x");
  callback.end();
  EXPECT_EQ(host.services().invoke(host.call(), handle, "x").error().code, Errc::kGone);
  EXPECT_EQ(fake.services().callbacks(), 0U);
}

TEST_F(ServiceTest, TurnsWhatACallbackThrowsIntoAFailure) {
  const Callback callback = (*provider)->host().services().callback(
      [](const Call&, std::string_view) -> Result<std::string> { throw std::runtime_error("torn"); });
  EXPECT_EQ(host.services().invoke(host.call(), callback->handle(), "").error().message, "torn");
}

TEST_F(ServiceTest, AwaitsACompletionOfTheProvider) {
  startLoading();
  EXPECT_EQ(loaded, "");
  EXPECT_TRUE((*provider)->loading->finish("bytes"));
  EXPECT_EQ(loaded, "bytes");
  EXPECT_EQ(fake.services().waits(), 0U);
}

TEST_F(ServiceTest, TakesAnAnswerInPlaceAndLeavesNoWaitBehind) {
  (*provider)->answersInPlace = true;
  startLoading();
  EXPECT_EQ(loaded, "error: full");
  EXPECT_EQ(consumer->load().wait().error().code, Errc::kLimit);
  EXPECT_EQ(fake.services().waits(), 0U);
}

TEST_F(ServiceTest, FailsACompletionThatTheProviderDropped) {
  startLoading();
  (*provider)->loading.reset();
  EXPECT_EQ(loaded, "error: the provider dropped the completion");
}

TEST_F(ServiceTest, CancelsAWaitBeforeItsConsumerIsDestroyedAndTellsTheProvider) {
  startLoading();
  consumer.unload();
  EXPECT_EQ(loaded, "error: status -10 without a reason");
  EXPECT_TRUE((*provider)->cancelled);
  EXPECT_EQ((*provider)->loading->finish("late").error().code, Errc::kGone);
}

// Copies are alive as long as the function that captured one.
using Counted = std::shared_ptr<int>;

TEST_F(ServiceTest, KeepsNothingOfCallbacksAndWaitsThatHaveEnded) {
  constexpr int kTimes = 10'000;
  const Counted counted = std::make_shared<int>();
  Host& owner = (*provider)->host();
  for (int i = 0; i < kTimes; ++i) {
    const Callback callback = owner.services().callback(
        [counted](const Call&, std::string_view) { return Result<std::string>(std::string()); });
    static_cast<void>(host.services().invoke(host.call(), callback->handle(), ""));
  }
  EXPECT_EQ(counted.use_count(), 1);
  (*provider)->onCancel = [counted] {};
  const long before = counted.use_count();
  for (int i = 0; i < kTimes; ++i) {
    startLoading();
    if (i % 2 == 0) static_cast<void>((*provider)->loading->finish("bytes"));
    (*provider)->loading.reset();
  }
  EXPECT_EQ(counted.use_count(), before);
}

TEST_F(ServiceTest, KeepsACallbackThatEndsItselfUntilItHasReturned) {
  const Counted counted = std::make_shared<int>();
  Callback callback;
  long during = 0;
  callback = host.services().callback([&, counted](const Call&, std::string_view) {
    callback.end();
    during = counted.use_count();
    return Result<std::string>("ended");
  });
  EXPECT_EQ(*host.services().invoke(host.call(), callback->handle(), ""), "ended");
  EXPECT_EQ(during, 2);
  EXPECT_EQ(counted.use_count(), 1);
}

TEST_F(ServiceTest, KeepsNothingForACompletionItCannotAccept) {
  const Counted counted = std::make_shared<int>();
  EXPECT_THROW((*provider)->host().services().accept(99, [counted] {}), Failure);
  EXPECT_EQ(counted.use_count(), 1);
}

TEST_F(ServiceTest, ForgetsTheCallbacksOfAPluginThatFailsToBeMade) {
  static Counted counted = std::make_shared<int>();
  struct Failing : Plugin<> {
    explicit Failing(Host& host) {
      host.services().callback(
          [held = counted](const Call&, std::string_view) { return Result<std::string>(std::string()); });
      throw std::runtime_error("no");
    }
  };
  EXPECT_FALSE(fake.tryLoad<Failing>());
  EXPECT_EQ(counted.use_count(), 1);
  EXPECT_EQ(fake.services().callbacks(), 0U);
}

TEST_F(ServiceTest, EndsWhatAProviderAcceptedWhenItLeaves) {
  startLoading();
  provider.reset();
  EXPECT_EQ(loaded, "error: status -7 without a reason");
}

TEST_F(ServiceTest, GivesTokensThatNeverRepeat) {
  EXPECT_NE(host.services().token(), host.services().token());
}

}  // namespace
}  // namespace revenge
