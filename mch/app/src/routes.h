// Routes that every platform has: OpenAPI, health, status.
#pragma once

#include <functional>

#include "declarations.h"
#include "mch/process/shared_state.h"

namespace mch::app {

struct RouteContext {
    const ApplicationInfo& info;
    Runtime& runtime;
    Declarations& declarations;
    // The shared memory of this process's master; null outside a worker.
    std::function<process::SharedState*()> state;
};

// GET /healthz, /api/v1/openapi.json, /api/v1/status. `context` must outlive the router.
void AddRoutes(const RouteContext& context);

}  // namespace mch::app
