// Google's libphonenumber in C++, with a split by commas: kinder to it than a real reader would be, because the file
// of the bench holds no quotes.

#include <phonenumbers/phonenumberutil.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <unordered_set>
#include <vector>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

constexpr int kNumberColumn = 3;
constexpr int kPermissionColumn = 4;
constexpr int kColumns = 5;

struct Fault {
  uint64_t row;
  int column;
};

// Calling code, leading zeros and national digits in one integer.
uint64_t Packed(const PhoneNumber& number) {
  const uint64_t zeros = number.italian_leading_zero() ? number.number_of_leading_zeros() : 0;
  return (static_cast<uint64_t>(number.country_code()) << 53) ^ (zeros << 50) ^ number.national_number();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto start = std::chrono::steady_clock::now();
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  std::ifstream file(argv[1]);
  std::string line;
  std::getline(file, line);
  uint64_t rows = 0, valid = 0, repeated = 0, opt_in = 0, number_faults = 0;
  std::vector<Fault> faults;
  std::unordered_set<uint64_t> seen;
  std::vector<std::string> cells(kColumns);
  while (std::getline(file, line)) {
    ++rows;
    size_t from = 0;
    for (auto& cell : cells) {
      const size_t end = line.find(',', from);
      cell.assign(line, from, end == std::string::npos ? end : end - from);
      from = end == std::string::npos ? line.size() : end + 1;
    }
    std::string& cell = cells[kNumberColumn];
    // libphonenumber reads `00` as `+` only for a country.
    if (cell.rfind("00", 0) == 0) cell.replace(0, 2, "+");
    const std::string& permission = cells[kPermissionColumn];
    const bool permitted = permission == "1" || permission == "2";
    PhoneNumber number;
    if (util.Parse(cell, "ZZ", &number) == PhoneNumberUtil::NO_PARSING_ERROR && util.IsValidNumber(number)) {
      ++valid;
      const bool again = !seen.insert(Packed(number)).second;
      if (again && permitted) ++repeated;
    } else {
      ++number_faults;
      faults.push_back({rows, kNumberColumn});
    }
    if (permission == "1") {
      ++opt_in;
    } else if (!permitted) {
      faults.push_back({rows, kPermissionColumn});
    }
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf(
      "{\"rows\":%lu,\"seconds\":%f,\"valid\":%lu,\"repeated\":%lu,\"opt_in\":%lu,\"number_faults\":%lu,"
      "\"permission_faults\":%lu}\n",
      rows, seconds.count(), valid, repeated, opt_in, number_faults, faults.size() - number_faults);
  return 0;
}
