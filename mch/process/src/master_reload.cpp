#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "master.h"
#include "mch/base/json.h"
#include "mch/log/log.h"

namespace mch::process {
namespace {

constexpr std::int64_t kReloadLimitMs = 20'000;
constexpr std::int64_t kAbortGraceMs = 1000;

}  // namespace

void Master::StartReload(int client) {
    if (client >= 0) reload_clients_.push_back(client);
    if (phase_ == Phase::kStarting || next_) {
        reload_again_ = true;
        return;
    }
    if (phase_ != Phase::kServing) {
        AnswerReload(false, "the server is ending");
        return;
    }
    reload_again_ = false;
    auto loaded = options_.load();
    if (!loaded) {
        MCH_LOG(kError, "reload refused, the old configuration stays",
                {{"error", loaded.error().detail()}});
        AnswerReload(false, loaded.error().detail());
        return;
    }
    std::shared_ptr<Generation> next = std::move(*loaded);
    next->number = current_->number + 1;
    auto sockets = ListenSet::Open(next->addresses, next->settings.workers, current_->sockets);
    if (!sockets) {
        MCH_LOG(kError, "reload refused, the old configuration stays",
                {{"error", sockets.error().detail()}});
        AnswerReload(false, sockets.error().detail());
        return;
    }
    next->sockets = std::move(*sockets);
    next_ = next;
    reload_due_ = options_.clock->Monotonic() + kReloadLimitMs;
    std::vector<Slot*> fresh;
    for (int i = 0; i < next_->settings.workers; ++i) {
        slots_.push_back(MakeSlot(Slot::Kind::kWorker, fmt::format("worker {}", i), i, next_));
        fresh.push_back(slots_.back().get());
    }
    for (Slot* slot : fresh) Spawn(*slot);
}

void Master::CommitReload() {
    const auto old = current_;
    current_ = std::move(next_);
    next_.reset();
    reload_due_ = -1;
    old->sockets.RemoveFiles(current_->sockets);
    old->sockets = {};
    ApplyLog();
    for (const auto& slot : slots_) {
        if (slot->generation == current_ || slot->leaving) continue;
        slot->leaving = true;
        // A service stops first; OnExit then starts it with the current generation.
        Signal(*slot, SIGQUIT, current_->settings.shutdown_timeout_ms);
        const auto& wanted = current_->services;
        const bool wanted_still =
            std::find(wanted.begin(), wanted.end(), slot->name) != wanted.end();
        if (slot->pid == 0 && wanted_still) {  // was waiting for its restart
            slot->leaving = false;
            slot->generation = current_;
        }
    }
    for (const auto& name : current_->services) {
        const bool known = std::any_of(slots_.begin(), slots_.end(),
                                       [&](const auto& slot) { return slot->name == name; });
        if (!known) {
            slots_.push_back(MakeSlot(Slot::Kind::kService, name, 0, current_));
            Spawn(*slots_.back());
        }
    }
    MCH_LOG(kNotice, "reloaded", {{"generation", std::to_string(current_->number)}});
    AnswerReload(true, {});
}

void Master::AbortReload(const std::string& why) {
    MCH_LOG(kError, "reload refused, the old configuration stays", {{"error", why}});
    for (const auto& slot : slots_) {
        if (slot->generation != next_) continue;
        slot->leaving = true;
        // One that already serves may have taken connections and drains like an old worker.
        if (slot->state == ProcessState::kRunning) {
            Signal(*slot, SIGQUIT, current_->settings.shutdown_timeout_ms);
        } else {
            Signal(*slot, SIGTERM, kAbortGraceMs);
        }
    }
    next_->sockets.RemoveFiles(current_->sockets);
    next_.reset();
    reload_due_ = -1;
    AnswerReload(false, why);
}

void Master::AnswerReload(bool good, const std::string& error) {
    const bool again = reload_again_;
    for (const int client : std::exchange(reload_clients_, {})) {
        json::Writer out;
        out.BeginObject().Field("ok", good);
        if (!good) out.Field("error", error);
        out.EndObject();
        control_.Answer(client, out.Take());
    }
    if (again && phase_ == Phase::kServing) StartReload(-1);
}

}  // namespace mch::process
