#include "language.hpp"

#include <algorithm>

#include "text.hpp"

namespace library::naming {
namespace {

struct Language {
  std::string_view tag;
  std::string_view words;  // folded, '|' between and around
};
constexpr Language kLanguages[] = {
    {"en", "|en|eng|english|inglés|ingles|anglais|englisch|inglese|английский|英語|英语|英文|"},
    {"fr", "|fr|fre|fra|french|français|francais|französisch|francés|frances|francese|французский|vff|vf|"},
    {"de", "|de|ger|deu|german|deutsch|allemand|alemán|aleman|tedesco|немецкий|"},
    {"es",
     "|es|spa|spanish|español|espanol|espagnol|spanisch|spagnolo|castellano|castilian|european "
     "spanish|испанский|"},
    {"es-419", "|es-419|latin american spanish|latino|español latino|lat|spanish latin america|"},
    {"it", "|it|ita|italian|italiano|italien|italienisch|итальянский|"},
    {"pt", "|pt|por|portuguese|português|portugues|portugais|portugiesisch|"},
    {"pt-BR", "|pt-br|ptbr|pob|pb|brazilian|brazilian portuguese|portuguese brazilian|brazil|"},
    {"pt-PT", "|pt-pt|european portuguese|"},
    {"nl", "|nl|dut|nld|dutch|nederlands|flemish|vlaams|"},
    {"ru", "|ru|rus|russian|русский|рус|"},
    {"uk", "|uk|ukr|ukrainian|українська|укр|"},
    {"pl", "|pl|pol|polish|polski|"},
    {"cs", "|cs|cze|ces|cz|czech|čeština|cesky|česky|"},
    {"sk", "|sk|slo|slk|slovak|slovenčina|"},
    {"sl", "|sl|slv|slovenian|slovene|slovenščina|"},
    {"hu", "|hu|hun|hungarian|magyar|"},
    {"ro", "|ro|rum|ron|romanian|română|romana|"},
    {"bg", "|bg|bul|bulgarian|български|"},
    {"el", "|el|gre|ell|greek|ελληνικά|"},
    {"tr", "|tr|tur|turkish|türkçe|turkce|"},
    {"ar", "|ar|ara|arabic|العربية|عربي|"},
    {"he", "|he|heb|hebrew|עברית|iw|"},
    {"fa", "|fa|per|fas|persian|farsi|فارسی|"},
    {"hi", "|hi|hin|hindi|हिन्दी|"},
    {"bn", "|bn|ben|bengali|bangla|"},
    {"ta", "|ta|tam|tamil|"},
    {"te", "|te|tel|telugu|"},
    {"ml", "|ml|mal|malayalam|"},
    {"kn", "|kn|kan|kannada|"},
    {"mr", "|mr|mar|marathi|"},
    {"ur", "|ur|urd|urdu|"},
    {"th", "|th|tha|thai|ไทย|"},
    {"vi", "|vi|vie|vietnamese|tiếng việt|"},
    {"id", "|id|ind|indonesian|bahasa indonesia|"},
    {"ms", "|ms|may|msa|malay|bahasa melayu|"},
    {"tl", "|tl|tgl|fil|tagalog|filipino|"},
    {"ja", "|ja|jpn|jp|jap|japanese|日本語|日语|"},
    {"ko", "|ko|kor|korean|한국어|"},
    {"zh", "|zh|chi|zho|chinese|mandarin|中文|"},
    {"zh-Hans",
     "|zh-hans|zh-cn|zh-sg|chs|sc|gb|simplified chinese|chinese simplified|simplified|简体|简体中文|简中|"},
    {"zh-Hant",
     "|zh-hant|zh-tw|cht|tc|big5|traditional chinese|chinese "
     "traditional|traditional|繁體|繁體中文|繁体|繁中|"},
    {"zh-HK", "|zh-hk|"},
    {"yue", "|yue|cantonese|粵語|"},
    {"sv", "|sv|swe|swedish|svenska|"},
    {"da", "|da|dan|danish|dansk|"},
    {"nb", "|nb|nob|bokmål|norwegian bokmal|norwegian bokmål|"},
    {"no", "|no|nor|norwegian|norsk|"},
    {"nn", "|nn|nno|nynorsk|"},
    {"fi", "|fi|fin|finnish|suomi|"},
    {"is", "|is|ice|isl|icelandic|íslenska|"},
    {"et", "|et|est|estonian|eesti|"},
    {"lv", "|lv|lav|latvian|latviešu|"},
    {"lt", "|lt|lit|lithuanian|lietuvių|"},
    {"hr", "|hr|hrv|croatian|hrvatski|"},
    {"sr", "|sr|srp|scc|serbian|srpski|српски|"},
    {"bs", "|bs|bos|bosnian|bosanski|"},
    {"mk", "|mk|mac|mkd|macedonian|"},
    {"sq", "|sq|alb|sqi|albanian|"},
    {"ca", "|ca|cat|catalan|català|catala|"},
    {"eu", "|eu|baq|eus|basque|euskara|"},
    {"gl", "|gl|glg|galician|galego|"},
    {"ga", "|ga|gle|irish|gaeilge|"},
    {"cy", "|cy|wel|cym|welsh|"},
    {"ka", "|ka|geo|kat|georgian|"},
    {"hy", "|hy|arm|hye|armenian|"},
    {"az", "|az|aze|azerbaijani|"},
    {"kk", "|kk|kaz|kazakh|"},
    {"la", "|la|latin|"},
    {"be", "|be|bel|belarusian|"},
    {"mn", "|mn|mon|mongolian|"},
    {"km", "|km|khm|khmer|"},
    {"my", "|my|bur|mya|burmese|"},
    {"si", "|si|sin|sinhala|sinhalese|"},
    {"und", "|und|"},
};

std::string_view find(std::string_view word) {
  const std::string bounded = "|" + std::string(word) + "|";
  for (const Language& language : kLanguages) {
    if (language.words.contains(bounded)) return language.tag;
  }
  return {};
}

// A region is two letters or three digits, a script four letters: "en-US", "sr-Latn".
std::string withSubtag(std::string_view tag, std::string_view subtag) {
  std::string out(tag.substr(0, tag.find('-')));
  out += '-';
  const bool letters = std::ranges::all_of(subtag, isAsciiLetter);
  if (subtag.size() == 2 && letters) {
    for (const char c : subtag) out += static_cast<char>(asciiLower(c) - 'a' + 'A');
    return out;
  }
  if (subtag.size() == 4 && letters) {
    const std::string lower = asciiLowered(subtag);
    out += static_cast<char>(lower[0] - 'a' + 'A');
    return out + lower.substr(1);
  }
  return subtag.size() == 3 && isAllDigits(subtag) ? out + std::string(subtag) : std::string();
}

}  // namespace

std::string languageTag(std::string_view word) {
  if (word.size() < 2 || word.size() > 40) return {};
  std::string plain = folded(word);
  std::ranges::replace(plain, '_', '-');
  if (const std::string_view tag = find(plain); !tag.empty()) return std::string(tag);
  const std::size_t dash = plain.find('-');
  if (dash != 2 && dash != 3) return {};
  const std::string_view tag = find(plain.substr(0, dash));
  return tag.empty() ? std::string() : withSubtag(tag, std::string_view(plain).substr(dash + 1));
}

}  // namespace library::naming
