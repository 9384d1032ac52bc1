#include "allocation.hpp"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include "house.hpp"

namespace serai::check {
namespace {

std::atomic<long> count{0};
std::atomic<long> failing{0};
std::atomic<bool> for_ever{false};
std::atomic<std::size_t> smallest{0};

bool refused(std::size_t size) noexcept {
  if (!Inside::now() || size < smallest) return false;
  const long number = ++count;
  const long at = failing;
  if (at == 0 || (number != at && !(for_ever && number > at))) return false;
  errno = ENOMEM;
  return true;
}

void* hooked_malloc(std::size_t size) { return refused(size) ? nullptr : std::malloc(size); }
void* hooked_calloc(std::size_t n, std::size_t size) {
  return refused(n * size) ? nullptr : std::calloc(n, size);
}
void* hooked_realloc(void* old, std::size_t size) {
  return refused(size) ? nullptr : std::realloc(old, size);
}
void* hooked_aligned_alloc(std::size_t alignment, std::size_t size) {
  return refused(size) ? nullptr : std::aligned_alloc(alignment, size);
}
int hooked_posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  return refused(size) ? ENOMEM : ::posix_memalign(out, alignment, size);
}
char* hooked_strdup(const char* text) {
  return refused(std::strlen(text)) ? nullptr : ::strdup(text);
}

void* hook_for(std::string_view name) {
  if (name == "malloc") return reinterpret_cast<void*>(hooked_malloc);
  if (name == "calloc") return reinterpret_cast<void*>(hooked_calloc);
  if (name == "realloc") return reinterpret_cast<void*>(hooked_realloc);
  if (name == "aligned_alloc") return reinterpret_cast<void*>(hooked_aligned_alloc);
  if (name == "posix_memalign") return reinterpret_cast<void*>(hooked_posix_memalign);
  if (name == "strdup") return reinterpret_cast<void*>(hooked_strdup);
  return nullptr;
}

bool names_a_function(std::uint32_t type) {
#if defined(__x86_64__)
  return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT || type == R_X86_64_64;
#elif defined(__aarch64__)
  return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT || type == R_AARCH64_ABS64;
#else
  return false;
#endif
}

int redirect(const link_map& module) {
  const Elf64_Sym* symbols = nullptr;
  const char* names = nullptr;
  const Elf64_Rela* tables[2] = {nullptr, nullptr};
  std::size_t sizes[2] = {0, 0};
  for (const Elf64_Dyn* entry = module.l_ld; entry->d_tag != DT_NULL; ++entry) {
    const auto* pointer = reinterpret_cast<const void*>(entry->d_un.d_ptr);
    if (entry->d_tag == DT_SYMTAB) symbols = static_cast<const Elf64_Sym*>(pointer);
    if (entry->d_tag == DT_STRTAB) names = static_cast<const char*>(pointer);
    if (entry->d_tag == DT_JMPREL) tables[0] = static_cast<const Elf64_Rela*>(pointer);
    if (entry->d_tag == DT_PLTRELSZ) sizes[0] = entry->d_un.d_val;
    if (entry->d_tag == DT_RELA) tables[1] = static_cast<const Elf64_Rela*>(pointer);
    if (entry->d_tag == DT_RELASZ) sizes[1] = entry->d_un.d_val;
  }
  int redirected = 0;
  for (int table = 0; table < 2; ++table) {
    if (symbols == nullptr || names == nullptr || tables[table] == nullptr) continue;
    for (std::size_t i = 0; i < sizes[table] / sizeof(Elf64_Rela); ++i) {
      const Elf64_Rela& relocation = tables[table][i];
      if (!names_a_function(ELF64_R_TYPE(relocation.r_info)) || relocation.r_addend != 0) continue;
      void* hook = hook_for(names + symbols[ELF64_R_SYM(relocation.r_info)].st_name);
      if (hook == nullptr) continue;
      const auto slot = module.l_addr + relocation.r_offset;
      // Read-only since it was bound (RELRO).
      ::mprotect(reinterpret_cast<void*>(slot & ~std::uintptr_t{4095}), 8192,
                 PROT_READ | PROT_WRITE);
      std::memcpy(reinterpret_cast<void*>(slot), &hook, sizeof hook);
      ++redirected;
    }
  }
  return redirected;
}

}  // namespace

int redirect_allocations(const Library& library) {
  link_map* own = nullptr;
  if (::dlinfo(library.handle(), RTLD_DI_LINKMAP, &own) != 0) return 0;
  int redirected = redirect(*own);
  const link_map* first = own;
  while (first->l_prev != nullptr) first = first->l_prev;
  for (const link_map* module = first; module != nullptr; module = module->l_next) {
    const std::string_view name = module->l_name;
    if (name.find("libstdc++") != std::string_view::npos ||
        name.find("libc++") != std::string_view::npos)
      redirected += redirect(*module);
  }
  return redirected;
}

void fail_allocation(long fail_at, bool sticky, std::size_t least) {
  smallest = least;
  count = 0;
  for_ever = sticky;
  failing = fail_at;
}

long allocations() { return count; }

}  // namespace serai::check
