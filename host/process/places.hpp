// How many children there may be at once, of one owner and of all: who comes when there is no place waits in the order of
// coming; of an owner whose places are taken only the others pass by. Thread safety: any thread; nobody is called with the
// lock held.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace revenge::process {

class Guest {
 public:
  virtual ~Guest() = default;
  virtual void admitted() = 0;  // there is a place, until Places::leave()
  virtual const std::string& owner() const = 0;
};

class Places {
 public:
  Places(std::size_t total, std::size_t each) : total_(total), each_(each) {}

  void enter(const std::shared_ptr<Guest>& guest);
  // True: it waited, and waits no more. False: it has been admitted, or is just about to be.
  bool giveUp(const Guest& guest);
  void leave(const std::string& owner);

  std::size_t taken() const;

 private:
  std::vector<std::shared_ptr<Guest>> next();  // REQUIRES mutex_

  const std::size_t total_;
  const std::size_t each_;
  mutable std::mutex mutex_;  // guards what follows
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t, std::less<>> by_owner_;
  std::deque<std::shared_ptr<Guest>> waiting_;
};

}  // namespace revenge::process
