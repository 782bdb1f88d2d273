#include "routes.h"

#include <signal.h>
#include <sys/types.h>

#include <cerrno>

#include "mch/db/migrator.h"

namespace mch::app {
namespace {

Schema StatusSchema() {
    const Schema process = Schema::Object({{"name", Schema::String(), kRequired},
                                           {"state", Schema::String(), kRequired},
                                           {"pid", Schema::Integer(), kRequired},
                                           {"started_at", Schema::Time().Nullable(), kRequired},
                                           {"restarts", Schema::Integer(), kRequired}})
                               .Named("StatusProcess");
    const Schema job = Schema::Object({{"name", Schema::String(), kRequired},
                                       {"started_at", Schema::Time().Nullable(), kRequired},
                                       {"succeeded_at", Schema::Time().Nullable(), kRequired},
                                       {"took_ms", Schema::Integer(), kRequired},
                                       {"runs", Schema::Integer(), kRequired},
                                       {"failures_in_row", Schema::Integer(), kRequired},
                                       {"error", Schema::String().Nullable(), kRequired}})
                           .Named("StatusJob");
    const Schema pool = Schema::Object({{"name", Schema::String(), kRequired},
                                        {"queued", Schema::Integer(), kRequired},
                                        {"running", Schema::Integer(), kRequired},
                                        {"finished", Schema::Integer(), kRequired},
                                        {"refused", Schema::Integer(), kRequired}})
                            .Named("StatusPool");
    return Schema::Object({{"program", Schema::String(), kRequired},
                           {"version", Schema::String(), kRequired},
                           {"now", Schema::Time(), kRequired},
                           {"store", Schema::String(), kRequired},
                           {"processes", Schema::Array(process), kRequired},
                           {"jobs", Schema::Array(job), kRequired},
                           {"pools", Schema::Array(pool), kRequired},
                           {"connections", Schema::Integer(), kRequired}})
        .Named("Status");
}

// The master's table may lag a moment behind a SIGKILL; the kernel does not.
bool Alive(std::int64_t pid) {
    return pid > 0 && (::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
}

void WriteProcesses(json::Writer& out, process::SharedState& state) {
    out.Key("processes").BeginArray();
    for (const process::ProcessRow& row : state.Processes()) {
        const auto shown = Alive(row.pid) ? row.state : process::ProcessState::kDown;
        out.BeginObject()
            .Field("name", row.name.ToString())
            .Field("state", process::NameOf(shown))
            .Field("pid", row.pid)
            .TimeField("started_at", row.started_at)
            .Field("restarts", row.restarts)
            .EndObject();
    }
    out.EndArray();
}

void WriteJobs(json::Writer& out, process::SharedState& state) {
    out.Key("jobs").BeginArray();
    for (const process::JobRow& row : state.Jobs()) {
        out.BeginObject()
            .Field("name", row.name.ToString())
            .TimeField("started_at", row.started_at)
            .TimeField("succeeded_at", row.succeeded_at)
            .Field("took_ms", row.took_ms)
            .Field("runs", row.runs)
            .Field("failures_in_row", row.failures_in_row)
            .Key("error");
        const std::string error = row.error.ToString();
        error.empty() ? out.Null() : out.String(error);
        out.EndObject();
    }
    out.EndArray();
}

void WritePools(json::Writer& out, const metrics::Zone& zone) {
    out.Key("pools").BeginArray();
    for (const metrics::PoolSlot& pool : zone.pools) {
        if (pool.state.load() != 2) continue;
        out.BeginObject()
            .Field("name", std::string_view(pool.name.data()))
            .Field("queued", pool.queued.load())
            .Field("running", pool.running.load())
            .Field("finished", pool.finished.load())
            .Field("refused", pool.refused.load())
            .EndObject();
    }
    out.EndArray();
}

http::Response Status(const RouteContext& context) {
    process::SharedState& state = *context.state();
    json::Writer out(4096);
    out.BeginObject()
        .Field("program", context.info.program)
        .Field("version", context.info.version)
        .Field("now", context.runtime.clock().Now())
        .Field("store", context.runtime.database().Describe());
    WriteProcesses(out, state);
    WriteJobs(out, state);
    WritePools(out, state.metrics);
    out.Field("connections", state.metrics.connections_active.load()).EndObject();
    return http::Response::Json(200, out.Take());
}

}  // namespace

void AddRoutes(const RouteContext& context) {
    http::Router& router = context.declarations.routes;
    router.Add({.method = "GET",
                .pattern = "/healthz",
                .summary = "The process answers",
                .permission = std::string(http::kPublic),
                .handler = [](const http::Request&, http::Context&) -> Result<http::Response> {
                    return http::Response::Json(200, R"({"status":"ok"})");
                },
                .response = Schema::Object({{"status", Schema::String(), kRequired}}),
                .pool = http::Pool::kInline});
    if (!context.info.open_database) return;
    router.Add(
        {.method = "GET",
         .pattern = "/api/v1/openapi.json",
         .summary = "This document",
         .permission = std::string(http::kPublic),
         .handler = [context](const http::Request&, http::Context&) -> Result<http::Response> {
             return http::Response::Json(200, context.declarations.routes.ToOpenApi(
                                                  context.info.program, context.info.version));
         },
         .response = Schema::Any(),
         .cache_control = "public, max-age=60"});
    router.Add(
        {.method = "GET",
         .pattern = "/api/v1/status",
         .summary = "Processes, jobs, pools and the store of this installation",
         .permission = "system:status:view",
         .handler = [context](const http::Request&, http::Context&) -> Result<http::Response> {
             return Status(context);
         },
         .response = StatusSchema()});
}

}  // namespace mch::app
