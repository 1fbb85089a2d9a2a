// c10d's process group over Gloo, which is in libtorch, behind a C interface: what libtorch throws, such as at a dead peer, becomes a result and
// a message. Thrown through a P/Invoke it would end the process.
#include "libtorch.hpp"

#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <iostream>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr int kDone = 0, kFailed = 1;

// Looks a name up in the libtorch that the process has.
template <typename T>
T find(const char* name)
{
    static void* const library = dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD);
    if (!library) throw std::runtime_error("libtorch is not loaded");
    void* const found = dlsym(library, name);
    if (!found) throw std::runtime_error(std::string("libtorch lacks ") + name);
    return reinterpret_cast<T>(found);
}

int fail(const char* reason, char* message, int capacity)
{
    std::strncpy(message, reason, capacity - 1);
    message[capacity - 1] = '\0';
    return kFailed;
}

// Does something and tells how it ended, in a message that ends with a zero.
template <typename Action>
int guarded(char* message, int capacity, Action action) noexcept
{
    try {
        action();
        return kDone;
    } catch (const std::exception& e) {
        return fail(e.what(), message, capacity);
    } catch (...) {
        return fail("an exception of an unknown type", message, capacity);
    }
}

// Makes an object of libtorch's.
template <typename Construct>
libtorch::Reference make(std::size_t size, Construct construct)
{
    struct Free {
        void operator()(void* memory) const { ::operator delete(memory); }
    };
    std::unique_ptr<void, Free> memory(::operator new(size));
    construct(memory.get());
    return libtorch::Reference(memory.release());
}

void wait_for(const libtorch::Reference& work)
{
    if (!find<libtorch::Wait>(libtorch::kWait)(work.get(), std::chrono::milliseconds::zero())) throw std::runtime_error("it was given up");
}

// Keeps what Gloo writes about its connections from standard output, which is the program's. Ranks may join from threads of one process.
class QuietOutput {
public:
    QuietOutput()
    {
        std::lock_guard<std::mutex> lock(mutex);
        if (joining++ == 0) before = std::cout.rdbuf(nullptr);
    }

    ~QuietOutput()
    {
        std::lock_guard<std::mutex> lock(mutex);
        if (--joining == 0) std::cout.rdbuf(before);
    }

    QuietOutput(const QuietOutput&) = delete;
    QuietOutput& operator=(const QuietOutput&) = delete;

private:
    static inline std::mutex mutex;
    static inline int joining = 0;
    static inline std::streambuf* before = nullptr;
};

struct Group {
    libtorch::Reference store, gloo;
};

} // namespace

// The SHA-256 of the sources, set by the script that builds them.
EXPORT const char* altclip_distributed_sources() { return ALTCLIP_SOURCES; }

// Whether the process has the libtorch that the rest is for.
EXPORT int altclip_distributed_check(char* message, int capacity)
{
    return guarded(message, capacity, [] {
        const auto config = find<libtorch::ShowConfig>(libtorch::kShowConfig)();
        if (config.find(libtorch::kVersion) != std::string::npos && config.find(libtorch::kHasGloo) != std::string::npos) return;
        const auto found = config.find("TORCH_VERSION=");
        throw std::runtime_error(
            "expected libtorch with TORCH_VERSION=2.10.0 and USE_GLOO=ON, found "
            + (found == std::string::npos ? std::string("another") : config.substr(found, config.find(',', found) - found)));
    });
}

// Joins a group; it waits until all have.
EXPORT int altclip_distributed_join(
    const char* host, std::uint16_t port, int rank, int size, std::int64_t timeout, Group** group, char* message, int capacity)
{
    return guarded(message, capacity, [&] {
        const QuietOutput quiet;
        const std::chrono::milliseconds limit(timeout);
        auto store = make(libtorch::kTcpStoreSize, [&](void* memory) {
            const libtorch::TcpStoreOptions options{port, rank == 0, static_cast<std::size_t>(size), true, limit};
            find<libtorch::TcpStoreConstructor>(libtorch::kTcpStoreConstructor)(memory, host, options);
        });
        auto gloo = make(libtorch::kProcessGroupGlooSize, [&](void* memory) {
            const auto options = find<libtorch::CreateGlooOptions>(libtorch::kCreateGlooOptions)(limit);
            find<libtorch::GlooConstructor>(libtorch::kGlooConstructor)(memory, store, rank, size, options);
        });
        *group = new Group{store, gloo};
    });
}

EXPORT void altclip_distributed_leave(Group* group) { delete group; }

// A tensor is an at::Tensor*, dense and on the CPU.
EXPORT int altclip_distributed_all_reduce(Group* group, void* tensor, std::uint8_t operation, char* message, int capacity)
{
    return guarded(message, capacity, [&] {
        // The first two entries are not the table's own.
        libtorch::AllReduceOptions options{find<const void* const*>(libtorch::kReduceOpVtable) + 2, 0, operation};
        libtorch::OneTensor tensors(tensor);
        wait_for(find<libtorch::AllReduce>(libtorch::kAllReduce)(group->gloo.get(), tensors, options));
    });
}

EXPORT int altclip_distributed_broadcast(Group* group, void* tensor, int root, char* message, int capacity)
{
    return guarded(message, capacity, [&] {
        libtorch::OneTensor tensors(tensor);
        wait_for(find<libtorch::Broadcast>(libtorch::kBroadcast)(group->gloo.get(), tensors, libtorch::BroadcastOptions{root}));
    });
}

// Output has the ranks' inputs one after the other.
EXPORT int altclip_distributed_all_gather(Group* group, void* output, void* input, char* message, int capacity)
{
    return guarded(message, capacity, [&] {
        wait_for(find<libtorch::AllGather>(libtorch::kAllGather)(group->gloo.get(), output, input, libtorch::AllGatherOptions{}));
    });
}
