// Everything a plugin could do to its host, one wrong a route. It is what the isolated placement is
// proven with; nobody would load it otherwise. It knows how the host's shared memory is laid out,
// as an attacker would.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <serai/plugin.hpp>

#include "isolation/lane.hpp"
#include "isolation/protocol.hpp"

namespace {

using host::isolation::Lane;
using host::isolation::RingHead;

// The ring that leads to the host, found on this thread's stack, where the lane object lies: a
// head, the data right behind it, and the known capacity.
RingHead* ring_to_host() {
  std::uint64_t here = 0;
  const auto* word = &here;
  for (int i = 0; i < 100'000; ++i, ++word)
    // cppcheck-suppress objectIndex ; reading on beyond it is the attack
    if (word[0] != 0 && word[1] == word[0] + sizeof(RingHead) && word[2] == Lane::kCapacity)
      return reinterpret_cast<RingHead*>(word[0]);
  return nullptr;
}

void ring_bell(std::atomic<std::uint32_t>& bell) {
  ++bell;
  syscall(SYS_futex, &bell, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

struct Frame {
  std::uint32_t kind, reserved;
  std::uint64_t size;
};

// Puts bytes on the ring behind what is there.
void put(RingHead& ring, const void* bytes, std::size_t size) {
  auto* data = reinterpret_cast<char*>(&ring) + sizeof(RingHead);
  const std::uint64_t at = ring.written;
  for (std::size_t i = 0; i < size; ++i)
    data[(at + i) % Lane::kCapacity] = static_cast<const char*>(bytes)[i];
  ring.written = at + size;
  ring_bell(ring.data_bell);
}

class Hostile : public serai::Plugin {
 public:
  Hostile() {
    route("crash", &Hostile::crash);
    route("abort", &Hostile::abort);
    route("exit", &Hostile::exit);
    route("sleep", &Hostile::sleep);
    route("spin", &Hostile::spin);
    route("hog", &Hostile::hog);
    route("log", &Hostile::log);
    route("print", &Hostile::print);
    route("huge", &Hostile::huge);
    route("lie", &Hostile::lie);
    route("reach", &Hostile::reach);
    route("well", &Hostile::well);
  }

 private:
  serai::Json crash(serai::Request&) {
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the wrong this route is for
    *static_cast<volatile int*>(nullptr) = 1;  // cppcheck-suppress nullPointer ; the same
    return {};
  }
  serai::Json abort(serai::Request&) { std::abort(); }
  serai::Json exit(serai::Request&) { ::_exit(0); }
  serai::Json sleep(serai::Request&) {
    for (;;) ::usleep(1'000'000);
  }
  serai::Json spin(serai::Request&) {
    for (std::atomic<int> i = 0;; ++i) {
    }
  }
  serai::Json hog(serai::Request&) {
    for (std::size_t size = 1 << 20;; size += 1 << 20) std::memset(::operator new(size), 1, size);
  }
  serai::Json log(serai::Request& request) {
    for (int i = 0; i < 10'000'000; ++i) request.log().error("again and again");
    return {};
  }
  serai::Json print(serai::Request&) {
    const std::string line(1000, 'x');
    for (;;) (void)!::write(1, line.data(), line.size());
  }
  serai::Response huge(serai::Request&) {
    // Memory that is only read is not counted: the answer itself is what must be too much.
    void* memory = ::mmap(nullptr, 1 << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return serai::Response::text(std::string(static_cast<const char*>(memory), 1 << 30));
  }

  serai::Json lie(serai::Request& request) {
    const auto how = request.path("how");
    RingHead* ring = ring_to_host();
    if (!ring) throw serai::Problem(500, "no_ring", "There is nothing to lie to.");
    Frame frame{static_cast<std::uint32_t>(host::isolation::Function::sql_query), 0, 24};
    if (how == "size") frame.size = ~std::uint64_t{0};
    if (how == "reserved") frame.reserved = 7;
    if (how == "function") frame.kind = 4'000'000;
    if (how == "position") {
      ring->written += std::uint64_t{1} << 40;
      ring_bell(ring->data_bell);
    } else if (how == "done") {  // an answer that is none
      frame = {host::isolation::kDone, 0, 1};
      put(*ring, &frame, sizeof frame);
      put(*ring, "x", 1);
    } else {
      put(*ring, &frame, sizeof frame);
      put(*ring,
          "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
          "\xff\xff\xff\xff",
          24);
    }
    for (;;) ::usleep(1'000'000);
  }

  // Each thing by its errno; 0: it could be done.
  serai::Json reach(serai::Request&) {
    const auto tried = [](long result) { return result < 0 ? errno : 0; };
    const auto opened = [&](const char* path) { return tried(::open(path, O_RDONLY)); };
    serai::Json found = {
        {"open_passwd", opened("/etc/passwd")},
        {"open_self", opened("/proc/self/maps")},
        {"open_libc", opened("/lib/x86_64-linux-gnu/libc.so.6")},
        {"open_font", opened("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")},
        {"open_through_fonts", opened("/usr/share/fonts/../../../etc/passwd")},
        {"open_folder", opened("/usr/share")},
        {"write_font",
         tried(::open("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", O_WRONLY | O_APPEND))},
        {"create_font", tried(::open("/usr/share/fonts/hostile", O_CREAT | O_RDONLY, 0600))},
        {"create", tried(::open("/tmp/hostile", O_CREAT | O_WRONLY, 0600))},
        {"tcp", tried(::socket(AF_INET, SOCK_STREAM, 0))},
        {"unix", tried(::socket(AF_UNIX, SOCK_STREAM, 0))},
        {"fork", tried(::fork())},
        {"exec", tried(::execl("/bin/true", "true", nullptr))},
        {"kill_parent", tried(::kill(::getppid(), SIGKILL))},
        {"kill_all", tried(::kill(-1, SIGKILL))},
        {"ptrace", tried(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr))},
        {"memfd", tried(::memfd_create("x", 0))},
        {"dup", tried(::dup(0))},
        {"pipe",
         [&] {
           int ends[2];
           return tried(::pipe(ends));
         }()},
        {"become_root", tried(::setuid(0))},
        {"io_uring", tried(::syscall(SYS_io_uring_setup, 8, nullptr))},
        {"executable_memory",
         [&] {
           void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
           return memory == MAP_FAILED ? errno : 0;
         }()},
        {"clone_thread",
         [&] {
           try {
             std::thread([] {
               for (;;) ::usleep(1'000'000);
             }).detach();
             return 0;
           } catch (const std::system_error& error) {
             return error.code().value();
           }
         }()},
    };
    return serai::data(std::move(found));
  }

  serai::Json well(serai::Request&) { return serai::data({{"well", true}}); }
};

}  // namespace
SERAI_PLUGIN(Hostile)
