// A slab of things the host keeps for instances (timers, responders, callbacks, metric series): each under a
// 64-bit handle that is refused when it is stale, made up, of another table, or of another instance; and all
// that an instance left behind can be withdrawn at once. Thread safety: any thread; nothing is called with
// the lock held, values come out as copies or moves. Owned by the room that keeps the things.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "service/refs.hpp"

namespace revenge::service {

// T: movable; copyable for find().
template <typename T>
class HandleTable {
 public:
  using Handle = std::uint64_t;  // generation << 32 | kind << 24 | index; 0 is none

  struct Item {
    Handle handle = 0;
    InstanceRef owner;
    T value;
  };

  // `kind` tells the handles of one table from those of another: give each table of the host its own.
  explicit HandleTable(std::uint8_t kind) : kind_(kind) {}
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  // 0 when `limit` things of this owner are here already, or the table is full (16 million).
  Handle add(InstanceRef owner, T value, std::size_t limit = kMaxIndex) {
    const std::scoped_lock lock(mutex_);
    if (countLocked(owner) >= limit) return 0;
    if (free_.empty()) {
      if (entries_.size() == kMaxIndex) return 0;
      free_.push_back(static_cast<std::uint32_t>(entries_.size()));
      entries_.emplace_back();
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    Entry& entry = entries_[index];
    entry.owner = owner;
    entry.value.emplace(std::move(value));
    ++counts_[owner];
    return handleOf(index);
  }

  // The thing and whose it is, copied; empty when the handle leads nowhere (any more).
  std::optional<Item> find(Handle handle) const {
    const std::scoped_lock lock(mutex_);
    const Entry* entry = at(handle);
    if (entry == nullptr) return std::nullopt;
    return Item{handle, entry->owner, *entry->value};
  }
  // Only for its owner.
  std::optional<T> find(Handle handle, InstanceRef owner) const {
    const std::scoped_lock lock(mutex_);
    const Entry* entry = at(handle);
    if (entry == nullptr || entry->owner != owner) return std::nullopt;
    return entry->value;
  }

  // Removes: of all who race for it exactly one gets the thing.
  std::optional<Item> take(Handle handle) {
    const std::scoped_lock lock(mutex_);
    Entry* entry = at(handle);
    return entry == nullptr ? std::nullopt : std::optional(takeLocked(handle, *entry));
  }
  std::optional<Item> take(Handle handle, InstanceRef owner) {
    const std::scoped_lock lock(mutex_);
    Entry* entry = at(handle);
    return entry == nullptr || entry->owner != owner ? std::nullopt
                                                     : std::optional(takeLocked(handle, *entry));
  }

  // Only when matches(const T&), which runs under the lock.
  template <typename Matches>
  std::optional<Item> takeIf(Handle handle, Matches matches) {
    const std::scoped_lock lock(mutex_);
    Entry* entry = at(handle);
    return entry == nullptr || !matches(std::as_const(*entry->value))
               ? std::nullopt
               : std::optional(takeLocked(handle, *entry));
  }

  // Changes a thing in place: change(T&) runs under the lock, so it must only assign. False: no such thing.
  template <typename Change>
  bool update(Handle handle, Change change) {
    const std::scoped_lock lock(mutex_);
    Entry* entry = at(handle);
    if (entry == nullptr) return false;
    change(*entry->value);
    return true;
  }

  // visit(handle, owner, const T&) for each, under the lock: it must only look.
  template <typename Visit>
  void forEach(Visit visit) const {
    const std::scoped_lock lock(mutex_);
    for (std::uint32_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_[i];
      if (entry.value) visit(handleOf(i), entry.owner, *entry.value);
    }
  }

  // What an instance left behind. Order: that of the slab, not of time.
  std::vector<Item> withdraw(InstanceRef owner) {
    const std::scoped_lock lock(mutex_);
    std::vector<Item> out;
    if (!counts_.contains(owner)) return out;
    for (std::uint32_t i = 0; i < entries_.size(); ++i) {
      Entry& entry = entries_[i];
      if (entry.value && entry.owner == owner) out.push_back(takeLocked(handleOf(i), entry));
    }
    return out;
  }

  std::size_t count(InstanceRef owner) const {
    const std::scoped_lock lock(mutex_);
    return countLocked(owner);
  }
  std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return entries_.size() - free_.size();
  }

 private:
  static constexpr std::size_t kMaxIndex = std::size_t{1} << 24;

  struct Entry {
    std::uint32_t generation = 1;
    InstanceRef owner;
    std::optional<T> value;
  };

  Handle handleOf(std::uint32_t index) const {
    return std::uint64_t{entries_[index].generation} << 32 | std::uint64_t{kind_} << 24 | index;
  }
  const Entry* at(Handle handle) const {
    const auto index = static_cast<std::uint32_t>(handle & (kMaxIndex - 1));
    if (index >= entries_.size() || handleOf(index) != handle || !entries_[index].value) return nullptr;
    return &entries_[index];
  }
  Entry* at(Handle handle) { return const_cast<Entry*>(std::as_const(*this).at(handle)); }

  Item takeLocked(Handle handle, Entry& entry) {
    Item item{handle, entry.owner, std::move(*entry.value)};
    if (const auto counted = counts_.find(entry.owner); --counted->second == 0) counts_.erase(counted);
    entry.value.reset();
    entry.owner = {};
    if (++entry.generation == 0) entry.generation = 1;
    free_.push_back(static_cast<std::uint32_t>(handle & (kMaxIndex - 1)));
    return item;
  }
  std::size_t countLocked(InstanceRef owner) const {
    const auto found = counts_.find(owner);
    return found == counts_.end() ? 0 : found->second;
  }

  const std::uint8_t kind_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::map<InstanceRef, std::size_t> counts_;
};

}  // namespace revenge::service
