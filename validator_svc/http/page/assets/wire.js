// The words of the API that the page has to know; a test holds them to what the service says.

/** Each `phone_type`. */
export const TYPES = ["mobile", "landline", "landline-or-mobile", "toll-free", "premium-rate", "shared-cost", "voip", "personal", "pager", "uan", "voicemail"];

/** Each `reason` of an invalid number. */
export const REASONS = ["empty", "not_a_number", "invalid_country_code", "too_short", "too_long", "invalid_length", "local_only", "scientific_notation", "unallocated_range", "unknown_country", "unreadable_line", "rejected_upstream"];

/** Each value of `only`. */
export const OUTCOMES = ["valid", "invalid", "unknown", "risky"];

/** Each `error_code` of a number whose look-up failed. */
export const FAILURES = ["013", "041", "042", "091"];

/** Each `status` of a list that goes on, or may. */
export const UNENDED = ["queued", "progress", "paused"];

/** Each country, ISO 3166-1 alpha-2, in which a number can be read. */
export const COUNTRY_CODES = "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW".split(" ");
