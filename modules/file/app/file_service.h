// The service behind api/file.h, and the two use cases of the routes: upload and read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mch/app/module.h"
#include "modules/audit/api/audit.h"
#include "modules/file/api/file.h"

namespace anlan::file {

inline constexpr std::int64_t kMaxImageBytes = 10 << 20;

class FileService final : public Files {
  public:
    FileService(mch::app::Runtime& runtime, std::shared_ptr<audit::AuditLog> audit)
        : runtime_(runtime), audit_(std::move(audit)) {}

    void RegisterGuard(std::string object_type, ReadGuard guard) override;
    mch::Result<std::vector<FileFacts>> FindMany(mch::db::Reader& reader,
                                                 const std::vector<mch::Id>& ids) const override;
    mch::Result<std::vector<FileFacts>> OfObject(mch::db::Reader& reader,
                                                 std::string_view object_type,
                                                 mch::Id object_id) const override;
    mch::Result<void> Attach(mch::db::Transaction& tx, mch::Id user_id,
                             const std::vector<mch::Id>& file_ids, std::string_view object_type,
                             mch::Id object_id, std::string_view field) const override;

    // Takes a spooled upload into the store. Errors: file.empty, file.too_large {max},
    // file.quota_exceeded {max}, and those of ProbeImage.
    mch::Result<FileFacts> Upload(const mch::http::Part& part, std::string purpose,
                                  const mch::http::Context& context) const;
    // The facts when this person may read the file, else file.not_found.
    mch::Result<FileFacts> FindReadable(mch::db::Reader& reader,
                                        const mch::http::Principal& principal, mch::Id id) const;

  private:
    mch::Result<void> CheckQuota(mch::db::Reader& reader, mch::Id user_id, std::int64_t size) const;

    mch::app::Runtime& runtime_;
    std::shared_ptr<audit::AuditLog> audit_;
    std::map<std::string, ReadGuard, std::less<>> guards_;  // set in Register, constant then
};

// What is kept of a client's file name: no folders, no control characters, at most 100 code points,
// "file" when nothing is left.
std::string CleanFileName(std::string_view name);

}  // namespace anlan::file
