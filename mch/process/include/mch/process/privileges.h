// Who a child process is and what it may do.
#pragma once

#include <sys/types.h>

#include <string>

#include "mch/base/result.h"

namespace mch::process {

struct Account {
    std::string name;  // "" = no change
    uid_t uid = 0;
    gid_t gid = 0;
};

// The account of the `user` directive. Without one, or when we are not root, no change is made.
// Errors: process.user for an unknown user or group.
Result<Account> FindAccount(const std::string& user, const std::string& group);

// Becomes `account` for good: supplementary groups, group, user. Errors: process.user.
Result<void> Become(const Account& account);

// For workers and service processes, after Become(): no new privileges by exec, and a seccomp
// filter that answers EPERM to what such a process never does: tracing others, mounting, loading
// modules, namespaces, kernel keys, bpf, starting programs. A kernel without seccomp is logged, not
// fatal.
void Confine();

// Sends SIGTERM to this process when its parent dies; false when it is already dead.
bool DieWithParent(pid_t parent);

// Shows `title` in ps instead of the command line. InitialiseTitle once in main().
void InitialiseTitle(int argc, char** argv);
void SetTitle(const std::string& title);

}  // namespace mch::process
