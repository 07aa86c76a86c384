// GET /find/{item}: where its file is, asked on an I/O thread.
#include <revenge/catalogue.hpp>
#include <revenge/plugin.hpp>

using namespace revenge;

class Finder : public Plugin<> {
 public:
  explicit Finder(Host& host) : catalogue_(host) {
    host.http().get("/find/{item}", [this](const Request& r) { return find(r); }, {.run = Run::kInline});
  }

 private:
  Task<Result<Response>> find(const Request& request) {
    const auto file = co_await catalogue_.locateLater(request.call(), std::string(request.param("item")),
                                                      std::string(request.query("file").value_or("")));
    if (!file) co_return std::unexpected(file.error());
    co_return text(file->path + " " + std::to_string(file->bytes));
  }

  Catalogue catalogue_;
};

REVENGE_PLUGIN(Finder)
