// Transactions and queries per second of a store, and how long single ones take:
//
//   storage_bench [sqlite:PATH | mysql://...]...
//
// Without arguments: SQLite in a folder of its own under /var/tmp (a real disk), and MariaDB when
// ANLAN_TEST_MYSQL_URL is set. The write is one INSERT and one UPDATE, durable; the read is one row
// by its key.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "storage/open.h"

namespace {

using mch::Deadline;
using mch::Result;

constexpr std::int64_t kRunMs = 3000;

double Percentile(std::vector<double>& sorted, double part) {
    if (sorted.empty()) return 0;
    return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

// Repeats `work` in `threads` threads and prints what came of it.
template <typename Work>
void Measure(const char* name, int threads, const mch::Clock& clock, const Work& work) {
    std::vector<std::vector<double>> took(static_cast<std::size_t>(threads));
    std::atomic<int> failed{0};
    const std::int64_t end = clock.Monotonic() + kRunMs;
    {
        std::vector<std::jthread> running;
        for (int i = 0; i < threads; ++i) {
            running.emplace_back([&, i] {
                std::int64_t key = i * 1'000'000'000LL;
                while (clock.Monotonic() < end) {
                    const auto from = std::chrono::steady_clock::now();
                    if (!work(++key)) ++failed;
                    const std::chrono::duration<double, std::milli> time =
                        std::chrono::steady_clock::now() - from;
                    took[static_cast<std::size_t>(i)].push_back(time.count());
                }
            });
        }
    }
    std::vector<double> all;
    for (const auto& one : took) all.insert(all.end(), one.begin(), one.end());
    std::sort(all.begin(), all.end());
    fmt::print(
        "  {:<24} {:>2} threads {:>9.0f}/s   median {:.3f} ms, 99 % {:.3f} ms, worst {:.1f} ms{}\n",
        name, threads, static_cast<double>(all.size()) * 1000 / kRunMs, Percentile(all, 0.5),
        Percentile(all, 0.99), all.empty() ? 0 : all.back(),
        failed > 0 ? fmt::format(", {} FAILED", failed.load()) : "");
}

Result<void> Run(const std::string& url) {
    const mch::SystemClock clock;
    mch::db::DatabaseOptions options;
    options.url = url;
    MCH_TRY(const auto database, mch::storage::OpenDatabase(options, clock));
    fmt::print("{}\n", database->Describe());
    MCH_CHECK(database->Write(Deadline(clock, 5000), [](mch::db::Transaction& tx) -> Result<void> {
        MCH_CHECK(tx.Execute("DROP TABLE IF EXISTS bench_row"));
        MCH_CHECK(tx.Execute("DROP TABLE IF EXISTS bench_head"));
        MCH_CHECK(
            tx.Execute("CREATE TABLE bench_row (id BIGINT NOT NULL PRIMARY KEY,"
                       " words VARCHAR(200) NOT NULL, made_at BIGINT NOT NULL)"));
        MCH_CHECK(
            tx.Execute("CREATE TABLE bench_head (id BIGINT NOT NULL PRIMARY KEY,"
                       " amount BIGINT NOT NULL)"));
        for (int id = 1; id <= 8; ++id) {
            MCH_CHECK(tx.Execute("INSERT INTO bench_head (id, amount) VALUES (?, 0)", {id}));
        }
        return {};
    }));
    const auto write = [&](std::int64_t key) {
        return database
            ->Write(
                Deadline(clock, 30'000),
                [&](mch::db::Transaction& tx) -> Result<void> {
                    MCH_CHECK(
                        tx.Execute("INSERT INTO bench_row (id, words, made_at) VALUES (?, ?, ?)",
                                   {key, std::string(100, 'w'), clock.Now()}));
                    MCH_CHECK(tx.Execute("UPDATE bench_head SET amount = amount + 1 WHERE id = ?",
                                         {std::abs(key) / 1'000'000'000 + 1}));
                    return {};
                })
            .has_value();
    };
    const auto read = [&](std::int64_t key) {
        return database
            ->Read(Deadline(clock, 30'000),
                   [&](mch::db::Reader& reader) {
                       return reader.Query("SELECT id, amount FROM bench_head WHERE id = ?",
                                           {key % 8 + 1});
                   })
            .has_value();
    };
    // Key ranges of one thread each, also across the runs.
    const auto low = [&](std::int64_t key) { return write(-key); };
    const auto lower = [&](std::int64_t key) { return write(-key - 500'000'000); };
    Measure("write, new log", 1, clock, low);
    MCH_CHECK(database->Checkpoint(Deadline(clock, 30'000)));
    Measure("write, log in use again", 1, clock, lower);
    MCH_CHECK(database->Checkpoint(Deadline(clock, 30'000)));
    Measure("write, log in use again", 8, clock, write);
    for (const int threads : {1, 8}) Measure("read by key", threads, clock, read);
    return database->Checkpoint(Deadline(clock, 30'000));
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> urls(argv + 1, argv + argc);
    std::string folder;
    if (urls.empty()) {
        folder = "/var/tmp/anlan-bench-XXXXXX";
        if (mkdtemp(folder.data()) == nullptr) return 1;
        urls.push_back("sqlite:" + folder + "/bench.db");
        if (const char* server = std::getenv("ANLAN_TEST_MYSQL_URL")) urls.emplace_back(server);
    }
    int failed = 0;
    for (const std::string& url : urls) {
        if (const auto done = Run(url); !done) {
            fmt::print(stderr, "{}\n", done.error().ToString());
            failed = 1;
        }
    }
    if (!folder.empty()) std::filesystem::remove_all(folder);
    return failed;
}
