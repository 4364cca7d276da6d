/** Characters that control a terminal or change the writing direction, except line ends, tabs and colours. */
const orders =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is made visible.
  /\x1b(?!\[(?:[0-9]|22|3[1-6]|39)m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * A text that is safe to print on a terminal: what comes from a storage must not move the cursor, ring, or hide earlier text.
 * The colours that this command uses stay.
 */
export function visible(text: string): string {
  return text.replace(orders, escaped)
}

/** The same of a name or a value, which also has no lines of its own: it could pass for a line of this command. */
export function inOneLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}

/** JSON means the same with these escaped, and is safe to look at. */
export function visibleJson(json: string): string {
  return json.replace(/[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, asUnit)
}

function escaped(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : asUnit(character)
}

function asUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
