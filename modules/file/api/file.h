// Uploaded files: their facts, and how a module ties them to its rows.
//
// A file belongs to nobody's row until Attach(); until then only its uploader can read it. From
// then on, whoever may see the row may read it: the row's module says so with a ReadGuard.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/clock.h"
#include "mch/base/ids.h"
#include "mch/base/result.h"
#include "mch/db/database.h"
#include "mch/http/principal.h"

namespace anlan::file {

struct FileFacts {
    mch::Id id = 0;
    std::string sha256;  // hex
    std::string name;    // as the uploader called it, cleaned
    std::int64_t size = 0;
    std::string content_type;  // by content, not by claim
    int width = 0;             // pixels as stored, 0 when not an image
    int height = 0;
    // When the photo says it was taken, local time of the camera read in the installation's zone;
    // 0 when it does not say. A claim of the file, not a fact.
    mch::TimeMs taken_at = 0;
    mch::Id uploaded_by = 0;
    mch::TimeMs uploaded_at = 0;
    std::string object_type;  // "hazard" once attached
    mch::Id object_id = 0;
};

// May this person see the row `object_id`? An error of kind kNotFound or kForbidden is a no.
// Runs in a read snapshot on a handler thread.
using ReadGuard = std::function<mch::Result<void>(mch::db::Reader&, const mch::http::Principal&,
                                                  mch::Id object_id)>;

class Files {
  public:
    virtual ~Files() = default;

    // In Register(): once for each object type of the module.
    virtual void RegisterGuard(std::string object_type, ReadGuard guard) = 0;

    // In the order asked for; file.not_found names the first id that does not exist.
    virtual mch::Result<std::vector<FileFacts>> FindMany(mch::db::Reader& reader,
                                                         const std::vector<mch::Id>& ids) const = 0;
    // All files of one row, oldest first.
    virtual mch::Result<std::vector<FileFacts>> OfObject(mch::db::Reader& reader,
                                                         std::string_view object_type,
                                                         mch::Id object_id) const = 0;

    // Ties the files to a row within its transaction. Only files that `user_id` uploaded and that
    // are not attached yet can be: otherwise file.not_attachable as a field error of `field`, and
    // the caller returns it so that nothing is written.
    virtual mch::Result<void> Attach(mch::db::Transaction& tx, mch::Id user_id,
                                     const std::vector<mch::Id>& file_ids,
                                     std::string_view object_type, mch::Id object_id,
                                     std::string_view field) const = 0;
};

}  // namespace anlan::file
