// What is to be validated: a file, or what was pasted.

const BEGINNING = 256 * 1024;
// Lines: their beginning is a file of its own. Of what is packed, or one value as a whole, it is not.
const BY_LINES = /\.(csv|tsv|tab|txt|ndjson|jsonl)$/i;

/** @typedef {{ name: string, content: Blob }} Source */

/** @param {File} file @returns {Source} */
export const fromFile = (file) => ({ name: file.name, content: file });

/** @param {string} text @returns {Source} */
export const fromText = (text) => ({ name: "Pasted list", content: new Blob([text]) });

/**
 * As much of it as a preview needs: whole lines, where it has any.
 * @param {Source} source
 * @returns {Promise<Blob>}
 */
export async function beginningOf({ name, content }) {
  const isText = !(content instanceof File) || BY_LINES.test(name);
  if (!isText || content.size <= BEGINNING) return content;
  const bytes = new Uint8Array(await content.slice(0, BEGINNING).arrayBuffer());
  const isWide = bytes[0] + bytes[1] === 0xfe + 0xff || bytes.includes(0);
  const end = bytes.lastIndexOf(10);
  return isWide || end < 0 ? content : content.slice(0, end + 1);
}
