// AMX (Intel's matrix instructions, Intel SDM volume 2, "Intel AMX") for processors without it: each of its instructions is an illegal one there, whose signal
// is answered by doing what it would have done. For tests of what oneDNN computes by it, not for speed. Preloaded (LD_PRELOAD); audit.cpp, beside, lets the
// libraries ask here for what the processor has.

#include <cpuid.h>
#include <dlfcn.h>
#include <immintrin.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

namespace {

constexpr int Tiles = 8, Rows = 16, RowBytes = 64;
constexpr long ArchPrctl = 158, GetSupported = 0x1021, GetPermitted = 0x1022, RequestPermission = 0x1023;
constexpr uint64_t TileFeatures = 3ull << 17;

struct Tile { alignas(64) uint8_t row[Rows][RowBytes]; };

/// What TILECFG holds, as LDTILECFG reads it: it has room for twice as many tiles as there are.
struct Configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[2 * Tiles];
    uint8_t rows[2 * Tiles];
};
static_assert(sizeof(Configuration) == 64);

struct State {
    Configuration configuration;
    Tile tile[Tiles];
};

/// A thread's, from its first instruction on: what libraries may have in each thread is little.
State &of_thread() {
    static thread_local State *state __attribute__((tls_model("initial-exec")));
    if (!state) state = static_cast<State *>(mmap(nullptr, sizeof(State), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    return *state;
}

struct sigaction next;
bool counts;
uint64_t products;

/// An instruction with the prefix VEX of three bytes, of opcode map 0F38.
struct Instruction {
    const uint8_t *at;
    int prefix, vvvv, opcode, mod, reg, rm, length;
    uint64_t address, stride;
};

uint64_t general(const mcontext_t &machine, int number) {
    static const int order[] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                 REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };
    return static_cast<uint64_t>(machine.gregs[order[number]]);
}

/// Where in memory an instruction's operand is: at base and displacement, and its index, scaled, which of tiles is the way from row to row.
struct Operand { uint64_t address, stride; const uint8_t *end; };

/// The operand of a ModR/M byte that isn't a register. x and b are the prefix's bits, already in their place; short displacements count `unit` bytes.
Operand operand(const mcontext_t &machine, const uint8_t *modrm, int x, int b, int unit) {
    const int mod = *modrm >> 6, rm = *modrm & 7;
    const uint8_t *rest = modrm + 1;
    bool relative = false, has_base = true;
    int base = rm | b, index = 4, scale = 0;
    if (rm == 4) {
        const uint8_t sib = *rest++;
        scale = sib >> 6, index = (sib >> 3 & 7) | x, base = (sib & 7) | b;
        has_base = mod != 0 || (sib & 7) != 5;
    } else if (rm == 5 && mod == 0) relative = true;
    int32_t displacement = 0;
    if (mod == 1) displacement = static_cast<int8_t>(*rest++) * unit;
    else if (mod == 2 || relative || !has_base) memcpy(&displacement, rest, 4), rest += 4;
    const uint64_t from = relative ? reinterpret_cast<uint64_t>(rest) : has_base ? general(machine, base) : 0;
    return { from + displacement, index == 4 ? 0 : general(machine, index) << scale, rest };
}

bool decode(const mcontext_t &machine, Instruction &found) {
    const uint8_t *at = reinterpret_cast<const uint8_t *>(machine.gregs[REG_RIP]);
    if (at[0] != 0xC4 || (at[1] & 0x1F) != 2 || (at[2] & 0x84) != 0) return false; // W0, 128
    found = { at, at[2] & 3, ~at[2] >> 3 & 15, at[3], at[4] >> 6, at[4] >> 3 & 7, at[4] & 7, 5, 0, 0 };
    if (found.mod == 3) return true;
    const Operand memory = operand(machine, at + 4, (~at[1] >> 6 & 1) << 3, (~at[1] >> 5 & 1) << 3, 1);
    found.length = static_cast<int>(memory.end - at), found.address = memory.address, found.stride = memory.stride;
    return true;
}

void configure(const void *from) {
    State &state = of_thread();
    memcpy(&state.configuration, from, sizeof(Configuration));
    if (state.configuration.palette == 0) memset(&state.configuration, 0, sizeof(Configuration));
    memset(state.tile, 0, sizeof(state.tile));
}

void load(const Instruction &to) {
    State &state = of_thread();
    Tile &tile = state.tile[to.reg];
    memset(&tile, 0, sizeof(tile));
    for (int row = 0; row < state.configuration.rows[to.reg]; row++)
        memcpy(tile.row[row], reinterpret_cast<const void *>(to.address + row * to.stride), state.configuration.row_bytes[to.reg]);
}

void store(const Instruction &from) {
    State &state = of_thread();
    for (int row = 0; row < state.configuration.rows[from.reg]; row++)
        memcpy(reinterpret_cast<void *>(from.address + row * from.stride), state.tile[from.reg].row[row], state.configuration.row_bytes[from.reg]);
}

float from_bfloat16(uint16_t bits) {
    const uint32_t wide = static_cast<uint32_t>(bits) << 16;
    float value;
    memcpy(&value, &wide, 4);
    return value;
}

/// Adds the products of groups along K to the tile: of `count` numbers each, which together have four bytes.
template <typename Sum, typename Left, typename Right, int count, typename LeftValue, typename RightValue>
void multiply(const Instruction &of, LeftValue left_value, RightValue right_value) {
    State &state = of_thread();
    const Configuration &configuration = state.configuration;
    const Tile &left = state.tile[of.rm], &right = state.tile[of.vvvv];
    Tile &result = state.tile[of.reg];
    const int columns = configuration.row_bytes[of.reg] / 4, groups = configuration.row_bytes[of.rm] / 4;
    for (int m = 0; m < configuration.rows[of.reg]; m++) {
        Sum sums[RowBytes / 4];
        memcpy(sums, result.row[m], RowBytes);
        for (int k = 0; k < groups; k++) {
            Left a[count];
            memcpy(a, left.row[m] + 4 * k, 4);
            Right b[RowBytes / 4][count];
            memcpy(b, right.row[k], RowBytes);
            for (int i = 0; i < count; i++)
                for (int n = 0; n < columns; n++) sums[n] += left_value(a[i]) * right_value(b[n][i]);
        }
        memcpy(result.row[m], sums, RowBytes);
    }
    if (counts) __atomic_fetch_add(&products, 1, __ATOMIC_RELAXED);
}

template <typename Left, typename Right>
void multiply_bytes(const Instruction &of) {
    multiply<int32_t, Left, Right, 4>(of, [](Left value) { return static_cast<int32_t>(value); }, [](Right value) { return static_cast<int32_t>(value); });
}

bool run(const Instruction &it) {
    State &state = of_thread();
    constexpr int None = 0, P66 = 1, F3 = 2, F2 = 3;
    switch (it.opcode) {
    case 0x49:
        if (it.mod != 3 && it.reg == 0 && it.prefix == None) configure(reinterpret_cast<const void *>(it.address + it.stride));
        else if (it.mod != 3 && it.reg == 0 && it.prefix == P66) memcpy(reinterpret_cast<void *>(it.address + it.stride), &state.configuration, sizeof(Configuration));
        else if (it.mod == 3 && it.prefix == None) memset(&state, 0, sizeof(state));
        else if (it.mod == 3 && it.prefix == F2) memset(&state.tile[it.reg], 0, sizeof(Tile));
        else return false;
        return true;
    case 0x4B:
        if (it.mod == 3 || it.rm != 4 || it.prefix == None) return false;
        if (it.prefix == F3) store(it);
        else load(it);
        return true;
    case 0x5C:
        if (it.mod != 3 || it.prefix != F3) return false;
        multiply<float, uint16_t, uint16_t, 2>(it, from_bfloat16, from_bfloat16);
        return true;
    case 0x5E:
        if (it.mod != 3) return false;
        if (it.prefix == F2) multiply_bytes<int8_t, int8_t>(it);
        else if (it.prefix == F3) multiply_bytes<int8_t, uint8_t>(it);
        else if (it.prefix == P66) multiply_bytes<uint8_t, int8_t>(it);
        else multiply_bytes<uint8_t, uint8_t>(it);
        return true;
    default:
        return false;
    }
}

// With AMX comes AVX512-FP16, of which oneDNN takes the conversions between float16 and float.

/// VCVTPH2PSX is VCVTPH2PS of AVX-512 in another opcode map, but for a broadcast: it is made that.
bool rewrite_half_to_float(uint8_t *at) {
    if (at[0] != 0x62 || (at[1] & 7) != 6 || (at[2] & 0x83) != 0x01 || (at[3] & 0x10) != 0 || at[4] != 0x13) return false;
    uint8_t *page = reinterpret_cast<uint8_t *>(reinterpret_cast<uintptr_t>(at) & ~4095ul);
    if (mprotect(page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC) != 0 && mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) return false;
    at[1] = (at[1] & ~7) | 2;
    return true;
}

/// The registers of vectors as the system saved them for the signal (XSAVE, Intel SDM volume 1, chapter 13).
class SavedVectors {
public:
    explicit SavedVectors(const mcontext_t &machine) : _area(reinterpret_cast<uint8_t *>(machine.fpregs)) {}

    void read(int number, uint8_t (&value)[64]) const {
        memset(value, 0, sizeof(value));
        each(number, [&](int part, uint8_t *saved, int at, int size) { if (state() >> part & 1) memcpy(value + at, saved, size); });
    }

    void write(int number, const uint8_t (&value)[64]) {
        each(number, [&](int part, uint8_t *saved, int at, int size) {
            // A part that is as it begins isn't there for any register.
            if (!(state() >> part & 1)) memset(_area + offset(part), 0, part == 7 ? 1024 : part == 6 ? 512 : 256), state() |= 1ull << part;
            memcpy(saved, value + at, size);
        });
    }

private:
    uint64_t &state() const { return *reinterpret_cast<uint64_t *>(_area + 512); }

    static uint32_t offset(int part) {
        if (part == 1) return 160;
        uint32_t a, b, c, d;
        __cpuid_count(0xD, part, a, b, c, d);
        return b;
    }

    template <typename Each>
    void each(int number, Each each) const {
        if (number >= 16) {
            each(7, _area + offset(7) + 64 * (number - 16), 0, 64);
            return;
        }
        each(1, _area + offset(1) + 16 * number, 0, 16);
        each(2, _area + offset(2) + 16 * number, 16, 16);
        each(6, _area + offset(6) + 32 * number, 32, 32);
    }

    uint8_t *_area;
};

/// VCVTPS2PHX, without masks and broadcasts.
bool float_to_half(mcontext_t &machine) {
    const uint8_t *at = reinterpret_cast<const uint8_t *>(machine.gregs[REG_RIP]);
    if (at[0] != 0x62 || (at[1] & 7) != 5 || (at[2] & 0x83) != 0x01 || (at[3] & 0x97) != 0 || at[4] != 0x1D) return false;
    const int bytes = 16 << (at[3] >> 5 & 3), x = ~at[1] >> 6 & 1, b = ~at[1] >> 5 & 1;
    if (bytes > 64) return false;
    SavedVectors vectors(machine);
    uint8_t from[64], to[64] = {};
    const uint8_t *end = at + 6;
    if (at[5] >> 6 == 3) vectors.read((at[5] & 7) | b << 3 | x << 4, from);
    else {
        const Operand memory = operand(machine, at + 5, x << 3, b << 3, bytes);
        memcpy(from, reinterpret_cast<const void *>(memory.address + memory.stride), bytes);
        end = memory.end;
    }
    for (int i = 0; i < bytes / 4; i++) {
        float value;
        memcpy(&value, from + 4 * i, 4);
        const uint16_t half = _cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT);
        memcpy(to + 2 * i, &half, 2);
    }
    vectors.write((at[5] >> 3 & 7) | (~at[1] >> 7 & 1) << 3 | (~at[1] >> 4 & 1) << 4, to);
    machine.gregs[REG_RIP] += end - at;
    return true;
}

