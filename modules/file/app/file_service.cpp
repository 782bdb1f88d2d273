#include "modules/file/app/file_service.h"

#include <cstdio>
#include <utility>

#include "mch/base/text.h"
#include "modules/file/domain/image_probe.h"

namespace anlan::file {
namespace {

constexpr std::int64_t kDefaultQuota = std::int64_t{2} << 30;

#define FILE_COLUMNS                                                                     \
    "SELECT id, sha256, name, size, content_type, width, height, taken_at, created_by, " \
    "created_at, object_type, object_id FROM file_file "
constexpr std::string_view kFind = FILE_COLUMNS "WHERE id = ?";
constexpr std::string_view kOfObject =
    FILE_COLUMNS "WHERE object_type = ? AND object_id = ? ORDER BY id LIMIT 1000";
#undef FILE_COLUMNS

constexpr std::string_view kInsert =
    "INSERT INTO file_file (id, sha256, name, size, content_type, width, height, purpose, "
    "taken_at, taken_longitude, taken_latitude, version, created_at, created_by, updated_at, "
    "updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)";

constexpr std::string_view kAttach =
    "UPDATE file_file SET object_type = ?, object_id = ?, attached_at = ?, "
    "version = version + 1, updated_at = ?, updated_by = ? "
    "WHERE id = ? AND created_by = ? AND object_id IS NULL";

constexpr std::string_view kUsed =
    "SELECT COALESCE(SUM(size), 0) FROM file_file WHERE created_by = ?";

FileFacts FromRow(const mch::db::Row& row) {
    FileFacts facts;
    facts.id = row.Int(0);
    facts.sha256 = row.Text(1);
    facts.name = row.Text(2);
    facts.size = row.Int(3);
    facts.content_type = row.Text(4);
    facts.width = static_cast<int>(row.Int(5));
    facts.height = static_cast<int>(row.Int(6));
    facts.taken_at = row.Int(7);
    facts.uploaded_by = row.Int(8);
    facts.uploaded_at = row.Int(9);
    facts.object_type = row.Text(10);
    facts.object_id = row.Int(11);
    return facts;
}

mch::Result<std::string> ReadSpool(const mch::http::Part& part) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(part.path.c_str(), "rb"),
                                                               std::fclose);
    if (!file) return mch::Internal("file.spool_unreadable", part.path);
    std::string bytes(static_cast<std::size_t>(part.size), '\0');
    if (std::fread(bytes.data(), 1, bytes.size(), file.get()) != bytes.size()) {
        return mch::Internal("file.spool_unreadable", part.path);
    }
    return bytes;
}

// The camera's clock read with its own offset, else as if it stood in the installation's zone.
mch::TimeMs TakenAt(const ImageFacts& image, int zone_minutes) {
    if (!image.taken_local_s) return 0;
    const int zone = image.taken_zone_minutes.value_or(zone_minutes);
    return (*image.taken_local_s - std::int64_t{zone} * 60) * 1000;
}

std::string Megabytes(std::int64_t bytes) { return std::to_string(bytes >> 20); }

}  // namespace

std::string CleanFileName(std::string_view name) {
    name = name.substr(name.find_last_of("/\\") + 1);
    std::string clean;
    std::size_t points = 0;
    if (!mch::text::IsUtf8(name)) return "file";
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80 && ++points > 100) break;
        if (byte >= 0x20 && byte != 0x7F && c != '"') clean += c;
    }
    const std::string_view trimmed = mch::text::Trim(clean);
    return trimmed.empty() ? "file" : std::string(trimmed);
}

void FileService::RegisterGuard(std::string object_type, ReadGuard guard) {
    const bool first = guards_.emplace(std::move(object_type), std::move(guard)).second;
    MCH_ASSERT(first);
}

mch::Result<std::vector<FileFacts>> FileService::FindMany(mch::db::Reader& reader,
                                                          const std::vector<mch::Id>& ids) const {
    std::vector<FileFacts> files;
    for (const mch::Id id : ids) {
        MCH_TRY(const mch::db::Row row, reader.QueryOne(kFind, {id}, "file.not_found"));
        files.push_back(FromRow(row));
    }
    return files;
}

mch::Result<std::vector<FileFacts>> FileService::OfObject(mch::db::Reader& reader,
                                                          std::string_view object_type,
                                                          mch::Id object_id) const {
    MCH_TRY(const mch::db::Rows rows, reader.Query(kOfObject, {object_type, object_id}));
    std::vector<FileFacts> files;
    for (const mch::db::Row& row : rows) files.push_back(FromRow(row));
    return files;
}

