// What altclip_distributed.cpp calls of libtorch 2.10, declared anew, because NuGet's packages of libtorch have no headers. All names are looked
// up when a program runs, and nothing of this is touched unless the library says that it is exactly this version (altclip_distributed_check).
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace libtorch {

constexpr const char* kVersion = "TORCH_VERSION=2.10.0,";
constexpr const char* kHasGloo = "USE_GLOO=ON";

constexpr std::chrono::milliseconds kTimeoutOfGroup{-1};

// c10::intrusive_ptr_target: strong references in the low half of the count, weak ones in the high half. All strong ones together hold a weak one.
class Counted {
public:
    static constexpr std::uint64_t kStrong = 1, kWeak = std::uint64_t{1} << 32;

    virtual ~Counted() = default;
    virtual void release_resources() {}

    std::atomic<std::uint64_t> count;
};

// c10::intrusive_ptr<T>
class Reference {
public:
    // Takes an object that was made just now, and that nobody refers to.
    explicit Reference(void* made) : target_(static_cast<Counted*>(made)) { target_->count = Counted::kStrong | Counted::kWeak; }
    Reference(const Reference& other) : target_(other.target_) { if (target_) target_->count += Counted::kStrong; }
    Reference& operator=(const Reference&) = delete;

    ~Reference()
    {
        if (!target_) return;
        const auto left = target_->count.fetch_sub(Counted::kStrong) - Counted::kStrong;
        if (static_cast<std::uint32_t>(left) != 0) return;
        if (left != Counted::kWeak) {
            target_->release_resources();
            if (target_->count.fetch_sub(Counted::kWeak) != Counted::kWeak) return;
        }
        delete target_;
    }

    void* get() const { return target_; }

private:
    Counted* target_;
};

// std::vector<at::Tensor> of one tensor that is someone else's.
class OneTensor {
public:
    explicit OneTensor(void* tensor) : begin_(tensor), end_(static_cast<char*>(tensor) + sizeof(void*)), capacity_(end_) {}

private:
    void *begin_, *end_, *capacity_;
};

// c10d::TCPStoreOptions
struct TcpStoreOptions {
    std::uint16_t port;
    bool isServer;
    std::optional<std::size_t> numWorkers;
    bool waitWorkers = true;
    std::chrono::milliseconds timeout;
    bool multiTenant = false;
    std::optional<int> masterListenFd = std::nullopt;
    bool useLibUV = true;
};
static_assert(offsetof(TcpStoreOptions, timeout) == 0x20 && offsetof(TcpStoreOptions, useLibUV) == 0x34);

// c10d::AllreduceOptions, with the c10d::ReduceOp that it begins with
struct AllReduceOptions {
    const void* reduceOpVtable;
    std::uint64_t reduceOpCount = 0;
    std::uint8_t operation;
    void* supplement = nullptr;
    std::chrono::milliseconds timeout = kTimeoutOfGroup;
    bool asyncOp = true;
    std::optional<void*> sparseIndices = std::nullopt;
};

// c10d::BroadcastOptions
struct BroadcastOptions {
    std::int64_t rootRank;
    std::int64_t rootTensor = 0;
    std::chrono::milliseconds timeout = kTimeoutOfGroup;
    bool asyncOp = true;
};

// c10d::AllgatherOptions
struct AllGatherOptions {
    std::chrono::milliseconds timeout = kTimeoutOfGroup;
    bool asyncOp = true;
};

constexpr std::size_t kTcpStoreSize = 0xd8, kProcessGroupGlooSize = 0x1e8;

// Members that are static or not, and constructors, as functions: the object is the first argument.
using ShowConfig = std::string (*)();
using TcpStoreConstructor = void (*)(void*, std::string host, const TcpStoreOptions&);
using CreateGlooOptions = Reference (*)(std::chrono::milliseconds timeout);
using GlooConstructor = void (*)(void*, const Reference& store, int rank, int size, Reference options);
using AllReduce = Reference (*)(void*, OneTensor&, const AllReduceOptions&);
using Broadcast = Reference (*)(void*, OneTensor&, const BroadcastOptions&);
using AllGather = Reference (*)(void*, void* output, void* input, const AllGatherOptions&);
using Wait = bool (*)(void* work, std::chrono::milliseconds timeout);

constexpr const char* kShowConfig = "_ZN2at11show_configB5cxx11Ev";
constexpr const char* kTcpStoreConstructor = "_ZN4c10d8TCPStoreC1ENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEERKNS_15TCPStoreOptionsE";
constexpr const char* kCreateGlooOptions = "_ZN4c10d16ProcessGroupGloo7Options14create_defaultENSt6chrono8durationIlSt5ratioILl1ELl1000EEEE";
constexpr const char* kGlooConstructor =
    "_ZN4c10d16ProcessGroupGlooC1ERKN3c1013intrusive_ptrINS_5StoreENS1_6detail34intrusive_target_default_null_typeIS3_EEEEiiNS2_INS0_7OptionsENS5_ISA_EEEE";
constexpr const char* kReduceOpVtable = "_ZTVN4c10d8ReduceOpE";
constexpr const char* kAllReduce = "_ZN4c10d16ProcessGroupGloo9allreduceERSt6vectorIN2at6TensorESaIS3_EERKNS_16AllreduceOptionsE";
constexpr const char* kBroadcast = "_ZN4c10d16ProcessGroupGloo9broadcastERSt6vectorIN2at6TensorESaIS3_EERKNS_16BroadcastOptionsE";
constexpr const char* kAllGather = "_ZN4c10d16ProcessGroupGloo15_allgather_baseERN2at6TensorES3_RKNS_16AllgatherOptionsE";
constexpr const char* kWait = "_ZN4c10d4Work4waitENSt6chrono8durationIlSt5ratioILl1ELl1000EEEE";

} // namespace libtorch
