#include "modules/audit/module.h"

#include <cstdio>

#include "mch/app/embedded_files.h"
#include "mch/base/embedded.h"
#include "modules/audit/app/audit_log.h"
#include "modules/audit/app/verify.h"
#include "modules/audit/http/routes.h"

extern const mch::EmbeddedFiles kEmbedded_module_audit;

namespace anlan::audit {

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDefaultEvery = 1000;
constexpr std::int64_t kControlBudgetMs = 5000;

void AddDirectives(mch::conf::Registry& directives) {
    mch::conf::DirectiveSpec file;
    file.name = "audit_checkpoint_file";
    file.contexts = mch::conf::kAnlan;
    file.default_value = "var/audit/checkpoints.log";
    file.description =
        "File of the audit's checkpoints; on another machine's or a write-once medium it also "
        "proves "
        "that this machine's administrator removed nothing.";
    directives.Add(std::move(file));
    mch::conf::DirectiveSpec interval;
    interval.name = "audit_checkpoint_interval";
    interval.contexts = mch::conf::kAnlan;
    interval.kind = mch::conf::ArgKind::kDuration;
    interval.default_value = "1m";
    interval.description = "Time after which new audit records get a checkpoint.";
    directives.Add(std::move(interval));
    mch::conf::DirectiveSpec every;
    every.name = "audit_checkpoint_records";
    every.contexts = mch::conf::kAnlan;
    every.kind = mch::conf::ArgKind::kInteger;
    every.min = 1;
    every.default_value = "1000";
    every.description = "Number of new audit records that get a checkpoint before the interval.";
    directives.Add(std::move(every));
}

mch::Result<int> VerifyCommand(mch::app::Runtime& runtime, const std::vector<std::string>& args) {
    std::string path = CheckpointPath(runtime);
    if (args.size() == 2 && args[0] == "--checkpoints") {
        path = args[1];
    } else if (!args.empty()) {
        return mch::Invalid("command.usage", "anlan verify-audit [--checkpoints FILE]");
    }
    MCH_TRY(const VerifyReport report, VerifyChain(runtime, path));
    std::printf("records: %lld, last number %lld\n", static_cast<long long>(report.records),
                static_cast<long long>(report.last_seq));
    std::printf("checkpoints: %lld in %s, through number %lld\n",
                static_cast<long long>(report.checkpoints), path.c_str(),
                static_cast<long long>(report.checkpointed_seq));
    if (report.checkpoint_file_empty) {
        std::printf("warning: no checkpoint yet, so a cut tail cannot be seen\n");
    }
    if (report.torn_checkpoint) std::printf("warning: the last checkpoint line is incomplete\n");
    if (report.finding.damage == Damage::kNone) {
        std::printf("the chain is whole\n");
        return 0;
    }
    std::printf("first bad record: %lld (%s): %s\n", static_cast<long long>(report.finding.seq),
                std::string(DamageName(report.finding.damage)).c_str(),
                report.finding.detail.c_str());
    return 1;
}

}  // namespace

void Register(mch::app::ModuleContext& context) {
    mch::app::Runtime& runtime = context.runtime;
    mch::app::AddEmbedded(context, "audit", kEmbedded_module_audit);
    context.keys.push_back("audit");
    context.keys.push_back("checkpoint");
    AddDirectives(context.directives);
    auto audit = std::make_shared<ChainedAuditLog>(runtime);
    context.Provide<AuditLog>(audit);
    AddRoutes(context, audit);
    context.on_control_command = [&runtime, audit](std::string_view json) -> mch::Result<void> {
        const mch::Deadline deadline(runtime.clock(), kControlBudgetMs);
        return runtime.database().Write(deadline, [&](mch::db::Transaction& tx) {
            Record record;
            record.action = "system.control";
            record.object_type = "system";
            record.note = json;
            return audit->Append(tx, SystemActor("control"), std::move(record));
        });
    };

    context.jobs.push_back(
        {"audit.checkpoint", 5000, [&runtime](const mch::Deadline& deadline) {
             const auto& config = runtime.config();
             auto written = WriteCheckpoint(
                 runtime, deadline, config.Duration("audit_checkpoint_interval", kMinute),
                 config.Integer("audit_checkpoint_records", kDefaultEvery));
             return written ? mch::Result<void>() : mch::Result<void>(written.error());
         }});
    context.jobs.push_back({"audit.verify", 24 * 60 * kMinute, [&runtime](const mch::Deadline&) {
                                auto report = VerifyChain(runtime, CheckpointPath(runtime));
                                return report ? mch::Result<void>()
                                              : mch::Result<void>(report.error());
                            }});

    mch::app::Command verify;
    verify.name = "verify-audit";
    verify.usage = "anlan verify-audit [--checkpoints FILE]";
    verify.summary = "Checks the audit chain; names the first bad record and exits with 1";
    verify.run = [&runtime](const std::vector<std::string>& args) {
        return VerifyCommand(runtime, args);
    };
    context.commands.push_back(std::move(verify));
}

}  // namespace anlan::audit