mch::Result<void> FileService::Attach(mch::db::Transaction& tx, mch::Id user_id,
                                      const std::vector<mch::Id>& file_ids,
                                      std::string_view object_type, mch::Id object_id,
                                      std::string_view field) const {
    const mch::TimeMs now = runtime_.clock().Now();
    for (std::size_t i = 0; i < file_ids.size(); ++i) {
        MCH_TRY(const std::int64_t changed, tx.Execute(kAttach, {object_type, object_id, now, now,
                                                                 user_id, file_ids[i], user_id}));
        if (changed != 1) {
            return mch::InvalidField(std::string(field) + "[" + std::to_string(i) + "]",
                                     "file.not_attachable");
        }
    }
    return {};
}

mch::Result<void> FileService::CheckQuota(mch::db::Reader& reader, mch::Id user_id,
                                          std::int64_t size) const {
    const std::int64_t quota = runtime_.config().Size("file_user_quota", kDefaultQuota);
    MCH_TRY(const mch::db::Row used, reader.QueryOne(kUsed, {user_id}, "file.not_found"));
    if (used.Int(0) + size <= quota) return {};
    return mch::Error(mch::ErrorKind::kTooLarge, "file.quota_exceeded")
        .With("max", Megabytes(quota));
}

mch::Result<FileFacts> FileService::Upload(const mch::http::Part& part, std::string purpose,
                                           const mch::http::Context& context) const {
    if (part.size == 0) return mch::InvalidField("file", "file.empty");
    if (part.size > kMaxImageBytes) {
        return mch::Error(mch::ErrorKind::kTooLarge, "file.too_large")
            .With("max", Megabytes(kMaxImageBytes));
    }
    const mch::Id user_id = context.principal.user_id;
    MCH_CHECK(runtime_.database().Read(context.deadline(), [&](mch::db::Reader& reader) {
        return CheckQuota(reader, user_id, part.size);
    }));
    MCH_TRY(const std::string bytes, ReadSpool(part));
    MCH_TRY(const ImageFacts image, ProbeImage(bytes));

    FileFacts facts;
    facts.id = runtime_.ids().Next();
    facts.name = CleanFileName(part.file_name);
    facts.size = part.size;
    facts.content_type = image.content_type;
    facts.width = image.width;
    facts.height = image.height;
    facts.taken_at = TakenAt(image, runtime_.zone_minutes());
    facts.uploaded_by = user_id;
    facts.uploaded_at = runtime_.clock().Now();
    // Before the row: a crash in between leaves content that nothing names, never the reverse.
    MCH_TRY(facts.sha256, runtime_.blobs().PutFile(part.path));

    mch::db::Value longitude;
    mch::db::Value latitude;
    if (image.position) {
        longitude = image.position->longitude;
        latitude = image.position->latitude;
    }
    MCH_CHECK(runtime_.database().Write(
        context.deadline(), [&](mch::db::Transaction& tx) -> mch::Result<void> {
            MCH_CHECK(CheckQuota(tx, user_id, part.size));
            MCH_CHECK(tx.Execute(
                kInsert,
                {facts.id, facts.sha256, facts.name, facts.size, facts.content_type, facts.width,
                 facts.height, purpose, mch::db::NullIfZero(facts.taken_at), longitude, latitude,
                 facts.uploaded_at, user_id, facts.uploaded_at, user_id}));
            return audit_->Append(tx, context,
                                  {.action = "file.upload",
                                   .object_type = "file",
                                   .object_id = facts.id,
                                   .region_id = context.principal.region_id,
                                   .org_id = context.principal.org_id,
                                   .changes = {{"sha256", "", facts.sha256},
                                               {"content_type", "", facts.content_type},
                                               {"size", "", std::to_string(facts.size)}}});
        }));
    return facts;
}

mch::Result<FileFacts> FileService::FindReadable(mch::db::Reader& reader,
                                                 const mch::http::Principal& principal,
                                                 mch::Id id) const {
    MCH_TRY(const mch::db::Row row, reader.QueryOne(kFind, {id}, "file.not_found"));
    FileFacts facts = FromRow(row);
    if (facts.object_id == 0) {
        if (facts.uploaded_by == principal.user_id) return facts;
        return mch::NotFound("file.not_found");
    }
    const auto guard = guards_.find(facts.object_type);
    if (guard == guards_.end()) return mch::NotFound("file.not_found", "no guard");
    const mch::Result<void> allowed = guard->second(reader, principal, facts.object_id);
    if (allowed) return facts;
    const mch::ErrorKind kind = allowed.error().kind();
    if (kind == mch::ErrorKind::kForbidden || kind == mch::ErrorKind::kNotFound) {
        return mch::NotFound("file.not_found", allowed.error().ToString());
    }
    return allowed.error();
}

}  // namespace anlan::file
