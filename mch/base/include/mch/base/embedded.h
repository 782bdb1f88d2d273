// Files linked into the program by tools/embed.py: migrations, message catalogues, seed data.
//
//   extern const mch::EmbeddedFiles kEmbedded_module_hazard;
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace mch {

// (path relative to the module's folder, content), sorted by path.
using EmbeddedFiles = std::vector<std::pair<std::string, std::string>>;

}  // namespace mch
