#include "ext/completion.hpp"

#include "plugin/trampoline.hpp"

namespace revenge::ext {

Keeper enterUnderWay(service::Domain& domain, service::InstanceRef instance) {
  auto lease = domain.instances().enter(instance, service::Pass::kUnderWay);
  if (!lease) return nullptr;
  lease.makeLasting();
  return std::make_shared<service::Lease>(std::move(lease));
}

void complete(const revenge_host& host, const revenge_completion& done, revenge_status status,
              std::string_view bytes, const base::Error* why) {
  if (host.gone()) return;  // its create has failed, and with it went what the completion leads to
  revenge_error error{sizeof(revenge_error), 0, {}};
  if (why != nullptr) status = fail(&error, *why);
  revenge_error ignored{sizeof(revenge_error), 0, {}};
  plugin::guarded("completion", ignored, [&] {
    done.complete(done.context, status, view(bytes), status < 0 ? &error : nullptr);
    return revenge_status{REVENGE_OK};
  });
}

}  // namespace revenge::ext
