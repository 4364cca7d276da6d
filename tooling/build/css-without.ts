import { readFileSync } from 'node:fs'
import type { Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/** A style sheet that is taken from a package, and what of it is never on the page. */
export interface Trimmed {
  readonly file: RegExp
  /** Rules of which every selector matches are left out. */
  readonly unused: RegExp
}

/** Leaves rules out of a style sheet of somebody else. */
export const cssWithout = ({ file, unused }: Trimmed): Plugin => ({
  name: 'css-without',
  setup({ onLoad }) {
    onLoad({ filter: file }, ({ path }) => ({
      loader: 'css',
      contents: rulesOf(readFileSync(path, 'utf8'))
        .filter((rule) => !selectorsOf(rule).every((selector) => unused.test(selector)))
        .join(''),
    }))
  },
})

/** The rules of the outermost level, and what stands before them. */
function rulesOf(css: string): string[] {
  const rules: string[] = []
  let [depth, start] = [0, 0]
  for (let at = 0; at < css.length; at++) {
    if (css[at] === '{') depth += 1
    if (css[at] !== '}') continue
    depth -= 1
    if (depth > 0) continue
    rules.push(css.slice(start, at + 1))
    start = at + 1
  }
  return rules
}

function selectorsOf(rule: string): string[] {
  return rule.slice(0, rule.indexOf('{')).split(',')
}
