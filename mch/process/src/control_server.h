// The master's end of the control socket. No threads: the master polls its descriptors.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "mch/base/result.h"

namespace mch::process {

struct Peer {
    pid_t pid = 0;
    uid_t uid = 0;
};

class ControlServer {
  public:
    ~ControlServer();
    // Replaces a socket file that nobody answers on. Errors: process.control.
    Result<void> Open(const std::string& path);
    void Close();  // also in a child, where the file stays
    void RemoveFile();

    void AddTo(std::vector<pollfd>& fds) const;
    // `execute` gets each complete command; an answer of "" is sent later with Answer().
    using Execute = std::function<std::string(int client, const Peer&, const std::string& command)>;
    void Handle(const std::vector<pollfd>& fds, const Execute& execute);
    void Answer(int client, std::string json);

  private:
    struct Client {
        int fd = -1;
        Peer peer;
        std::string input;
        bool waiting = false;  // for Answer()
    };
    void Accept();
    void Drop(int fd);

    std::string path_;
    int listen_fd_ = -1;
    std::vector<Client> clients_;
};

}  // namespace mch::process
