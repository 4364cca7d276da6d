import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** A fenced block of a document. */
export interface Block {
  readonly document: string
  /** Of its opening fence, counted from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
}

/** Every document whose blocks are run or compiled. */
export function documents(): string[] {
  const packages = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}/README.md`),
  )
  const guides = readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`)
  return ['README.md', 'CONTRIBUTING.md', 'packages/core/docs/format-v1.md', ...packages, ...guides]
}

export function readDocument(document: string): string {
  return readFileSync(join(root, document), 'utf8')
}

/** The fenced blocks of a text, in order. */
export function blocksOf(document: string, text: string): Block[] {
  return [...text.matchAll(/^( *)```(\w*)[^\n]*\n([\s\S]*?)^\1```$/gm)].map((match) => ({
    document,
    line: text.slice(0, match.index).split('\n').length,
    language: match[2] ?? '',
    text: match[3] ?? '',
  }))
}

/** What a block says in its first line that it needs and a test has not: `// needs: an S3 bucket`. */
export function needs({ text }: Block): string | undefined {
  return /^(?:\/\/|#) needs: (.+)$/m.exec(text.split('\n', 1)[0] ?? '')?.[1]
}
