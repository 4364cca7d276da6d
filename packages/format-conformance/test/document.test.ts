import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cases } from './cases.ts'
import { provedElsewhere } from './proved-elsewhere.ts'

const root = join(import.meta.dirname, '../../..')
const document = readFileSync(join(root, 'packages/core/docs/format-v1.md'), 'utf8')
const prose = document.slice(document.indexOf('\n## ')).replaceAll(/^```[\s\S]*?^```$/gm, '')

const tag = /`\[([a-z]+-\d+)\]`/
const tagsIn = (text: string) => [...text.matchAll(new RegExp(tag, 'g'))].map(([, name]) => name ?? '')

/** The sentences that say MUST. A sentence ends at a full stop, and so does a row of a table or an item of a list. */
const sentences = prose
  .split(/\.(?=\s)|\n(?=[-|#\n])/)
  .filter((sentence) => /\bMUST\b/.test(sentence))
  .map((sentence) => sentence.replaceAll(/\s+/g, ' ').trim())

describe('the document of the format', () => {
  it('has a tag in every sentence that says MUST', () => {
    expect(sentences.length).toBeGreaterThan(50)
    expect(sentences.filter((sentence) => !tag.test(sentence))).toEqual([])
  })

  it('has no tag twice, and none in a sentence that does not say MUST', () => {
    const all = tagsIn(prose)
    expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([])
    const inSentences = new Set(sentences.flatMap(tagsIn))
    expect(all.filter((name) => !inSentences.has(name))).toEqual([])
  })

  it('says nothing with MUST that is not proved by a case or by a test of ours', () => {
    const proved = new Set([...cases.flatMap(({ proves }) => proves), ...Object.keys(provedElsewhere)])
    const said = new Set(tagsIn(prose))
    expect([...said].filter((name) => !proved.has(name))).toEqual([])
    expect([...proved].filter((name) => !said.has(name))).toEqual([])
  })

  it.each(Object.entries(provedElsewhere))(
    'is proved in %s by a test that is there',
    (_tag, [file, title]) => {
      expect(readFileSync(join(root, file), 'utf8')).toContain(title)
    },
  )
})
