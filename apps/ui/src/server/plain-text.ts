import { visible } from '../api/unseen.js'

/** A text as a sentence holds it: one line, and nothing in it that cannot be seen. */
export function plainText(text: string): string {
  return visible(text.replaceAll(/[\n\t]/g, ' '))
}
