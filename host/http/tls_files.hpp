// Certificates and keys from PEM files into an OpenSSL context, with errors that name the file and the remedy. Internal
// to this room. Thread safety: pure functions; they read files, so not on an I/O thread.
#pragma once

#include <initializer_list>
#include <string>

#include "base/result.hpp"

struct ssl_ctx_st;

namespace revenge::http {

// A chain, the own certificate first, and its key.
base::Result<> useCertificate(ssl_ctx_st* context, const std::string& chain, const std::string& key);
// Who may have signed what the other side shows.
base::Result<> trustFile(ssl_ctx_st* context, const std::string& ca);
base::Result<> trustSystem(ssl_ctx_st* context);

// Changes whenever one of the files does, also when it is away; no name, no file.
std::string stampOf(std::initializer_list<std::string> files);

// What OpenSSL says went wrong last on this thread, without its numbers; empties its queue.
std::string lastTlsError();

}  // namespace revenge::http
