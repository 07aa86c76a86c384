// What is still to be sent on one connection: text, a body that somebody owns, regions of a file, in order. Gathers
// memory into one system call and sends files from the page cache. Thread safety: belongs to a loop; recycled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace revenge::http {

class Output {
 public:
  enum class Sent : std::uint8_t {
    kAll,
    kBlocked,  // the socket is full
    kYield,    // as much as one turn may send; go on later
    kShort,    // the file ended early: the connection must be cut
    kFailed,   // the peer has gone
  };
  static constexpr std::size_t kBytesPerTurn = 2U << 20U;

  void clear();
  void restart();                        // for what comes next of the same answer; total() goes on
  std::string& text() { return text_; }  // written first, then named by addText
  void addText(std::size_t from);        // everything behind `from`
  void addBody(std::string_view body);   // lives until kAll
  void addFile(int fd, std::uint64_t offset, std::uint64_t length);

  bool empty() const { return at_ == pieces_.size(); }
  std::uint64_t bytes() const { return bytes_; }            // sent since restart()
  std::uint64_t total() const { return before_ + bytes_; }  // sent since clear()
  Sent send(int socket);

 private:
  struct Piece {
    enum class Kind : std::uint8_t { kText, kBody, kFile };
    Kind kind;
    int fd;
    const char* data;      // kBody
    std::uint64_t offset;  // kText, kFile
    std::uint64_t length;
  };
  Sent sendMemory(int socket);
  Sent sendFile(int socket);
  void consume(std::uint64_t bytes);

  std::string text_;
  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t before_ = 0;
};

}  // namespace revenge::http
