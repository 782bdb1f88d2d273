// RFC 9457 problem documents: the only place where an error becomes an HTTP answer.
#pragma once

#include <string>
#include <string_view>

#include "mch/base/catalogue.h"
#include "mch/base/error.h"
#include "mch/http/message.h"

namespace mch::http {

// 422 when an invalid request names its fields.
int StatusOf(const Error& error);
// Sentences in `language`; the operator's detail stays out.
Response ProblemResponse(const Error& error, const Catalogue& catalogue, std::string_view language,
                         std::string_view trace_id);
// "zh-CN" or "en": the better one of an Accept-Language value; zh-CN when it says nothing.
std::string_view ChooseLanguage(std::string_view accept_language);
// "Not Found"; "" for an unknown status.
std::string_view ReasonPhrase(int status);

}  // namespace mch::http
