#include "mch/process/privileges.h"

#include <fmt/format.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <vector>

#include "mch/log/log.h"

extern char** environ;

namespace mch::process {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "add the audit architecture of this processor"
#endif

constexpr long kRefusedCalls[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_swapon,
    SYS_swapoff,
    SYS_reboot,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_userfaultfd,
    SYS_setns,
    SYS_unshare,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_sethostname,
    SYS_acct,
    SYS_execve,
    SYS_execveat,
};

sock_filter Statement(std::uint16_t code, std::uint32_t k) { return {code, 0, 0, k}; }
sock_filter Jump(std::uint16_t code, std::uint32_t k, std::uint8_t yes, std::uint8_t no) {
    return {code, yes, no, k};
}

char* g_title = nullptr;  // argv and environ as one area, set once in main()
std::size_t g_title_size = 0;

Error UserError(std::string text) { return Invalid("process.user", std::move(text)); }

}  // namespace

Result<Account> FindAccount(const std::string& user, const std::string& group) {
    if (user.empty()) return Account{};
    const passwd* entry = ::getpwnam(user.c_str());
    if (entry == nullptr) return UserError(fmt::format("user \"{}\" does not exist", user));
    Account account{user, entry->pw_uid, entry->pw_gid};
    if (!group.empty()) {
        const ::group* found = ::getgrnam(group.c_str());
        if (found == nullptr) return UserError(fmt::format("group \"{}\" does not exist", group));
        account.gid = found->gr_gid;
    }
    // nginx ignores `user` without root too: a developer's copy of the file must start.
    if (::geteuid() != 0) return Account{};
    return account;
}

Result<void> Become(const Account& account) {
    if (account.name.empty()) return {};
    if (::initgroups(account.name.c_str(), account.gid) != 0 || ::setgid(account.gid) != 0 ||
        ::setuid(account.uid) != 0) {
        return UserError(
            fmt::format("cannot become \"{}\": {}", account.name, std::strerror(errno)));
    }
    return {};
}

void Confine() {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        MCH_LOG(kWarn, "no_new_privs refused", {{"error", std::strerror(errno)}});
        return;
    }
    std::vector<sock_filter> program;
    program.push_back(Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
    program.push_back(Jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
    program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    program.push_back(Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
    for (const long call : kRefusedCalls) {
        program.push_back(Jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
        program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    }
    program.push_back(Statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog filter{static_cast<std::uint16_t>(program.size()), program.data()};
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0) {
        MCH_LOG(kWarn, "seccomp filter refused", {{"error", std::strerror(errno)}});
    }
}

bool DieWithParent(pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    return ::getppid() == parent;
}

void InitialiseTitle(int argc, char** argv) {
    // The kernel shows the bytes from argv[0] on; the environment behind it may be used when it is
    // moved away first.
    char* end = argv[0] + std::strlen(argv[0]) + 1;
    for (int i = 1; i < argc; ++i) {
        if (argv[i] == end) end += std::strlen(end) + 1;
    }
    std::size_t count = 0;
    while (environ[count] != nullptr) ++count;
    auto** copy = static_cast<char**>(std::calloc(count + 1, sizeof(char*)));
    if (copy == nullptr) return;
    for (std::size_t i = 0; i < count; ++i) {
        if (environ[i] == end) end += std::strlen(end) + 1;
        copy[i] = ::strdup(environ[i]);
    }
    environ = copy;
    g_title = argv[0];
    g_title_size = static_cast<std::size_t>(end - argv[0]);
}

void SetTitle(const std::string& title) {
    if (g_title == nullptr || g_title_size == 0) return;
    std::memset(g_title, 0, g_title_size);
    std::memcpy(g_title, title.data(), std::min(title.size(), g_title_size - 1));
}

}  // namespace mch::process
