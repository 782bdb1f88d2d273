#include "modules/file/http/routes.h"

#include <utility>

#include "mch/base/json.h"
#include "mch/base/text.h"

namespace anlan::file {
namespace {

using mch::Schema;
using mch::http::Context;
using mch::http::Request;
using mch::http::Response;

// Room for the other parts of the form and their headers.
constexpr std::int64_t kFormOverhead = 64 * 1024;

mch::Result<Response> Upload(const FileService& files, const Request& request, Context& context) {
    const mch::http::Part* file = nullptr;
    std::string purpose;
    for (const mch::http::Part& part : request.parts) {
        if (part.name == "file" && !part.path.empty()) {
            if (file != nullptr) return mch::InvalidField("file", "field.too_many", {{"max", "1"}});
            file = &part;
        } else if (part.name == "purpose" && part.path.empty()) {
            purpose = part.value;
        } else {
            return mch::InvalidField(mch::text::IsUtf8(part.name) ? part.name : "file",
                                     "field.unknown");
        }
    }
    if (file == nullptr) return mch::InvalidField("file", "field.required");
    if (purpose.size() > 32 || !mch::text::IsUtf8(purpose) || mch::text::HasControl(purpose)) {
        return mch::InvalidField("purpose", "field.too_long", {{"max", "32"}});
    }
    MCH_TRY(const FileFacts facts, files.Upload(*file, std::move(purpose), context));
    mch::json::Writer out;
    out.BeginObject()
        .IdField("id", facts.id)
        .Field("name", facts.name)
        .Field("size", facts.size)
        .Field("content_type", facts.content_type)
        .Field("width", facts.width)
        .Field("height", facts.height)
        .Field("sha256", facts.sha256)
        .TimeField("taken_at", facts.taken_at)
        .EndObject();
    return Response::Json(201, out.Take())
        .Header("Location", "/api/v1/files/" + mch::FormatId(facts.id));
}

// RFC 6266 with the extended parameter of RFC 8187; the plain one is for clients of the last
// century and stays ASCII.
std::string Disposition(const FileFacts& facts) {
    const bool inline_image = facts.content_type.starts_with("image/");
    std::string plain;
    for (const char c : facts.name) {
        const bool harmless = c > 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '%';
        plain += harmless ? c : '_';
    }
    return std::string(inline_image ? "inline" : "attachment") + "; filename=\"" + plain +
           "\"; filename*=UTF-8''" + mch::text::PercentEncode(facts.name);
}

mch::Result<Response> Download(mch::app::Runtime& runtime, const FileService& files,
                               const Request& request, Context& context) {
    MCH_TRY(const mch::Id id, request.PathId("id"));
    MCH_TRY(const FileFacts facts,
            runtime.database().Read(context.deadline(), [&](mch::db::Reader& reader) {
                return files.FindReadable(reader, context.principal, id);
            }));
    const std::string etag = "\"" + facts.sha256.substr(0, 32) + "\"";
    Response response;
    response.headers = {{"ETag", etag},
                        {"X-Content-Type-Options", "nosniff"},
                        // A file that a browser opens by itself may run nothing and load nothing.
                        {"Content-Security-Policy", "sandbox; default-src 'none'"},
                        {"Cross-Origin-Resource-Policy", "same-origin"}};
    if (request.Header("if-none-match") == etag) {
        response.status = 304;
        return response;
    }
    MCH_TRY(response.file_path, runtime.blobs().PathOf(facts.sha256));
    response.headers.emplace_back("Content-Type", facts.content_type);
    response.headers.emplace_back("Content-Disposition", Disposition(facts));
    return response;
}

}  // namespace

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<const FileService> files) {
    mch::app::Runtime& runtime = context.runtime;

    mch::http::Route upload;
    upload.method = "POST";
    upload.pattern = "/api/v1/files";
    upload.summary =
        "Uploads a picture (field `file`: JPEG, PNG or WebP of at most 10 MiB and 50 megapixels).";
    upload.permission = "file:file:upload";
    upload.multipart = true;
    upload.max_body = kMaxImageBytes + kFormOverhead;
    upload.audit_action = "file.upload";
    upload.response = Schema::Object({{"id", Schema::Id(), mch::kRequired},
                                      {"name", Schema::String(), mch::kRequired},
                                      {"size", Schema::Integer(), mch::kRequired},
                                      {"content_type", Schema::String(), mch::kRequired},
                                      {"width", Schema::Integer(), mch::kRequired},
                                      {"height", Schema::Integer(), mch::kRequired},
                                      {"sha256", Schema::String(), mch::kRequired},
                                      {"taken_at", Schema::Time().Nullable(), mch::kRequired}})
                          .Named("UploadedFile");
    upload.handler = [files](const Request& request, Context& c) {
        return Upload(*files, request, c);
    };
    context.routes.Add(std::move(upload));

    mch::http::Route download;
    download.method = "GET";
    download.pattern = "/api/v1/files/{id}";
    download.summary = "The bytes of a file, for its uploader or whoever may see its object.";
    download.permission = mch::http::kSignedIn;
    // Asks again each time (304 by ETag): the right to see it may have ended.
    download.cache_control = "private, no-cache";
    download.handler = [files, &runtime](const Request& request, Context& c) {
        return Download(runtime, *files, request, c);
    };
    context.routes.Add(std::move(download));
}

}  // namespace anlan::file
