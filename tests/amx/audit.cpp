// Lets libraries ask emulator.cpp for what the processor has: where they have CPUID or XGETBV, by a list, they get an illegal instruction as soon as they are
// mapped, before their first line runs. For LD_AUDIT; AMX_PLACES has the lists, one for a library: NAME.places, with a line "cpuid|xgetbv ADDRESS" for each.

#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

namespace {

void mark(uint8_t *at, const char *instruction) {
    const bool identifies = strcmp(instruction, "cpuid") == 0;
    const uint8_t expected[] = { 0x0F, static_cast<uint8_t>(identifies ? 0xA2 : 0x01), 0xD0 };
    const int length = identifies ? 2 : 3;
    if (memcmp(at, expected, length) != 0) {
        fprintf(stderr, "amx: there is no %s at %p\n", instruction, static_cast<void *>(at));
        abort();
    }
    const uintptr_t page = reinterpret_cast<uintptr_t>(at) & ~4095ul;
    if (mprotect(reinterpret_cast<void *>(page), 8192, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) abort();
    at[0] = 0x06, at[1] = identifies ? 'c' : 'x';
    mprotect(reinterpret_cast<void *>(page), 8192, PROT_READ | PROT_EXEC);
}

} // namespace

extern "C" unsigned la_version(unsigned) { return LAV_CURRENT; }

extern "C" unsigned la_objopen(struct link_map *library, Lmid_t, uintptr_t *) {
    const char *places = getenv("AMX_PLACES"), *name = strrchr(library->l_name, '/');
    if (!places || !name) return 0;
    char path[4096], instruction[16];
    snprintf(path, sizeof(path), "%s%s.places", places, name);
    FILE *list = fopen(path, "r");
    if (!list) return 0;
    unsigned long address;
    while (fscanf(list, "%15s %lx", instruction, &address) == 2) mark(reinterpret_cast<uint8_t *>(library->l_addr + address), instruction);
    fclose(list);
    return 0;
}
