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