struct Answer { uint32_t a, b, c, d; };

/// A cache as CPUID's leaf 4 has it, of lines of 64 bytes.
Answer cache(uint32_t type, uint32_t level, uint32_t ways, uint32_t sets, uint32_t sharing) {
    return { type | level << 5 | 1u << 8 | (sharing - 1) << 14, (ways - 1) << 22 | 63, sets - 1, 0 };
}

/// CPUID as on a Sapphire Rapids with two cores, as far as it goes beyond this processor or a virtual machine hides it.
Answer identity(uint32_t leaf, uint32_t part) {
    uint32_t a, b, c, d;
    __cpuid_count(leaf, part, a, b, c, d);
    switch (leaf) {
    case 0: return { a < 0x1E ? 0x1E : a, 0x756E6547, 0x6C65746E, 0x49656E69 }; // GenuineIntel
    case 1: return { 0x000806F8, b, c, d };
    case 4: switch (part) {
        case 0: return cache(1, 1, 12, 64, 1); // data, 48 KiB
        case 1: return cache(2, 1, 8, 64, 1); // instructions, 32 KiB
        case 2: return cache(3, 2, 16, 2048, 1); // 2 MiB
        case 3: return cache(3, 3, 15, 65536, 2); // 60 MiB
        default: return {};
    }
    case 7: return { a, b, c, part == 0 ? d | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25 : d }; // AMX-BF16, AVX512-FP16, AMX-TILE, AMX-INT8
    case 0xB: {
        uint32_t ignored, identifiers;
        __cpuid(1, ignored, identifiers, ignored, ignored);
        if (part == 0) return { 0, 1, 1 << 8, identifiers >> 24 };
        if (part == 1) return { 1, 2, 1 | 2 << 8, identifiers >> 24 };
        return { 0, 0, part, identifiers >> 24 };
    }
    case 0xD: return { part == 0 ? a | static_cast<uint32_t>(TileFeatures) : a, b, c, d };
    case 0x1D:
        if (part == 0) return { 1, 0, 0, 0 };
        if (part == 1) return { Tiles * Rows * RowBytes | (Rows * RowBytes) << 16, RowBytes | Tiles << 16, Rows, 0 };
        return {};
    case 0x1E: return { 0, part == 0 ? 16 | 64 << 8 : 0u, 0, 0 };
    default: return { a, b, c, d };
    }
}

