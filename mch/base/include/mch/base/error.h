// The error that every fallible call of mch and anlan returns.
//
// An Error names what happened by a stable code ("hazard.move.illegal"); sentences for people are
// not in it but in the message catalogues, found by that code. The operator text is English and
// goes to the log only.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mch {

// The closed list of what can go wrong. mch/http/src/problem.cpp maps each kind to an HTTP status.
enum class ErrorKind {
    kInvalid,          // the input breaks a rule: 400 (422 when fields are named)
    kUnauthenticated,  // nobody is signed in: 401
    kForbidden,        // signed in, but not allowed: 403
    kNotFound,         // absent, or outside the caller's scope: 404
    kConflict,         // the object is not in a state that allows it: 409
    kPrecondition,     // the version seen is not the current one: 412
    kTooLarge,         // body, header or file above its limit: 413
    kTooMany,          // rate limit or lockout: 429
    kTimeout,          // the deadline passed: 504
    kUnavailable,      // queue full, store away, shutting down: 503
    kUnsupported,      // media type, method or feature: 415
    kInternal,         // our own fault: 500
};

// Named values that a catalogue sentence may use, for example {"max", "100"}.
using ErrorParams = std::vector<std::pair<std::string, std::string>>;

// One bad field of a request: where, which rule ("field.too_long") and what is allowed.
struct FieldError {
    std::string field;  // JSON path such as "plan.measures[2].due_on"
    std::string code;
    ErrorParams params;
};

class [[nodiscard]] Error {
  public:
    Error(ErrorKind kind, std::string code, std::string detail = {})
        : kind_(kind), code_(std::move(code)), detail_(std::move(detail)) {}

    ErrorKind kind() const { return kind_; }
    const std::string& code() const { return code_; }
    // English text for the log; never shown to a user.
    const std::string& detail() const { return detail_; }
    const ErrorParams& params() const { return params_; }
    const std::vector<FieldError>& fields() const { return fields_; }
    // JSON text with further members of the problem document ("" = none), for example the legal
    // moves of a refused transition. Must be an object.
    const std::string& extra_json() const { return extra_json_; }

    Error&& With(std::string name, std::string value) && {
        params_.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }
    Error&& WithField(FieldError field) && {
        fields_.push_back(std::move(field));
        return std::move(*this);
    }
    Error&& WithExtraJson(std::string json) && {
        extra_json_ = std::move(json);
        return std::move(*this);
    }
    void AddField(FieldError field) { fields_.push_back(std::move(field)); }

    // "code: detail" for logs.
    std::string ToString() const { return detail_.empty() ? code_ : code_ + ": " + detail_; }

  private:
    ErrorKind kind_;
    std::string code_;
    std::string detail_;
    ErrorParams params_;
    std::vector<FieldError> fields_;
    std::string extra_json_;
};

// Shorthands for the frequent kinds.
inline Error Invalid(std::string code, std::string detail = {}) {
    return {ErrorKind::kInvalid, std::move(code), std::move(detail)};
}
inline Error NotFound(std::string code, std::string detail = {}) {
    return {ErrorKind::kNotFound, std::move(code), std::move(detail)};
}
inline Error Conflict(std::string code, std::string detail = {}) {
    return {ErrorKind::kConflict, std::move(code), std::move(detail)};
}
inline Error Forbidden(std::string code, std::string detail = {}) {
    return {ErrorKind::kForbidden, std::move(code), std::move(detail)};
}
inline Error Internal(std::string code, std::string detail = {}) {
    return {ErrorKind::kInternal, std::move(code), std::move(detail)};
}
// One named field is wrong: the usual answer of a domain rule to bad input.
inline Error InvalidField(std::string field, std::string code, ErrorParams params = {}) {
    return Error(ErrorKind::kInvalid, "request.invalid")
        .WithField({std::move(field), std::move(code), std::move(params)});
}

}  // namespace mch
