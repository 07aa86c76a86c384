// Certificates for tests, made by the openssl command: a CA, another one that nobody trusts, and what they sign. Made once
// for the program. Thread safety: one thread.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace revenge::http {

class Certificates {
 public:
  static const Certificates& made() {
    static const Certificates once;
    return once;
  }
  ~Certificates() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  Certificates() {
    std::string pattern = (std::filesystem::temp_directory_path() / "certificates-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    for (const std::string ca : {"ca", "stranger"}) {
      run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=" + ca +
          " -keyout " + ca + ".key -out " + ca + ".pem");
    }
    sign("good", "ca", "DNS:localhost,IP:127.0.0.1", "20200101000000Z", "20991231000000Z");
    sign("expired", "ca", "DNS:localhost,IP:127.0.0.1", "20200101000000Z", "20200201000000Z");
    sign("future", "ca", "DNS:localhost,IP:127.0.0.1", "20980101000000Z", "20991231000000Z");
    sign("elsewhere", "ca", "DNS:elsewhere.example", "20200101000000Z", "20991231000000Z");
    sign("unknown", "stranger", "DNS:localhost,IP:127.0.0.1", "20200101000000Z", "20991231000000Z");
    sign("alice", "ca", "DNS:alice", "20200101000000Z", "20991231000000Z");
    std::ofstream(file("garbage.pem")) << "this is no PEM\n";
  }

  void run(const std::string& command) const {
    const std::string line = "cd " + folder_.string() + " && openssl " + command + " >openssl.log 2>&1";
    EXPECT_EQ(std::system(line.c_str()), 0) << line;
  }

  void sign(const std::string& name, const std::string& by, const std::string& names, const std::string& from,
            const std::string& until) const {
    const std::string folder = folder_.string() + "/db-" + name;
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/index.txt").flush();
    std::ofstream(folder + "/ca.cnf")
        << "[ca]\ndefault_ca=d\n[d]\ndatabase=" << folder << "/index.txt\nnew_certs_dir=" << folder
        << "\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n"
        << "x509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=" << names
        << "\nbasicConstraints=CA:FALSE\n";
    run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " + name +
        ".key -out " + name + ".csr");
    run("ca -batch -notext -config " + folder + "/ca.cnf -cert " + by + ".pem -keyfile " + by +
        ".key -startdate " + from + " -enddate " + until + " -in " + name + ".csr -out " + name + ".pem");
  }

  std::filesystem::path folder_;
};

}  // namespace revenge::http
