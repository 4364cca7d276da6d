/** What changes the direction of writing, or has no shape. A name that holds it could pass for another one. */
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is made visible.
  /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** A text as a sentence holds it: one line, and nothing in it that cannot be seen. */
export function plainText(text: string): string {
  return text.replace(unseen, (character) =>
    character === '\n' || character === '\t'
      ? ' '
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
