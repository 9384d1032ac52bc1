// cgroups of version 2: what the probe makes of what it finds, and, where this machine lets us,
// that the kernel ends a process that wants more memory than it may have.
#include "isolation/cgroup.hpp"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temporary_directory.hpp"

namespace host::isolation {
namespace {

using ::testing::HasSubstr;

// A tree of files like the kernel's, which takes every value.
class Tree {
 public:
  Tree() {
    file("self", "12:memory:/elsewhere\n0::/own\n");
    std::filesystem::create_directories(folder_.path() / "mount/own");
    file("mount/own/cgroup.controllers", "cpu memory pids\n");
    file("mount/own/cgroup.procs", std::to_string(::getpid()) + "\n");
    file("mount/own/cgroup.subtree_control", "");
  }

  void file(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name) << text;
  }
  Cgroups::Place place() const { return {folder_.path() / "mount", folder_.path() / "self"}; }

 private:
  serai_test::TemporaryDirectory folder_;
};

TEST(Cgroups, are_there_where_the_host_has_a_delegated_cgroup_to_itself) {
  const Tree tree;
  EXPECT_EQ(Cgroups::obstacle(tree.place()), "");
}

TEST(Cgroups, are_not_there_without_version_2) {
  Tree tree;
  tree.file("self", "12:memory:/own\n");
  EXPECT_THAT(Cgroups::obstacle(tree.place()), HasSubstr("version 2"));
}

TEST(Cgroups, are_not_there_without_the_controllers) {
  Tree tree;
  tree.file("mount/own/cgroup.controllers", "hugetlb memory\n");
  EXPECT_THAT(Cgroups::obstacle(tree.place()), HasSubstr("controller pids"));
}

TEST(Cgroups, are_not_there_beside_other_processes) {
  Tree tree;
  tree.file("mount/own/cgroup.procs", std::to_string(::getpid()) + "\n1\n");
  EXPECT_THAT(Cgroups::obstacle(tree.place()), HasSubstr("other processes"));
}

TEST(Cgroups, are_given_up_if_the_kernel_refuses_after_all) {
  const Tree tree;  // a new folder in it has no cgroup.procs
  const Cgroups cgroups(tree.place());
  EXPECT_THAT(cgroups.obstacle(), HasSubstr("may not move"));
  EXPECT_FALSE(cgroups.make("child", {1 << 20, 1, 100}));
}

// A child in a cgroup of its own that waits for a word, then fills `bytes` of memory. Its status.
int end_of_a_child(const Cgroup& cgroup, std::size_t bytes) {
  int word[2];
  if (::pipe(word) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    char go = 0;
    if (::read(word[0], &go, 1) != 1) ::_exit(2);
    auto* memory = static_cast<volatile char*>(
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    for (std::size_t at = 0; at < bytes; at += 4096) memory[at] = 1;
    ::_exit(0);
  }
  EXPECT_TRUE(cgroup.add(child));
  EXPECT_EQ(::write(word[1], "g", 1), 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(word[0]);
  ::close(word[1]);
  return status;
}

TEST(Cgroups, of_this_machine_end_a_process_that_wants_more_memory_than_it_may_have) {
  const std::string before = Cgroups::obstacle(Cgroups::Place{});
  const Cgroups cgroups{Cgroups::Place{}};
  if (!cgroups.obstacle().empty()) {
    EXPECT_FALSE(cgroups.make("never", {1 << 20, 1, 100})) << "the probe says no, and so it is";
    GTEST_SKIP() << "This machine lets no test make a cgroup: " << cgroups.obstacle() << ".";
  }
  EXPECT_EQ(before, "") << "looking and doing agree";
  {
    const auto small = cgroups.make("serai-test-small", {16 << 20, 4, 100});
    ASSERT_TRUE(small);
    const int status = end_of_a_child(*small, 64 << 20);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    EXPECT_TRUE(small->killed_for_memory());
  }
  const auto enough = cgroups.make("serai-test-small", {128 << 20, 4, 100});
  ASSERT_TRUE(enough) << "the first was removed after its end";
  EXPECT_EQ(end_of_a_child(*enough, 64 << 20), 0);
  EXPECT_FALSE(enough->killed_for_memory());
}

}  // namespace
}  // namespace host::isolation
