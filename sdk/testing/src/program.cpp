// fork, exec, poll; see the header.
#include "serai/testing/program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace serai::testing {
namespace {

constexpr std::size_t kComplaintBytes = 2000;

void limit(int resource, rlim_t value) {
  const rlimit bound{value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &bound);
}

[[noreturn]] void become(const std::vector<char*>& arguments, const Program& program, int input,
                         int output, int complaints) {
  dup2(input, 0);
  dup2(output, 1);
  dup2(complaints, 2);
  limit(RLIMIT_CPU, program.cpu_seconds);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_AS, program.memory);
  execv(arguments[0], arguments.data());
  _exit(127);
}

// Reads what is there; -1 at the end of the stream.
int drain(int from, std::string& into, std::size_t most, bool& overflow) {
  std::array<char, 65536> piece;
  const ssize_t got = read(from, piece.data(), piece.size());
  if (got <= 0) return -1;
  const auto size = static_cast<std::size_t>(got);
  into.append(piece.data(), std::min(size, most - into.size()));
  overflow |= into.size() == most && size > 0 && into.size() + size > most;
  return from;
}

int input_file(std::string_view bytes) {
  const int file = memfd_create("input", MFD_CLOEXEC);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t put = write(file, bytes.data() + done, bytes.size() - done);
    if (put <= 0) break;
    done += static_cast<std::size_t>(put);
  }
  lseek(file, 0, SEEK_SET);
  return file;
}

}  // namespace

ProgramResult run_program(const Program& program) {
  std::string path = "/usr/bin/" + program.name;
  if (access(path.c_str(), X_OK) != 0) {
    throw Problem(503, "program_missing", "The program " + program.name + " is not installed.");
  }
  std::vector<char*> arguments = {path.data()};
  std::vector<std::string> words = program.arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int output[2], complaints[2];
  if (pipe2(output, O_CLOEXEC) != 0 || pipe2(complaints, O_CLOEXEC) != 0) {
    throw Problem(503, "program_failed", "There is no pipe for the program.");
  }
  const int input = input_file(program.input);
  const pid_t child = fork();
  if (child == 0) become(arguments, program, input, output[1], complaints[1]);
  close(input);
  close(output[1]);
  close(complaints[1]);

  ProgramResult result;
  bool too_much = false, ignored = false, late = false;
  const auto deadline = std::chrono::steady_clock::now() + program.timeout;
  int from_output = output[0], from_complaints = complaints[0];
  while ((from_output >= 0 || from_complaints >= 0) && !too_much && !late) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waiting[2] = {{from_output, POLLIN, 0}, {from_complaints, POLLIN, 0}};
    late = left.count() <= 0 || poll(waiting, 2, static_cast<int>(left.count())) == 0;
    if (waiting[0].revents != 0) {
      from_output = drain(from_output, result.output, program.max_output, too_much);
    }
    if (waiting[1].revents != 0) {
      from_complaints = drain(from_complaints, result.complaints, kComplaintBytes, ignored);
    }
  }
  if (late || too_much) kill(child, SIGKILL);
  close(output[0]);
  close(complaints[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (late) {
    result.end = ProgramEnd::timed_out;
  } else if (too_much) {
    result.end = ProgramEnd::too_much;
  } else if (WIFSIGNALED(status)) {
    result.end = ProgramEnd::crashed;
    result.status = WTERMSIG(status);
  } else {
    result.status = WEXITSTATUS(status);
  }
  return result;
}

}  // namespace serai::testing
