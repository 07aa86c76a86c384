// Direct play: what clients ask of a file, row by row.
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>

#include "http/http_date.hpp"
#include "unit/http/server_fixture.hpp"

namespace revenge::http {
namespace {

class Media : public ServerTest {
 protected:
  Media() {
    char name[] = "/tmp/revenge-media-XXXXXX";
    folder_ = ::mkdtemp(name);
    for (int i = 0; i < 1000; ++i) content_ += static_cast<char>('a' + i % 26);
    write("film", content_);
    write("empty", "");
    add("/film", [this](Exchange& exchange, revenge_error&) { return serve(exchange, "film", "\"e\""); });
    add("/plain", [this](Exchange& exchange, revenge_error&) { return serve(exchange, "film", ""); });
    add("/empty", [this](Exchange& exchange, revenge_error&) { return serve(exchange, "empty", "\"n\""); });
    add("/text", [this](Exchange& exchange, revenge_error&) { return answer(exchange, content_, "\"e\""); });
    start();
  }
  ~Media() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream(folder_ + "/new", std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    std::filesystem::rename(folder_ + "/new", folder_ + "/" + name);
  }
  revenge_status serve(Exchange& exchange, const std::string& name, std::string_view etag) const {
    Response response;
    response.content_type = "video/mp4";
    response.etag = etag;
    response.file.fd = base::UniqueFd(::open((folder_ + "/" + name).c_str(), O_RDONLY | O_CLOEXEC));
    response.session = "play-1";
    return exchange.respond(std::move(response)) ? REVENGE_OK : REVENGE_FAILED;
  }

