// What an instance keeps alive for the host: handlers, jobs, running coroutines.
//
// Thread safe. The scope owns its members: each ends by `end`, or all at `clear`, latest registered first,
// which the instance's destroy calls when the host enters it no more.
#pragma once

#include <memory>
#include <mutex>

namespace revenge {

class Scope {
 public:
  class Member {
   public:
    Member() = default;
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    virtual ~Member() = default;

   private:
    friend Scope;
    Member* older_ = nullptr;
    Member* newer_ = nullptr;
  };

  Scope() = default;
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() { clear(); }

  template <class T>
  T& adopt(std::unique_ptr<T> member) {
    const std::lock_guard lock(mutex_);
    member->older_ = newest_;
    if (newest_ != nullptr) newest_->newer_ = member.get();
    newest_ = member.get();
    return *member.release();
  }

  // Destroys one member, outside the lock: its destructor may come back here.
  void end(Member& member) { release(member).reset(); }

  // Gives one member back to the caller.
  std::unique_ptr<Member> release(Member& member) {
    const std::lock_guard lock(mutex_);
    return unlink(member);
  }

  void clear() {
    while (auto member = takeNewest()) member.reset();
  }

 private:
  std::unique_ptr<Member> takeNewest() {
    const std::lock_guard lock(mutex_);
    return newest_ == nullptr ? nullptr : unlink(*newest_);
  }

  std::unique_ptr<Member> unlink(Member& member) {
    (member.newer_ == nullptr ? newest_ : member.newer_->older_) = member.older_;
    if (member.older_ != nullptr) member.older_->newer_ = member.newer_;
    return std::unique_ptr<Member>(&member);
  }

  std::mutex mutex_;
  Member* newest_ = nullptr;
};

}  // namespace revenge
