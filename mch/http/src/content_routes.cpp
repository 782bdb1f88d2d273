// `module_routes on;`: from an exchange to a job for the pools, and back.
#include <unistd.h>

#include "characters.h"
#include "connection.h"
#include "mch/base/text.h"
#include "problem.h"

namespace mch::http {
namespace {

class RoutesHandler final : public ContentHandler {
  public:
    BodyPlan Prepare(Connection& connection) override {
        Exchange& x = connection.exchange();
        const Core& core = connection.core();
        connection.job = std::make_shared<Job>();
        BodyPlan discard{BodyPlan::Use::kDiscard, connection.location().max_body, {}};
        Router::Match match;
        if (core.options.router != nullptr)
            match = core.options.router->Find(x.head.method, x.path);
        if (match.route == nullptr) {
            Refuse(connection, match);
            return discard;
        }
        x.route = match.route;
        connection.job->route = match.route;
        connection.job->request.path_parameters = std::move(match.parameters);
        BodyPlan plan{BodyPlan::Use::kKeep, match.route->max_body, {}};
        if (match.route->multipart && x.head.body != BodyKind::kNone) {
            plan.boundary = MultipartParser::BoundaryOf(x.head.Find("content-type"));
            plan.use = BodyPlan::Use::kMultipart;
            if (plan.boundary.empty()) {
                connection.refusal = Error(ErrorKind::kUnsupported, "request.media_type")
                                         .With("expected", "multipart/form-data");
                return discard;
            }
        }
        return plan;
    }

    void Handle(Connection& connection) override {
        FillRequest(connection);
        Core& core = connection.core();
        std::shared_ptr<Job> job = connection.job;
        if (connection.refusal) {
            connection.SendResponse(RefusalOf(connection), job);
            return;
        }
        if (connection.exchange().status == 204) {  // OPTIONS, answered from the table of routes
            Answer answer;
            answer.status = 204;
            answer.headers = std::move(connection.job->request.body);
            connection.Send(std::move(answer));
            return;
        }
        job->deadline.emplace(core.clock, connection.location().handler_timeout_ms);
        if (job->route->pool == Pool::kInline) {
            Response response = core.dispatcher.Run(*job);
            job->files.clear();
            connection.SendResponse(std::move(response), std::move(job));
            return;
        }
        const std::int64_t id = connection.id();
        const bool taken = core.PoolOf(job->route->pool).Submit([&core, id, job] {
            // std::function wants a copyable capture.
            auto response = std::make_shared<Response>(core.dispatcher.Run(*job));
            job->files.clear();  // the spool files are gone before the client has its answer
            core.loop->Post([&core, id, job, response] { Finish(core, id, job, *response); });
        });
        if (taken) {
            ++core.jobs_running;
            connection.Wait();
            return;
        }
        connection.SendResponse(
            core.dispatcher.Refuse(Error(ErrorKind::kUnavailable, "server.busy"), *job), job);
    }

    void RefuseBody(Connection& connection, const Error& error) override {
        connection.refusal = error;
        FillRequest(connection);
        connection.SendResponse(RefusalOf(connection), connection.job);
    }

  private:
    static void Finish(Core& core, std::int64_t id, const std::shared_ptr<Job>& job,
                       Response& response) {
        --core.jobs_running;
        Connection* connection = core.Find(id);
        if (connection == nullptr) {
            if (response.delete_file) unlink(response.file_path.c_str());
            return;
        }
        connection->exchange().account = job->principal.account;
        connection->SendResponse(std::move(response), job);
        connection->Resume();
    }

    static void Refuse(Connection& connection, const Router::Match& match) {
        Exchange& x = connection.exchange();
        if (match.allowed_methods.empty() && x.path != "*") {
            connection.refusal = NotFound("request.not_found");
            return;
        }
        std::string allowed = "OPTIONS";
        for (const std::string& method : match.allowed_methods) {
            allowed += ", " + method;
            if (method == "GET") allowed += ", HEAD";
        }
        if (x.head.method == "OPTIONS") {
            x.status = 204;
            connection.job->request.body = "Allow: " + allowed + "\r\n";
            return;
        }
        connection.refusal =
            NotFound("request.method_not_allowed").With("allowed", std::move(allowed));
    }

    static Response RefusalOf(Connection& connection) {
        const Error& error = *connection.refusal;
        Response response = connection.core().dispatcher.Refuse(error, *connection.job);
        for (const auto& [name, value] : error.params()) {
            if (name == "allowed") response.headers.emplace_back("Allow", value);
        }
        return response;
    }

    static void FillRequest(Connection& connection) {
        const Exchange& x = connection.exchange();
        Job& job = *connection.job;
        Request& request = job.request;
        request.method = x.head.method;
        request.target = x.head.target;
        request.path = x.path;
        request.query = x.target.query;
        request.version_minor = x.head.version_minor;
        request.headers.reserve(x.head.fields.size());
        for (const Head::Field& field : x.head.fields) {
            std::string name(field.name);
            for (char& c : name) c = LowerChar(c);
            request.headers.emplace_back(std::move(name), field.value);
        }
        request.host = x.host;
        request.scheme = x.https ? "https" : "http";
        request.client_address = x.client_text;
        job.raw_host = x.target.authority.empty() ? x.head.host : x.target.authority;
        job.trace_id = x.TraceId();
        if (!connection.refusal) connection.GiveBody(job);
    }
};

}  // namespace

std::unique_ptr<ContentHandler> MakeRoutesHandler() { return std::make_unique<RoutesHandler>(); }

}  // namespace mch::http
