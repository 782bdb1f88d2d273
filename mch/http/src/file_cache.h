// Opening of static files: below their root, with the rule for symbolic links, and kept open for a
// while when `open_file_cache` says so.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mch/base/clock.h"
#include "site.h"

namespace mch::http {

// An open file or folder; closed with its last user.
struct OpenFile {
    explicit OpenFile(int descriptor) : fd(descriptor) {}
    ~OpenFile();
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    int fd;
    bool folder = false;
    std::int64_t size = 0;
    TimeMs modified = 0;         // whole seconds
    std::uint64_t identity = 0;  // changes when the file was replaced
    std::string etag;            // quoted, from time and size as nginx makes it
    std::string last_modified;

    // Reads the state of `fd`. False when it is neither a file nor a folder.
    bool Inspect();
};

struct FileLookup {
    std::shared_ptr<const OpenFile> file;
    int error = 0;  // errno when there is no file
};

// Opens `relative` (no leading slash, "" = the root itself) below `root`, never outside of it.
FileLookup OpenBelow(const std::string& root, std::string_view relative, Symlinks symlinks);

class FileCache {
  public:
    FileLookup Find(const std::string& root, std::string_view relative, const Settings& settings,
                    std::int64_t now_ms);
    std::size_t size() const { return entries_.size(); }

  private:
    struct Entry {
        std::string key;
        FileLookup found;
        std::int64_t checked_ms = 0;
        std::int64_t used_ms = 0;
    };
    void Trim(const FileCacheSettings& settings, std::int64_t now_ms);

    std::list<Entry> entries_;  // most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
    std::string key_;  // scratch
};

}  // namespace mch::http
