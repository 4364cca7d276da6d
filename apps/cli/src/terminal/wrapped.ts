/** Breaks a text between words into lines of at most `width` characters; a longer word has a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const line = lines.at(-1)
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines
}

/** Prints a sentence, broken between words where the screen is too narrow for it. */
export function printSentence(
  { print, width }: { print(line: string): void; readonly width: number | undefined },
  sentence: string,
): void {
  for (const line of wrapped(sentence, width ?? Number.POSITIVE_INFINITY)) print(line)
}

/** The lines of a report, those that are too long broken between words and continued two columns further in. */
export function wrappedReport(report: string, width: number): string {
  return report
    .split('\n')
    .flatMap((line) => {
      if (line.length <= width) return [line]
      const indent = / */.exec(line)?.[0] ?? ''
      const [first = '', ...more] = wrapped(line, width - indent.length - 2)
      return [indent + first, ...more.map((part) => `${indent}  ${part}`)]
    })
    .join('\n')
}
