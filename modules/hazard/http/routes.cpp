#include "modules/hazard/http/routes.h"

#include <utility>

#include "mch/http/conditional.h"
#include "modules/hazard/app/report.h"
#include "modules/hazard/app/transition.h"
#include "modules/hazard/http/answers.h"
#include "modules/hazard/http/parse.h"
#include "modules/hazard/http/schemas.h"

namespace anlan::hazard {
namespace {

using mch::Result;
using mch::http::Context;
using mch::http::Request;
using mch::http::Response;

class Handlers {
  public:
    explicit Handlers(std::shared_ptr<const Services> services) : services_(std::move(services)) {}

    Result<Response> Report(const Request& request, Context& context) const {
        MCH_TRY(ReportAnswer answer,
                ReportHazard(*services_, context, request.json.String("client_uuid"),
                             ParseReport(request.json)));
        return Detail(answer.created ? 201 : 200, answer.detail, context);
    }

    Result<Response> List(const Request& request, Context& context) const {
        MCH_TRY(ListFilter filter, ParseFilter(request));
        MCH_TRY(ListOrder order, ParseOrder(request));
        MCH_TRY(CasePage page, ShowList(*services_, context, filter, order));
        return Response::Json(200, PageJson(page, order));
    }

    Result<Response> Counts(const Request& request, Context& context) const {
        MCH_TRY(ListFilter filter, ParseFilter(request));
        MCH_TRY(CaseCounts counts, ShowCounts(*services_, context, filter));
        return Response::Json(200, CountsJson(counts));
    }

    Result<Response> Show(const Request& request, Context& context) const {
        MCH_TRY(mch::Id id, request.PathId("id"));
        MCH_TRY(CaseDetail detail, ShowCase(*services_, context, id));
        return Detail(200, detail, context);
    }

    Result<Response> Move(const Request& request, Context& context) const {
        MCH_TRY(mch::Id id, request.PathId("id"));
        MCH_TRY(TransitionInput input, ParseTransition(request));
        MCH_TRY(CaseDetail detail, MoveCase(*services_, context, id, input));
        return Detail(200, detail, context);
    }

    Result<Response> Events(const Request& request, Context& context) const {
        MCH_TRY(mch::Id id, request.PathId("id"));
        MCH_TRY(Timeline timeline, ShowTimeline(*services_, context, id));
        return Response::Json(200, TimelineJson(timeline));
    }

    Result<Response> Comments(const Request& request, Context& context) const {
        MCH_TRY(mch::Id id, request.PathId("id"));
        MCH_TRY(CommentList list, ShowComments(*services_, context, id));
        return Response::Json(200, CommentsJson(list));
    }

    Result<Response> Say(const Request& request, Context& context) const {
        MCH_TRY(mch::Id id, request.PathId("id"));
        MCH_TRY(CommentList list, AddComment(*services_, context, id, request.json.String("text")));
        return Response::Json(201, CommentJson(list));
    }

  private:
    // No ETag: what may be done with a case also depends on the reader and the hour, which its
    // version does not tell.
    Response Detail(int status, const CaseDetail& detail, const Context& context) const {
        Response response =
            Response::Json(status, DetailJson(detail, services_->messages, context.language));
        if (status == 201) {
            response.headers.emplace_back("Location",
                                          "/api/v1/hazards/" + mch::FormatId(detail.row.id));
        }
        return response;
    }

    std::shared_ptr<const Services> services_;
};

}  // namespace

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<const Services> services) {
    auto handlers = std::make_shared<const Handlers>(std::move(services));
    const auto bind = [&](Result<Response> (Handlers::*method)(const Request&, Context&) const) {
        return [handlers, method](const Request& request, Context& c) {
            return ((*handlers).*method)(request, c);
        };
    };
    const std::string base = "/api/v1/hazards";
    context.routes.Add({.method = "POST",
                        .pattern = base,
                        .summary = "Report a hazard; the same client_uuid again answers the first.",
                        .permission = "hazard:case:report",
                        .handler = bind(&Handlers::Report),
                        .request = ReportRequestSchema(),
                        .response = HazardDetailSchema(),
                        .audit_action = "hazard.report"});
    context.routes.Add({.method = "GET",
                        .pattern = base,
                        .summary = "Hazards that the reader may see.",
                        .permission = "hazard:case:list",
                        .handler = bind(&Handlers::List),
                        .response = HazardPageSchema(),
                        .query = ListParameters()});
    context.routes.Add({.method = "GET",
                        .pattern = base + "/counts",
                        .summary = "How many there are by state, to do and overdue.",
                        .permission = "hazard:case:list",
                        .handler = bind(&Handlers::Counts),
                        .response = HazardCountsSchema(),
                        .query = FilterParameters()});
    context.routes.Add({.method = "GET",
                        .pattern = base + "/{id}",
                        .summary = "One hazard with all its parts and the reader's moves.",
                        .permission = "hazard:case:view",
                        .handler = bind(&Handlers::Show),
                        .response = HazardDetailSchema()});
    context.routes.Add({.method = "POST",
                        .pattern = base + "/{id}/transitions",
                        .summary = "Move a hazard to its next state.",
                        // Each move asks for its own permission besides.
                        .permission = "hazard:case:view",
                        .handler = bind(&Handlers::Move),
                        .request = TransitionRequestSchema(),
                        .response = HazardDetailSchema(),
                        .audit_action = "hazard.transition"});
    context.routes.Add({.method = "GET",
                        .pattern = base + "/{id}/timeline",
                        .summary = "What happened to a hazard, oldest first.",
                        .permission = "hazard:case:view",
                        .handler = bind(&Handlers::Events),
                        .response = TimelineSchema()});
    context.routes.Add({.method = "GET",
                        .pattern = base + "/{id}/comments",
                        .summary = "Comments on a hazard, oldest first.",
                        .permission = "hazard:case:view",
                        .handler = bind(&Handlers::Comments),
                        .response = CommentPageSchema()});
    context.routes.Add({.method = "POST",
                        .pattern = base + "/{id}/comments",
                        .summary = "Comment on a hazard.",
                        .permission = "hazard:case:comment",
                        .handler = bind(&Handlers::Say),
                        .request = CommentRequestSchema(),
                        .response = CommentSchema(),
                        .audit_action = "hazard.comment"});
}

}  // namespace anlan::hazard
