/**
 * What changes the direction of writing, cannot be seen, or is no character. In a name it would make it pass for another one.
 * The page shows it as a code, and so do messages.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu

/** A text with nothing in it that cannot be seen. */
export function visible(text: string): string {
  return text.replace(unseen, codeOf)
}

function codeOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
  return code.length > 4 ? `\\u{${code}}` : `\\u${code}`
}
