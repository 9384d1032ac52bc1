// Descriptors, limits, user, namespaces, Landlock, seccomp: in that order. See the header.
#include "plugin_host/confinement.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

#include <dlfcn.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <malloc.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "isolation/protocol.hpp"

namespace plugin_host {
namespace {

constexpr unsigned kNobody = 65534;

void limit(int resource, rlim_t value) {
  const rlimit bound{value, value};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &bound);
}

[[noreturn]] void fail(const char* what) {
  (void)std::fprintf(stderr, "%s\n", what);
  ::_exit(4);
}

// Landlock's words up to ABI 6; Debian 12's header stops at 3.
struct LandlockRules {
  std::uint64_t files, network, scope;
};
struct LandlockGeneration {
  int version;
  std::size_t size;
  LandlockRules rules;
};
constexpr std::uint64_t first_bits(int count) { return (std::uint64_t{1} << count) - 1; }
constexpr LandlockGeneration kGenerations[] = {
    {6, 24, {first_bits(16), first_bits(2), first_bits(2)}},
    {5, 16, {first_bits(16), first_bits(2), 0}},
    {4, 16, {first_bits(15), first_bits(2), 0}},
    {3, 8, {first_bits(15), 0, 0}},
    {2, 8, {first_bits(14), 0, 0}},
    {1, 8, {first_bits(13), 0, 0}},
};

// What setting a text reads: font files, fontconfig's rules and caches, word breaks of Thai. All of
// it the system's, the same for everybody, and nothing of the host's.
constexpr const char* kFontPlaces[] = {"/usr/share/fonts",      "/usr/local/share/fonts",
                                       "/usr/share/fontconfig", "/etc/fonts",
                                       "/var/cache/fontconfig", "/usr/share/libthai"};

void leave_readable(int rules, const char* path) {
  const int folder = ::open(path, O_PATH | O_CLOEXEC);
  if (folder < 0) return;
  const landlock_path_beneath_attr rule{LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
                                        folder};
  ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  ::close(folder);
}

// A filter that refuses what it does not name: allow-lists need upkeep, block-lists need luck.
class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_ERRNO(EPERM))) {
    if (!context_) fail("no memory for a system-call filter");
    ::seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1);
  }
  ~Filter() { ::seccomp_release(context_); }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  template <std::size_t n>
  void allow(const std::array<int, n>& calls) {
    for (const int call : calls)
      need(::seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call, 0, nullptr));
  }
  void allow_if(int call, const scmp_arg_cmp& condition) {
    need(::seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call, 1, &condition));
  }
  void answer(int call, int error) {
    need(::seccomp_rule_add_array(context_, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0,
                                  nullptr));
  }
  // The kernel may have no filters: then Landlock and namespaces are what is left.
  void load() { ::seccomp_load(context_); }

 private:
  static void need(int result) {
    if (result != 0) fail("a system-call filter could not be built");
  }
  scmp_filter_ctx context_;
};

// Memory, time, locks, and the end: what every thread needs to compute.
constexpr std::array kComputing = {SCMP_SYS(read),
                                   SCMP_SYS(write),
                                   SCMP_SYS(writev),
                                   SCMP_SYS(pread64),
                                   SCMP_SYS(close),
                                   SCMP_SYS(fstat),
                                   SCMP_SYS(lseek),
                                   SCMP_SYS(munmap),
                                   SCMP_SYS(brk),
                                   SCMP_SYS(mremap),
                                   SCMP_SYS(madvise),
                                   SCMP_SYS(rt_sigaction),
                                   SCMP_SYS(rt_sigprocmask),
                                   SCMP_SYS(rt_sigreturn),
                                   SCMP_SYS(sigaltstack),
                                   SCMP_SYS(sched_yield),
                                   SCMP_SYS(nanosleep),
                                   SCMP_SYS(clock_nanosleep),
                                   SCMP_SYS(clock_gettime),
                                   SCMP_SYS(clock_getres),
                                   SCMP_SYS(gettimeofday),
                                   SCMP_SYS(time),
                                   SCMP_SYS(getpid),
                                   SCMP_SYS(gettid),
                                   SCMP_SYS(getuid),
                                   SCMP_SYS(geteuid),
                                   SCMP_SYS(getgid),
                                   SCMP_SYS(getegid),
                                   SCMP_SYS(futex),
                                   SCMP_SYS(set_robust_list),
                                   SCMP_SYS(rseq),
                                   SCMP_SYS(exit),
                                   SCMP_SYS(exit_group),
                                   SCMP_SYS(getrandom),
                                   SCMP_SYS(restart_syscall),
                                   SCMP_SYS(sched_getaffinity),
                                   SCMP_SYS(getcpu),
                                   SCMP_SYS(sysinfo),
                                   SCMP_SYS(uname),
                                   SCMP_SYS(getrusage),
                                   SCMP_SYS(poll),
                                   SCMP_SYS(membarrier)};

