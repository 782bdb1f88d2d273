// JSON shapes that the routes of identity share.
#pragma once

#include <string>
#include <vector>

#include "mch/base/schema.h"
#include "mch/http/router.h"
#include "modules/identity/app/sessions.h"

namespace anlan::identity {

mch::Schema SessionViewSchema();
mch::Schema ListSchema(mch::Schema item);

// Text in the reader's language.
const std::string& NameIn(const std::string& language, const std::string& zh,
                          const std::string& en);

// The contract's SessionView for the principal; `session` is null for a bearer token.
mch::Result<std::string> SessionView(Parts& parts, const mch::Catalogue& messages,
                                     const mch::http::Context& context,
                                     const mch::http::Principal& principal,
                                     const SessionRow* session);

// The installation's title in the language: directive `title`, else the catalogue's.
std::string ProductTitle(Parts& parts, const mch::Catalogue& messages, const std::string& language);

// Whole numbers and ids of the query; 0 when absent.
mch::Result<std::int64_t> QueryNumber(const mch::http::Request& request, std::string_view name);
// `limit` of the query, 20 by default, 100 at most.
mch::Result<int> QueryLimit(const mch::http::Request& request);

}  // namespace anlan::identity