  std::string folder_;
  std::string content_;
};

TEST_F(Media, WithoutRangeIsWhole) {
  const Reply reply = connect().get("/film");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Length"), "1000");
  EXPECT_EQ(reply.field("Accept-Ranges"), "bytes");
  EXPECT_EQ(reply.field("ETag"), "\"e\"");
  EXPECT_EQ(reply.field("Content-Type"), "video/mp4");
  EXPECT_TRUE(parseHttpDate(reply.field("Last-Modified")));
  EXPECT_EQ(reply.body, content_);
}

TEST_F(Media, DatesBeyondWhatNanosecondsReachStayInTheFuture) {
  const timespec year2400[2] = {{13'569'465'600, 0}, {13'569'465'600, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (folder_ + "/film").c_str(), year2400, 0), 0);
  const auto modified = parseHttpDate(connect().get("/plain").field("Last-Modified"));
  ASSERT_TRUE(modified);
  EXPECT_GT(*modified, 0);
}

TEST_F(Media, HeadAnswersAsGetWithoutRangeAndBody) {
  Client client = connect();
  std::string whole = client.get("/film").head;
  client.send("HEAD /film HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read(Client::Body::kNone).head, whole);
  client.send("HEAD /film HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n");
  EXPECT_EQ(client.read(Client::Body::kNone).head, whole);
  EXPECT_EQ(client.get("/film").body, content_);
}

TEST_F(Media, SinglePartsAre206) {
  struct Row {
    const char* range;
    const char* content_range;
    std::size_t first, count;
  };
  for (const char* path : {"/film", "/text"}) {
    Client client = connect();
    for (const Row& row :
         {Row{"bytes=0-", "bytes 0-999/1000", 0, 1000}, Row{"bytes=0-1", "bytes 0-1/1000", 0, 2},
          Row{"bytes=-2", "bytes 998-999/1000", 998, 2},
          Row{"bytes=990-5000", "bytes 990-999/1000", 990, 10}}) {
      const Reply reply = client.get(path, fmt::format("Range: {}\r\n", row.range));
      EXPECT_EQ(reply.status, 206) << row.range;
      EXPECT_EQ(reply.field("Content-Range"), row.content_range);
      EXPECT_EQ(reply.field("Content-Length"), std::to_string(row.count));
      EXPECT_EQ(reply.body, content_.substr(row.first, row.count));
    }
  }
}

TEST_F(Media, BehindTheEndIs416) {
  Client client = connect();
  for (const char* range : {"bytes=1000-", "bytes=-0"}) {
    const Reply reply = client.get("/film", fmt::format("Range: {}\r\n", range));
    EXPECT_EQ(reply.status, 416);
    EXPECT_EQ(reply.field("Content-Range"), "bytes */1000");
    EXPECT_EQ(reply.body, "");
  }
}

TEST_F(Media, MalformedRangesAreIgnored) {
  Client client = connect();
  for (const char* range :
       {"bytes=5-3", "bytes=a-b", "items=0-1", "bytes=0-9223372036854775808", "bytes=0-9,5-14",
        "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9,10-10,11-11,12-12,13-13,14-14,15-15,16-16"}) {
    const Reply reply = client.get("/film", fmt::format("Range: {}\r\n", range));
    EXPECT_EQ(reply.status, 200) << range;
    EXPECT_EQ(reply.body, content_);
  }
  EXPECT_EQ(client.get("/film", "Range: bytes=0-1\r\nRange: bytes=3-4\r\n").status, 200);
}

TEST_F(Media, SeveralPartsAreMultipart) {
  for (const char* path : {"/film", "/text"}) {
    const Reply reply = connect().get(path, "Range: bytes=0-0,10-19\r\n");
    EXPECT_EQ(reply.status, 206);
    const std::string type = reply.field("Content-Type");
    ASSERT_TRUE(type.starts_with("multipart/byteranges; boundary="));
    const std::string mark = type.substr(type.find('=') + 1);
    const std::string inner = path == std::string("/film") ? "video/mp4" : "text/plain";
    EXPECT_EQ(reply.body,
              fmt::format("--{0}\r\nContent-Type: {1}\r\nContent-Range: bytes 0-0/1000\r\n\r\na\r\n"
                          "--{0}\r\nContent-Type: {1}\r\nContent-Range: bytes 10-19/1000\r\n\r\n{2}\r\n"
                          "--{0}--\r\n",
                          mark, inner, content_.substr(10, 10)));
  }
}

TEST_F(Media, IfRangeNeedsTheVeryRepresentation) {
  Client client = connect();
  const std::string modified = client.get("/film").field("Last-Modified");
  const auto with = [&](const std::string& value) {
    return client.get("/film", "Range: bytes=0-1\r\nIf-Range: " + value + "\r\n").status;
  };
  EXPECT_EQ(with("\"e\""), 206);
  EXPECT_EQ(with("\"old\""), 200);
  EXPECT_EQ(with("W/\"e\""), 200);
  EXPECT_EQ(with(modified), 206);
  EXPECT_EQ(with("Sun, 06 Nov 1994 08:49:37 GMT"), 200);
  EXPECT_EQ(with("Sun, 06 Nov 2094 08:49:37 GMT"), 200);
  EXPECT_EQ(with("rubbish"), 200);
}

TEST_F(Media, ConditionsComeInOrder) {
  Client client = connect();
  const std::string modified = "If-Modified-Since: " + client.get("/film").field("Last-Modified") + "\r\n";
  const std::string old = "Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  const auto with = [&](const std::string& fields) { return client.get("/film", fields).status; };
  EXPECT_EQ(with("If-None-Match: \"e\"\r\n"), 304);
  EXPECT_EQ(with("If-None-Match: \"e\"\r\nRange: bytes=0-1\r\n"), 304);
  EXPECT_EQ(with("If-None-Match: \"a,b\", W/\"e\"\r\n"), 304);
  EXPECT_EQ(with("If-None-Match: *\r\n"), 304);
  EXPECT_EQ(with("If-None-Match: \"x\"\r\nIf-None-Match: \"e\"\r\n"), 304);
  EXPECT_EQ(with("If-None-Match: \"x\"\r\n" + modified), 200);
  EXPECT_EQ(with(modified), 304);
  EXPECT_EQ(with("If-Modified-Since: " + old), 200);
  EXPECT_EQ(with("If-Modified-Since: rubbish\r\n"), 200);
  EXPECT_EQ(with("If-Match: \"old\"\r\n"), 412);
  EXPECT_EQ(with("If-Match: W/\"e\"\r\n"), 412);
  EXPECT_EQ(with("If-Match: \"old\", \"e\"\r\n"), 200);
  EXPECT_EQ(with("If-Match: *\r\n"), 200);
  EXPECT_EQ(with("If-Unmodified-Since: " + old), 412);
  EXPECT_EQ(with("If-Match: \"e\"\r\nIf-Unmodified-Since: " + old), 200);
  EXPECT_EQ(with("If-Match: \"old\"\r\nIf-None-Match: \"e\"\r\n"), 412);
  EXPECT_EQ(with("If-Match: \"e\"\r\nIf-None-Match: \"e\"\r\n"), 304);
  EXPECT_EQ(with("If-Match: \"e\"\r\nRange: bytes=0-1\r\nIf-Range: \"e\"\r\n"), 206);
}

TEST_F(Media, NotModifiedSaysWhichAndHasNoBody) {
  Client client = connect();
  const Reply reply = client.get("/film", "If-None-Match: \"e\"\r\n");
  EXPECT_EQ(reply.field("ETag"), "\"e\"");
  EXPECT_EQ(reply.field("Content-Length"), "");
  EXPECT_EQ(reply.field("Content-Type"), "");
  EXPECT_EQ(client.get("/film").status, 200);
}

TEST_F(Media, AnEmptyFileIsWholeAlsoWithARange) {
  Client client = connect();
  for (const char* fields : {"", "Range: bytes=0-\r\n", "Range: bytes=-5\r\n"}) {
    const Reply reply = client.get("/empty", fields);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.field("Content-Length"), "0");
  }
}

TEST_F(Media, AReplacedFileHasANewTag) {
  Client client = connect();
  const std::string before = client.get("/plain").field("ETag");
  EXPECT_EQ(client.get("/plain", "Range: bytes=0-1\r\nIf-Range: " + before + "\r\n").status, 206);
  write("film", std::string(1000, 'z'));
  const Reply after = client.get("/plain", "Range: bytes=0-1\r\nIf-Range: " + before + "\r\n");
  EXPECT_EQ(after.status, 200);
  EXPECT_NE(after.field("ETag"), before);
  EXPECT_EQ(after.body, std::string(1000, 'z'));
}

TEST_F(Media, NeverCompresses) {
  const Reply reply = connect().get("/film", "Accept-Encoding: gzip, br\r\n");
  EXPECT_EQ(reply.field("Content-Encoding"), "");
  EXPECT_EQ(reply.body.size(), 1000U);
}

TEST_F(Media, IsExactBeyondFourGigabytes) {
  constexpr off_t kFar = (off_t{1} << 32) + 12345;
  const base::UniqueFd sparse(::open((folder_ + "/film").c_str(), O_WRONLY | O_TRUNC));
  ASSERT_EQ(::ftruncate(sparse.get(), kFar + 4), 0);
  ASSERT_EQ(::pwrite(sparse.get(), "tail", 4, kFar), 4);
  const Reply reply = connect().get("/film", fmt::format("Range: bytes={}-\r\n", kFar));
  EXPECT_EQ(reply.status, 206);
  EXPECT_EQ(reply.field("Content-Range"), fmt::format("bytes {}-{}/{}", kFar, kFar + 3, kFar + 4));
  EXPECT_EQ(reply.body, "tail");
}

TEST_F(Media, ATruncatedFileCutsTheConnectionShort) {
  constexpr std::size_t kSize = 64U << 20U;
  {
    const base::UniqueFd grown(::open((folder_ + "/film").c_str(), O_WRONLY));
    ASSERT_EQ(::ftruncate(grown.get(), kSize), 0);
  }
  Client client = connect();
  client.send("GET /film HTTP/1.1\r\nHost: a\r\n\r\n");
  client.readUntil("\r\n\r\n");
  const base::UniqueFd shrunk(::open((folder_ + "/film").c_str(), O_WRONLY));
  ASSERT_EQ(::ftruncate(shrunk.get(), 1000), 0);
  EXPECT_LT(client.readAll().size(), kSize);
  const End end = finished_.get_future().get();
  EXPECT_EQ(end.session, "play-1");
  EXPECT_FALSE(end.complete);
  EXPECT_LT(end.bytes, kSize);
}

TEST_F(Media, AReplacedFileIsFinishedFromTheOldDescriptor) {
  const std::string old(32U << 20U, 'o');
  write("film", old);
  Client client = connect();
  client.send("GET /film HTTP/1.1\r\nHost: a\r\n\r\n");
  client.readUntil("\r\n\r\n");
  write("film", "new");
  EXPECT_TRUE(client.read().body == old);
  const End end = finished_.get_future().get();
  EXPECT_TRUE(end.complete);
  EXPECT_EQ(end.bytes, old.size());
}

TEST_F(Media, AClientThatLeavesMeanwhileEndsItsResponseAlone) {
  write("film", std::string(64U << 20U, 'o'));
  Client staying = connect();
  {
    Client leaving = connect();
    leaving.send("GET /film HTTP/1.1\r\nHost: a\r\n\r\n");
    leaving.readUntil("\r\n\r\n");
  }
  EXPECT_FALSE(finished_.get_future().get().complete);
  EXPECT_EQ(staying.get("/empty").status, 200);
}

TEST_F(Media, HoldsNoInstanceWhileAFileIsSent) {
  write("film", std::string(64U << 20U, 'o'));
  Client client = connect();
  client.send("GET /film HTTP/1.1\r\nHost: a\r\n\r\n");
  client.readUntil("\r\n\r\n");
  domain_.instances().close(instance_, service::Door::kShut);
  EXPECT_TRUE(domain_.instances().drain(instance_, base::Instant::min()));
  EXPECT_EQ(client.read().body.size(), 64U << 20U);
}

}  // namespace
}  // namespace revenge::http
