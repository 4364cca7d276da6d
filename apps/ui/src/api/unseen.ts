/**
 * Characters that change the writing direction, are invisible, or are not characters. A name could use them to look
 * like another one. The page and messages show them as codes.
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
