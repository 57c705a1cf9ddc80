// C++ libphonenumber as a peer (see rounds.py): arguments are the corpus and how many lines of it.
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

static std::string international(const std::string& text) {
  if (text[0] == '+') return text;
  return "+" + (text.rfind("00", 0) == 0 ? text.substr(2) : text);
}

// How much was answered, so that no answer can be optimised away.
static size_t answer(const PhoneNumberUtil& util, const std::string& text) {
  PhoneNumber number;
  if (util.Parse(international(text), "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR) return 0;
  std::string region, e164, national;
  const bool valid = util.IsValidNumber(number);
  util.GetRegionCodeForNumber(number, &region);
  util.Format(number, PhoneNumberUtil::E164, &e164);
  util.Format(number, PhoneNumberUtil::NATIONAL, &national);
  return valid + region.size() + e164.size() + national.size() + util.GetNumberType(number);
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ifstream corpus(argv[1]);
  const size_t count = std::stoul(argv[2]);
  std::vector<std::string> texts;
  for (std::string line; texts.size() < count && std::getline(corpus, line);) texts.push_back(line);
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  size_t answered = 0;
  for (size_t i = 0; i < texts.size() / 10; ++i) answered += answer(util, texts[i]);
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const auto begin = std::chrono::steady_clock::now();
    for (const auto& text : texts) answered += answer(util, text);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << texts.size() / took.count() << std::endl;
  }
  return answered == 0;
}
