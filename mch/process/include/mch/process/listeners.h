// The listening sockets of the installation. Opened by the master, kept over reloads, inherited by
// workers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mch/base/result.h"
#include "mch/http/server.h"

namespace mch::process {

class ListenSet {
  public:
    // Opens what `wanted` names, taking over what `old` already has. `old` keeps its own sockets,
    // so a failed reload changes nothing. Errors: process.listen {address, owner?}.
    static Result<ListenSet> Open(const std::vector<http::ListenAddress>& wanted, int workers,
                                  const ListenSet& old);

    // The descriptors for one worker. They belong to this set; a child uses its own copy.
    std::vector<std::pair<http::ListenAddress, int>> ForWorker(int index) const;
    // Addresses with the port that the system chose.
    std::vector<std::string> Addresses() const;
    // In a child: closes every descriptor of the set for which `keep` is false.
    void CloseOthers(const std::function<bool(int fd)>& keep) const;
    // Removes the files of unix sockets that `kept` does not have.
    void RemoveFiles(const ListenSet& kept) const;

  private:
    struct Socket;
    struct Entry {
        http::ListenAddress address;
        std::vector<std::shared_ptr<Socket>> sockets;  // one, or one per worker (reuseport)
    };
    std::vector<Entry> entries_;
};

// Who listens on that TCP port: "nginx (pid 123)", or "" when it cannot be seen.
std::string PortOwner(int port);

}  // namespace mch::process