// Which of them there are: Landlock has said where.
constexpr std::array kReadingFolders = {SCMP_SYS(getdents64), SCMP_SYS(access), SCMP_SYS(faccessat),
                                        SCMP_SYS(faccessat2), SCMP_SYS(statfs), SCMP_SYS(fstatfs)};

void allow_computing(Filter& filter) {
  filter.allow(kComputing);
  // Its own limits may be read, its own threads may be aborted; descriptors may be asked about.
  filter.allow_if(SCMP_SYS(prlimit64), SCMP_A2_64(SCMP_CMP_EQ, 0));
  filter.allow_if(SCMP_SYS(tgkill), SCMP_A0_32(SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid())));
  filter.allow_if(SCMP_SYS(fcntl), SCMP_A1_32(SCMP_CMP_EQ, F_GETFL));
  // libc tries this first and takes "no such call" for an old kernel; then it asks clone(), which
  // is refused: a plugin has the threads it is called on and no others.
  filter.answer(SCMP_SYS(clone3), ENOSYS);
}

}  // namespace

void shed(std::uint64_t memory) {
  ::syscall(SYS_close_range, static_cast<unsigned>(host::isolation::kLibrary) + 1, ~0U, 0U);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 64);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_MEMLOCK, 0);
  limit(RLIMIT_MSGQUEUE, 0);
  limit(RLIMIT_DATA, memory);
  // Where no cgroup weighs it: half the processor time of a thread of the host that wants it too.
  (void)!::nice(3);
  // A few arenas for all threads: the limit counts what is reserved for writing, too.
  ::mallopt(M_ARENA_MAX, 2);
  if (::geteuid() == 0) {
    ::unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
    if (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0 ||
        ::setresuid(kNobody, kNobody, kNobody) != 0)
      fail("the user could not be changed");
  } else {
    ::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
  }
  // The change of user took both away; without the second, /proc/self/fd is not ours to open.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_DUMPABLE, 1);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("privileges could not be given up");
}

std::string open_libraries(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (name.find('/') != std::string::npos) return "it needs a library by path (" + name + ")";
    if (!::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
      const char* words = ::dlerror();
      return words ? words : "it needs " + name;
    }
  }
  return {};
}

Files files_for(const std::vector<std::string>& libraries) {
  for (const auto& name : libraries)
    if (name.starts_with("libfontconfig.so")) return Files::fonts;
  return Files::none;
}

Files forbid_files(Files wanted) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1L);
  for (const auto& generation : kGenerations) {
    if (version < generation.version) continue;
    const auto rules = static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, &generation.rules, generation.size, 0L));
    if (rules < 0) continue;
    if (wanted == Files::fonts)
      for (const char* path : kFontPlaces) leave_readable(rules, path);
    const bool enforced = ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    ::close(rules);
    return enforced ? wanted : Files::none;
  }
  return Files::none;
}

void filter_calls(Files files) {
  Filter filter;
  allow_computing(filter);
  filter.allow(std::array{SCMP_SYS(openat), SCMP_SYS(readlink), SCMP_SYS(newfstatat),
                          SCMP_SYS(statx), SCMP_SYS(mmap), SCMP_SYS(mprotect),
                          // for the second filter
                          SCMP_SYS(seccomp), SCMP_SYS(prctl)});
  if (files == Files::fonts) filter.allow(kReadingFolders);
  filter.load();
}

void close_the_door(Files files) {
  Filter filter;
  allow_computing(filter);
  filter.allow_if(SCMP_SYS(mmap), SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  filter.allow_if(SCMP_SYS(mprotect), SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  if (files == Files::fonts) {
    filter.allow_if(SCMP_SYS(openat),
                    SCMP_A2_32(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
    filter.allow(std::array{SCMP_SYS(readlink), SCMP_SYS(newfstatat), SCMP_SYS(statx)});
    filter.allow(kReadingFolders);
  }
  filter.load();
}

}  // namespace plugin_host