void identify(mcontext_t &machine) {
    const Answer answer = identity(static_cast<uint32_t>(machine.gregs[REG_RAX]), static_cast<uint32_t>(machine.gregs[REG_RCX]));
    machine.gregs[REG_RAX] = answer.a, machine.gregs[REG_RBX] = answer.b, machine.gregs[REG_RCX] = answer.c, machine.gregs[REG_RDX] = answer.d;
}

void answer(int signal, siginfo_t *info, void *context) {
    mcontext_t &machine = static_cast<ucontext_t *>(context)->uc_mcontext;
    uint8_t *at = reinterpret_cast<uint8_t *>(machine.gregs[REG_RIP]);
    // As audit.cpp marks them: 06 is no instruction.
    if (at[0] == 0x06 && at[1] == 'c') {
        identify(machine);
        machine.gregs[REG_RIP] += 2;
        return;
    }
    if (at[0] == 0x06 && at[1] == 'x') {
        uint32_t low, high;
        __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(static_cast<uint32_t>(machine.gregs[REG_RCX])));
        machine.gregs[REG_RAX] = low | (machine.gregs[REG_RCX] == 0 ? TileFeatures : 0), machine.gregs[REG_RDX] = high;
        machine.gregs[REG_RIP] += 3;
        return;
    }
    Instruction instruction;
    if (decode(machine, instruction) && run(instruction)) {
        machine.gregs[REG_RIP] += instruction.length;
        return;
    }
    if (rewrite_half_to_float(at) || float_to_half(machine)) return;
    static const char hex[] = "0123456789abcdef";
    char text[] = "amx: no instruction of its own: ................\n";
    for (int i = 0; i < 8; i++) text[32 + 2 * i] = hex[at[i] >> 4], text[33 + 2 * i] = hex[at[i] & 15];
    if (write(2, text, sizeof(text) - 1) < 0) {}
    if (next.sa_flags & SA_SIGINFO) next.sa_sigaction(signal, info, context);
    else if (next.sa_handler != SIG_DFL && next.sa_handler != SIG_IGN) next.sa_handler(signal);
    else abort();
}

