#include "test_server.hpp"
