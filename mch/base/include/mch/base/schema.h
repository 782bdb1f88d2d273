// One declaration of a JSON shape: it validates requests, names every bad field at once, and is
// printed into the OpenAPI document from which the typed web client is made.
//
//   const Schema kReport = Schema::Object({
//       {"title", Schema::String().Min(2).Max(100), kRequired},
//       {"grade", Schema::Enum({"ordinary", "major"}), kRequired},
//       {"photos", Schema::Array(Schema::Id()).Max(9)},
//   });
//
// Codes of field errors (each with a sentence in both catalogues): field.required, field.unknown,
// field.type {expected}, field.too_short {min}, field.too_long {max}, field.too_small {min},
// field.too_large {max}, field.not_allowed {allowed}, field.format {expected}, field.too_few {min},
// field.too_many {max}, field.control_characters.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/json.h"

namespace mch {

enum class Presence { kOptional, kRequired };
inline constexpr Presence kOptional = Presence::kOptional;
inline constexpr Presence kRequired = Presence::kRequired;

class Schema {
  public:
    struct Property;

    // Text is trimmed at both ends before its length (in code points) is checked; a required text
    // must not be blank.
    static Schema String();
    // Text taken exactly as sent (passwords).
    static Schema Secret();
    static Schema Integer();
    static Schema Number();
    static Schema Boolean();
    static Schema Enum(std::vector<std::string> allowed);
    // A row id: decimal text.
    static Schema Id();
    static Schema Uuid();
    // "YYYY-MM-DD".
    static Schema Date();
    // UTC milliseconds as an integer.
    static Schema Time();
    static Schema Array(Schema item);
    static Schema Object(std::vector<Property> properties);
    // An object whose text property `discriminator` picks one of several object shapes; each shape
    // must itself declare that property.
    static Schema OneOf(std::string discriminator,
                        std::vector<std::pair<std::string, Schema>> shapes);
    // Any JSON value; only for extension columns.
    static Schema Any();
    // Names the shape: it becomes a component of the OpenAPI document and a type of the client.
    Schema Named(std::string name) &&;

    // Text: code points. Array: items. Number: value.
    Schema Min(std::int64_t min) &&;
    Schema Max(std::int64_t max) &&;
    Schema Range(double min, double max) &&;
    // The value may also be null (in answers).
    Schema Nullable() &&;
    Schema Describe(std::string english) &&;

    // The value with texts trimmed, or request.invalid with every bad field.
    Result<json::Value> Validate(json::Value value) const;

    // JSON Schema 2020-12 as OpenAPI 3.1 wants it; named schemas become {"$ref": ...} when
    // use_references and are appended to `components` (name, schema) once.
    std::string ToJsonSchema(std::vector<std::pair<std::string, std::string>>* components) const;

    Schema();
    ~Schema();
    Schema(const Schema&);
    Schema(Schema&&) noexcept;
    Schema& operator=(const Schema&);
    Schema& operator=(Schema&&) noexcept;

    // True when nothing was declared (a route without a body).
    bool Empty() const;

  private:
    struct Node;
    explicit Schema(std::shared_ptr<Node> node);
    std::shared_ptr<Node> node_;  // shared: schemas are constants copied into routes and nested
};

struct Schema::Property {
    std::string name;
    Schema schema;
    Presence presence = kOptional;
};

}  // namespace mch
