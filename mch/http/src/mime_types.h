// MIME types by lower-case extension, for a configuration without `types`.
#pragma once

#include "site.h"

namespace mch::http {

const MimeTypes& StandardMimeTypes();

}  // namespace mch::http
