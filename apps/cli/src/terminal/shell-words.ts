/** A word as a shell reads it back: to be pasted, whatever is in it. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  if (!text.includes('!') && !/\p{Cc}/u.test(text)) return `"${text.replaceAll(/[\\"$`]/g, '\\$&')}"`
  const inner = text.replaceAll(/['\\]/g, '\\$&').replaceAll(/\p{Cc}/gu, octal)
  return `$'${inner}'`
}

function octal(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
    .join('')
}

/** The command that an advice names finds the backups where this one looked for them: ` --path /mnt/backups`. */
export function atPlace(advice: string, place: string): string {
  if (place === '') return advice
  return advice.replaceAll(
    /'(s3db-backup (?!keygen|demo|init|completion)[a-z-]+(?: [^']*)?)'/g,
    (whole, command: string) => (command.includes('--help') ? whole : `'${command}${place}'`),
  )
}