int real_sigaction(int signal, const struct sigaction *action, struct sigaction *before) {
    static const auto real = reinterpret_cast<decltype(&sigaction)>(dlsym(RTLD_NEXT, "sigaction"));
    return real(signal, action, before);
}

__attribute__((constructor)) void begin() {
    struct sigaction action = {};
    action.sa_sigaction = answer;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    real_sigaction(SIGILL, &action, &next);
    counts = getenv("AMX_COUNT") != nullptr;
}

__attribute__((destructor)) void end() {
    if (!counts) return;
    char text[] = "amx: 00000000000000000000 products of tiles\n";
    uint64_t rest = products;
    for (int i = 24; i >= 5; i--, rest /= 10) text[i] = static_cast<char>('0' + rest % 10);
    if (write(2, text, sizeof(text) - 1) < 0) {}
}

} // namespace

/// Others' handlers come behind.
extern "C" int sigaction(int signal, const struct sigaction *action, struct sigaction *before) {
    if (signal != SIGILL) return real_sigaction(signal, action, before);
    if (before) *before = next;
    if (action) next = *action;
    return 0;
}

/// The system says that a process may use tiles; all else goes on to it.
extern "C" long syscall(long number, ...) {
    __builtin_va_list list;
    __builtin_va_start(list, number);
    long a[6];
    for (long &value : a) value = __builtin_va_arg(list, long);
    __builtin_va_end(list);
    if (number == ArchPrctl && a[0] == RequestPermission) return 0;
    if (number == ArchPrctl && (a[0] == GetSupported || a[0] == GetPermitted)) return *reinterpret_cast<uint64_t *>(a[1]) = 0xE7 | TileFeatures, 0;
    static const auto real = reinterpret_cast<long (*)(long, long, long, long, long, long, long)>(dlsym(RTLD_NEXT, "syscall"));
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
