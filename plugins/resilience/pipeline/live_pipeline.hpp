// The pipeline of a name, replaced while calls run: a run keeps the one it has begun with. Thread safety: all functions from
// any thread; pin() takes no lock and waits for nobody.
//
// Rationale: not std::atomic<std::shared_ptr>, which locks a bit inside and is opaque to the thread sanitizer. A version is
// freed by a later replace(), or with this, once nobody is between reading its address and counting himself, and nobody
// counts as its user.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "pipeline/pipeline.hpp"

namespace revenge::resilience {

class LivePipeline {
  struct Version {
    explicit Version(std::shared_ptr<const Pipeline> its_pipeline) : pipeline(std::move(its_pipeline)) {}
    // shared: with runs that are not bound to a thread.
    const std::shared_ptr<const Pipeline> pipeline;
    std::atomic<std::uint64_t> users = 0;
  };

 public:
  // Holds the version it found. Must not outlive the LivePipeline.
  class Pin {
   public:
    Pin(Pin&& other) noexcept : version_(std::exchange(other.version_, nullptr)) {}
    Pin& operator=(Pin&&) = delete;
    ~Pin() {
      if (version_ != nullptr) version_->users.fetch_sub(1, std::memory_order_release);
    }
    const Pipeline& operator*() const noexcept { return *version_->pipeline; }
    const Pipeline* operator->() const noexcept { return version_->pipeline.get(); }
    // For start(): holds it beyond the pin.
    const std::shared_ptr<const Pipeline>& shared() const noexcept { return version_->pipeline; }

   private:
    friend class LivePipeline;
    explicit Pin(Version* version) noexcept : version_(version) {}
    Version* version_;
  };

  explicit LivePipeline(std::shared_ptr<const Pipeline> pipeline) { replace(std::move(pipeline)); }
  LivePipeline(const LivePipeline&) = delete;
  LivePipeline& operator=(const LivePipeline&) = delete;
  // Requires: no pin is left.
  ~LivePipeline() = default;

  Pin pin() noexcept {
    // Each side writes before it reads, in one order for all: either replace() sees who enters, or he sees the new version.
    entering_.fetch_add(1, std::memory_order_seq_cst);
    Version* const version = current_.load(std::memory_order_seq_cst);
    version->users.fetch_add(1, std::memory_order_relaxed);
    entering_.fetch_sub(1, std::memory_order_release);
    return Pin(version);
  }

  void replace(std::shared_ptr<const Pipeline> pipeline) {
    const std::lock_guard lock(mutex_);
    versions_.push_back(std::make_unique<Version>(std::move(pipeline)));
    Version* const current = versions_.back().get();
    current_.store(current, std::memory_order_seq_cst);
    if (entering_.load(std::memory_order_seq_cst) != 0) return;
    std::erase_if(versions_, [&](const std::unique_ptr<Version>& version) {
      return version.get() != current && version->users.load(std::memory_order_acquire) == 0;
    });
  }

  // The current one and those that runs still hold, or held at the last replace().
  std::size_t versions() const {
    const std::lock_guard lock(mutex_);
    return versions_.size();
  }

 private:
  alignas(64) std::atomic<std::uint64_t> entering_ = 0;
  std::atomic<Version*> current_ = nullptr;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Version>> versions_;  // guarded by mutex_
};

}  // namespace revenge::resilience
